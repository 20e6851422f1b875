//! Phone numbers: read in any notation, kept in E.164.
//!
//! The numbering plans are those of libphonenumber. Its parser is not used: in a plan like the Russian one, where the
//! prefix of long-distance calls is also the first digit of area codes, it takes the area code apart.

use std::fmt;

use phonenumber::metadata::{DATABASE, Metadata};
use serde::Serialize;

use crate::country::Country;

/// A phone number in E.164, such as `+79123456789`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Phone(String);

impl Phone {
    /// Reads a number in any notation. With a country code (`+…`) it needs a possible length, without one it must be
    /// assigned in the numbering plan of `country`: a short internal number is no phone number of the world. What
    /// comes after the number, such as an extension, is not part of it.
    #[must_use]
    pub fn read(typed: &str, country: Option<Country>) -> Option<Self> {
        if typed.chars().count() > 64 {
            return None;
        }
        let number = without_words(typed);
        let dialled = digits(number);
        let text = if number.contains('+') {
            international(&dialled)?
        } else {
            national(&dialled, DATABASE.by_id(country?.id().as_ref())?)?
        };
        (8..=16).contains(&text.len()).then_some(Self(text))
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
    let all = digits(e164);
    let Some((plans, number)) = split(&all) else {
        return vec![all];
    };
    let prefix = plans.first().and_then(|plan| plan.national_prefix()).unwrap_or_default();
    let mut notations = vec![all.clone(), format!("{prefix}{number}"), number.to_owned()];
    notations.dedup();
    notations
}

/// The part of a text in which the number stands: words before it and after it say what it is for.
fn without_words(typed: &str) -> &str {
    let typed = typed.trim_start_matches(|sign: char| !(sign.is_ascii_digit() || sign == '+'));
    typed.split(|sign: char| sign.is_alphabetic() || "#;,".contains(sign)).next().unwrap_or_default()
}

/// The E.164 form of digits that begin with a country code. A number that is not assigned is kept, but for a zero that
/// is dialled inside the country alone.
fn international(dialled: &str) -> Option<String> {
    let (plans, rest) = split(dialled)?;
    let main = plans.first()?;
    let known = plans.iter().find_map(|plan| assigned(plan, rest));
    let unknown = rest.strip_prefix('0').filter(|_| main.national_prefix() == Some("0"));
    let number = known.as_deref().or(unknown).unwrap_or(rest);
    Some(format!("+{}{number}", main.country_code()))
}

/// The E.164 form of digits as they are dialled inside a country: with or without the prefix of long-distance calls,
/// with the country's own code, or with the prefix of calls abroad.
fn national(dialled: &str, plan: &Metadata) -> Option<String> {
    let code = plan.country_code().to_string();
    let own = || assigned(plan, dialled.strip_prefix(&code)?);
    if let Some(number) = assigned(plan, dialled).or_else(own) {
        return Some(format!("+{code}{number}"));
    }
    let abroad = plan.international_prefix()?.find(dialled)?;
    let international_digits = dialled.get(abroad.end()..)?;
    (abroad.start() == 0).then(|| international(international_digits))?
}

/// The plans of the country code that digits begin with, the main one first, and what follows the code.
fn split(dialled: &str) -> Option<(Vec<&'static Metadata>, &str)> {
    (1..=3).find_map(|length| {
        let (code, rest) = dialled.split_at_checked(length)?;
        let mut plans = DATABASE.by_code(&code.parse().ok()?)?;
        plans.sort_by_key(|plan| !plan.is_main_country_for_code());
        Some((plans, rest))
    })
}

/// The number that digits stand for in a plan, if it is assigned: without the prefix of long-distance calls, unless it
/// is a number only with it.
fn assigned(plan: &Metadata, dialled: &str) -> Option<String> {
    let candidates = [without_prefix(plan, dialled), Some(dialled.to_owned())];
    candidates.into_iter().flatten().find(|number| is_assigned(plan, number))
}

fn is_assigned(plan: &Metadata, number: &str) -> bool {
    let plan = plan.descriptors();
    let kinds = [
        plan.fixed_line(),
        plan.mobile(),
        plan.toll_free(),
        plan.premium_rate(),
        plan.shared_cost(),
        plan.personal_number(),
        plan.voip(),
        plan.pager(),
        plan.uan(),
        plan.voicemail(),
    ];
    plan.general().is_match(number) && kinds.into_iter().flatten().any(|kind| kind.is_match(number))
}

/// What is left without the prefix of long-distance calls, if there is one; some plans rewrite what follows it.
fn without_prefix(plan: &Metadata, dialled: &str) -> Option<String> {
    let Some(rule) = plan.national_prefix_for_parsing() else {
        return dialled.strip_prefix(plan.national_prefix()?).map(str::to_owned);
    };
    let found = rule.captures(dialled)?;
    let (whole, rewritten) = (found.get(0)?, found.get(found.len() - 1).is_some() && found.len() > 1);
    match plan.national_prefix_transform_rule() {
        _ if whole.start() != 0 => None,
        Some(rewrite) if rewritten => Some(rule.replace(dialled, rewrite).into_owned()),
        _ => dialled.get(whole.end()..).map(str::to_owned),
    }
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
        for typed in
            ["8 (912) 345-67-89", "+7 912 345 67 89", "89123456789", "912 345-67-89", "+7(912)3456789"]
        {
            assert_eq!(Phone::read(typed, russia()).unwrap().as_str(), "+79123456789", "{typed}");
        }
        assert_eq!(Phone::read("+44 20 7946 0958", russia()).unwrap().as_str(), "+442079460958");
        assert_eq!(
            Phone::read("020 7946 0958", Some("GB".parse().unwrap())).unwrap().as_str(),
            "+442079460958"
        );
    }

