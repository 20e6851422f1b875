//! Lists of tasks: whatever one asks for, a list answers what one finds by looking through all that one may read.

use std::collections::BTreeMap;

use artel_tests::{
    Person, Value, World,
    crm::{CONTACTS, instant, query},
    json, on_both,
    task::{TASKS, at, beneath},
};
use chrono::{DateTime, TimeDelta, Utc};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};

on_both![
    whatever_is_asked_for_is_what_one_finds_by_looking_through_all,
    my_tasks_are_those_in_which_i_have_a_part,
    what_is_overdue_passed_its_deadline_while_somebody_works_on_it,
    none_stands_for_what_is_not_set,
    a_parent_that_one_may_not_know_of_is_none,
    what_is_no_filter_is_refused_by_name,
    words_are_found_by_their_beginnings,
    a_cursor_of_one_list_works_in_no_other,
    every_walk_shows_each_task_once_while_tasks_come_in,
    pages_of_my_open_tasks_cost_the_same_whoever_has_how_many,
];

const TASKS_MADE: usize = 45;
const QUESTIONS: usize = 120;
const WORDS: [&str; 6] = ["alpha", "beta", "alphabet", "gamma", "delta", "альфа"];

async fn whatever_is_asked_for_is_what_one_finds_by_looking_through_all(world: &World) {
    let seed: u64 = rand::random();
    println!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let (ann, bob, cid, admin) =
        (world.employee().await, world.employee().await, world.employee().await, world.admin().await);
    let people = [&ann, &bob, &cid];
    let mut contacts = Vec::new();
    for name in ["A", "B", "C"] {
        contacts.push(world.record(&admin, CONTACTS, name, json!({})).await);
    }
    let mut made = Vec::new();
    for number in 0..TASKS_MADE {
        made.push(make(world, &mut random, &people, &contacts, &made, number).await);
        world.clock().advance(TimeDelta::milliseconds(random.random_range(0..1000)));
    }
    let mut found = 0;
    for viewer in [&admin, &ann, &bob] {
        let viewer = world.sign_in(viewer.id).await;
        let all = everything(world, &viewer).await;
        for _ in 0..QUESTIONS {
            let question = Question::make(world, &mut random, &all, &people, &contacts);
            found += question.check(world, &mut random, &viewer, &all, seed).await;
        }
    }
    println!("{found} found");
    assert!(found > 500, "{found}: the questions are too narrow");
}

/// A task with random fields, in a random status.
async fn make(
    world: &World,
    random: &mut StdRng,
    people: &[&Person],
    contacts: &[i64],
    made: &[i64],
    number: usize,
) -> i64 {
    let creator = *people.choose(random).unwrap();
    let mut some = |odds: f64| -> Vec<i64> {
        people.iter().filter(|_| random.random_bool(odds)).map(|who| who.id).collect()
    };
    let (co_executors, observers) = (some(0.3), some(0.3));
    let linked: Vec<i64> = contacts.iter().copied().filter(|_| random.random_bool(0.2)).collect();
    let day = |random: &mut StdRng| {
        let at = world.clock().now() + TimeDelta::hours(random.random_range(-48..48));
        random.random_bool(0.7).then(|| instant(at))
    };
    let words: Vec<&str> = (0..2).map(|_| *WORDS.choose(random).unwrap()).collect();
    let mut fields = json!({
        "title": words.join(" "), "description": random.random_bool(0.3).then(|| *WORDS.choose(random).unwrap()),
        "tags": WORDS[..3].iter().filter(|_| random.random_bool(0.3)).collect::<Vec<_>>(),
        "responsible_id": people.choose(random).unwrap().id, "co_executor_ids": co_executors,
        "observer_ids": observers, "deadline": day(random), "contact_ids": linked,
        "priority": (["low", "normal", "high"]).choose(random).unwrap(),
        "parent_id": made.choose(random).filter(|_| random.random_bool(0.3)),
    });
    if random.random_bool(0.2) {
        fields["external_source"] = "jira".into();
        fields["external_id"] = format!("{number}").into();
    }
    let mut answer = world.post(creator, TASKS, fields.clone()).await;
    if answer.status != 201 {
        // The parent is hidden from the creator, or done already.
        fields["parent_id"] = Value::Null;
        answer = world.post(creator, TASKS, fields).await.expect(201);
    }
    let task = answer.id();
    let review = json!({"needs_review": true});
    if random.random_bool(0.4) {
        let reviewed = world.patch(creator, &at(task), review).await;
        assert!([200, 422].contains(&reviewed.status), "{}", reviewed.text());
    }
    for verb in ["start", "defer", "complete"] {
        if random.random_bool(0.3) {
            world.act(creator, task, verb).await;
        }
    }
    for mark in ["favourite", "mute"] {
        if random.random_bool(0.3) {
            world.put(creator, &beneath(task, mark), Value::Null).await.expect(204);
        }
    }
    if random.random_bool(0.1) {
        let deleted = world.delete(creator, &at(task)).await;
        assert!([204, 403].contains(&deleted.status), "{}", deleted.text());
    }
    task
}

