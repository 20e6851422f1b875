//! How a contact is shown.

use artel_domain::{
    actor::UserId,
    contact::{ContactId, ContactName},
    level::CrmAction,
    link::JobTitle,
    record::{Comment, DictionaryCode, ExternalId, ExternalSource, Tag},
};
use artel_persistence::contact::Card;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::LinkView;
use crate::{
    person::{PersonView, Viewed},
    record::PointView,
};

/// A contact.
#[derive(Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "id": 7, "first_name": "Анна", "middle_name": null, "last_name": "Ёлкина", "position": "Основатель",
    "type": "startup_founder", "source": "event", "birthday": "1990-04-12", "responsible_id": 2, "shared": true,
    "comment": null, "points": [{"id": 31, "kind": "phone", "label": "mobile", "value": "8 (912) 345-67-89",
        "normalised": "+79123456789", "primary": true}],
    "tags": ["demo day"], "companies": [{"company_id": 4, "name": "Ёлки и палки", "position": "CEO", "primary": true}],
    "external_source": null, "external_id": null, "verified_at": null, "can": ["read", "write"], "version": 1,
    "created_at": "2026-07-31T09:00:00Z", "created_by": 2, "updated_at": "2026-07-31T09:00:00Z", "updated_by": 2,
    "deleted_at": null
}))]
pub struct ContactView {
    /// Its id.
    pub id: ContactId,
    /// The given name.
    #[schema(required = true)]
    first_name: Option<ContactName>,
    /// The middle name or patronymic.
    #[schema(required = true)]
    middle_name: Option<ContactName>,
    /// The family name.
    #[schema(required = true)]
    last_name: Option<ContactName>,
    /// What they do.
    #[schema(required = true)]
    position: Option<JobTitle>,
    /// What they are to us: a code of the dictionary of contact types.
    #[serde(rename = "type")]
    #[schema(required = true)]
    kind: Option<DictionaryCode>,
    /// Where we know them from: a code of the dictionary of sources.
    #[schema(required = true)]
    source: Option<DictionaryCode>,
    /// The day of birth.
    #[schema(required = true)]
    birthday: Option<NaiveDate>,
    /// Who looks after them.
    responsible_id: UserId,
    /// The same, embedded with `expand=responsible`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    responsible: Option<PersonView>,
    /// Whether people at access level `shared` reach the contact.
    shared: bool,
    /// What someone noted.
    #[schema(required = true)]
    comment: Option<Comment>,
    /// How to reach them.
    points: Vec<PointView>,
    /// Words to group by.
    tags: Vec<Tag>,
    /// The companies that they belong to and that the caller may read.
    companies: Vec<LinkView>,
    /// The system that the contact was taken from.
    #[schema(required = true)]
    external_source: Option<ExternalSource>,
    /// Its id in that system.
    #[schema(required = true)]
    external_id: Option<ExternalId>,
    /// When somebody last confirmed the contact.
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

impl From<Viewed<Card>> for ContactView {
    fn from(viewed: Viewed<Card>) -> Self {
        let Viewed { seen: Card { contact, companies }, viewer, person: responsible } = viewed;
        let can = contact.can(&viewer);
        let fields = contact.fields;
        Self {
            id: ContactId(contact.id),
            first_name: fields.first_name,
            middle_name: fields.middle_name,
            last_name: fields.last_name,
            position: fields.position,
            kind: fields.kind,
            source: fields.source,
            birthday: fields.birthday,
            responsible_id: fields.responsible_id,
            responsible,
            shared: fields.shared,
            comment: fields.comment,
            points: fields.points.into_iter().map(PointView::from).collect(),
            tags: fields.tags,
            companies: LinkView::visible(companies),
            external_source: fields.external_source,
            external_id: fields.external_id,
            verified_at: fields.verified_at,
            can,
            version: contact.version,
            created_at: contact.created.at,
            created_by: contact.created.by,
            updated_at: contact.updated.at,
            updated_by: contact.updated.by,
            deleted_at: contact.trashed.map(|stamp| stamp.at),
        }
    }
}
