//! What lists of companies can be narrowed to.

use artel_domain::{
    company::{CompanySize, Sort},
    page::Direction,
};
use artel_persistence::{Db, company as store};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    list::{Filter, SortBy, SortWord},
    problem::Result,
    record::{Expand, RecordFilter},
};

/// A sort key with its direction.
type Order = SortBy<Sort>;

/// What to show of the companies, beside what every record can be narrowed to.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CompanyFilter {
    #[serde(flatten)]
    #[param(ignore)]
    record: RecordFilter,
    /// Only those of one of these sizes.
    #[param(inline, explode = false, min_items = 1, max_items = 4)]
    size: Option<Vec<CompanySize>>,
    /// What to embed.
    #[param(inline, explode = false, min_items = 1, max_items = 1)]
    expand: Option<Vec<Expand>>,
    /// What to sort by; `name` unless told otherwise.
    #[param(inline)]
    sort: Option<Order>,
}

impl CompanyFilter {
    /// The filter as storage takes it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn to_store(&self, db: &Db) -> Result<store::CompanyFilter> {
        let record = self.record.to_store(db).await?;
        Ok(store::CompanyFilter { record, size: self.size.clone().unwrap_or_default() })
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

impl Filter for CompanyFilter {
    type Sort = Sort;

    fn sort(&self) -> SortBy<Sort> {
        self.sort.unwrap_or(SortBy { sort: Sort::Name, direction: Direction::Ascending })
    }
}
