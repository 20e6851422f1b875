//! The whole grid, printed to `permission.txt` beside the code: reviewing a change of policy is reading its diff.

use std::fmt::Write as _;

use super::*;
use crate::{
    actor::{Role, SessionId, Via},
    error::{Error, Forbidden},
    level::Levels,
};

const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

fn actor(role: Role) -> Actor {
    Actor { user: UserId(1), role, via: Via::Session(SessionId(1)), levels: Levels::default_of(role) }
}

fn project(privacy: Privacy, mine: Option<ProjectRole>) -> Project {
    let fields = ProjectFields {
        name: "Demo day".parse().unwrap(),
        description: None,
        starts_on: None,
        ends_on: None,
        privacy,
        colour: None,
        tags: Vec::new(),
        permissions: Permissions::DEFAULT,
    };
    let owner = if mine == Some(ProjectRole::Owner) { UserId(1) } else { UserId(9) };
    let created = Stamp { at: NOW, by: Some(owner) };
    let project = Draft { fields, owner, created }.with_id(ProjectId(1));
    Project { mine, ..project }
}

/// The parts that someone can have, with what they are in the organisation.
fn people() -> Vec<(String, Role, Option<ProjectRole>)> {
    let mut people = Vec::new();
    for role in Role::ALL {
        for mine in [Some(ProjectRole::Owner), Some(ProjectRole::Moderator), Some(ProjectRole::Member), None]
        {
            if *role == Role::Guest && mine > Some(ProjectRole::Member) {
                continue;
            }
            let part = mine.map_or("outside", ProjectRole::as_str);
            people.push((format!("{role} {part}"), *role, mine));
        }
    }
    people
}

fn verdict(result: &Result<()>) -> &'static str {
    match result {
        Ok(()) => "yes",
        Err(Error::Forbidden(_)) => "403",
        Err(Error::NotFound) => "404",
        Err(_) => "409",
    }
}

fn grid() -> String {
    let mut grid = String::new();
    for privacy in Privacy::ALL {
        writeln!(grid, "# {privacy}").unwrap();
        write!(grid, "{:<20}", "").unwrap();
        for action in ProjectAction::ALL {
            write!(grid, " {action}").unwrap();
        }
        for (name, role, mine) in people() {
            write!(grid, "\n{name:<20}").unwrap();
            for action in ProjectAction::ALL {
                let result = project(*privacy, mine).may(&actor(role), *action);
                write!(grid, " {:<width$}", verdict(&result), width = action.as_str().len()).unwrap();
            }
        }
        grid.push_str("\n\n");
    }
    grid.lines().fold(String::new(), |text, line| text + line.trim_end() + "\n")
}

#[test]
fn the_grid_is_the_one_that_was_reviewed() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/project/permission.txt");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, grid()).unwrap();
    }
    assert!(
        std::fs::read_to_string(path).unwrap_or_default() == grid(),
        "run the test with UPDATE=1 and read the diff"
    );
}

#[test]
fn an_archived_project_is_only_read_until_it_is_reopened() {
    let admin = actor(Role::Admin);
    for action in ProjectAction::ALL {
        let mut archived = project(Privacy::Open, Some(ProjectRole::Owner));
        archived.archive(&admin, None, NOW).unwrap();
        let open = [ProjectAction::View, ProjectAction::Read, ProjectAction::Reopen, ProjectAction::Restore];
        let expected = if open.contains(action) { Ok(()) } else { Err(Conflict::Archived.into()) };
        assert_eq!(archived.check(&admin, *action, None), expected, "{action}");
        assert!(archived.reopen(&admin, Some(2), NOW).unwrap());
        assert_eq!((archived.archived, archived.version), (None, 3));
    }
}

#[test]
fn what_is_in_the_trash_is_only_restored() {
    let owner = actor(Role::Employee);
    let mut trashed = project(Privacy::Secret, Some(ProjectRole::Owner));
    trashed.trash(&owner, None, NOW).unwrap();
    assert_eq!(trashed.archive(&owner, None, NOW), Err(Conflict::Trashed.into()));
    assert_eq!(trashed.trash(&owner, None, NOW), Err(Conflict::Trashed.into()));
    assert_eq!(trashed.reopen(&owner, None, NOW), Err(Conflict::Trashed.into()));
    assert_eq!(trashed.can(&owner), [ProjectAction::View, ProjectAction::Read, ProjectAction::Restore]);
    assert_eq!(trashed.restore(&owner, Some(1), NOW), Err(Error::Stale));
    assert_eq!(trashed.restore(&owner, Some(2), NOW), Ok(true));
    assert_eq!(trashed.restore(&owner, None, NOW), Ok(false));
}

