//! Changing a task, its deadline and its place; throwing it away and taking it back.

use super::*;

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
fn what_is_completed_is_thrown_away_by_those_who_lead_alone() {
    let mut completed = task();
    completed.state.status = Status::Completed;
    assert_eq!(completed.trash(&employee(CREATOR), None, NOW), Err(Forbidden::NotAllowed.into()));
    assert_eq!(task().trash(&employee(RESPONSIBLE), None, NOW), Err(Forbidden::NotAllowed.into()));
    let admin = actor(STRANGER, Rank::Admin);
    completed.trash(&admin, Some(1), NOW).unwrap();
    assert_eq!(completed.trash(&admin, None, NOW), Err(Conflict::Trashed.into()));
    assert_eq!(
        completed.restore(&admin, None, (Some((Status::Pending, true)), 0), NOW),
        Err(Conflict::Trashed.into())
    );
    assert_eq!(completed.restore(&admin, None, (Some((Status::Completed, false)), 0), NOW), Ok(true));
    let mut open = task();
    open.trash(&employee(CREATOR), None, NOW).unwrap();
    let below_completed = open.restore(&employee(CREATOR), None, (Some((Status::Completed, false)), 0), NOW);
    assert_eq!(below_completed, Err(Conflict::ParentCompleted.into()));
    assert_eq!(open.restore(&employee(CREATOR), None, (None, 0), NOW), Ok(true));
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
