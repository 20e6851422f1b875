//! Companies: organisations that the organisation knows.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::{
    activity::ObjectKind,
    actor::UserId,
    error::Fault,
    id,
    point::Point,
    record::{self, Comment, Common, DictionaryCode, ExternalId, ExternalSource, Tag},
    search::{self, Piece},
    text, words,
};

id! {
    /// A company.
    CompanyId,
}

text! {
    /// The name of a company.
    CompanyName(1..=250)
}

text! {
    /// What a company does.
    Industry(1..=100)
}

text! {
    /// The number of a company in a public register, such as an ОГРН or a company number.
    RegistrationNumber(1..=50)
}

text! {
    /// The tax number of a company, such as an ИНН or a VAT number.
    TaxNumber(1..=50)
}

words! {
    /// How large a company is, by its head count (the classes of the European Commission's recommendation
    /// 2003/361/EC).
    pub enum CompanySize {
        /// Fewer than 10 people.
        Micro = "micro",
        /// 10 to 49 people.
        Small = "small",
        /// 50 to 249 people.
        Medium = "medium",
        /// 250 people or more.
        Large = "large",
    }
}

words! {
    /// What a list of companies can be sorted by.
    pub enum Sort {
        /// The name, letters folded.
        Name = "name",
        /// When it came into being.
        CreatedAt = "created_at",
        /// When its fields last changed.
        UpdatedAt = "updated_at",
        /// When somebody last confirmed it.
        VerifiedAt = "verified_at",
    }
}

/// What can be edited of a company.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CompanyFields {
    /// What it is called.
    pub name: CompanyName,
    /// What it is to us: an entry of the dictionary of company types.
    #[serde(rename = "type")]
    pub kind: Option<DictionaryCode>,
    /// What it does.
    pub industry: Option<Industry>,
    /// How large it is.
    pub size: Option<CompanySize>,
    /// Its number in a public register.
    pub registration_number: Option<RegistrationNumber>,
    /// Its tax number.
    pub tax_number: Option<TaxNumber>,
    /// Where we know it from: an entry of the dictionary of sources.
    pub source: Option<DictionaryCode>,
    /// Who looks after it.
    pub responsible_id: UserId,
    /// Whether people at access level `shared` reach the record.
    pub shared: bool,
    /// What someone noted.
    pub comment: Option<Comment>,
    /// How to reach it.
    pub points: Vec<Point>,
    /// Words to group by.
    pub tags: Vec<Tag>,
    /// The system that the record was taken from.
    pub external_source: Option<ExternalSource>,
    /// Its id in that system.
    pub external_id: Option<ExternalId>,
    /// When somebody last confirmed the record.
    pub verified_at: Option<DateTime<Utc>>,
}

/// A company.
pub type Company = record::Record<CompanyFields>;

impl record::Fields for CompanyFields {
    const KIND: ObjectKind = ObjectKind::Company;

    fn common(&self) -> Common<'_> {
        Common {
            responsible: self.responsible_id,
            shared: self.shared,
            points: &self.points,
            tags: &self.tags,
            external_source: self.external_source.as_ref(),
            external_id: self.external_id.as_ref(),
            verified_at: self.verified_at,
        }
    }

    fn own_faults(&self, _: DateTime<Utc>) -> Vec<Fault> {
        Vec::new()
    }

    fn own_pieces(&self) -> Vec<Piece<'_>> {
        let texts = [
            Some(self.name.as_str()),
            self.industry.as_ref().map(Industry::as_str),
            self.registration_number.as_ref().map(RegistrationNumber::as_str),
            self.tax_number.as_ref().map(TaxNumber::as_str),
        ];
        texts.into_iter().flatten().map(Piece::Text).collect()
    }
}

impl CompanyFields {
    /// A company of which nothing is known but its name and who looks after it. It is shared.
    #[must_use]
    pub const fn of(responsible_id: UserId, name: CompanyName) -> Self {
        Self {
            name,
            kind: None,
            industry: None,
            size: None,
            registration_number: None,
            tax_number: None,
            source: None,
            responsible_id,
            shared: true,
            comment: None,
            points: Vec::new(),
            tags: Vec::new(),
            external_source: None,
            external_id: None,
            verified_at: None,
        }
    }

    /// The key by which companies are sorted by name.
    #[must_use]
    pub fn name_key(&self) -> String {
        search::name_key([self.name.as_str()])
    }
}
