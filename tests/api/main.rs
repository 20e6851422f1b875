//! Artel from outside: what people and programs can rely on, over HTTP, on both databases. One file per concept.

mod document;
mod service;
