//! How companies look in JSON: what is sent, and what becomes of it.

use artel_domain::{
    actor::UserId,
    company::{CompanyFields, CompanyName, CompanySize, Industry, RegistrationNumber, TaxNumber},
    dictionary::DictionaryKind,
    error::{Error as Refusal, FaultCode},
    record::{Comment, DictionaryCode, ExternalId, ExternalSource, Submission, Tag},
};
use artel_persistence::{Result as StorageResult, Tx};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    patch::{Patch, set},
    record::{Basis, Named, PointInput, check_external, kept},
    write::Write,
};

mod view;

pub use view::CompanyView;

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
    /// When somebody last confirmed the company: five minutes from now at the latest, for clocks that are ahead.
    #[serde(default)]
    verified_at: Option<DateTime<Utc>>,
}

/// What creates is a change of nothing.
impl From<CreateCompany> for EditCompany {
    fn from(body: CreateCompany) -> Self {
        Self {
            name: Some(body.name),
            industry: body.industry.into(),
            size: body.size.into(),
            registration_number: body.registration_number.into(),
            tax_number: body.tax_number.into(),
            kind: body.kind.into(),
            source: body.source.into(),
            comment: body.comment.into(),
            external_source: body.external_source.into(),
            external_id: body.external_id.into(),
            verified_at: body.verified_at.into(),
            responsible_id: body.responsible_id,
            shared: body.shared,
            points: Some(body.points),
            tags: Some(body.tags),
        }
    }
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
    /// When somebody last confirmed the company: five minutes from now at the latest, for clocks that are ahead.
    #[serde(default)]
    #[schema(value_type = Option<DateTime<Utc>>)]
    verified_at: Patch<DateTime<Utc>>,
}

impl EditCompany {
    /// A new company; it needs a name.
    pub async fn submit_new(self, tx: &Tx, write: &Write) -> StorageResult<Submission<CompanyFields>> {
        let missing = || Refusal::invalid("/name", FaultCode::Required, "must be given");
        let name = self.name.clone().ok_or_else(missing)?;
        self.submit(tx, write, CompanyFields::of(write.me().user, name)).await
    }

    /// The company as it is to be; `fields` is what it was.
    pub async fn submit(
        self,
        tx: &Tx,
        write: &Write,
        mut fields: CompanyFields,
    ) -> StorageResult<Submission<CompanyFields>> {
        let named = Named {
            responsible: self.responsible_id.unwrap_or(fields.responsible_id),
            types: DictionaryKind::CompanyTypes,
            kind: self.kind.sent(),
            source: self.source.sent(),
            points: self.points.as_deref(),
        };
        let Basis { responsible, points, faults } = Basis::look_up(tx, write, named, &fields.points).await?;
        fields.points = points;
        self.apply(&mut fields);
        Ok(Submission { fields, responsible, faults })
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
        self.verified_at.map(kept).apply(&mut fields.verified_at);
    }

    /// The same change of the company that has this id in another system.
    ///
    /// # Errors
    /// Where another id was sent.
    pub fn with_external(mut self, source: ExternalSource, id: ExternalId) -> Result<Self, Refusal> {
        check_external((&self.external_source, &self.external_id), (&source, &id))?;
        self.external_source = Patch::Set(source);
        self.external_id = Patch::Set(id);
        Ok(self)
    }
}
