//! Tasks, who has which part in them, and what hangs on them: comments, results, links with the CRM, marks.

use sea_orm_migration::{prelude::*, sea_orm::DatabaseBackend};

use crate::{
    column,
    index::{index, list_index, owned_by, reference_to, trash_index, unique},
};

mod child;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0005_tasks"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backend = manager.get_database_backend();
        manager.create_table(task(backend)).await?;
        for key in ["title_key", "created_at", "updated_at", "completed_at", "priority", "deadline"] {
            manager.create_index(list_index("task", key)).await?;
        }
        for key in ["deadline", "created_at"] {
            manager.create_index(of_a_project(key)).await?;
        }
        for reference in ["project_id", "parent_id", "root_id"] {
            manager.create_index(index("task", &[reference])).await?;
        }
        manager.create_index(put_off()).await?;
        manager.create_index(trash_index("task")).await?;
        manager.create_index(unique("task", &["external_source", "external_id"])).await?;
        manager.create_table(task_member()).await?;
        manager.create_index(parts(&["user_id", "role", "is_open", "deadline", "task_id"])).await?;
        manager.create_index(parts(&["user_id", "is_main", "is_open", "deadline", "task_id"])).await?;
        child::up(manager, backend).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        child::down(manager).await?;
        for table in ["task_member", "task"] {
            manager.drop_table(Table::drop().table(table).take()).await?;
        }
        Ok(())
    }
}

/// `root_id` is the top of the tree that a task lies in, empty at the top itself: whoever changes a tree locks it.
/// `trashed_with` is the task with which one went into the trash. `priority` counts from the least.
fn task(backend: DatabaseBackend) -> TableCreateStatement {
    let mut table = Table::create().table("task").col(column::id()).take();
    content(&mut table, backend);
    people(&mut table);
    state(&mut table);
    table
        .col(column::version())
        .col(column::instant("created_at").not_null())
        .col(column::instant("updated_at").not_null())
        .col(column::instant("deleted_at"))
        .col(column::reference("trashed_with"))
        .take()
}

fn content(table: &mut TableCreateStatement, backend: DatabaseBackend) {
    table
        .col(column::text("title").not_null())
        .col(column::key("title_key", backend).not_null())
        .col(column::text("description"))
        .col(ColumnDef::new("priority").small_integer().not_null());
    for name in ["project_id", "parent_id", "root_id"] {
        table.col(column::reference(name));
    }
    for name in ["planned_start", "planned_end", "deadline"] {
        table.col(column::instant(name));
    }
    table
        .col(ColumnDef::new("estimate_minutes").integer())
        .col(column::json("tags").not_null())
        .col(column::flag("needs_review", false))
        .col(column::flag("needs_result", false))
        .col(column::json("deadline_policy").not_null())
        .col(column::key("external_source", backend))
        .col(column::key("external_id", backend))
        .foreign_key(&mut owned_by("task", "project_id", "project"))
        .foreign_key(&mut owned_by("task", "parent_id", "task"));
}

fn people(table: &mut TableCreateStatement) {
    for name in ["creator_id", "responsible_id"] {
        table.col(column::reference(name).not_null());
    }
    for name in ["reviewer_id", "completed_by", "approved_by", "updated_by", "deleted_by"] {
        table.col(column::reference(name));
    }
    let all = [
        "creator_id",
        "responsible_id",
        "reviewer_id",
        "completed_by",
        "approved_by",
        "updated_by",
        "deleted_by",
    ];
    for name in all {
        table.foreign_key(&mut reference_to("task", name, "user"));
    }
}

fn state(table: &mut TableCreateStatement) {
    table
        .col(column::text("status").not_null())
        .col(column::flag("returned", false))
        .col(column::instant("deferred_until"))
        .col(column::instant("completed_at"))
        .col(column::instant("approved_at"))
        .col(column::instant("reopened_at"))
        .col(ColumnDef::new("deadline_moves").integer().not_null().default(0));
}

/// Each part by itself. `is_main` marks one part of everybody with several; `is_open` and `deadline` are those of the
/// task, so that "my open tasks by deadline" is a range of an index, whatever else there is.
fn task_member() -> TableCreateStatement {
    Table::create()
        .table("task_member")
        .col(column::reference("task_id").not_null())
        .col(column::reference("user_id").not_null())
        .col(column::text("role").not_null())
        .col(column::flag("is_main", true))
        .col(column::flag("is_open", true))
        .col(column::instant("deadline"))
        .primary_key(Index::create().name("task_member_pkey").col("task_id").col("user_id").col("role"))
        .foreign_key(&mut owned_by("task_member", "task_id", "task"))
        .foreign_key(&mut reference_to("task_member", "user_id", "user"))
        .take()
}

fn parts(columns: &[&'static str]) -> IndexCreateStatement {
    index("task_member", columns)
}

fn of_a_project(key: &'static str) -> IndexCreateStatement {
    let mut index = index("task", &["project_id", key, "id"]);
    index.and_where(Expr::col("deleted_at").is_null()).take()
}

/// What waits for a moment to come back: little beside all the rest.
fn put_off() -> IndexCreateStatement {
    let mut index = index("task", &["deferred_until"]);
    index.and_where(Expr::col("deferred_until").is_not_null()).take()
}
