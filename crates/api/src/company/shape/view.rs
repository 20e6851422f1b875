//! How a company is shown.

use artel_domain::{
    actor::UserId,
    company::{Company, CompanyId, CompanyName, CompanySize, Industry, RegistrationNumber, TaxNumber},
    level::CrmAction,
    record::{Comment, DictionaryCode, ExternalId, ExternalSource, Tag},
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    person::{PersonView, Viewed},
    record::PointView,
};

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
        let Viewed { seen: company, viewer, person: responsible } = viewed;
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
