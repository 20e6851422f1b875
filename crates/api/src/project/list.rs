//! What lists of projects can be narrowed to.

use artel_domain::{
    actor::UserId,
    page::Direction,
    project::{Privacy, ProjectRole, Sort},
    record::Tag,
    words,
};
use artel_persistence::{
    project::{self as store, Archive},
    record::Trash,
};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    filter::Trashed,
    list::{Filter, SortBy, SortWord},
};

/// A sort key with its direction.
type Order = SortBy<Sort>;

words! {
    /// Related objects that can be embedded.
    pub enum ProjectExpand {
        /// The user whose it is.
        Owner = "owner",
    }
}

/// What to embed in one project.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ExpandParam {
    /// What to embed.
    #[param(inline, explode = false, min_items = 1, max_items = 1)]
    expand: Option<Vec<ProjectExpand>>,
}

impl ExpandParam {
    /// The names.
    pub fn names(&self) -> Option<&[ProjectExpand]> {
        self.expand.as_deref()
    }
}

/// What to show of the projects. What is given narrows further; several values of one filter widen it.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ProjectFilter {
    /// Only those in which every word of this is the beginning of a word of the name or the description. Case, accents
    /// and ё do not matter.
    #[param(min_length = 1, max_length = 200, pattern = "^[^\\u0000]*$", example = "demo day")]
    q: Option<String>,
    /// Only those of one of these privacies.
    #[param(inline, explode = false, min_items = 1, max_items = 10)]
    privacy: Option<Vec<Privacy>>,
    /// Only those that belong to one of these users.
    #[param(inline, explode = false, min_items = 1, max_items = 100)]
    owner_id: Option<Vec<UserId>>,
    /// Only those in which the caller is one of these.
    #[param(inline, explode = false, min_items = 1, max_items = 10)]
    my_role: Option<Vec<ProjectRole>>,
    /// Only those with one of these users in them, as far as the caller may read them.
    #[param(inline, explode = false, min_items = 1, max_items = 100)]
    member_id: Option<Vec<UserId>>,
    /// Only those with one of these tags, as far as the caller may read them.
    #[param(inline, explode = false, min_items = 1, max_items = 50, example = json!(["events"]))]
    tag: Option<Vec<Tag>>,
    /// Only those that are archived, or only those that are not.
    archived: Option<bool>,
    /// `only`: look into the trash instead, as far as the caller may read what lies there.
    #[param(inline)]
    trashed: Option<Trashed>,
    /// What to embed.
    #[param(inline, explode = false, min_items = 1, max_items = 1)]
    expand: Option<Vec<ProjectExpand>>,
    /// What to sort by; `name` unless told otherwise. By anything but that and `created_at` the list shows what the caller may
    /// read.
    #[param(inline)]
    sort: Option<Order>,
}

impl ProjectFilter {
    /// What to embed.
    pub fn expand(&self) -> Option<&[ProjectExpand]> {
        self.expand.as_deref()
    }
}

impl SortWord for Sort {
    const WORDS: &'static [Self] = Self::ALL;

    fn word(self) -> &'static str {
        self.as_str()
    }
}

impl Filter for ProjectFilter {
    type Sort = Sort;

    fn sort(&self) -> SortBy<Sort> {
        self.sort.unwrap_or(SortBy { sort: Sort::Name, direction: Direction::Ascending })
    }
}

impl From<&ProjectFilter> for store::Filter {
    fn from(filter: &ProjectFilter) -> Self {
        let ProjectFilter {
            q,
            privacy,
            owner_id,
            my_role,
            member_id,
            tag,
            archived,
            trashed,
            expand: _,
            sort: _,
        } = filter.clone();
        Self {
            q,
            privacy: privacy.unwrap_or_default(),
            owner: owner_id.unwrap_or_default(),
            member: member_id.unwrap_or_default(),
            tag: tag.unwrap_or_default(),
            mine: my_role.unwrap_or_default(),
            archive: archived.map(|archived| if archived { Archive::Inside } else { Archive::Outside }),
            trash: trashed.map_or(Trash::Outside, |Trashed::Only| Trash::Inside),
        }
    }
}
