//! What commands do to the status of a task, and what stands in their way.

use super::*;

#[test]
fn done_work_waits_for_its_reviewer_and_nobody_else_skips_that() {
    for (user, status, verb) in [
        (CREATOR, Status::InReview, Verb::Submitted),
        (RESPONSIBLE, Status::InReview, Verb::Submitted),
        (CO_EXECUTOR, Status::InReview, Verb::Submitted),
    ] {
        let mut done = task();
        assert_eq!(run(&mut done, user, &Command::Complete).unwrap().verb, verb);
        assert_eq!(done.state.status, status);
        assert_eq!(done.state.completed, Some(Stamp { at: NOW, by: Some(user) }));
        assert_eq!((done.version, done.state.approved), (2, None));
    }
    let mut own = task();
    own.people.reviewer = None;
    assert_eq!(run(&mut own, CREATOR, &Command::Complete).unwrap().verb, Verb::Completed);
    assert_eq!(own.state.status, Status::Completed);
    let mut unreviewed = task();
    unreviewed.fields.needs_review = false;
    run(&mut unreviewed, RESPONSIBLE, &Command::Complete).unwrap();
    assert_eq!(unreviewed.state.status, Status::Completed);
}

#[test]
fn a_task_that_is_given_back_is_marked_until_somebody_takes_it_up() {
    let mut task = task();
    run(&mut task, RESPONSIBLE, &Command::Complete).unwrap();
    let done = run(&mut task, REVIEWER, &Command::Return { reason: reason() }).unwrap();
    assert!(done.changes.iter().any(|change| change.field == "reason"));
    assert_eq!((task.state.status, task.state.returned, task.state.completed), (Status::Pending, true, None));
    run(&mut task, RESPONSIBLE, &Command::Defer { until: None }).unwrap();
    assert!(task.state.returned);
    run(&mut task, RESPONSIBLE, &Command::Start).unwrap();
    assert!(!task.state.returned);
    run(&mut task, RESPONSIBLE, &Command::Complete).unwrap();
    let done = run(&mut task, REVIEWER, &Command::Approve).unwrap();
    assert_eq!((done.verb, task.state.status), (Verb::Approved, Status::Completed));
    assert_eq!(task.state.completed.unwrap().by, Some(RESPONSIBLE));
    assert_eq!(task.state.approved.unwrap().by, Some(REVIEWER));
    run(&mut task, REVIEWER, &Command::Reopen).unwrap();
    assert_eq!((task.state.completed, task.state.approved, task.state.reopened_at), (None, None, Some(NOW)));
}

#[test]
fn what_stands_around_a_task_stands_in_its_way() {
    let outcome = |task: &Task, by: UserId, action: Action, obstacles: Obstacles| {
        let all = task.transitions(&employee(by), obstacles);
        all.into_iter().find(|transition| transition.action == action).unwrap().outcome
    };
    let clear = Obstacles { has_result: true, ..Obstacles::default() };
    let subtasks = Obstacles { open_subtasks: true, ..clear };
    assert_eq!(outcome(&task(), RESPONSIBLE, Action::Complete, subtasks), Err(Conflict::OpenSubtasks.into()));
    assert_eq!(outcome(&task(), RESPONSIBLE, Action::Start, subtasks), Ok(Status::InProgress));
    let mut fruitful = task();
    fruitful.fields.needs_result = true;
    let empty = Obstacles::default();
    assert_eq!(
        outcome(&fruitful, RESPONSIBLE, Action::Complete, empty),
        Err(Conflict::ResultRequired.into())
    );
    assert_eq!(outcome(&fruitful, CREATOR, Action::Complete, empty), Ok(Status::InReview));
    assert_eq!(outcome(&fruitful, RESPONSIBLE, Action::Complete, clear), Ok(Status::InReview));
    let mut completed = task();
    completed.state.status = Status::Completed;
    let parent = Obstacles { parent_completed: true, ..clear };
    assert_eq!(outcome(&completed, CREATOR, Action::Reopen, parent), Err(Conflict::ParentCompleted.into()));
    assert_eq!(outcome(&completed, OBSERVER, Action::Reopen, clear), Err(Forbidden::NotAllowed.into()));
    assert_eq!(outcome(&completed, STRANGER, Action::Reopen, clear), Err(Error::NotFound));
    let archived = Task { place: Some(Place { archived: true, ..place(Privacy::Open, None) }), ..task() };
    assert_eq!(outcome(&archived, CREATOR, Action::Start, clear), Err(Conflict::Archived.into()));
    assert_eq!(archived.can(&employee(CREATOR), clear), [Action::Read]);
}

#[test]
fn whoever_gave_a_task_away_follows_it_unless_they_have_a_part_anyway() {
    let mut given = task();
    run(&mut given, RESPONSIBLE, &Command::Delegate { to: hand(CO_EXECUTOR), note: Some(reason()) }).unwrap();
    assert_eq!(given.people.responsible, CO_EXECUTOR);
    assert!(given.people.co_executors.is_empty());
    assert_eq!(given.people.observers, BTreeSet::from([RESPONSIBLE, OBSERVER]));
    run(&mut given, CREATOR, &Command::Delegate { to: hand(CREATOR), note: None }).unwrap();
    run(&mut given, CREATOR, &Command::Delegate { to: hand(OBSERVER), note: None }).unwrap();
    assert_eq!(given.people.observers, BTreeSet::from([RESPONSIBLE, CO_EXECUTOR]));
    let code = |command: &Command| match run(&mut task(), CREATOR, command) {
        Err(Error::Invalid(faults)) => faults[0].code,
        other => panic!("{other:?}"),
    };
    let to = |hand| Command::Delegate { to: hand, note: None };
    assert_eq!(code(&to(hand(RESPONSIBLE))), FaultCode::Already);
    assert_eq!(code(&to(hand(REVIEWER))), FaultCode::ReviewsOwnWork);
    assert_eq!(code(&to(Hand { is_inside: false, ..hand(STRANGER) })), FaultCode::NotAMember);
    assert_eq!(code(&to(Hand { fitness: Fitness::Inactive, ..hand(STRANGER) })), FaultCode::Inactive);
    assert_eq!(code(&Command::Defer { until: Some(NOW) }), FaultCode::OutOfRange);
}

#[test]
fn a_task_that_was_put_off_comes_back_once() {
    let later = NOW + chrono::TimeDelta::hours(1);
    let mut put_off = task();
    run(&mut put_off, CREATOR, &Command::Defer { until: Some(later) }).unwrap();
    assert_eq!(wake(&mut put_off, NOW), None);
    assert_eq!(wake(&mut put_off, later).unwrap().verb, Verb::Resumed);
    assert_eq!((put_off.state.status, put_off.state.deferred_until), (Status::Pending, None));
    assert_eq!(put_off.updated, Stamp { at: later, by: None });
    assert_eq!(wake(&mut put_off, later), None);
}
