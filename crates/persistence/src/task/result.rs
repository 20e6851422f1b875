//! What came of tasks: the results that people give.

use artel_domain::{
    activity::{Activity, Verb},
    actor::{Actor, UserId},
    error::Error as Refusal,
    task::{ResultId, ResultText, Task, TaskId, TaskResult},
};
use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, QueryFilter as _, QueryOrder as _, entity::prelude::*};

use crate::{
    activity,
    column::{Instant, Text},
    error::Result,
    unit_of_work::Tx,
};

mod row {
    use super::{Instant, ResultText, Text};
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "task_result")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub task_id: i64,
        pub author_id: i64,
        pub text: Text<ResultText>,
        pub created_at: Instant,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

impl From<row::Model> for TaskResult {
    fn from(row: row::Model) -> Self {
        let row::Model { id, task_id, author_id, text, created_at } = row;
        Self {
            id: ResultId(id),
            task: TaskId(task_id),
            author: UserId(author_id),
            text: text.0,
            created_at: created_at.0,
        }
    }
}

/// The results of a task that was found for the viewer, the newest first.
///
/// # Errors
/// Those of the database.
pub async fn results(db: &impl ConnectionTrait, task: &Task) -> Result<Vec<TaskResult>> {
    let of_task = row::Entity::find().filter(row::Column::TaskId.eq(task.id.0));
    let rows = of_task.order_by_desc(row::Column::Id).all(db).await?;
    Ok(rows.into_iter().map(TaskResult::from).collect())
}

/// One result of a task that was loaded for the viewer.
///
/// # Errors
/// [`Refusal::NotFound`].
pub async fn find_result(db: &impl ConnectionTrait, task: &Task, id: ResultId) -> Result<TaskResult> {
    let of_task = row::Entity::find().filter(row::Column::TaskId.eq(task.id.0));
    let row = of_task.filter(row::Column::Id.eq(id.0)).one(db).await?;
    row.map(TaskResult::from).ok_or_else(|| Refusal::NotFound.into())
}

/// Keeps a new result, and the activity.
///
/// # Errors
/// Those of the database.
pub async fn give_result(
    tx: &Tx,
    by: &Actor,
    task: &Task,
    text: ResultText,
    now: DateTime<Utc>,
) -> Result<TaskResult> {
    let row = row::ActiveModel {
        task_id: Set(task.id.0),
        author_id: Set(by.user.0),
        text: Set(Text(text)),
        created_at: Set(Instant(now)),
        ..Default::default()
    };
    let given = TaskResult::from(row.insert(tx).await?);
    log(tx, by, task, Verb::ResultGiven, now).await?;
    Ok(given)
}

/// Takes a result away, and notes it.
///
/// # Errors
/// Those of the database.
pub async fn remove_result(tx: &Tx, by: &Actor, task: &Task, id: ResultId, now: DateTime<Utc>) -> Result<()> {
    row::Entity::delete_by_id(id.0).exec(tx).await?;
    log(tx, by, task, Verb::ResultRemoved, now).await
}

async fn log(tx: &Tx, by: &Actor, task: &Task, verb: Verb, now: DateTime<Utc>) -> Result<()> {
    let activity = Activity { author: by.author(), verb, object: Task::object(task.id), changes: Vec::new() };
    activity::append(tx, &[activity], now).await
}