/// Every task that somebody may read, the trash included, as they see it.
async fn everything(world: &World, viewer: &Person) -> Vec<Value> {
    let mut all = Vec::new();
    for trashed in ["", "&trashed=only"] {
        let list = world.get(viewer, &format!("{TASKS}?limit=200{trashed}")).await.expect(200);
        assert!(list.body["next_cursor"].is_null());
        all.extend(list.items().to_vec());
    }
    all
}

type Test = Box<dyn Fn(&Value) -> bool>;

/// Parameters, and what they ask of a task.
struct Question {
    parameters: BTreeMap<&'static str, String>,
    tests: Vec<Test>,
    sort: &'static str,
}

fn moment(value: &Value) -> Option<DateTime<Utc>> {
    value.as_str().map(|text| text.parse().unwrap())
}

fn ids(value: &Value) -> Vec<i64> {
    let id = |item: &Value| item.as_i64().or_else(|| item["id"].as_i64()).unwrap();
    value.as_array().unwrap().iter().map(id).collect()
}

/// Whether somebody has a part, or one of these: the creator who accepts counts as the reviewer.
fn takes_part(task: &Value, who: i64, roles: &[&str]) -> bool {
    let reviewer = match (task["reviewer_id"].as_i64(), task["needs_review"].as_bool().unwrap()) {
        (None, true) => task["creator_id"].as_i64(),
        (named, _) => named,
    };
    let has = |role: &str| match role {
        "creator" => task["creator_id"] == who,
        "responsible" => task["responsible_id"] == who,
        "co_executor" => ids(&task["co_executor_ids"]).contains(&who),
        "observer" => ids(&task["observer_ids"]).contains(&who),
        _ => reviewer == Some(who),
    };
    let all = ["creator", "responsible", "co_executor", "observer", "reviewer"];
    let roles = if roles.is_empty() { &all[..] } else { roles };
    roles.iter().any(|role| has(role))
}

impl Question {
    fn make(world: &World, random: &mut StdRng, all: &[Value], people: &[&Person], contacts: &[i64]) -> Self {
        let mut question = Self { parameters: BTreeMap::new(), tests: Vec::new(), sort: "deadline" };
        let trash = random.random_bool(0.1);
        if trash {
            question.parameters.insert("trashed", "only".to_owned());
        }
        question.tests.push(Box::new(move |task| task["deleted_at"].is_string() == trash));
        for _ in 0..random.random_range(0..4) {
            question.narrow(world, random, all, people, contacts);
        }
        let sorts = ["deadline", "created_at", "updated_at", "completed_at", "priority", "title"];
        if random.random_bool(0.8) {
            question.sort = sorts.choose(random).unwrap();
            question.parameters.insert("sort", question.sort.to_owned());
        }
        question
    }

