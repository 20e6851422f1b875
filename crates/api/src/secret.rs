//! Random secrets that are shown once and stored as a hash.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::RngExt as _;
use sha2::{Digest as _, Sha256};

/// 256 random bits from the operating system.
#[must_use]
pub fn random_bytes() -> [u8; 32] {
    rand::rng().random()
}

/// A random secret of 256 bits, as text that fits into a URL.
#[must_use]
pub fn random_text() -> String {
    URL_SAFE_NO_PAD.encode(random_bytes())
}

/// 128 random bits from the operating system.
#[must_use]
pub fn random_number() -> u128 {
    rand::rng().random()
}

/// What is stored of a random secret: SHA-256, enough for what cannot be guessed.
#[must_use]
pub fn hash(secret: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(secret.as_bytes()))
}

/// A short fingerprint of bytes, for entity tags and cursors.
#[must_use]
pub fn fingerprint(parts: &[&[u8]]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
        digest.update(part);
    }
    URL_SAFE_NO_PAD.encode(digest.finalize().get(..9).unwrap_or_default())
}
