//! The operations that are measured: what is sent, with which inputs, and what it may cost. Those on contacts stand here,
//! those on tasks in a file of their own.

use std::cell::Cell;

use serde_json::{Value, json};

use crate::{
    http::{encode, request},
    invent::{SHARED_REMAINDER, SHARED_STEP, draw, email, name},
    seed::CONTACTS,
};

pub mod task;

/// Inputs that are texts.
const TEXTS: i64 = 100;

/// What the quality bars allow.
#[derive(Clone, Copy)]
pub struct Bar {
    /// CPU of server and database for a request, in milliseconds.
    pub cpu: f64,
    /// The least share of pgbench's rate.
    pub ratio: f64,
    /// Statements for a request.
    pub statements: usize,
    /// Whether the bar is named for a task and borrowed here.
    pub borrowed: bool,
}

/// What changes from request to request.
#[derive(Clone)]
pub enum Inputs {
    /// Ids `first`, `first + step` and so on.
    Ids {
        /// The first id.
        first: i64,
        /// The distance of two.
        step: i64,
        /// How many there are.
        count: i64,
    },
    /// Ids `first`, `first + step` and so on, each of them once. pgbench, which looks at no state, takes the second half.
    Once {
        /// The first id.
        first: i64,
        /// The distance of two.
        step: i64,
        /// How many there are.
        count: i64,
    },
    /// Texts as they stand in the address; a single one where nothing changes.
    Texts(Vec<String>),
}

impl Inputs {
    /// How many there are: a draw that is larger by so much has the same input.
    pub fn count(&self) -> u64 {
        match self {
            Self::Ids { count, .. } | Self::Once { count, .. } => count.unsigned_abs(),
            Self::Texts(texts) => u64::try_from(texts.len()).unwrap_or(1),
        }
    }
}

/// Makes the body of a request out of a draw.
type Body = Box<dyn Fn(u64) -> Value>;

/// An operation that is measured.
pub struct Operation {
    /// What the report calls it.
    pub name: &'static str,
    /// What it may cost.
    pub bar: Bar,
    /// What changes from request to request.
    pub inputs: Inputs,
    method: &'static str,
    path: String,
    body: Option<Body>,
    bearer: String,
    /// How many of the inputs that serve once are used up.
    used: Cell<u64>,
}

impl Operation {
    /// The request for a draw, and its input; nothing once the inputs are used up.
    pub fn request(&self, draw: u64) -> Option<(Vec<u8>, String)> {
        let input = match self.inputs {
            Inputs::Once { count, .. } => {
                let next = self.used.get();
                self.used.set(next + 1);
                (next < count.unsigned_abs() / 2).then(|| self.input(next))?
            }
            Inputs::Ids { .. } | Inputs::Texts(_) => self.input(draw),
        };
        let path = self.path.replace("{}", &input);
        let body = self.body.as_ref().map(|body| body(draw));
        Some((request(self.method, &path, &self.bearer, body.as_ref()), input))
    }

    /// The same operation with only the texts for these draws.
    pub fn only(mut self, draws: &[u64]) -> Self {
        if let Inputs::Texts(_) = self.inputs {
            self.inputs = Inputs::Texts(draws.iter().map(|draw| self.input(*draw)).collect());
        }
        self
    }

    /// The input for a draw.
    fn input(&self, draw: u64) -> String {
        match &self.inputs {
            Inputs::Ids { first, step, .. } | Inputs::Once { first, step, .. } => {
                (first + step * remainder(draw, self.inputs.count())).to_string()
            }
            Inputs::Texts(texts) => {
                let place = usize::try_from(remainder(draw, self.inputs.count())).unwrap_or_default();
                texts.get(place).cloned().unwrap_or_default()
            }
        }
    }

    /// The draws that stand for all inputs when statements are recorded: one for ids, each one for texts.
    pub fn samples(&self) -> std::ops::Range<u64> {
        match &self.inputs {
            Inputs::Ids { .. } | Inputs::Once { .. } => 0..1,
            Inputs::Texts(_) => 0..self.inputs.count(),
        }
    }
}

fn remainder(draw: u64, of: u64) -> i64 {
    i64::try_from(draw % of.max(1)).unwrap_or_default()
}

const fn bar(cpu: f64, ratio: f64, statements: usize, borrowed: bool) -> Bar {
    Bar { cpu, ratio, statements, borrowed }
}

