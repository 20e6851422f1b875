//! Projects with their members, and tasks with their parts, words, comments, links and history.

use artel_domain::{
    actor::UserId,
    project::ProjectRole,
    record::Stamp,
    task::{Priority, Status, Task},
};
use artel_persistence::search::with_tags;
use chrono::{DateTime, Utc};
use sea_orm::DatabaseConnection;

use super::{CHUNK, COMPANIES, CONTACTS, copy, history, number_on_from};
use crate::{
    Result,
    database::{execute, texts},
    invent::task::{self as invent, Invented, PROJECTS, Surroundings},
    people,
    rows::Rows,
};

const TABLES: [&str; 7] =
    ["task", "task_member", "task_word", "comment", "task_contact", "task_company", "activity"];

/// Fills in all projects and so many tasks, beside people and records of the CRM. Indexes are built at the end, which is
/// faster than row by row.
pub async fn fill(connection: &DatabaseConnection, tasks: i64) -> Result<()> {
    let started = std::time::Instant::now();
    eprintln!("filling in {tasks} tasks");
    let staff = people::staff(connection).await?;
    let caller = people::caller(connection).await?;
    let around = Surroundings { staff: &staff, caller, tasks, now: Utc::now() };
    if let Err(why) = execute(connection, "set session_replication_role = replica").await {
        eprintln!("each reference is checked, which takes longer: {why}");
    }
    projects(connection, &around).await?;
    let indexes = drop_indexes(connection).await?;
    for first in (1..=tasks).step_by(CHUNK) {
        let mut rows = Tables::default();
        for id in (first..=tasks).take(CHUNK) {
            rows.add(&invent::task(id, &around)?)?;
        }
        rows.copy(connection).await?;
    }
    execute(connection, "set maintenance_work_mem = '512MB'").await?;
    for index in indexes {
        execute(connection, &index).await?;
    }
    number_on_from(connection, &["project", "task", "comment"]).await?;
    execute(connection, "vacuum (analyze)").await?;
    eprintln!("filled in {:.0} s", started.elapsed().as_secs_f64());
    Ok(())
}

/// Drops the indexes that belong to no constraint, and says how to make them again.
async fn drop_indexes(connection: &DatabaseConnection) -> Result<Vec<String>> {
    let names: Vec<String> = TABLES.iter().map(|table| format!("'{table}'")).collect();
    let of_no_constraint = format!(
        "from pg_indexes where schemaname = 'public' and tablename in ({}) and indexname not in \
         (select conname from pg_constraint) order by indexname",
        names.join(", ")
    );
    let definitions = texts(connection, &format!("select indexdef {of_no_constraint}")).await?;
    for name in texts(connection, &format!("select indexname::text {of_no_constraint}")).await? {
        execute(connection, &format!("drop index \"{name}\"")).await?;
    }
    Ok(definitions)
}

async fn projects(connection: &DatabaseConnection, around: &Surroundings<'_>) -> Result<()> {
    let (mut projects, mut members, mut words) = (Rows::new(), Rows::new(), Rows::new());
    let at = around.now.timestamp_micros();
    for id in 1..=PROJECTS {
        let fields = invent::project(id)?;
        let people = invent::members(id, around.staff);
        let owner = *people.first().ok_or("a project has no owner")?;
        let name = fields.name.as_str();
        projects.number(id).text(name).text(&artel_domain::search::name_key([name]));
        projects.text(fields.privacy.as_str()).number(owner.0).text(&serde_json::to_string(&fields.tags)?);
        let permissions = fields.permissions;
        for role in [
            permissions.invite,
            permissions.post,
            permissions.create_tasks,
            permissions.edit_tasks,
            permissions.upload,
        ] {
            projects.text(role.as_str());
        }
        projects.number(at).number(owner.0).number(at).number(owner.0).end();
        for (place, user) in people.iter().enumerate() {
            let role = if place == 0 { ProjectRole::Owner } else { ProjectRole::Member };
            members.number(id).number(user.0).text(role.as_str()).number(at).end();
        }
        let found_by = artel_domain::search::words([artel_domain::search::Piece::Text(name)]);
        for word in with_tags(found_by, &fields.tags) {
            words.text(&word).number(id).end();
        }
    }
    let columns = "id, name, name_key, privacy, owner_id, tags, may_invite, may_post, may_create_tasks, \
        may_edit_tasks, may_upload, created_at, created_by, updated_at, updated_by";
    copy(connection, "project", columns, projects).await?;
    copy(connection, "project_member", "project_id, user_id, role, since", members).await?;
    copy(connection, "project_word", "word, project_id", words).await
}

