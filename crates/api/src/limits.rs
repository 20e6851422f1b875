//! Rate limits: how many requests a caller may send, and how often an address or an account may try to sign in.

use std::{net::IpAddr, num::NonZeroU32, time::Duration};

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use artel_domain::actor::UserId;
use governor::{
    Quota, RateLimiter,
    clock::{Clock as _, DefaultClock},
    middleware::StateInformationMiddleware,
    state::keyed::DashMapStateStore,
};

use crate::{
    config::{Config, Switch},
    problem::{Problem, Result},
};

type Limiter<K> = RateLimiter<K, DashMapStateStore<K>, DefaultClock, StateInformationMiddleware>;

/// The window of every limit.
const WINDOW: Duration = Duration::from_mins(1);

/// The limits in force.
pub struct Limits {
    callers: Option<Bucket<UserId>>,
    addresses: Option<Bucket<IpAddr>>,
    accounts: Option<Bucket<String>>,
}

struct Bucket<K: Eq + std::hash::Hash + Clone> {
    name: &'static str,
    quota: u32,
    limiter: Limiter<K>,
}

/// What is left of a limit, for the `RateLimit` headers (draft-ietf-httpapi-ratelimit-headers).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remaining {
    name: &'static str,
    quota: u32,
    left: u32,
}

impl Limits {
    /// The limits that the configuration sets.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let on = config.rate_limits == Switch::On;
        Self {
            callers: on.then(|| Bucket::new("caller", config.rate_limit)),
            addresses: on.then(|| Bucket::new("address", config.sign_in_rate_limit)),
            accounts: on.then(|| Bucket::new("account", config.sign_in_rate_limit)),
        }
    }

    /// Counts a request of a caller.
    ///
    /// # Errors
    /// 429 when the limit is spent.
    pub fn caller(&self, user: UserId) -> Result<Option<Remaining>> {
        self.callers.as_ref().map(|bucket| bucket.take(&user)).transpose()
    }

    /// Counts a request without a credential from an address. IPv6 counts by the /64 network.
    ///
    /// # Errors
    /// 429 when the limit is spent.
    pub fn address(&self, address: IpAddr) -> Result<Option<Remaining>> {
        self.addresses.as_ref().map(|bucket| bucket.take(&network(address))).transpose()
    }

    /// Counts an attempt on an account, whether or not it exists.
    ///
    /// # Errors
    /// 429 when the limit is spent.
    pub fn account(&self, email: &str) -> Result<()> {
        self.accounts.as_ref().map_or(Ok(()), |bucket| bucket.take(&email.to_lowercase()).map(|_| ()))
    }

    /// Forgets whoever has been quiet for a window, so that memory follows the number of active callers.
    pub fn forget_the_quiet(&self) {
        if let Some(bucket) = &self.callers {
            bucket.limiter.retain_recent();
        }
        if let Some(bucket) = &self.addresses {
            bucket.limiter.retain_recent();
        }
        if let Some(bucket) = &self.accounts {
            bucket.limiter.retain_recent();
        }
    }
}

impl<K: Eq + std::hash::Hash + Clone> Bucket<K> {
    fn new(name: &'static str, quota: u32) -> Self {
        let burst = NonZeroU32::new(quota).unwrap_or(NonZeroU32::MIN);
        let each = WINDOW / quota.max(1);
        let rule = Quota::with_period(each).unwrap_or_else(|| Quota::per_minute(burst)).allow_burst(burst);
        Self { name, quota, limiter: RateLimiter::dashmap(rule).with_middleware() }
    }

    fn take(&self, key: &K) -> Result<Remaining> {
        match self.limiter.check_key(key) {
            Ok(state) => {
                Ok(Remaining { name: self.name, quota: self.quota, left: state.remaining_burst_capacity() })
            }
            Err(refused) => {
                let wait = refused.wait_time_from(DefaultClock::default().now());
                metrics::counter!("artel_rate_limited_total", "limit" => self.name).increment(1);
                Err(Problem::rate_limited(wait.as_secs() + 1))
            }
        }
    }
}

impl Remaining {
    /// Writes the `RateLimit` and `RateLimit-Policy` headers.
    pub fn write(self, headers: &mut HeaderMap) {
        let Self { name, quota, left } = self;
        let window = WINDOW.as_secs();
        let reset = window * u64::from(quota.saturating_sub(left)) / u64::from(quota.max(1));
        let values = [
            ("ratelimit-policy", format!("\"{name}\";q={quota};w={window}")),
            ("ratelimit", format!("\"{name}\";r={left};t={reset}")),
        ];
        for (header, value) in values {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(header), value);
            }
        }
    }
}

fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => v6
            .to_ipv4_mapped()
            .map_or_else(|| IpAddr::V6((u128::from(v6) & (u128::MAX << 64)).into()), IpAddr::V4),
    }
}
