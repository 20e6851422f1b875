//! How contacts look in JSON: what is sent, and what becomes of it.

use artel_domain::{
    actor::UserId,
    contact::{ContactFields, ContactName},
    dictionary::DictionaryKind,
    error::Error as Refusal,
    link::JobTitle,
    record::{Comment, DictionaryCode, ExternalId, ExternalSource, Submission, Tag},
};
use artel_persistence::{Result as StorageResult, Tx, link::LinkedCompany};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    patch::{Patch, set},
    record::{Basis, Named, PointInput, check_external, kept},
    write::Write,
};

mod link;
mod view;

pub use link::{LinkInput, LinkView, Linking};
pub use view::ContactView;

/// A contact to create. A first or a last name must be there.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "first_name": "Анна", "last_name": "Ёлкина", "position": "Основатель", "type": "startup_founder",
    "points": [{"kind": "phone", "label": "mobile", "value": "8 (912) 345-67-89"},
        {"kind": "email", "value": "anna@example.com"}],
    "tags": ["demo day"]
}))]
pub struct CreateContact {
    /// The given name.
    #[serde(default)]
    first_name: Option<ContactName>,
    /// The middle name or patronymic.
    #[serde(default)]
    middle_name: Option<ContactName>,
    /// The family name.
    #[serde(default)]
    last_name: Option<ContactName>,
    /// What they do.
    #[serde(default)]
    position: Option<JobTitle>,
    /// What they are to us: a code of the dictionary of contact types.
    #[serde(default, rename = "type")]
    kind: Option<DictionaryCode>,
    /// Where we know them from: a code of the dictionary of sources.
    #[serde(default)]
    source: Option<DictionaryCode>,
    /// The day of birth, from 1900 on.
    #[serde(default)]
    birthday: Option<NaiveDate>,
    /// Who looks after them; the caller unless told otherwise.
    #[serde(default)]
    #[schema(nullable = false)]
    responsible_id: Option<UserId>,
    /// Whether people at access level `shared` reach the contact.
    #[serde(default)]
    #[schema(nullable = false, default = true)]
    shared: Option<bool>,
    /// What someone noted.
    #[serde(default)]
    comment: Option<Comment>,
    /// How to reach them.
    #[serde(default)]
    #[schema(max_items = 50)]
    points: Vec<PointInput>,
    /// Words to group by; case and accents do not make a difference.
    #[serde(default)]
    #[schema(max_items = 50)]
    tags: Vec<Tag>,
    /// The companies that they belong to.
    #[serde(default)]
    #[schema(max_items = 100)]
    companies: Vec<LinkInput>,
    /// The system that the contact was taken from.
    #[serde(default)]
    external_source: Option<ExternalSource>,
    /// Its id in that system; unique together with the system.
    #[serde(default)]
    external_id: Option<ExternalId>,
    /// When somebody last confirmed the contact: five minutes from now at the latest, for clocks that are ahead.
    #[serde(default)]
    verified_at: Option<DateTime<Utc>>,
}

/// What creates is a change of nothing.
impl From<CreateContact> for EditContact {
    fn from(body: CreateContact) -> Self {
        Self {
            first_name: body.first_name.into(),
            middle_name: body.middle_name.into(),
            last_name: body.last_name.into(),
            position: body.position.into(),
            kind: body.kind.into(),
            source: body.source.into(),
            birthday: body.birthday.into(),
            comment: body.comment.into(),
            external_source: body.external_source.into(),
            external_id: body.external_id.into(),
            verified_at: body.verified_at.into(),
            responsible_id: body.responsible_id,
            shared: body.shared,
            points: Some(body.points),
            tags: Some(body.tags),
            companies: Some(body.companies),
        }
    }
}

