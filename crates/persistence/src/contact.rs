//! Contacts as they are kept.

use artel_domain::{
    activity::{Change, Verb},
    actor::{Actor, UserId},
    company::CompanyId,
    contact::{Contact, ContactFields, ContactId, ContactName, Sort},
    error::Error as Refusal,
    link::{JobTitle, Link},
    page::{Key, Page, Slice},
    point::Point,
    record::{Comment, DictionaryCode, Draft, ExternalId, ExternalSource},
    search::query_words,
};
use chrono::NaiveDate;
use sea_orm::{
    Condition, FromQueryResult, QueryFilter as _, QuerySelect as _,
    entity::prelude::*,
    sea_query::{ExprTrait as _, Query, SelectStatement, SimpleExpr},
};

use crate::{
    column::{Instant, Text},
    company,
    error::Result,
    json,
    link::{LinkedCompany, Visibility, links, read_links, save_links},
    page::{Emptiness, Placed, SortColumn, Total},
    record::{self, CONTACTS, Filter, Kept, Tables, Written, points, read_points, text},
    search,
    unit_of_work::Tx,
};

mod row {
    use super::{
        Comment, ContactName, DictionaryCode, ExternalId, ExternalSource, Instant, JobTitle, NaiveDate, Text,
    };
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "contact")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub first_name: Option<Text<ContactName>>,
        pub middle_name: Option<Text<ContactName>>,
        pub last_name: Option<Text<ContactName>>,
        pub position: Option<Text<JobTitle>>,
        #[sea_orm(column_name = "type")]
        pub kind: Option<Text<DictionaryCode>>,
        pub source: Option<Text<DictionaryCode>>,
        pub birthday: Option<NaiveDate>,
        pub responsible_id: i64,
        pub shared: bool,
        pub comment: Option<Text<Comment>>,
        pub tags: String,
        pub external_source: Option<Text<ExternalSource>>,
        pub external_id: Option<Text<ExternalId>>,
        pub verified_at: Option<Instant>,
        pub name_key: String,
        pub version: i64,
        pub created_at: Instant,
        pub created_by: Option<i64>,
        pub updated_at: Instant,
        pub updated_by: Option<i64>,
        pub deleted_at: Option<Instant>,
        pub deleted_by: Option<i64>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// A contact with its companies.
#[derive(Clone, Debug, PartialEq)]
pub struct Card {
    /// The contact.
    pub contact: Contact,
    /// Its companies, in the order of [`Link::rank`].
    pub companies: Vec<LinkedCompany>,
}

impl Card {
    /// The links alone.
    #[must_use]
    pub fn links(&self) -> Vec<Link> {
        self.companies.iter().map(|company| company.link.clone()).collect()
    }

    /// Whether the one who looks may know that the contact is linked with a company.
    #[must_use]
    pub fn shows(&self, company: CompanyId) -> bool {
        let mut visible = self.companies.iter().filter(|linked| linked.visibility == Visibility::Visible);
        visible.any(|linked| linked.link.company_id == company)
    }

    fn without_hidden(mut self) -> Self {
        self.companies.retain(|company| company.visibility == Visibility::Visible);
        self
    }
}

/// A row with its children and how it stands to the viewer.
#[derive(FromQueryResult)]
struct Seen {
    #[sea_orm(nested)]
    row: row::Model,
    below: bool,
    points: String,
    companies: String,
}

impl TryFrom<Seen> for Card {
    type Error = crate::Error;

    fn try_from(seen: Seen) -> Result<Self> {
        let Seen { row, below, points, companies } = seen;
        let written = Written {
            version: row.version,
            created: (row.created_at, row.created_by),
            updated: (row.updated_at, row.updated_by),
            deleted: (row.deleted_at, row.deleted_by),
        };
        let fields = ContactFields {
            first_name: row.first_name.map(|text| text.0),
            middle_name: row.middle_name.map(|text| text.0),
            last_name: row.last_name.map(|text| text.0),
            position: row.position.map(|text| text.0),
            kind: row.kind.map(|text| text.0),
            source: row.source.map(|text| text.0),
            birthday: row.birthday,
            responsible_id: UserId(row.responsible_id),
            shared: row.shared,
            comment: row.comment.map(|text| text.0),
            points: read_points(&points)?,
            tags: json::read(&row.tags)?,
            external_source: row.external_source.map(|text| text.0),
            external_id: row.external_id.map(|text| text.0),
            verified_at: row.verified_at.map(|at| at.0),
        };
        Ok(Self { contact: written.record(row.id, fields, below), companies: read_links(&companies)? })
    }
}

