//! Which tasks have dates outside of some days.

use artel_domain::{task::Place, time_zone::TimeZone};
use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use sea_orm::{
    ConnectionTrait as _,
    sea_query::{Cond, Expr, ExprTrait as _, Query, SimpleExpr},
};

use super::Node;
use crate::{column::Instant, error::Result, json::is_among, rows::count, unit_of_work::Tx};

/// The tasks that have a date outside these days of a zone; nothing where the days bound nothing.
pub(crate) fn outside(zone: TimeZone, (first, last): (Option<NaiveDate>, Option<NaiveDate>)) -> Option<Cond> {
    if first.is_none() && last.is_none() {
        return None;
    }
    let begin = first.map(|day| start_of(zone, day));
    let end = last.and_then(|day| day.checked_add_days(Days::new(1))).map(|day| start_of(zone, day));
    let mut outside = Cond::any();
    for name in ["planned_start", "planned_end", "deadline"] {
        let date = || -> SimpleExpr { Expr::col(("task", name)) };
        outside = outside
            .add_option(begin.map(|begin| date().lt(Instant(begin))))
            .add_option(end.map(|end| date().gte(Instant(end))));
    }
    Some(outside)
}

/// How many of these tasks have dates outside those of a project.
///
/// # Errors
/// Those of the database.
pub async fn strays(tx: &Tx, nodes: &[Node], place: Option<&Place>) -> Result<u64> {
    let outside = place.and_then(|place| outside(place.zone, (place.starts_on, place.ends_on)));
    let Some(outside) = outside else { return Ok(0) };
    let ids = nodes.iter().map(|node| node.id.0);
    let strays = Query::select()
        .from("task")
        .and_where(is_among(tx.get_database_backend(), Expr::col(("task", "id")), ids))
        .cond_where(outside)
        .take();
    count(tx, strays).await
}

/// The first instant of a day; where the clock jumps over midnight, the first one after the jump.
fn start_of(zone: TimeZone, day: NaiveDate) -> DateTime<Utc> {
    let midnight = day.and_time(NaiveTime::MIN);
    let mut hours = (0..24).map(|hour| midnight + chrono::TimeDelta::hours(hour));
    let first = hours.find_map(|local| local.and_local_timezone(zone.0).earliest());
    first.map_or_else(|| midnight.and_utc(), |at| at.with_timezone(&Utc))
}
