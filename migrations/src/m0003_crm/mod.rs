//! Contacts and companies with what hangs on them, the dictionaries, and who reaches how far.

use sea_orm_migration::prelude::*;

mod child;
mod record;
mod setting;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0003_crm"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backend = manager.get_database_backend();
        setting::up(manager, backend).await?;
        record::up(manager, backend).await?;
        child::up(manager, backend).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let newest_first = [
            "contact_company",
            "company_word",
            "contact_word",
            "company_point",
            "contact_point",
            "company",
            "contact",
            "crm_access",
            "dictionary_entry",
            "crm_setting",
        ];
        for table in newest_first {
            manager.drop_table(Table::drop().table(table).take()).await?;
        }
        Ok(())
    }
}