impl Kept for ContactFields {
    const TABLES: Tables = CONTACTS;

    fn columns(&self) -> Result<Vec<(&'static str, SimpleExpr)>> {
        let Self {
            first_name,
            middle_name,
            last_name,
            position,
            kind,
            source,
            birthday,
            responsible_id,
            shared,
            comment,
            points: _,
            tags,
            external_source,
            external_id,
            verified_at,
        } = self;
        Ok(vec![
            ("first_name", text(first_name.as_ref())),
            ("middle_name", text(middle_name.as_ref())),
            ("last_name", text(last_name.as_ref())),
            ("position", text(position.as_ref())),
            ("type", text(kind.as_ref())),
            ("source", text(source.as_ref())),
            ("birthday", (*birthday).into()),
            ("responsible_id", responsible_id.0.into()),
            ("shared", (*shared).into()),
            ("comment", text(comment.as_ref())),
            ("tags", json::write(tags)?.into()),
            ("external_source", text(external_source.as_ref())),
            ("external_id", text(external_id.as_ref())),
            ("verified_at", verified_at.map(|at| Instant(at).micros()).into()),
            ("name_key", self.name_key().into()),
        ])
    }

    fn points_mut(&mut self) -> &mut [Point] {
        &mut self.points
    }
}

/// The root of every read, with the children in the same statement.
fn visible_to(db: &impl ConnectionTrait, viewer: &Actor) -> Select<row::Entity> {
    let backend = db.get_database_backend();
    row::Entity::find()
        .expr_as(record::below(CONTACTS, viewer), "below")
        .expr_as(points(backend, CONTACTS), "points")
        .expr_as(links(backend, viewer), "companies")
        .filter(record::scope(CONTACTS, viewer))
}

/// What a list of contacts can be narrowed to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContactFilter {
    /// What every record can be narrowed to.
    pub record: Filter,
    /// Linked with one of these companies, as far as the viewer may read them; `None` stands for no company that
    /// the viewer may read.
    pub company: Vec<Option<CompanyId>>,
    /// Linked with this company, whatever else they are to be linked with.
    pub within: Option<CompanyId>,
}

impl ContactFilter {
    fn apply(&self, select: Select<row::Entity>, viewer: &Actor) -> Select<row::Entity> {
        let mut select = select.filter(self.record.conditions(CONTACTS));
        if let Some(company) = self.within {
            select = select.filter(linked_with_any(viewer, &[Some(company)]));
        }
        if self.company.is_empty() {
            return select;
        }
        select.filter(linked_with_any(viewer, &self.company))
    }
}

/// Whether a contact shows a link with one of these companies, or none where `None` is among them.
fn linked_with_any(viewer: &Actor, companies: &[Option<CompanyId>]) -> Condition {
    let readable = linked_with_readable(viewer);
    let named = companies.iter().flatten().map(|company| company.0);
    let linked = readable.clone().and_where(Expr::col("company_id").is_in(named)).take();
    let any = Condition::any().add(row::Column::Id.in_subquery(linked));
    if companies.contains(&None) { any.add(row::Column::Id.not_in_subquery(readable)) } else { any }
}

/// The ids of the contacts whose link with some company shows.
fn linked_with_readable(viewer: &Actor) -> SelectStatement {
    Query::select()
        .column("contact_id")
        .from("contact_company")
        .and_where(Expr::col("company_id").in_subquery(company::readable_ids(viewer)))
        .take()
}

impl SortColumn for Sort {
    type Column = row::Column;

    fn column(self) -> (row::Column, Emptiness) {
        match self {
            Self::Name => (row::Column::NameKey, Emptiness::NeverEmpty),
            Self::CreatedAt => (row::Column::CreatedAt, Emptiness::NeverEmpty),
            Self::UpdatedAt => (row::Column::UpdatedAt, Emptiness::NeverEmpty),
            Self::VerifiedAt => (row::Column::VerifiedAt, Emptiness::MayBeEmpty),
        }
    }
}

