//! The words by which records and projects are found: an index made in Rust, so that both databases find the same.

use std::collections::BTreeSet;

use artel_domain::{record::Tag, search::fold};
use sea_orm::{
    ConnectionTrait as _, DatabaseBackend,
    sea_query::{Expr, ExprTrait as _, Func, Query, SelectStatement, SimpleExpr},
};

use crate::{error::Result, unit_of_work::Tx};

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
    let longest = prefixes.iter().max_by_key(|prefix| prefix.chars().count())?;
    let mut found = with_prefix(index, longest);
    for other in prefixes.iter().filter(|prefix| *prefix != longest) {
        found.and_where(has_prefix(index, other));
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

/// The records that have a word with this prefix: a range of the index.
fn with_prefix(index: Index, prefix: &str) -> SelectStatement {
    let word = || Expr::col(("found", "word"));
    Query::select()
        .column(("found", index.reference))
        .from_as(index.words, "found")
        .and_where(word().gte(prefix))
        .and_where(word().lt(format!("{prefix}{}", char::MAX)))
        .take()
}

/// Whether a record that was found has a word with another prefix too. A look at its few words; a range would be
/// read in the index as a whole, once for each record.
fn has_prefix(index: Index, prefix: &str) -> SimpleExpr {
    let length = i32::try_from(prefix.chars().count()).unwrap_or(i32::MAX);
    let beginning = Func::cust("substr").arg(Expr::col(("other", "word"))).arg(1_i32).arg(length);
    let other = Query::select()
        .expr(Expr::val(1_i32))
        .from_as(index.words, "other")
        .and_where(Expr::col(("other", index.reference)).equals(("found", index.reference)))
        .and_where(Expr::expr(beginning).eq(prefix))
        .limit(1)
        .take();
    SimpleExpr::SubQuery(None, Box::new(other.into())).is_not_null()
}

/// The records that have one of these words.
pub(crate) fn with_any_word(index: Index, words: impl IntoIterator<Item = String>) -> SelectStatement {
    Query::select().column(index.reference).from(index.words).and_where(Expr::col("word").is_in(words)).take()
}
