//! Artel from outside: what people and programs can rely on, over HTTP, on both databases. One file per concept.

mod contact;
mod demo;
mod department;
mod document;
mod invitation;
mod mechanism;
mod organisation;
mod password;
mod record;
mod service;
mod session;
mod setup;
mod token;
mod user;
