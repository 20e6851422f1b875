//! A scene: one task among people, in plain facts as one of them, `ME`, meets it; and the domain's task of the same.

use std::collections::BTreeSet;

use artel_domain::{
    actor::{Actor, Role as Rank, SessionId, UserId, Via},
    level::Levels,
    project::{Privacy, ProjectId, ProjectRole},
    record::Stamp,
    task::{Obstacles, People, Place, State, Status, Task, TaskFields, TaskId},
    time_zone::TimeZone,
};
use chrono::{DateTime, TimeDelta, Utc};

/// The one who looks and acts.
pub const ME: i64 = 1;
/// A creator with no other part.
pub const CREATOR: i64 = 10;
/// Who is responsible where I am not.
pub const RESPONSIBLE: i64 = 11;
/// A co-executor, always there.
pub const CO_EXECUTOR: i64 = 12;
/// A reviewer with no other part.
pub const REVIEWER: i64 = 13;
/// An observer, always there.
pub const OBSERVER: i64 = 14;
/// The owner of the project where neither I am nor somebody who works on the task.
pub const OWNER: i64 = 20;
/// A moderator of the project, always there.
pub const MODERATOR: i64 = 21;
/// Nobody with any part.
pub const STRANGER: i64 = 30;

/// The present.
pub const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;
/// When everything before happened.
pub fn before() -> DateTime<Utc> {
    NOW - TimeDelta::days(1)
}
/// When what is put off comes back.
pub fn later() -> DateTime<Utc> {
    NOW + TimeDelta::days(1)
}

/// The facts.
#[derive(Clone, Copy, Debug)]
pub struct Scene {
    pub rank: Rank,
    pub creator: i64,
    pub responsible: i64,
    /// Whether I am a co-executor.
    pub i_work: bool,
    /// Whether I am an observer.
    pub i_follow: bool,
    /// The reviewer who was named.
    pub reviewer: Option<i64>,
    /// Whom I manage: bit n for the user n.
    pub below: u64,
    pub site: Option<Site>,
    pub status: Status,
    pub returned: bool,
    pub needs_review: bool,
    pub needs_result: bool,
    pub has_result: bool,
    pub open_subtasks: bool,
    pub parent_completed: bool,
    pub parent_trashed: bool,
    pub trashed: bool,
}

/// The project, if there is one.
#[derive(Clone, Copy, Debug)]
pub struct Site {
    pub privacy: Privacy,
    /// What I am in it.
    pub mine: Option<ProjectRole>,
    pub edit_tasks: ProjectRole,
    pub archived: bool,
    pub creator_is_member: bool,
    pub owner: i64,
}

impl Site {
    /// A project as projects begin.
    pub const fn new(privacy: Privacy, mine: Option<ProjectRole>) -> Self {
        let owner = if matches!(mine, Some(ProjectRole::Owner)) { ME } else { OWNER };
        let edit_tasks = ProjectRole::Moderator;
        Self { privacy, mine, edit_tasks, archived: false, creator_is_member: true, owner }
    }

    /// The moderators.
    pub fn moderators(self) -> Vec<i64> {
        let me = (self.mine == Some(ProjectRole::Moderator)).then_some(ME);
        [MODERATOR].into_iter().chain(me).collect()
    }
}

impl Scene {
    /// An employee without any part, before a pending task that lies in no project.
    pub const STRANGE: Self = Self {
        rank: Rank::Employee,
        creator: CREATOR,
        responsible: RESPONSIBLE,
        i_work: false,
        i_follow: false,
        reviewer: None,
        below: 0,
        site: None,
        status: Status::Pending,
        returned: false,
        needs_review: false,
        needs_result: false,
        has_result: false,
        open_subtasks: false,
        parent_completed: false,
        parent_trashed: false,
        trashed: false,
    };

    pub fn co_executors(&self) -> Vec<i64> {
        [CO_EXECUTOR].into_iter().chain(self.i_work.then_some(ME)).collect()
    }

    pub fn observers(&self) -> Vec<i64> {
        [OBSERVER].into_iter().chain(self.i_follow.then_some(ME)).collect()
    }

