//! What hangs on contacts and companies: contact points, the words by which they are found, and their links.

use sea_orm_migration::{prelude::*, sea_orm::DatabaseBackend};

use crate::{
    column,
    index::{index, owned_by, words},
};

pub(super) async fn up(manager: &SchemaManager<'_>, backend: DatabaseBackend) -> Result<(), DbErr> {
    let children = [
        ("contact", "contact_id", "contact_point", "contact_word"),
        ("company", "company_id", "company_point", "company_word"),
    ];
    for (owner, reference, points, word) in children {
        manager.create_table(point(points, owner, reference, backend)).await?;
        manager.create_index(index(points, &[reference])).await?;
        manager.create_index(index(points, &["normalised", "kind"])).await?;
        manager.create_table(words(word, reference, owner, backend)).await?;
        manager.create_index(index(word, &[reference, "word"])).await?;
    }
    manager.create_table(contact_company()).await?;
    manager.create_index(index("contact_company", &["company_id", "contact_id"])).await?;
    manager.create_index(one_primary()).await
}

fn point(
    table: &'static str,
    owner: &'static str,
    reference: &'static str,
    backend: DatabaseBackend,
) -> TableCreateStatement {
    Table::create()
        .table(table)
        .col(column::id())
        .col(column::reference(reference).not_null())
        .col(column::text("kind").not_null())
        .col(column::text("label"))
        .col(column::text("value").not_null())
        .col(column::key("normalised", backend))
        .col(column::flag("is_primary", false))
        .col(ColumnDef::new("position").integer().not_null())
        .foreign_key(&mut owned_by(table, reference, owner))
        .take()
}

fn contact_company() -> TableCreateStatement {
    Table::create()
        .table("contact_company")
        .col(column::reference("contact_id").not_null())
        .col(column::reference("company_id").not_null())
        .col(column::text("position"))
        .col(column::flag("is_primary", false))
        .col(column::instant("created_at").not_null())
        .primary_key(Index::create().name("contact_company_pkey").col("contact_id").col("company_id"))
        .foreign_key(&mut owned_by("contact_company", "contact_id", "contact"))
        .foreign_key(&mut owned_by("contact_company", "company_id", "company"))
        .take()
}

/// A contact has one primary company at the most.
fn one_primary() -> IndexCreateStatement {
    Index::create()
        .name("contact_company_contact_id_key")
        .table("contact_company")
        .col("contact_id")
        .and_where(Expr::col("is_primary"))
        .unique()
        .take()
}
