//! Artel from outside: what people and programs can rely on, over HTTP, on both databases. One file per concept.

mod company;
mod contact;
mod crm_access;
mod crm_visibility;
mod demo;
mod department;
mod dictionary;
mod document;
mod invitation;
mod link;
mod mechanism;
mod organisation;
mod password;
mod project;
mod project_member;
mod project_sight;
mod record;
mod service;
mod session;
mod setup;
mod token;
mod user;
