//! SQLite for tests: the bytes of a migrated file, written into a folder of its own for each test.

use std::{fs, path::PathBuf};

use artel_persistence::Db;
use tokio::sync::OnceCell;

static TEMPLATE: OnceCell<Vec<u8>> = OnceCell::const_new();

/// Writes a copy of the template and answers its address.
pub(crate) async fn make(name: &str) -> String {
    let template = TEMPLATE.get_or_init(template).await;
    let folder = folder(name);
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join("artel.db");
    fs::write(&file, template).unwrap();
    format!("sqlite://{}", file.display())
}

/// Removes the folder of a database.
pub(crate) fn throw_away(name: &str) {
    fs::remove_dir_all(folder(name)).unwrap();
}

fn folder(name: &str) -> PathBuf {
    std::env::temp_dir().join(name)
}

async fn template() -> Vec<u8> {
    let folder = folder(&format!("{}_template", crate::database::run_name()));
    let file = folder.join("migrated.db");
    let copy = folder.join("artel.db");
    let db = Db::connect(&format!("sqlite://{}", file.display()), 1).await.unwrap();
    db.migrate_up().await.unwrap();
    db.backup(&copy).await.unwrap();
    db.close().await.unwrap();
    let bytes = fs::read(copy).unwrap();
    fs::remove_dir_all(folder).unwrap();
    bytes
}
