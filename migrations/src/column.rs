//! Column constructors shared by the steps: one spelling per kind of value, right on both databases.

use sea_orm_migration::{prelude::*, sea_orm::DatabaseBackend};

/// The identifier of a row: handed out by the database, never reused.
pub fn id() -> ColumnDef {
    ColumnDef::new("id").big_integer().not_null().auto_increment().primary_key().take()
}

/// A reference to the id of another row.
pub fn reference(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().take()
}

/// An instant: microseconds since 1970-01-01T00:00:00Z.
pub fn instant(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().take()
}

/// Text as people wrote it.
pub fn text(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().take()
}

/// JSON, read and written by Artel alone.
pub fn json(name: &'static str) -> ColumnDef {
    text(name)
}

/// Text that is compared byte by byte: a folded key, a word, a hash.
pub fn key(name: &'static str, backend: DatabaseBackend) -> ColumnDef {
    let mut column = text(name);
    if backend == DatabaseBackend::Postgres {
        column.custom(r#"text collate "C""#);
    }
    column
}

/// A yes or no.
pub fn flag(name: &'static str, default: bool) -> ColumnDef {
    ColumnDef::new(name).boolean().not_null().default(default).take()
}

/// The version that each change of a row raises by one.
pub fn version() -> ColumnDef {
    ColumnDef::new("version").big_integer().not_null().default(1).take()
}
