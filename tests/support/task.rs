//! Tasks, made and moved on as a client does it.

use serde_json::{Value, json};

use crate::{
    Answer, Person, World,
    crm::{merge, query},
};

/// Where tasks live.
pub const TASKS: &str = "/api/v1/tasks";
/// Where comments live, one by one.
pub const COMMENTS: &str = "/api/v1/comments";
/// Every status.
pub const STATUSES: [&str; 5] = ["pending", "in_progress", "deferred", "in_review", "completed"];
/// Every operation that changes the status.
pub const VERBS: [&str; 9] =
    ["start", "pause", "defer", "complete", "approve", "return", "withdraw", "reopen", "delegate"];

/// The path of one task.
pub fn at(task: i64) -> String {
    format!("{TASKS}/{task}")
}

/// The path of something beneath a task.
pub fn beneath(task: i64, what: &str) -> String {
    format!("{TASKS}/{task}/{what}")
}

/// The status to which an operation leads from another, said again: nothing where it leads nowhere.
pub fn leads(verb: &str, from: &str, goes_to_review: bool) -> Option<&'static str> {
    match (verb, from) {
        ("start", "pending" | "deferred") | ("withdraw", "in_review") => Some("in_progress"),
        ("pause", "in_progress") | ("return", "in_review") | ("reopen", "completed" | "deferred") => {
            Some("pending")
        }
        ("delegate", "pending" | "in_progress" | "deferred" | "in_review") => Some("pending"),
        ("defer", "pending" | "in_progress") => Some("deferred"),
        ("complete", "pending" | "in_progress" | "deferred") => {
            Some(if goes_to_review { "in_review" } else { "completed" })
        }
        ("approve", "in_review") => Some("completed"),
        _ => None,
    }
}

impl World {
    /// Creates a task with these fields and answers its id.
    pub async fn task(&self, who: &Person, fields: Value) -> i64 {
        self.new_task(who, fields).await.expect(201).id()
    }

    /// Tries to create a task with these fields and a title.
    pub async fn new_task(&self, who: &Person, fields: Value) -> Answer {
        let mut body = json!({"title": format!("Task {}", self.next_number())});
        merge(&mut body, &fields);
        self.post(who, TASKS, body).await
    }

    /// A task as somebody sees it.
    pub async fn seen(&self, who: &Person, task: i64) -> Value {
        self.get(who, &at(task)).await.expect(200).body
    }

    /// Calls an operation on a task without a body, or with the least that it takes: a reason.
    pub async fn act(&self, who: &Person, task: i64, verb: &str) -> Answer {
        let body = if verb == "return" { json!({"reason": "not yet"}) } else { Value::Null };
        self.post(who, &beneath(task, verb), body).await
    }

    /// Makes somebody else responsible.
    pub async fn delegate(&self, who: &Person, task: i64, to: &Person) -> Answer {
        self.post(who, &beneath(task, "delegate"), json!({"to": to.id})).await
    }

    /// What happened to a task as somebody may know it, the oldest first.
    pub async fn history(&self, who: &Person, task: i64) -> Vec<Value> {
        let list = self.get(who, &beneath(task, "history?sort=at&limit=200")).await.expect(200);
        assert!(list.body["next_cursor"].is_null(), "more history than a page");
        list.items().to_vec()
    }

    /// The words for what happened to a task, the oldest first.
    pub async fn happened(&self, who: &Person, task: i64) -> Vec<String> {
        let words = self.history(who, task).await;
        words.iter().map(|entry| entry["verb"].as_str().unwrap().to_owned()).collect()
    }

    /// The ids that a list of tasks answers, its parameters encoded as a client encodes them.
    pub async fn tasks(&self, who: &Person, parameters: &[(&str, &str)]) -> Vec<i64> {
        self.get(who, &format!("{TASKS}?{}", query(parameters))).await.expect(200).ids()
    }

    /// Takes access away from somebody.
    pub async fn deactivate(&self, admin: &Person, who: &Person) {
        self.post(admin, &format!("/api/v1/users/{}/deactivate", who.id), json!({})).await.expect(200);
    }

    /// Puts somebody into a department that another leads: the other manages them from now on.
    pub async fn put_below(&self, admin: &Person, who: &Person, head: &Person) {
        let department = self.department(admin, None, Some(head)).await;
        let body = json!({"department_id": department});
        self.patch(admin, &format!("/api/v1/users/{}", who.id), body).await.expect(200);
    }
}

/// What an answer says that one can do, as a sorted list.
pub fn can(seen: &Value) -> Vec<&str> {
    let mut can: Vec<&str> =
        seen["can"].as_array().expect("it says").iter().map(|action| action.as_str().unwrap()).collect();
    can.sort_unstable();
    can
}
