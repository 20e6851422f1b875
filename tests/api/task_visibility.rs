//! Who sees and does what with tasks in generated worlds: the rule of the domain, fed with what stands in the tables,
//! against every door of the server.

use std::collections::{BTreeMap, BTreeSet};

use artel_domain::{
    actor::{Actor, Role, SessionId, UserId, Via},
    error::{Error as Refusal, Forbidden},
    level::Levels,
    project::{Privacy, ProjectId, ProjectRole},
    record::Stamp,
    task::{
        self, Action, Obstacles, People, Place, State, Status, Task, TaskFields, TaskId, Transition, VERBS,
    },
    time_zone::TimeZone,
};
use artel_tests::{
    Answer, Person, Value, World,
    crm::query,
    json, on_both,
    project::{at as project_at, member},
    task::{TASKS, at, beneath},
};
use chrono::{DateTime, Utc};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};
use sea_orm::QueryResult;

on_both![every_door_keeps_the_rule];

const ROUNDS: usize = 2;
const TASKS_MADE: usize = 36;

async fn every_door_keeps_the_rule(world: &World) {
    let seed: u64 = rand::random();
    println!("seed {seed}");
    let mut model = Model::generate(world, StdRng::seed_from_u64(seed)).await;
    for _ in 0..ROUNDS {
        model.shuffle(world).await;
        model.check(world).await;
    }
    println!("{} cells; answers {:?}", model.cells, model.answers);
    assert!(model.cells >= 15_000, "{} cells", model.cells);
}

/// What the tables say, read without a viewer.
#[derive(Default)]
struct Facts {
    roles: BTreeMap<i64, Role>,
    departments: BTreeMap<i64, i64>,
    /// Parent and head.
    tree: BTreeMap<i64, (Option<i64>, Option<i64>)>,
    projects: BTreeMap<i64, ProjectFacts>,
    members: BTreeMap<(i64, i64), ProjectRole>,
    tasks: BTreeMap<i64, TaskFacts>,
    parts: BTreeMap<i64, Vec<(i64, String)>>,
    results: BTreeMap<i64, Vec<i64>>,
}

struct ProjectFacts {
    privacy: Privacy,
    archived: bool,
    trashed: bool,
    create_tasks: ProjectRole,
    edit_tasks: ProjectRole,
}

struct TaskFacts {
    status: Status,
    creator: i64,
    responsible: i64,
    reviewer: Option<i64>,
    project: Option<i64>,
    parent: Option<i64>,
    needs_review: bool,
    needs_result: bool,
    may_move: bool,
    reopened_at: i64,
    version: i64,
    trashed: bool,
}

fn of<T: sea_orm::TryGetable>(row: &QueryResult, name: &str) -> T {
    row.try_get("", name).unwrap()
}

fn word<T: std::str::FromStr>(row: &QueryResult, name: &str) -> T
where
    T::Err: std::fmt::Debug,
{
    of::<String>(row, name).parse().unwrap()
}

impl Facts {
    async fn read(world: &World) -> Self {
        let mut facts = Self::default();
        for row in world.query("select id, role, department_id from \"user\"").await {
            facts.roles.insert(of(&row, "id"), word(&row, "role"));
            if let Some(department) = of::<Option<i64>>(&row, "department_id") {
                facts.departments.insert(of(&row, "id"), department);
            }
        }
        for row in world.query("select id, parent_id, head_id from department").await {
            facts.tree.insert(of(&row, "id"), (of(&row, "parent_id"), of(&row, "head_id")));
        }
        for row in world.query("select * from project").await {
            let project = ProjectFacts {
                privacy: word(&row, "privacy"),
                archived: of::<Option<i64>>(&row, "archived_at").is_some(),
                trashed: of::<Option<i64>>(&row, "deleted_at").is_some(),
                create_tasks: word(&row, "may_create_tasks"),
                edit_tasks: word(&row, "may_edit_tasks"),
            };
            facts.projects.insert(of(&row, "id"), project);
        }
        for row in world.query("select project_id, user_id, role from project_member").await {
            facts.members.insert((of(&row, "project_id"), of(&row, "user_id")), word(&row, "role"));
        }
        for row in world.query("select * from task").await {
            facts.tasks.insert(of(&row, "id"), task_facts(&row));
        }
        for row in world.query("select task_id, user_id, role from task_member").await {
            facts.parts.entry(of(&row, "task_id")).or_default().push((of(&row, "user_id"), of(&row, "role")));
        }
        for row in world.query("select task_id, created_at from task_result").await {
            facts.results.entry(of(&row, "task_id")).or_default().push(of(&row, "created_at"));
        }
        facts
    }

