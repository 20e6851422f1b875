//! Projects: every rank with every part in every privacy, each action, in every state; fields, members, exits.

use artel_domain::{
    actor::{Actor, Role as Rank, SessionId, UserId, Via},
    error::Conflict,
    level::Levels,
    project::{
        Candidate, Draft, Entry, Exit, Fitness, Permissions, Privacy, Project, ProjectAction, ProjectFields,
        ProjectId, ProjectRole, add, check_exit, join, move_to,
    },
    record::Stamp,
};

use crate::{
    scene::{BOTH, ME, NOW, OWNER, STRANGER, before},
    verdict::{Cells, Verdict},
};

/// One project as I meet it.
#[derive(Clone, Copy, Debug)]
struct View {
    rank: Rank,
    privacy: Privacy,
    mine: Option<ProjectRole>,
    create_tasks: ProjectRole,
    archived: bool,
    trashed: bool,
    owner_is_active: bool,
}

const PARTS: [Option<ProjectRole>; 4] =
    [None, Some(ProjectRole::Member), Some(ProjectRole::Moderator), Some(ProjectRole::Owner)];
const FITNESSES: [Fitness; 4] = [Fitness::Staff, Fitness::Guest, Fitness::Inactive, Fitness::Unknown];

/// Everybody before every project. An owner who acts is active.
fn views() -> Vec<View> {
    let mut views = Vec::new();
    for rank in Rank::ALL {
        for privacy in Privacy::ALL {
            for mine in PARTS {
                for create_tasks in ProjectRole::ALL {
                    for archived in BOTH {
                        for trashed in BOTH {
                            for owner_is_active in BOTH {
                                if mine == Some(ProjectRole::Owner) && !owner_is_active {
                                    continue;
                                }
                                views.push(View {
                                    rank: *rank,
                                    privacy: *privacy,
                                    mine,
                                    create_tasks: *create_tasks,
                                    archived,
                                    trashed,
                                    owner_is_active,
                                });
                            }
                        }
                    }
                }
            }
        }
    }
    views
}

impl View {
    fn me(self) -> Actor {
        let levels = Levels::default_of(self.rank);
        Actor { user: UserId(ME), role: self.rank, via: Via::Session(SessionId(1)), levels }
    }

    fn project(self) -> Project {
        let permissions = Permissions { create_tasks: self.create_tasks, ..Permissions::DEFAULT };
        let fields = ProjectFields {
            name: "Demo day".parse().unwrap(),
            description: None,
            starts_on: None,
            ends_on: None,
            privacy: self.privacy,
            colour: None,
            tags: Vec::new(),
            permissions,
        };
        let owner = UserId(if self.mine == Some(ProjectRole::Owner) { ME } else { OWNER });
        let stamp = Stamp { at: before(), by: Some(owner) };
        Project {
            id: ProjectId(1),
            fields,
            owner,
            owner_is_active: self.owner_is_active,
            mine: self.mine,
            members: 3,
            archived: self.archived.then_some(stamp),
            version: 3,
            created: stamp,
            updated: stamp,
            trashed: self.trashed.then_some(stamp),
        }
    }

    fn is_staff(self) -> bool {
        self.rank != Rank::Guest
    }

    /// "Admins act in open projects and where they are members."
    fn acts_as_admin(self) -> bool {
        self.rank == Rank::Admin && (self.privacy == Privacy::Open || self.mine.is_some())
    }

    /// What I am in it, in numbers. Guests lead nothing: who became one is a member.
    fn height(self) -> u8 {
        match self.mine {
            None => 0,
            Some(_) if self.rank == Rank::Guest => 1,
            Some(part) => height(part),
        }
    }

    /// The table of privacies, and the list of who does what below it. Guests are outsiders to what they are not in.
    fn may(self, action: ProjectAction) -> bool {
        let is_member = self.mine.is_some();
        let runs = self.height() >= 2 || self.acts_as_admin();
        let owns = self.height() == 3 || self.acts_as_admin();
        match action {
            ProjectAction::View => match self.privacy {
                Privacy::Open | Privacy::Closed => is_member || self.is_staff(),
                Privacy::Secret => is_member || self.rank == Rank::Admin,
            },
            ProjectAction::Read => is_member || (self.privacy == Privacy::Open && self.is_staff()),
            ProjectAction::Join => self.privacy == Privacy::Open && self.is_staff(),
            ProjectAction::Leave => is_member,
            ProjectAction::Edit
            | ProjectAction::ManageMembers
            | ProjectAction::Archive
            | ProjectAction::Reopen => runs,
            ProjectAction::Govern | ProjectAction::Delete | ProjectAction::Restore => owns,
            ProjectAction::HandOver => owns || (self.rank == Rank::Admin && !self.owner_is_active),
            ProjectAction::CreateTasks => {
                self.acts_as_admin() || (is_member && self.height() >= height(self.create_tasks))
            }
        }
    }

