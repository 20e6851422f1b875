//! Walks: verbs at random by people at random on one task. Whatever they do, the marks of the task fit its status and its
//! people each other, a success raises the version by one, and a refusal changes nothing at all.

use std::collections::BTreeSet;

use artel_domain::{
    actor::UserId,
    project::{Fitness, Privacy, ProjectRole},
    task::{Command, Edit, Hand, Obstacles, Part, Place, Reviewer, Status, Task, wake},
};
use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use crate::{
    law,
    scene::{CO_EXECUTOR, CREATOR, ME, NOW, OBSERVER, OWNER, RESPONSIBLE, REVIEWER, STRANGER, Scene, Site},
};

const PEOPLE: [i64; 8] = [ME, CREATOR, RESPONSIBLE, CO_EXECUTOR, REVIEWER, OBSERVER, OWNER, STRANGER];

/// What somebody does.
#[derive(Clone, Debug)]
enum Step {
    Verb(u8, i64),
    Give(Part, i64),
    Take(Part, i64),
    Review(Option<i64>, bool),
    Leave(i64, i64),
    Trash,
    Restore,
    /// Nobody does anything for some hours.
    Wait,
}

fn user() -> impl Strategy<Value = i64> {
    prop::sample::select(PEOPLE.to_vec())
}

fn step() -> impl Strategy<Value = Step> {
    let part = prop_oneof![Just(Part::CoExecutor), Just(Part::Observer)];
    prop_oneof![
        16 => (0..9_u8, user()).prop_map(|(verb, to)| Step::Verb(verb, to)),
        2 => (part.clone(), user()).prop_map(|(part, user)| Step::Give(part, user)),
        2 => (part, user()).prop_map(|(part, user)| Step::Take(part, user)),
        2 => (prop::option::of(user()), any::<bool>()).prop_map(|(user, needs)| Step::Review(user, needs)),
        1 => (user(), user()).prop_map(|(user, heir)| Step::Leave(user, heir)),
        1 => Just(Step::Trash),
        2 => Just(Step::Restore),
        2 => Just(Step::Wait),
    ]
}

fn obstacles() -> impl Strategy<Value = Obstacles> {
    let rarely = || prop::bool::weighted(0.1);
    (rarely(), rarely(), prop::bool::weighted(0.7)).prop_map(
        |(open_subtasks, parent_completed, has_result)| Obstacles {
            open_subtasks,
            parent_completed,
            parent_trashed: false,
            has_result,
        },
    )
}

fn hand(user: i64) -> Hand {
    Hand { user: UserId(user), fitness: Fitness::Staff, is_inside: true }
}

fn command(verb: u8, to: i64, now: DateTime<Utc>) -> Command {
    let reason = "The logo is missing".parse().unwrap();
    match verb {
        0 => Command::Start,
        1 => Command::Pause,
        2 => Command::Defer { until: (to % 2 == 0).then(|| now + TimeDelta::hours(to)) },
        3 => Command::Complete,
        4 => Command::Approve,
        5 => Command::Return { reason },
        6 => Command::Withdraw,
        7 => Command::Reopen { responsible: hand(to) },
        _ => Command::Delegate { to: hand(to), note: None },
    }
}

/// Takes a step; says whether it went through, and whether anything changed by it.
fn take(task: &mut Task, by: i64, step: &Step, obstacles: Obstacles, now: DateTime<Utc>) -> (bool, bool) {
    let by = artel_domain::actor::Actor { user: UserId(by), ..Scene::STRANGE.me() };
    let effect = |result: artel_domain::error::Result<bool>| (result.is_ok(), result.unwrap_or(false));
    match step {
        Step::Verb(verb, to) => {
            effect(task.apply(&by, None, &command(*verb, *to, now), obstacles, now).map(|_| true))
        }
        Step::Give(part, user) => {
            effect(task.give(&by, None, *part, hand(*user), now).map(|changes| !changes.is_empty()))
        }
        Step::Take(part, user) => {
            effect(task.take(&by, None, *part, UserId(*user), now).map(|changes| !changes.is_empty()))
        }
        Step::Review(reviewer, needs_review) => {
            let mut fields = task.fields.clone();
            fields.needs_review = *needs_review;
            let edit = Edit {
                fields,
                reviewer: reviewer.map_or(Reviewer::Nobody, |user| Reviewer::Named(hand(user))),
                deadline_reason: None,
                faults: Vec::new(),
            };
            effect(task.edit(&by, None, edit, None, now).map(|changes| !changes.is_empty()))
        }
        Step::Leave(user, heir) if user != heir => {
            (true, !task.part_with(UserId(*user), Some(UserId(*heir)), &by, now).is_empty())
        }
        Step::Leave(..) => (true, false),
        Step::Trash => effect(task.trash(&by, None, now).map(|()| true)),
        Step::Restore => effect(task.restore(&by, None, (None, 0), now)),
        Step::Wait => (true, wake(task, now).is_some()),
    }
}

