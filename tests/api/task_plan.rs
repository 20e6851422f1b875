//! "My open tasks by deadline" is a range of an index, whatever the size of the base and whoever has how many: both
//! databases seek it, and read no more tasks than the page shows.

use artel_domain::{
    actor::{Actor, Role as Rank, SessionId, UserId, Via},
    level::Levels,
    page::{Direction, Key, Page, Position},
    task::{Role, Sort},
};
use artel_persistence::{
    page::Total,
    task::{self, Filter, Participant},
};
use artel_tests::{Database, Value, World, on_both, sql::Recorder};
use sea_orm::{ConnectionTrait as _, Statement, TransactionTrait as _};

on_both![
    the_first_page_of_my_open_tasks_is_a_range_of_an_index,
    a_far_page_of_my_open_tasks_is_a_range_of_an_index,
    a_role_of_mine_is_a_range_of_an_index,
];

/// Enough for the planners to choose an index on their own.
const TASKS: i64 = 20_000;
/// Every which task is mine.
const MINE: i64 = 10;
const LIMIT: u64 = 50;

async fn the_first_page_of_my_open_tasks_is_a_range_of_an_index(world: &World) {
    let me = fill(world).await;
    for direction in [Direction::Ascending, Direction::Descending] {
        check(world, me, Vec::new(), direction, None).await;
    }
}

async fn a_far_page_of_my_open_tasks_is_a_range_of_an_index(world: &World) {
    let me = fill(world).await;
    for direction in [Direction::Ascending, Direction::Descending] {
        let far = TASKS / 3;
        let after = Position { key: Some(Key::Number(far)), id: far };
        check(world, me, Vec::new(), direction, Some(after)).await;
    }
    let unset = Position { key: None, id: TASKS / 4 * 3 };
    check(world, me, Vec::new(), Direction::Ascending, Some(unset)).await;
}

async fn a_role_of_mine_is_a_range_of_an_index(world: &World) {
    let me = fill(world).await;
    check(world, me, vec![Role::Responsible], Direction::Ascending, None).await;
    let after = Position { key: Some(Key::Number(TASKS / 3)), id: TASKS / 3 };
    check(world, me, vec![Role::Responsible], Direction::Ascending, Some(after)).await;
}

/// Open tasks whose deadlines are their numbers, the last third without one; one in [`MINE`] is mine, the rest somebody
/// else's. Answers who I am.
async fn fill(world: &World) -> i64 {
    let (me, other) = (world.employee().await.id, world.employee().await.id);
    let numbers = format!(
        "with recursive number(n) as (select 1 union all select n + 1 from number where n < {TASKS})"
    );
    let whose = format!("case when n % {MINE} = 0 then {me} else {other} end");
    let policy =
        r#"'{"responsible_may_move":false,"latest":null,"most_moves":null,"reason_required":false}'"#;
    let deadline = format!("case when n <= {} then n end", TASKS / 3 * 2);
    world
        .execute(&format!(
            "insert into task (id, title, title_key, status, priority, creator_id, responsible_id, deadline, tags, \
             deadline_policy, version, created_at, updated_at) {numbers} \
             select n, 'Task', 'task ' || n, 'pending', 1, {whose}, {whose}, {deadline}, '[]', {policy}, 1, n, n \
             from number"
        ))
        .await;
    for (role, is_main) in [("creator", "true"), ("responsible", "false")] {
        world
            .execute(&format!(
                "insert into task_member (task_id, user_id, role, is_main, is_open, deadline) {numbers} \
                 select n, {whose}, '{role}', {is_main}, true, {deadline} from number"
            ))
            .await;
    }
    if world.database() == Database::Postgres {
        world.execute("analyze task").await;
        world.execute("analyze task_member").await;
    }
    me
}