    /// What one may not see does not exist, nor does what lies beneath.
    fn right(self, action: ProjectAction) -> Verdict {
        if self.may(action) {
            Verdict::Yes
        } else if self.may(ProjectAction::View) && action != ProjectAction::Read {
            Verdict::NOT_ALLOWED
        } else {
            Verdict::NotFound
        }
    }

    /// What is in the trash is only restored, what is archived only read, reopened, or taken out of the trash.
    fn verdict(self, action: ProjectAction) -> Verdict {
        let right = self.right(action);
        let is_read = matches!(action, ProjectAction::View | ProjectAction::Read);
        if !right.is_yes() || is_read || action == ProjectAction::Restore {
            right
        } else if self.trashed {
            Verdict::Conflict(Conflict::Trashed)
        } else if self.archived && action != ProjectAction::Reopen {
            Verdict::Conflict(Conflict::Archived)
        } else {
            Verdict::Yes
        }
    }

    /// Whether it would do anything as well.
    fn can(self, action: ProjectAction) -> bool {
        let has_effect = match action {
            ProjectAction::Restore => self.trashed,
            ProjectAction::Reopen => self.archived,
            ProjectAction::Join => self.mine.is_none(),
            ProjectAction::Leave => self.mine != Some(ProjectRole::Owner),
            _ => true,
        };
        self.verdict(action).is_yes() && has_effect
    }
}

const fn height(part: ProjectRole) -> u8 {
    match part {
        ProjectRole::Member => 1,
        ProjectRole::Moderator => 2,
        ProjectRole::Owner => 3,
    }
}

#[test]
fn every_action_is_decided_as_the_tables_say() {
    let mut cells = Cells::of("rights of projects");
    for view in views() {
        let (project, me) = (view.project(), view.me());
        let can = project.can(&me);
        for action in ProjectAction::ALL {
            let domain = Verdict::of(&project.check(&me, *action, Some(3)));
            cells.same(&domain, &view.verdict(*action), || format!("{action} {view:?}"));
            cells.same(&can.contains(action), &view.can(*action), || format!("can {action} {view:?}"));
            let right = view.right(*action);
            let oracle = if right.is_yes() { Verdict::Stale } else { right };
            let domain = Verdict::of(&project.check(&me, *action, Some(2)));
            cells.same(&domain, &oracle, || format!("stale {action} {view:?}"));
        }
    }
}

#[test]
fn what_becomes_of_a_project_follows_from_the_same() {
    let mut cells = Cells::of("archive, trash, owner");
    for view in views() {
        let me = view.me();
        let mut try_out = |action: ProjectAction, result: &dyn Fn(&mut Project) -> Verdict| {
            let oracle = view.verdict(action);
            let mut project = view.project();
            cells.same(&result(&mut project), &oracle, || format!("{action} {view:?}"));
            let happens = oracle.is_yes()
                && match action {
                    ProjectAction::Reopen => view.archived,
                    ProjectAction::Restore => view.trashed,
                    _ => true,
                };
            let mut after = view.project();
            if happens {
                let stamp = Stamp { at: NOW, by: Some(UserId(ME)) };
                after.version += 1;
                after.updated = stamp;
                match action {
                    ProjectAction::Archive => after.archived = Some(stamp),
                    ProjectAction::Reopen => after.archived = None,
                    ProjectAction::Delete => after.trashed = Some(stamp),
                    ProjectAction::Restore => after.trashed = None,
                    _ => {
                        after.owner = UserId(STRANGER);
                        after.owner_is_active = true;
                        if view.mine == Some(ProjectRole::Owner) {
                            after.mine = Some(ProjectRole::Moderator);
                        }
                    }
                }
            }
            assert_eq!(project, after, "{action} {view:?}");
        };
        let heir = Candidate { user: UserId(STRANGER), fitness: Fitness::Staff };
        try_out(ProjectAction::Archive, &|project| Verdict::of(&project.archive(&me, None, NOW)));
        try_out(ProjectAction::Reopen, &|project| Verdict::of(&project.reopen(&me, None, NOW)));
        try_out(ProjectAction::Delete, &|project| Verdict::of(&project.trash(&me, None, NOW)));
        try_out(ProjectAction::Restore, &|project| Verdict::of(&project.restore(&me, None, NOW)));
        try_out(ProjectAction::HandOver, &|project| Verdict::of(&project.hand_over(&me, None, heir, NOW)));
    }
}