#[test]
fn a_moderator_edits_what_is_not_governed() {
    let moderator = actor(Role::Employee);
    let mut edited = project(Privacy::Closed, Some(ProjectRole::Moderator));
    let secret = ProjectFields { privacy: Privacy::Secret, ..edited.fields.clone() };
    let refused = edited.edit(&moderator, None, secret, 0, NOW);
    assert!(matches!(&refused, Err(Error::ForbiddenFields(faults)) if faults[0].pointer == "/privacy"));
    let named = ProjectFields { name: "Demo night".parse().unwrap(), ..edited.fields.clone() };
    assert_eq!(edited.edit(&moderator, Some(7), named.clone(), 0, NOW), Err(Error::Stale));
    let strays = edited.edit(&moderator, None, named.clone(), 1, NOW);
    assert_eq!(strays, Err(Conflict::TasksOutsideDates.into()));
    assert_eq!(edited.edit(&moderator, Some(1), named, 0, NOW).unwrap().len(), 1);
    let backwards = ProjectFields {
        starts_on: NaiveDate::from_ymd_opt(2026, 5, 2),
        ends_on: NaiveDate::from_ymd_opt(2026, 5, 1),
        ..edited.fields.clone()
    };
    assert!(matches!(edited.edit(&moderator, None, backwards, 0, NOW), Err(Error::Invalid(_))));
    assert_eq!(edited.version, 2);
}

fn candidate(user: i64, fitness: Fitness) -> Candidate {
    Candidate { user: UserId(user), fitness }
}

#[test]
fn whoever_runs_a_project_adds_members_and_whoever_governs_it_gives_parts() {
    let someone = candidate(5, Fitness::Staff);
    for mine in [Some(ProjectRole::Owner), Some(ProjectRole::Moderator), Some(ProjectRole::Member)] {
        let project = project(Privacy::Closed, mine);
        let by = actor(Role::Employee);
        let may = |least: ProjectRole| mine >= Some(least);
        let expect = |entry, least| if may(least) { Ok(entry) } else { Err(Forbidden::NotAllowed.into()) };
        let new = add(&project, &by, someone, None, ProjectRole::Member);
        assert_eq!(new, expect(Entry::New, ProjectRole::Moderator));
        let as_moderator = add(&project, &by, someone, None, ProjectRole::Moderator);
        assert_eq!(as_moderator, expect(Entry::New, ProjectRole::Owner));
        let raised = move_to(&project, &by, someone, Some(ProjectRole::Member), ProjectRole::Moderator);
        assert_eq!(raised, expect(Entry::Changed { from: ProjectRole::Member }, ProjectRole::Owner));
    }
}

#[test]
fn the_owner_is_neither_moved_nor_removed_and_guests_lead_nothing() {
    let project = project(Privacy::Open, Some(ProjectRole::Owner));
    let owner = actor(Role::Employee);
    let moved = add(&project, &owner, candidate(1, Fitness::Staff), project.mine, ProjectRole::Member);
    assert_eq!(moved, Err(Conflict::OwnerStays.into()));
    let exit =
        Exit { user: UserId(1), role: ProjectRole::Owner, open_tasks: 0, heir: None, heir_is_member: false };
    let left = check_exit(&project, &actor(Role::Admin), Exit { user: UserId(7), ..exit });
    assert_eq!(left, Err(Conflict::OwnerStays.into()));
    for present in [None, Some(ProjectRole::Member)] {
        let second = add(&project, &owner, candidate(5, Fitness::Staff), present, ProjectRole::Owner);
        assert!(matches!(second, Err(Error::Invalid(_))));
    }
    let is_refused = |role, fitness| add(&project, &owner, candidate(5, fitness), None, role).is_err();
    assert!(!is_refused(ProjectRole::Member, Fitness::Guest));
    assert!(is_refused(ProjectRole::Moderator, Fitness::Guest));
    assert!(is_refused(ProjectRole::Member, Fitness::Inactive));
    assert!(is_refused(ProjectRole::Member, Fitness::Unknown));
    assert!(is_refused(ProjectRole::Owner, Fitness::Staff), "an owner comes by handing over alone");
}

