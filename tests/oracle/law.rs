//! The tables of tasks in the very words of the specification, and what their letters mean. What the domain calls
//! things is used, how it decides is not.
//!
//! C creator, R responsible, A co-executor, V reviewer, O observer, M project owner or moderator, S manager of C, R or
//! A, D administrator.

use std::sync::LazyLock;

use artel_domain::{
    actor::Role as Rank,
    error::{Conflict, Forbidden},
    project::{Privacy, ProjectRole},
    task::{Action, Status},
};

use crate::{
    scene::{ME, Scene},
    verdict::Verdict,
};

const VERBS: &str = "
| start | pending, deferred | in_progress | C R A M S D |
| pause | in_progress | pending | C R A M S D |
| defer | pending, in_progress | deferred | C R A M S D |
| complete | pending, in_progress, deferred | completed | C R A M S D |
| approve | in_review | completed | V M; S of V; D |
| return | in_review | pending | V M; S of V; D |
| withdraw | in_review | in_progress | R A |
| reopen | completed, deferred | pending | C R A V M S D |
| delegate | pending, in_progress, deferred, in_review | pending | C R M S D |";

const RIGHTS: &str = "
| read, comment, watch | every participant; M; project members; S of any participant; D; any employee when the project is open |
| create_subtask | every participant; M; project members; S of any participant; D |
| edit | C; M as the project has it; S of C; D |
| describe | C; M as the project has it; S of C; D; R |
| set_deadline | C; M as the project has it; S of C; D |
| move_deadline | C; M as the project has it; S of C; D; R |
| plan | C; R; M as the project has it; S of C; D |
| assign_roles | C; M as the project has it; S of C; D |
| add_co_executors | C; M as the project has it; S of C; D; R |
| add_observers | every participant; M; project members; S of any participant; D; any employee when the project is open |
| add_result | every participant |
| moderate | C; M; D |
| delete, restore | C while not completed; M; D |";

/// The words of the tables, each a bit.
const WORDS: [&str; 16] = [
    "C",
    "R",
    "A",
    "V",
    "O",
    "M",
    "S",
    "D",
    "every participant",
    "project members",
    "S of any participant",
    "S of C",
    "S of V",
    "M as the project has it",
    "any employee when the project is open",
    "C while not completed",
];

fn bit(word: &str) -> u32 {
    1 << WORDS.iter().position(|known| *known == word).unwrap_or_else(|| panic!("what is {word:?}?"))
}

fn who(text: &str) -> u32 {
    let phrase = |phrase: &str| match phrase {
        known if WORDS.contains(&known) => bit(known),
        letters => letters.split_whitespace().map(bit).fold(0, |all, one| all | one),
    };
    text.split(';').map(|text| phrase(text.trim())).fold(0, |all, one| all | one)
}

fn cells(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    let cells = |line: &'static str| line.trim_matches('|').split('|').map(str::trim).collect();
    table.trim().lines().map(cells)
}

struct Law {
    /// By action: who may, as bits.
    who: Vec<u32>,
    /// By action: from where, and where to.
    verbs: Vec<Option<(Vec<Status>, Status)>>,
}

static LAW: LazyLock<Law> = LazyLock::new(|| {
    let of = |action: &str| action.parse::<Action>().unwrap() as usize;
    let status = |word: &str| word.parse::<Status>().unwrap();
    let mut law = Law { who: vec![0; Action::ALL.len()], verbs: vec![None; Action::ALL.len()] };
    for row in cells(VERBS) {
        law.verbs[of(row[0])] = Some((row[1].split(", ").map(status).collect(), status(row[2])));
        law.who[of(row[0])] = who(row[3]);
    }
    for row in cells(RIGHTS) {
        for action in row[0].split(", ") {
            law.who[of(action)] = who(row[1]);
        }
    }
    assert!(law.who.iter().all(|who| *who > 0), "an action is in no table");
    law
});

/// Who is V. The creator unless set; but who works on the task reviews it not, and who left a closed or secret project
/// does nothing there: then it is the owner of the project, or a moderator where the owner works on the task. Outside
/// of projects nobody stands in.
pub fn reviewers(scene: &Scene) -> Vec<i64> {
    if let Some(named) = scene.reviewer {
        return vec![named];
    }
    let has_left = scene.site.is_some_and(|site| site.privacy != Privacy::Open && !site.creator_is_member);
    let is_reviewed = scene.needs_review || scene.status == Status::InReview;
    if !(has_left || (is_reviewed && scene.works(scene.creator))) {
        return vec![scene.creator];
    }
    match scene.site {
        None => Vec::new(),
        Some(site) if !scene.works(site.owner) => vec![site.owner],
        Some(site) => site.moderators().into_iter().filter(|user| !scene.works(*user)).collect(),
    }
}

/// Whether anything at all connects me with the task: guests know nothing but their projects, and in closed and secret
/// ones nobody has power or sight but their members.
const fn is_in_reach(scene: &Scene) -> bool {
    match (scene.site, scene.rank) {
        (Some(site), _) if site.mine.is_some() => true,
        (_, Rank::Guest) => false,
        (Some(site), _) => matches!(site.privacy, Privacy::Open),
        (None, _) => true,
    }
}

