//! Who calls: credentials become actors, remembered for a second at most.

use std::{
    hash::Hash,
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use actix_web::{HttpMessage as _, HttpRequest, dev::ServiceRequest, http::header};
use artel_domain::actor::{Actor, Scope, SessionId, TokenId, Via};
use artel_persistence::{Db, in_tx, session, token};
use chrono::{DateTime, Utc};
use ipnet::IpNet;
use moka::future::Cache;

use crate::{
    jwt::Signer,
    operation::Access,
    problem::{Code, Problem, Result},
    secret::hash,
};

/// How long a resolved credential is remembered, so that rights taken away on another node are gone within it.
const REMEMBERED: Duration = Duration::from_secs(1);
/// How often the use of a token is noted at most.
const USE_NOTED: Duration = Duration::from_mins(1);
/// How many credentials are remembered at the most.
const CAPACITY: u64 = 10_000;

/// Resolves credentials.
#[derive(Clone)]
pub struct Callers {
    signer: Arc<Signer>,
    known: Cache<(u64, Credential), Option<Arc<Actor>>>,
    epoch: Arc<AtomicU64>,
    used: Cache<TokenId, ()>,
}

/// A credential that is well-formed and, if it is signed, well signed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Credential {
    Session(SessionId),
    Token(String),
}

impl Callers {
    /// Callers whose access tokens this signer signs.
    #[must_use]
    pub fn new(signer: Arc<Signer>) -> Self {
        Self { signer, known: remembering(REMEMBERED), epoch: Arc::default(), used: remembering(USE_NOTED) }
    }

    /// The signer of access tokens.
    #[must_use]
    pub fn signer(&self) -> &Signer {
        &self.signer
    }

    /// Forgets everybody: called after every change of who may do what. Whoever is being looked up at this moment
    /// is remembered under the epoch before, which nobody asks any more.
    pub fn forget(&self) {
        self.epoch.fetch_add(1, Ordering::Relaxed);
        self.known.invalidate_all();
    }

    /// The actor behind a request.
    ///
    /// # Errors
    /// 401 without a valid credential.
    pub async fn resolve(
        &self,
        db: &Db,
        authorization: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Arc<Actor>> {
        let credential = authorization.and_then(|value| self.credential(value, now));
        let credential = credential.ok_or(Code::Unauthenticated)?;
        let load = load(db, credential.clone(), now);
        let key = (self.epoch.load(Ordering::Relaxed), credential);
        let found = self.known.try_get_with(key, load).await;
        let found = found.map_err(|problem| Problem::clone(&problem))?;
        let actor = found.ok_or(Code::Unauthenticated)?;
        if let Via::Token(id, _) = actor.via {
            self.note_use(db, id, now).await;
        }
        Ok(actor)
    }

    /// Notes in the background that a token is in use, once a minute.
    async fn note_use(&self, db: &Db, id: TokenId, now: DateTime<Utc>) {
        if self.used.contains_key(&id) {
            return;
        }
        self.used.insert(id, ()).await;
        let db = db.clone();
        actix_web::rt::spawn(async move {
            if let Err(error) = in_tx(&db, async |tx| token::note_use(tx, id, now).await).await {
                tracing::warn!(%error, "the use of a token was not noted");
            }
        });
    }

    fn credential(&self, authorization: &str, now: DateTime<Utc>) -> Option<Credential> {
        let (scheme, value) = authorization.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        if artel_domain::token::is_well_formed(value) {
            return Some(Credential::Token(hash(value)));
        }
        self.signer.verify(value, now).map(|(_, session)| Credential::Session(session))
    }
}

fn remembering<K, V>(time: Duration) -> Cache<K, V>
where
    K: Eq + Hash + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    Cache::builder().max_capacity(CAPACITY).time_to_live(time).build()
}

async fn load(db: &Db, credential: Credential, now: DateTime<Utc>) -> Result<Option<Arc<Actor>>> {
    let actor = match credential {
        Credential::Session(id) => session::unscoped_actor(db.reader(), id, now).await?,
        Credential::Token(hash) => token::unscoped_actor(db.reader(), &hash, now).await?,
    };
    Ok(actor.map(Arc::new))
}

/// Lets a caller through to an operation.
///
/// # Errors
/// 403 when the credential is of the wrong kind or lacks the scope.
pub fn admit(actor: &Actor, access: Access) -> Result<()> {
    match (&actor.via, access) {
        (Via::Session(_), _) | (Via::Token(..), Access::Public) => Ok(()),
        (Via::Token(..), Access::Session) => Err(Code::SessionRequired.into()),
        (Via::Token(_, scopes), Access::Scope(scope)) if scopes.contains(&scope) => Ok(()),
        (Via::Token(..), Access::Scope(scope)) => Err(missing(scope)),
    }
}

fn missing(scope: Scope) -> Problem {
    Problem::from(Code::ScopeMissing).with_detail(format!("the token lacks the scope {scope}"))
}

/// The `Authorization` header.
#[must_use]
pub fn authorization(request: &ServiceRequest) -> Option<&str> {
    request.headers().get(header::AUTHORIZATION)?.to_str().ok()
}

/// Where a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address(pub IpAddr);

impl Address {
    /// The address that the gate found.
    #[must_use]
    pub fn of(request: &HttpRequest) -> Option<Self> {
        request.extensions().get::<Self>().copied()
    }
}

/// The client's address: the peer's, or, behind trusted proxies, the last address in `X-Forwarded-For` that is no
/// trusted proxy's. An IPv4 address stays one where the server listens on IPv6 for both.
#[must_use]
pub fn client_address(peer: IpAddr, forwarded: &str, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut nearest = peer.to_canonical();
    if !is_trusted(&nearest) {
        return nearest;
    }
    let hops = forwarded.rsplit(',').map_while(|hop| hop.trim().parse::<IpAddr>().ok());
    for hop in hops {
        nearest = hop.to_canonical();
        if !is_trusted(&nearest) {
            break;
        }
    }
    nearest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_trusted_proxies_are_believed() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let proxies = ["10.0.0.0/8".parse().unwrap()];
        let address = |peer, forwarded| client_address(ip(peer), forwarded, &proxies);
        assert_eq!(address("192.0.2.1", "198.51.100.7"), ip("192.0.2.1"));
        assert_eq!(address("10.0.0.1", "203.0.113.9, 198.51.100.7, 10.0.0.2"), ip("198.51.100.7"));
        assert_eq!(address("::ffff:10.0.0.1", "198.51.100.7,::ffff:10.0.0.2"), ip("198.51.100.7"));
        assert_eq!(address("10.0.0.1", ""), ip("10.0.0.1"));
        assert_eq!(address("10.0.0.1", "nonsense"), ip("10.0.0.1"));
    }
}
