//! The schema of Artel, step by step, for SQLite and PostgreSQL. A step is frozen once it is released: what
//! comes later is a new step.

use sea_orm_migration::prelude::*;

mod column;
mod index;
mod m0001_mechanisms;
mod m0002_people_sign_in;
mod m0003_crm;
mod m0004_projects;
mod m0005_tasks;

/// Every step, oldest first.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_mechanisms::Migration),
            Box::new(m0002_people_sign_in::Migration),
            Box::new(m0003_crm::Migration),
            Box::new(m0004_projects::Migration),
            Box::new(m0005_tasks::Migration),
        ]
    }
}
