//! What a list of projects can be narrowed to.

use std::collections::BTreeSet;

use artel_domain::{
    actor::{Actor, UserId},
    project::{Privacy, ProjectFields, ProjectRole},
    record::Tag,
    search::{self, Piece},
};
use sea_orm::{
    DatabaseBackend,
    sea_query::{Cond, Expr, ExprTrait as _, SimpleExpr},
};

use super::sight::{memberships, part_of};
use crate::{
    record::Trash,
    search::{Index, having_all, tag_word, with_any_word, with_tags},
};

/// Where the words of projects stand.
pub(super) const WORDS: Index = Index { objects: "project", words: "project_word", reference: "project_id" };

/// The words by which a project is found: those of its name and its description, which all see who may know of it; its
/// tags as wholes.
pub(super) fn words(fields: &ProjectFields) -> BTreeSet<String> {
    let description = fields.description.as_ref().map(|text| Piece::Text(text.as_str()));
    let pieces = [Piece::Text(fields.name.as_str())].into_iter().chain(description);
    with_tags(search::words(pieces), &fields.tags)
}

/// Which side of the archive to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Archive {
    /// What lies in it.
    Inside,
    /// What does not.
    Outside,
}

/// What a list of projects can be narrowed to; an empty list narrows nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Each word is a prefix of a word of the name or the description.
    pub q: Option<String>,
    /// Of one of these privacies.
    pub privacy: Vec<Privacy>,
    /// Of one of these owners.
    pub owner: Vec<UserId>,
    /// One of these users is a member.
    pub member: Vec<UserId>,
    /// Has one of these tags.
    pub tag: Vec<Tag>,
    /// In which the viewer has one of these parts.
    pub mine: Vec<ProjectRole>,
    /// On this side of the archive; `None` for both.
    pub archive: Option<Archive>,
    /// Whether to look into the trash.
    pub trash: Trash,
}

impl Filter {
    /// Whether it asks for something that only those who may read a project see.
    pub(super) fn looks_inside(&self) -> bool {
        let Self { q: _, privacy: _, owner: _, member, tag, mine: _, archive: _, trash } = self;
        !member.is_empty() || !tag.is_empty() || *trash == Trash::Inside
    }

    /// The conditions on the rows.
    pub(super) fn conditions(&self, backend: DatabaseBackend, viewer: &Actor) -> Cond {
        let Self { q, privacy, owner, member, tag, mine, archive, trash } = self;
        let column = |name: &'static str| -> SimpleExpr { Expr::col(("project", name)) };
        let words = search::text_query_words(q.as_deref().unwrap_or_default());
        let some = |any: bool, condition: SimpleExpr| any.then_some(condition);
        let owners = column("owner_id").is_in(owner.iter().map(|user| user.0));
        let privacies = column("privacy").is_in(privacy.iter().map(|word| word.as_str()));
        let parts = part_of(viewer).is_in(mine.iter().map(|role| role.as_str()));
        let tagged = column("id").in_subquery(with_any_word(WORDS, tag.iter().map(tag_word)));
        let mut members = Cond::any();
        for user in member {
            members = members.add(column("id").in_subquery(memberships(*user)));
        }
        Cond::all()
            .add(match trash {
                Trash::Outside => column("deleted_at").is_null(),
                Trash::Inside => column("deleted_at").is_not_null(),
            })
            .add_option(archive.map(|archive| match archive {
                Archive::Outside => column("archived_at").is_null(),
                Archive::Inside => column("archived_at").is_not_null(),
            }))
            .add_option(having_all(backend, WORDS, &words))
            .add_option(some(!privacy.is_empty(), privacies))
            .add_option(some(!owner.is_empty(), owners))
            .add_option(some(!mine.is_empty(), parts))
            .add_option(some(!tag.is_empty(), tagged))
            .add_option((!member.is_empty()).then_some(members))
    }
}