#[test]
fn the_owner_is_handed_a_project_only_by_whom_and_to_whom_it_can_be() {
    let mut cells = Cells::of("hand-over");
    for view in views() {
        for user in [ME, OWNER, STRANGER] {
            for fitness in FITNESSES {
                let mut project = view.project();
                let fault = match fitness {
                    Fitness::Staff if UserId(user) == project.owner => Some("/to already"),
                    Fitness::Staff => None,
                    Fitness::Guest => Some("/to is_a_guest"),
                    Fitness::Inactive => Some("/to inactive"),
                    Fitness::Unknown => Some("/to unknown"),
                };
                let oracle = match (view.verdict(ProjectAction::HandOver), fault) {
                    (Verdict::Yes, Some(fault)) => Verdict::Invalid(vec![fault.to_owned()]),
                    (verdict, _) => verdict,
                };
                let to = Candidate { user: UserId(user), fitness };
                let result = project.hand_over(&view.me(), None, to, NOW);
                cells.same(&Verdict::of(&result), &oracle, || format!("{user} {fitness:?} {view:?}"));
            }
        }
    }
}

type Field = (&'static str, bool, fn(&mut ProjectFields));

/// Each field, and whether it is the owner's alone.
const FIELDS: [Field; 6] = [
    ("/name", false, |fields| fields.name = "Demo night".parse().unwrap()),
    ("/description", false, |fields| fields.description = "At last".parse().ok()),
    ("/starts_on", false, |fields| fields.starts_on = Some(NOW.date_naive())),
    ("/tags", false, |fields| fields.tags = vec!["urgent".parse().unwrap()]),
    ("/permissions", true, |fields| fields.permissions.edit_tasks = ProjectRole::Owner),
    ("/privacy", true, |fields| {
        fields.privacy = if fields.privacy == Privacy::Open { Privacy::Closed } else { Privacy::Open };
    }),
];

#[test]
fn moderators_edit_and_privacy_and_roles_are_the_owners() {
    let mut cells = Cells::of("fields of projects");
    for view in views() {
        for set in 0_usize..1 << FIELDS.len() {
            for strays in [0, 1] {
                let chosen: Vec<Field> = FIELDS
                    .into_iter()
                    .enumerate()
                    .filter(|(bit, _)| set & (1 << bit) != 0)
                    .map(|(_, it)| it)
                    .collect();
                let mut project = view.project();
                let mut fields = project.fields.clone();
                chosen.iter().for_each(|(.., change)| change(&mut fields));
                let owns = view.may(ProjectAction::Govern);
                let governed: Vec<String> = chosen
                    .iter()
                    .filter(|(_, is_governed, _)| *is_governed && !owns)
                    .map(|(pointer, ..)| (*pointer).to_owned())
                    .collect();
                let oracle = match view.verdict(ProjectAction::Edit) {
                    refusal @ (Verdict::NotFound | Verdict::Forbidden(_)) => refusal,
                    _ if !governed.is_empty() => Verdict::ForbiddenFields(governed),
                    Verdict::Yes if strays > 0 => Verdict::Conflict(Conflict::TasksOutsideDates),
                    verdict => verdict,
                };
                let result = project.edit(&view.me(), None, fields.clone(), strays, NOW);
                cells.same(&Verdict::of(&result), &oracle, || format!("{set:b} {view:?}"));
                let happens = result.is_ok() && !chosen.is_empty();
                let after = if happens { fields } else { view.project().fields };
                assert_eq!((project.fields, project.version), (after, 3 + i64::from(happens)));
            }
        }
    }
}

#[test]
fn guests_create_no_projects() {
    for rank in Rank::ALL {
        let view = View { rank: *rank, ..views()[0] };
        let result = Draft::new(&view.me(), view.project().fields, NOW);
        let oracle = if *rank == Rank::Guest { Verdict::NOT_ALLOWED } else { Verdict::Yes };
        assert_eq!(Verdict::of(&result), oracle);
    }
}

/// What stands against somebody's having a part in a project.
const fn unfit(fitness: Fitness, part: ProjectRole) -> Option<&'static str> {
    match (fitness, part) {
        (Fitness::Staff, _) | (Fitness::Guest, ProjectRole::Member) => None,
        (Fitness::Guest, _) => Some("is_a_guest"),
        (Fitness::Inactive, _) => Some("inactive"),
        (Fitness::Unknown, _) => Some("unknown"),
    }
}

