//! What is changed of a task beside its status: fields, deadline, place, parts, the trash, comments; and new tasks.

use std::collections::BTreeSet;

use artel_domain::{
    actor::{Role as Rank, UserId},
    comment::{Comment, CommentAction, CommentId, CommentKind, check_may_comment},
    error::Conflict,
    project::{Fitness, Privacy, ProjectId, ProjectRole},
    task::{
        Action, Crew, DeadlinePolicy, Draft, Edit, Hand, Part, Place, Priority, ResultId, Reviewer, Spot,
        Status, Surroundings, TaskFields, TaskId, TaskResult, check_may_create,
    },
};
use chrono::TimeDelta;

use super::machine::{EVERYBODY, FITNESSES};
use crate::{
    law,
    scene::{
        BOTH, CO_EXECUTOR, CREATOR, ME, NOW, OBSERVER, RESPONSIBLE, REVIEWER, STRANGER, Scene, Site, before,
        later, persons, sites,
    },
    verdict::{Cells, Verdict},
};

fn invalid(faults: &[&str]) -> Verdict {
    Verdict::Invalid(faults.iter().map(|fault| (*fault).to_owned()).collect())
}

/// Every person, with and without what keeps a task from being changed.
fn settled(statuses: &[Status]) -> Vec<Scene> {
    let mut scenes = Vec::new();
    for person in persons() {
        for status in statuses {
            for trashed in BOTH {
                for archived in BOTH {
                    if archived && person.site.is_none() {
                        continue;
                    }
                    let site = person.site.map(|site| Site { archived, ..site });
                    scenes.push(Scene { status: *status, trashed, site, ..person });
                }
            }
        }
    }
    scenes
}

/// The right, and then that the task can be changed at all.
fn gate(scene: &Scene, action: Action) -> Verdict {
    let right = law::right(law::letters(scene), action);
    match law::place(scene) {
        Some(conflict) if right.is_yes() => Verdict::Conflict(conflict),
        _ => right,
    }
}

