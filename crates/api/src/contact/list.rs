//! What lists of contacts can be narrowed to.

use artel_domain::{company::CompanyId, contact::Sort, page::Direction};
use artel_persistence::{Db, contact as store};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    filter::{OrNone, values},
    list::{Filter, SortBy, SortWord},
    problem::Result,
    record::{Expand, RecordFilter},
};

/// A company, or `none`.
type CompanyOrNone = OrNone<CompanyId>;
/// A sort key with its direction.
type Order = SortBy<Sort>;

/// What to show of the contacts, beside what every record can be narrowed to.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ContactFilter {
    #[serde(flatten)]
    #[param(ignore)]
    record: RecordFilter,
    /// Only those linked with one of these companies, as far as the caller may read them; `none` stands for contacts
    /// without any company that the caller may read.
    #[param(inline, explode = false, min_items = 1, max_items = 100)]
    company_id: Option<Vec<CompanyOrNone>>,
    /// What to embed.
    #[param(inline, explode = false, min_items = 1, max_items = 1)]
    expand: Option<Vec<Expand>>,
    /// What to sort by; `name` unless told otherwise.
    #[param(inline)]
    sort: Option<Order>,
}

impl ContactFilter {
    /// The filter as storage takes it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn to_store(&self, db: &Db) -> Result<store::ContactFilter> {
        let record = self.record.to_store(db).await?;
        Ok(store::ContactFilter { record, company: values(self.company_id.clone()), within: None })
    }

    /// What to embed.
    #[must_use]
    pub fn expand(&self) -> Option<&[Expand]> {
        self.expand.as_deref()
    }
}

impl SortWord for Sort {
    const WORDS: &'static [Self] = Self::ALL;

    fn word(self) -> &'static str {
        self.as_str()
    }
}

impl Filter for ContactFilter {
    type Sort = Sort;

    fn sort(&self) -> SortBy<Sort> {
        self.sort.unwrap_or(SortBy { sort: Sort::Name, direction: Direction::Ascending })
    }
}
