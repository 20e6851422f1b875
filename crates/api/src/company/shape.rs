//! How companies look in JSON.

use artel_domain::{
    access::CrmAction,
    actor::UserId,
    company::{
        Company, CompanyFields, CompanyId, CompanyName, CompanySize, Industry, RegistrationNumber, TaxNumber,
    },
    dictionary::DictionaryKind,
    error::{Error as Refusal, FaultCode},
    point::assemble,
    record::{Comment, DictionaryCode, ExternalId, ExternalSource, Submission, Tag},
};
use artel_persistence::{
    Result as StorageResult, Tx,
    record::{Wanted, context},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    patch::{Patch, set},
    record::{PersonView, PointInput, PointView, Viewed},
    write::Write,
};

/// A company to create.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "Ёлки и палки", "type": "startup", "industry": "Лесное хозяйство", "size": "small", "tax_number": "7707083893",
    "points": [{"kind": "site", "value": "https://yolki.example"}], "tags": ["demo day"]
}))]
pub struct CreateCompany {
    /// What it is called.
    name: CompanyName,
    /// What it does.
    #[serde(default)]
    industry: Option<Industry>,
    /// How large it is.
    #[serde(default)]
    size: Option<CompanySize>,
    /// Its number in a public register.
    #[serde(default)]
    registration_number: Option<RegistrationNumber>,
    /// Its tax number.
    #[serde(default)]
    tax_number: Option<TaxNumber>,
    /// What it is to us: a code of the dictionary of company types.
    #[serde(default, rename = "type")]
    kind: Option<DictionaryCode>,
    /// Where we know it from: a code of the dictionary of sources.
    #[serde(default)]
    source: Option<DictionaryCode>,
    /// Who looks after it; the caller unless told otherwise.
    #[serde(default)]
    #[schema(nullable = false)]
    responsible_id: Option<UserId>,
    /// Whether people at access level `shared` reach the company.
    #[serde(default)]
    #[schema(nullable = false, default = true)]
    shared: Option<bool>,
    /// What someone noted.
    #[serde(default)]
    comment: Option<Comment>,
    /// How to reach it.
    #[serde(default)]
    #[schema(max_items = 50)]
    points: Vec<PointInput>,
    /// Words to group by; case and accents do not make a difference.
    #[serde(default)]
    #[schema(max_items = 50)]
    tags: Vec<Tag>,
    /// The system that the company was taken from.
    #[serde(default)]
    external_source: Option<ExternalSource>,
    /// Its id in that system; unique together with the system.
    #[serde(default)]
    external_id: Option<ExternalId>,
    /// When somebody last confirmed the company.
    #[serde(default)]
    verified_at: Option<DateTime<Utc>>,
}

impl CreateCompany {
    /// The company as it is to be.
    pub async fn submit(self, tx: &Tx, write: &Write) -> StorageResult<Submission<CompanyFields>> {
        let wanted = Wanted {
            responsible: self.responsible_id,
            words: words(self.kind.as_ref(), self.source.as_ref()),
        };
        let context = context(tx, write.me(), wanted).await?;
        let mut faults = context.faults;
        let points = self.points.into_iter().map(Into::into).collect();
        let points = assemble(points, &[], Some(context.country)).unwrap_or_else(|found| {
            faults.extend(found);
            Vec::new()
        });
        let fields = CompanyFields {
            name: self.name,
            industry: self.industry,
            size: self.size,
            registration_number: self.registration_number,
            tax_number: self.tax_number,
            kind: self.kind,
            source: self.source,
            responsible_id: context.responsible.user,
            shared: self.shared.unwrap_or(true),
            comment: self.comment,
            points,
            tags: self.tags,
            external_source: self.external_source,
            external_id: self.external_id,
            verified_at: self.verified_at,
        };
        Ok(Submission {
            fields,
            responsible: context.responsible,
            faults,
        })
    }
}

fn words<'a>(
    kind: Option<&'a DictionaryCode>,
    source: Option<&'a DictionaryCode>,
) -> Vec<(DictionaryKind, &'a DictionaryCode, &'static str)> {
    let kind = kind.map(|code| (DictionaryKind::CompanyTypes, code, "/type"));
    let source = source.map(|code| (DictionaryKind::Sources, code, "/source"));
    kind.into_iter().chain(source).collect()
}

