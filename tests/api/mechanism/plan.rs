//! A page of a list costs what the first one costs: both databases seek along an index, however far the page is.

use artel_domain::{
    actor::{Actor, Role, SessionId, UserId, Via},
    contact::Sort,
    level::Levels,
    page::{Direction, Key, Page, Position},
};
use artel_persistence::{
    contact::{self, ContactFilter},
    page::Total,
};
use artel_tests::{Database, Value, World, on_both, sql::Recorder};
use sea_orm::{ConnectionTrait as _, Statement};

on_both![
    the_first_page_of_contacts_is_sought_along_an_index,
    a_far_page_of_contacts_is_sought_along_an_index,
];

/// Enough for the planners to choose an index on their own.
const CONTACTS: i64 = 3000;
const LIMIT: u64 = 50;

async fn the_first_page_of_contacts_is_sought_along_an_index(world: &World) {
    fill(world).await;
    for sort in Sort::ALL {
        for direction in [Direction::Ascending, Direction::Descending] {
            check(world, *sort, direction, None).await;
        }
    }
}

async fn a_far_page_of_contacts_is_sought_along_an_index(world: &World) {
    fill(world).await;
    for sort in Sort::ALL {
        let key = match sort {
            Sort::Name => Key::Text("name 1500".to_owned()),
            Sort::CreatedAt | Sort::UpdatedAt | Sort::VerifiedAt => Key::Number(1500),
        };
        for direction in [Direction::Ascending, Direction::Descending] {
            let after = Position { key: Some(key.clone()), id: 1500 };
            check(world, *sort, direction, Some(after)).await;
        }
    }
    let unset = Position { key: None, id: 2500 };
    check(world, Sort::VerifiedAt, Direction::Ascending, Some(unset)).await;
}

/// Contacts whose keys are their numbers; the last third was never verified.
async fn fill(world: &World) {
    let owner = world.admin().await.id;
    let numbers = format!(
        "with recursive number(n) as (select 1 union all select n + 1 from number where n < {CONTACTS})"
    );
    let rows = "select n, 'Name', 'name ' || n, {owner}, {true}, '[]', case when n <= 2000 then n end, n, n, 1 from number";
    let columns =
        "id, last_name, name_key, responsible_id, shared, tags, verified_at, created_at, updated_at, version";
    let rows = rows.replace("{owner}", &owner.to_string()).replace("{true}", "true");
    world.execute(&format!("insert into contact ({columns}) {numbers} {rows}")).await;
    if world.database() == Database::Postgres {
        world.execute("analyze contact").await;
    }
}

/// Reads a page and looks at the plan of every statement that it took.
async fn check(world: &World, sort: Sort, direction: Direction, after: Option<Position>) {
    let viewer = Actor {
        user: UserId(1),
        role: Role::Admin,
        via: Via::Session(SessionId(1)),
        levels: Levels::default_of(Role::Admin),
    };
    let page = Page { limit: LIMIT, sort, direction, after };
    let recorder = Recorder::new(world.db().reader());
    let filter = ContactFilter::default();
    let found = contact::list(&recorder, &viewer, &filter, &page, Total::Skipped).await.unwrap();
    assert_eq!(found.items.len(), usize::try_from(LIMIT).unwrap(), "{page:?}");
    for statement in recorder.take() {
        match world.database() {
            Database::Sqlite => check_sqlite(world, &page, statement).await,
            Database::Postgres => check_postgres(world, &page, statement).await,
        }
    }
}

async fn explain(world: &World, how: &str, statement: Statement) -> Vec<sea_orm::QueryResult> {
    let statement = Statement { sql: format!("{how} {}", statement.sql), ..statement };
    world.db().reader().query_all_raw(statement).await.unwrap()
}

/// `SEARCH` goes straight to a key, `SCAN … USING INDEX` starts at an end; neither sorts.
async fn check_sqlite(world: &World, page: &Page<Sort>, statement: Statement) {
    let rows = explain(world, "explain query plan", statement).await;
    let top: Vec<String> = rows
        .iter()
        .filter(|row| row.try_get::<i64>("", "parent").unwrap() == 0)
        .map(|row| row.try_get("", "detail").unwrap())
        .collect();
    let plan = top.join("; ");
    let index = index(page);
    let sought = if page.after.is_some() {
        plan.contains(&format!("SEARCH contact USING INDEX {index}"))
    } else {
        plan.contains(&format!("contact USING INDEX {index}"))
    };
    assert!(sought && !plan.contains("TEMP B-TREE FOR ORDER"), "{page:?}: {plan}");
}

/// The scan of contacts is by the index (or, among rows without a key, by the ids that they are in the order of), reads
/// little more than the page, and has no sort above it.
async fn check_postgres(world: &World, page: &Page<Sort>, statement: Statement) {
    let rows = explain(world, "explain (analyze, format json)", statement).await;
    let plan: Value = rows[0].try_get_by_index(0).unwrap();
    let scan = scan(&plan[0]["Plan"]).unwrap_or_else(|| panic!("{page:?}: {plan:#}"));
    let walks_the_unset = page.after.as_ref().is_some_and(|after| after.key.is_none());
    let sought =
        scan["Index Name"] == index(page) || (walks_the_unset && scan["Index Name"] == "contact_pkey");
    assert!(sought, "{page:?}: {plan:#}");
    let read = scan["Actual Rows"].as_f64().unwrap() + scan["Rows Removed by Filter"].as_f64().unwrap_or(0.0);
    assert!(read <= 51.0, "{page:?} reads {read} rows: {plan:#}");
}

/// The scan of the contacts themselves below anything but a sort.
fn scan(node: &Value) -> Option<&Value> {
    if node["Relation Name"] == "contact" && node["Node Type"] == "Index Scan" {
        return Some(node);
    }
    if node["Node Type"].as_str()?.contains("Sort") {
        return None;
    }
    let below = node["Plans"].as_array().into_iter().flatten();
    below.filter(|node| node["Parent Relationship"] == "Outer").find_map(scan)
}

fn index(page: &Page<Sort>) -> String {
    let column = match page.sort {
        Sort::Name => "name_key",
        other => other.as_str(),
    };
    format!("contact_{column}_idx")
}
