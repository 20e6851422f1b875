//! The harness of the black-box tests: a [`World`] is a server with a database of its own, the people in it, and
//! calls whose answers are compared with the published document.
//!
//! A test is an `async fn(world: &World)` that [`on_both!`] runs on SQLite and on PostgreSQL. Nothing is shared
//! between tests, so they run in parallel and in any order; time passes when [`World::clock`] is advanced.

pub mod answer;
pub mod call;
pub mod cluster;
pub mod crm;
pub mod database;
pub mod mailbox;
pub mod person;
pub mod postgres;
pub mod process;
pub mod project;
pub mod published;
pub mod sql;
pub mod sqlite;
pub mod task;
pub mod wire;
pub mod world;

pub use answer::Answer;
pub use cluster::Cluster;
pub use database::Database;
pub use mailbox::{Mailbox, token_in};
pub use person::{PASSWORD, Person};
pub use process::Process;
pub use reqwest::Method;
pub use serde_json::{Value, json};
pub use world::World;

/// Runs each of the named `async fn(world: &World)` on both databases, as `sqlite::name` and `postgres::name`.
///
/// ```ignore
/// on_both![a_contact_is_found_by_its_phone, a_guest_sees_no_contact];
/// ```
#[macro_export]
macro_rules! on_both {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $test() {
                $crate::world::run($crate::Database::Sqlite, super::$test).await;
            })+
        }

        mod postgres {
            $(#[tokio::test]
            async fn $test() {
                $crate::world::run($crate::Database::Postgres, super::$test).await;
            })+
        }
    };
}
