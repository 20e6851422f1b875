//! Lists, once: page parameters, filters, sorts and cursors in, a listing out.

use std::{
    future::{Ready, ready},
    str::FromStr,
};

use actix_web::{FromRequest, HttpRequest, HttpResponse, Responder, dev::Payload, web::Data};
use artel_domain::page::{Direction, Page, Position, Slice};
use artel_persistence::page::Total;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use utoipa::{
    IntoParams, PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::Type},
};

use crate::{
    answer::Answer,
    parameters::{parameters, typed},
    problem::{Code, Problem, Result},
    secret::fingerprint,
    shared::Shared,
};

/// The parameters of every list.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageParams {
    /// The most items to answer.
    #[param(minimum = 1, maximum = 200, default = 50)]
    #[serde(default = "default_limit")]
    limit: u64,
    /// Where to go on: `next_cursor` of the page before, with the same sort and filters.
    #[param(min_length = 1, max_length = 2000, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<String>,
    /// Whether to count all items as `total`, which costs a second look.
    #[serde(default)]
    #[param(default = false)]
    include_total: bool,
}

const PAGE_PARAMETERS: &[&str] = &["limit", "cursor", "include_total"];

const fn default_limit() -> u64 {
    50
}

/// A sort: one of the words of `S`, with `-` in front for descending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SortBy<S> {
    /// What to sort by.
    pub sort: S,
    /// Which way.
    pub direction: Direction,
}

/// The sort keys of a room, published as an enumeration.
pub trait SortWord: Copy + FromStr + 'static {
    /// Every key.
    const WORDS: &'static [Self];

    /// The key as it is written.
    fn word(self) -> &'static str;
}

impl<'de, S: SortWord> Deserialize<'de> for SortBy<S> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let (word, direction) = text
            .strip_prefix('-')
            .map_or((text.as_str(), Direction::Ascending), |word| (word, Direction::Descending));
        let sort = word.parse().map_err(|_| serde::de::Error::custom("is no sort key"))?;
        Ok(Self { sort, direction })
    }
}

impl<S: SortWord> PartialSchema for SortBy<S> {
    fn schema() -> RefOr<Schema> {
        let words = S::WORDS.iter().flat_map(|sort| [sort.word().to_owned(), format!("-{}", sort.word())]);
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).into()
    }
}

impl<S: SortWord> ToSchema for SortBy<S> {}

/// The filters of a list, with its sort among them.
pub trait Filter: DeserializeOwned {
    /// The sort keys of the room.
    type Sort: SortWord;

    /// The sort that was asked for, or the room's own.
    fn sort(&self) -> SortBy<Self::Sort>;
}

/// The query of a list.
#[derive(Clone, Debug)]
pub struct ListQuery<F: Filter> {
    /// What to show.
    pub filter: F,
    /// Which part of it.
    pub page: Page<F::Sort>,
    /// Whether to count it.
    pub total: Total,
    cursors: Cursors,
}

/// Makes and reads the cursors of one list: they carry a position, bound to path, sort and filters by a keyed
/// fingerprint, so that a cursor works only where it was made.
#[derive(Clone, Debug)]
struct Cursors {
    binding: String,
    key: String,
}

impl<F: Filter> FromRequest for ListQuery<F> {
    type Error = Problem;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(list_query(request))
    }
}

fn list_query<F: Filter>(request: &HttpRequest) -> Result<ListQuery<F>> {
    let shared = request.app_data::<Data<Shared>>().ok_or(Code::Internal)?;
    let (paging, filters): (Map<_, _>, Map<_, _>) =
        parameters(request).into_iter().partition(|(name, _)| PAGE_PARAMETERS.contains(&name.as_str()));
    let paging: PageParams = typed(paging)?;
    let filter: F = typed(filters.clone())?;
    let SortBy { sort, direction } = filter.sort();
    let cursors = Cursors {
        binding: binding(request.path(), filters, sort, direction),
        key: shared.cursor_key.clone(),
    };
    let after = paging.cursor.map(|cursor| cursors.read(&cursor)).transpose()?;
    let total = if paging.include_total { Total::Counted } else { Total::Skipped };
    Ok(ListQuery { filter, page: Page { limit: paging.limit, sort, direction, after }, total, cursors })
}

/// What a cursor is bound to: the list, its filters, and its order, whether that was asked for or is the one that the list
/// has anyway. What is embedded in the items is none of these.
fn binding<S: SortWord>(
    path: &str,
    mut filters: Map<String, Value>,
    sort: S,
    direction: Direction,
) -> String {
    filters.retain(|name, _| !["sort", "expand"].contains(&name.as_str()));
    let filters = Value::Object(filters);
    format!("{path} {filters} {} {direction:?}", sort.word())
}

impl Cursors {
    fn write(&self, position: &Position) -> Option<String> {
        let place = serde_json::to_string(position).ok()?;
        Some(URL_SAFE_NO_PAD.encode(format!("{}{place}", self.seal(&place))))
    }

    fn read(&self, cursor: &str) -> Result<Position> {
        self.open(cursor).ok_or_else(|| Code::InvalidCursor.into())
    }

    fn open(&self, cursor: &str) -> Option<Position> {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
        let start = text.find('{')?;
        let (seal, place) = text.split_at_checked(start)?;
        (self.seal(place) == seal).then(|| serde_json::from_str(place).ok())?
    }

    fn seal(&self, place: &str) -> String {
        fingerprint(&[self.key.as_bytes(), self.binding.as_bytes(), place.as_bytes()])
    }
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Listing<T: ToSchema> {
    /// The items of this page.
    pub items: Vec<T>,
    /// Send it as `cursor` for the next page; `null` on the last one.
    #[schema(required = true)]
    pub next_cursor: Option<String>,
    /// How many items there are in all, with `include_total=true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub total: Option<u64>,
}

impl<F: Filter> ListQuery<F> {
    /// The answer of a list: a slice as the client sees it.
    pub fn answer<T, V: ToSchema + From<T>>(&self, slice: Slice<T>) -> Listing<V> {
        let Slice { items, next, total } = slice;
        let next_cursor = next.as_ref().and_then(|position| self.cursors.write(position));
        Listing { items: items.into_iter().map(V::from).collect(), next_cursor, total }
    }
}

impl<T: Serialize + ToSchema> Responder for Listing<T> {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        Answer::ok(&self).respond_to(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use artel_domain::page::Key;

    fn cursors(binding: &str) -> Cursors {
        Cursors { binding: binding.to_owned(), key: "secret".to_owned() }
    }

    #[test]
    fn a_cursor_works_only_where_it_was_made() {
        let position = Position { key: Some(Key::Text("ann {x}".to_owned())), id: 7 };
        let made = cursors("/contacts {}").write(&position).unwrap();
        assert_eq!(cursors("/contacts {}").open(&made), Some(position));
        assert_eq!(cursors("/companies {}").open(&made), None);
        assert_eq!(cursors("/contacts {\"q\":\"a\"}").open(&made), None);
        assert_eq!(cursors("/contacts {}").open("AAAA"), None);
        let forged = Cursors { key: "other".to_owned(), ..cursors("/contacts {}") };
        assert_eq!(forged.open(&made), None);
    }
}