/// The rows of some tasks.
#[derive(Default)]
struct Tables {
    tasks: Rows,
    parts: Rows,
    words: Rows,
    comments: Rows,
    contacts: Rows,
    companies: Rows,
    history: Rows,
}

impl Tables {
    fn add(&mut self, invented: &Invented) -> Result<()> {
        let Invented { task, comments, contact, company } = invented;
        let id = task.id.0;
        row(&mut self.tasks, task)?;
        self.parts(task);
        for word in with_tags(task.fields.search_words(), &task.fields.tags) {
            self.words.text(&word).number(id).end();
        }
        for (author, text) in comments {
            self.comments.number(id).text("comment").number(author.0).text(text.as_str());
            self.comments.number(task.created_at.timestamp_micros()).end();
        }
        if let Some(contact) = contact {
            self.contacts.number(id).number(contact % CONTACTS + 1).end();
        }
        if let Some(company) = company {
            self.companies.number(id).number(company % COMPANIES + 1).end();
        }
        history(&mut self.history, "task", id, task.people.creator, task.created_at, &task.fields)
    }

    fn parts(&mut self, task: &Task) {
        let is_open = task.state.status != Status::Completed;
        let mut known = std::collections::BTreeSet::new();
        for (user, role) in task.parts() {
            self.parts
                .number(task.id.0)
                .number(user.0)
                .text(role.as_str())
                .flag(known.insert(user))
                .flag(is_open);
            self.parts.instant(task.fields.deadline).end();
        }
    }

    async fn copy(self, connection: &DatabaseConnection) -> Result<()> {
        let Self { tasks, parts, words, comments, contacts, companies, history } = self;
        copy(connection, "task", COLUMNS, tasks).await?;
        copy(connection, "task_member", "task_id, user_id, role, is_main, is_open, deadline", parts).await?;
        copy(connection, "task_word", "word, task_id", words).await?;
        copy(connection, "comment", "task_id, kind, author_id, text, created_at", comments).await?;
        copy(connection, "task_contact", "task_id, contact_id", contacts).await?;
        copy(connection, "task_company", "task_id, company_id", companies).await?;
        copy(connection, "activity", super::HISTORY_COLUMNS, history).await
    }
}

const COLUMNS: &str = "id, title, title_key, description, priority, project_id, parent_id, root_id, deadline, tags, \
    needs_review, deadline_policy, creator_id, responsible_id, status, completed_at, completed_by, created_at, \
    updated_at, updated_by";

fn row(rows: &mut Rows, task: &Task) -> Result<()> {
    let Task { fields, people, state, .. } = task;
    let parent = fields.parent_id.map(|parent| parent.0);
    let rank = Priority::ALL.iter().position(|priority| *priority == fields.priority).unwrap_or_default();
    rows.number(task.id.0).text(fields.title.as_str()).text(&fields.title_key());
    rows.maybe(fields.description.as_ref().map(|it| it.as_str())).number(i64::try_from(rank)?);
    rows.maybe_number(fields.project_id.map(|project| project.0)).maybe_number(parent).maybe_number(parent);
    rows.instant(fields.deadline).text(&serde_json::to_string(&fields.tags)?).flag(fields.needs_review);
    rows.text(&serde_json::to_string(&fields.deadline_policy)?);
    rows.number(people.creator.0).number(people.responsible.0).text(state.status.as_str());
    stamp(rows, state.completed);
    rows.number(task.created_at.timestamp_micros());
    stamp(rows, Some(task.updated));
    rows.end();
    Ok(())
}

fn stamp(rows: &mut Rows, stamp: Option<Stamp>) {
    let at: Option<DateTime<Utc>> = stamp.map(|stamp| stamp.at);
    let by: Option<UserId> = stamp.and_then(|stamp| stamp.by);
    rows.instant(at).maybe_number(by.map(|user| user.0));
}
