//! The words by which records, projects and tasks are found: an index made in Rust, so that both databases find the same.

use std::collections::BTreeSet;

use artel_domain::{record::Tag, search::fold};
use sea_orm::{
    ConnectionTrait, DatabaseBackend,
    sea_query::{Cond, Expr, ExprTrait as _, Query, SelectStatement, SimpleExpr},
};

use crate::{error::Result, unit_of_work::Tx};

mod found;

pub(crate) use found::found;

/// Where the words of one kind of object stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Index {
    /// The table of the objects.
    pub(crate) objects: &'static str,
    /// The table of their words.
    pub(crate) words: &'static str,
    /// Its column that names the object.
    pub(crate) reference: &'static str,
}

/// What no word starts with: marks a tag, so that tags are found as a whole in the same index.
const TAG_MARK: char = '#';

/// The words by which a record is found, with its tags among them.
#[must_use]
pub fn with_tags(mut words: BTreeSet<String>, tags: &[Tag]) -> BTreeSet<String> {
    words.extend(tags.iter().map(tag_word));
    words
}

/// The word by which a tag is found.
pub(crate) fn tag_word(tag: &Tag) -> String {
    format!("{TAG_MARK}{}", fold(tag.as_str()))
}

/// Saves the words of an object by what changed: two statements at the most, none where nothing did.
///
/// # Errors
/// Those of the database.
pub(crate) async fn save_words(
    tx: &Tx,
    index: Index,
    object: i64,
    before: &BTreeSet<String>,
    after: &BTreeSet<String>,
) -> Result<()> {
    let gone: Vec<&str> = before.difference(after).map(String::as_str).collect();
    if !gone.is_empty() {
        let delete = Query::delete()
            .from_table(index.words)
            .and_where(Expr::col(index.reference).eq(object))
            .and_where(Expr::col("word").is_in(gone))
            .take();
        tx.execute(&delete).await?;
    }
    let mut insert = Query::insert().into_table(index.words).columns(["word", index.reference]).take();
    let mut new = after.difference(before).peekable();
    if new.peek().is_none() {
        return Ok(());
    }
    for word in new {
        insert.values_panic([word.as_str().into(), object.into()]);
    }
    tx.execute(&insert).await?;
    Ok(())
}

/// Whether at least so many words begin with the longest of these prefixes.
///
/// # Errors
/// Those of the database.
pub(crate) async fn are_common(
    db: &impl ConnectionTrait,
    index: Index,
    prefixes: &BTreeSet<String>,
    many: u64,
) -> Result<bool> {
    let Some(longest) = longest(prefixes) else {
        return Ok(false);
    };
    let last = with_prefix(index, longest).limit(1).offset(many.saturating_sub(1)).take();
    Ok(db.query_one(&last).await?.is_some())
}

/// Whether a record has, for each of these prefixes, a word that begins with it: checked on each record that is read.
pub(crate) fn has_all(index: Index, prefixes: &BTreeSet<String>) -> Cond {
    let checks = prefixes.iter().map(|prefix| has_prefix(index, prefix, (index.objects, "id")));
    checks.fold(Cond::all(), Cond::add)
}

/// Whether a record has, for each of these prefixes, a word that begins with it; nothing where there is none.
///
/// The records with the longest prefix are looked up in a range of the index, the others are checked on what that
/// finds. The form leaves the database no choice, because it does not know how many words begin with a prefix:
/// the cost grows with the records that have the longest one, never with all records.
pub(crate) fn having_all(
    backend: DatabaseBackend,
    index: Index,
    prefixes: &BTreeSet<String>,
) -> Option<SimpleExpr> {
    let longest = longest(prefixes)?;
    let mut found = with_prefix(index, longest);
    for other in prefixes.iter().filter(|prefix| *prefix != longest) {
        found.and_where(has_prefix(index, other, ("found", index.reference)));
    }
    let id: SimpleExpr = Expr::col((index.objects, "id"));
    Some(match backend {
        DatabaseBackend::Postgres => {
            let found = SimpleExpr::SubQuery(None, Box::new(found.into()));
            Expr::cust_with_exprs("$1 = any(array $2)", [id, found])
        }
        _ => id.in_subquery(found),
    })
}

fn longest(prefixes: &BTreeSet<String>) -> Option<&String> {
    prefixes.iter().max_by_key(|prefix| prefix.chars().count())
}

/// The records that have a word with this prefix: a range of the index.
fn with_prefix(index: Index, prefix: &str) -> SelectStatement {
    let found = Query::select().column(("found", index.reference)).from_as(index.words, "found").take();
    beginning_with(found, "found", prefix)
}

/// Whether the record that a column names has a word with this prefix: a place in the index of its words.
fn has_prefix(index: Index, prefix: &str, record: (&'static str, &'static str)) -> SimpleExpr {
    let other = Query::select()
        .expr(Expr::val(1_i32))
        .from_as(index.words, "other")
        .and_where(Expr::col(("other", index.reference)).equals(record))
        .limit(1)
        .take();
    let other = beginning_with(other, "other", prefix);
    SimpleExpr::SubQuery(None, Box::new(other.into())).is_not_null()
}

fn beginning_with(mut words: SelectStatement, table: &'static str, prefix: &str) -> SelectStatement {
    let word = || Expr::col((table, "word"));
    words.and_where(word().gte(prefix)).and_where(word().lt(format!("{prefix}{}", char::MAX)));
    words
}

/// The records that have one of these words.
pub(crate) fn with_any_word(index: Index, words: impl IntoIterator<Item = String>) -> SelectStatement {
    Query::select().column(index.reference).from(index.words).and_where(Expr::col("word").is_in(words)).take()
}