    fn narrow(
        &mut self,
        world: &World,
        random: &mut StdRng,
        all: &[Value],
        people: &[&Person],
        contacts: &[i64],
    ) {
        let flag = random.random_bool(0.5);
        let one = all.choose(random).cloned().unwrap_or_default();
        let (name, value, test): (&'static str, String, Test) = match random.random_range(0..19) {
            0 => {
                let wanted: Vec<&str> =
                    artel_tests::task::STATUSES.iter().copied().filter(|_| random.random_bool(0.5)).collect();
                let wanted = if wanted.is_empty() { vec!["pending"] } else { wanted };
                let value = wanted.join(",");
                ("status", value, Box::new(move |task| wanted.iter().any(|it| task["status"] == *it)))
            }
            1 => ("open", flag.to_string(), Box::new(move |task| (task["status"] != "completed") == flag)),
            2 => ("priority", "low,high".to_owned(), Box::new(|task| task["priority"] != "normal")),
            3 => {
                let who = people.choose(random).unwrap().id;
                if random.random_bool(0.5) {
                    self.parameters.insert("role", "responsible,reviewer".to_owned());
                    let roles = ["responsible", "reviewer"];
                    ("user_id", who.to_string(), Box::new(move |task| takes_part(task, who, &roles)))
                } else if self.parameters.contains_key("role") {
                    return;
                } else {
                    ("user_id", who.to_string(), Box::new(move |task| takes_part(task, who, &[])))
                }
            }
            4 => ("project_id", "none".to_owned(), Box::new(|task| task["project_id"].is_null())),
            5 => ("parent_id", "none".to_owned(), Box::new(|task| task["parent_id"].is_null())),
            6 => {
                let parent = one["id"].as_i64().unwrap_or(1);
                ("parent_id", parent.to_string(), Box::new(move |task| task["parent_id"] == parent))
            }
            7 => {
                let wanted = |task: &Value| {
                    let tags = task["tags"].as_array().unwrap();
                    tags.contains(&json!("alpha")) || tags.contains(&json!("beta"))
                };
                ("tag", "ALPHA,beta".to_owned(), Box::new(wanted))
            }
            8 => {
                let contact = *contacts.choose(random).unwrap();
                let test = move |task: &Value| ids(&task["contacts"]).contains(&contact);
                ("contact_id", contact.to_string(), Box::new(test))
            }
            9 => ("favourite", flag.to_string(), Box::new(move |task| task["favourite"] == flag)),
            10 => ("muted", flag.to_string(), Box::new(move |task| task["muted"] == flag)),
            11 => {
                let from = moment(&one["deadline"]).unwrap_or_else(|| world.clock().now());
                let test = move |task: &Value| moment(&task["deadline"]).is_some_and(|at| at >= from);
                if self.parameters.contains_key("deadline") {
                    return;
                }
                ("deadline_from", instant(from), Box::new(test))
            }
            12 => {
                let to = moment(&one["created_at"]).unwrap_or_else(|| world.clock().now());
                ("created_to", instant(to), Box::new(move |task| moment(&task["created_at"]).unwrap() < to))
            }
            13 => {
                let from = moment(&one["updated_at"]).unwrap_or_else(|| world.clock().now());
                (
                    "updated_from",
                    instant(from),
                    Box::new(move |task| moment(&task["updated_at"]).unwrap() >= from),
                )
            }
            14 => {
                let to = moment(&one["completed_at"]).unwrap_or_else(|| world.clock().now());
                let test = move |task: &Value| moment(&task["completed_at"]).is_some_and(|at| at < to);
                ("completed_to", instant(to), Box::new(test))
            }
            15 => ("external_source", "jira".to_owned(), Box::new(|task| task["external_source"] == "jira")),
            16 => {
                let now = world.clock().now();
                let test = move |task: &Value| {
                    let undone = ["pending", "in_progress"].iter().any(|it| task["status"] == *it);
                    (undone && moment(&task["deadline"]).is_some_and(|at| at <= now)) == flag
                };
                ("overdue", flag.to_string(), Box::new(test))
            }
            17 => {
                if self.parameters.contains_key("deadline_from") {
                    return;
                }
                ("deadline", "none".to_owned(), Box::new(|task| task["deadline"].is_null()))
            }
            _ => {
                let beginning = *["alph", "be", "gamma", "аль"].choose(random).unwrap();
                let test = move |task: &Value| {
                    let tags = task["tags"].as_array().unwrap().iter();
                    let texts = tags.chain([&task["title"], &task["description"]]);
                    let mut words = texts.filter_map(Value::as_str).flat_map(str::split_whitespace);
                    words.any(|word| word.starts_with(beginning))
                };
                ("q", beginning.to_owned(), Box::new(test))
            }
        };
        if self.parameters.insert(name, value).is_none() {
            self.tests.push(test);
        } else {
            // Asked twice: the last one counts, which is not known here any more.
            self.parameters.clear();
            self.tests.truncate(1);
            if self.tests[0](&json!({"deleted_at": "x"})) {
                self.parameters.insert("trashed", "only".to_owned());
            }
        }
    }

