//! Lists are walked by their keys: whatever comes in meanwhile, no row is lost and none is shown twice.

use std::collections::BTreeSet;

use artel_tests::{Person, World, on_both};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

use super::{CONTACTS, contact};

on_both![
    every_walk_shows_each_row_once_in_order_while_rows_come_in,
    a_cursor_works_only_where_it_was_made,
    a_forged_cursor_is_refused,
    a_cursor_outlives_the_row_that_it_was_made_at,
    the_total_counts_all_pages,
    a_page_holds_between_one_and_two_hundred_items,
];

const SORTS: [&str; 4] = ["name", "created_at", "updated_at", "verified_at"];
/// Rows of a walk; their keys are drawn from fewer values, so that many are equal.
const ROWS: i64 = 40;

/// A row as the database has it, in the order in which it should be listed.
type Place = (bool, String, i64);

async fn every_walk_shows_each_row_once_in_order_while_rows_come_in(world: &World) {
    let ann = world.admin().await;
    let seed = rand::random();
    let mut random = StdRng::seed_from_u64(seed);
    for number in 0..ROWS {
        contact(world, &ann, &format!("Row {number}")).await;
    }
    for sort in SORTS {
        for sign in ["", "-"] {
            shuffle(world, &mut random).await;
            let expected = expected(world, sort, sign == "-").await;
            let limit = random.random_range(1..=13);
            let sort = format!("{sign}{sort}");
            let shown = walk(world, &ann, &sort, limit, &mut random).await;
            let distinct: BTreeSet<i64> = shown.iter().copied().collect();
            assert_eq!(distinct.len(), shown.len(), "seed {seed}, sort {sort}, limit {limit}: shown twice");
            let known: Vec<i64> = shown.into_iter().filter(|id| expected.contains(id)).collect();
            assert_eq!(known, expected, "seed {seed}, sort {sort}, limit {limit}: lost, or out of order");
        }
    }
}

/// Gives every contact new keys, of a few values each, some without one; none is in the trash.
async fn shuffle(world: &World, random: &mut StdRng) {
    let rows = world.query("select id from contact order by id").await;
    let statements = rows.iter().map(|row| {
        let id: i64 = row.try_get_by_index(0).unwrap();
        let key = ["анна", "ann", "ann b", "ёлка", "z", "яна"][random.random_range(0..6)];
        let [created, updated, verified] = [(); 3].map(|()| random.random_range(0..6));
        let verified = if verified < 2 { "null".to_owned() } else { verified.to_string() };
        format!(
            "update contact set name_key = '{key}', created_at = {created}, updated_at = {updated}, \
             verified_at = {verified} where id = {id};"
        )
    });
    world.execute(&statements.collect::<String>()).await;
}

/// The order by an independent statement of the rule: rows without a key last, ids break ties in the direction.
async fn expected(world: &World, sort: &str, descending: bool) -> Vec<i64> {
    let column = if sort == "name" { "name_key" } else { sort };
    let rows = world
        .query(&format!("select id, cast({column} as text) from contact where deleted_at is null"))
        .await;
    let places = rows.iter().map(|row| -> Place {
        let key: Option<String> = row.try_get_by_index(1).unwrap();
        (key.is_none(), key.unwrap_or_default(), row.try_get_by_index(0).unwrap())
    });
    let mut places: Vec<Place> = places.collect();
    places.sort_by(|one, other| {
        let keys = (&one.1, one.2).cmp(&(&other.1, other.2));
        let keys = if descending { keys.reverse() } else { keys };
        one.0.cmp(&other.0).then(keys)
    });
    places.into_iter().map(|(_, _, id)| id).collect()
}

/// Walks a list to its end; rows with keys of all kinds come in between the pages.
async fn walk(world: &World, who: &Person, sort: &str, limit: u32, random: &mut StdRng) -> Vec<i64> {
    let first = format!("{CONTACTS}?sort={sort}&limit={limit}");
    let mut shown = Vec::new();
    let mut path = first.clone();
    loop {
        let page = world.get(who, &path).await.expect(200);
        shown.extend(page.ids());
        let Some(cursor) = page.body["next_cursor"].as_str() else {
            return shown;
        };
        assert_eq!(page.items().len(), usize::try_from(limit).unwrap(), "{path}");
        path = format!("{first}&cursor={cursor}");
        if shown.len() < 100 && random.random_bool(0.5) {
            let name = ["Ann", "Яна", "Middle", "0"][random.random_range(0..4)];
            contact(world, who, name).await;
        }
    }
}

