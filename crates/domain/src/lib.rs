//! What is true in Artel.
//!
//! One room per concept, under the same name in every crate. Nothing here does I/O: the clock and identifiers
//! are arguments, and the crate depends on no database and no web framework. Arrows point one way:
//! api → persistence → domain.

pub mod access;
pub mod activity;
pub mod actor;
pub mod comment;
pub mod company;
pub mod contact;
pub mod country;
pub mod department;
pub mod dictionary;
pub mod email;
pub mod error;
pub mod invitation;
pub mod level;
pub mod link;
pub mod organisation;
pub mod page;
pub mod password;
pub mod phone;
pub mod point;
pub mod project;
pub mod record;
pub mod search;
pub mod session;
pub mod task;
pub mod time_zone;
pub mod token;
pub mod user;
pub mod vocabulary;
