//! The tables, printed to `permission.txt` and `status.txt` beside the code, and what they do to a task.

use std::fmt::Write as _;

use super::*;
use crate::{
    activity::Verb,
    actor::{Actor, Role as Rank, SessionId, Via},
    error::{Error, FaultCode, Forbidden},
    level::Levels,
    project::Fitness,
};

mod draft;
mod edit;
mod standing;
mod status;

const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;
const CREATOR: UserId = UserId(1);
const RESPONSIBLE: UserId = UserId(2);
const CO_EXECUTOR: UserId = UserId(3);
const OBSERVER: UserId = UserId(4);
const REVIEWER: UserId = UserId(5);
const STRANGER: UserId = UserId(9);

fn actor(user: UserId, role: Rank) -> Actor {
    Actor { user, role, via: Via::Session(SessionId(1)), levels: Levels::default_of(role) }
}

fn employee(user: UserId) -> Actor {
    actor(user, Rank::Employee)
}

fn task() -> Task {
    let people = People {
        creator: CREATOR,
        responsible: RESPONSIBLE,
        co_executors: BTreeSet::from([CO_EXECUTOR]),
        observers: BTreeSet::from([OBSERVER]),
        reviewer: Some(REVIEWER),
    };
    let created = Stamp { at: NOW, by: Some(CREATOR) };
    let fields = TaskFields { needs_review: true, ..TaskFields::of("Print the badges".parse().unwrap()) };
    Draft { fields, people, place: None, created }.with_id(TaskId(1), BTreeSet::new())
}

fn place(privacy: Privacy, mine: Option<ProjectRole>) -> Place {
    Place {
        project: ProjectId(1),
        privacy,
        archived: false,
        mine,
        create_tasks: ProjectRole::Member,
        edit_tasks: ProjectRole::Moderator,
        starts_on: None,
        ends_on: None,
        zone: TimeZone::UTC,
        creator_is_member: true,
        leaders: vec![UserId(20), UserId(21)],
    }
}

fn hand(user: UserId) -> Hand {
    Hand { user, fitness: Fitness::Staff, is_inside: true }
}

fn reason() -> Reason {
    "The logo is missing".parse().unwrap()
}

fn commands() -> Vec<Command> {
    let to = hand(STRANGER);
    vec![
        Command::Start,
        Command::Pause,
        Command::Defer { until: None },
        Command::Complete,
        Command::Approve,
        Command::Return { reason: reason() },
        Command::Withdraw,
        Command::Reopen { responsible: hand(RESPONSIBLE) },
        Command::Delegate { to, note: None },
    ]
}

fn run(task: &mut Task, by: UserId, command: &Command) -> Result<Done> {
    task.apply(&employee(by), None, command, Obstacles { has_result: true, ..Obstacles::default() }, NOW)
}

fn permission_grid() -> String {
    let mut grid = format!("{:<22}", "");
    for action in Action::ALL {
        write!(grid, " {action}").unwrap();
    }
    for relation in Relation::ALL {
        write!(grid, "\n{:<22}", relation.as_str()).unwrap();
        for action in Action::ALL {
            let verdict = match check(&Standing::of(vec![*relation]), *action) {
                Ok(()) => "yes",
                Err(Error::Forbidden(_)) => "403",
                Err(_) => "404",
            };
            write!(grid, " {verdict:<width$}", width = action.as_str().len()).unwrap();
        }
    }
    grid.push('\n');
    grid.lines().fold(String::new(), |text, line| text + line.trim_end() + "\n")
}

fn status_grid() -> String {
    let mut grid = format!("{:<10}", "");
    for status in Status::ALL {
        write!(grid, " {:<12}", status.as_str()).unwrap();
    }
    for action in VERBS {
        let (from, to) = row(action).unwrap();
        write!(grid, "\n{:<10}", action.as_str()).unwrap();
        for status in Status::ALL {
            let cell = if from.contains(status) { to.as_str() } else { "409" };
            write!(grid, " {cell:<12}").unwrap();
        }
    }
    grid.push('\n');
    grid.lines().fold(String::new(), |text, line| text + line.trim_end() + "\n")
}

fn compare(file: &str, grid: &str) {
    let path = format!("{}/src/task/{file}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, grid).unwrap();
    }
    assert!(
        std::fs::read_to_string(&path).unwrap_or_default() == grid,
        "{file}: run the test with UPDATE=1 and read the diff"
    );
}

#[test]
fn the_grids_are_the_ones_that_were_reviewed() {
    compare("permission.txt", &permission_grid());
    compare("status.txt", &status_grid());
}

#[test]
fn every_command_is_one_of_the_verbs_and_every_verb_has_a_command() {
    let actions: Vec<Action> = commands().iter().map(Command::action).collect();
    assert_eq!(actions, VERBS);
    for action in Action::ALL {
        assert_eq!(row(*action).is_some(), VERBS.contains(action), "{action}");
    }
}
