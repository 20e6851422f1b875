//! What the people of the demo work on, read from the tables: projects with their members, tasks, and what was done with
//! these step by step. Days before today are told as how many days ago they were, planned ones as in how many days
//! they are.

use artel_domain::{
    project::{Colour, Privacy, ProjectDescription, ProjectName, ProjectRole},
    record::Tag,
    task::{Command, DeadlinePolicy, Priority, Reason, ResultText, TaskDescription, TaskTitle},
};

use super::table::{Misprint, cell, list, optional, read};

/// Everything that there is to do.
#[derive(Debug)]
pub struct Work {
    /// The projects.
    pub projects: Vec<ProjectRow>,
    /// Who is in them, beside their owners.
    pub members: Vec<MemberRow>,
    /// The tasks, each below the one that it is a part of.
    pub tasks: Vec<TaskRow>,
    /// What was done with them; on one day in the order of the table.
    pub steps: Vec<Step>,
}

/// A project.
#[derive(Debug)]
pub struct ProjectRow {
    /// What the tables call it.
    pub key: &'static str,
    /// What it is called.
    pub name: ProjectName,
    /// The login of the one it belongs to, who made it.
    pub owner: &'static str,
    /// Who else may know of it.
    pub privacy: Privacy,
    /// How many days ago it was made.
    pub made: i64,
    /// In how many days it begins.
    pub first: Option<i64>,
    /// In how many days it ends.
    pub last: Option<i64>,
    /// The colour to tell it by.
    pub colour: Option<Colour>,
    /// Words to group by.
    pub tags: Vec<Tag>,
    /// What it is about.
    pub description: Option<ProjectDescription>,
}

/// Somebody who comes into a project.
#[derive(Debug)]
pub struct MemberRow {
    /// What the tables call the project.
    pub project: &'static str,
    /// The login of the member.
    pub who: &'static str,
    /// As what they come.
    pub role: ProjectRole,
    /// The login of the one who lets them in; their own where they join.
    pub by: &'static str,
    /// How many days ago.
    pub made: i64,
}

/// A task.
#[derive(Debug)]
pub struct TaskRow {
    /// What the tables call it.
    pub key: &'static str,
    /// What is to be done.
    pub title: TaskTitle,
    /// What is to be done, at length.
    pub description: Option<TaskDescription>,
    /// What the tables call its project.
    pub project: Option<&'static str>,
    /// What they call the task that it is a part of.
    pub parent: Option<&'static str>,
    /// The login of the one who set it.
    pub creator: &'static str,
    /// The login of the one who sees to it.
    pub responsible: &'static str,
    /// The logins of those who work on it too.
    pub co_executors: Vec<&'static str>,
    /// The logins of those who follow it.
    pub observers: Vec<&'static str>,
    /// The login of the one who accepts it.
    pub reviewer: Option<&'static str>,
    /// How much it matters.
    pub priority: Priority,
    /// How many days ago it was set.
    pub made: i64,
    /// In how many days work is to begin.
    pub start: Option<i64>,
    /// In how many days work is to end.
    pub end: Option<i64>,
    /// In how many days it is due.
    pub deadline: Option<i64>,
    /// How many hours it should take.
    pub hours: Option<u32>,
    /// Whether it must be accepted.
    pub needs_review: bool,
    /// Whether it is completed only with a result.
    pub needs_result: bool,
    /// How far the deadline may be moved.
    pub policy: DeadlinePolicy,
    /// The names of the contacts and companies that it concerns.
    pub concerns: Vec<&'static str>,
    /// Words to group by.
    pub tags: Vec<Tag>,
}

/// Something that somebody did with a task.
#[derive(Debug)]
pub struct Step {
    /// What the tables call the task.
    pub task: &'static str,
    /// How many days ago.
    pub made: i64,
    /// The login of the one who did it.
    pub who: &'static str,
    /// What they did.
    pub act: Act,
}