    /// Whether somebody is R or A.
    pub fn works(&self, user: i64) -> bool {
        user == self.responsible || self.co_executors().contains(&user)
    }

    pub const fn manages(&self, user: i64) -> bool {
        self.below & (1 << user) != 0
    }

    pub fn me(&self) -> Actor {
        Actor {
            user: UserId(ME),
            role: self.rank,
            via: Via::Session(SessionId(1)),
            levels: Levels::default_of(self.rank),
        }
    }

    pub const fn obstacles(&self) -> Obstacles {
        Obstacles {
            open_subtasks: self.open_subtasks,
            parent_completed: self.parent_completed,
            parent_trashed: self.parent_trashed,
            has_result: self.has_result,
        }
    }

    pub fn people(&self) -> People {
        People {
            creator: UserId(self.creator),
            responsible: UserId(self.responsible),
            co_executors: users(self.co_executors()),
            observers: users(self.observers()),
            reviewer: self.reviewer.map(UserId),
        }
    }

    /// The marks that belong to the status.
    pub fn state(&self) -> State {
        let by = |user| Stamp { at: before(), by: Some(UserId(user)) };
        let is_done = matches!(self.status, Status::InReview | Status::Completed);
        State {
            status: self.status,
            returned: self.returned,
            deferred_until: (self.status == Status::Deferred).then(later),
            completed: is_done.then(|| by(self.responsible)),
            approved: (self.status == Status::Completed && self.needs_review).then(|| by(REVIEWER)),
            reopened_at: None,
            deadline_moves: 0,
        }
    }

    pub fn place(&self) -> Option<Place> {
        let site = self.site?;
        let leaders = [site.owner].into_iter().chain(site.moderators());
        Some(Place {
            project: ProjectId(1),
            privacy: site.privacy,
            archived: site.archived,
            mine: site.mine,
            create_tasks: ProjectRole::Member,
            edit_tasks: site.edit_tasks,
            starts_on: None,
            ends_on: None,
            zone: TimeZone::UTC,
            creator_is_member: site.creator_is_member,
            leaders: leaders.map(UserId).collect(),
        })
    }

    /// The domain's task of these facts.
    pub fn task(&self) -> Task {
        let place = self.place();
        let title = "Print the badges".parse().unwrap();
        let fields = TaskFields {
            needs_review: self.needs_review,
            needs_result: self.needs_result,
            project_id: place.as_ref().map(|place| place.project),
            ..TaskFields::of(title)
        };
        let stamp = Stamp { at: before(), by: Some(UserId(self.creator)) };
        Task {
            id: TaskId(1),
            fields,
            people: self.people(),
            state: self.state(),
            place,
            below: users((0..64).filter(|user| self.manages(*user))),
            version: 3,
            created_at: before(),
            updated: stamp,
            trashed: self.trashed.then_some(stamp),
        }
    }
}

fn users(ids: impl IntoIterator<Item = i64>) -> BTreeSet<UserId> {
    ids.into_iter().map(UserId).collect()
}

/// Yes and no.
pub const BOTH: [bool; 2] = [false, true];

/// Every way in which the parts can be given, as far as it concerns me. Left out is what cannot be: who is responsible
/// has no other part but the creator's, and who is named as the reviewer does not work on the task.
pub fn casts() -> Vec<Scene> {
    let mut casts = Vec::new();
    for creator in [ME, CREATOR, RESPONSIBLE, CO_EXECUTOR] {
        for responsible in [ME, RESPONSIBLE] {
            for i_work in BOTH {
                for i_follow in BOTH {
                    for reviewer in [None, Some(ME), Some(REVIEWER)] {
                        let cast =
                            Scene { creator, responsible, i_work, i_follow, reviewer, ..Scene::STRANGE };
                        let is_split = creator == RESPONSIBLE && responsible == ME;
                        let is_double = responsible == ME && (i_work || i_follow);
                        if !is_split && !is_double && !reviewer.is_some_and(|user| cast.works(user)) {
                            casts.push(cast);
                        }
                    }
                }
            }
        }
    }
    casts
}

/// How many of the people whom I could manage I manage at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Teams {
    /// Every set of them.
    Every,
    /// Nobody, each alone, and all.
    Few,
}

