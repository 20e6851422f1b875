//! What lists of users can be narrowed to.

use artel_domain::{
    actor::{Role, UserId},
    department::DepartmentId,
    email::Email,
    page::Direction,
    user::{Sort, UserStatus},
};
use artel_persistence::user as store;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    filter::{OrNone, values},
    list::{Filter, SortBy, SortWord},
};

/// A department, or `none`.
type DepartmentOrNone = OrNone<DepartmentId>;
/// A sort key with its direction.
type Order = SortBy<Sort>;

/// What to show of the users.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UserFilter {
    /// Only those with a word of the name, the address or the position that starts like each of these words.
    #[param(min_length = 1, max_length = 200, pattern = "^[^\\u0000]*$", example = "ann")]
    q: Option<String>,
    /// Only those with one of these addresses.
    #[param(explode = false, min_items = 1, max_items = 100)]
    email: Option<Vec<Email>>,
    /// Only those with one of these roles.
    #[param(explode = false, min_items = 1, max_items = 10)]
    role: Option<Vec<Role>>,
    /// Only those in one of these states.
    #[param(explode = false, min_items = 1, max_items = 10)]
    status: Option<Vec<UserStatus>>,
    /// Only those who belong to one of these departments; `none` stands for no department.
    #[param(inline, explode = false, min_items = 1, max_items = 100)]
    department_id: Option<Vec<DepartmentOrNone>>,
    /// Only those who belong to this department or to one below it.
    within_department_id: Option<DepartmentId>,
    /// Only those below this manager: the people of the departments that the manager heads, and of all below these.
    manager_id: Option<UserId>,
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

impl Filter for UserFilter {
    type Sort = Sort;

    fn sort(&self) -> SortBy<Sort> {
        self.sort.unwrap_or(SortBy { sort: Sort::Name, direction: Direction::Ascending })
    }
}

impl From<&UserFilter> for store::Filter {
    fn from(filter: &UserFilter) -> Self {
        let UserFilter { q, email, role, status, department_id, within_department_id, manager_id, sort: _ } =
            filter;
        Self {
            q: q.clone(),
            email: email.clone().unwrap_or_default(),
            role: role.clone().unwrap_or_default(),
            status: status.clone().unwrap_or_default(),
            department: values(department_id.clone()),
            within: *within_department_id,
            manager: *manager_id,
        }
    }
}
