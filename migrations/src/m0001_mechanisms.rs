//! The activity log and the answers kept for retried requests.

use sea_orm_migration::{prelude::*, sea_orm::DatabaseBackend};

use crate::column;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(activity()).await?;
        manager.create_index(activity_of_an_object()).await?;
        manager.create_table(idempotency_record(manager.get_database_backend())).await?;
        manager.create_index(idempotency_record_by_age()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("idempotency_record").take()).await?;
        manager.drop_table(Table::drop().table("activity").take()).await
    }
}

/// `id` is the position in the log. On PostgreSQL positions are handed out before they commit, so `transaction`
/// (the 64-bit transaction id) tells a reader which ones can still appear below one it has seen.
fn activity() -> TableCreateStatement {
    Table::create()
        .table("activity")
        .col(column::id())
        .col(column::instant("at").not_null())
        .col(ColumnDef::new("transaction").big_integer())
        .col(column::reference("user_id"))
        .col(column::reference("session_id"))
        .col(column::reference("token_id"))
        .col(column::text("verb").not_null())
        .col(column::text("object_kind").not_null())
        .col(column::reference("object_id").not_null())
        .col(column::json("changes"))
        .take()
}

fn activity_of_an_object() -> IndexCreateStatement {
    Index::create()
        .name("activity_object_idx")
        .table("activity")
        .col("object_kind")
        .col("object_id")
        .col("id")
        .take()
}

fn idempotency_record(backend: DatabaseBackend) -> TableCreateStatement {
    Table::create()
        .table("idempotency_record")
        .col(column::id())
        .col(column::reference("user_id").not_null())
        .col(column::key("operation", backend).not_null())
        .col(column::key("key", backend).not_null())
        .col(column::text("request_hash").not_null())
        .col(column::text("object_kind").not_null())
        .col(column::reference("object_id").not_null())
        .col(ColumnDef::new("status").small_integer().not_null())
        .col(ColumnDef::new("version").big_integer())
        .col(column::json("body"))
        .col(column::text("location"))
        .col(column::instant("created_at").not_null())
        .index(
            Index::create()
                .name("idempotency_record_user_id_operation_key_key")
                .col("user_id")
                .col("operation")
                .col("key")
                .unique(),
        )
        .take()
}

fn idempotency_record_by_age() -> IndexCreateStatement {
    Index::create()
        .name("idempotency_record_created_at_idx")
        .table("idempotency_record")
        .col("created_at")
        .take()
}
