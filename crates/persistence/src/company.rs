//! Companies as they are kept.

use artel_domain::{
    activity::{Change, Verb},
    actor::{Actor, UserId},
    company::{
        Company, CompanyFields, CompanyId, CompanyName, CompanySize, Industry, RegistrationNumber, Sort,
        TaxNumber,
    },
    error::Error as Refusal,
    page::{Key, Page, Slice},
    point::Point,
    record::{Comment, DictionaryCode, Draft, ExternalId, ExternalSource},
    search::query_words,
};
use sea_orm::{
    FromQueryResult, QueryFilter as _, QuerySelect as _,
    entity::prelude::*,
    sea_query::{ExprTrait as _, Query, SelectStatement, SimpleExpr},
};

use crate::{
    column::{Instant, Text},
    error::Result,
    json,
    page::{Emptiness, Placed, SortColumn, Total},
    record::{self, COMPANIES, Filter, Kept, Tables, Written, points, read_points, text},
    search,
    unit_of_work::Tx,
};

mod row {
    use super::{
        Comment, CompanyName, CompanySize, DictionaryCode, ExternalId, ExternalSource, Industry, Instant,
        RegistrationNumber, TaxNumber, Text,
    };
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "company")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub name: Text<CompanyName>,
        #[sea_orm(column_name = "type")]
        pub kind: Option<Text<DictionaryCode>>,
        pub industry: Option<Text<Industry>>,
        pub size: Option<Text<CompanySize>>,
        pub registration_number: Option<Text<RegistrationNumber>>,
        pub tax_number: Option<Text<TaxNumber>>,
        pub source: Option<Text<DictionaryCode>>,
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

/// A row with its children and how it stands to the viewer.
#[derive(FromQueryResult)]
struct Seen {
    #[sea_orm(nested)]
    row: row::Model,
    below: bool,
    points: String,
}

impl TryFrom<Seen> for Company {
    type Error = crate::Error;

    fn try_from(seen: Seen) -> Result<Self> {
        let Seen { row, below, points } = seen;
        let written = Written {
            version: row.version,
            created: (row.created_at, row.created_by),
            updated: (row.updated_at, row.updated_by),
            deleted: (row.deleted_at, row.deleted_by),
        };
        let fields = CompanyFields {
            name: row.name.0,
            kind: row.kind.map(|text| text.0),
            industry: row.industry.map(|text| text.0),
            size: row.size.map(|text| text.0),
            registration_number: row.registration_number.map(|text| text.0),
            tax_number: row.tax_number.map(|text| text.0),
            source: row.source.map(|text| text.0),
            responsible_id: UserId(row.responsible_id),
            shared: row.shared,
            comment: row.comment.map(|text| text.0),
            points: read_points(&points)?,
            tags: json::read(&row.tags)?,
            external_source: row.external_source.map(|text| text.0),
            external_id: row.external_id.map(|text| text.0),
            verified_at: row.verified_at.map(|at| at.0),
        };
        Ok(written.record(row.id, fields, below))
    }
}

impl Kept for CompanyFields {
    const TABLES: Tables = COMPANIES;

