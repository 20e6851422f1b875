//! Who may do what with a task: a table, and the one gate that reads it. *When* it is possible is the business of
//! `status`.

use super::{Role, Task};
use crate::{
    actor::{Actor, Role as Rank, UserId},
    error::{Error, Forbidden, Result},
    project::{Privacy, ProjectRole},
    words,
};

words! {
    /// What one can do with a task.
    pub enum Action {
        /// See it.
        Read = "read",
        /// Comment on it.
        Comment = "comment",
        /// Follow it oneself, keep it among one's favourites, silence it.
        Watch = "watch",
        /// Create a part of it.
        CreateSubtask = "create_subtask",
        /// Change its fields, what they link it with, and where it lies.
        Edit = "edit",
        /// Change the description and the estimate.
        Describe = "describe",
        /// Change the planned start and end.
        Plan = "plan",
        /// Change the deadline.
        SetDeadline = "set_deadline",
        /// Change the deadline within the policy of the task.
        MoveDeadline = "move_deadline",
        /// Change who reviews it, works on it and follows it.
        AssignRoles = "assign_roles",
        /// Let others work on it too.
        AddCoExecutors = "add_co_executors",
        /// Let others follow it.
        AddObservers = "add_observers",
        /// Give a result.
        AddResult = "add_result",
        /// Take away what others gave: results, comments.
        Moderate = "moderate",
        /// Put it into the trash.
        Delete = "delete",
        /// Take it out of the trash.
        Restore = "restore",
        /// Begin to work on it.
        Start = "start",
        /// Stop working on it for now.
        Pause = "pause",
        /// Put it off.
        Defer = "defer",
        /// Say that it is done.
        Complete = "complete",
        /// Accept it.
        Approve = "approve",
        /// Give it back.
        Return = "return",
        /// Take it back from review.
        Withdraw = "withdraw",
        /// Open it again.
        Reopen = "reopen",
        /// Make somebody else responsible.
        Delegate = "delegate",
    }
}

words! {
    /// How someone stands to a task.
    pub enum Relation {
        /// They set it.
        Creator = "creator",
        /// They see to it.
        Responsible = "responsible",
        /// They work on it too.
        CoExecutor = "co_executor",
        /// They follow it.
        Observer = "observer",
        /// They accept it.
        Reviewer = "reviewer",
        /// They own or moderate its project.
        Moderator = "moderator",
        /// They have the part that its project asks for of those who edit the tasks of others.
        Editor = "editor",
        /// They are in its project.
        Member = "member",
        /// They manage somebody who set it or works on it.
        ManagerOfWork = "manager_of_work",
        /// They manage who set it.
        ManagerOfCreator = "manager_of_creator",
        /// They manage who accepts it.
        ManagerOfReviewer = "manager_of_reviewer",
        /// They manage somebody with any part in it.
        Manager = "manager",
        /// They administer the organisation.
        Admin = "admin",
        /// They are of the staff, and its project is open.
        Staff = "staff",
    }
}

/// The table. A new action does not compile until it has a row.
#[must_use]
pub const fn who(action: Action) -> &'static [Relation] {
    use Relation::{
        Admin, CoExecutor, Creator, Editor, Manager, ManagerOfCreator, ManagerOfReviewer, ManagerOfWork,
        Member, Moderator, Observer, Responsible, Reviewer, Staff,
    };
    match action {
        Action::Read | Action::Comment | Action::Watch | Action::AddObservers => {
            &[Creator, Responsible, CoExecutor, Observer, Reviewer, Moderator, Member, Manager, Admin, Staff]
        }
        Action::CreateSubtask => {
            &[Creator, Responsible, CoExecutor, Observer, Reviewer, Moderator, Member, Manager, Admin]
        }
        Action::Edit | Action::SetDeadline | Action::AssignRoles => {
            &[Creator, Editor, ManagerOfCreator, Admin]
        }
        Action::Describe | Action::Plan | Action::AddCoExecutors | Action::MoveDeadline => {
            &[Creator, Responsible, Editor, ManagerOfCreator, Admin]
        }
        Action::AddResult => &[Creator, Responsible, CoExecutor, Observer, Reviewer],
        Action::Moderate | Action::Delete | Action::Restore => &[Creator, Moderator, Admin],
        Action::Start | Action::Pause | Action::Defer | Action::Complete => {
            &[Creator, Responsible, CoExecutor, Moderator, ManagerOfWork, Admin]
        }
        Action::Approve | Action::Return => &[Reviewer, Moderator, ManagerOfReviewer, Admin],
        Action::Withdraw => &[Responsible, CoExecutor],
        Action::Reopen => &[Creator, Responsible, CoExecutor, Reviewer, Moderator, ManagerOfWork, Admin],
        Action::Delegate => &[Creator, Responsible, Moderator, ManagerOfWork, Admin],
    }
}