/// Which of the words are true of me.
pub fn letters(scene: &Scene) -> u32 {
    if !is_in_reach(scene) {
        return 0;
    }
    let reviewers = reviewers(scene);
    let (co_executors, observers) = (scene.co_executors(), scene.observers());
    // Guests lead nothing: who became one is a member.
    let mine = scene.site.and_then(|site| site.mine);
    let mine = mine.map(|part| if scene.rank == Rank::Guest { ProjectRole::Member } else { part });
    let manages = |users: &[i64]| users.iter().any(|user| scene.manages(*user));
    let workers = manages(&[scene.creator, scene.responsible]) || manages(&co_executors);
    let c = scene.creator == ME;
    let r = scene.responsible == ME;
    let (a, o, v) = (scene.i_work, scene.i_follow, reviewers.contains(&ME));
    let as_the_project_has_it = match scene.site.map(|site| site.edit_tasks) {
        None => false,
        Some(ProjectRole::Member) => mine.is_some(),
        Some(ProjectRole::Moderator) => matches!(mine, Some(ProjectRole::Moderator | ProjectRole::Owner)),
        Some(ProjectRole::Owner) => mine == Some(ProjectRole::Owner),
    };
    let is_open = scene.site.is_some_and(|site| site.privacy == Privacy::Open);
    let truths = [
        c,
        r,
        a,
        v,
        o,
        matches!(mine, Some(ProjectRole::Moderator | ProjectRole::Owner)),
        workers,
        scene.rank == Rank::Admin,
        c || r || a || v || o,
        mine.is_some(),
        workers || manages(&observers) || manages(&reviewers),
        manages(&[scene.creator]),
        manages(&reviewers),
        as_the_project_has_it,
        is_open && scene.rank != Rank::Guest,
        c && scene.status != Status::Completed,
    ];
    truths.iter().enumerate().fold(0, |all, (bit, truth)| all | (u32::from(*truth) << bit))
}

/// Whether somebody with these letters may.
pub fn may(letters: u32, action: Action) -> bool {
    LAW.who[action as usize] & letters != 0
}

/// May they: what one may not read does not exist.
pub fn right(letters: u32, action: Action) -> Verdict {
    match (may(letters, action), may(letters, Action::Read)) {
        (true, _) => Verdict::Yes,
        (false, true) => Verdict::NOT_ALLOWED,
        (false, false) => Verdict::NotFound,
    }
}

/// What lies in the trash or in an archived project is only read.
pub fn place(scene: &Scene) -> Option<Conflict> {
    if scene.trashed {
        Some(Conflict::Trashed)
    } else if scene.site.is_some_and(|site| site.archived) {
        Some(Conflict::Archived)
    } else {
        None
    }
}

/// What comes of a verb, in the order 404, 403, 409.
pub fn verb(scene: &Scene, letters: u32, action: Action) -> Verdict {
    let right = right(letters, action);
    if !right.is_yes() {
        return right;
    }
    if let Some(conflict) = place(scene) {
        return Verdict::Conflict(conflict);
    }
    let (from, to) = LAW.verbs[action as usize].as_ref().unwrap();
    if !from.contains(&scene.status) {
        return Verdict::Conflict(Conflict::InvalidTransition);
    }
    if action == Action::Complete {
        if scene.open_subtasks {
            return Verdict::Conflict(Conflict::OpenSubtasks);
        }
        if scene.needs_result && !scene.has_result && scene.creator != ME {
            return Verdict::Conflict(Conflict::ResultRequired);
        }
        if scene.needs_review && !reviewers(scene).contains(&ME) {
            return Verdict::To(Status::InReview);
        }
    }
    let leaves_work = |status| matches!(status, Status::Pending | Status::InProgress | Status::Deferred);
    let begins_anew = action == Action::Reopen || (scene.status == Status::InReview && leaves_work(*to));
    if begins_anew && scene.parent_completed {
        return Verdict::Conflict(Conflict::ParentCompleted);
    }
    Verdict::To(*to)
}

/// Whether it is one of the nine verbs.
pub fn is_verb(action: Action) -> bool {
    LAW.verbs[action as usize].is_some()
}

/// What I may do now: what would not be refused, whatever is said with it.
pub fn can(scene: &Scene, letters: u32, action: Action) -> bool {
    if is_verb(action) {
        return verb(scene, letters, action).is_yes();
    }
    let is_live = place(scene).is_none();
    let is_possible = match action {
        Action::Read => true,
        Action::CreateSubtask => is_live && scene.status != Status::Completed,
        Action::Restore => {
            let is_archived = scene.site.is_some_and(|site| site.archived);
            let is_open = !matches!(scene.status, Status::InReview | Status::Completed);
            let is_below_completed = scene.parent_completed && is_open;
            let finds_its_place = !scene.parent_trashed && !is_below_completed;
            scene.trashed && !is_archived && finds_its_place
        }
        // The policy of these tasks lets nobody move the deadline who may not set it.
        Action::MoveDeadline => is_live && may(letters, Action::SetDeadline),
        _ => is_live,
    };
    may(letters, action) && is_possible
}

/// The refusal of a deadline under the policy.
pub const POLICY: Verdict = Verdict::Forbidden(Forbidden::DeadlinePolicy);
