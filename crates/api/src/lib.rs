//! How Artel is reached: routes, the OpenAPI document, sign-in and the command line.
//!
//! One room per concept, under the same name as in the domain and in persistence: request and answer shapes,
//! handlers of a few lines, and `routes()`. What every request goes through stands in `envelope` and `gate`.
//!
//! A handler that reads takes `Me` and `Data<Db>` and answers `Answer::versioned(…)` or a `Listing`. A handler
//! that changes something takes `Write` and runs one closure in `write.commit(…)`. Bodies come as `Body<T>`,
//! lists as `ListQuery<F>`. The document decides who may call: `security(("token" = ["crm:read"]))` opens an
//! operation to tokens with that scope, nothing means sessions only, `security(())` means everybody. Name
//! `IfMatch` or `IfMatchRequired` among the `params(…)` of what is versioned; `document` adds what follows.

// The examples of shapes with many fields are long.
#![recursion_limit = "256"]

pub mod answer;
pub mod caller;
pub mod cli;
pub mod clock;
pub mod comment;
pub mod company;
pub mod config;
pub mod contact;
pub mod crm_access;
pub mod demo;
pub mod department;
pub mod dictionary;
pub mod document;
pub mod envelope;
pub mod extract;
pub mod filter;
pub mod gate;
pub mod invitation;
pub mod json;
pub mod jwt;
pub mod limits;
pub mod list;
pub mod mail;
pub mod operation;
pub mod organisation;
pub mod parameters;
pub mod password;
pub mod patch;
pub mod person;
pub mod precondition;
pub mod problem;
pub mod project;
pub mod record;
pub mod running;
pub mod schema;
pub mod secret;
pub mod server;
pub mod service;
pub mod session;
pub mod setup;
pub mod shared;
pub mod task;
pub mod token;
pub mod user;
pub mod visitor;
pub mod worker;
pub mod write;

use utoipa_actix_web::{scope, service_config::ServiceConfig};

/// Every room's routes, once: the server, the document and the tests all read this list.
pub fn routes(config: &mut ServiceConfig) {
    config.configure(service::routes);
    let api = scope("/api/v1")
        .configure(setup::routes)
        .configure(session::routes)
        .configure(password::routes)
        .configure(token::routes)
        .configure(invitation::routes)
        .configure(organisation::routes)
        .configure(user::routes)
        .configure(department::routes)
        .configure(contact::routes)
        .configure(company::routes)
        .configure(dictionary::routes)
        .configure(crm_access::routes)
        .configure(project::routes)
        .configure(task::routes)
        .configure(comment::routes);
    config.service(api);
}