#[test]
fn an_owner_who_becomes_a_guest_leads_no_more() {
    let (mut led, guest) = (project(Privacy::Closed, Some(ProjectRole::Owner)), actor(Role::Guest));
    assert_eq!(led.archive(&guest, None, NOW), Err(Forbidden::NotAllowed.into()));
    assert_eq!(led.check(&guest, ProjectAction::Read, None), Ok(()));
    assert!(!led.can(&guest).contains(&ProjectAction::Leave), "somebody else becomes the owner first");
}

#[test]
fn an_heir_takes_a_project_over_wherever_it_lies() {
    let (admin, mut left) = (actor(Role::Admin), project(Privacy::Secret, None));
    left.trashed = Some(left.created);
    left.archived = Some(left.created);
    assert_eq!(left.inherit(&actor(Role::Employee), UserId(4), NOW), Err(Forbidden::AdminOnly.into()));
    let change = left.inherit(&admin, UserId(4), NOW).unwrap();
    assert_eq!((change.old, change.new), (9.into(), 4.into()));
    assert_eq!((left.owner, left.mine, left.version), (UserId(4), None, 2));
}

#[test]
fn open_tasks_are_handed_over_before_a_member_goes() {
    let project = project(Privacy::Closed, Some(ProjectRole::Moderator));
    let by = actor(Role::Employee);
    let exit =
        Exit { user: UserId(5), role: ProjectRole::Member, open_tasks: 2, heir: None, heir_is_member: false };
    assert_eq!(check_exit(&project, &by, exit), Err(Conflict::HasOpenTasks.into()));
    assert_eq!(check_exit(&project, &by, Exit { open_tasks: 0, ..exit }), Ok(()));
    let heir = Some(candidate(6, Fitness::Staff));
    assert!(matches!(check_exit(&project, &by, Exit { heir, ..exit }), Err(Error::Invalid(_))));
    assert_eq!(check_exit(&project, &by, Exit { heir, heir_is_member: true, ..exit }), Ok(()));
    let moderator = Exit { role: ProjectRole::Moderator, open_tasks: 0, ..exit };
    assert_eq!(check_exit(&project, &by, moderator), Err(Forbidden::NotAllowed.into()));
}

#[test]
fn an_administrator_finds_a_new_owner_for_a_project_whose_owner_is_gone() {
    let admin = actor(Role::Admin);
    let heir = candidate(4, Fitness::Staff);
    let mut secret = project(Privacy::Secret, None);
    assert_eq!(secret.hand_over(&admin, None, heir, NOW), Err(Forbidden::NotAllowed.into()));
    secret.owner_is_active = false;
    let employee = secret.hand_over(&actor(Role::Employee), None, heir, NOW);
    assert_eq!(employee, Err(Error::NotFound));
    secret.hand_over(&admin, Some(1), heir, NOW).unwrap();
    assert_eq!((secret.owner, secret.version, secret.owner_is_active), (UserId(4), 2, true));
}

#[test]
fn the_staff_joins_open_projects_and_no_others() {
    for (privacy, role, expected) in [
        (Privacy::Open, Role::Employee, Ok(Entry::New)),
        (Privacy::Open, Role::Guest, Err(Error::NotFound)),
        (Privacy::Closed, Role::Employee, Err(Forbidden::NotAllowed.into())),
        (Privacy::Secret, Role::Admin, Err(Forbidden::NotAllowed.into())),
        (Privacy::Secret, Role::Employee, Err(Error::NotFound)),
    ] {
        assert_eq!(join(&project(privacy, None), &actor(role)), expected, "{privacy} {role}");
    }
    let member = project(Privacy::Secret, Some(ProjectRole::Member));
    assert_eq!(join(&member, &actor(Role::Guest)), Ok(Entry::Unchanged));
}
