//! Contacts and companies themselves.

use sea_orm_migration::{prelude::*, sea_orm::DatabaseBackend};

use crate::{
    column,
    index::{index, list_index, reference_to, trash_index, unique},
};

pub(super) async fn up(manager: &SchemaManager<'_>, backend: DatabaseBackend) -> Result<(), DbErr> {
    manager.create_table(contact(backend)).await?;
    manager.create_table(company(backend)).await?;
    for table in ["contact", "company"] {
        for key in ["name_key", "created_at", "updated_at", "verified_at"] {
            manager.create_index(list_index(table, key)).await?;
        }
        manager.create_index(index(table, &["responsible_id"])).await?;
        manager.create_index(trash_index(table)).await?;
        manager.create_index(unique(table, &["external_source", "external_id"])).await?;
    }
    Ok(())
}

fn contact(backend: DatabaseBackend) -> TableCreateStatement {
    let mut table = Table::create().table("contact").col(column::id()).take();
    for name in ["first_name", "middle_name", "last_name", "position"] {
        table.col(column::text(name));
    }
    table.col(ColumnDef::new("birthday").date());
    common(table, "contact", backend)
}

fn company(backend: DatabaseBackend) -> TableCreateStatement {
    let mut table =
        Table::create().table("company").col(column::id()).col(column::text("name").not_null()).take();
    for name in ["industry", "size", "registration_number", "tax_number"] {
        table.col(column::text(name));
    }
    common(table, "company", backend)
}

/// What both kinds have. `type` and `source` hold codes of dictionaries; that they are known is checked where they
/// are written, in the transaction that locks the dictionary.
fn common(
    mut table: TableCreateStatement,
    name: &'static str,
    backend: DatabaseBackend,
) -> TableCreateStatement {
    table
        .col(column::key("type", backend))
        .col(column::key("source", backend))
        .col(column::reference("responsible_id").not_null())
        .col(column::flag("shared", true))
        .col(column::text("comment"))
        .col(column::json("tags").not_null())
        .col(column::key("external_source", backend))
        .col(column::key("external_id", backend))
        .col(column::instant("verified_at"))
        .col(column::key("name_key", backend).not_null())
        .col(column::version())
        .col(column::instant("created_at").not_null())
        .col(column::reference("created_by"))
        .col(column::instant("updated_at").not_null())
        .col(column::reference("updated_by"))
        .col(column::instant("deleted_at"))
        .col(column::reference("deleted_by"));
    for user in ["responsible_id", "created_by", "updated_by", "deleted_by"] {
        table.foreign_key(&mut reference_to(name, user, "user"));
    }
    table
}