/// What is true of every task.
fn check_marks(task: &Task, now: DateTime<Utc>) {
    let state = &task.state;
    let is_done = matches!(state.status, Status::InReview | Status::Completed);
    assert_eq!(state.completed.is_some(), is_done, "completed_at says that the work is done");
    assert!(
        state.approved.is_none() || state.status == Status::Completed,
        "only what is completed is approved"
    );
    let is_put_back = matches!(state.status, Status::Pending | Status::Deferred);
    assert!(!state.returned || is_put_back, "whatever was taken up is not marked returned");
    assert!(state.deferred_until.is_none() || state.status == Status::Deferred);
    assert!(state.reopened_at.is_none_or(|at| at <= now));
    let people = &task.people;
    let responsible = people.responsible;
    assert!(!people.co_executors.contains(&responsible), "R is never A");
    assert!(!people.observers.contains(&responsible), "R is never O");
    let works = |user: UserId| user == responsible || people.co_executors.contains(&user);
    assert!(!people.reviewer.is_some_and(works), "nobody is named to review their own work");
    let is_reviewed = task.fields.needs_review || state.status == Status::InReview;
    assert!(!is_reviewed || !task.reviewers().into_iter().any(works), "nobody reviews their own work");
    assert!(task.updated.at <= now);
}

/// The task as this person meets it: the owner owns the project, everybody else is a member.
fn seen_by(mut task: Task, by: i64) -> Task {
    let mine = if by == OWNER { ProjectRole::Owner } else { ProjectRole::Member };
    task.place = task.place.map(|place| Place { mine: Some(mine), ..place });
    task
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1500) })]

    #[test]
    fn no_walk_leads_to_a_state_that_cannot_be(
        in_project in any::<bool>(),
        privacy in prop::sample::select(Privacy::ALL.to_vec()),
        needs_review in any::<bool>(),
        needs_result in any::<bool>(),
        steps in prop::collection::vec((user(), step(), obstacles()), 1..60),
    ) {
        let site = in_project.then(|| Site::new(privacy, Some(ProjectRole::Member)));
        let mut task = Scene { site, needs_review, needs_result, ..Scene::STRANGE }.task();
        let mut now = NOW;
        for (by, step, obstacles) in steps {
            now += TimeDelta::hours(7);
            let before = seen_by(task.clone(), by);
            task = before.clone();
            let can = before.can(&artel_domain::actor::Actor { user: UserId(by), ..Scene::STRANGE.me() }, obstacles);
            let (went_through, changed) = take(&mut task, by, &step, obstacles, now);
            check_marks(&task, now);
            prop_assert_eq!(task.version, before.version + i64::from(changed), "{:?}", &step);
            if !changed {
                prop_assert_eq!(&task, &before, "{:?}", &step);
            }
            if let Step::Verb(verb, to) = &step {
                let action = command(*verb, *to, now).action();
                prop_assert!(law::is_verb(action));
                prop_assert!(can.contains(&action) || !went_through, "{:?} was not in can", action);
            }
            prop_assert_eq!(task.people.creator, before.people.creator);
            prop_assert!(task.people.parts().map(|(user, _)| user).collect::<BTreeSet<_>>().len() <= PEOPLE.len());
        }
    }
}
