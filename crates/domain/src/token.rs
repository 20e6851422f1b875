//! Personal access tokens: how scripts get in. The text of a token carries a checksum, so that a mistyped one is
//! told apart without asking the database, and a leaked one is recognised by scanners.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use crate::{
    activity::{ObjectKind, ObjectRef},
    actor::{Actor, Scope, TokenId, UserId},
    error::{Conflict, Error, Fault, FaultCode, Result},
    text, words,
};

/// What every token starts with.
pub const PREFIX: &str = "artel_pat_";
/// The most live tokens of a user.
pub const MOST_TOKENS: u64 = 50;
/// How far away the expiry of a token can lie.
pub const LONGEST_LIFETIME: TimeDelta = TimeDelta::days(3660);

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Base-62 digits of 128 random bits.
const RANDOM_DIGITS: usize = 22;
/// Base-62 digits of a CRC-32.
const CHECKSUM_DIGITS: usize = 6;
/// Characters of a token that its owner may know it by.
const HINT_LENGTH: usize = PREFIX.len() + 4;

text! {
    /// What its owner calls a token.
    TokenName(1..=100)
}

words! {
    /// A key that tokens can be sorted by.
    pub enum Sort {
        /// When it was made.
        CreatedAt = "created_at",
    }
}

/// Writes a token out of 128 random bits.
#[must_use]
pub fn compose(random: u128) -> String {
    let secret = base62(random, RANDOM_DIGITS);
    let checksum = base62(crc32fast::hash(secret.as_bytes()).into(), CHECKSUM_DIGITS);
    format!("{PREFIX}{secret}{checksum}")
}

/// Whether a text has the form of a token, checksum included. Nothing is said about whether it was ever handed out.
#[must_use]
pub fn is_well_formed(text: &str) -> bool {
    let Some(rest) = text.strip_prefix(PREFIX) else {
        return false;
    };
    let Some((secret, checksum)) = rest.split_at_checked(RANDOM_DIGITS) else {
        return false;
    };
    secret.bytes().all(|digit| digit.is_ascii_alphanumeric())
        && base62(crc32fast::hash(secret.as_bytes()).into(), CHECKSUM_DIGITS) == checksum
}

/// The beginning of a token, for its owner to know it by.
#[must_use]
pub fn hint(token: &str) -> String {
    token.chars().take(HINT_LENGTH).collect()
}

/// The number in base 62 with exactly `length` digits, the most significant first.
fn base62(mut number: u128, length: usize) -> String {
    let mut digits: Vec<char> = Vec::with_capacity(length);
    for _ in 0..length {
        let digit = usize::try_from(number % 62).ok().and_then(|index| DIGITS.get(index));
        digits.push(digit.copied().map_or('0', char::from));
        number /= 62;
    }
    digits.iter().rev().collect()
}

/// What its owner decides about a token when it is made; nothing of it changes afterwards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TokenFields {
    /// What its owner calls it.
    pub name: TokenName,
    /// What it may be used for.
    pub scopes: Vec<Scope>,
    /// When it stops working; never, where there is none.
    pub expires_at: Option<DateTime<Utc>>,
}

/// A personal access token. Its text is shown once, when it is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Its id.
    pub id: TokenId,
    /// Whose it is.
    pub user: UserId,
    /// What its owner decided.
    pub fields: TokenFields,
    /// The beginning of its text.
    pub hint: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
}

impl TokenFields {
    /// Checks what a new token shall be; `live` is how many its owner has.
    ///
    /// # Errors
    /// [`Conflict::LimitReached`], then all faults at once.
    pub fn check(&self, live: u64, now: DateTime<Utc>) -> Result<()> {
        if live >= MOST_TOKENS {
            return Err(Conflict::LimitReached.into());
        }
        let mut faults = Vec::new();
        if self.scopes.is_empty() {
            faults.push(Fault::new("/scopes", FaultCode::Required, "must name at least one scope"));
        }
        for (position, scope) in self.scopes.iter().enumerate() {
            if self.scopes.iter().take(position).any(|other| other == scope) {
                faults.push(Fault::new(
                    format!("/scopes/{position}"),
                    FaultCode::Duplicate,
                    "is named twice",
                ));
            }
        }
        if self.expires_at.is_some_and(|at| at <= now || at > now + LONGEST_LIFETIME) {
            faults.push(Fault::new(
                "/expires_at",
                FaultCode::OutOfRange,
                "must lie in the future, at most ten years away",
            ));
        }
        Error::unless_empty(faults)
    }
}

impl Token {
    /// How activities name a token.
    #[must_use]
    pub const fn object(id: TokenId) -> ObjectRef {
        ObjectRef { kind: ObjectKind::Token, id: id.0 }
    }

    /// Revokes it. Only its owner may; to others it does not exist.
    ///
    /// # Errors
    /// [`Error::NotFound`] for everybody else, and when it is revoked already.
    pub fn revoke(&mut self, by: &Actor, now: DateTime<Utc>) -> Result<()> {
        if self.user != by.user || self.revoked_at.is_some() {
            return Err(Error::NotFound);
        }
        self.revoked_at = Some(now);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fields(scopes: &[Scope], expires_at: Option<DateTime<Utc>>) -> TokenFields {
        TokenFields { name: "CI".parse().unwrap(), scopes: scopes.to_vec(), expires_at }
    }

    #[test]
    fn the_form_of_a_token_is_fixed() {
        assert_eq!(compose(0), "artel_pat_00000000000000000000002TGb5n".replace("2TGb5n", &compose(0)[32..]));
        assert_eq!(compose(u128::MAX).len(), PREFIX.len() + RANDOM_DIGITS + CHECKSUM_DIGITS);
        assert_eq!(hint(&compose(u128::MAX)), "artel_pat_7n42");
        for wrong in ["", PREFIX, "artel_pat_ёёёёёёёёёёёёёёёёёёёёёё", "ghp_0000000000000000000000000000"]
        {
            assert!(!is_well_formed(wrong), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn a_token_is_recognised_and_a_mistyped_one_is_not(random: u128, position in 10_usize..38, other in "[0-9A-Za-z]") {
            let token = compose(random);
            prop_assert!(is_well_formed(&token));
            let mut typed = token.clone();
            typed.replace_range(position..=position, &other);
            prop_assert_eq!(is_well_formed(&typed), typed == token);
        }

        #[test]
        fn any_text_can_be_asked(text in "\\PC{0,60}") {
            prop_assert!(!is_well_formed(&text));
        }
    }

    #[test]
    fn all_faults_of_a_new_token_are_named() {
        let now = DateTime::UNIX_EPOCH;
        let twice = fields(&[Scope::CrmRead, Scope::CrmRead], Some(now));
        let Err(Error::Invalid(faults)) = twice.check(0, now) else { panic!("accepted") };
        let pointers: Vec<&str> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!(pointers, ["/scopes/1", "/expires_at"]);
        assert!(fields(&[], None).check(0, now).is_err());
        assert!(fields(&[Scope::CrmRead], None).check(MOST_TOKENS - 1, now).is_ok());
        assert_eq!(fields(&[], None).check(MOST_TOKENS, now), Err(Conflict::LimitReached.into()));
    }
}
