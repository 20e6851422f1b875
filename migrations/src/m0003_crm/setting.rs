//! The dictionaries and the table of access levels, with what a new organisation starts with.

use sea_orm_migration::{prelude::*, sea_orm::DatabaseBackend};

use crate::column;

const CONTACT_TYPES: &[(&str, &str)] = &[
    ("client", "Client"),
    ("expert", "Expert"),
    ("startup_founder", "Startup founder"),
    ("investor", "Investor"),
    ("mentor", "Mentor"),
    ("partner", "Partner"),
    ("supplier", "Supplier"),
    ("other", "Other"),
];
const COMPANY_TYPES: &[(&str, &str)] = &[
    ("client", "Client"),
    ("startup", "Startup"),
    ("investor", "Investor"),
    ("partner", "Partner"),
    ("supplier", "Supplier"),
    ("other", "Other"),
];
const SOURCES: &[(&str, &str)] = &[
    ("event", "Event"),
    ("referral", "Referral"),
    ("web_site", "Web site"),
    ("incoming_call", "Incoming call"),
    ("import", "Import"),
    ("other", "Other"),
];
/// Role, read, write, delete, export, import.
const ACCESS: [&str; 6] = ["employee", "shared", "department", "own", "own", "own"];

pub(super) async fn up(manager: &SchemaManager<'_>, backend: DatabaseBackend) -> Result<(), DbErr> {
    manager.create_table(crm_setting(backend)).await?;
    manager.create_table(dictionary_entry(backend)).await?;
    manager.create_table(crm_access(backend)).await?;
    manager.execute(settings()).await?;
    for (dictionary, entries) in
        [("contact_types", CONTACT_TYPES), ("company_types", COMPANY_TYPES), ("sources", SOURCES)]
    {
        manager.execute(dictionary_entries(dictionary, entries)).await?;
    }
    manager.execute(levels()).await
}

/// One row for each whole that is saved at once, with its version.
fn crm_setting(backend: DatabaseBackend) -> TableCreateStatement {
    Table::create()
        .table("crm_setting")
        .col(column::key("name", backend).primary_key())
        .col(column::version())
        .take()
}

fn dictionary_entry(backend: DatabaseBackend) -> TableCreateStatement {
    Table::create()
        .table("dictionary_entry")
        .col(column::key("dictionary", backend).not_null())
        .col(column::key("code", backend).not_null())
        .col(column::text("name").not_null())
        .col(ColumnDef::new("position").integer().not_null())
        .primary_key(Index::create().name("dictionary_entry_pkey").col("dictionary").col("code"))
        .take()
}

/// The row of employees alone: administrators reach everything, guests nothing.
fn crm_access(backend: DatabaseBackend) -> TableCreateStatement {
    let mut table =
        Table::create().table("crm_access").col(column::key("role", backend).primary_key()).take();
    for action in ["read", "write", "delete", "export", "import"] {
        table.col(column::text(action).not_null());
    }
    table
}

fn settings() -> InsertStatement {
    let mut insert = Query::insert().into_table("crm_setting").columns(["name", "version"]).take();
    for name in ["contact_types", "company_types", "sources", "access"] {
        insert.values_panic([name.into(), 1.into()]);
    }
    insert
}

fn dictionary_entries(dictionary: &'static str, entries: &[(&'static str, &'static str)]) -> InsertStatement {
    let columns = ["dictionary", "code", "name", "position"];
    let mut insert = Query::insert().into_table("dictionary_entry").columns(columns).take();
    for (position, (code, name)) in (0_i32..).zip(entries) {
        insert.values_panic([dictionary.into(), (*code).into(), (*name).into(), position.into()]);
    }
    insert
}

fn levels() -> InsertStatement {
    let columns = ["role", "read", "write", "delete", "export", "import"];
    let mut insert = Query::insert().into_table("crm_access").columns(columns).take();
    insert.values_panic(ACCESS.map(Expr::val));
    insert
}