    /// Walks the list and compares; answers how many tasks it found.
    async fn check(
        &self,
        world: &World,
        random: &mut StdRng,
        viewer: &Person,
        all: &[Value],
        seed: u64,
    ) -> usize {
        let descending = random.random_bool(0.5);
        let mut expected: Vec<&Value> =
            all.iter().filter(|task| self.tests.iter().all(|test| test(task))).collect();
        expected.sort_by_key(|task| key(task, self.sort));
        if descending && self.parameters.contains_key("sort") {
            let (mut set, unset): (Vec<&Value>, Vec<&Value>) =
                expected.into_iter().partition(|task| !key(task, self.sort).0);
            set.reverse();
            set.extend(unset.into_iter().rev());
            expected = set;
        }
        let expected: Vec<i64> = expected.iter().map(|task| task["id"].as_i64().unwrap()).collect();
        let mut parameters: Vec<(&str, String)> =
            self.parameters.iter().map(|(name, value)| (*name, value.clone())).collect();
        for (name, value) in &mut parameters {
            if *name == "sort" && descending {
                *value = format!("-{value}");
            }
        }
        let limit = random.random_range(1..=20).to_string();
        parameters.extend([("limit", limit), ("include_total", "true".to_owned())]);
        let mut shown = Vec::new();
        loop {
            let pairs: Vec<(&str, &str)> =
                parameters.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let page = world.get(viewer, &format!("{TASKS}?{}", query(&pairs))).await.expect(200);
            assert_eq!(page.body["total"], expected.len(), "seed {seed}: {}", page.to);
            for item in page.items() {
                assert!(all.contains(item), "seed {seed}: {}: {item}", page.to);
            }
            shown.extend(page.ids());
            let Some(cursor) = page.body["next_cursor"].as_str() else { break };
            parameters.retain(|(name, _)| *name != "cursor");
            parameters.push(("cursor", cursor.to_owned()));
        }
        assert_eq!(shown, expected, "seed {seed}, viewer {}, {:?}, {descending}", viewer.id, self.parameters);
        shown.len()
    }
}

/// What is unset comes last; ids break ties.
fn key(task: &Value, sort: &str) -> (bool, String, i64) {
    let text = match sort {
        "priority" => {
            ["low", "normal", "high"].iter().position(|it| task["priority"] == *it).map(|at| at.to_string())
        }
        "title" => task["title"].as_str().map(str::to_owned),
        instant_of => moment(&task[instant_of]).map(instant),
    };
    (text.is_none(), text.unwrap_or_default(), task["id"].as_i64().unwrap())
}