/// A contact to change (JSON Merge Patch): what is absent stays, `null` clears.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"position": "CTO", "comment": null, "tags": ["demo day", "mentor"]}))]
pub struct EditContact {
    /// The given name.
    #[serde(default)]
    #[schema(value_type = Option<ContactName>)]
    first_name: Patch<ContactName>,
    /// The middle name or patronymic.
    #[serde(default)]
    #[schema(value_type = Option<ContactName>)]
    middle_name: Patch<ContactName>,
    /// The family name.
    #[serde(default)]
    #[schema(value_type = Option<ContactName>)]
    last_name: Patch<ContactName>,
    /// What they do.
    #[serde(default)]
    #[schema(value_type = Option<JobTitle>)]
    position: Patch<JobTitle>,
    /// What they are to us: a code of the dictionary of contact types.
    #[serde(default, rename = "type")]
    #[schema(value_type = Option<DictionaryCode>)]
    kind: Patch<DictionaryCode>,
    /// Where we know them from: a code of the dictionary of sources.
    #[serde(default)]
    #[schema(value_type = Option<DictionaryCode>)]
    source: Patch<DictionaryCode>,
    /// The day of birth, from 1900 on.
    #[serde(default)]
    #[schema(value_type = Option<NaiveDate>)]
    birthday: Patch<NaiveDate>,
    /// Who looks after them.
    #[serde(default)]
    #[schema(nullable = false)]
    responsible_id: Option<UserId>,
    /// Whether people at access level `shared` reach the contact.
    #[serde(default)]
    #[schema(nullable = false)]
    shared: Option<bool>,
    /// What someone noted.
    #[serde(default)]
    #[schema(value_type = Option<Comment>)]
    comment: Patch<Comment>,
    /// How to reach them: replaces the whole list, in which those sent with their `id` stay.
    #[serde(default)]
    #[schema(nullable = false, max_items = 50)]
    points: Option<Vec<PointInput>>,
    /// Words to group by: replaces the whole list.
    #[serde(default)]
    #[schema(nullable = false, max_items = 50)]
    tags: Option<Vec<Tag>>,
    /// The companies that they belong to: replaces those that the caller may read.
    #[serde(default)]
    #[schema(nullable = false, max_items = 100)]
    companies: Option<Vec<LinkInput>>,
    /// The system that the contact was taken from.
    #[serde(default)]
    #[schema(value_type = Option<ExternalSource>)]
    external_source: Patch<ExternalSource>,
    /// Its id in that system; unique together with the system.
    #[serde(default)]
    #[schema(value_type = Option<ExternalId>)]
    external_id: Patch<ExternalId>,
    /// When somebody last confirmed the contact: five minutes from now at the latest, for clocks that are ahead.
    #[serde(default)]
    #[schema(value_type = Option<DateTime<Utc>>)]
    verified_at: Patch<DateTime<Utc>>,
}

impl EditContact {
    /// A new contact, with its links.
    pub async fn submit_new(
        self,
        tx: &Tx,
        write: &Write,
    ) -> StorageResult<(Submission<ContactFields>, Linking)> {
        self.submit(tx, write, ContactFields::of(write.me().user), &[]).await
    }

    /// The contact as it is to be, with its links; `fields` and `companies` are what it was.
    pub async fn submit(
        self,
        tx: &Tx,
        write: &Write,
        mut fields: ContactFields,
        companies: &[LinkedCompany],
    ) -> StorageResult<(Submission<ContactFields>, Linking)> {
        let named = Named {
            responsible: self.responsible_id.unwrap_or(fields.responsible_id),
            types: DictionaryKind::ContactTypes,
            kind: self.kind.sent(),
            source: self.source.sent(),
            points: self.points.as_deref(),
        };
        let Basis { responsible, points, mut faults } =
            Basis::look_up(tx, write, named, &fields.points).await?;
        fields.points = points;
        let links = Linking::replace(tx, write, companies, self.companies.clone(), &mut faults).await?;
        self.apply(&mut fields);
        Ok((Submission { fields, responsible, faults }, links))
    }

    /// Does to the fields what was sent, but for what must be looked up first.
    fn apply(self, fields: &mut ContactFields) {
        self.first_name.apply(&mut fields.first_name);
        self.middle_name.apply(&mut fields.middle_name);
        self.last_name.apply(&mut fields.last_name);
        self.position.apply(&mut fields.position);
        self.kind.apply(&mut fields.kind);
        self.source.apply(&mut fields.source);
        self.birthday.apply(&mut fields.birthday);
        set(&mut fields.responsible_id, self.responsible_id);
        set(&mut fields.shared, self.shared);
        self.comment.apply(&mut fields.comment);
        set(&mut fields.tags, self.tags);
        self.external_source.apply(&mut fields.external_source);
        self.external_id.apply(&mut fields.external_id);
        self.verified_at.map(kept).apply(&mut fields.verified_at);
    }

    /// The same change of the contact that has this id in another system.
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
