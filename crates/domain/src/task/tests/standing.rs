//! How people stand to a task: privacy, reviewers, and the parts that are given and taken.

use super::*;

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

#[test]
fn parts_are_given_and_taken_as_the_table_says() {
    let give = |by, part, hand: Hand| task().give(&employee(by), None, part, hand, NOW);
    assert!(!give(RESPONSIBLE, Part::CoExecutor, hand(STRANGER)).unwrap().is_empty());
    assert_eq!(give(RESPONSIBLE, Part::CoExecutor, hand(RESPONSIBLE)), Ok(Vec::new()));
    assert_eq!(give(CREATOR, Part::CoExecutor, hand(CO_EXECUTOR)), Ok(Vec::new()));
    assert_eq!(give(OBSERVER, Part::CoExecutor, hand(STRANGER)), Err(Forbidden::NotAllowed.into()));
    assert!(!give(OBSERVER, Part::Observer, hand(STRANGER)).unwrap().is_empty());
    assert!(matches!(give(CREATOR, Part::CoExecutor, hand(REVIEWER)), Err(Error::Invalid(_))));
    let take = |by, part, user| task().take(&employee(by), None, part, user, NOW);
    assert!(!take(OBSERVER, Part::Observer, OBSERVER).unwrap().is_empty());
    assert_eq!(take(RESPONSIBLE, Part::Observer, OBSERVER), Err(Forbidden::NotAllowed.into()));
    assert_eq!(take(RESPONSIBLE, Part::CoExecutor, CO_EXECUTOR), Err(Forbidden::NotAllowed.into()));
    assert!(!take(CREATOR, Part::CoExecutor, CO_EXECUTOR).unwrap().is_empty());
    let mut left = task();
    let changes = left.part_with(REVIEWER, None, &employee(CREATOR), NOW);
    assert_eq!((changes.len(), left.people.reviewer), (1, None));
    let changes = left.part_with(RESPONSIBLE, Some(CO_EXECUTOR), &employee(CREATOR), NOW);
    assert_eq!((changes.len(), left.people.responsible), (2, CO_EXECUTOR));
    assert!(left.people.co_executors.is_empty());
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
