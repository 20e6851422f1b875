//! Sessions, tokens, invitations and password resets. Of every secret only a hash is kept.

use sea_orm_migration::{prelude::*, sea_orm::DatabaseBackend};

use super::{index, key_to, unique};
use crate::column;

pub async fn up(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let backend = manager.get_database_backend();
    for table in [
        session(),
        refresh_token(backend),
        personal_access_token(backend),
        invitation(backend),
        password_reset(backend),
    ] {
        manager.create_table(table).await?;
    }
    for index in [
        index("session", &["user_id"]),
        unique("refresh_token", "hash"),
        index("refresh_token", &["session_id"]),
        index("refresh_token", &["parent_id"]),
        unique("personal_access_token", "hash"),
        index("personal_access_token", &["user_id"]),
        unique("invitation", "hash"),
        pending_invitation(),
        index("invitation", &["department_id"]),
        unique("password_reset", "hash"),
        index("password_reset", &["user_id"]),
    ] {
        manager.create_index(index).await?;
    }
    Ok(())
}

pub async fn down(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    for table in ["password_reset", "invitation", "personal_access_token", "refresh_token", "session"] {
        manager.drop_table(Table::drop().table(table).take()).await?;
    }
    Ok(())
}

fn session() -> TableCreateStatement {
    Table::create()
        .table("session")
        .col(column::id())
        .col(column::reference("user_id").not_null())
        .col(column::text("user_agent"))
        .col(column::text("address"))
        .col(column::instant("created_at").not_null())
        .col(column::instant("last_used_at").not_null())
        .col(column::instant("expires_at").not_null())
        .col(column::instant("revoked_at"))
        .foreign_key(&mut key_to("session", "user_id", "user", ForeignKeyAction::Cascade))
        .take()
}

fn refresh_token(backend: DatabaseBackend) -> TableCreateStatement {
    Table::create()
        .table("refresh_token")
        .col(column::id())
        .col(column::reference("session_id").not_null())
        .col(column::reference("parent_id"))
        .col(column::key("hash", backend).not_null())
        .col(column::instant("created_at").not_null())
        .col(column::instant("expires_at").not_null())
        .col(column::instant("used_at"))
        .foreign_key(&mut key_to("refresh_token", "session_id", "session", ForeignKeyAction::Cascade))
        .foreign_key(&mut key_to("refresh_token", "parent_id", "refresh_token", ForeignKeyAction::SetNull))
        .take()
}

/// `hint` is the beginning of the token: enough for its owner to know it by, nothing to guess it from.
fn personal_access_token(backend: DatabaseBackend) -> TableCreateStatement {
    Table::create()
        .table("personal_access_token")
        .col(column::id())
        .col(column::reference("user_id").not_null())
        .col(column::text("name").not_null())
        .col(column::key("hash", backend).not_null())
        .col(column::text("hint").not_null())
        .col(column::json("scopes").not_null())
        .col(column::instant("created_at").not_null())
        .col(column::instant("expires_at"))
        .col(column::instant("last_used_at"))
        .col(column::instant("revoked_at"))
        .foreign_key(&mut key_to("personal_access_token", "user_id", "user", ForeignKeyAction::Cascade))
        .take()
}

fn invitation(backend: DatabaseBackend) -> TableCreateStatement {
    Table::create()
        .table("invitation")
        .col(column::id())
        .col(column::key("email", backend).not_null())
        .col(column::text("role").not_null())
        .col(column::reference("department_id"))
        .col(column::key("hash", backend).not_null())
        .col(column::reference("invited_by"))
        .col(column::instant("created_at").not_null())
        .col(column::instant("expires_at").not_null())
        .col(column::instant("accepted_at"))
        .col(column::instant("revoked_at"))
        .foreign_key(&mut key_to("invitation", "department_id", "department", ForeignKeyAction::SetNull))
        .foreign_key(&mut key_to("invitation", "invited_by", "user", ForeignKeyAction::Restrict))
        .take()
}

/// An address has at most one invitation that is neither accepted nor revoked.
fn pending_invitation() -> IndexCreateStatement {
    Index::create()
        .name("invitation_email_pending_key")
        .table("invitation")
        .col("email")
        .unique()
        .cond_where(Expr::col("accepted_at").is_null())
        .cond_where(Expr::col("revoked_at").is_null())
        .take()
}

fn password_reset(backend: DatabaseBackend) -> TableCreateStatement {
    Table::create()
        .table("password_reset")
        .col(column::id())
        .col(column::reference("user_id").not_null())
        .col(column::key("hash", backend).not_null())
        .col(column::instant("created_at").not_null())
        .col(column::instant("expires_at").not_null())
        .col(column::instant("used_at"))
        .foreign_key(&mut key_to("password_reset", "user_id", "user", ForeignKeyAction::Cascade))
        .take()
}