type Field = (&'static str, Action, fn(&mut Edit));

/// Each field with the right that it asks for.
const FIELDS: [Field; 15] = [
    ("/title", Action::Edit, |edit| edit.fields.title = "Print all badges".parse().unwrap()),
    ("/description", Action::Describe, |edit| edit.fields.description = "On paper".parse().ok()),
    ("/priority", Action::Edit, |edit| edit.fields.priority = Priority::High),
    ("/planned_start", Action::Plan, |edit| edit.fields.planned_start = Some(NOW)),
    ("/planned_end", Action::Plan, |edit| edit.fields.planned_end = Some(later())),
    ("/deadline", Action::MoveDeadline, |edit| edit.fields.deadline = Some(later())),
    ("/estimate_minutes", Action::Describe, |edit| edit.fields.estimate_minutes = Some(30)),
    ("/tags", Action::Edit, |edit| edit.fields.tags = vec!["urgent".parse().unwrap()]),
    ("/needs_result", Action::Edit, |edit| edit.fields.needs_result = true),
    ("/deadline_policy", Action::Edit, |edit| edit.fields.deadline_policy.responsible_may_move = true),
    ("/external_source", Action::Edit, |edit| edit.fields.external_source = "crm".parse().ok()),
    ("/external_id", Action::Edit, |edit| edit.fields.external_id = "7".parse().ok()),
    ("/project_id", Action::Edit, |edit| edit.fields.project_id = Some(ProjectId(9))),
    ("/parent_id", Action::Edit, |edit| edit.fields.parent_id = Some(TaskId(9))),
    ("/needs_review", Action::Edit, |edit| edit.fields.needs_review = true),
];

fn edit_of(scene: &Scene) -> Edit {
    Edit { fields: scene.task().fields, reviewer: Reviewer::Stays, deadline_reason: None, faults: Vec::new() }
}

/// What comes of changing these fields at once.
fn edited(scene: &Scene, fields: &[Field]) -> Verdict {
    let letters = law::letters(scene);
    if !law::may(letters, Action::Read) {
        return Verdict::NotFound;
    }
    let refused = fields.iter().filter(|(_, action, _)| !law::may(letters, *action));
    let mut refused: Vec<String> = refused.map(|(pointer, ..)| (*pointer).to_owned()).collect();
    refused.sort();
    if !refused.is_empty() {
        return Verdict::ForbiddenFields(refused);
    }
    let has = |name: &str| fields.iter().any(|(pointer, ..)| *pointer == name);
    if has("/deadline") && !law::may(letters, Action::SetDeadline) {
        return law::POLICY;
    }
    if let Some(conflict) = law::place(scene) {
        return Verdict::Conflict(conflict);
    }
    let mut faults = Vec::new();
    match (has("/external_source"), has("/external_id")) {
        (true, false) => faults.push("/external_id incomplete"),
        (false, true) => faults.push("/external_source incomplete"),
        _ => {}
    }
    // Whoever reviews it does not work on it, named or not.
    if has("/needs_review") && scene.works(scene.reviewer.unwrap_or(scene.creator)) {
        faults.push("/reviewer_id reviews_own_work");
    }
    if faults.is_empty() { Verdict::Yes } else { invalid(&faults) }
}

#[test]
fn each_field_asks_for_its_own_right() {
    let mut cells = Cells::of("fields");
    let mut sets: Vec<Vec<Field>> = vec![Vec::new()];
    for (position, one) in FIELDS.into_iter().enumerate() {
        sets.push(vec![one]);
        sets.extend(FIELDS.into_iter().skip(position + 1).map(|other| vec![one, other]));
    }
    for scene in settled(&[Status::Pending]) {
        for set in &sets {
            let mut edit = edit_of(&scene);
            set.iter().for_each(|(.., change)| change(&mut edit));
            let mut task = scene.task();
            let result = task.edit(&scene.me(), Some(3), edit.clone(), None, NOW);
            let names = || set.iter().map(|(pointer, ..)| *pointer).collect::<Vec<_>>();
            cells.same(&Verdict::of(&result), &edited(&scene, set), || format!("{:?} {scene:#?}", names()));
            let mut after = scene.task();
            if result.is_ok() && !set.is_empty() {
                after.fields = edit.fields;
                after.version += 1;
                after.updated.at = NOW;
                after.updated.by = Some(UserId(ME));
            }
            assert_eq!(task, after, "{:?}", names());
        }
    }
}

#[test]
fn the_reviewer_is_somebody_who_does_not_work_on_the_task() {
    let mut cells = Cells::of("reviewers");
    for scene in settled(&[Status::Pending, Status::InReview]) {
        for needs_review in BOTH {
            let scene = Scene { needs_review, ..scene };
            for reviewer in [None].into_iter().chain(EVERYBODY.map(Some)) {
                let hand = |user| Hand { user: UserId(user), fitness: Fitness::Staff, is_inside: true };
                let edit = Edit {
                    reviewer: reviewer.map_or(Reviewer::Nobody, |user| Reviewer::Named(hand(user))),
                    ..edit_of(&scene)
                };
                let is_new = reviewer != scene.reviewer;
                let right = law::right(law::letters(&scene), Action::AssignRoles);
                let is_fault = match reviewer {
                    Some(user) => scene.works(user),
                    None => needs_review && scene.works(scene.creator),
                };
                let oracle = match (right, law::place(&scene)) {
                    (Verdict::NotFound, _) => Verdict::NotFound,
                    (Verdict::Forbidden(_), _) if is_new => {
                        Verdict::ForbiddenFields(vec!["/reviewer_id".to_owned()])
                    }
                    (_, Some(conflict)) => Verdict::Conflict(conflict),
                    _ if is_new && is_fault => invalid(&["/reviewer_id reviews_own_work"]),
                    _ => Verdict::Yes,
                };
                let mut task = scene.task();
                let result = task.edit(&scene.me(), None, edit, None, NOW);
                cells.same(&Verdict::of(&result), &oracle, || format!("to {reviewer:?} {scene:#?}"));
                let mut after = scene.people();
                if result.is_ok() {
                    after.reviewer = reviewer.map(UserId);
                }
                assert_eq!(task.people, after);
                assert_eq!(task.version, 3 + i64::from(result.is_ok() && is_new));
            }
        }
    }
}

#[test]
fn the_policy_binds_the_responsible_person_and_nobody_who_sets_the_deadline() {
    let mut cells = Cells::of("deadlines");
    let latest = [None, Some(later()), Some(later() - TimeDelta::seconds(1))];
    for scene in persons() {
        let letters = law::letters(&scene);
        for responsible_may_move in BOTH {
            for latest in latest {
                for (most_moves, deadline_moves) in [(None, 5), (Some(0), 0), (Some(1), 0), (Some(1), 1)] {
                    for reason_required in BOTH {
                        for deadline_reason in [None, "It rains".parse().ok()] {
                            for deadline in [None, Some(NOW), Some(later())] {
                                let mut task = scene.task();
                                task.fields.deadline = Some(NOW);
                                task.state.deadline_moves = deadline_moves;
                                task.fields.deadline_policy = DeadlinePolicy {
                                    responsible_may_move,
                                    latest,
                                    most_moves,
                                    reason_required,
                                };
                                let mut edit = Edit {
                                    fields: task.fields.clone(),
                                    deadline_reason: deadline_reason.clone(),
                                    ..edit_of(&scene)
                                };
                                edit.fields.deadline = deadline;
                                let moves = deadline != Some(NOW);
                                let at_will = law::may(letters, Action::SetDeadline);
                                let is_spent = most_moves.is_some_and(|most| deadline_moves >= most);
                                let mut faults = Vec::new();
                                if deadline.is_none() {
                                    faults.push("/deadline required");
                                } else if latest.is_some() && deadline > latest {
                                    faults.push("/deadline out_of_range");
                                }
                                if reason_required && deadline_reason.is_none() {
                                    faults.push("/deadline_reason required");
                                }
                                let oracle = if !law::may(letters, Action::Read) {
                                    Verdict::NotFound
                                } else if !moves || at_will {
                                    Verdict::Yes
                                } else if scene.responsible != ME {
                                    Verdict::ForbiddenFields(vec!["/deadline".to_owned()])
                                } else if !responsible_may_move || is_spent {
                                    law::POLICY
                                } else if faults.is_empty() {
                                    Verdict::Yes
                                } else {
                                    invalid(&faults)
                                };
                                let can = task.can(&scene.me(), scene.obstacles());
                                let can = can.contains(&Action::MoveDeadline);
                                let result = task.edit(&scene.me(), None, edit, None, NOW);
                                cells.same(&Verdict::of(&result), &oracle, || {
                                    format!("{:?} {deadline:?} {scene:#?}", task.fields.deadline_policy)
                                });
                                let policed = scene.responsible == ME && responsible_may_move && !is_spent;
                                let is_mine = law::may(letters, Action::MoveDeadline);
                                cells
                                    .same(&can, &(is_mine && (at_will || policed)), || format!("{scene:#?}"));
                                let counted = u32::from(result.is_ok() && moves && !at_will);
                                assert_eq!(task.state.deadline_moves, deadline_moves + counted);
                            }
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn a_task_moves_where_it_fits() {
    let mut cells = Cells::of("moves");
    let fitting = Spot {
        parent: TaskId(9),
        project: Some(ProjectId(9)),
        level: 3,
        levels: 7,
        is_completed: false,
        is_below_itself: false,
    };
    let spots = [
        (None, None),
        (Some(fitting), None),
        (Some(Spot { levels: 8, ..fitting }), Some(Conflict::TooDeep)),
        (Some(Spot { is_below_itself: true, ..fitting }), Some(Conflict::Cycle)),
        (Some(Spot { is_completed: true, ..fitting }), Some(Conflict::ParentCompleted)),
    ];
    for scene in settled(&[Status::Pending, Status::InReview]) {
        let gate = gate(&scene, Action::Edit);
        for is_permitted in BOTH {
            for is_archived in BOTH {
                for (spot, conflict) in spots {
                    for (misfits, strays) in [(0, 0), (2, 0), (0, 3)] {
                        for expected in [2, 3] {
                            let site = Site { archived: is_archived, ..Site::new(Privacy::Open, None) };
                            let place = Scene { site: Some(site), ..scene }.place();
                            let place = place.map(|place| Place { project: ProjectId(9), ..place });
                            let surroundings = Surroundings { place, spot, is_permitted, misfits, strays };
                            let mut edit = edit_of(&scene);
                            edit.fields.project_id = Some(ProjectId(9));
                            edit.fields.parent_id = spot.map(|spot| spot.parent);
                            let is_done = matches!(scene.status, Status::InReview | Status::Completed);
                            let conflict = conflict.filter(|it| *it != Conflict::ParentCompleted || !is_done);
                            let mut refused: Vec<String> =
                                spot.map(|_| "/parent_id".to_owned()).into_iter().collect();
                            refused.push("/project_id".to_owned());
                            let oracle = match &gate {
                                Verdict::Forbidden(_) => Verdict::ForbiddenFields(refused),
                                Verdict::NotFound => Verdict::NotFound,
                                _ if !is_permitted => Verdict::NOT_ALLOWED,
                                _ if expected == 2 => Verdict::Stale,
                                Verdict::Conflict(conflict) => Verdict::Conflict(*conflict),
                                _ if is_archived => Verdict::Conflict(Conflict::Archived),
                                _ if conflict.is_some() => Verdict::Conflict(conflict.unwrap()),
                                _ if misfits > 0 => invalid(&["/project_id not_a_member"]),
                                _ if strays > 0 => invalid(&["/project_id outside_project"]),
                                _ => Verdict::Yes,
                            };
                            let mut task = scene.task();
                            let result =
                                task.edit(&scene.me(), Some(expected), edit, Some(surroundings), NOW);
                            cells.same(&Verdict::of(&result), &oracle, || {
                                format!("{spot:?} {is_permitted} {is_archived} {misfits} {scene:#?}")
                            });
                            if result.is_err() {
                                assert_eq!(task, scene.task());
                            }
                        }
                    }
                }
            }
        }
    }
}

/// What stands against somebody's having a part.
fn unfit(hand: Hand, is_inside: bool) -> Option<&'static str> {
    match (hand.fitness, is_inside) {
        (Fitness::Unknown, _) => Some("unknown"),
        (Fitness::Inactive, _) => Some("inactive"),
        (Fitness::Guest, false) => Some("is_a_guest"),
        (Fitness::Staff, false) => Some("not_a_member"),
        _ => None,
    }
}

fn is_inside_to_follow(hand: Hand, site: Option<Site>) -> bool {
    let is_open = site.is_some_and(|site| site.privacy == Privacy::Open);
    hand.is_inside || (is_open && hand.fitness == Fitness::Staff)
}

#[test]
fn parts_are_given_to_whom_they_can_be() {
    let mut cells = Cells::of("giving parts");
    for scene in settled(&[Status::Pending, Status::Completed]) {
        for part in [Part::CoExecutor, Part::Observer] {
            for user in EVERYBODY {
                for fitness in FITNESSES {
                    for is_inside in BOTH {
                        for needs_review in BOTH {
                            let scene = Scene { needs_review, ..scene };
                            let hand = Hand { user: UserId(user), fitness, is_inside };
                            let (action, has, fits) = match part {
                                Part::CoExecutor => {
                                    (Action::AddCoExecutors, scene.co_executors().contains(&user), is_inside)
                                }
                                Part::Observer => (
                                    Action::AddObservers,
                                    scene.observers().contains(&user),
                                    is_inside_to_follow(hand, scene.site),
                                ),
                            };
                            let gate = gate(&scene, action);
                            let is_idle = has || scene.responsible == user;
                            let is_reviewer = scene.reviewer == Some(user)
                                || (needs_review && law::reviewers(&scene).contains(&user));
                            let fault = unfit(hand, fits).map(|code| format!("/user_id {code}"));
                            let oracle = match fault {
                                _ if !gate.is_yes() => gate,
                                Some(fault) => Verdict::Invalid(vec![fault]),
                                None if part == Part::CoExecutor && is_reviewer && !is_idle => {
                                    invalid(&["/user_id reviews_own_work"])
                                }
                                None => Verdict::Yes,
                            };
                            let mut task = scene.task();
                            let result = task.give(&scene.me(), None, part, hand, NOW);
                            cells.same(&Verdict::of(&result), &oracle, || {
                                format!("{part:?} {hand:?} {scene:#?}")
                            });
                            let mut after = scene.people();
                            let happens = oracle.is_yes() && !is_idle;
                            if happens {
                                match part {
                                    Part::CoExecutor => after.co_executors.insert(hand.user),
                                    Part::Observer => after.observers.insert(hand.user),
                                };
                            }
                            assert_eq!((task.people, task.version), (after, 3 + i64::from(happens)));
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn parts_are_taken_by_those_who_assign_them_and_observers_leave_by_themselves() {
    let mut cells = Cells::of("taking parts");
    for scene in settled(&[Status::Pending, Status::Completed]) {
        for part in [Part::CoExecutor, Part::Observer] {
            for user in EVERYBODY {
                let (action, has) = match part {
                    Part::Observer if user == ME => (Action::Watch, scene.i_follow),
                    Part::Observer => (Action::AssignRoles, scene.observers().contains(&user)),
                    Part::CoExecutor => (Action::AssignRoles, scene.co_executors().contains(&user)),
                };
                let oracle = gate(&scene, action);
                let mut task = scene.task();
                let result = task.take(&scene.me(), None, part, UserId(user), NOW);
                cells.same(&Verdict::of(&result), &oracle, || format!("{part:?} {user} {scene:#?}"));
                let mut after = scene.people();
                let happens = oracle.is_yes() && has;
                if happens {
                    match part {
                        Part::CoExecutor => after.co_executors.remove(&UserId(user)),
                        Part::Observer => after.observers.remove(&UserId(user)),
                    };
                }
                assert_eq!((task.people, task.version), (after, 3 + i64::from(happens)));
            }
        }
    }
}

#[test]
fn whoever_leaves_keeps_no_part_but_the_creators() {
    let mut cells = Cells::of("leaving");
    for scene in persons() {
        for user in EVERYBODY {
            for heir in
                [None, Some(CREATOR), Some(CO_EXECUTOR), Some(REVIEWER), Some(OBSERVER), Some(STRANGER)]
            {
                if heir == Some(user) {
                    continue;
                }
                let (user, heir) = (UserId(user), heir.map(UserId));
                let mut task = scene.task();
                task.part_with(user, heir, &scene.me(), NOW);
                let mut after = scene.people();
                after.co_executors.remove(&user);
                after.observers.remove(&user);
                after.reviewer = after.reviewer.filter(|reviewer| *reviewer != user);
                if let Some(heir) = heir.filter(|_| after.responsible == user) {
                    after.responsible = heir;
                    after.co_executors.remove(&heir);
                    after.observers.remove(&heir);
                    after.reviewer = after.reviewer.filter(|reviewer| *reviewer != heir);
                }
                cells.same(&task.people, &after, || format!("{user} {heir:?} {scene:#?}"));
                assert_eq!(task.version, 3 + i64::from(after != scene.people()));
            }
        }
    }
}

#[test]
fn the_trash_takes_and_gives_back_as_the_table_says() {
    let mut cells = Cells::of("the trash");
    let mut parents = vec![None];
    for status in Status::ALL {
        parents.extend(BOTH.map(|trashed| Some((*status, trashed))));
    }
    for scene in settled(Status::ALL) {
        let oracle = gate(&scene, Action::Delete);
        let mut task = scene.task();
        let result = task.trash(&scene.me(), None, NOW);
        cells.same(&Verdict::of(&result), &oracle, || format!("trash {scene:#?}"));
        let is_gone = oracle.is_yes() || scene.trashed;
        assert_eq!((task.trashed.is_some(), task.version), (is_gone, 3 + i64::from(oracle.is_yes())));

        let right = law::right(law::letters(&scene), Action::Restore);
        let is_archived = scene.site.is_some_and(|site| site.archived);
        let is_done = matches!(scene.status, Status::InReview | Status::Completed);
        for (parent, strays) in parents.iter().flat_map(|parent| [(parent, 0), (parent, 2)]) {
            let oracle = match parent {
                _ if !right.is_yes() => right.clone(),
                _ if is_archived => Verdict::Conflict(Conflict::Archived),
                Some((_, true)) if scene.trashed => Verdict::Conflict(Conflict::Trashed),
                Some((Status::Completed, false)) if scene.trashed && !is_done => {
                    Verdict::Conflict(Conflict::ParentCompleted)
                }
                _ if scene.trashed && strays > 0 => Verdict::Conflict(Conflict::TasksOutsideDates),
                _ => Verdict::Yes,
            };
            let mut task = scene.task();
            let result = task.restore(&scene.me(), None, (*parent, strays), NOW);
            cells.same(&Verdict::of(&result), &oracle, || format!("restore {parent:?} {strays} {scene:#?}"));
            let happens = scene.trashed && oracle.is_yes();
            assert_eq!(task.trashed.is_some(), scene.trashed && !happens);
            assert_eq!(task.version, 3 + i64::from(happens));
        }
    }
}

#[test]
fn comments_are_their_authors() {
    let mut cells = Cells::of("comments");
    for scene in settled(&[Status::Pending, Status::Completed]) {
        let (task, me) = (scene.task(), scene.me());
        let may = check_may_comment(&task, &me);
        cells.same(&Verdict::of(&may), &gate(&scene, Action::Comment), || format!("{scene:#?}"));
        let letters = law::letters(&scene);
        for (kind, author) in [
            (CommentKind::Comment, Some(ME)),
            (CommentKind::Comment, Some(STRANGER)),
            (CommentKind::System, None),
        ] {
            let comment = Comment {
                id: CommentId(1),
                task: task.id,
                kind,
                author: author.map(UserId),
                note: None,
                text: "Done".parse().unwrap(),
                created_at: before(),
                edited_at: None,
            };
            for action in CommentAction::ALL {
                let is_mine = author == Some(ME);
                let leads = law::may(letters, Action::Moderate);
                let may = match action {
                    CommentAction::Edit => is_mine,
                    CommentAction::Delete => is_mine || (leads && kind == CommentKind::Comment),
                };
                let oracle = match law::place(&scene) {
                    _ if !law::may(letters, Action::Read) => Verdict::NotFound,
                    _ if !may => Verdict::NOT_ALLOWED,
                    Some(conflict) => Verdict::Conflict(conflict),
                    None => Verdict::Yes,
                };
                let domain = Verdict::of(&comment.check(&task, &me, *action));
                cells.same(&domain, &oracle, || format!("{action} {author:?} {scene:#?}"));
                let can = comment.can(&task, &me).contains(action);
                cells.same(&can, &oracle.is_yes(), || format!("can {action} {author:?} {scene:#?}"));
            }
            let mut said = comment.clone();
            let result = said.edit(&task, &me, "Not yet".parse().unwrap(), NOW);
            let oracle = comment.check(&task, &me, CommentAction::Edit).is_ok();
            assert_eq!((result.is_ok(), said.edited_at), (oracle, oracle.then_some(NOW)));
        }
    }
}

#[test]
fn results_links_and_marks_are_judged_by_the_same_table() {
    let mut cells = Cells::of("results, links, marks");
    for scene in settled(&[Status::InProgress, Status::Completed]) {
        let (task, me) = (scene.task(), scene.me());
        let letters = law::letters(&scene);
        let around = || format!("{scene:#?}");
        let give = Verdict::of(&task.check_give_result(&me));
        cells.same(&give, &gate(&scene, Action::AddResult), around);
        let link = Verdict::of(&task.check_link(&me, None));
        cells.same(&link, &gate(&scene, Action::Edit), around);
        // What one marks for oneself changes nothing for anybody, wherever the task lies.
        cells.same(&Verdict::of(&task.check_mark(&me)), &law::right(letters, Action::Watch), around);
        for author in [ME, STRANGER] {
            let result = TaskResult {
                id: ResultId(1),
                task: task.id,
                author: UserId(author),
                text: "Printed".parse().unwrap(),
                created_at: before(),
            };
            let oracle = match law::place(&scene) {
                _ if !law::may(letters, Action::Read) => Verdict::NotFound,
                _ if author != ME && !law::may(letters, Action::Moderate) => Verdict::NOT_ALLOWED,
                Some(conflict) => Verdict::Conflict(conflict),
                None => Verdict::Yes,
            };
            cells.same(&Verdict::of(&task.check_remove_result(&me, &result)), &oracle, around);
        }
    }
}

#[test]
fn tasks_are_created_where_one_may() {
    let mut cells = Cells::of("creation");
    for rank in Rank::ALL {
        for site in sites(&Scene::STRANGE) {
            let scene = Scene { rank: *rank, site, ..Scene::STRANGE };
            for create_tasks in ProjectRole::ALL {
                for archived in BOTH {
                    let place = scene.place();
                    let place = place.map(|place| Place { create_tasks: *create_tasks, archived, ..place });
                    let may = match site {
                        None => *rank != Rank::Guest,
                        Some(site) => {
                            let is_open = site.privacy == Privacy::Open;
                            let as_admin = *rank == Rank::Admin && (is_open || site.mine.is_some());
                            let mine = match site.mine {
                                None => 0,
                                Some(_) if *rank == Rank::Guest => 1,
                                Some(ProjectRole::Member) => 1,
                                Some(ProjectRole::Moderator) => 2,
                                Some(ProjectRole::Owner) => 3,
                            };
                            let least = match create_tasks {
                                ProjectRole::Member => 1,
                                ProjectRole::Moderator => 2,
                                ProjectRole::Owner => 3,
                            };
                            as_admin || mine >= least
                        }
                    };
                    let oracle = match may {
                        false => Verdict::NOT_ALLOWED,
                        true if archived && site.is_some() => Verdict::Conflict(Conflict::Archived),
                        true => Verdict::Yes,
                    };
                    let domain = Verdict::of(&check_may_create(&scene.me(), place.as_ref(), None));
                    cells.same(&domain, &oracle, || format!("{place:?} {rank}"));
                }
            }
        }
    }
    for scene in settled(Status::ALL) {
        let (parent, place) = (scene.task(), scene.place());
        let domain = check_may_create(&scene.me(), place.as_ref(), Some(&parent));
        let oracle = gate(&scene, Action::CreateSubtask);
        cells.same(&Verdict::of(&domain), &oracle, || format!("below {scene:#?}"));
    }
}

fn subsets(of: &[i64]) -> Vec<Vec<i64>> {
    let chosen = |set: u32| {
        of.iter().enumerate().filter(move |(bit, _)| set & (1 << bit) != 0).map(|(_, user)| *user).collect()
    };
    (0..1 << of.len()).map(chosen).collect()
}

#[test]
fn a_new_task_has_a_crew_that_can_be() {
    let mut cells = Cells::of("crews");
    let hand = |user| Hand { user: UserId(user), fitness: Fitness::Staff, is_inside: true };
    let hands = |users: &[i64]| users.iter().map(|user| hand(*user)).collect();
    let creator = Scene::STRANGE.me();
    for responsible in [ME, RESPONSIBLE] {
        for workers in subsets(&[ME, RESPONSIBLE, CO_EXECUTOR]) {
            for followers in subsets(&[ME, RESPONSIBLE, OBSERVER]) {
                for reviewer in [None, Some(ME), Some(RESPONSIBLE), Some(CO_EXECUTOR), Some(REVIEWER)] {
                    for needs_review in BOTH {
                        let crew = Crew {
                            responsible: hand(responsible),
                            co_executors: hands(&workers),
                            observers: hands(&followers),
                            reviewer: reviewer.map(hand),
                        };
                        let fields = TaskFields { needs_review, ..Scene::STRANGE.task().fields };
                        let new = Draft::new(&creator, fields, &crew, None, None, Vec::new(), NOW);
                        let works = |user| user == responsible || workers.contains(&user);
                        let is_fault = match reviewer {
                            Some(user) => works(user),
                            None => needs_review && works(ME),
                        };
                        let oracle = match is_fault {
                            true => invalid(&["/reviewer_id reviews_own_work"]),
                            false => Verdict::Yes,
                        };
                        cells.same(&Verdict::of(&new), &oracle, || format!("{crew:?} {needs_review}"));
                        let Ok(draft) = new else { continue };
                        let rest = |users: &[i64]| -> BTreeSet<UserId> {
                            users
                                .iter()
                                .filter(|user| **user != responsible)
                                .map(|user| UserId(*user))
                                .collect()
                        };
                        assert_eq!(draft.people.creator, UserId(ME));
                        assert_eq!(draft.people.responsible, UserId(responsible));
                        assert_eq!(draft.people.co_executors, rest(&workers));
                        assert_eq!(draft.people.observers, rest(&followers));
                        assert_eq!(draft.people.reviewer, reviewer.map(UserId));
                    }
                }
            }
        }
    }
}

#[test]
fn everybody_in_a_new_task_can_have_their_part_there() {
    let mut cells = Cells::of("fitness of crews");
    let creator = Scene::STRANGE.me();
    for privacy in [None, Some(Privacy::Open), Some(Privacy::Closed), Some(Privacy::Secret)] {
        let site = privacy.map(|privacy| Site::new(privacy, Some(ProjectRole::Member)));
        for fitness in FITNESSES {
            for is_inside in BOTH {
                let fit = |user| Hand { user: UserId(user), fitness: Fitness::Staff, is_inside: true };
                let odd = |user| Hand { user: UserId(user), fitness, is_inside };
                for slot in ["/responsible_id", "/co_executor_ids/0", "/observer_ids/0", "/reviewer_id"] {
                    let hand = |at: &str, user| if slot == at { odd(user) } else { fit(user) };
                    let crew = Crew {
                        responsible: hand("/responsible_id", RESPONSIBLE),
                        co_executors: vec![hand("/co_executor_ids/0", CO_EXECUTOR)],
                        observers: vec![hand("/observer_ids/0", OBSERVER)],
                        reviewer: Some(hand("/reviewer_id", REVIEWER)),
                    };
                    let fits = match slot {
                        "/observer_ids/0" => is_inside_to_follow(odd(OBSERVER), site),
                        _ => is_inside,
                    };
                    let oracle = match unfit(odd(STRANGER), fits) {
                        Some(code) => Verdict::Invalid(vec![format!("{slot} {code}")]),
                        None => Verdict::Yes,
                    };
                    let scene = Scene { site, ..Scene::STRANGE };
                    let fields = scene.task().fields;
                    let new = Draft::new(&creator, fields, &crew, scene.place(), None, Vec::new(), NOW);
                    cells.same(&Verdict::of(&new), &oracle, || format!("{slot} {fitness:?} {is_inside}"));
                }
            }
        }
    }
}