/// Reads a page and looks at the plan of every statement that it took.
async fn check(world: &World, me: i64, roles: Vec<Role>, direction: Direction, after: Option<Position>) {
    let viewer = Actor {
        user: UserId(me),
        role: Rank::Employee,
        via: Via::Session(SessionId(1)),
        levels: Levels::default_of(Rank::Employee),
    };
    let page = Page { limit: LIMIT, sort: Sort::Deadline, direction, after };
    let recorder = Recorder::new(world.db().reader());
    let participant = Participant { users: vec![UserId(me)], roles: roles.clone() };
    let filter = Filter { open: Some(true), participant, ..Filter::default() };
    let found = task::list(&recorder, &viewer, &filter, &page, Total::Skipped).await.unwrap();
    assert_eq!(found.items.len(), usize::try_from(LIMIT).unwrap(), "{page:?}");
    let index = if roles.is_empty() {
        "task_member_user_id_is_main_is_open_deadline_task_id_idx"
    } else {
        "task_member_user_id_role_is_open_deadline_task_id_idx"
    };
    let statements = recorder.take();
    assert!(!statements.is_empty());
    for statement in statements {
        match world.database() {
            Database::Sqlite => check_sqlite(world, &page, index, statement).await,
            Database::Postgres => check_postgres(world, &page, index, statement).await,
        }
    }
}

async fn explain(world: &World, how: &str, statement: Statement) -> Vec<sea_orm::QueryResult> {
    let statement = Statement { sql: format!("{how} {}", statement.sql), ..statement };
    let tx = world.db().reader().begin().await.unwrap();
    if world.database() == Database::Postgres {
        // A base of this size is read as a whole for next to nothing; what is asked here is what a large one does.
        for way in ["hashjoin", "mergejoin", "bitmapscan"] {
            tx.execute_unprepared(&format!("set local enable_{way} = off")).await.unwrap();
        }
    }
    let rows = tx.query_all_raw(statement).await.unwrap();
    tx.rollback().await.unwrap();
    rows
}

/// The parts are searched by their index, the tasks by their ids, and nothing is sorted.
async fn check_sqlite(world: &World, page: &Page<Sort>, index: &str, statement: Statement) {
    let rows = explain(world, "explain query plan", statement).await;
    let top: Vec<String> = rows
        .iter()
        .filter(|row| row.try_get::<i64>("", "parent").unwrap() == 0)
        .map(|row| row.try_get("", "detail").unwrap())
        .collect();
    let plan = top.join("; ");
    let sought = top.iter().any(|step| step.starts_with("SEARCH task_member") && step.contains(index));
    let by_id = top.iter().any(|step| step.starts_with("SEARCH task USING INTEGER PRIMARY KEY"));
    assert!(sought && by_id && !plan.contains("TEMP B-TREE FOR ORDER"), "{page:?}: {plan}");
    assert!(!top.iter().any(|step| step.starts_with("SCAN")), "{page:?}: {plan}");
}

/// The scan of the parts is by their index and reads little more than the page; tasks are read one by one, by their ids.
async fn check_postgres(world: &World, page: &Page<Sort>, index: &str, statement: Statement) {
    let rows = explain(world, "explain (analyze, format json)", statement).await;
    let plan: Value = rows[0].try_get_by_index(0).unwrap();
    let mut scans = Vec::new();
    collect(&plan[0]["Plan"], &mut scans);
    let parts: Vec<&Value> = scans
        .iter()
        .copied()
        .filter(|node| node["Index Name"] == index && node["Parent Relationship"] == "Outer")
        .collect();
    assert_eq!(parts.len(), 1, "{page:?}: {plan:#}");
    let rows = |node: &Value| {
        let of = |name: &str| node[name].as_f64().unwrap_or(0.0);
        (of("Actual Rows") + of("Rows Removed by Filter")) * of("Actual Loops")
    };
    assert!(rows(parts[0]) <= 60.0, "{page:?} reads {} parts: {plan:#}", rows(parts[0]));
    for node in &scans {
        if node["Relation Name"] == "task" {
            assert!(rows(node) <= 120.0, "{page:?} reads {} tasks: {plan:#}", rows(node));
            assert_ne!(node["Node Type"], "Seq Scan", "{page:?}: {plan:#}");
        }
    }
}

/// Every scan of the plan.
fn collect<'a>(node: &'a Value, scans: &mut Vec<&'a Value>) {
    if node["Node Type"].as_str().is_some_and(|kind| kind.contains("Scan")) {
        scans.push(node);
    }
    for below in node["Plans"].as_array().into_iter().flatten() {
        collect(below, scans);
    }
}
