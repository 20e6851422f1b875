//! Pages of the records that a search finds. Words that few records have are looked up in the index of words; those
//! that many have are checked along the list, where a page is soon full.

use std::collections::BTreeSet;

use artel_domain::page::{Page, Slice};
use sea_orm::{ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter as _, Select};

use super::{Index, are_common, has_all, having_all};
use crate::{
    error::Result,
    page::{Placed, SortColumn, Total, head, keyset},
};

/// So many words are many: to look up all their records costs more than to check a part of the list.
const MANY: u64 = 4000;
/// How much of the list is checked before the records are looked up after all.
const AHEAD: u64 = 1000;

/// Reads one page of the records in `select` that have, for each of these words, a word that begins with it.
///
/// # Errors
/// Those of the database.
pub(crate) async fn found<E, S, R>(
    db: &impl ConnectionTrait,
    index: Index,
    words: &BTreeSet<String>,
    select: Select<E>,
    page: &Page<S>,
    id: S::Column,
    total: Total,
) -> Result<Slice<R>>
where
    E: EntityTrait,
    S: SortColumn,
    R: FromQueryResult + Placed<S> + Send + Sync,
    E::Model: Send + Sync,
{
    let Some(having) = having_all(db.get_database_backend(), index, words) else {
        return keyset(db, select, page, id, total).await;
    };
    if total == Total::Skipped && are_common(db, index, words, MANY).await? {
        let head = head(select.clone(), page, id.clone(), AHEAD).filter(has_all(index, words));
        let found = keyset(db, head, page, id.clone(), total).await?;
        // A page that is full and goes on lies in the head as a whole.
        if found.next.is_some() {
            return Ok(found);
        }
    }
    keyset(db, select.filter(having), page, id, total).await
}
