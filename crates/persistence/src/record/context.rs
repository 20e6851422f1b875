//! What must be known before a record can be written: the organisation's country, how the responsible user stands
//! to the one who writes, and whether the dictionaries know the words.

use artel_domain::{
    actor::{Actor, Role, UserId},
    country::Country,
    dictionary::DictionaryKind,
    error::{Fault, FaultCode},
    record::{DictionaryCode, Responsible},
};
use sea_orm::{
    ConnectionTrait as _,
    sea_query::{Cond, Expr, ExprTrait as _, LockType, Query, SelectStatement, SimpleExpr},
};

use crate::{
    column::word,
    department::people_below,
    error::{Error, Result},
    unit_of_work::Tx,
};

/// What a request names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted<'a> {
    /// The user who is to be responsible.
    pub responsible: Option<UserId>,
    /// Words of dictionaries, with the pointers to them.
    pub words: Vec<(DictionaryKind, &'a DictionaryCode, &'static str)>,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    /// The country of telephone numbers without a country code.
    pub country: Country,
    /// The user who is to be responsible.
    pub responsible: Responsible,
    /// Words that no dictionary knows.
    pub faults: Vec<Fault>,
}

/// Looks up what a request names; the words stay in their dictionaries until the transaction ends. One statement,
/// one more where words are named.
///
/// # Errors
/// Those of the database.
pub async fn context(tx: &Tx, by: &Actor, wanted: Wanted<'_>) -> Result<Context> {
    let user = wanted.responsible.unwrap_or(by.user);
    let row = tx.query_one(&facts(by, user)).await?;
    let row = row.ok_or_else(|| Error::Unreadable("the row of the organisation is missing".to_owned()))?;
    let (below, fit) = (row.try_get("", "below")?, row.try_get("", "fit")?);
    let country: String = row.try_get("", "country")?;
    Ok(Context {
        country: word(&country)?,
        responsible: Responsible { user, below, fit },
        faults: unknown_words(tx, &wanted).await?,
    })
}

fn facts(by: &Actor, user: UserId) -> SelectStatement {
    let staff = [Role::Admin, Role::Employee].map(Role::as_str);
    let fit = Query::select()
        .expr(Expr::val(1))
        .from("user")
        .and_where(Expr::col("id").eq(user.0))
        .and_where(Expr::col("role").is_in(staff))
        .and_where(Expr::col("deactivated_at").is_null())
        .take();
    let below: SimpleExpr = Expr::val(user.0).in_subquery(people_below(by.user));
    Query::select()
        .expr_as(Expr::col("default_country"), "country")
        .expr_as(below, "below")
        .expr_as(Expr::exists(fit), "fit")
        .from("organisation")
        .take()
}

async fn unknown_words(tx: &Tx, wanted: &Wanted<'_>) -> Result<Vec<Fault>> {
    if wanted.words.is_empty() {
        return Ok(Vec::new());
    }
    let mut named = Cond::any();
    for (dictionary, code, _) in &wanted.words {
        let entry = Expr::col("dictionary").eq(dictionary.as_str()).and(Expr::col("code").eq(code.as_str()));
        named = named.add(entry);
    }
    let known = Query::select()
        .columns(["dictionary", "code"])
        .from("dictionary_entry")
        .cond_where(named)
        .lock(LockType::KeyShare)
        .take();
    let mut found: Vec<(String, String)> = Vec::new();
    for row in tx.query_all(&known).await? {
        found.push((row.try_get("", "dictionary")?, row.try_get("", "code")?));
    }
    let is_known = |dictionary: DictionaryKind, code: &DictionaryCode| {
        found.iter().any(|(name, word)| name == dictionary.as_str() && word == code.as_str())
    };
    let unknown = wanted.words.iter().filter(|(dictionary, code, _)| !is_known(*dictionary, code));
    let fault = |pointer| Fault::new(pointer, FaultCode::Unknown, "is no entry of the dictionary");
    Ok(unknown.map(|(_, _, pointer)| fault(*pointer)).collect())
}