    /// Whether somebody leads the department of another, or one above it.
    fn is_below(&self, viewer: i64, other: i64) -> bool {
        let mut department = self.departments.get(&other).copied();
        while let Some(at) = department {
            let (parent, head) = self.tree[&at];
            if head == Some(viewer) {
                return viewer != other;
            }
            department = parent;
        }
        false
    }

    fn actor(&self, user: i64) -> Actor {
        let role = self.roles[&user];
        let levels = Levels::default_of(role);
        Actor { user: UserId(user), role, via: Via::Session(SessionId(1)), levels }
    }

    fn place(&self, viewer: i64, task: &TaskFacts) -> Option<Place> {
        let id = task.project?;
        let project = &self.projects[&id];
        let of_project = |(at, _): &(&(i64, i64), &ProjectRole)| at.0 == id;
        let mut leaders: Vec<(bool, i64)> = self
            .members
            .iter()
            .filter(of_project)
            .filter(|(_, role)| **role != ProjectRole::Member)
            .map(|((_, user), role)| (*role != ProjectRole::Owner, *user))
            .collect();
        leaders.sort_unstable();
        Some(Place {
            project: ProjectId(id),
            privacy: project.privacy,
            archived: project.archived,
            mine: self.members.get(&(id, viewer)).copied(),
            create_tasks: project.create_tasks,
            edit_tasks: project.edit_tasks,
            starts_on: None,
            ends_on: None,
            zone: TimeZone::UTC,
            creator_is_member: self.members.contains_key(&(id, task.creator)),
            leaders: leaders.into_iter().map(|(_, user)| UserId(user)).collect(),
        })
    }

    /// The task as the domain takes it, for a viewer: everybody below the viewer is below, with a part or not.
    fn task(&self, viewer: i64, id: i64) -> Task {
        let facts = &self.tasks[&id];
        let having = |wanted: &str| -> BTreeSet<UserId> {
            let parts = self.parts[&id].iter().filter(|(_, role)| role == wanted);
            parts.map(|(user, _)| UserId(*user)).collect()
        };
        let mut fields = TaskFields::of("Any".parse().unwrap());
        fields.needs_review = facts.needs_review;
        fields.needs_result = facts.needs_result;
        fields.deadline_policy.responsible_may_move = facts.may_move;
        fields.project_id = facts.project.map(ProjectId);
        fields.parent_id = facts.parent.map(TaskId);
        let stamp = Stamp { at: DateTime::<Utc>::UNIX_EPOCH, by: None };
        Task {
            id: TaskId(id),
            fields,
            people: People {
                creator: UserId(facts.creator),
                responsible: UserId(facts.responsible),
                co_executors: having("co_executor"),
                observers: having("observer"),
                reviewer: facts.reviewer.map(UserId),
            },
            state: State { status: facts.status, ..State::NEW },
            place: self.place(viewer, facts),
            below: self
                .roles
                .keys()
                .filter(|user| self.is_below(viewer, **user))
                .map(|user| UserId(*user))
                .collect(),
            version: facts.version,
            created_at: stamp.at,
            updated: stamp,
            trashed: facts.trashed.then_some(stamp),
        }
    }