/// The cast with every rank, and the people whom I manage. A guest manages nobody.
pub fn ranked(cast: Scene, teams: Teams) -> Vec<Scene> {
    let mut others = vec![cast.creator, cast.responsible, CO_EXECUTOR, OBSERVER];
    others.extend(cast.reviewer);
    others.extend(cast.site.map(|site| site.owner));
    others.retain(|user| *user != ME);
    others.sort_unstable();
    others.dedup();
    let everybody = (1_u64 << others.len()) - 1;
    let mut scenes = vec![Scene { rank: Rank::Guest, below: 0, ..cast }];
    for chosen in 0..=everybody {
        if teams == Teams::Few && chosen.count_ones() > 1 && chosen != everybody {
            continue;
        }
        let below = others.iter().enumerate().filter(|(bit, _)| chosen & (1 << bit) != 0);
        let below = below.fold(0, |set, (_, user)| set | (1 << user));
        scenes.push(Scene { rank: Rank::Employee, below, ..cast });
        scenes.push(Scene { rank: Rank::Admin, below, ..cast });
    }
    scenes
}

/// Everywhere that the task of a cast can lie, and what I can be there.
pub fn sites(cast: &Scene) -> Vec<Option<Site>> {
    let mut sites = vec![None];
    let parts = [None, Some(ProjectRole::Member), Some(ProjectRole::Moderator), Some(ProjectRole::Owner)];
    for privacy in Privacy::ALL {
        for mine in parts {
            for edit_tasks in ProjectRole::ALL {
                if mine.is_none() && *edit_tasks != ProjectRole::Moderator {
                    continue;
                }
                for creator_is_member in BOTH {
                    if cast.creator == ME && creator_is_member != mine.is_some() {
                        continue;
                    }
                    for owner in [OWNER, RESPONSIBLE, CO_EXECUTOR] {
                        let site =
                            Site { edit_tasks: *edit_tasks, creator_is_member, ..Site::new(*privacy, mine) };
                        let stands_in = cast.reviewer.is_none() && mine != Some(ProjectRole::Owner);
                        if owner == OWNER || (stands_in && cast.works(owner)) {
                            let owner = if mine == Some(ProjectRole::Owner) { ME } else { owner };
                            sites.push(Some(Site { owner, ..site }));
                        }
                    }
                }
            }
        }
    }
    sites
}

/// Every person before every task: parts, rank, managed people, place.
pub fn scenes() -> Vec<Scene> {
    let mut scenes = Vec::new();
    for cast in casts() {
        for site in sites(&cast) {
            let is_outside = site.is_none_or(|site| site.privacy == Privacy::Open && site.mine.is_none());
            let teams = if is_outside { Teams::Every } else { Teams::Few };
            scenes.extend(ranked(Scene { site, ..cast }, teams));
        }
    }
    scenes
}

/// One person of each kind, where scenes are multiplied with much else: every cast outside of projects and as a member
/// of a closed one; and whoever has no part, but a rank, managed people, or something to say in the project.
pub fn persons() -> Vec<Scene> {
    let closed = Some(Site::new(Privacy::Closed, Some(ProjectRole::Member)));
    let mut persons: Vec<Scene> = casts();
    persons.extend(casts().into_iter().map(|cast| match cast.creator {
        ME => Scene { site: closed, ..cast },
        _ => Scene { site: closed.map(|site| Site { creator_is_member: false, ..site }), ..cast },
    }));
    let strangers = [
        Scene::STRANGE,
        Scene { reviewer: Some(REVIEWER), ..Scene::STRANGE },
        Scene { creator: RESPONSIBLE, ..Scene::STRANGE },
    ];
    for stranger in strangers {
        persons.extend(ranked(stranger, Teams::Few));
    }
    let plain = |site: &Site| site.edit_tasks == ProjectRole::Moderator && site.owner != CO_EXECUTOR;
    for site in sites(&Scene::STRANGE).into_iter().flatten().filter(plain) {
        persons.extend(ranked(Scene { site: Some(site), ..Scene::STRANGE }, Teams::Few).into_iter().take(4));
    }
    persons
}
