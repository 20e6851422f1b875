//! New tasks, their dates, and the trees that they lie in.

use super::*;

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
