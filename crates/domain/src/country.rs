//! Countries, as far as telephone numbers need them.

use std::{fmt, str::FromStr};

use phonenumber::country::Id;

use crate::textual;

/// A country or territory with a numbering plan, by its ISO 3166-1 alpha-2 code: `DE`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Country(Id);

/// No country with a numbering plan has this code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not the code of a country with a numbering plan")]
pub struct UnknownCountry;

impl Country {
    /// Every code, in alphabetical order.
    pub fn codes() -> impl Iterator<Item = String> {
        let letters = || 'A'..='Z';
        let pairs = letters().flat_map(move |first| letters().map(move |second| format!("{first}{second}")));
        pairs.filter(|code| code.parse::<Self>().is_ok())
    }

    /// The country as the phone library names it.
    #[must_use]
    pub const fn id(self) -> Id {
        self.0
    }
}

impl FromStr for Country {
    type Err = UnknownCountry;

    fn from_str(code: &str) -> Result<Self, Self::Err> {
        code.parse().map(Self).map_err(|_| UnknownCountry)
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_ref())
    }
}

textual!(Country, {
    let codes: Vec<String> = Country::codes().collect();
    let doc = "The ISO 3166-1 alpha-2 code of a country or territory that has a telephone numbering plan.";
    crate::vocabulary::schema::one_of(doc, codes.iter().map(String::as_str))
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_understood_and_nothing_else() {
        let codes: Vec<String> = Country::codes().collect();
        assert!(codes.len() > 200 && codes.contains(&"RU".to_owned()) && codes.contains(&"GB".to_owned()));
        for code in codes {
            assert_eq!(code.parse::<Country>().unwrap().to_string(), code);
        }
        for wrong in ["", "ru", "XX", "RUS", "UK"] {
            assert_eq!(wrong.parse::<Country>(), Err(UnknownCountry), "{wrong}");
        }
    }
}