    fn obstacles(&self, id: i64) -> Obstacles {
        let task = &self.tasks[&id];
        let parent = task.parent.map(|parent| &self.tasks[&parent]);
        let mut children = self.tasks.values().filter(|child| child.parent == Some(id) && !child.trashed);
        let given = self.results.get(&id).into_iter().flatten();
        Obstacles {
            open_subtasks: children.any(|child| child.status.is_open()),
            parent_completed: parent.is_some_and(|parent| parent.status == Status::Completed),
            parent_trashed: parent.is_some_and(|parent| parent.trashed),
            has_result: task.needs_result && given.into_iter().any(|at| *at >= task.reopened_at),
        }
    }

    /// Whether the task lies in a project that lies in the trash: then it lies there for everybody.
    fn is_buried(&self, id: i64) -> bool {
        self.tasks[&id].project.is_some_and(|project| self.projects[&project].trashed)
    }
}

fn task_facts(row: &QueryResult) -> TaskFacts {
    TaskFacts {
        status: word(row, "status"),
        creator: of(row, "creator_id"),
        responsible: of(row, "responsible_id"),
        reviewer: of(row, "reviewer_id"),
        project: of(row, "project_id"),
        parent: of(row, "parent_id"),
        needs_review: of(row, "needs_review"),
        needs_result: of(row, "needs_result"),
        may_move: of::<String>(row, "deadline_policy").contains("\"responsible_may_move\":true"),
        reopened_at: of::<Option<i64>>(row, "reopened_at").unwrap_or_default(),
        version: of(row, "version"),
        trashed: of::<Option<i64>>(row, "deleted_at").is_some(),
    }
}

struct Model {
    random: StdRng,
    people: Vec<Person>,
    departments: Vec<i64>,
    projects: Vec<i64>,
    tasks: Vec<i64>,
    facts: Facts,
    cells: usize,
    answers: BTreeMap<u16, usize>,
}

impl Model {
    async fn generate(world: &World, random: StdRng) -> Self {
        let mut people = Vec::new();
        for role in [Role::Admin, Role::Admin, Role::Guest, Role::Guest] {
            people.push(world.person(role).await);
        }
        for _ in 0..7 {
            people.push(world.employee().await);
        }
        let (departments, projects, tasks) = (Vec::new(), Vec::new(), Vec::new());
        let (facts, cells, answers) = (Facts::default(), 0, BTreeMap::new());
        let mut model = Self { random, people, departments, projects, tasks, facts, cells, answers };
        for _ in 0..4 {
            let parent = model.departments.choose(&mut model.random).copied();
            let head = model.staff();
            model.departments.push(world.department(&model.people[0].clone(), parent, Some(&head)).await);
        }
        for privacy in ["open", "closed", "secret", "open", "closed", "secret"] {
            model.add_project(world, privacy).await;
        }
        while model.tasks.len() < TASKS_MADE {
            model.add_task(world).await;
        }
        model
    }

    fn anybody(&mut self) -> Person {
        self.people.choose(&mut self.random).unwrap().clone()
    }

    fn staff(&mut self) -> Person {
        let staff: Vec<&Person> = self.people[..2].iter().chain(&self.people[4..]).collect();
        (*staff.choose(&mut self.random).unwrap()).clone()
    }

    async fn add_project(&mut self, world: &World, privacy: &str) {
        let owner = self.staff();
        let parts = ["member", "moderator", "owner"];
        let permissions = json!({"create_tasks": parts.choose(&mut self.random).unwrap(),
            "edit_tasks": parts.choose(&mut self.random).unwrap()});
        let id = world.project(&owner, privacy, json!({ "permissions": permissions })).await;
        for index in 0..self.people.len() {
            if self.random.random_bool(0.4) {
                let role = if self.random.random_bool(0.3) { "moderator" } else { "member" };
                let path = member(id, self.people[index].id);
                // Guests are members at the most, and the owner stays what they are.
                world.put(&owner, &path, json!({ "role": role })).await;
            }
        }
        self.projects.push(id);
    }