/// A company to change (JSON Merge Patch): what is absent stays, `null` clears.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"size": "medium", "industry": null, "tags": ["demo day", "portfolio"]}))]
pub struct EditCompany {
    /// What it is called.
    #[serde(default)]
    #[schema(nullable = false)]
    name: Option<CompanyName>,
    /// What it does.
    #[serde(default)]
    #[schema(value_type = Option<Industry>)]
    industry: Patch<Industry>,
    /// How large it is.
    #[serde(default)]
    #[schema(value_type = Option<CompanySize>)]
    size: Patch<CompanySize>,
    /// Its number in a public register.
    #[serde(default)]
    #[schema(value_type = Option<RegistrationNumber>)]
    registration_number: Patch<RegistrationNumber>,
    /// Its tax number.
    #[serde(default)]
    #[schema(value_type = Option<TaxNumber>)]
    tax_number: Patch<TaxNumber>,
    /// What it is to us: a code of the dictionary of company types.
    #[serde(default, rename = "type")]
    #[schema(value_type = Option<DictionaryCode>)]
    kind: Patch<DictionaryCode>,
    /// Where we know it from: a code of the dictionary of sources.
    #[serde(default)]
    #[schema(value_type = Option<DictionaryCode>)]
    source: Patch<DictionaryCode>,
    /// Who looks after it.
    #[serde(default)]
    #[schema(nullable = false)]
    responsible_id: Option<UserId>,
    /// Whether people at access level `shared` reach the company.
    #[serde(default)]
    #[schema(nullable = false)]
    shared: Option<bool>,
    /// What someone noted.
    #[serde(default)]
    #[schema(value_type = Option<Comment>)]
    comment: Patch<Comment>,
    /// How to reach it: replaces the whole list, in which those sent with their `id` stay.
    #[serde(default)]
    #[schema(nullable = false, max_items = 50)]
    points: Option<Vec<PointInput>>,
    /// Words to group by: replaces the whole list.
    #[serde(default)]
    #[schema(nullable = false, max_items = 50)]
    tags: Option<Vec<Tag>>,
    /// The system that the company was taken from.
    #[serde(default)]
    #[schema(value_type = Option<ExternalSource>)]
    external_source: Patch<ExternalSource>,
    /// Its id in that system; unique together with the system.
    #[serde(default)]
    #[schema(value_type = Option<ExternalId>)]
    external_id: Patch<ExternalId>,
    /// When somebody last confirmed the company.
    #[serde(default)]
    #[schema(value_type = Option<DateTime<Utc>>)]
    verified_at: Patch<DateTime<Utc>>,
}

impl EditCompany {
    /// The company as it is to be.
    pub async fn submit(
        self,
        tx: &Tx,
        write: &Write,
        before: &Company,
    ) -> StorageResult<Submission<CompanyFields>> {
        let mut fields = before.fields.clone();
        let responsible = self.responsible_id.unwrap_or(fields.responsible_id);
        let words = words(self.kind.sent(), self.source.sent());
        let context = context(
            tx,
            write.me(),
            Wanted {
                responsible: Some(responsible),
                words,
            },
        )
        .await?;
        let mut faults = context.faults;
        if let Some(points) = self.points.clone() {
            let drafts = points.into_iter().map(Into::into).collect();
            match assemble(drafts, &fields.points, Some(context.country)) {
                Ok(points) => fields.points = points,
                Err(found) => faults.extend(found),
            }
        }
        self.apply(&mut fields);
        Ok(Submission {
            fields,
            responsible: context.responsible,
            faults,
        })
    }

    /// Does to the fields what was sent, but for what must be looked up first.
    fn apply(self, fields: &mut CompanyFields) {
        set(&mut fields.name, self.name);
        self.industry.apply(&mut fields.industry);
        self.size.apply(&mut fields.size);
        self.registration_number.apply(&mut fields.registration_number);
        self.tax_number.apply(&mut fields.tax_number);
        self.kind.apply(&mut fields.kind);
        self.source.apply(&mut fields.source);
        set(&mut fields.responsible_id, self.responsible_id);
        set(&mut fields.shared, self.shared);
        self.comment.apply(&mut fields.comment);
        set(&mut fields.tags, self.tags);
        self.external_source.apply(&mut fields.external_source);
        self.external_id.apply(&mut fields.external_id);
        self.verified_at.apply(&mut fields.verified_at);
    }

    /// The same change under an id of another system.
    pub fn with_external(mut self, source: ExternalSource, id: ExternalId) -> Self {
        self.external_source = Patch::Set(source);
        self.external_id = Patch::Set(id);
        self
    }
}

/// What is sent to change is enough to create, once there is a name.
impl TryFrom<EditCompany> for CreateCompany {
    type Error = Refusal;

