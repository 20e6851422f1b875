//! The people of a test: signed in without a password, because that costs a hash each.

use std::sync::LazyLock;

use artel_api::{jwt::Signer, password::hashing::digest, secret};
use artel_domain::{
    actor::{Author, Role, Scope, SessionId, UserId, Via},
    session::Client,
    time_zone::TimeZone,
    token::{self, TokenFields},
    user::{Locale, UserFields},
};
use artel_persistence::{in_tx, password, session, token as tokens, user};

use crate::{Answer, Method, World, json};

const FIRST_NAMES: [&str; 8] = ["Ann", "Boris", "Clara", "David", "Елена", "Фёдор", "Grace", "Хелен"];
const LAST_NAMES: [&str; 7] = ["Ward", "Иванов", "Novák", "Stone", "Ёлкина", "Müller", "O'Neil"];

/// The password that [`World::with_password`] gives.
pub const PASSWORD: &str = "correct horse battery";

/// The hash of [`PASSWORD`], made once per run.
static PASSWORD_HASH: LazyLock<String> = LazyLock::new(|| digest(PASSWORD).unwrap());

/// Someone who calls.
#[derive(Clone, Debug)]
pub struct Person {
    /// Their id as a user.
    pub id: i64,
    /// Their address, which nobody else in this world has.
    pub email: String,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Their session; 0 where they call through a personal access token.
    pub session: i64,
    /// What they send as `Authorization: Bearer`.
    pub bearer: String,
}

impl Person {
    /// The same person, calling with another access token.
    pub fn through(&self, tokens: &Answer) -> Self {
        Self {
            bearer: tokens.body["access_token"].as_str().unwrap().to_owned(),
            session: tokens.body["session_id"].as_i64().unwrap(),
            ..self.clone()
        }
    }
}

impl World {
    /// An administrator.
    pub async fn admin(&self) -> Person {
        self.person(Role::Admin).await
    }

    /// An employee in no department.
    pub async fn employee(&self) -> Person {
        self.person(Role::Employee).await
    }

    /// Several employees in no department.
    pub async fn employees<const N: usize>(&self) -> [Person; N] {
        let mut people = Vec::with_capacity(N);
        for _ in 0..N {
            people.push(self.employee().await);
        }
        people.try_into().unwrap()
    }

    /// A guest.
    pub async fn guest(&self) -> Person {
        self.person(Role::Guest).await
    }

    /// A new user of this role, signed in.
    pub async fn person(&self, role: Role) -> Person {
        self.person_with(role, |_| {}).await
    }

    /// A new user of this role, changed as the test wants, signed in.
    pub async fn person_with(&self, role: Role, change: impl FnOnce(&mut UserFields)) -> Person {
        let number = self.next_number();
        let at = usize::try_from(number).unwrap();
        let mut fields = UserFields {
            email: format!("person{number}@example.com").parse().unwrap(),
            first_name: FIRST_NAMES[at % FIRST_NAMES.len()].parse().unwrap(),
            last_name: LAST_NAMES[at % LAST_NAMES.len()].parse().unwrap(),
            position: None,
            role,
            department_id: None,
            time_zone: TimeZone::UTC,
            locale: Locale::En,
        };
        change(&mut fields);
        let now = self.clock().now();
        let insert = async |tx: &_| user::insert(tx, Author::System, fields.clone(), now).await;
        let user = in_tx(self.db(), insert).await.unwrap();
        self.sign_in(user.id.0).await
    }

    /// Another session of a user.
    pub async fn sign_in(&self, id: i64) -> Person {
        let now = self.clock().now();
        let insert = async |tx: &_| {
            let hash = secret::hash(&secret::random_text());
            session::insert(tx, UserId(id), Client::default(), &hash, now).await
        };
        let session = in_tx(self.db(), insert).await.unwrap();
        let person = Person {
            id,
            email: String::new(),
            first_name: String::new(),
            last_name: String::new(),
            session: session.id.0,
            bearer: self.access_token(id, session.id.0),
        };
        self.named(person).await
    }

    /// The same person, who can sign in with [`PASSWORD`] from now on.
    pub async fn with_password(&self, person: Person) -> Person {
        let set = async |tx: &_| password::set(tx, UserId(person.id), &PASSWORD_HASH).await;
        in_tx(self.db(), set).await.unwrap();
        person
    }

    /// Signs in over HTTP.
    pub async fn login(&self, email: &str, password: &str) -> Answer {
        let body = json!({"email": email, "password": password});
        self.call(None, Method::POST, "/api/v1/auth/login", Some(body)).await
    }

    /// An access token that the server accepts for as long as its clock allows.
    pub fn access_token(&self, user: i64, session: i64) -> String {
        let signer = Signer::new(self.key(), None, self.config().access_token_ttl);
        signer.sign(UserId(user), SessionId(session), self.clock().now()).unwrap()
    }

    /// The same person, calling through a personal access token with these scopes.
    pub async fn with_token(&self, person: &Person, scopes: &[Scope]) -> Person {
        let now = self.clock().now();
        let actor = session::unscoped_actor(self.db().reader(), SessionId(person.session), now);
        let actor = actor.await.unwrap().expect("they are signed in");
        let text = token::compose(rand::random());
        let fields =
            TokenFields { name: "A script".parse().unwrap(), scopes: scopes.to_vec(), expires_at: None };
        let insert = async |tx: &_| {
            let (hash, hint) = (secret::hash(&text), token::hint(&text));
            tokens::insert(tx, &actor, fields.clone(), hash, hint, now).await
        };
        in_tx(self.db(), insert).await.unwrap();
        Person { session: 0, bearer: text.clone(), ..person.clone() }
    }

    async fn named(&self, person: Person) -> Person {
        let viewer = artel_domain::actor::Actor {
            user: UserId(person.id),
            role: Role::Admin,
            via: Via::Session(SessionId(person.session)),
            levels: artel_domain::level::Levels::default_of(Role::Admin),
        };
        let user = user::find(self.db().reader(), &viewer, UserId(person.id));
        let fields = user.await.unwrap().fields;
        Person {
            email: fields.email.to_string(),
            first_name: fields.first_name.to_string(),
            last_name: fields.last_name.to_string(),
            ..person
        }
    }
}