    async fn add_task(&mut self, world: &World) {
        let creator = self.anybody();
        let some = |random: &mut StdRng, people: &[Person], odds: f64| -> Vec<i64> {
            people.iter().filter(|_| random.random_bool(odds)).map(|who| who.id).collect()
        };
        let project =
            self.projects.choose(&mut self.random).filter(|_| self.random.random_bool(0.7)).copied();
        let inside: Vec<Person> = match project {
            Some(project) => {
                let sql = format!("select user_id from project_member where project_id = {project}");
                let members: Vec<i64> =
                    world.query(&sql).await.iter().map(|row| of(row, "user_id")).collect();
                self.people.iter().filter(|who| members.contains(&who.id)).cloned().collect()
            }
            None => [&self.people[..2], &self.people[4..]].concat(),
        };
        let random = &mut self.random;
        let title = format!("Secretword {}", self.tasks.len());
        let mut fields = json!({
            "title": title, "project_id": project, "responsible_id": inside.choose(random).unwrap().id,
            "co_executor_ids": some(random, &inside, 0.2), "observer_ids": some(random, &inside, 0.2),
            "needs_review": random.random_bool(0.4), "needs_result": random.random_bool(0.2),
            "deadline_policy": {"responsible_may_move": random.random_bool(0.5)},
        });
        if random.random_bool(0.3) {
            fields["reviewer_id"] = inside.choose(random).unwrap().id.into();
        }
        if random.random_bool(0.3) {
            fields["parent_id"] = self.tasks.choose(random).copied().into();
            fields["project_id"] = Value::Null;
        }
        let made = world.post(&creator, TASKS, fields).await;
        if made.status == 201 {
            self.tasks.push(made.id());
        }
    }

    /// People elsewhere, members who went, projects that were closed, tasks that moved on.
    async fn shuffle(&mut self, world: &World) {
        let admin = self.people[0].clone();
        for index in 0..self.people.len() {
            let person = self.people[index].clone();
            if ![2, 3].contains(&index) {
                let department = self.departments.choose(&mut self.random).copied();
                let path = format!("/api/v1/users/{}", person.id);
                world.patch(&admin, &path, json!({"department_id": department})).await.expect(200);
            }
        }
        for project in self.projects.clone() {
            let owner = world.query(&format!("select owner_id from project where id = {project}")).await;
            let owner: i64 = of(&owner[0], "owner_id");
            let owner = self.people.iter().find(|who| who.id == owner).unwrap().clone();
            for _ in 0..2 {
                let leaving = self.anybody();
                let path = format!("{}?reassign_to={}", member(project, leaving.id), owner.id);
                world.delete(&owner, &path).await;
            }
            if self.random.random_bool(0.15) {
                world.post(&owner, &format!("{}/archive", project_at(project)), Value::Null).await;
            } else {
                world.post(&owner, &format!("{}/reopen", project_at(project)), Value::Null).await;
            }
        }
        for task in self.tasks.clone() {
            for _ in 0..3 {
                let who = self.anybody();
                let verb = *["start", "complete", "complete", "return", "defer", "approve", "reopen"]
                    .choose(&mut self.random)
                    .unwrap();
                world.act(&who, task, verb).await;
            }
            if self.random.random_bool(0.1) {
                world.delete(&self.anybody(), &at(task)).await;
            }
            if self.random.random_bool(0.2) {
                world.post(&self.anybody(), &beneath(task, "results"), json!({"text": "Done"})).await;
            }
        }
        self.facts = Facts::read(world).await;
    }

    async fn check(&mut self, world: &World) {
        for person in self.people.clone() {
            self.check_lists(world, &person).await;
            for task in self.tasks.clone() {
                self.check_task(world, &person, task).await;
            }
        }
    }

    fn reads(&self, who: &Person, task: i64) -> bool {
        let readable = self.facts.task(who.id, task).standing(&self.facts.actor(who.id)).may(Action::Read);
        readable && !self.facts.is_buried(task)
    }

