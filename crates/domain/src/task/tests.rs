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
        Command::Reopen,
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

#[test]
fn privacy_beats_hierarchy_and_guests_see_their_projects_alone() {
    let reads = |task: &Task, actor: &Actor| task.standing(actor).may(Action::Read);
    for privacy in Privacy::ALL {
        let inside = Task { place: Some(place(*privacy, Some(ProjectRole::Member))), ..task() };
        let outside =
            Task { place: Some(place(*privacy, None)), below: BTreeSet::from([RESPONSIBLE]), ..task() };
        for role in Rank::ALL {
            let open_to_staff = *privacy == Privacy::Open && *role != Rank::Guest;
            assert!(reads(&inside, &actor(STRANGER, *role)));
            for user in [CREATOR, RESPONSIBLE, STRANGER] {
                assert_eq!(reads(&outside, &actor(user, *role)), open_to_staff, "{privacy} {role}");
            }
        }
    }
    assert!(!reads(&task(), &actor(RESPONSIBLE, Rank::Guest)));
    assert!(!reads(&task(), &employee(STRANGER)));
    assert!(reads(&Task { below: BTreeSet::from([OBSERVER]), ..task() }, &employee(STRANGER)));
}

#[test]
fn the_leaders_of_the_project_review_for_a_creator_who_left() {
    let mut left = task();
    left.people.reviewer = None;
    assert_eq!(left.reviewers(), [CREATOR]);
    left.place = Some(Place { creator_is_member: false, ..place(Privacy::Closed, None) });
    assert_eq!(left.reviewers(), [UserId(20)]);
    left.people.responsible = UserId(20);
    assert_eq!(left.reviewers(), [UserId(21)]);
    left.place = Some(Place { creator_is_member: false, ..place(Privacy::Open, None) });
    assert_eq!(left.reviewers(), [CREATOR]);
}

#[test]
fn nobody_reviews_their_own_work_named_or_not() {
    let mut own = task();
    own.people.reviewer = None;
    own.people.responsible = CREATOR;
    assert_eq!(own.reviewers(), []);
    own.place = Some(place(Privacy::Open, None));
    assert_eq!(own.reviewers(), [UserId(20)]);
    own.fields.needs_review = false;
    assert_eq!(own.reviewers(), [CREATOR]);
    own.place = None;
    own.state.status = Status::InReview;
    assert_eq!(run(&mut own, CREATOR, &Command::Approve), Err(Forbidden::NotAllowed.into()));
    run(&mut own, CREATOR, &Command::Withdraw).unwrap();
    run(&mut own, CREATOR, &Command::Complete).unwrap();
    assert_eq!(own.state.status, Status::Completed);
}

#[test]
fn whoever_stands_in_for_the_reviewer_is_a_participant_and_so_their_managers_may_create_subtasks() {
    let own = People { responsible: CREATOR, reviewer: None, ..task().people };
    let open = Task { people: own, place: Some(place(Privacy::Open, None)), ..task() };
    assert_eq!(open.reviewers(), [UserId(20)]);
    let managed = Task { below: BTreeSet::from([UserId(20)]), ..open.clone() };
    let may = |task: &Task| task.standing(&employee(STRANGER)).may(Action::CreateSubtask);
    assert_eq!((may(&open), may(&managed)), (false, true));
}

fn edited(by: UserId, change: impl FnOnce(&mut Edit)) -> Result<(Task, Vec<String>)> {
    let mut task = task();
    let mut edit = Edit {
        fields: task.fields.clone(),
        reviewer: Reviewer::Stays,
        deadline_reason: None,
        faults: Vec::new(),
    };
    change(&mut edit);
    if edit.fields.deadline_policy.responsible_may_move {
        task.fields.deadline_policy = edit.fields.deadline_policy.clone();
    }
    let changes = task.edit(&employee(by), None, edit, None, NOW)?;
    Ok((task, changes.into_iter().map(|change| change.field).collect()))
}

