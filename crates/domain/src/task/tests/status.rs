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
    run(&mut task, REVIEWER, &Command::Reopen { responsible: hand(RESPONSIBLE) }).unwrap();
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

#[test]
fn what_is_put_off_stays_so_where_nothing_may_change() {
    let until = NOW + chrono::TimeDelta::hours(1);
    let mut put_off = task();
    put_off.place = Some(place(Privacy::Closed, None));
    put_off.state.status = Status::Deferred;
    put_off.state.deferred_until = Some(until);
    let archived = Place { archived: true, ..place(Privacy::Closed, None) };
    assert_eq!(wake(&mut Task { place: Some(archived), ..put_off.clone() }, until), None);
    let trashed = Some(Stamp { at: NOW, by: None });
    assert_eq!(wake(&mut Task { trashed, ..put_off.clone() }, until), None);
    assert!(wake(&mut put_off, until).is_some());
}

#[test]
fn whoever_can_no_longer_be_responsible_is_replaced_where_work_goes_on() {
    let left = Hand { is_inside: false, ..hand(RESPONSIBLE) };
    let reopened = |place: Option<Place>, responsible| {
        let mut done = task();
        done.state.status = Status::Completed;
        done.people.creator = OBSERVER;
        done.place = place;
        let admin = Actor { role: crate::actor::Role::Admin, ..employee(CREATOR) };
        let command = Command::Reopen { responsible };
        let told = done.apply(&admin, None, &command, Obstacles::default(), NOW).unwrap();
        (done.people.clone(), told.changes.iter().any(|change| change.field == "responsible_id"))
    };
    let led_by = |leader| Some(Place { leaders: vec![leader], ..place(Privacy::Open, None) });
    let (people, is_told) = reopened(led_by(CO_EXECUTOR), left);
    assert!(is_told && people.responsible == CO_EXECUTOR && people.co_executors.is_empty());
    let (people, _) = reopened(led_by(REVIEWER), left);
    assert_eq!((people.responsible, people.reviewer), (REVIEWER, None));
    let inactive = Hand { fitness: Fitness::Inactive, ..hand(RESPONSIBLE) };
    let (people, _) = reopened(None, inactive);
    assert!(people.responsible == OBSERVER && people.observers.is_empty());
    let (people, is_told) = reopened(led_by(CO_EXECUTOR), hand(RESPONSIBLE));
    assert!(!is_told && people.responsible == RESPONSIBLE);
}

#[test]
fn nothing_becomes_open_below_what_is_completed() {
    let below_completed = Obstacles { parent_completed: true, has_result: true, ..Obstacles::default() };
    let leads_to = |status, command: &Command| {
        let mut below = task();
        below.state.status = status;
        let admin = Actor { role: crate::actor::Role::Admin, ..employee(STRANGER) };
        below.apply(&admin, None, command, below_completed, NOW).map(|_| below.state.status)
    };
    let refused = Err(Conflict::ParentCompleted.into());
    for command in
        [Command::Return { reason: reason() }, Command::Delegate { to: hand(STRANGER), note: None }]
    {
        assert_eq!(leads_to(Status::InReview, &command), refused);
    }
    assert_eq!(leads_to(Status::Completed, &Command::Reopen { responsible: hand(RESPONSIBLE) }), refused);
    assert_eq!(leads_to(Status::InReview, &Command::Approve), Ok(Status::Completed));
    assert_eq!(leads_to(Status::InProgress, &Command::Pause), Ok(Status::Pending));
}
