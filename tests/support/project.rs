//! Projects and their members, made as a client makes them.

use serde_json::{Value, json};

use crate::{Person, World, crm::merge};

/// Where projects live.
pub const PROJECTS: &str = "/api/v1/projects";

/// The path of one project.
pub fn at(project: i64) -> String {
    format!("{PROJECTS}/{project}")
}

/// The path of one member of a project.
pub fn member(project: i64, user: i64) -> String {
    format!("{PROJECTS}/{project}/members/{user}")
}

impl World {
    /// Creates a project of this privacy with these fields beside, and answers its id.
    pub async fn project(&self, owner: &Person, privacy: &str, fields: Value) -> i64 {
        let mut body = json!({"name": format!("Project {}", self.next_number()), "privacy": privacy});
        merge(&mut body, &fields);
        self.post(owner, PROJECTS, body).await.expect(201).id()
    }

    /// Gives somebody a part in a project.
    pub async fn join(&self, by: &Person, project: i64, user: &Person, role: &str) {
        self.put(by, &member(project, user.id), json!({ "role": role })).await.expect(200);
    }

    /// The ids and the parts of a project's members.
    pub async fn members(&self, who: &Person, project: i64) -> Vec<(i64, String)> {
        let list = self.get(who, &format!("{}/members?sort=since&limit=200", at(project))).await.expect(200);
        let part = |it: &Value| (it["user_id"].as_i64().unwrap(), it["role"].as_str().unwrap().to_owned());
        list.items().iter().map(part).collect()
    }
}
