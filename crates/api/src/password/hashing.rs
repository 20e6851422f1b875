//! Argon2id, off the threads that answer requests and behind a bounded queue: a flood of sign-ins makes others
//! wait for nothing but sign-ins, and never fills the memory.

use std::sync::{Arc, LazyLock};

use argon2::{
    Argon2,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use artel_domain::password::{Password, TypedPassword};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::problem::{Code, Result};

/// How many passwords are hashed at once. Each takes 19 MiB and 100–200 ms of a core.
const AT_ONCE: usize = 2;
/// How many more may wait.
const WAITING: usize = 32;

/// Verified in place of a hash that is not there, so that an unknown address takes as long as a wrong password.
static DECOY: LazyLock<Option<String>> = LazyLock::new(|| digest(&crate::secret::random_text()).ok());

/// Hashes and verifies passwords.
#[derive(Clone, Debug)]
pub struct Hashing {
    queue: Arc<Semaphore>,
    turns: Arc<Semaphore>,
}

/// What a typed password proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is the one.
    Right,
    /// It is not, or there is none.
    Wrong,
}

impl Default for Hashing {
    fn default() -> Self {
        Self { queue: Arc::new(Semaphore::new(AT_ONCE + WAITING)), turns: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

impl Hashing {
    /// The hash of a new password, as a PHC string.
    ///
    /// # Errors
    /// 503 when too many wait already.
    pub async fn hash(&self, password: &Password) -> Result<String> {
        let text = password.expose().to_owned();
        self.run(move || digest(&text)).await?.map_err(|cause| {
            tracing::error!(%cause, "a password cannot be hashed");
            Code::Internal.into()
        })
    }

    /// Compares a typed password with a hash. Without a hash it takes as long, and is wrong.
    ///
    /// # Errors
    /// 503 when too many wait already.
    pub async fn verify(&self, typed: &TypedPassword, hash: Option<&str>) -> Result<Verdict> {
        let (text, hash) = (typed.expose().to_owned(), hash.map(str::to_owned));
        self.run(move || {
            let known = hash.is_some();
            let hash = hash.or_else(|| DECOY.clone()).unwrap_or_default();
            if matches(&text, &hash) && known { Verdict::Right } else { Verdict::Wrong }
        })
        .await
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let _place: SemaphorePermit<'_> = self.queue.try_acquire().map_err(|_| Code::Busy)?;
        // The turn goes along: a client that leaves does not make room while its password is still being hashed.
        let turn = self.turns.clone().acquire_owned().await.map_err(|_| Code::Busy)?;
        let work = move || {
            let done = work();
            drop(turn);
            done
        };
        tokio::task::spawn_blocking(work).await.map_err(|_| Code::Internal.into())
    }
}

/// The PHC string of a password: Argon2id with 19 MiB, 2 passes, 1 lane and a salt of its own. Takes 100–200 ms.
///
/// # Errors
/// When the system has no randomness or no memory.
pub fn digest(password: &str) -> std::result::Result<String, argon2::password_hash::Error> {
    Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string())
}

fn matches(typed: &str, hash: &str) -> bool {
    PasswordHash::new(hash)
        .is_ok_and(|hash| Argon2::default().verify_password(typed.as_bytes(), &hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_proves_itself_and_nothing_else() {
        let hashing = Hashing::default();
        let typed = |text: &str| TypedPassword::try_from(text.to_owned()).unwrap();
        let hash = hashing.hash(&Password::try_from("correct horse".to_owned()).unwrap()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_eq!(hashing.verify(&typed("correct horse"), Some(&hash)).await.unwrap(), Verdict::Right);
        assert_eq!(hashing.verify(&typed("correct horses"), Some(&hash)).await.unwrap(), Verdict::Wrong);
        assert_eq!(hashing.verify(&typed("correct horse"), None).await.unwrap(), Verdict::Wrong);
    }

    #[tokio::test]
    async fn a_full_queue_refuses() {
        let hashing = Hashing::default();
        let _all = hashing.queue.acquire_many(34).await.unwrap();
        assert!(hashing.verify(&TypedPassword::try_from("x".to_owned()).unwrap(), None).await.is_err());
    }
}
