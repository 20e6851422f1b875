//! What is built once and holds for every operation, shown on contacts: lists, versions, retries, units of work,
//! bounds and deadlines, what surrounds every answer.

use artel_tests::{Answer, Person, Value, World, json};

mod deadline;
mod idempotency;
mod input;
mod list;
mod nodes;
mod plan;
mod search;
mod surroundings;
mod unit_of_work;
mod version;

const CONTACTS: &str = "/api/v1/contacts";

/// A new contact with this last name.
async fn contact(world: &World, who: &Person, last_name: &str) -> Answer {
    world.post(who, CONTACTS, named(last_name)).await.expect(201)
}

/// The body of a contact with this last name.
fn named(last_name: &str) -> Value {
    json!({ "last_name": last_name })
}
