//! The status machine: one person of each kind, in every state, with everything around it, each verb; and the whole task
//! afterwards.

use artel_domain::{
    actor::UserId,
    error::Error,
    project::Fitness,
    record::Stamp,
    task::{Action, Command, Hand, Obstacles, Status, Task, VERBS, wake},
};
use chrono::TimeDelta;

use crate::{
    law,
    scene::{
        BOTH, CO_EXECUTOR, CREATOR, ME, NOW, OBSERVER, OWNER, RESPONSIBLE, REVIEWER, STRANGER, Scene, Site,
        before, later, persons,
    },
    verdict::{Cells, Verdict},
};

/// The person in every state of the task, with everything that can stand around it.
pub fn states(person: Scene, visit: &mut impl FnMut(&Scene)) {
    let archives: &[bool] = if person.site.is_some() { &BOTH } else { &[false] };
    for status in Status::ALL {
        let marks: &[bool] =
            if matches!(status, Status::Pending | Status::Deferred) { &BOTH } else { &[false] };
        for returned in marks {
            for needs_review in BOTH {
                for (needs_result, has_result) in [(false, false), (true, false), (true, true)] {
                    for open_subtasks in BOTH {
                        for parent_completed in BOTH {
                            for archived in archives {
                                for (trashed, parent_trashed) in [(false, false), (true, false), (true, true)]
                                {
                                    visit(&Scene {
                                        status: *status,
                                        returned: *returned,
                                        needs_review,
                                        needs_result,
                                        has_result,
                                        open_subtasks,
                                        parent_completed,
                                        parent_trashed,
                                        trashed,
                                        site: person.site.map(|site| Site { archived: *archived, ..site }),
                                        ..person
                                    });
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn hand(user: i64) -> Hand {
    Hand { user: UserId(user), fitness: Fitness::Staff, is_inside: true }
}

fn commands() -> Vec<Command> {
    vec![
        Command::Start,
        Command::Pause,
        Command::Defer { until: Some(later()) },
        Command::Complete,
        Command::Approve,
        Command::Return { reason: "The logo is missing".parse().unwrap() },
        Command::Withdraw,
        Command::Reopen { responsible: hand(RESPONSIBLE) },
        Command::Delegate { to: hand(STRANGER), note: None },
    ]
}

/// What becomes of the task where the verb happens.
fn afterwards(task: &Task, command: &Command, to: Status) -> Task {
    let mine = Stamp { at: NOW, by: Some(UserId(ME)) };
    let mut after = task.clone();
    let is_done = |status| matches!(status, Status::InReview | Status::Completed);
    after.version += 1;
    after.updated = mine;
    after.state.status = to;
    after.state.deferred_until = None;
    if !is_done(to) {
        after.state.completed = None;
        after.state.approved = None;
    }
    match command {
        Command::Start => after.state.returned = false,
        Command::Defer { until } => after.state.deferred_until = *until,
        Command::Complete => {
            after.state.returned = false;
            after.state.completed = Some(mine);
        }
        Command::Approve => after.state.approved = Some(mine),
        Command::Return { .. } => after.state.returned = true,
        Command::Reopen { .. } => {
            after.state.returned = false;
            if task.state.status == Status::Completed {
                after.state.reopened_at = Some(NOW);
            }
        }
        Command::Delegate { to, .. } => {
            after.state.returned = false;
            let people = &mut after.people;
            people.responsible = to.user;
            people.co_executors.remove(&to.user);
            people.observers.remove(&to.user);
            let old = task.people.responsible;
            let has_part = people.creator == old
                || people.reviewer == Some(old)
                || people.co_executors.contains(&old)
                || people.observers.contains(&old);
            if !has_part {
                people.observers.insert(old);
            }
        }
        Command::Pause | Command::Withdraw => {}
    }
    after
}

/// Tries a command, and compares the answer and the whole task afterwards.
fn try_out(cells: &mut Cells, scene: &Scene, task: &Task, command: &Command, oracle: &Verdict) {
    let mut tried = task.clone();
    let result = tried.apply(&scene.me(), Some(task.version), command, scene.obstacles(), NOW);
    let after = match oracle {
        Verdict::To(status) => afterwards(task, command, *status),
        _ => task.clone(),
    };
    let domain = match Verdict::of(&result) {
        Verdict::Yes => Verdict::To(tried.state.status),
        refusal => refusal,
    };
    cells.same(&domain, oracle, || format!("{command:?} {scene:#?}"));
    assert_eq!(tried, after, "{command:?} {scene:#?}");
    if let Err(Error::Transition(legal)) = result {
        let letters = law::letters(scene);
        let verbs = VERBS.into_iter().filter(|verb| law::verb(scene, letters, *verb).is_yes());
        assert_eq!(legal, verbs.map(Action::as_str).collect::<Vec<_>>(), "{command:?} {scene:#?}");
    }
}

#[test]
fn every_verb_does_what_the_table_of_transitions_says() {
    let mut cells = Cells::of("verbs");
    let commands = commands();
    for person in persons() {
        states(person, &mut |scene| {
            let task = scene.task();
            let letters = law::letters(scene);
            for command in &commands {
                try_out(&mut cells, scene, &task, command, &law::verb(scene, letters, command.action()));
            }
        });
    }
}

#[test]
fn transitions_give_the_reason_of_each_refusal() {
    let mut cells = Cells::of("transitions");
    for person in persons() {
        states(person, &mut |scene| {
            // The mark decides nothing.
            if scene.returned {
                return;
            }
            let letters = law::letters(scene);
            let transitions = scene.task().transitions(&scene.me(), scene.obstacles());
            let verbs: Vec<Action> = transitions.iter().map(|transition| transition.action).collect();
            assert_eq!(verbs, VERBS);
            for transition in transitions {
                let domain = Verdict::leading(&transition.outcome);
                let oracle = law::verb(scene, letters, transition.action);
                cells.same(&domain, &oracle, || format!("{} {scene:#?}", transition.action));
            }
        });
    }
}

#[test]
fn can_says_the_same_in_every_state() {
    let mut cells = Cells::of("can, in every state");
    for person in persons() {
        states(person, &mut |scene| {
            if scene.returned {
                return;
            }
            let letters = law::letters(scene);
            let can = scene.task().can(&scene.me(), scene.obstacles());
            for action in Action::ALL {
                let oracle = law::can(scene, letters, *action);
                cells.same(&can.contains(action), &oracle, || format!("{action} {scene:#?}"));
            }
        });
    }
}

#[test]
fn a_stale_version_is_refused_after_the_right_and_before_the_state() {
    let mut cells = Cells::of("stale versions");
    for person in persons() {
        for status in Status::ALL {
            let scene = Scene { status: *status, open_subtasks: true, ..person };
            let letters = law::letters(&scene);
            for command in commands() {
                let right = law::right(letters, command.action());
                let oracle = if right.is_yes() { Verdict::Stale } else { right };
                let mut task = scene.task();
                let result = task.apply(&scene.me(), Some(2), &command, scene.obstacles(), NOW);
                cells.same(&Verdict::of(&result), &oracle, || format!("{command:?} {scene:#?}"));
                assert_eq!(task, scene.task());
            }
        }
    }
}

/// What is wrong with handing the task to somebody.
fn delegate_fault(scene: &Scene, to: Hand) -> Option<&'static str> {
    let user = to.user.0;
    let is_reviewer = scene.reviewer == Some(user)
        || (scene.needs_review && scene.reviewer.is_none() && law::reviewers(scene).contains(&user));
    match (to.fitness, to.is_inside) {
        (Fitness::Unknown, _) => Some("/to unknown"),
        (Fitness::Inactive, _) => Some("/to inactive"),
        (Fitness::Guest, false) => Some("/to is_a_guest"),
        (Fitness::Staff, false) => Some("/to not_a_member"),
        _ if user == scene.responsible => Some("/to already"),
        _ if is_reviewer => Some("/to reviews_own_work"),
        _ => None,
    }
}

pub const EVERYBODY: [i64; 8] = [ME, CREATOR, RESPONSIBLE, CO_EXECUTOR, REVIEWER, OBSERVER, OWNER, STRANGER];
pub const FITNESSES: [Fitness; 4] = [Fitness::Staff, Fitness::Guest, Fitness::Inactive, Fitness::Unknown];

#[test]
fn a_task_is_delegated_to_whom_it_can_be() {
    let mut cells = Cells::of("delegation");
    for person in persons() {
        for (status, needs_review) in
            [(Status::InProgress, false), (Status::InProgress, true), (Status::InReview, false)]
        {
            let scene = Scene { status, needs_review, ..person };
            let verdict = law::verb(&scene, law::letters(&scene), Action::Delegate);
            for user in EVERYBODY {
                for fitness in FITNESSES {
                    for is_inside in BOTH {
                        let to = Hand { user: UserId(user), fitness, is_inside };
                        let oracle = match delegate_fault(&scene, to) {
                            Some(fault) if verdict.is_yes() => Verdict::Invalid(vec![fault.to_owned()]),
                            _ => verdict.clone(),
                        };
                        let command = Command::Delegate { to, note: None };
                        try_out(&mut cells, &scene, &scene.task(), &command, &oracle);
                    }
                }
            }
        }
    }
}

#[test]
fn a_task_is_put_off_for_good_or_until_a_moment_to_come() {
    let mut cells = Cells::of("putting off");
    for person in persons() {
        for status in Status::ALL {
            let scene = Scene { status: *status, ..person };
            let verdict = law::verb(&scene, law::letters(&scene), Action::Defer);
            for until in [None, Some(before()), Some(NOW), Some(later())] {
                let oracle = match until {
                    Some(until) if until <= NOW && verdict.is_yes() => {
                        Verdict::Invalid(vec!["/until out_of_range".to_owned()])
                    }
                    _ => verdict.clone(),
                };
                try_out(&mut cells, &scene, &scene.task(), &Command::Defer { until }, &oracle);
            }
        }
    }
}

#[test]
fn what_was_put_off_until_a_moment_comes_back_then_and_nothing_else() {
    let mut cells = Cells::of("coming back");
    for status in Status::ALL {
        for returned in BOTH {
            for until in [None, Some(before()), Some(NOW), Some(later())] {
                let scene = Scene { status: *status, returned, ..Scene::STRANGE };
                let mut task = scene.task();
                task.state.deferred_until = until.filter(|_| *status == Status::Deferred);
                let asleep = task.clone();
                let comes_back = *status == Status::Deferred && until.is_some_and(|until| until <= NOW);
                cells.same(&wake(&mut task, NOW).is_some(), &comes_back, || format!("{until:?} {scene:#?}"));
                let mut awake = asleep.clone();
                if comes_back {
                    awake.state.status = Status::Pending;
                    awake.state.deferred_until = None;
                    awake.version += 1;
                    awake.updated = Stamp { at: NOW, by: None };
                }
                assert_eq!(task, awake);
                assert_eq!(wake(&mut task, NOW + TimeDelta::seconds(1)), None);
            }
        }
    }
}

/// Obstacles are facts of the scene; this keeps the two lists in step.
#[test]
fn nothing_stands_in_the_way_of_a_scene_without_obstacles() {
    assert_eq!(Scene::STRANGE.obstacles(), Obstacles::default());
}
