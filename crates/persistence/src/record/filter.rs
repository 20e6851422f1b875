//! What a list of records can be narrowed to.

use artel_domain::{
    actor::UserId,
    phone::Phone,
    point::PointKind,
    record::{DictionaryCode, ExternalId, ExternalSource, Tag},
};
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Cond, Expr, ExprTrait as _, Query, SelectStatement, SimpleExpr};

use super::Tables;
use crate::{
    column::Instant,
    search::{tag_word, with_any_word},
};

/// What is given narrows, an empty list does not. `None` in a list stands for "not set".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Each word is a prefix of a word of the record.
    pub q: Option<String>,
    /// Of one of these types.
    pub kind: Vec<Option<DictionaryCode>>,
    /// From one of these sources.
    pub source: Vec<Option<DictionaryCode>>,
    /// One of these users is responsible.
    pub responsible: Vec<UserId>,
    /// Has one of these tags.
    pub tag: Vec<Tag>,
    /// Has this e-mail address, lower case.
    pub email: Option<String>,
    /// Has this telephone number.
    pub phone: Option<Number>,
    /// Whether it is marked as shared.
    pub shared: Option<bool>,
    /// Comes from this system.
    pub external_source: Option<ExternalSource>,
    /// Has this id there.
    pub external_id: Option<ExternalId>,
    /// When it was confirmed.
    pub verified: Range,
    /// Also, or only, what nobody ever confirmed.
    pub never_verified: bool,
    /// When it came into being.
    pub created: Range,
    /// When its fields last changed.
    pub updated: Range,
    /// Whether to look into the trash.
    pub trash: Trash,
}

/// A telephone number to look for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Number {
    /// One that was understood: whoever has it, in whatever notation.
    Understood(Phone),
    /// The digits of one that was not: whoever has them as a word.
    Digits(String),
}

/// From inclusive, to exclusive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Range {
    /// From this instant on.
    pub from: Option<DateTime<Utc>>,
    /// Before this instant.
    pub to: Option<DateTime<Utc>>,
}

/// Which side of the trash to look at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Trash {
    /// What does not lie in it.
    #[default]
    Outside,
    /// What lies in it.
    Inside,
}

impl Filter {
    /// The conditions on the rows of a kind, but for the words.
    #[must_use]
    pub fn conditions(&self, tables: Tables) -> Cond {
        let column = |name: &'static str| -> SimpleExpr { Expr::col((tables.record, name)) };
        let mut all = Cond::all().add(match self.trash {
            Trash::Outside => column("deleted_at").is_null(),
            Trash::Inside => column("deleted_at").is_not_null(),
        });
        all = all
            .add_option(any_of(&column("type"), &self.kind))
            .add_option(any_of(&column("source"), &self.source));
        if !self.responsible.is_empty() {
            all = all.add(column("responsible_id").is_in(self.responsible.iter().map(|user| user.0)));
        }
        if !self.tag.is_empty() {
            all = all
                .add(column("id").in_subquery(with_any_word(tables.index(), self.tag.iter().map(tag_word))));
        }
        self.with_exact(all, tables).add(self.times(tables))
    }

    fn with_exact(&self, all: Cond, tables: Tables) -> Cond {
        let column = |name: &'static str| -> SimpleExpr { Expr::col((tables.record, name)) };
        let email = self.email.as_ref();
        let email = email.map(|email| with_point(tables, PointKind::Email, email));
        let phone = self.phone.as_ref().map(|phone| match phone {
            Number::Understood(phone) => with_point(tables, PointKind::Phone, phone.as_str()),
            Number::Digits(digits) => with_any_word(tables.index(), [digits.clone()]),
        });
        all.add_option(email.map(|found| column("id").in_subquery(found)))
            .add_option(phone.map(|found| column("id").in_subquery(found)))
            .add_option(self.shared.map(|shared| column("shared").eq(shared)))
            .add_option(self.external_source.as_ref().map(|it| column("external_source").eq(it.as_str())))
            .add_option(self.external_id.as_ref().map(|it| column("external_id").eq(it.as_str())))
    }

    fn times(&self, tables: Tables) -> Cond {
        let column = |name: &'static str| -> SimpleExpr { Expr::col((tables.record, name)) };
        let verified = self.verified.condition(&column("verified_at"));
        let verified = match (self.never_verified, self.verified == Range::default()) {
            (false, _) => verified,
            (true, true) => Cond::all().add(column("verified_at").is_null()),
            (true, false) => Cond::any().add(column("verified_at").is_null()).add(verified),
        };
        Cond::all()
            .add(verified)
            .add(self.created.condition(&column("created_at")))
            .add(self.updated.condition(&column("updated_at")))
    }
}

impl Range {
    /// The condition on a column of instants.
    pub(crate) fn condition(&self, column: &SimpleExpr) -> Cond {
        Cond::all()
            .add_option(self.from.map(|from| column.clone().gte(Instant(from))))
            .add_option(self.to.map(|to| column.clone().lt(Instant(to))))
    }
}

fn any_of(column: &SimpleExpr, codes: &[Option<DictionaryCode>]) -> Option<Cond> {
    if codes.is_empty() {
        return None;
    }
    let set = codes.iter().flatten().map(DictionaryCode::as_str);
    let mut any = Cond::any().add(column.clone().is_in(set));
    if codes.contains(&None) {
        any = any.add(column.clone().is_null());
    }
    Some(any)
}

fn with_point(tables: Tables, kind: PointKind, value: &str) -> SelectStatement {
    Query::select()
        .column(tables.reference)
        .from(tables.points)
        .and_where(Expr::col("normalised").eq(value))
        .and_where(Expr::col("kind").eq(kind.as_str()))
        .take()
}