    #[test]
    fn an_area_code_may_begin_with_the_prefix_of_long_distance_calls() {
        for (typed, number) in [
            ("8 (812) 309-10-28", "+78123091028"),
            ("(812) 309-10-28", "+78123091028"),
            ("+7 812 309-10-28", "+78123091028"),
            ("7 863 200 02 22", "+78632000222"),
            ("8 800 555-35-35", "+78005553535"),
            ("+7 (8) 912 345-67-89", "+79123456789"),
            ("+44 (0)161 496 0211", "+441614960211"),
            ("+44 (0)7700 900125", "+447700900125"),
            ("8 10 44 20 7946 0066", "+442079460066"),
            ("+39 06 698 12345", "+390669812345"),
            ("+7 701 000 10 09", "+77010001009"),
        ] {
            assert_eq!(Phone::read(typed, russia()).as_ref().map(Phone::as_str), Some(number), "{typed}");
        }
        let notations = notations("+78123091028");
        assert_eq!(notations, ["78123091028", "88123091028", "8123091028"]);
    }

    #[test]
    fn words_around_a_number_are_not_part_of_it() {
        for typed in [
            "моб. 8 912 345-67-89",
            "8 912 345 67 89 доб. 12",
            "+7 912 345-67-89 ext. 12",
            "tel:+79123456789;x=1",
        ] {
            assert_eq!(Phone::read(typed, russia()).unwrap().as_str(), "+79123456789", "{typed}");
        }
    }

    /// Each plan names examples of its numbers: they must come out of every way to dial them.
    #[test]
    fn the_examples_of_every_plan_are_read() {
        for plan in DATABASE.iter() {
            let Ok(country) = plan.id().parse::<Country>() else {
                continue;
            };
            let kinds = plan.descriptors();
            let prefix = plan.national_prefix().unwrap_or_default();
            // Not every plan dials the prefix before mobile numbers.
            for (kind, prefix) in [(kinds.fixed_line(), prefix), (kinds.mobile(), "")] {
                let Some(example) = kind.and_then(|kind| kind.example()) else {
                    continue;
                };
                let number = format!("+{}{example}", plan.country_code());
                for typed in [&number, example, &format!("{prefix}{example}")] {
                    let read = Phone::read(typed, Some(country));
                    assert_eq!(read.as_ref().map(Phone::as_str), Some(&*number), "{} {typed}", plan.id());
                }
            }
        }
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
        assert_eq!(notations("+79123456789"), ["79123456789", "89123456789", "9123456789"]);
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
