//! Tasks as parts of tasks: where in a tree one may lie. Parent and child live in the same project.

use chrono::{DateTime, Utc};

use super::{Action, Command, Done, Obstacles, Task, TaskId, check};
use crate::{
    actor::Actor,
    error::{Conflict, Fault, FaultCode, Result, check_version},
    project::ProjectId,
};

/// The most levels of a tree.
pub const MOST_LEVELS: u32 = 10;

/// The place below another task that a task is to take, as the one who asks stands to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spot {
    /// The task that it is to be a part of.
    pub parent: TaskId,
    /// The project of that task.
    pub project: Option<ProjectId>,
    /// On which level that task lies: 1 at the top.
    pub level: u32,
    /// How many levels the task itself has: 1 without subtasks.
    pub levels: u32,
    /// Whether that task is completed.
    pub is_completed: bool,
    /// Whether that task lies below the task itself.
    pub is_below_itself: bool,
}

impl Spot {
    /// The rules of the tree that speak of its state. `open` says whether work remains on the task itself.
    ///
    /// # Errors
    /// [`Conflict::Cycle`], [`Conflict::TooDeep`], [`Conflict::ParentCompleted`].
    pub fn check(self, open: bool) -> Result<()> {
        if self.is_below_itself {
            Err(Conflict::Cycle.into())
        } else if self.level.saturating_add(self.levels) > MOST_LEVELS {
            Err(Conflict::TooDeep.into())
        } else if open && self.is_completed {
            Err(Conflict::ParentCompleted.into())
        } else {
            Ok(())
        }
    }

    /// What is wrong where the task would lie in another project than its parent.
    #[must_use]
    pub fn fault(self, project: Option<ProjectId>) -> Option<Fault> {
        let message = "must be the project of the task that it belongs to";
        (self.project != project).then(|| Fault::new("/project_id", FaultCode::OtherProject, message))
    }
}

/// A task before and after what was done to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What it was.
    pub before: Task,
    /// What it is.
    pub after: Task,
    /// What happened.
    pub done: Done,
}

impl Task {
    /// Completes the open tasks below this one, from the bottom up, each as its own rules have it, or none of them: so that it
    /// can be completed itself. `below` is nothing where one of them is hidden from the one who asks.
    ///
    /// # Errors
    /// Those of [`Task::apply`] for this task's right and version, and for each of the others; [`Conflict::OpenSubtasks`].
    pub fn complete_below(
        &self,
        by: &Actor,
        expected: Option<i64>,
        below: Option<Vec<(Self, Obstacles)>>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Step>> {
        check(&self.standing(by), Action::Complete)?;
        check_version(self.version, expected)?;
        let complete = |(before, obstacles): (Self, Obstacles)| {
            let mut after = before.clone();
            // Those below it come before it.
            let obstacles = Obstacles { open_subtasks: false, ..obstacles };
            let done = after.apply(by, None, &Command::Complete, obstacles, now)?;
            Ok(Step { before, after, done })
        };
        below.ok_or(Conflict::OpenSubtasks)?.into_iter().map(complete).collect()
    }
}
