//! Departments: a tree that stays one.

use std::collections::HashMap;

use artel_tests::{Person, Value, World, json, on_both};
use proptest::{
    prelude::*,
    strategy::ValueTree as _,
    test_runner::{Config, TestRunner},
};
use sea_orm::{ConnectionTrait as _, Statement};

on_both![
    staff_see_the_tree_and_guests_do_not,
    only_administrators_change_the_tree,
    a_department_never_lies_below_itself,
    two_moves_at_once_make_no_cycle,
    the_tree_is_twenty_levels_deep_at_most,
    what_holds_others_is_not_deleted,
    a_head_is_an_active_member_of_the_staff,
    managers_are_the_heads_above,
    departments_are_found_and_narrowed,
    the_paths_follow_every_move,
];

const DEPARTMENTS: &str = "/api/v1/departments";

async fn make(world: &World, admin: &Person, name: &str, parent: Option<i64>) -> i64 {
    let body = json!({"name": name, "parent_id": parent});
    world.post(admin, DEPARTMENTS, body).await.expect(201).id()
}

async fn relocate(world: &World, admin: &Person, id: i64, parent: Option<i64>) -> u16 {
    let body = json!({"parent_id": parent});
    world.patch(admin, &format!("{DEPARTMENTS}/{id}"), body).await.status
}

async fn staff_see_the_tree_and_guests_do_not(world: &World) {
    let (admin, ann, guest) = (world.admin().await, world.employee().await, world.guest().await);
    let top = make(world, &admin, "Все", None).await;
    let sales = make(world, &admin, "Sales", Some(top)).await;
    let expected = json!({"items": [{
        "id": top, "name": "Все", "parent_id": null, "head_id": null,
        "children": [{"id": sales, "name": "Sales", "parent_id": top, "head_id": null, "children": []}]
    }]});
    for who in [&admin, &ann] {
        assert_eq!(world.get(who, "/api/v1/departments/tree").await.expect(200).body, expected);
        assert_eq!(world.get(who, DEPARTMENTS).await.ids(), [sales, top]);
        world.get(who, &format!("{DEPARTMENTS}/{sales}")).await.expect(200);
    }
    assert_eq!(world.get(&guest, "/api/v1/departments/tree").await.expect(200).body, json!({"items": []}));
    assert!(world.get(&guest, DEPARTMENTS).await.expect(200).ids().is_empty());
    world.get(&guest, &format!("{DEPARTMENTS}/{sales}")).await.problem(404, "not_found");
}

async fn only_administrators_change_the_tree(world: &World) {
    let admin = world.admin().await;
    let path = format!("{DEPARTMENTS}/{}", make(world, &admin, "Sales", None).await);
    for (who, refusal) in
        [(world.employee().await, (403, "admin_only")), (world.guest().await, (404, "not_found"))]
    {
        let refused = world.post(&who, DEPARTMENTS, json!({"name": "Mine"})).await;
        refused.problem(403, "admin_only");
        world.patch(&who, &path, json!({"head_id": 999})).await.problem(refusal.0, refusal.1);
        world.delete(&who, &path).await.problem(refusal.0, refusal.1);
    }
    let renamed = world.patch(&admin, &path, json!({"name": "Service"})).await.expect(200);
    assert_eq!((&renamed.body["name"], &renamed.body["version"]), (&json!("Service"), &json!(2)));
    world.delete(&admin, &path).await.expect(204);
    world.get(&admin, &path).await.problem(404, "not_found");
}

async fn a_department_never_lies_below_itself(world: &World) {
    let admin = world.admin().await;
    let top = make(world, &admin, "Top", None).await;
    let middle = make(world, &admin, "Middle", Some(top)).await;
    let bottom = make(world, &admin, "Bottom", Some(middle)).await;
    for inside in [top, middle, bottom] {
        let body = json!({"parent_id": inside});
        world.patch(&admin, &format!("{DEPARTMENTS}/{top}"), body).await.problem(409, "department_cycle");
    }
    let refused =
        world.patch(&admin, &format!("{DEPARTMENTS}/{top}"), json!({"parent_id": 999, "head_id": 999})).await;
    assert_eq!(
        refused.problem(422, "validation").faults(),
        [("/head_id", "unknown"), ("/parent_id", "unknown")]
    );
    assert_eq!(relocate(world, &admin, bottom, None).await, 200);
    assert_eq!(relocate(world, &admin, top, Some(bottom)).await, 200);
}

