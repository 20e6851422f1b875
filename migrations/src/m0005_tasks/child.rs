//! What hangs on tasks.

use sea_orm_migration::{prelude::*, sea_orm::DatabaseBackend};

use crate::{
    column,
    index::{index, owned_by, reference_to, words},
};

pub(super) async fn up(manager: &SchemaManager<'_>, backend: DatabaseBackend) -> Result<(), DbErr> {
    manager.create_table(words("task_word", "task_id", "task", backend)).await?;
    manager.create_index(index("task_word", &["task_id", "word"])).await?;
    manager.create_table(comment()).await?;
    manager.create_index(index("comment", &["task_id", "id"])).await?;
    manager.create_table(comment_edit()).await?;
    manager.create_index(index("comment_edit", &["comment_id", "id"])).await?;
    manager.create_table(comment_mention()).await?;
    manager.create_index(index("comment_mention", &["user_id", "comment_id"])).await?;
    manager.create_table(task_result()).await?;
    manager.create_index(index("task_result", &["task_id", "id"])).await?;
    manager.create_table(task_mark()).await?;
    manager.create_index(favourites()).await?;
    for (table, target, reference) in
        [("task_contact", "contact", "contact_id"), ("task_company", "company", "company_id")]
    {
        manager.create_table(link(table, target, reference)).await?;
        manager.create_index(index(table, &[reference, "task_id"])).await?;
    }
    Ok(())
}

pub(super) async fn down(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let newest_first = [
        "task_company",
        "task_contact",
        "task_mark",
        "task_result",
        "comment_mention",
        "comment_edit",
        "comment",
        "task_word",
    ];
    for table in newest_first {
        manager.drop_table(Table::drop().table(table).take()).await?;
    }
    Ok(())
}

/// What is deleted keeps its row, so that what was read before stays counted; its text goes. What Artel notes has no author
/// but says what it is about, and who gave it reason to.
fn comment() -> TableCreateStatement {
    Table::create()
        .table("comment")
        .col(column::id())
        .col(column::reference("task_id").not_null())
        .col(column::text("kind").not_null())
        .col(column::reference("author_id"))
        .col(column::text("note"))
        .col(column::reference("noted_by"))
        .col(column::text("text").not_null())
        .col(column::instant("created_at").not_null())
        .col(column::instant("edited_at"))
        .col(column::instant("deleted_at"))
        .foreign_key(&mut owned_by("comment", "task_id", "task"))
        .foreign_key(&mut reference_to("comment", "noted_by", "user"))
        .foreign_key(&mut reference_to("comment", "author_id", "user"))
        .take()
}

/// What a comment said before.
fn comment_edit() -> TableCreateStatement {
    Table::create()
        .table("comment_edit")
        .col(column::id())
        .col(column::reference("comment_id").not_null())
        .col(column::text("text").not_null())
        .col(column::instant("replaced_at").not_null())
        .foreign_key(&mut owned_by("comment_edit", "comment_id", "comment"))
        .take()
}

fn comment_mention() -> TableCreateStatement {
    Table::create()
        .table("comment_mention")
        .col(column::reference("comment_id").not_null())
        .col(column::reference("user_id").not_null())
        .primary_key(Index::create().name("comment_mention_pkey").col("comment_id").col("user_id"))
        .foreign_key(&mut owned_by("comment_mention", "comment_id", "comment"))
        .foreign_key(&mut reference_to("comment_mention", "user_id", "user"))
        .take()
}

fn task_result() -> TableCreateStatement {
    Table::create()
        .table("task_result")
        .col(column::id())
        .col(column::reference("task_id").not_null())
        .col(column::reference("author_id").not_null())
        .col(column::text("text").not_null())
        .col(column::instant("created_at").not_null())
        .foreign_key(&mut owned_by("task_result", "task_id", "task"))
        .foreign_key(&mut reference_to("task_result", "author_id", "user"))
        .take()
}

/// What a task is to one person: a favourite, silent, seen, read up to a comment.
fn task_mark() -> TableCreateStatement {
    Table::create()
        .table("task_mark")
        .col(column::reference("task_id").not_null())
        .col(column::reference("user_id").not_null())
        .col(column::flag("favourite", false))
        .col(column::flag("muted", false))
        .col(column::instant("seen_at"))
        .col(column::reference("read_comment_id").not_null().default(0))
        .primary_key(Index::create().name("task_mark_pkey").col("task_id").col("user_id"))
        .foreign_key(&mut owned_by("task_mark", "task_id", "task"))
        .foreign_key(&mut reference_to("task_mark", "user_id", "user"))
        .take()
}

fn favourites() -> IndexCreateStatement {
    let mut index = index("task_mark", &["user_id", "task_id"]);
    index.and_where(Expr::col("favourite")).take()
}

fn link(table: &'static str, target: &'static str, reference: &'static str) -> TableCreateStatement {
    Table::create()
        .table(table)
        .col(column::reference("task_id").not_null())
        .col(column::reference(reference).not_null())
        .primary_key(Index::create().name(format!("{table}_pkey")).col("task_id").col(reference))
        .foreign_key(&mut owned_by(table, "task_id", "task"))
        .foreign_key(&mut owned_by(table, reference, target))
        .take()
}