const LIST: Bar = bar(1.0, 0.35, 3, true);

/// The operations on contacts, as one caller sends them. `own` are the ids of contacts that the caller looks after,
/// `far` is the cursor of the thousandth page.
pub fn contacts(bearer: &str, own: Inputs, far: &str) -> Vec<Operation> {
    let new =
        |name, bar, method, path: &str, inputs, body| new(bearer, name, bar, (method, path), inputs, body);
    let far = format!("/api/v1/contacts?cursor={far}");
    let search = bar(2.0, 0.25, 3, false);
    vec![
        by_id(bearer, CONTACTS),
        new(
            "contact by e-mail",
            bar(0.5, 0.25, 3, false),
            "GET",
            "/api/v1/contacts?email={}",
            emails(),
            None,
        ),
        new("contacts, two words", search, "GET", "/api/v1/contacts?q={}", two_words(), None),
        new("contacts, a common word", search, "GET", "/api/v1/contacts?q={}", common_words(), None),
        first_page(bearer),
        new("contacts, page 1000", LIST, "GET", &far, none(), None),
        create(bearer),
        new(
            "patch a contact",
            bar(1.2, 0.35, 8, true),
            "PATCH",
            "/api/v1/contacts/{}",
            own,
            Some(Box::new(comment)),
        ),
    ]
}

/// Reading one of the first so many contacts that are shared.
pub fn by_id(bearer: &str, of: i64) -> Operation {
    let shared = Inputs::Ids { first: SHARED_REMAINDER, step: SHARED_STEP, count: of / SHARED_STEP };
    new(bearer, "contact by id", bar(0.4, 0.35, 2, true), ("GET", "/api/v1/contacts/{}"), shared, None)
}

/// Creating a contact with two contact points and a tag.
pub fn create(bearer: &str) -> Operation {
    let bar = bar(1.0, 0.35, 8, true);
    new(bearer, "create a contact", bar, ("POST", "/api/v1/contacts"), none(), Some(Box::new(person)))
}

/// The first page of the list.
pub fn first_page(bearer: &str) -> Operation {
    new(bearer, "contacts, page 1", LIST, ("GET", "/api/v1/contacts"), none(), None)
}

/// No input: nothing changes from request to request.
fn none() -> Inputs {
    Inputs::Texts(vec![String::new()])
}

fn new(
    bearer: &str,
    name: &'static str,
    bar: Bar,
    (method, path): (&'static str, &str),
    inputs: Inputs,
    body: Option<Body>,
) -> Operation {
    let (path, bearer) = (path.to_owned(), bearer.to_owned());
    Operation { name, bar, inputs, method, path, body, bearer, used: Cell::new(0) }
}

fn person(draw: u64) -> Value {
    let number = draw % 1_000_000;
    json!({
        "first_name": "Анна", "last_name": format!("Новикова{number}"), "position": "Product manager",
        "type": "client", "source": "event", "tags": ["demo day"],
        "points": [{"kind": "phone", "value": format!("8 (912) 3{:02}-{:02}-{:02}", number % 97, number % 89, number % 83)},
            {"kind": "email", "value": format!("anna.{number}@example.com")}]
    })
}

fn comment(draw: u64) -> Value {
    json!({"comment": format!("Called back, answer {draw}")})
}

/// Shared contacts, spread over all.
fn sampled() -> impl Iterator<Item = i64> {
    let groups = u64::try_from(CONTACTS / SHARED_STEP).unwrap_or(1);
    (1..=TEXTS).map(move |number| SHARED_REMAINDER + SHARED_STEP * remainder(draw(number, 99), groups))
}

fn emails() -> Inputs {
    Inputs::Texts(sampled().map(|id| encode(&email(id))).collect())
}

/// A family name and the beginning of a given name: what people type.
fn two_words() -> Inputs {
    let query = |id| {
        let (first, last, _) = name(id);
        let beginning: String = first.chars().take(3).collect();
        encode(&format!("{last} {beginning}"))
    };
    Inputs::Texts(sampled().map(query).collect())
}

/// Words that thousands of contacts have.
fn common_words() -> Inputs {
    let words = ["директор", "chief", "founder", "mentor", "андреевич", "marie", "partner", "выставка"];
    Inputs::Texts(words.map(encode).into())
}