async fn a_cursor_works_only_where_it_was_made(world: &World) {
    let ann = world.admin().await;
    for name in ["A", "B", "C"] {
        contact(world, &ann, name).await;
    }
    let first = world.get(&ann, &format!("{CONTACTS}?limit=1&sort=name")).await.expect(200);
    let cursor = first.body["next_cursor"].as_str().unwrap();
    for same in ["sort=name&limit=2", "sort=name&limit=1&include_total=true", "limit=1&sort=name"] {
        world.get(&ann, &format!("{CONTACTS}?{same}&cursor={cursor}")).await.expect(200);
    }
    for other in
        ["sort=-name", "sort=created_at", "sort=name&q=a", "sort=name&tag=vip", "sort=name&trashed=only"]
    {
        let answer = world.get(&ann, &format!("{CONTACTS}?{other}&cursor={cursor}")).await;
        answer.problem(400, "invalid_cursor");
    }
    let elsewhere = world.get(&ann, &format!("/api/v1/users?sort=name&cursor={cursor}")).await;
    elsewhere.problem(400, "invalid_cursor");
}

async fn a_forged_cursor_is_refused(world: &World) {
    let ann = world.admin().await;
    contact(world, &ann, "A").await;
    contact(world, &ann, "B").await;
    let first = world.get(&ann, &format!("{CONTACTS}?limit=1")).await.expect(200);
    for forged in forgeries(first.body["next_cursor"].as_str().unwrap()) {
        let answer = world.get(&ann, &format!("{CONTACTS}?cursor={forged}")).await;
        answer.problem(400, "invalid_cursor");
    }
}

/// The cursor with one character changed, at each place, and things that never were one.
fn forgeries(cursor: &str) -> Vec<String> {
    let changed = (0..cursor.len() - 1).map(|at| {
        let mut letters: Vec<char> = cursor.chars().collect();
        letters[at] = if letters[at] == 'A' { 'B' } else { 'A' };
        letters.into_iter().collect()
    });
    let invented = ["AAAA", "e30", "0", "-", &cursor[1..], &cursor[..cursor.len() - 4]];
    changed.chain(invented.map(str::to_owned)).collect()
}

async fn a_cursor_outlives_the_row_that_it_was_made_at(world: &World) {
    let ann = world.admin().await;
    let mut ids = Vec::new();
    for name in ["A", "B", "C", "D"] {
        ids.push(contact(world, &ann, name).await.id());
    }
    let first = world.get(&ann, &format!("{CONTACTS}?limit=2&sort=name")).await.expect(200);
    assert_eq!(first.ids(), ids[..2]);
    world.delete(&ann, &format!("{CONTACTS}/{}", ids[1])).await.expect(204);
    let cursor = first.body["next_cursor"].as_str().unwrap();
    let second = world.get(&ann, &format!("{CONTACTS}?limit=2&sort=name&cursor={cursor}")).await;
    assert_eq!(second.ids(), ids[2..]);
    assert!(second.body["next_cursor"].is_null());
}

async fn the_total_counts_all_pages(world: &World) {
    let ann = world.admin().await;
    for name in ["A", "B", "C"] {
        contact(world, &ann, name).await;
    }
    let counted = world.get(&ann, &format!("{CONTACTS}?limit=2&include_total=true")).await.expect(200);
    assert_eq!(counted.body["total"], 3);
    let uncounted = world.get(&ann, &format!("{CONTACTS}?limit=2")).await.expect(200);
    assert!(uncounted.body.get("total").is_none());
}

async fn a_page_holds_between_one_and_two_hundred_items(world: &World) {
    let ann = world.admin().await;
    for limit in ["0", "201", "-1", "1.5", "all", "", "99999999999999999999"] {
        let answer = world.get(&ann, &format!("{CONTACTS}?limit={limit}")).await;
        assert_eq!(answer.status, 400, "{limit}");
        assert_eq!(answer.parameters()[0].0, "limit", "{limit}");
    }
    let empty = world.get(&ann, &format!("{CONTACTS}?limit=200")).await.expect(200);
    assert_eq!(empty.items().len(), 0);
    assert!(empty.body["next_cursor"].is_null());
}