impl Placed<Sort> for Seen {
    fn key(&self, sort: Sort) -> Option<Key> {
        match sort {
            Sort::Name => Some(Key::Text(self.row.name_key.clone())),
            Sort::CreatedAt => Some(self.row.created_at.key()),
            Sort::UpdatedAt => Some(self.row.updated_at.key()),
            Sort::VerifiedAt => self.row.verified_at.map(Instant::key),
        }
    }

    fn id(&self) -> i64 {
        self.row.id
    }
}

/// A page of the contacts that the viewer may read.
///
/// # Errors
/// Those of the database.
pub async fn list(
    db: &impl ConnectionTrait,
    viewer: &Actor,
    filter: &ContactFilter,
    page: &Page<Sort>,
    total: Total,
) -> Result<Slice<Card>> {
    let words = query_words(filter.record.q.as_deref().unwrap_or_default());
    let found = search::found(
        db,
        CONTACTS.index(),
        &words,
        filter.apply(visible_to(db, viewer), viewer),
        page,
        row::Column::Id,
        total,
    );
    let Slice { items, next, total }: Slice<Seen> = found.await?;
    let items = items.into_iter().map(|seen| Card::try_from(seen).map(Card::without_hidden));
    Ok(Slice { items: items.collect::<Result<_>>()?, next, total })
}

/// A contact, to see.
///
/// # Errors
/// [`Refusal::NotFound`] when there is none, it lies in the trash, or the viewer may not know.
pub async fn find(db: &impl ConnectionTrait, viewer: &Actor, id: ContactId) -> Result<Card> {
    let select =
        visible_to(db, viewer).filter(row::Column::Id.eq(id.0)).filter(row::Column::DeletedAt.is_null());
    let seen: Option<Seen> = select.into_model().one(db).await?;
    Card::try_from(seen.ok_or(Refusal::NotFound)?).map(Card::without_hidden)
}

/// A contact with all its links, to change.
///
/// # Errors
/// [`Refusal::NotFound`] when there is none, it lies in the trash, or the viewer may not know.
pub async fn load(tx: &Tx, viewer: &Actor, id: ContactId) -> Result<Card> {
    let card = load_any(tx, viewer, id).await?;
    if card.contact.trashed.is_some() { Err(Refusal::NotFound.into()) } else { Ok(card) }
}

/// A contact, to change or to take out of the trash. The row is locked first and read afterwards, so that the
/// children belong to the row.
///
/// # Errors
/// [`Refusal::NotFound`] when there is none, or the viewer may not know.
pub async fn load_any(tx: &Tx, viewer: &Actor, id: ContactId) -> Result<Card> {
    record::lock(tx, CONTACTS, id.0).await?;
    let seen: Option<Seen> =
        visible_to(tx, viewer).filter(row::Column::Id.eq(id.0)).into_model().one(tx).await?;
    Card::try_from(seen.ok_or(Refusal::NotFound)?)
}

/// The contact that has an id in another system, in the trash or not, to change.
///
/// # Errors
/// `duplicate` when the viewer may not see it; those of the database.
pub async fn load_by_external(
    tx: &Tx,
    viewer: &Actor,
    source: &ExternalSource,
    id: &ExternalId,
) -> Result<Option<Card>> {
    match record::by_external(tx, CONTACTS, source, id).await? {
        Some(id) => Ok(Some(load_any(tx, viewer, ContactId(id)).await.map_err(record::taken)?)),
        None => Ok(None),
    }
}

/// Keeps a new contact with its links, and the activity.
///
/// # Errors
/// `duplicate` when the external id is taken; those of the database.
pub async fn insert(tx: &Tx, by: &Actor, draft: Draft<ContactFields>, links: &[Link]) -> Result<Contact> {
    let contact = record::insert(tx, by, draft).await?;
    save_links(tx, ContactId(contact.id), &[], links).await?;
    Ok(contact)
}

/// Saves what was decided on a contact: its fields, its place in the trash, its links; and the activity. Nothing is
/// written where nothing changed.
///
/// # Errors
/// `duplicate` when the external id is taken; those of the database.
pub async fn save(
    tx: &Tx,
    by: &Actor,
    before: &Card,
    contact: &mut Contact,
    links: &[Link],
    verb: Verb,
    changes: Vec<Change>,
) -> Result<()> {
    record::save(tx, by, &before.contact, contact, verb, changes).await?;
    save_links(tx, ContactId(contact.id), &before.links(), links).await
}