    async fn listed(&self, world: &World, who: &Person, parameters: &[(&str, &str)]) -> Vec<Value> {
        let mut all = vec![("limit", "200"), ("include_total", "true")];
        all.extend(parameters);
        let list = world.get(who, &format!("{TASKS}?{}", query(&all))).await.expect(200);
        assert_eq!(list.body["total"], list.items().len(), "{}", list.to);
        list.items().to_vec()
    }

    /// The list and all its filters show what one may read, and nothing else.
    async fn check_lists(&mut self, world: &World, who: &Person) {
        let ids = |items: &[Value]| -> BTreeSet<i64> {
            items.iter().map(|item| item["id"].as_i64().unwrap()).collect()
        };
        for trashed in [false, true] {
            let expected: BTreeSet<i64> = self
                .tasks
                .iter()
                .copied()
                .filter(|task| self.reads(who, *task) && self.facts.tasks[task].trashed == trashed)
                .collect();
            let parameters: &[(&str, &str)] = if trashed { &[("trashed", "only")] } else { &[] };
            let items = self.listed(world, who, parameters).await;
            assert_eq!(ids(&items), expected, "by {}", who.id);
            self.cells += self.tasks.len();
            for item in &items {
                self.check_item(who, item);
            }
            if !trashed {
                let found = self.listed(world, who, &[("q", "secretword")]).await;
                assert_eq!(ids(&found), expected, "by {}", who.id);
                self.check_filters(world, who, &expected).await;
            }
        }
    }

    async fn check_filters(&mut self, world: &World, who: &Person, readable: &BTreeSet<i64>) {
        let ids = |items: &[Value]| -> BTreeSet<i64> {
            items.iter().map(|item| item["id"].as_i64().unwrap()).collect()
        };
        for project in self.projects.clone() {
            let items = self.listed(world, who, &[("project_id", &project.to_string())]).await;
            let inside = |task: &i64| self.facts.tasks[task].project == Some(project);
            assert_eq!(
                ids(&items),
                readable.iter().copied().filter(inside).collect(),
                "{project} by {}",
                who.id
            );
        }
        for parent in self.tasks.clone() {
            let items = self.listed(world, who, &[("parent_id", &parent.to_string())]).await;
            let below = |task: &i64| self.facts.tasks[task].parent == Some(parent) && self.reads(who, parent);
            let expected: BTreeSet<i64> = readable.iter().copied().filter(below).collect();
            assert_eq!(ids(&items), expected, "below {parent} by {}", who.id);
            self.cells += 1;
        }
        for other in self.people.clone() {
            let user = other.id.to_string();
            let takes_part = |task: &i64| self.facts.parts[task].iter().any(|(user, _)| *user == other.id);
            let expected: BTreeSet<i64> = readable.iter().copied().filter(takes_part).collect();
            let items = self.listed(world, who, &[("user_id", &user)]).await;
            assert_eq!(ids(&items), expected, "of {user} by {}", who.id);
            let items = self.listed(world, who, &[("user_id", &user), ("open", "true")]).await;
            let open = |task: &i64| self.facts.tasks[task].status != Status::Completed;
            assert_eq!(
                ids(&items),
                expected.into_iter().filter(open).collect(),
                "open of {user} by {}",
                who.id
            );
            self.cells += 2;
        }
    }

