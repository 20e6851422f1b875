//! What people do with the tasks of the demo.

use artel_domain::{
    activity::Verb,
    actor::Actor,
    comment::{CommentText, check_may_comment},
    task::{Command, Done, Edit, Part, Reason, Reviewer, Task, TaskFields, TaskId},
};
use artel_persistence::{
    Error, Result, Tx, comment,
    task::{self as store, Card, Marking},
};
use chrono::{DateTime, Utc};

use super::{
    history::{Calendar, Known},
    staff::Staff,
    work::{Act, Mark, Step},
};

/// Does one step.
///
/// # Errors
/// Those of the domain and of the database.
pub async fn play(
    tx: &Tx,
    staff: &Staff,
    known: &Known,
    step: &Step,
    calendar: Calendar,
    at: DateTime<Utc>,
) -> Result<()> {
    let taken = Taken { tx, by: staff.get(step.who)?, id: known.task(step.task)?, at };
    match &step.act {
        Act::Apply(command) => taken.apply(command).await,
        Act::Defer(days) => {
            let until = days.map(|days| calendar.morning(days));
            taken.apply(&Command::Defer { until }).await
        }
        Act::Reopen => taken.reopen().await,
        Act::Delegate(to, note) => taken.delegate(staff.get(to)?, note.clone()).await,
        Act::Move(days, reason) => taken.move_deadline(calendar.evening(*days), reason.clone()).await,
        Act::Comment(text) => taken.say(staff.mention(text)).await,
        Act::GiveResult(text) => {
            let card = taken.load().await?;
            card.task.check_give_result(taken.by)?;
            store::give_result(tx, taken.by, &card.task, text.clone(), at).await.map(drop)
        }
        Act::Mark(mark) => taken.mark(*mark).await,
        Act::Watch => taken.watch().await,
        Act::Trash => taken.trash().await,
    }
}

/// A task that somebody turns to.
struct Taken<'a> {
    tx: &'a Tx,
    by: &'a Actor,
    id: TaskId,
    at: DateTime<Utc>,
}

impl Taken<'_> {
    async fn load(&self) -> Result<Card> {
        store::load(self.tx, self.by, self.id).await
    }

    async fn apply(&self, command: &Command) -> Result<()> {
        let card = self.load().await?;
        let mut task = card.task.clone();
        let done = task.apply(self.by, None, command, card.obstacles, self.at)?;
        self.save(&card, &task, done).await
    }

    async fn save(&self, before: &Card, task: &Task, done: Done) -> Result<()> {
        store::save(self.tx, self.by.author(), &before.task, task, done).await
    }

    async fn delegate(&self, to: &Actor, note: Option<Reason>) -> Result<()> {
        let card = store::load_with_project(self.tx, self.by, self.id).await?;
        let hands = store::hands(self.tx, self.by, card.task.fields.project_id, [to.user]).await?;
        self.apply(&Command::Delegate { to: hands.of(to.user), note }).await
    }

    async fn reopen(&self) -> Result<()> {
        let card = store::load_with_project(self.tx, self.by, self.id).await?;
        let responsible = card.task.people.responsible;
        let hands = store::hands(self.tx, self.by, card.task.fields.project_id, [responsible]).await?;
        self.apply(&Command::Reopen { responsible: hands.of(responsible) }).await
    }

    async fn move_deadline(&self, to: DateTime<Utc>, deadline_reason: Option<Reason>) -> Result<()> {
        let card = self.load().await?;
        let mut task = card.task.clone();
        let fields = TaskFields { deadline: Some(to), ..task.fields.clone() };
        let edit = Edit { fields, reviewer: Reviewer::Stays, deadline_reason, faults: Vec::new() };
        let changes = task.edit(self.by, None, edit, None, self.at)?;
        self.save(&card, &task, Done { verb: Verb::Updated, changes }).await
    }

    async fn say(&self, text: String) -> Result<()> {
        let card = store::find(self.tx, self.by, self.id).await?;
        check_may_comment(&card.task, self.by)?;
        let text: CommentText =
            text.parse().map_err(|wrong| Error::Unreadable(format!("{text:?} {wrong}")))?;
        comment::insert(self.tx, self.by, &card.task, text, self.at).await.map(drop)
    }

    async fn mark(&self, mark: Mark) -> Result<()> {
        store::find(self.tx, self.by, self.id).await?.task.check_mark(self.by)?;
        let marking = match mark {
            Mark::Favourite => Marking::Favourite(true),
            Mark::Muted => Marking::Muted(true),
            Mark::Read => Marking::Read,
        };
        store::mark(self.tx, self.by.user, self.id, marking, self.at).await
    }

    async fn watch(&self) -> Result<()> {
        let card = store::load_with_project(self.tx, self.by, self.id).await?;
        let mut task = card.task.clone();
        let hands = store::hands(self.tx, self.by, task.fields.project_id, [self.by.user]).await?;
        let changes = task.give(self.by, None, Part::Observer, hands.of(self.by.user), self.at)?;
        let done = Done { verb: Verb::Joined, changes };
        self.save(&card, &task, done).await
    }

    async fn trash(&self) -> Result<()> {
        let card = self.load().await?;
        let mut task = card.task.clone();
        task.trash(self.by, None, self.at)?;
        let author = self.by.author();
        let tree = store::load_tree(self.tx, card.root.unwrap_or(task.id)).await?;
        self.save(&card, &task, Done { verb: Verb::Deleted, changes: Vec::new() }).await?;
        store::trash_tree(self.tx, author, &tree, &task).await
    }
}
