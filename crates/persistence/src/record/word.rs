//! The words by which records are found: an index made in Rust, so that both databases find the same.

use std::collections::BTreeSet;

use artel_domain::{record::Tag, search};
use sea_orm::{
    ConnectionTrait as _,
    sea_query::{Expr, ExprTrait as _, Query, SelectStatement},
};

use super::Tables;
use crate::{error::Result, unit_of_work::Tx};

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
    format!("{TAG_MARK}{}", search::fold(tag.as_str()))
}

/// Saves the words of a record by what changed: two statements at the most, none where nothing did.
///
/// # Errors
/// Those of the database.
pub(crate) async fn save_words(
    tx: &Tx,
    tables: Tables,
    record: i64,
    before: &BTreeSet<String>,
    after: &BTreeSet<String>,
) -> Result<()> {
    let gone: Vec<&str> = before.difference(after).map(String::as_str).collect();
    if !gone.is_empty() {
        let delete = Query::delete()
            .from_table(tables.words)
            .and_where(Expr::col(tables.reference).eq(record))
            .and_where(Expr::col("word").is_in(gone))
            .take();
        tx.execute(&delete).await?;
    }
    let mut insert = Query::insert().into_table(tables.words).columns(["word", tables.reference]).take();
    let mut new = after.difference(before).peekable();
    if new.peek().is_none() {
        return Ok(());
    }
    for word in new {
        insert.values_panic([word.as_str().into(), record.into()]);
    }
    tx.execute(&insert).await?;
    Ok(())
}

/// The records that have a word with this prefix: a range of the index.
pub(crate) fn with_prefix(tables: Tables, prefix: &str) -> SelectStatement {
    Query::select()
        .column(tables.reference)
        .from(tables.words)
        .and_where(Expr::col("word").gte(prefix))
        .and_where(Expr::col("word").lt(format!("{prefix}{}", char::MAX)))
        .take()
}

/// The records that have one of these words.
pub(crate) fn with_any_word(tables: Tables, words: impl IntoIterator<Item = String>) -> SelectStatement {
    Query::select()
        .column(tables.reference)
        .from(tables.words)
        .and_where(Expr::col("word").is_in(words))
        .take()
}
