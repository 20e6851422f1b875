//! How far the responsible person may move the deadline of a task. Whoever set the task may move it at will.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Action, Reason, Task};
use crate::{
    actor::Actor,
    error::{Fault, FaultCode, Forbidden, Result},
};

/// What the responsible person may do with the deadline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadlinePolicy {
    /// Whether they may move it at all.
    pub responsible_may_move: bool,
    /// How far at most.
    pub latest: Option<DateTime<Utc>>,
    /// How often at most.
    pub most_moves: Option<u32>,
    /// Whether they must say why.
    pub reason_required: bool,
}

impl DeadlinePolicy {
    /// What a new task starts with: the deadline is not theirs to move.
    pub const DEFAULT: Self =
        Self { responsible_may_move: false, latest: None, most_moves: None, reason_required: false };
}

impl Task {
    /// Whether someone moves the deadline under the policy, and not at will.
    pub(super) fn is_bound_by_policy(&self, by: &Actor) -> bool {
        !self.standing(by).may(Action::SetDeadline)
    }

    /// Lets those pass whom the policy does not bind, or still lets move the deadline.
    ///
    /// # Errors
    /// [`Forbidden::DeadlinePolicy`].
    pub(super) fn check_deadline_policy(&self, by: &Actor) -> Result<()> {
        let DeadlinePolicy { responsible_may_move, latest: _, most_moves, reason_required: _ } =
            self.fields.deadline_policy;
        let is_spent = most_moves.is_some_and(|most| self.state.deadline_moves >= most);
        if self.is_bound_by_policy(by) && (!responsible_may_move || is_spent) {
            return Err(Forbidden::DeadlinePolicy.into());
        }
        Ok(())
    }

    /// What is wrong with a deadline that is moved under the policy.
    pub(super) fn policy_faults(
        &self,
        deadline: Option<DateTime<Utc>>,
        reason: Option<&Reason>,
    ) -> Vec<Fault> {
        let policy = &self.fields.deadline_policy;
        let mut faults = Vec::new();
        match (deadline, policy.latest) {
            (None, _) => {
                faults.push(Fault::new("/deadline", FaultCode::Required, "may be moved, and not cleared"));
            }
            (Some(deadline), Some(latest)) if deadline > latest => {
                let message = "must not be later than the policy of the task allows";
                faults.push(Fault::new("/deadline", FaultCode::OutOfRange, message));
            }
            _ => {}
        }
        if policy.reason_required && reason.is_none() {
            faults.push(Fault::new("/deadline_reason", FaultCode::Required, "must say why"));
        }
        faults
    }
}
