//! How Artel keeps what is true: one relational database, SQLite or PostgreSQL.
//!
//! One room per concept, under the same name as in the domain. Rows are private to their room; a room's
//! `visible_to` is the only root of its queries, so nothing is read but through a viewer, except by functions
//! named `unscoped_…`, which belong to sign-in, workers and the command line. All writes go through [`in_tx`].

pub mod activity;
pub mod column;
pub mod comment;
pub mod company;
pub mod connection;
pub mod contact;
pub mod crm_access;
pub mod department;
pub mod dictionary;
pub mod error;
pub mod idempotency;
pub mod invitation;
pub mod json;
pub mod link;
pub mod organisation;
pub mod page;
pub mod password;
pub mod project;
pub mod record;
mod rows;
pub mod search;
pub mod session;
pub mod sight;
pub mod single_use;
pub mod task;
pub mod token;
pub mod unit_of_work;
pub mod user;

pub use connection::Db;
pub use error::{Error, Result};
pub use sea_orm::ConnectionTrait as Connection;
pub use unit_of_work::{Tx, in_tx};
