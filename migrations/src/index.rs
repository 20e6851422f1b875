//! Constructors of indexes and keys shared by the steps: named after what they bind, the same on both databases.

use sea_orm_migration::{prelude::*, sea_orm::DatabaseBackend};

use crate::column;

/// An index that a list walks: the sort key and the id, of what does not lie in the trash.
pub fn list_index(table: &'static str, key: &'static str) -> IndexCreateStatement {
    Index::create()
        .name(format!("{table}_{key}_idx"))
        .table(table)
        .col(key)
        .col("id")
        .and_where(Expr::col("deleted_at").is_null())
        .take()
}

/// The index of the trash: it holds only what lies there, or SQLite would take it for the way to all the rest.
pub fn trash_index(table: &'static str) -> IndexCreateStatement {
    Index::create()
        .name(format!("{table}_deleted_at_idx"))
        .table(table)
        .col("deleted_at")
        .and_where(Expr::col("deleted_at").is_not_null())
        .take()
}

/// An index over some columns, named after them.
pub fn index(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = Index::create().name(format!("{table}_{}_idx", columns.join("_"))).table(table).take();
    for column in columns {
        index.col(*column);
    }
    index
}

/// A unique index over some columns, named after them.
pub fn unique(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index =
        Index::create().name(format!("{table}_{}_key", columns.join("_"))).table(table).unique().take();
    for column in columns {
        index.col(*column);
    }
    index
}

/// A foreign key to the id of another table, named after what it binds.
pub fn reference_to(
    table: &'static str,
    column: &'static str,
    target: &'static str,
) -> ForeignKeyCreateStatement {
    ForeignKey::create().name(format!("{table}_{column}_fkey")).from(table, column).to(target, "id").take()
}

/// A foreign key to the id of the row that owns this one: it goes with it.
pub fn owned_by(
    table: &'static str,
    column: &'static str,
    target: &'static str,
) -> ForeignKeyCreateStatement {
    reference_to(table, column, target).on_delete(ForeignKeyAction::Cascade).take()
}

/// The words by which the rows of a table are found. Words first: a prefix is a range of this key. Another index leads from
/// an object to its words.
pub fn words(
    table: &'static str,
    reference: &'static str,
    owner: &'static str,
    backend: DatabaseBackend,
) -> TableCreateStatement {
    Table::create()
        .table(table)
        .col(column::key("word", backend).not_null())
        .col(column::reference(reference).not_null())
        .primary_key(Index::create().name(format!("{table}_pkey")).col("word").col(reference))
        .foreign_key(&mut owned_by(table, reference, owner))
        .take()
}