    /// What an item says beside the task itself.
    fn check_item(&mut self, who: &Person, item: &Value) {
        let id = item["id"].as_i64().unwrap();
        let (task, actor) = (self.facts.task(who.id, id), self.facts.actor(who.id));
        let can: Vec<&str> =
            task.can(&actor, self.facts.obstacles(id)).into_iter().map(Action::as_str).collect();
        assert_eq!(item["can"], json!(can), "task {id} by {}: {task:?}", who.id);
        let parent = self.facts.tasks[&id].parent.filter(|parent| self.reads(who, *parent));
        assert_eq!(item["parent_id"], json!(parent), "task {id} by {}", who.id);
        let children = |open: bool| {
            let of_task =
                self.facts.tasks.iter().filter(|(_, child)| child.parent == Some(id) && !child.trashed);
            let of_task = of_task.filter(|(_, child)| !open || child.status.is_open());
            of_task.filter(|(child, _)| self.reads(who, **child)).count()
        };
        assert_eq!(
            (&item["subtask_count"], &item["open_subtask_count"]),
            (&json!(children(false)), &json!(children(true)))
        );
        self.cells += Action::ALL.len() + 2;
    }

    async fn check_task(&mut self, world: &World, who: &Person, id: i64) {
        let reads = self.reads(who, id) && !self.facts.tasks[&id].trashed;
        let read = world.get(who, &at(id)).await;
        self.is(who, id, &read, if reads { 200 } else { 404 });
        if reads {
            self.check_item(who, &read.body);
        }
        self.check_transitions(world, who, id, reads).await;
        for what in ["history", "comments", "subtasks", "results"] {
            if self.random.random_bool(0.15) {
                let answer = world.get(who, &beneath(id, what)).await;
                self.is(who, id, &answer, if reads { 200 } else { 404 });
                if answer.status == 200 && what == "history" {
                    self.check_history(who, &answer);
                }
            }
        }
        self.call_some(world, who, id, reads).await;
    }

    /// No id of a task or a project that one may not know.
    fn check_history(&self, who: &Person, history: &Answer) {
        for change in history.items().iter().flat_map(|entry| entry["changes"].as_array().unwrap()) {
            for value in [&change["old"], &change["new"]] {
                if change["field"] == "parent_id"
                    && let Some(parent) = value.as_i64()
                {
                    assert!(self.reads(who, parent), "{}: {change}", history.to);
                }
            }
        }
    }

    async fn check_transitions(&mut self, world: &World, who: &Person, id: i64, reads: bool) {
        let answer = world.get(who, &beneath(id, "transitions")).await;
        self.is(who, id, &answer, if reads { 200 } else { 404 });
        if !reads {
            return;
        }
        let (task, actor) = (self.facts.task(who.id, id), self.facts.actor(who.id));
        let expected = task.transitions(&actor, self.facts.obstacles(id));
        for (item, Transition { action, outcome }) in answer.items().iter().zip(expected) {
            let (to, code) = match &outcome {
                Ok(to) => (json!(to.as_str()), Value::Null),
                Err(refusal) => (Value::Null, json!(code(refusal))),
            };
            assert_eq!(
                (&item["verb"], &item["allowed"], &item["to"], &item["code"]),
                (&json!(action.as_str()), &json!(outcome.is_ok()), &to, &code),
                "task {id} by {}",
                who.id
            );
            self.cells += 1;
        }
    }

    /// Some operations really called: what succeeds changes the world, and is predicted by the same rule.
    async fn call_some(&mut self, world: &World, who: &Person, id: i64, reads: bool) {
        let verb = *VERBS.choose(&mut self.random).unwrap();
        let predicted = self.predict_verb(who, id, verb, reads);
        let answer = if verb == Action::Delegate {
            let to = self.staff();
            let answer = world.delegate(who, id, &to).await;
            // Whom one may hand it to is another rule.
            if answer.status == 422 {
                assert_eq!(predicted.0, 200, "{}", answer.text());
                return;
            }
            answer
        } else {
            world.act(who, id, verb.as_str()).await
        };
        self.is_as_predicted(world, who, id, &answer, predicted).await;
        let action = match self.random.random_range(0..6) {
            0 => Action::Edit,
            1 => Action::Comment,
            2 => Action::AddResult,
            3 => Action::Describe,
            4 => Action::Delete,
            _ => Action::Restore,
        };
        // Reading was found out before the verb; the verb may have changed it, for everybody's parts may have moved.
        let reads = self.reads(who, id) && !self.facts.tasks[&id].trashed;
        let predicted = self.predict(who, id, action, reads);
        let text = format!("{}", self.random.random::<u32>());
        let answer = match action {
            Action::Edit => world.patch(who, &at(id), json!({"tags": [text]})).await,
            Action::Describe => world.patch(who, &at(id), json!({ "description": text })).await,
            Action::Comment => world.post(who, &beneath(id, "comments"), json!({ "text": text })).await,
            Action::AddResult => world.post(who, &beneath(id, "results"), json!({ "text": text })).await,
            Action::Delete => world.delete(who, &at(id)).await,
            _ => world.act(who, id, "restore").await,
        };
        self.is_as_predicted(world, who, id, &answer, predicted).await;
    }

