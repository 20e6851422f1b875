//! Contact points: read with their record, saved by what changed.

use artel_domain::point::{Point, PointId};
use sea_orm::{
    ConnectionTrait as _, DatabaseBackend,
    sea_query::{Expr, ExprTrait as _, Query, SimpleExpr},
};
use serde::Deserialize;

use super::Tables;
use crate::{
    column::{optional_word, word},
    error::{Error, Result},
    json,
    unit_of_work::Tx,
};

/// A contact point as the statement of its record answers it, its place first.
#[derive(Deserialize)]
struct StoredPoint {
    position: i32,
    id: i64,
    kind: String,
    label: Option<String>,
    value: String,
    normalised: Option<String>,
    #[serde(deserialize_with = "json::flag")]
    is_primary: bool,
}

impl TryFrom<StoredPoint> for Point {
    type Error = Error;

    fn try_from(stored: StoredPoint) -> Result<Self> {
        let StoredPoint { position: _, id, kind, label, value, normalised, is_primary } = stored;
        Ok(Self {
            id: Some(PointId(id)),
            kind: word(&kind)?,
            label: optional_word(label.as_deref())?,
            value: word(&value)?,
            normalised,
            primary: is_primary,
        })
    }
}

/// The points of each row, as JSON, for the statement that reads the rows.
pub(crate) fn points(backend: DatabaseBackend, tables: Tables) -> SimpleExpr {
    let column = |name: &'static str| -> SimpleExpr { Expr::col((tables.points, name)) };
    let names = ["position", "id", "kind", "label", "value", "normalised", "is_primary"];
    let of_record = Query::select()
        .from(tables.points)
        .and_where(column(tables.reference).equals((tables.record, "id")))
        .take();
    json::rows(backend, &names.map(column), of_record)
}

/// Reads what [`points`] answered, in the order in which they were given.
///
/// # Errors
/// [`Error::Unreadable`] when it is not what was written.
pub(crate) fn read_points(text: &str) -> Result<Vec<Point>> {
    let mut stored: Vec<StoredPoint> = json::read(text)?;
    stored.sort_by_key(|point| (point.position, point.id));
    stored.into_iter().map(TryFrom::try_from).collect()
}

/// Saves the points of a record: removes those that are gone, changes those that stay, adds the new ones and gives
/// them their ids. Nothing is written where nothing changed.
///
/// # Errors
/// Those of the database.
pub(crate) async fn save_points(
    tx: &Tx,
    tables: Tables,
    record: i64,
    before: &[Point],
    after: &mut [Point],
) -> Result<()> {
    if before == after {
        return Ok(());
    }
    let stays = |id: Option<PointId>| after.iter().any(|point| point.id == id);
    let gone: Vec<i64> =
        before.iter().filter(|point| !stays(point.id)).filter_map(|point| Some(point.id?.0)).collect();
    if !gone.is_empty() {
        let delete = Query::delete().from_table(tables.points).and_where(Expr::col("id").is_in(gone)).take();
        tx.execute(&delete).await?;
    }
    for (position, point) in (0_i32..).zip(after.iter()) {
        let unchanged = before.iter().zip(0_i32..).any(|(old, place)| old == point && place == position);
        if let Some(id) = point.id
            && !unchanged
        {
            update(tx, tables, id, point, position).await?;
        }
    }
    insert(tx, tables, record, after).await
}

async fn update(tx: &Tx, tables: Tables, id: PointId, point: &Point, position: i32) -> Result<()> {
    let values = values(point, position);
    let update = Query::update()
        .table(tables.points)
        .values(COLUMNS.into_iter().zip(values))
        .and_where(Expr::col("id").eq(id.0))
        .take();
    tx.execute(&update).await?;
    Ok(())
}

const COLUMNS: [&str; 6] = ["kind", "label", "value", "normalised", "is_primary", "position"];

fn values(point: &Point, position: i32) -> [SimpleExpr; 6] {
    [
        point.kind.as_str().into(),
        point.label.as_ref().map(|label| label.as_str().to_owned()).into(),
        point.value.as_str().into(),
        point.normalised.clone().into(),
        point.primary.into(),
        position.into(),
    ]
}

async fn insert(tx: &Tx, tables: Tables, record: i64, points: &mut [Point]) -> Result<()> {
    let mut insert = Query::insert()
        .into_table(tables.points)
        .columns([tables.reference].into_iter().chain(COLUMNS))
        .returning_col("id")
        .take();
    let mut new: Vec<&mut Point> = Vec::new();
    for (position, point) in (0_i32..).zip(points) {
        if point.id.is_none() {
            let values = values(point, position);
            insert.values_panic([record.into()].into_iter().chain(values));
            new.push(point);
        }
    }
    if new.is_empty() {
        return Ok(());
    }
    let mut ids: Vec<i64> = Vec::new();
    for row in tx.query_all(&insert).await? {
        ids.push(row.try_get("", "id")?);
    }
    ids.sort_unstable();
    for (point, id) in new.into_iter().zip(ids) {
        point.id = Some(PointId(id));
    }
    Ok(())
}