async fn two_moves_at_once_make_no_cycle(world: &World) {
    let admin = world.admin().await;
    for _ in 0..10 {
        let (one, two) = (make(world, &admin, "One", None).await, make(world, &admin, "Two", None).await);
        let moves =
            tokio::join!(relocate(world, &admin, one, Some(two)), relocate(world, &admin, two, Some(one)));
        assert!(matches!(moves, (200, 409) | (409, 200)), "{moves:?}");
    }
}

async fn the_tree_is_twenty_levels_deep_at_most(world: &World) {
    let admin = world.admin().await;
    let mut chain = vec![make(world, &admin, "1", None).await];
    for level in 2..=20 {
        chain.push(make(world, &admin, &level.to_string(), chain.last().copied()).await);
    }
    let body = json!({"name": "21", "parent_id": chain[19]});
    world.post(&admin, DEPARTMENTS, body).await.problem(409, "too_deep");
    let other = make(world, &admin, "other", None).await;
    assert_eq!(relocate(world, &admin, chain[0], Some(other)).await, 409);
    assert_eq!(relocate(world, &admin, chain[1], Some(other)).await, 200);
}

async fn what_holds_others_is_not_deleted(world: &World) {
    let (admin, ann) = (world.admin().await, world.employee().await);
    let top = make(world, &admin, "Top", None).await;
    let sales = make(world, &admin, "Sales", Some(top)).await;
    world
        .patch(&admin, &format!("/api/v1/users/{}", ann.id), json!({"department_id": sales}))
        .await
        .expect(200);
    world.delete(&admin, &format!("{DEPARTMENTS}/{top}")).await.problem(409, "has_children");
    world.delete(&admin, &format!("{DEPARTMENTS}/{sales}")).await.problem(409, "in_use");
    world
        .patch(&admin, &format!("/api/v1/users/{}", ann.id), json!({"department_id": null}))
        .await
        .expect(200);
    world.delete(&admin, &format!("{DEPARTMENTS}/{sales}")).await.expect(204);
    world.delete(&admin, &format!("{DEPARTMENTS}/{top}")).await.expect(204);
}

async fn a_head_is_an_active_member_of_the_staff(world: &World) {
    let (admin, gone, guest) = (world.admin().await, world.employee().await, world.guest().await);
    world.post(&admin, &format!("/api/v1/users/{}/deactivate", gone.id), json!({})).await.expect(200);
    for (head, code) in [(gone.id, "inactive"), (guest.id, "out_of_range"), (999, "unknown")] {
        let refused = world.post(&admin, DEPARTMENTS, json!({"name": "Sales", "head_id": head})).await;
        assert_eq!(refused.problem(422, "validation").faults(), [("/head_id", code)]);
    }
}

async fn managers_are_the_heads_above(world: &World) {
    let (admin, boss, lead, ann) =
        (world.admin().await, world.employee().await, world.employee().await, world.employee().await);
    let headed = |name: &str, head: i64, parent: Option<i64>| json!({"name": name, "head_id": head, "parent_id": parent});
    let top = world.post(&admin, DEPARTMENTS, headed("Top", boss.id, None)).await.expect(201).id();
    let middle = make(world, &admin, "Middle", Some(top)).await;
    let sales =
        world.post(&admin, DEPARTMENTS, headed("Sales", lead.id, Some(middle))).await.expect(201).id();
    let managers = async |who: &Person| {
        let path = format!("/api/v1/users/{}", who.id);
        world.patch(&admin, &path, json!({"department_id": sales})).await.expect(200).body["manager_ids"]
            .clone()
    };
    assert_eq!(managers(&ann).await, json!([lead.id, boss.id]));
    assert_eq!(managers(&lead).await, json!([boss.id]));
    let below = world.get(&admin, &format!("/api/v1/users?manager_id={}", boss.id)).await.expect(200);
    let mut below = below.ids();
    below.sort_unstable();
    assert_eq!(below, [lead.id, ann.id]);
}