/// What can be done with a task.
#[derive(Debug)]
pub enum Act {
    /// What changes the status and needs nobody and no day.
    Apply(Command),
    /// Putting it off until a day, or for good.
    Defer(Option<i64>),
    /// Opening it again.
    Reopen,
    /// Making somebody else responsible, with a note.
    Delegate(&'static str, Option<Reason>),
    /// Moving the deadline to another day, with the reason.
    Move(i64, Option<Reason>),
    /// Saying something; `@[login]` mentions somebody.
    Comment(&'static str),
    /// Giving a result.
    GiveResult(ResultText),
    /// Marking it for oneself.
    Mark(Mark),
    /// Following it.
    Watch,
    /// Throwing it away.
    Trash,
}

/// What somebody marks a task as.
#[derive(Clone, Copy, Debug)]
pub enum Mark {
    /// As a favourite.
    Favourite,
    /// As silent.
    Muted,
    /// As read.
    Read,
}

impl Work {
    /// Reads the tables.
    ///
    /// # Errors
    /// The first row that cannot be read.
    pub fn read() -> Result<Self, Misprint> {
        Ok(Self {
            projects: read("projects", include_str!("tables/projects.txt"), project)?,
            members: read("members", include_str!("tables/members.txt"), member)?,
            tasks: read("tasks", include_str!("tables/tasks.txt"), task)?,
            steps: read("steps", include_str!("tables/steps.txt"), step)?,
        })
    }
}

fn project(cells: [&'static str; 10]) -> Result<ProjectRow, String> {
    let [key, name, owner, privacy, made, first, last, colour, tags, description] = cells;
    Ok(ProjectRow {
        key,
        name: cell(name)?,
        owner,
        privacy: cell(privacy)?,
        made: cell(made)?,
        first: optional(first)?,
        last: optional(last)?,
        colour: optional(colour)?,
        tags: list(tags)?,
        description: optional(&block(description))?,
    })
}

fn member([project, who, role, by, made]: [&'static str; 5]) -> Result<MemberRow, String> {
    Ok(MemberRow { project, who, role: cell(role)?, by, made: cell(made)? })
}

#[expect(clippy::large_types_passed_by_value, reason = "the form of every reader of rows")]
fn task(cells: [&'static str; 20]) -> Result<TaskRow, String> {
    let [key, title, project, parent, creator, responsible, co_executors, observers, reviewer, rest @ ..] =
        cells;
    let [priority, made, start, end, deadline, hours, needs, moves, concerns, tags, description] = rest;
    let [needs_review, needs_result] = wants(needs)?;
    Ok(TaskRow {
        key,
        title: cell(title)?,
        description: optional(&block(description))?,
        project: name(project),
        parent: name(parent),
        creator,
        responsible,
        co_executors: names(co_executors),
        observers: names(observers),
        reviewer: name(reviewer),
        priority: cell(priority)?,
        made: cell(made)?,
        start: optional(start)?,
        end: optional(end)?,
        deadline: optional(deadline)?,
        hours: optional(hours)?,
        needs_review,
        needs_result,
        policy: policy(moves)?,
        concerns: names(concerns),
        tags: list(tags)?,
    })
}

fn step([task, made, who, act, with, words]: [&'static str; 6]) -> Result<Step, String> {
    let act = match act {
        "start" => Act::Apply(Command::Start),
        "pause" => Act::Apply(Command::Pause),
        "defer" => Act::Defer(optional(with)?),
        "complete" => Act::Apply(Command::Complete),
        "approve" => Act::Apply(Command::Approve),
        "return" => Act::Apply(Command::Return { reason: cell(words)? }),
        "withdraw" => Act::Apply(Command::Withdraw),
        "reopen" => Act::Reopen,
        "delegate" => Act::Delegate(with, optional(words)?),
        "move" => Act::Move(cell(with)?, optional(words)?),
        "comment" => Act::Comment(words),
        "result" => Act::GiveResult(cell(words)?),
        "favour" => Act::Mark(Mark::Favourite),
        "mute" => Act::Mark(Mark::Muted),
        "read" => Act::Mark(Mark::Read),
        "watch" => Act::Watch,
        "trash" => Act::Trash,
        _ => return Err(format!("{act:?} is nothing that is done with a task")),
    };
    Ok(Step { task, made: cell(made)?, who, act })
}

/// Whether a task needs a review, and whether it needs a result.
fn wants(text: &'static str) -> Result<[bool; 2], String> {
    let wants = names(text);
    match wants.iter().find(|word| !["review", "result"].contains(word)) {
        Some(word) => Err(format!("{word:?} is nothing that a task needs")),
        None => Ok(["review", "result"].map(|word| wants.contains(&word))),
    }
}

/// Not at all, at will, with a reason, or with a reason and only once.
fn policy(text: &str) -> Result<DeadlinePolicy, String> {
    let (responsible_may_move, reason_required, most_moves) = match text {
        "" => return Ok(DeadlinePolicy::DEFAULT),
        "free" => (true, false, None),
        "reason" => (true, true, None),
        "once" => (true, true, Some(1)),
        _ => return Err(format!("{text:?} is no way to move a deadline")),
    };
    Ok(DeadlinePolicy { responsible_may_move, latest: None, most_moves, reason_required })
}

/// Text with line breaks, which a table writes as `\n`.
fn block(text: &str) -> String {
    text.replace("\\n", "\n")
}

fn name(text: &'static str) -> Option<&'static str> {
    Some(text).filter(|name| !name.is_empty())
}

fn names(text: &'static str) -> Vec<&'static str> {
    text.split(',').map(str::trim).filter_map(name).collect()
}