async fn my_tasks_are_those_in_which_i_have_a_part(world: &World) {
    let (ann, bob, admin) = (world.employee().await, world.employee().await, world.admin().await);
    let as_creator = world.task(&ann, json!({"responsible_id": bob.id, "needs_review": true})).await;
    let as_responsible = world.task(&bob, json!({"responsible_id": ann.id})).await;
    let as_co_executor =
        world.task(&bob, json!({"co_executor_ids": [ann.id], "observer_ids": [ann.id]})).await;
    let as_observer = world.task(&bob, json!({"observer_ids": [ann.id]})).await;
    let as_reviewer = world.task(&bob, json!({"reviewer_id": ann.id})).await;
    world.task(&bob, json!({})).await;
    let mine = async |who: &Person, role: &str, open: bool| {
        let mut parameters = vec![("user_id", "me"), ("sort", "deadline")];
        if !role.is_empty() {
            parameters.push(("role", role));
        }
        if open {
            parameters.push(("open", "true"));
        }
        let list =
            world.get(who, &format!("{TASKS}?include_total=true&{}", query(&parameters))).await.expect(200);
        assert_eq!(list.body["total"], list.items().len());
        let mut ids = list.ids();
        ids.sort_unstable();
        ids
    };
    for open in [false, true] {
        let all = [as_creator, as_responsible, as_co_executor, as_observer, as_reviewer];
        assert_eq!(mine(&ann, "", open).await, all);
        assert_eq!(mine(&ann, "creator", open).await, [as_creator]);
        assert_eq!(mine(&ann, "responsible", open).await, [as_responsible]);
        assert_eq!(mine(&ann, "co_executor", open).await, [as_co_executor]);
        assert_eq!(mine(&ann, "observer", open).await, [as_co_executor, as_observer]);
        assert_eq!(mine(&ann, "reviewer", open).await, [as_creator, as_reviewer]);
        assert_eq!(
            mine(&ann, "observer,reviewer", open).await,
            [as_creator, as_co_executor, as_observer, as_reviewer]
        );
        assert!(mine(&admin, "", open).await.is_empty());
    }
    world.act(&ann, as_responsible, "complete").await.expect(200);
    assert!(mine(&ann, "responsible", true).await.is_empty());
    assert_eq!(mine(&ann, "responsible", false).await, [as_responsible]);
    // What waits for a review is open.
    world.act(&bob, as_creator, "complete").await.expect(200);
    assert_eq!(mine(&ann, "reviewer", true).await, [as_creator, as_reviewer]);
    let of_bob = [("user_id", &*bob.id.to_string()), ("role", "creator"), ("open", "true")];
    let mut theirs = world.tasks(&ann, &of_bob).await;
    theirs.sort_unstable();
    assert_eq!(theirs, [as_co_executor, as_observer, as_reviewer], "no more than one may read");
}

async fn what_is_overdue_passed_its_deadline_while_somebody_works_on_it(world: &World) {
    let ann = world.employee().await;
    let soon = instant(world.clock().now() + TimeDelta::minutes(1));
    let mut tasks = Vec::new();
    for verb in ["", "start", "defer", "complete"] {
        let task = world.task(&ann, json!({"deadline": soon})).await;
        if !verb.is_empty() {
            world.act(&ann, task, verb).await.expect(200);
        }
        tasks.push(task);
    }
    let endless = world.task(&ann, json!({})).await;
    assert!(world.tasks(&ann, &[("overdue", "true")]).await.is_empty());
    world.clock().advance(TimeDelta::minutes(2));
    assert_eq!(world.tasks(&ann, &[("overdue", "true")]).await, tasks[..2]);
    let mine = [("overdue", "true"), ("user_id", "me"), ("sort", "deadline")];
    assert_eq!(world.tasks(&ann, &mine).await, tasks[..2]);
    let others = world.tasks(&ann, &[("overdue", "false")]).await;
    assert_eq!(others, [tasks[2], tasks[3], endless]);
}

async fn none_stands_for_what_is_not_set(world: &World) {
    let ann = world.employee().await;
    let endless = world.task(&ann, json!({})).await;
    let early = world.task(&ann, json!({"deadline": "2030-01-01T00:00:00Z"})).await;
    let late = world.task(&ann, json!({"deadline": "2031-01-01T00:00:00Z", "parent_id": early})).await;
    let half = "2030-07-01T00:00:00Z";
    assert_eq!(world.tasks(&ann, &[("deadline", "none")]).await, [endless]);
    assert_eq!(world.tasks(&ann, &[("deadline", "none"), ("deadline_to", half)]).await, [early, endless]);
    assert_eq!(world.tasks(&ann, &[("deadline_from", half)]).await, [late]);
    assert_eq!(
        world.tasks(&ann, &[("deadline_from", "2030-01-01T00:00:00Z"), ("deadline_to", half)]).await,
        [early]
    );
    assert_eq!(world.tasks(&ann, &[("parent_id", "none")]).await, [early, endless]);
    assert_eq!(world.tasks(&ann, &[("project_id", "none")]).await, [early, late, endless]);
}