async fn departments_are_found_and_narrowed(world: &World) {
    let (admin, ann) = (world.admin().await, world.employee().await);
    let top = make(world, &admin, "Отдел продаж", None).await;
    let body = json!({"name": "Café & Co", "parent_id": top, "head_id": ann.id});
    let cafe = world.post(&admin, DEPARTMENTS, body).await.expect(201).id();
    for (filter, expected) in [
        ("q=прод".to_owned(), vec![top]),
        ("q=cafe".to_owned(), vec![cafe]),
        ("q=afe".to_owned(), vec![]),
        ("q=co".to_owned(), vec![cafe]),
        ("parent_id=none".to_owned(), vec![top]),
        (format!("parent_id={top}"), vec![cafe]),
        (format!("parent_id={top},none"), vec![cafe, top]),
        ("head_id=none".to_owned(), vec![top]),
        (format!("head_id={}", ann.id), vec![cafe]),
    ] {
        let list = world.get(&admin, &format!("{DEPARTMENTS}?{filter}")).await.expect(200);
        assert_eq!(list.ids(), expected, "{filter}");
    }
}

/// The paths that a tree has, by walking up from each department.
fn walked(parents: &HashMap<i64, Option<i64>>) -> Vec<(i64, i64, i32)> {
    let mut paths = Vec::new();
    for id in parents.keys() {
        let (mut up, mut depth) = (Some(*id), 0);
        while let Some(ancestor) = up {
            paths.push((ancestor, *id, depth));
            up = parents[&ancestor];
            depth += 1;
        }
    }
    paths.sort_unstable();
    paths
}

async fn stored(world: &World) -> Vec<(i64, i64, i32)> {
    let db = world.db().reader();
    let sql = "select ancestor_id, descendant_id, depth from department_path";
    let rows = db.query_all_raw(Statement::from_string(world.db().backend(), sql)).await.unwrap();
    let column = |row: &sea_orm::QueryResult, index| row.try_get_by_index::<i64>(index).unwrap();
    let depth = |row: &sea_orm::QueryResult| row.try_get_by_index::<i32>(2).unwrap();
    let mut paths: Vec<_> = rows.iter().map(|row| (column(row, 0), column(row, 1), depth(row))).collect();
    paths.sort_unstable();
    paths
}

async fn the_paths_follow_every_move(world: &World) {
    let admin = world.admin().await;
    let mut parents: HashMap<i64, Option<i64>> = HashMap::new();
    let mut ids = Vec::new();
    for number in 0..10_usize {
        let parent = number.checked_sub(1).map(|last| ids[last * 7 % ids.len()]);
        let id = make(world, &admin, &number.to_string(), parent).await;
        parents.insert(id, parent);
        ids.push(id);
    }
    let strategy = proptest::collection::vec((0..10_usize, proptest::option::of(0..10_usize)), 60);
    let mut runner = TestRunner::new(Config::default());
    for (child, parent) in strategy.new_tree(&mut runner).unwrap().current() {
        let (child, parent) = (ids[child], parent.map(|parent| ids[parent]));
        let inside = walked(&parents).iter().any(|path| path.0 == child && Some(path.1) == parent);
        let moved = relocate(world, &admin, child, parent).await;
        assert_eq!(moved, if inside { 409 } else { 200 }, "{child} below {parent:?} in {parents:?}");
        if !inside {
            parents.insert(child, parent);
        }
        assert_eq!(stored(world).await, walked(&parents), "after {child} below {parent:?}");
    }
    let tree: Value = world.get(&admin, "/api/v1/departments/tree").await.expect(200).body;
    assert_eq!(tree.to_string().matches("\"children\"").count(), 10);
}
