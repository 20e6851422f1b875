//! The rules of projects and tasks, said a second time from the words of their specification and not from the tables of
//! the domain, and compared with what the domain decides in every combination that can be. No database and no server.
#![cfg(test)]

mod law;
mod project;
mod scene;
mod task;
mod verdict;