    fn try_from(body: EditCompany) -> Result<Self, Refusal> {
        let missing = || Refusal::invalid("/name", FaultCode::Required, "must be given");
        Ok(Self {
            name: body.name.ok_or_else(missing)?,
            industry: body.industry.value(),
            size: body.size.value(),
            registration_number: body.registration_number.value(),
            tax_number: body.tax_number.value(),
            kind: body.kind.value(),
            source: body.source.value(),
            responsible_id: body.responsible_id,
            shared: body.shared,
            comment: body.comment.value(),
            points: body.points.unwrap_or_default(),
            tags: body.tags.unwrap_or_default(),
            external_source: body.external_source.value(),
            external_id: body.external_id.value(),
            verified_at: body.verified_at.value(),
        })
    }
}

/// A company.
#[derive(Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "id": 4, "name": "Ёлки и палки", "type": "startup", "industry": "Лесное хозяйство", "size": "small",
    "registration_number": null, "tax_number": "7707083893", "source": "event", "responsible_id": 2, "shared": true,
    "comment": null, "points": [{"id": 12, "kind": "site", "label": null, "value": "https://yolki.example",
        "normalised": "https://yolki.example", "primary": true}],
    "tags": ["demo day"], "external_source": null, "external_id": null, "verified_at": null, "can": ["read", "write"],
    "version": 1, "created_at": "2026-07-31T09:00:00Z", "created_by": 2, "updated_at": "2026-07-31T09:00:00Z",
    "updated_by": 2, "deleted_at": null
}))]
pub struct CompanyView {
    /// Its id.
    pub id: CompanyId,
    /// What it is called.
    name: CompanyName,
    /// What it does.
    #[schema(required = true)]
    industry: Option<Industry>,
    /// How large it is.
    #[schema(required = true)]
    size: Option<CompanySize>,
    /// Its number in a public register.
    #[schema(required = true)]
    registration_number: Option<RegistrationNumber>,
    /// Its tax number.
    #[schema(required = true)]
    tax_number: Option<TaxNumber>,
    /// What it is to us: a code of the dictionary of company types.
    #[serde(rename = "type")]
    #[schema(required = true)]
    kind: Option<DictionaryCode>,
    /// Where we know it from: a code of the dictionary of sources.
    #[schema(required = true)]
    source: Option<DictionaryCode>,
    /// Who looks after it.
    responsible_id: UserId,
    /// The same, embedded with `expand=responsible`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    responsible: Option<PersonView>,
    /// Whether people at access level `shared` reach the company.
    shared: bool,
    /// What someone noted.
    #[schema(required = true)]
    comment: Option<Comment>,
    /// How to reach it.
    points: Vec<PointView>,
    /// Words to group by.
    tags: Vec<Tag>,
    /// The system that the company was taken from.
    #[schema(required = true)]
    external_source: Option<ExternalSource>,
    /// Its id in that system.
    #[schema(required = true)]
    external_id: Option<ExternalId>,
    /// When somebody last confirmed the company.
    #[schema(required = true)]
    verified_at: Option<DateTime<Utc>>,
    /// What the caller may do with it now.
    can: Vec<CrmAction>,
    /// Raised by one with each change.
    #[schema(minimum = 1)]
    version: i64,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// Who made it; `null` where it was the system.
    #[schema(required = true)]
    created_by: Option<UserId>,
    /// When it last changed.
    updated_at: DateTime<Utc>,
    /// Who changed it last; `null` where it was the system.
    #[schema(required = true)]
    updated_by: Option<UserId>,
    /// Since when it lies in the trash.
    #[schema(required = true)]
    deleted_at: Option<DateTime<Utc>>,
}

impl From<Viewed<Company>> for CompanyView {
    fn from(viewed: Viewed<Company>) -> Self {
        let Viewed {
            seen: company,
            viewer,
            responsible,
        } = viewed;
        let can = company.can(&viewer);
        let fields = company.fields;
        Self {
            id: CompanyId(company.id),
            name: fields.name,
            industry: fields.industry,
            size: fields.size,
            registration_number: fields.registration_number,
            tax_number: fields.tax_number,
            kind: fields.kind,
            source: fields.source,
            responsible_id: fields.responsible_id,
            responsible,
            shared: fields.shared,
            comment: fields.comment,
            points: fields.points.into_iter().map(PointView::from).collect(),
            tags: fields.tags,
            external_source: fields.external_source,
            external_id: fields.external_id,
            verified_at: fields.verified_at,
            can,
            version: company.version,
            created_at: company.created.at,
            created_by: company.created.by,
            updated_at: company.updated.at,
            updated_by: company.updated.by,
            deleted_at: company.trashed.map(|stamp| stamp.at),
        }
    }
}
