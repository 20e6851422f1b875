//! Contacts and companies with what hangs on them, the dictionaries, and who reaches how far.

use sea_orm_migration::{prelude::*, sea_orm::DatabaseBackend};

use crate::column;

mod child;
mod record;
mod setting;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0003_crm"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backend = manager.get_database_backend();
        setting::up(manager, backend).await?;
        record::up(manager, backend).await?;
        child::up(manager, backend).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let newest_first = [
            "contact_company",
            "company_word",
            "contact_word",
            "company_point",
            "contact_point",
            "company",
            "contact",
            "crm_access",
            "dictionary_entry",
            "crm_setting",
        ];
        for table in newest_first {
            manager.drop_table(Table::drop().table(table).take()).await?;
        }
        Ok(())
    }
}

/// An index that a list walks: the sort key and the id, of what does not lie in the trash.
fn list_index(table: &'static str, key: &'static str) -> IndexCreateStatement {
    Index::create()
        .name(format!("{table}_{key}_idx"))
        .table(table)
        .col(key)
        .col("id")
        .and_where(Expr::col("deleted_at").is_null())
        .take()
}

/// The index of the trash: it holds only what lies there, or SQLite would take it for the way to all the rest.
fn trash_index(table: &'static str) -> IndexCreateStatement {
    Index::create()
        .name(format!("{table}_deleted_at_idx"))
        .table(table)
        .col("deleted_at")
        .and_where(Expr::col("deleted_at").is_not_null())
        .take()
}

fn index(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = Index::create().name(format!("{table}_{}_idx", columns.join("_"))).table(table).take();
    for column in columns {
        index.col(*column);
    }
    index
}

fn unique(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index =
        Index::create().name(format!("{table}_{}_key", columns.join("_"))).table(table).unique().take();
    for column in columns {
        index.col(*column);
    }
    index
}

fn foreign_key(
    table: &'static str,
    column: &'static str,
    target: (&'static str, &'static str),
) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("{table}_{column}_fkey"))
        .from(table, column)
        .to(target.0, target.1)
        .take()
}

fn owned_by(table: &'static str, column: &'static str, target: &'static str) -> ForeignKeyCreateStatement {
    foreign_key(table, column, (target, "id")).on_delete(ForeignKeyAction::Cascade).take()
}

/// Text that is compared byte by byte, on the database at hand.
fn key(name: &'static str, backend: DatabaseBackend) -> ColumnDef {
    column::key(name, backend)
}