async fn a_parent_that_one_may_not_know_of_is_none(world: &World) {
    let (ann, bob) = (world.employee().await, world.employee().await);
    let top = world.task(&ann, json!({})).await;
    let child = world.task(&ann, json!({"parent_id": top, "observer_ids": [bob.id]})).await;
    let deep = world.task(&ann, json!({"parent_id": child, "observer_ids": [bob.id]})).await;
    assert_eq!(world.tasks(&ann, &[("parent_id", "none")]).await, [top]);
    // What shows no parent is listed among what has none.
    assert!(world.seen(&bob, child).await["parent_id"].is_null());
    assert_eq!(world.tasks(&bob, &[("parent_id", "none")]).await, [child]);
    assert_eq!(world.tasks(&bob, &[("parent_id", &child.to_string())]).await, [deep]);
    assert!(world.tasks(&bob, &[("parent_id", &top.to_string())]).await.is_empty());
}

async fn what_is_no_filter_is_refused_by_name(world: &World) {
    let ann = world.employee().await;
    for (name, value) in [
        ("status", "done"),
        ("status", ""),
        ("open", "maybe"),
        ("overdue", "1"),
        ("priority", "urgent"),
        ("user_id", "you"),
        ("user_id", "none"),
        ("user_id", "0"),
        ("role", "boss"),
        ("project_id", "me"),
        ("parent_id", "x"),
        ("tag", ""),
        ("contact_id", "none"),
        ("company_id", "-1"),
        ("favourite", "x"),
        ("deadline_from", "tomorrow"),
        ("deadline", "some"),
        ("created_to", "2030-01-01"),
        ("external_source", "Hub Spot"),
        ("trashed", "all"),
        ("sort", "status"),
        ("sort", "--deadline"),
        ("expand", "creator"),
        ("q", ""),
        ("assignee", "me"),
        ("limit", "201"),
    ] {
        let refused = world.get(&ann, &format!("{TASKS}?{}", query(&[(name, value)]))).await;
        assert_eq!(refused.problem(400, "invalid_parameter").parameters()[0].0, name, "{value}");
    }
    let twice = world.get(&ann, &format!("{TASKS}?status=pending&status=completed")).await;
    twice.problem(400, "invalid_parameter");
}

async fn words_are_found_by_their_beginnings(world: &World) {
    let ann = world.employee().await;
    let fields = json!({"title": "Печать ёлок O'Neil", "description": "Zoë says **hello**: zoe@yolki.example, 8 (912) 000-77-01",
            "tags": ["Émigré"]});
    let task = world.task(&ann, fields).await;
    world.task(&ann, json!({"title": "Other"})).await;
    for (q, found) in [
        ("печ", true),
        ("ЕЛОК", true),
        ("печ елок", true),
        ("ёлок zoe", true),
        ("hello", true),
        ("emigre", true),
        ("zoe@yolki.example", true),
        ("8 (912) 000-77-01", true),
        ("912-000", true),
        ("zoe@other.example", false),
        ("ечать", false),
        ("печ other", false),
        ("' or 1=1 --", false),
    ] {
        assert_eq!(world.tasks(&ann, &[("q", q)]).await.contains(&task), found, "{q}");
    }
    world
        .patch(&ann, &at(task), json!({"title": "Renamed", "tags": [], "description": null}))
        .await
        .expect(200);
    for (q, found) in [("печ", false), ("emigre", false), ("zoe", false), ("renamed", true)] {
        assert_eq!(world.tasks(&ann, &[("q", q)]).await.contains(&task), found, "{q}");
    }
}

