//! The organisation, its departments and its users.

use sea_orm_migration::{prelude::*, sea_orm::DatabaseBackend};

use super::{index, key_to, unique};
use crate::column;

pub async fn up(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let backend = manager.get_database_backend();
    manager.create_table(organisation(backend)).await?;
    manager.execute(the_organisation()).await?;
    manager.create_table(department(backend)).await?;
    manager.create_table(user(backend)).await?;
    if backend == DatabaseBackend::Postgres {
        manager.create_foreign_key(department_head()).await?;
    }
    manager.create_table(department_path()).await?;
    for index in [
        unique("user", "email"),
        index("user", &["name_key", "id"]),
        index("user", &["created_at", "id"]),
        index("user", &["department_id"]),
        index("department", &["name_key", "id"]),
        index("department", &["parent_id"]),
        index("department", &["head_id"]),
        index("department_path", &["descendant_id", "depth"]),
    ] {
        manager.create_index(index).await?;
    }
    Ok(())
}

pub async fn down(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager.drop_table(Table::drop().table("department_path").take()).await?;
    if manager.get_database_backend() == DatabaseBackend::Postgres {
        let head = ForeignKey::drop().name("department_head_id_fkey").table("department").to_owned();
        manager.drop_foreign_key(head).await?;
    } else {
        // Dropping a table on SQLite deletes its rows first, and the references restrict that.
        let references = Query::update()
            .table("department")
            .values([("head_id", Option::<i64>::None.into()), ("parent_id", Option::<i64>::None.into())])
            .take();
        manager.execute(references).await?;
    }
    for table in ["user", "department", "organisation"] {
        manager.drop_table(Table::drop().table(table).take()).await?;
    }
    Ok(())
}

/// One row, made here: whoever sets the organisation up claims it by filling in `set_up_at`.
fn organisation(backend: DatabaseBackend) -> TableCreateStatement {
    Table::create()
        .table("organisation")
        .col(ColumnDef::new("id").big_integer().not_null().primary_key())
        .col(column::text("name").not_null())
        .col(column::text("time_zone").not_null())
        .col(column::text("default_country").not_null())
        .col(column::key("setup_token_hash", backend))
        .col(column::instant("set_up_at"))
        .col(column::version())
        .col(column::instant("updated_at"))
        .check(("organisation_single_row_check", Expr::col("id").eq(1)))
        .take()
}

fn the_organisation() -> InsertStatement {
    Query::insert()
        .into_table("organisation")
        .columns(["id", "name", "time_zone", "default_country"])
        .values_panic([1_i64.into(), "Artel".into(), "UTC".into(), "RU".into()])
        .take()
}

/// Departments and users refer to each other. SQLite takes the reference to a table that is still to come,
/// PostgreSQL gets it afterwards from [`department_head`].
fn department(backend: DatabaseBackend) -> TableCreateStatement {
    let mut table = Table::create()
        .table("department")
        .col(column::id())
        .col(column::text("name").not_null())
        .col(column::key("name_key", backend).not_null())
        .col(column::reference("parent_id"))
        .col(column::reference("head_id"))
        .col(column::version())
        .col(column::instant("created_at").not_null())
        .col(column::instant("updated_at").not_null())
        .foreign_key(&mut key_to("department", "parent_id", "department", ForeignKeyAction::Restrict))
        .take();
    if backend == DatabaseBackend::Sqlite {
        table.foreign_key(&mut department_head());
    }
    table
}

fn department_head() -> ForeignKeyCreateStatement {
    key_to("department", "head_id", "user", ForeignKeyAction::Restrict)
}

/// Every department with itself (depth 0) and with each one above it.
fn department_path() -> TableCreateStatement {
    Table::create()
        .table("department_path")
        .col(column::reference("ancestor_id").not_null())
        .col(column::reference("descendant_id").not_null())
        .col(ColumnDef::new("depth").integer().not_null())
        .primary_key(Index::create().name("department_path_pkey").col("ancestor_id").col("descendant_id"))
        .foreign_key(&mut key_to("department_path", "ancestor_id", "department", ForeignKeyAction::Cascade))
        .foreign_key(&mut key_to("department_path", "descendant_id", "department", ForeignKeyAction::Cascade))
        .take()
}

/// `name_key` is what names are sorted by, `search_key` what they are found by; both are folded in Rust.
fn user(backend: DatabaseBackend) -> TableCreateStatement {
    Table::create()
        .table("user")
        .col(column::id())
        .col(column::key("email", backend).not_null())
        .col(column::text("first_name").not_null())
        .col(column::text("last_name").not_null())
        .col(column::key("name_key", backend).not_null())
        .col(column::key("search_key", backend).not_null())
        .col(column::text("position"))
        .col(column::text("role").not_null())
        .col(column::reference("department_id"))
        .col(column::text("time_zone").not_null())
        .col(column::text("locale").not_null())
        .col(column::text("password_hash"))
        .col(column::version())
        .col(column::instant("created_at").not_null())
        .col(column::instant("updated_at").not_null())
        .col(column::instant("deactivated_at"))
        .foreign_key(&mut key_to("user", "department_id", "department", ForeignKeyAction::Restrict))
        .take()
}
