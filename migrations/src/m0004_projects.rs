//! Projects, who is in them, and the words by which they are found.

use sea_orm_migration::{prelude::*, sea_orm::DatabaseBackend};

use crate::{
    column,
    index::{index, list_index, owned_by, reference_to, trash_index, words},
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backend = manager.get_database_backend();
        manager.create_table(project(backend)).await?;
        for key in ["name_key", "created_at", "updated_at", "starts_on", "ends_on"] {
            manager.create_index(list_index("project", key)).await?;
        }
        manager.create_index(index("project", &["owner_id"])).await?;
        manager.create_index(trash_index("project")).await?;
        manager.create_table(project_member()).await?;
        manager.create_index(index("project_member", &["user_id", "project_id"])).await?;
        manager.create_index(index("project_member", &["project_id", "since", "user_id"])).await?;
        manager.create_index(one_owner()).await?;
        manager.create_table(words("project_word", "project_id", "project", backend)).await?;
        manager.create_index(index("project_word", &["project_id", "word"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["project_word", "project_member", "project"] {
            manager.drop_table(Table::drop().table(table).take()).await?;
        }
        Ok(())
    }
}

/// `may_…` is the least part that one needs in the project to do so.
fn project(backend: DatabaseBackend) -> TableCreateStatement {
    let mut table = Table::create()
        .table("project")
        .col(column::id())
        .col(column::text("name").not_null())
        .col(column::key("name_key", backend).not_null())
        .col(column::text("description"))
        .col(ColumnDef::new("starts_on").date())
        .col(ColumnDef::new("ends_on").date())
        .col(column::key("privacy", backend).not_null())
        .col(column::reference("owner_id").not_null())
        .col(column::text("colour"))
        .col(column::json("tags").not_null())
        .take();
    for name in ["may_invite", "may_post", "may_create_tasks", "may_edit_tasks", "may_upload"] {
        table.col(column::text(name).not_null());
    }
    table
        .col(column::version())
        .col(column::instant("created_at").not_null())
        .col(column::reference("created_by"))
        .col(column::instant("updated_at").not_null())
        .col(column::reference("updated_by"))
        .col(column::instant("archived_at"))
        .col(column::reference("archived_by"))
        .col(column::instant("deleted_at"))
        .col(column::reference("deleted_by"));
    for user in ["owner_id", "created_by", "updated_by", "archived_by", "deleted_by"] {
        table.foreign_key(&mut reference_to("project", user, "user"));
    }
    table
}

/// The owner is a member too: a row with this part, and `project.owner_id` say the same.
fn project_member() -> TableCreateStatement {
    Table::create()
        .table("project_member")
        .col(column::reference("project_id").not_null())
        .col(column::reference("user_id").not_null())
        .col(column::text("role").not_null())
        .col(column::instant("since").not_null())
        .col(column::reference("added_by"))
        .primary_key(Index::create().name("project_member_pkey").col("project_id").col("user_id"))
        .foreign_key(&mut owned_by("project_member", "project_id", "project"))
        .foreign_key(&mut reference_to("project_member", "user_id", "user"))
        .foreign_key(&mut reference_to("project_member", "added_by", "user"))
        .take()
}

/// A project has one owner at the most.
fn one_owner() -> IndexCreateStatement {
    Index::create()
        .name("project_member_project_id_key")
        .table("project_member")
        .col("project_id")
        .and_where(Expr::col("role").eq("owner"))
        .unique()
        .take()
}