async fn a_cursor_of_one_list_works_in_no_other(world: &World) {
    let ann = world.employee().await;
    let top = world.task(&ann, json!({})).await;
    for _ in 0..3 {
        world.task(&ann, json!({"parent_id": top})).await;
    }
    let first = world.get(&ann, &format!("{TASKS}?limit=1&user_id=me&open=true")).await.expect(200);
    let cursor = first.body["next_cursor"].as_str().unwrap();
    // How much is asked for, what is embedded, and the order that the list has anyway, make no other list.
    for same in ["limit=2", "limit=1&sort=deadline", "limit=1&expand=people&include_total=true"] {
        let page = world.get(&ann, &format!("{TASKS}?user_id=me&open=true&cursor={cursor}&{same}")).await;
        assert_eq!(page.expect(200).items().len(), if same == "limit=2" { 2 } else { 1 }, "{same}");
    }
    for other in [
        format!("{TASKS}?limit=1&user_id=me&cursor={cursor}"),
        format!("{TASKS}?limit=1&user_id=me&open=true&sort=-deadline&cursor={cursor}"),
        format!("{TASKS}?limit=1&user_id={}&open=true&cursor={cursor}", ann.id),
        beneath(top, &format!("subtasks?limit=1&user_id=me&open=true&cursor={cursor}")),
        beneath(top, &format!("history?limit=1&cursor={cursor}")),
    ] {
        world.get(&ann, &other).await.problem(400, "invalid_cursor");
    }
}

/// Rows of a walk; their keys are drawn from fewer values, so that many are equal.
const ROWS: usize = 30;

async fn every_walk_shows_each_task_once_while_tasks_come_in(world: &World) {
    let seed: u64 = rand::random();
    println!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let (ann, bob) = (world.employee().await, world.employee().await);
    let day = |random: &mut StdRng| {
        (random.random_range(0..4) > 0).then(|| format!("2030-01-0{}T00:00:00Z", random.random_range(1..4)))
    };
    let fields = |random: &mut StdRng| {
        json!({"title": WORDS.choose(random).unwrap(), "deadline": day(random), "observer_ids": [bob.id],
            "priority": (["low", "high"]).choose(random).unwrap()})
    };
    for _ in 0..ROWS {
        let task = world.task(&ann, fields(&mut random)).await;
        if random.random_bool(0.3) {
            world.act(&ann, task, "complete").await.expect(200);
        }
    }
    for filter in ["", "&user_id=me&open=true", "&user_id=me&open=true&role=observer", "&project_id=none"] {
        for sort in
            ["deadline", "-deadline", "created_at", "-completed_at", "priority", "-title", "-updated_at"]
        {
            let all =
                world.get(&bob, &format!("{TASKS}?limit=200&sort={sort}{filter}")).await.expect(200).ids();
            let limit = random.random_range(1..=13);
            let first = format!("{TASKS}?sort={sort}&limit={limit}{filter}");
            let (mut path, mut shown) = (first.clone(), Vec::new());
            loop {
                let page = world.get(&bob, &path).await.expect(200);
                shown.extend(page.ids());
                let Some(cursor) = page.body["next_cursor"].as_str() else { break };
                assert_eq!(page.items().len(), limit, "{path}");
                path = format!("{first}&cursor={cursor}");
                if shown.len() < 60 && random.random_bool(0.3) {
                    world.task(&ann, fields(&mut random)).await;
                }
            }
            let mut distinct = shown.clone();
            distinct.sort_unstable();
            distinct.dedup();
            assert_eq!(distinct.len(), shown.len(), "seed {seed}, {first}: shown twice");
            shown.retain(|id| all.contains(id));
            assert_eq!(shown, all, "seed {seed}, {first}: lost, or out of order");
        }
    }
}

async fn pages_of_my_open_tasks_cost_the_same_whoever_has_how_many(world: &World) {
    let (ann, bob) = (world.employee().await, world.employee().await);
    let task = world.task(&ann, json!({"deadline": "2030-01-01T00:00:00Z"})).await;
    world.task(&bob, json!({})).await;
    // Ann's page does not change when others get tasks, and theirs do not show hers.
    let page = format!("{TASKS}?user_id=me&open=true&sort=deadline&include_total=true");
    let before = world.get(&ann, &page).await.expect(200).body;
    for _ in 0..20 {
        world.task(&bob, json!({"deadline": "2029-01-01T00:00:00Z"})).await;
    }
    assert_eq!(world.get(&ann, &page).await.expect(200).body, before);
    assert_eq!(before["items"][0]["id"], task);
    assert_eq!(world.get(&bob, &page).await.expect(200).body["total"], 21);
}
