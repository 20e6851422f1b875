//! Contacts, companies and what decides who reaches them, made as a client makes them.

use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait as _,
    sea_query::{Expr, ExprTrait as _, Query},
};
use serde_json::{Value, json};

use crate::{Answer, Person, World};

/// One of the two kinds of record, for what is true of both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// Where its records live.
    pub path: &'static str,
    /// The dictionary of its types.
    pub types: &'static str,
    /// How activities call it.
    pub word: &'static str,
    name: &'static str,
}

/// People.
pub const CONTACTS: Kind =
    Kind { path: "/api/v1/contacts", types: "/api/v1/crm/contact-types", word: "contact", name: "last_name" };
/// Organisations.
pub const COMPANIES: Kind =
    Kind { path: "/api/v1/companies", types: "/api/v1/crm/company-types", word: "company", name: "name" };
/// Both.
pub const KINDS: [Kind; 2] = [CONTACTS, COMPANIES];

impl Kind {
    /// The least body that creates a record under this name.
    pub fn named(self, name: &str) -> Value {
        json!({ self.name: name })
    }

    /// The same with these fields beside.
    pub fn with(self, name: &str, fields: &Value) -> Value {
        let mut body = self.named(name);
        merge(&mut body, fields);
        body
    }

    /// The path of one record.
    pub fn at(self, id: i64) -> String {
        format!("{}/{id}", self.path)
    }

    /// The path of the record with an id in another system.
    pub fn external(self, source: &str, id: &str) -> String {
        format!("{}/by-external/{source}/{id}", self.path)
    }
}

/// Puts the members of one object into another.
pub fn merge(body: &mut Value, fields: &Value) {
    for (name, value) in fields.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
}

/// The same level for every action, but for those named.
pub fn levels(level: &str, others: &Value) -> Value {
    let mut levels = json!({});
    for action in ["read", "write", "delete", "export", "import"] {
        levels[action] = level.into();
    }
    merge(&mut levels, others);
    levels
}

impl World {
    /// Creates a record with these fields and answers its id.
    pub async fn record(&self, who: &Person, kind: Kind, name: &str, fields: Value) -> i64 {
        let body = kind.with(name, &fields);
        self.post(who, kind.path, body).await.expect(201).id()
    }

    /// The ids that a list answers, its parameters encoded as a client encodes them.
    pub async fn ids(&self, who: &Person, kind: Kind, parameters: &[(&str, &str)]) -> Vec<i64> {
        self.list(who, kind, parameters).await.expect(200).ids()
    }

    /// A list, its parameters encoded as a client encodes them.
    pub async fn list(&self, who: &Person, kind: Kind, parameters: &[(&str, &str)]) -> Answer {
        self.get(who, &format!("{}?{}", kind.path, query(parameters))).await
    }

    /// Sets how far employees reach; takes a moment of an administrator.
    pub async fn let_employees(&self, admin: &Person, levels: &Value) {
        let before = self.get(admin, ACCESS).await.expect(200);
        let body = json!({ "employee": levels });
        let put = self.request(Some(admin), crate::Method::PUT, ACCESS);
        put.header("if-match", before.etag()).json(&body).send().await.expect(200);
    }

    /// A department below another, led by somebody.
    pub async fn department(&self, admin: &Person, parent: Option<i64>, head: Option<&Person>) -> i64 {
        let body = json!({
            "name": format!("Department {}", self.next_number()), "parent_id": parent,
            "head_id": head.map(|head| head.id),
        });
        self.post(admin, "/api/v1/departments", body).await.expect(201).id()
    }

    /// How many activities the log holds of an object.
    pub async fn activities(&self, kind: Kind, id: i64) -> Vec<String> {
        let select = Query::select()
            .column("verb")
            .from("activity")
            .and_where(Expr::col("object_kind").eq(kind.word))
            .and_where(Expr::col("object_id").eq(id))
            .order_by("id", sea_orm::sea_query::Order::Asc)
            .take();
        let rows = self.db().reader().query_all(&select).await.unwrap();
        rows.iter().map(|row| row.try_get("", "verb").unwrap()).collect()
    }

    /// The present instant of the server, as JSON has it.
    pub fn now(&self) -> String {
        instant(self.clock().now())
    }
}

/// Where the access levels live.
pub const ACCESS: &str = "/api/v1/crm/access";

/// An instant as JSON has it.
pub fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
}

/// Parameters as a query string.
pub fn query(parameters: &[(&str, &str)]) -> String {
    let pairs = parameters.iter().map(|(name, value)| format!("{name}={}", encoded(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// A text as a part of a path or query.
pub fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b',' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}
