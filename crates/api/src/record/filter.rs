//! The filters that lists of contacts and companies share.

use artel_domain::{
    actor::UserId,
    email::Email,
    phone::{Phone, digits},
    record::{DictionaryCode, ExternalId, ExternalSource, Tag},
    words,
};
use artel_persistence::{
    Db, organisation,
    record::{Filter, Number, Range, Trash},
};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    filter::{OrNone, Trashed, values},
    problem::Result,
};

/// A code of a dictionary, or `none`.
type CodeOrNone = OrNone<DictionaryCode>;

words! {
    /// Stands for "not set".
    pub enum Never {
        /// Not set.
        None = "none",
    }
}

/// What to show of the records. What is given narrows further; several values of one filter widen it.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RecordFilter {
    /// Only those in which every word of this is the beginning of a word: of names, positions, contact points (digits
    /// of telephone numbers in any notation) and tags. Case, accents and ё do not matter.
    #[param(min_length = 1, max_length = 200, pattern = "^[^\\u0000]*$", example = "анна 912")]
    q: Option<String>,
    /// Only those of one of these types; `none` stands for no type.
    #[serde(rename = "type")]
    #[param(inline, explode = false, min_items = 1, max_items = 50)]
    kind: Option<Vec<CodeOrNone>>,
    /// Only those from one of these sources; `none` stands for no source.
    #[param(inline, explode = false, min_items = 1, max_items = 50)]
    source: Option<Vec<CodeOrNone>>,
    /// Only those for which one of these users is responsible.
    #[param(inline, explode = false, min_items = 1, max_items = 100)]
    responsible_id: Option<Vec<UserId>>,
    /// Only those with one of these tags.
    #[param(inline, explode = false, min_items = 1, max_items = 50, example = json!(["vip"]))]
    tag: Option<Vec<Tag>>,
    /// Only those with this e-mail address.
    #[param(inline, example = "anna@example.com")]
    email: Option<Email>,
    /// Only those with this telephone number, in any notation; one that cannot be understood is compared by its digits.
    #[param(min_length = 1, max_length = 64, pattern = "^[^\\u0000]*$", example = "8 (912) 345-67-89")]
    phone: Option<String>,
    /// Only those that are marked as shared, or only those that are not.
    shared: Option<bool>,
    /// Only those from this other system.
    #[param(inline, example = "hubspot")]
    external_source: Option<ExternalSource>,
    /// Only those with this id in another system.
    #[param(inline)]
    external_id: Option<ExternalId>,
    /// Only those confirmed at this instant or later.
    verified_from: Option<DateTime<Utc>>,
    /// Only those confirmed before this instant.
    verified_to: Option<DateTime<Utc>>,
    /// `none`: those never confirmed, beside the ones that `verified_from` and `verified_to` name.
    #[param(inline)]
    verified: Option<Never>,
    /// Only those made at this instant or later.
    created_from: Option<DateTime<Utc>>,
    /// Only those made before this instant.
    created_to: Option<DateTime<Utc>>,
    /// Only those changed at this instant or later.
    updated_from: Option<DateTime<Utc>>,
    /// Only those last changed before this instant.
    updated_to: Option<DateTime<Utc>>,
    /// `only`: look into the trash instead.
    #[param(inline)]
    trashed: Option<Trashed>,
}

impl RecordFilter {
    /// The filter as storage takes it. A telephone number without a country code is read as one of the organisation's
    /// country, which costs a statement.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn to_store(&self, db: &Db) -> Result<Filter> {
        let this = self.clone();
        let phone = match &this.phone {
            Some(typed) => Some(number(db, typed).await?),
            None => None,
        };
        Ok(Filter {
            q: this.q,
            kind: values(this.kind),
            source: values(this.source),
            responsible: this.responsible_id.unwrap_or_default(),
            tag: this.tag.unwrap_or_default(),
            email: this.email.map(|email| email.to_string()),
            phone,
            shared: this.shared,
            external_source: this.external_source,
            external_id: this.external_id,
            verified: Range { from: this.verified_from, to: this.verified_to },
            never_verified: this.verified.is_some(),
            created: Range { from: this.created_from, to: this.created_to },
            updated: Range { from: this.updated_from, to: this.updated_to },
            trash: this.trashed.map_or(Trash::Outside, |Trashed::Only| Trash::Inside),
        })
    }
}

async fn number(db: &Db, typed: &str) -> Result<Number> {
    let country = organisation::find(db.reader()).await?.fields.default_country;
    let understood = Phone::read(typed, Some(country)).map(Number::Understood);
    Ok(understood.unwrap_or_else(|| Number::Digits(digits(typed))))
}
