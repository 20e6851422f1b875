//! E-mail addresses, read once and compared in lower case.

use std::{fmt, str::FromStr};

use email_address::{EmailAddress, Options};

use crate::textual;

/// An e-mail address (RFC 5321) in lower case, without a display name: `ann@example.com`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Email(String);

/// The text is no e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not an e-mail address")]
pub struct BadEmail;

impl Email {
    /// The most characters.
    pub const MAX: usize = 254;

    /// The address in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Email {
    type Err = BadEmail;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let options = Options::default().without_display_text().without_domain_literal();
        let lower = text.to_lowercase();
        if lower.chars().count() > Self::MAX || lower.contains(char::is_control) {
            return Err(BadEmail);
        }
        EmailAddress::parse_with_options(&lower, options).map_err(|_| BadEmail)?;
        Ok(Self(lower))
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

textual!(Email, crate::vocabulary::schema::email("An e-mail address. It is kept in lower case.", Email::MAX));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_kept_in_lower_case() {
        let email: Email = "Ann.Lee+work@Example.COM".parse().unwrap();
        assert_eq!(email.as_str(), "ann.lee+work@example.com");
        let json = serde_json::to_string(&email).unwrap();
        assert_eq!(serde_json::from_str::<Email>(&json).unwrap(), email);
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let long = format!("{}@example.com", "a".repeat(65));
        for wrong in [
            "",
            "ann",
            "ann@",
            "@example.com",
            "Ann <ann@example.com>",
            "a b@example.com",
            "a@b@c.d",
            "ann@[127.0.0.1]",
            "ann@example.com\n",
            &long,
        ] {
            assert_eq!(wrong.parse::<Email>(), Err(BadEmail), "{wrong:?}");
        }
    }
}