#[test]
fn each_field_asks_for_its_own_right_and_one_refuses_them_all() {
    let describe = |edit: &mut Edit| {
        edit.fields.description = "At the front desk".parse().ok();
        edit.fields.estimate_minutes = Some(30);
        edit.fields.planned_end = Some(NOW);
    };
    let rename = |edit: &mut Edit| {
        describe(edit);
        edit.fields.title = "Print all badges".parse().unwrap();
        edit.reviewer = Reviewer::Nobody;
    };
    assert_eq!(edited(CREATOR, rename).unwrap().1.len(), 5);
    assert_eq!(edited(RESPONSIBLE, describe).unwrap().1, ["description", "estimate_minutes", "planned_end"]);
    let pointers = |result| match result {
        Err(Error::ForbiddenFields(faults)) => {
            faults.into_iter().map(|fault| fault.pointer).collect::<Vec<_>>()
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(pointers(edited(RESPONSIBLE, rename)), ["/title", "/reviewer_id"]);
    assert_eq!(pointers(edited(CO_EXECUTOR, describe)).len(), 3);
    assert_eq!(edited(STRANGER, describe).unwrap_err(), Error::NotFound);
    assert_eq!(edited(OBSERVER, |_| ()).unwrap().0.version, 1);
}

#[test]
fn the_responsible_person_moves_the_deadline_as_the_policy_says() {
    let day = |days: i64| Some(NOW + chrono::TimeDelta::days(days));
    let policy = DeadlinePolicy {
        responsible_may_move: true,
        latest: day(3),
        most_moves: Some(1),
        reason_required: true,
    };
    let to = |days, reason: Option<Reason>| {
        let policy = policy.clone();
        move |edit: &mut Edit| {
            edit.fields.deadline = day(days);
            edit.fields.deadline_policy = policy;
            edit.deadline_reason = reason;
        }
    };
    let moved = edited(RESPONSIBLE, to(3, Some(reason()))).unwrap();
    assert_eq!(moved.1, ["deadline", "deadline_reason"]);
    assert_eq!(moved.0.state.deadline_moves, 1);
    let again = Edit {
        fields: TaskFields { deadline: day(2), ..moved.0.fields.clone() },
        reviewer: Reviewer::Stays,
        deadline_reason: Some(reason()),
        faults: Vec::new(),
    };
    let mut task = moved.0;
    let refused = task.edit(&employee(RESPONSIBLE), None, again.clone(), None, NOW);
    assert_eq!(refused, Err(Forbidden::DeadlinePolicy.into()));
    task.edit(&employee(CREATOR), None, again, None, NOW).unwrap();
    assert_eq!(task.state.deadline_moves, 1);
    let faults = |result| match result {
        Err(Error::Invalid(faults)) => {
            faults.into_iter().map(|fault: crate::error::Fault| fault.pointer).collect()
        }
        other => panic!("{other:?}"),
    };
    let wrong: Vec<String> = faults(edited(RESPONSIBLE, to(4, None)));
    assert_eq!(wrong, ["/deadline", "/deadline_reason"]);
    assert_eq!(edited(CREATOR, to(9, None)).unwrap().0.state.deadline_moves, 0);
    let forbidden = edited(RESPONSIBLE, |edit| edit.fields.deadline = day(1));
    assert_eq!(forbidden.unwrap_err(), Forbidden::DeadlinePolicy.into());
}

#[test]
fn dates_follow_the_planned_start_and_lie_within_the_project() {
    let day = |days: i64| Some(NOW + chrono::TimeDelta::days(days));
    let place = Place {
        starts_on: chrono::NaiveDate::from_ymd_opt(1970, 1, 2),
        ends_on: chrono::NaiveDate::from_ymd_opt(1970, 1, 5),
        zone: TimeZone(chrono_tz::Europe::Moscow),
        ..place(Privacy::Open, Some(ProjectRole::Member))
    };
    let pointers = |start, end, deadline| {
        let fields = TaskFields { planned_start: start, planned_end: end, deadline, ..task().fields };
        let faults = create::date_faults(&fields, Some(&place));
        faults.into_iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect::<Vec<_>>()
    };
    assert!(pointers(day(1), day(2), day(4)).is_empty());
    assert_eq!(pointers(day(2), day(1), None), ["/planned_end before_start"]);
    assert_eq!(pointers(day(2), None, day(1)), ["/deadline before_start"]);
    assert_eq!(
        pointers(day(0), None, day(5)),
        ["/planned_start outside_project", "/deadline outside_project"]
    );
    // Three hours before midnight in UTC the next day has begun in Moscow.
    assert!(pointers(Some(NOW + chrono::TimeDelta::hours(21)), None, None).is_empty());
}

#[test]
fn a_tree_has_no_cycle_at_most_ten_levels_and_one_project() {
    let spot = Spot {
        parent: TaskId(7),
        project: None,
        level: 9,
        levels: 1,
        is_completed: false,
        is_below_itself: false,
    };
    assert_eq!(spot.check(true), Ok(()));
    assert_eq!(Spot { levels: 2, ..spot }.check(true), Err(Conflict::TooDeep.into()));
    assert_eq!(Spot { is_below_itself: true, ..spot }.check(true), Err(Conflict::Cycle.into()));
    assert_eq!(Spot { is_completed: true, ..spot }.check(true), Err(Conflict::ParentCompleted.into()));
    assert_eq!(Spot { is_completed: true, ..spot }.check(false), Ok(()));
    assert_eq!(spot.fault(Some(ProjectId(1))).unwrap().code, FaultCode::OtherProject);
    assert_eq!(spot.fault(None), None);
}

#[test]
fn a_new_task_names_every_fault_of_its_crew_and_drops_the_responsible_from_the_rest() {
    let crew = Crew {
        responsible: hand(RESPONSIBLE),
        co_executors: vec![hand(RESPONSIBLE), hand(CO_EXECUTOR)],
        observers: vec![hand(OBSERVER), hand(RESPONSIBLE)],
        reviewer: None,
    };
    let new = |crew: &Crew, fields, place| {
        Draft::new(&employee(CREATOR), fields, crew, place, None, Vec::new(), NOW)
    };
    let draft = new(&crew, task().fields, None).unwrap();
    assert_eq!(draft.people.co_executors, BTreeSet::from([CO_EXECUTOR]));
    assert_eq!(draft.people.observers, BTreeSet::from([OBSERVER]));
    let wrong = Crew {
        responsible: Hand { fitness: Fitness::Inactive, ..hand(RESPONSIBLE) },
        co_executors: vec![Hand { is_inside: false, ..hand(CO_EXECUTOR) }],
        observers: vec![
            Hand { is_inside: false, ..hand(OBSERVER) },
            Hand { is_inside: false, fitness: Fitness::Guest, ..hand(STRANGER) },
        ],
        reviewer: Some(hand(CO_EXECUTOR)),
    };
    let fields = TaskFields { estimate_minutes: Some(0), external_id: "7".parse().ok(), ..task().fields };
    let Err(Error::Invalid(faults)) = new(&wrong, fields, Some(place(Privacy::Open, None))) else { panic!() };
    let pointers: Vec<&str> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
    assert_eq!(
        pointers,
        [
            "/estimate_minutes",
            "/external_source",
            "/responsible_id",
            "/co_executor_ids/0",
            "/observer_ids/1",
            "/reviewer_id"
        ]
    );
    let own = Crew { responsible: hand(CREATOR), ..crew };
    let Err(Error::Invalid(faults)) = new(&own, task().fields, None) else { panic!() };
    assert_eq!(faults[0].code, FaultCode::ReviewsOwnWork);
}

#[test]
fn a_task_is_created_where_one_may() {
    let may = |role, place: Option<&Place>| check_may_create(&actor(STRANGER, role), place, None);
    assert_eq!(may(Rank::Employee, None), Ok(()));
    assert_eq!(may(Rank::Guest, None), Err(Forbidden::NotAllowed.into()));
    let member = place(Privacy::Closed, Some(ProjectRole::Member));
    assert_eq!(may(Rank::Guest, Some(&member)), Ok(()));
    let strict = Place { create_tasks: ProjectRole::Moderator, ..member.clone() };
    assert_eq!(may(Rank::Employee, Some(&strict)), Err(Forbidden::NotAllowed.into()));
    assert_eq!(may(Rank::Admin, Some(&strict)), Ok(()));
    assert_eq!(may(Rank::Admin, Some(&place(Privacy::Open, None))), Ok(()));
    assert_eq!(may(Rank::Employee, Some(&place(Privacy::Open, None))), Err(Forbidden::NotAllowed.into()));
    let archived = Place { archived: true, ..member };
    assert_eq!(may(Rank::Employee, Some(&archived)), Err(Conflict::Archived.into()));
    let parent = task();
    let below = |user| check_may_create(&employee(user), None, Some(&parent));
    assert_eq!((below(OBSERVER), below(STRANGER)), (Ok(()), Err(Error::NotFound)));
    let thrown = Task { trashed: Some(Stamp { at: NOW, by: None }), ..task() };
    let below_thrown = check_may_create(&employee(CREATOR), None, Some(&thrown));
    assert_eq!(below_thrown, Err(Conflict::Trashed.into()));
}

#[test]
fn parts_are_given_and_taken_as_the_table_says() {
    let give = |by, part, hand: Hand| task().give(&employee(by), None, part, hand, NOW);
    assert!(give(RESPONSIBLE, Part::CoExecutor, hand(STRANGER)).unwrap().is_some());
    assert_eq!(give(RESPONSIBLE, Part::CoExecutor, hand(RESPONSIBLE)), Ok(None));
    assert_eq!(give(CREATOR, Part::CoExecutor, hand(CO_EXECUTOR)), Ok(None));
    assert_eq!(give(OBSERVER, Part::CoExecutor, hand(STRANGER)), Err(Forbidden::NotAllowed.into()));
    assert!(give(OBSERVER, Part::Observer, hand(STRANGER)).unwrap().is_some());
    assert!(matches!(give(CREATOR, Part::CoExecutor, hand(REVIEWER)), Err(Error::Invalid(_))));
    let take = |by, part, user| task().take(&employee(by), None, part, user, NOW);
    assert!(take(OBSERVER, Part::Observer, OBSERVER).unwrap().is_some());
    assert_eq!(take(RESPONSIBLE, Part::Observer, OBSERVER), Err(Forbidden::NotAllowed.into()));
    assert_eq!(take(RESPONSIBLE, Part::CoExecutor, CO_EXECUTOR), Err(Forbidden::NotAllowed.into()));
    assert!(take(CREATOR, Part::CoExecutor, CO_EXECUTOR).unwrap().is_some());
    let mut left = task();
    let changes = left.part_with(REVIEWER, None, &employee(CREATOR), NOW);
    assert_eq!((changes.len(), left.people.reviewer), (1, None));
    let changes = left.part_with(RESPONSIBLE, Some(CO_EXECUTOR), &employee(CREATOR), NOW);
    assert_eq!((changes.len(), left.people.responsible), (1, CO_EXECUTOR));
    assert!(left.people.co_executors.is_empty());
}

#[test]
fn what_is_completed_is_thrown_away_by_those_who_lead_alone() {
    let mut completed = task();
    completed.state.status = Status::Completed;
    assert_eq!(completed.trash(&employee(CREATOR), None, NOW), Err(Forbidden::NotAllowed.into()));
    assert_eq!(task().trash(&employee(RESPONSIBLE), None, NOW), Err(Forbidden::NotAllowed.into()));
    let admin = actor(STRANGER, Rank::Admin);
    completed.trash(&admin, Some(1), NOW).unwrap();
    assert_eq!(completed.trash(&admin, None, NOW), Err(Conflict::Trashed.into()));
    assert_eq!(
        completed.restore(&admin, None, Some((Status::Pending, true)), NOW),
        Err(Conflict::Trashed.into())
    );
    assert_eq!(completed.restore(&admin, None, Some((Status::Completed, false)), NOW), Ok(true));
    let mut open = task();
    open.trash(&employee(CREATOR), None, NOW).unwrap();
    let below_completed = open.restore(&employee(CREATOR), None, Some((Status::Completed, false)), NOW);
    assert_eq!(below_completed, Err(Conflict::ParentCompleted.into()));
    assert_eq!(open.restore(&employee(CREATOR), None, None, NOW), Ok(true));
}

#[test]
fn can_names_restore_only_where_it_would_not_be_refused() {
    let restore = |status, obstacles| {
        let mut thrown = task();
        thrown.state.status = status;
        thrown.trashed = Some(Stamp { at: NOW, by: Some(CREATOR) });
        thrown.can(&employee(CREATOR), obstacles).contains(&Action::Restore)
    };
    let below_completed = Obstacles { parent_completed: true, ..Obstacles::default() };
    assert!(restore(Status::Pending, Obstacles::default()));
    assert!(!restore(Status::Completed, Obstacles::default()));
    assert!(!restore(Status::Pending, below_completed));
    assert!(restore(Status::InReview, below_completed));
    let below_trashed = Obstacles { parent_trashed: true, ..Obstacles::default() };
    assert!(!restore(Status::Pending, below_trashed));
    assert!(!restore(Status::InReview, below_trashed));
}

#[test]
fn whoever_may_not_move_a_task_there_is_told_so_before_its_version_and_its_state() {
    let mut moved = Task { trashed: Some(Stamp { at: NOW, by: None }), ..task() };
    let fields = TaskFields { project_id: Some(ProjectId(1)), ..moved.fields.clone() };
    let edit = Edit { fields, reviewer: Reviewer::Stays, deadline_reason: None, faults: Vec::new() };
    let mut to = |is_permitted, expected| {
        let surroundings = Surroundings { is_permitted, ..Surroundings::default() };
        moved.edit(&employee(CREATOR), Some(expected), edit.clone(), Some(surroundings), NOW)
    };
    assert_eq!(to(false, 7), Err(Forbidden::NotAllowed.into()));
    assert_eq!(to(true, 7), Err(Error::Stale));
    assert_eq!(to(true, 1), Err(Conflict::Trashed.into()));
}

#[test]
fn who_became_a_guest_leads_no_tasks_either() {
    let led = Task { place: Some(place(Privacy::Closed, Some(ProjectRole::Moderator))), ..task() };
    let guest = actor(STRANGER, Rank::Guest);
    assert!(led.standing(&employee(STRANGER)).may(Action::Delete));
    assert_eq!(check(&led.standing(&guest), Action::Delete), Err(Forbidden::NotAllowed.into()));
    assert!(led.standing(&guest).may(Action::Comment));
    let place = Place { create_tasks: ProjectRole::Moderator, ..led.place.unwrap() };
    assert_eq!(check_may_create(&guest, Some(&place), None), Err(Forbidden::NotAllowed.into()));
}