/// How someone stands to a task: every relation that they have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing(Vec<Relation>);

impl Standing {
    /// Someone with exactly these relations.
    #[must_use]
    pub const fn of(relations: Vec<Relation>) -> Self {
        Self(relations)
    }

    /// Whether they stand to it like this.
    #[must_use]
    pub fn has(&self, relation: Relation) -> bool {
        self.0.contains(&relation)
    }

    /// Whether the table lets them.
    #[must_use]
    pub fn may(&self, action: Action) -> bool {
        who(action).iter().any(|relation| self.has(*relation))
    }
}

/// The gate: a task that one may not read does not exist, one that one may read can still refuse.
///
/// # Errors
/// [`Error::NotFound`] or [`Forbidden::NotAllowed`].
pub fn check(standing: &Standing, action: Action) -> Result<()> {
    if standing.may(action) {
        Ok(())
    } else if standing.may(Action::Read) {
        Err(Forbidden::NotAllowed.into())
    } else {
        Err(Error::NotFound)
    }
}

impl Task {
    /// How someone stands to the task. Privacy beats hierarchy: whoever is no member of a closed or secret project has
    /// no relation to what lies in it, and a guest has none to what lies outside of their projects.
    #[must_use]
    pub fn standing(&self, actor: &Actor) -> Standing {
        if !self.is_within_reach(actor) {
            return Standing::default();
        }
        let relations = Relation::ALL.iter().copied();
        Standing::of(relations.filter(|relation| self.relates(actor, *relation)).collect())
    }

    fn is_within_reach(&self, actor: &Actor) -> bool {
        let mine = self.place.as_ref().and_then(|place| place.mine);
        let privacy = self.place.as_ref().map(|place| place.privacy);
        match (privacy, actor.role) {
            _ if mine.is_some() => true,
            (_, Rank::Guest) | (Some(Privacy::Closed | Privacy::Secret), _) => false,
            (None | Some(Privacy::Open), Rank::Admin | Rank::Employee) => true,
        }
    }

    fn relates(&self, actor: &Actor, relation: Relation) -> bool {
        let me = actor.user;
        let people = &self.people;
        let is_staff = actor.role != Rank::Guest;
        let mine = self.place.as_ref().and_then(|place| place.mine).map(|mine| mine.held_by(actor.role));
        let part = |least: ProjectRole| mine.is_some_and(|mine| mine >= least);
        let manages = |user: UserId| is_staff && self.below.contains(&user);
        match relation {
            Relation::Creator => people.creator == me,
            Relation::Responsible => people.responsible == me,
            Relation::CoExecutor => people.co_executors.contains(&me),
            Relation::Observer => people.observers.contains(&me),
            Relation::Reviewer => self.reviewers().contains(&me),
            Relation::Moderator => part(ProjectRole::Moderator),
            Relation::Editor => self.place.as_ref().is_some_and(|place| part(place.edit_tasks)),
            Relation::Member => part(ProjectRole::Member),
            Relation::ManagerOfWork => {
                let work = [Role::Creator, Role::Responsible, Role::CoExecutor];
                people.parts().any(|(user, role)| work.contains(&role) && manages(user))
            }
            Relation::ManagerOfCreator => manages(people.creator),
            Relation::ManagerOfReviewer => self.reviewers().into_iter().any(manages),
            Relation::Manager => people.parts().map(|(user, _)| user).chain(self.reviewers()).any(manages),
            Relation::Admin => actor.role == Rank::Admin,
            Relation::Staff => {
                is_staff && self.place.as_ref().is_some_and(|place| place.privacy == Privacy::Open)
            }
        }
    }
}