    fn predict_verb(&self, who: &Person, id: i64, verb: Action, reads: bool) -> (u16, &'static str) {
        if !reads {
            return (404, "not_found");
        }
        let (task, actor) = (self.facts.task(who.id, id), self.facts.actor(who.id));
        let transitions = task.transitions(&actor, self.facts.obstacles(id));
        match transitions.into_iter().find(|transition| transition.action == verb).unwrap().outcome {
            Ok(to) => (200, to.as_str()),
            Err(refusal) => problem(&refusal),
        }
    }

    fn predict(&self, who: &Person, id: i64, action: Action, reads: bool) -> (u16, &'static str) {
        let (task, actor) = (self.facts.task(who.id, id), self.facts.actor(who.id));
        let standing = task.standing(&actor);
        let is_restore = action == Action::Restore;
        if !(reads || (is_restore && self.reads(who, id))) {
            return (404, "not_found");
        }
        let leads = standing.has(task::Relation::Moderator) || standing.has(task::Relation::Admin);
        let throws = [Action::Delete, Action::Restore].contains(&action);
        if !standing.may(action) || (throws && task.state.status == Status::Completed && !leads) {
            return (403, "forbidden");
        }
        if task.place.as_ref().is_some_and(|place| place.archived) {
            return (409, "archived");
        }
        let obstacles = self.facts.obstacles(id);
        if is_restore && task.trashed.is_some() && obstacles.parent_trashed {
            return (409, "trashed");
        }
        if is_restore && task.trashed.is_some() && obstacles.parent_completed && task.state.status.is_open() {
            return (409, "parent_completed");
        }
        match action {
            Action::Comment | Action::AddResult => (201, ""),
            Action::Delete => (204, ""),
            _ => (200, ""),
        }
    }

    fn is(&mut self, who: &Person, id: i64, answer: &Answer, status: u16) {
        *self.answers.entry(answer.status).or_default() += 1;
        self.cells += 1;
        assert_eq!(
            answer.status,
            status,
            "{} by {}: {}\n{:?}",
            answer.to,
            who.id,
            answer.text(),
            self.facts.task(who.id, id)
        );
    }

    async fn is_as_predicted(
        &mut self,
        world: &World,
        who: &Person,
        id: i64,
        answer: &Answer,
        (status, word): (u16, &str),
    ) {
        self.is(who, id, answer, status);
        if status >= 400 {
            assert_eq!(answer.body["code"], word, "{} by {}: {}", answer.to, who.id, answer.text());
            return;
        }
        if !word.is_empty() {
            assert_eq!(answer.body["status"], word, "{} by {}", answer.to, who.id);
        }
        self.facts = Facts::read(world).await;
    }
}

fn code(refusal: &Refusal) -> &'static str {
    problem(refusal).1
}

fn problem(refusal: &Refusal) -> (u16, &'static str) {
    match refusal {
        Refusal::NotFound => (404, "not_found"),
        Refusal::Forbidden(rule) => (403, rule.as_str()),
        Refusal::Conflict(state) => (409, state.as_str()),
        Refusal::Transition(_) => (409, "invalid_transition"),
        other => panic!("{other:?} is no refusal of a transition; {:?}", Forbidden::NotAllowed),
    }
}