    fn columns(&self) -> Result<Vec<(&'static str, SimpleExpr)>> {
        let Self {
            name,
            kind,
            industry,
            size,
            registration_number,
            tax_number,
            source,
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
            ("name", name.as_str().into()),
            ("type", text(kind.as_ref())),
            ("industry", text(industry.as_ref())),
            ("size", text(size.as_ref())),
            ("registration_number", text(registration_number.as_ref())),
            ("tax_number", text(tax_number.as_ref())),
            ("source", text(source.as_ref())),
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
    row::Entity::find()
        .expr_as(record::below(COMPANIES, viewer), "below")
        .expr_as(points(db.get_database_backend(), COMPANIES), "points")
        .filter(record::scope(COMPANIES, viewer))
}

/// The ids of the companies that the viewer may read, for the queries of other rooms.
pub(crate) fn readable_ids(viewer: &Actor) -> SelectStatement {
    Query::select()
        .column(("company", "id"))
        .from("company")
        .cond_where(record::scope(COMPANIES, viewer))
        .and_where(Expr::col(("company", "deleted_at")).is_null())
        .take()
}

/// What a list of companies can be narrowed to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CompanyFilter {
    /// What every record can be narrowed to.
    pub record: Filter,
    /// Of one of these sizes.
    pub size: Vec<CompanySize>,
}

impl CompanyFilter {
    fn apply(&self, select: Select<row::Entity>) -> Select<row::Entity> {
        let select = select.filter(self.record.conditions(COMPANIES));
        if self.size.is_empty() {
            return select;
        }
        select.filter(row::Column::Size.is_in(self.size.iter().map(|size| size.as_str())))
    }
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

/// A page of the companies that the viewer may read.
///
/// # Errors
/// Those of the database.
pub async fn list(
    db: &impl ConnectionTrait,
    viewer: &Actor,
    filter: &CompanyFilter,
    page: &Page<Sort>,
    total: Total,
) -> Result<Slice<Company>> {
    let words = query_words(filter.record.q.as_deref().unwrap_or_default());
    let found = search::found(
        db,
        COMPANIES.index(),
        &words,
        filter.apply(visible_to(db, viewer)),
        page,
        row::Column::Id,
        total,
    );
    let Slice { items, next, total }: Slice<Seen> = found.await?;
    let items = items.into_iter().map(Company::try_from);
    Ok(Slice { items: items.collect::<Result<_>>()?, next, total })
}

/// A company, to see.
///
/// # Errors
/// [`Refusal::NotFound`] when there is none, it lies in the trash, or the viewer may not know.
pub async fn find(db: &impl ConnectionTrait, viewer: &Actor, id: CompanyId) -> Result<Company> {
    let select =
        visible_to(db, viewer).filter(row::Column::Id.eq(id.0)).filter(row::Column::DeletedAt.is_null());
    let seen: Option<Seen> = select.into_model().one(db).await?;
    Company::try_from(seen.ok_or(Refusal::NotFound)?)
}

/// A company, to change.
///
/// # Errors
/// [`Refusal::NotFound`] when there is none, it lies in the trash, or the viewer may not know.
pub async fn load(tx: &Tx, viewer: &Actor, id: CompanyId) -> Result<Company> {
    let company = load_any(tx, viewer, id).await?;
    if company.trashed.is_some() { Err(Refusal::NotFound.into()) } else { Ok(company) }
}

/// A company, to change or to take out of the trash. The row is locked first and read afterwards, so that the
/// children belong to the row.
///
/// # Errors
/// [`Refusal::NotFound`] when there is none, or the viewer may not know.
pub async fn load_any(tx: &Tx, viewer: &Actor, id: CompanyId) -> Result<Company> {
    record::lock(tx, COMPANIES, id.0).await?;
    let seen: Option<Seen> =
        visible_to(tx, viewer).filter(row::Column::Id.eq(id.0)).into_model().one(tx).await?;
    Company::try_from(seen.ok_or(Refusal::NotFound)?)
}

/// The company that has an id in another system, in the trash or not, to change.
///
/// # Errors
/// `duplicate` when the viewer may not see it; those of the database.
pub async fn load_by_external(
    tx: &Tx,
    viewer: &Actor,
    source: &ExternalSource,
    id: &ExternalId,
) -> Result<Option<Company>> {
    match record::by_external(tx, COMPANIES, source, id).await? {
        Some(id) => Ok(Some(load_any(tx, viewer, CompanyId(id)).await.map_err(record::taken)?)),
        None => Ok(None),
    }
}

/// The names of companies that a contact is to be linked with: those that the viewer may read, locked against
/// deletion.
///
/// # Errors
/// Those of the database.
pub async fn load_names(tx: &Tx, viewer: &Actor, ids: &[CompanyId]) -> Result<Vec<(CompanyId, CompanyName)>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = row::Entity::find()
        .select_only()
        .columns([row::Column::Id, row::Column::Name])
        .filter(record::scope(COMPANIES, viewer))
        .filter(row::Column::DeletedAt.is_null())
        .filter(row::Column::Id.is_in(ids.iter().map(|id| id.0)))
        .lock_shared()
        .into_tuple::<(i64, Text<CompanyName>)>()
        .all(tx)
        .await?;
    Ok(rows.into_iter().map(|(id, name)| (CompanyId(id), name.0)).collect())
}

/// Keeps a new company, and the activity.
///
/// # Errors
/// `duplicate` when the external id is taken; those of the database.
pub async fn insert(tx: &Tx, by: &Actor, draft: Draft<CompanyFields>) -> Result<Company> {
    record::insert(tx, by, draft).await
}

/// Saves what was decided on a company: its fields, its place in the trash; and the activity. Nothing is written
/// where nothing changed.
///
/// # Errors
/// `duplicate` when the external id is taken; those of the database.
pub async fn save(
    tx: &Tx,
    by: &Actor,
    before: &Company,
    company: &mut Company,
    verb: Verb,
    changes: Vec<Change>,
) -> Result<()> {
    record::save(tx, by, before, company, verb, changes).await
}
