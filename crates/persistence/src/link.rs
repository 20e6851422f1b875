//! Links between contacts and companies, as they are kept. They are seen from the contact, whose they are.

use artel_domain::{
    actor::Actor,
    company::{CompanyId, CompanyName},
    contact::ContactId,
    link::Link,
};
use chrono::DateTime;
use sea_orm::{
    ConnectionTrait as _, DatabaseBackend,
    sea_query::{Expr, ExprTrait as _, JoinType, Query, SimpleExpr},
};
use serde::Deserialize;

use crate::{
    column::{Instant, optional_word, word},
    error::{Error, Result},
    json,
    record::{COMPANIES, scope},
    unit_of_work::Tx,
};

/// A link with what it leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkedCompany {
    /// The link.
    pub link: Link,
    /// What the company is called.
    pub name: CompanyName,
    /// Whether the one who looks may know about it.
    pub visibility: Visibility,
}

/// Whether someone may know about the other end of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visibility {
    /// They may.
    Visible,
    /// They may not, or it lies in the trash.
    Hidden,
}

/// A link as the statement of its contact answers it.
#[derive(Deserialize)]
struct StoredLink {
    company_id: i64,
    name: String,
    position: Option<String>,
    #[serde(deserialize_with = "json::flag")]
    is_primary: bool,
    created_at: i64,
    #[serde(deserialize_with = "json::flag")]
    visible: bool,
}

impl TryFrom<StoredLink> for LinkedCompany {
    type Error = Error;

    fn try_from(stored: StoredLink) -> Result<Self> {
        let StoredLink { company_id, name, position, is_primary, created_at, visible } = stored;
        let unreadable = || Error::Unreadable(format!("{created_at} µs is no instant"));
        let link = Link {
            company_id: CompanyId(company_id),
            position: optional_word(position.as_deref())?,
            primary: is_primary,
            created_at: DateTime::from_timestamp_micros(created_at).ok_or_else(unreadable)?,
        };
        let visibility = if visible { Visibility::Visible } else { Visibility::Hidden };
        Ok(Self { link, name: word(&name)?, visibility })
    }
}

/// The links of each contact, as JSON, for the statement that reads the contacts.
pub(crate) fn links(backend: DatabaseBackend, viewer: &Actor) -> SimpleExpr {
    let column = |name: &'static str| -> SimpleExpr { Expr::col(("contact_company", name)) };
    let readable = scope(COMPANIES, viewer).add(Expr::col(("company", "deleted_at")).is_null());
    let visible: SimpleExpr = Expr::case(readable, true).finally(false).into();
    let values = [
        column("company_id"),
        Expr::col(("company", "name")),
        column("position"),
        column("is_primary"),
        column("created_at"),
        visible,
    ];
    let of_contact = Query::select()
        .from("contact_company")
        .join(
            JoinType::InnerJoin,
            "company",
            Expr::col(("company", "id")).equals(("contact_company", "company_id")),
        )
        .and_where(column("contact_id").equals(("contact", "id")))
        .take();
    json::rows(backend, &values, of_contact)
}

/// Reads what [`links`] answered, in the order of [`Link::rank`].
///
/// # Errors
/// [`Error::Unreadable`] when it is not what was written.
pub(crate) fn read_links(text: &str) -> Result<Vec<LinkedCompany>> {
    let stored: Vec<StoredLink> = json::read(text)?;
    let mut links: Vec<LinkedCompany> = stored.into_iter().map(TryFrom::try_from).collect::<Result<_>>()?;
    links.sort_by_key(|linked| linked.link.rank());
    Ok(links)
}

/// Saves the links of a contact by what changed: the old primary steps down before the new one steps up.
///
/// # Errors
/// Those of the database.
pub(crate) async fn save_links(tx: &Tx, contact: ContactId, before: &[Link], after: &[Link]) -> Result<()> {
    let changed: Vec<&Link> = after.iter().filter(|link| !before.contains(link)).collect();
    let stays = |link: &Link| after.contains(link);
    let gone: Vec<i64> = before.iter().filter(|link| !stays(link)).map(|link| link.company_id.0).collect();
    if !gone.is_empty() {
        let delete = Query::delete()
            .from_table("contact_company")
            .and_where(Expr::col("contact_id").eq(contact.0))
            .and_where(Expr::col("company_id").is_in(gone))
            .take();
        tx.execute(&delete).await?;
    }
    insert(tx, contact, &changed).await
}

async fn insert(tx: &Tx, contact: ContactId, links: &[&Link]) -> Result<()> {
    if links.is_empty() {
        return Ok(());
    }
    let columns = ["contact_id", "company_id", "position", "is_primary", "created_at"];
    let mut insert = Query::insert().into_table("contact_company").columns(columns).take();
    for link in links {
        let Link { company_id, position, primary, created_at } = link;
        insert.values_panic([
            contact.0.into(),
            company_id.0.into(),
            position.as_ref().map(|position| position.as_str().to_owned()).into(),
            (*primary).into(),
            Instant(*created_at).micros().into(),
        ]);
    }
    tx.execute(&insert).await?;
    Ok(())
}