/// Adding members is the business of whoever runs the project, their roles that of the owner, of whom there is one.
fn adding(
    view: View,
    fitness: Fitness,
    present: Option<ProjectRole>,
    part: ProjectRole,
) -> (Verdict, Option<Entry>) {
    let is_idle = present == Some(part);
    let is_plain = present.is_none() && part == ProjectRole::Member;
    let action = if is_idle || is_plain { ProjectAction::ManageMembers } else { ProjectAction::Govern };
    let verdict = view.verdict(action);
    if !verdict.is_yes() {
        return (verdict, None);
    }
    if is_idle {
        return (Verdict::Yes, Some(Entry::Unchanged));
    }
    // There is one owner, who changes by handing over alone.
    if present == Some(ProjectRole::Owner) {
        return (Verdict::Conflict(Conflict::OwnerStays), None);
    }
    if part == ProjectRole::Owner {
        return (Verdict::Invalid(vec!["/role out_of_range".to_owned()]), None);
    }
    let pointer = if present.is_some() { "/role" } else { "/user_id" };
    match unfit(fitness, part) {
        Some(code) => (Verdict::Invalid(vec![format!("{pointer} {code}")]), None),
        None => (Verdict::Yes, Some(present.map_or(Entry::New, |from| Entry::Changed { from }))),
    }
}

#[test]
fn members_are_added_by_those_who_run_the_project_and_given_parts_by_the_owner() {
    let mut cells = Cells::of("members");
    for view in views() {
        let (project, me) = (view.project(), view.me());
        for fitness in FITNESSES {
            let candidate = Candidate { user: UserId(STRANGER), fitness };
            for present in PARTS {
                for part in ProjectRole::ALL {
                    let (oracle, entry) = adding(view, fitness, present, *part);
                    let result = add(&project, &me, candidate, present, *part);
                    let around = || format!("{fitness:?} {present:?} {part} {view:?}");
                    cells.same(&Verdict::of(&result), &oracle, around);
                    assert_eq!(result.ok(), entry);
                    let governs = view.verdict(ProjectAction::Govern);
                    let oracle = match present {
                        _ if !governs.is_yes() => governs,
                        None => Verdict::NotFound,
                        Some(_) => oracle,
                    };
                    let result = move_to(&project, &me, candidate, present, *part);
                    cells.same(&Verdict::of(&result), &oracle, around);
                }
            }
        }
        let oracle = match view.mine {
            Some(_) => view.verdict(ProjectAction::Leave),
            None => view.verdict(ProjectAction::Join),
        };
        let result = join(&project, &me);
        cells.same(&Verdict::of(&result), &oracle, || format!("join {view:?}"));
        if let Ok(entry) = result {
            assert_eq!(entry, if view.mine.is_some() { Entry::Unchanged } else { Entry::New });
        }
    }
}

#[test]
fn nobody_goes_before_their_open_tasks_and_their_project_are_handed_over() {
    let mut cells = Cells::of("exits");
    let candidate = |user, fitness| Candidate { user: UserId(user), fitness };
    let mut heirs = vec![None];
    heirs.extend(FITNESSES.map(|fitness| Some(candidate(OWNER, fitness))));
    heirs.extend([ME, STRANGER].map(|user| Some(candidate(user, Fitness::Staff))));
    for view in views() {
        let leavers =
            ProjectRole::ALL.iter().map(|role| (STRANGER, *role)).chain(view.mine.map(|role| (ME, role)));
        for (user, role) in leavers {
            for open_tasks in [0, 2] {
                for heir in &heirs {
                    for heir_is_member in BOTH {
                        let action = match role {
                            _ if user == ME => ProjectAction::Leave,
                            ProjectRole::Member => ProjectAction::ManageMembers,
                            _ => ProjectAction::Govern,
                        };
                        let verdict = view.verdict(action);
                        let oracle = match heir {
                            _ if !verdict.is_yes() => verdict,
                            _ if role == ProjectRole::Owner => Verdict::Conflict(Conflict::OwnerStays),
                            None if open_tasks > 0 => Verdict::Conflict(Conflict::HasOpenTasks),
                            None => Verdict::Yes,
                            Some(heir) if heir.user == UserId(user) || !heir_is_member => {
                                Verdict::Invalid(vec!["/reassign_to not_a_member".to_owned()])
                            }
                            Some(heir) => match unfit(heir.fitness, ProjectRole::Member) {
                                Some(code) => Verdict::Invalid(vec![format!("/reassign_to {code}")]),
                                None => Verdict::Yes,
                            },
                        };
                        let exit = Exit { user: UserId(user), role, open_tasks, heir: *heir, heir_is_member };
                        let result = check_exit(&view.project(), &view.me(), exit);
                        cells.same(&Verdict::of(&result), &oracle, || format!("{exit:?} {view:?}"));
                    }
                }
            }
        }
    }
}
