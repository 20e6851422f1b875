//! Phone numbers: read in any notation, kept in E.164.

use std::fmt;

use phonenumber::Mode;
use serde::Serialize;

use crate::country::Country;

/// A phone number in E.164, such as `+79123456789`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Phone(String);

impl Phone {
    /// Reads a number in any notation. With a country code (`+…`) it needs a possible length, without one it must be
    /// assigned in the numbering plan of `country`: a short internal number is no phone number of the world.
    #[must_use]
    pub fn read(typed: &str, country: Option<Country>) -> Option<Self> {
        if digits(typed).len() < 5 || typed.chars().count() > 64 {
            return None;
        }
        let number = phonenumber::parse(country.map(Country::id), typed.trim()).ok()?;
        let international = typed.trim_start().starts_with('+');
        let text = number.format().mode(Mode::E164).to_string();
        let length = digits(&text).len();
        ((international || number.is_valid()) && (7..=15).contains(&length)).then_some(Self(text))
    }

    /// The number in E.164.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The digits of a number in E.164 as people write it: with the country code, as dialled inside the country, and
/// without any prefix.
#[must_use]
pub fn notations(e164: &str) -> Vec<String> {
    let Ok(number) = phonenumber::parse(None, e164) else {
        return vec![digits(e164)];
    };
    let national = number.format().mode(Mode::National).to_string();
    vec![digits(e164), digits(&national), number.national().to_string()]
}

/// The digits of a text, whatever stands between them.
#[must_use]
pub fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn russia() -> Option<Country> {
        "RU".parse().ok()
    }

    #[test]
    fn one_number_in_many_notations_is_one_number() {
        for typed in [
            "8 (912) 345-67-89",
            "+7 912 345 67 89",
            "89123456789",
            "912 345-67-89",
            "+7(912)3456789",
        ] {
            assert_eq!(
                Phone::read(typed, russia()).unwrap().as_str(),
                "+79123456789",
                "{typed}"
            );
        }
        assert_eq!(
            Phone::read("+44 20 7946 0958", russia()).unwrap().as_str(),
            "+442079460958"
        );
        assert_eq!(
            Phone::read("020 7946 0958", Some("GB".parse().unwrap()))
                .unwrap()
                .as_str(),
            "+442079460958"
        );
    }

    #[test]
    fn what_is_no_number_is_none() {
        for typed in ["", "call me", "12-34", "доб. 123", "1234567", "+", "+1", "8 912"] {
            assert_eq!(Phone::read(typed, russia()), None, "{typed}");
        }
        assert_eq!(Phone::read("8 912 345 67 89", None), None);
    }

    #[test]
    fn a_number_is_known_by_every_way_to_write_it() {
        assert_eq!(
            notations("+79123456789"),
            ["79123456789", "89123456789", "9123456789"]
        );
    }

    proptest! {
        #[test]
        fn any_text_can_be_read(text in "\\PC{0,70}") {
            let _ = Phone::read(&text, russia());
        }

        #[test]
        fn whatever_looks_like_a_number_can_be_read_and_read_again(text in "[+0-9 ()x;=/.-]{0,40}") {
            if let Some(phone) = Phone::read(&text, russia()) {
                prop_assert!(phone.as_str().starts_with('+'));
                prop_assert!(!notations(phone.as_str()).is_empty());
            }
        }
    }
}
