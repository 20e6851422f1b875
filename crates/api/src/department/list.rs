//! What lists of departments can be narrowed to.

use artel_domain::{
    actor::UserId,
    department::{DepartmentId, Sort},
    page::Direction,
};
use artel_persistence::department as store;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    filter::{OrNone, values},
    list::{Filter, SortBy, SortWord},
};

/// A department, or `none`.
type ParentOrNone = OrNone<DepartmentId>;
/// A user, or `none`.
type HeadOrNone = OrNone<UserId>;
/// A sort key with its direction.
type Order = SortBy<Sort>;

/// What to show of the departments.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DepartmentFilter {
    /// Only those with a word of the name that starts like each of these words.
    #[param(min_length = 1, max_length = 200, pattern = "^[^\\u0000]*$", example = "sales")]
    q: Option<String>,
    /// Only those directly below one of these; `none` stands for the top of the tree.
    #[param(inline, explode = false, min_items = 1, max_items = 100)]
    parent_id: Option<Vec<ParentOrNone>>,
    /// Only those led by one of these people; `none` stands for departments without a head.
    #[param(inline, explode = false, min_items = 1, max_items = 100)]
    head_id: Option<Vec<HeadOrNone>>,
    /// What to sort by; `name` unless told otherwise.
    #[param(inline)]
    sort: Option<Order>,
}

impl SortWord for Sort {
    const WORDS: &'static [Self] = Self::ALL;

    fn word(self) -> &'static str {
        self.as_str()
    }
}

impl Filter for DepartmentFilter {
    type Sort = Sort;

    fn sort(&self) -> SortBy<Sort> {
        self.sort.unwrap_or(SortBy { sort: Sort::Name, direction: Direction::Ascending })
    }
}

impl From<&DepartmentFilter> for store::Filter {
    fn from(filter: &DepartmentFilter) -> Self {
        let DepartmentFilter { q, parent_id, head_id, sort: _ } = filter;
        Self { q: q.clone(), parent: values(parent_id.clone()), head: values(head_id.clone()) }
    }
}
