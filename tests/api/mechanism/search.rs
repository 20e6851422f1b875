//! A search shows the same whether its words are few, and looked up, or many, and checked along the list.

use artel_domain::{
    actor::{Actor, Role, SessionId, UserId, Via},
    contact::Sort,
    level::Levels,
    page::{Direction, Page},
};
use artel_persistence::{
    contact::{self, ContactFilter},
    page::Total,
    record::Filter,
};
use artel_tests::{Database, World, on_both, sql::Recorder};

on_both![
    words_that_many_contacts_have_find_them_in_every_order,
    a_page_of_what_many_contacts_have_is_checked_along_the_list,
];

const CONTACTS: i64 = 8000;
const LIMIT: u64 = 200;

async fn words_that_many_contacts_have_find_them_in_every_order(world: &World) {
    fill(world).await;
    for (q, condition) in [("man", MANY), ("eve man", BOTH)] {
        for sort in [Sort::Name, Sort::VerifiedAt] {
            for (direction, word) in [(Direction::Ascending, "asc"), (Direction::Descending, "desc")] {
                let expected = expected(world, condition, sort, word).await;
                assert_eq!(walk(world, q, sort, direction).await, expected, "{q}, {sort}, {word}");
            }
        }
    }
}

async fn a_page_of_what_many_contacts_have_is_checked_along_the_list(world: &World) {
    fill(world).await;
    let recorder = Recorder::new(world.db().reader());
    for (direction, statements) in [(Direction::Descending, 2), (Direction::Ascending, 3)] {
        let page = Page { limit: LIMIT, sort: Sort::CreatedAt, direction, after: None };
        let found = contact::list(&recorder, &viewer(), &searched("many"), &page, Total::Skipped).await;
        assert_eq!(found.unwrap().items.len(), usize::try_from(LIMIT).unwrap());
        assert_eq!(recorder.take().len(), statements, "{direction:?}");
    }
}

const MANY: &str = "id > 2000 and id % 4 > 0";
const BOTH: &str = "id > 2000 and id % 4 = 2";

/// Contacts whose names sort by number; every third was never verified. The first ones have none of the words.
async fn fill(world: &World) {
    let owner = world.admin().await.id;
    let numbers = format!(
        "with recursive number(n) as (select 1 union all select n + 1 from number where n < {CONTACTS})"
    );
    let columns =
        "id, last_name, name_key, responsible_id, shared, tags, verified_at, created_at, updated_at, version";
    let row = format!(
        "n, 'Name', 'name ' || (10000 + n), {owner}, true, '[]', case when n % 3 > 0 then n / 5 end, n, n, 1"
    );
    world.execute(&format!("insert into contact ({columns}) {numbers} select {row} from number")).await;
    for (word, condition) in [("many", MANY), ("even", "id % 2 = 0")] {
        let words = format!("select '{word}', id from contact where {condition}");
        world.execute(&format!("insert into contact_word (word, contact_id) {words}")).await;
    }
    if world.database() == Database::Postgres {
        world.execute("analyze contact").await;
        world.execute("analyze contact_word").await;
    }
}

fn viewer() -> Actor {
    Actor {
        user: UserId(1),
        role: Role::Admin,
        via: Via::Session(SessionId(1)),
        levels: Levels::default_of(Role::Admin),
    }
}

fn searched(q: &str) -> ContactFilter {
    let record = Filter { q: Some(q.to_owned()), ..Filter::default() };
    ContactFilter { record, ..ContactFilter::default() }
}

async fn expected(world: &World, condition: &str, sort: Sort, direction: &str) -> Vec<i64> {
    let key = if sort == Sort::Name { "name_key" } else { sort.as_str() };
    let order = format!("{key} is null, {key} {direction}, id {direction}");
    let rows = world.query(&format!("select id from contact where {condition} order by {order}")).await;
    rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}

async fn walk(world: &World, q: &str, sort: Sort, direction: Direction) -> Vec<i64> {
    let mut page = Page { limit: LIMIT, sort, direction, after: None };
    let mut shown = Vec::new();
    loop {
        let db = world.db().reader();
        let found = contact::list(db, &viewer(), &searched(q), &page, Total::Skipped).await.unwrap();
        shown.extend(found.items.iter().map(|card| card.contact.id));
        page.after = found.next;
        if page.after.is_none() {
            return shown;
        }
    }
}
