//! Time zones by their IANA names.

use std::{fmt, str::FromStr};

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use crate::textual;

/// A time zone of the IANA database: `Europe/Berlin`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimeZone(pub Tz);

/// The IANA database has no time zone of this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not the name of an IANA time zone")]
pub struct UnknownTimeZone;

impl TimeZone {
    /// Coordinated universal time.
    pub const UTC: Self = Self(Tz::UTC);

    /// The day that it is there at an instant.
    #[must_use]
    pub fn day_of(self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.0).date_naive()
    }

    /// Every name, sorted by place.
    pub fn names() -> impl Iterator<Item = &'static str> {
        chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name())
    }
}

impl FromStr for TimeZone {
    type Err = UnknownTimeZone;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        name.parse().map(Self).map_err(|_| UnknownTimeZone)
    }
}

impl fmt::Display for TimeZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name())
    }
}

textual!(
    TimeZone,
    crate::vocabulary::schema::one_of("The name of a time zone in the IANA database.", TimeZone::names())
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_understood_and_nothing_else() {
        for name in TimeZone::names() {
            assert_eq!(name.parse::<TimeZone>().unwrap().to_string(), name);
        }
        for wrong in ["", "Moscow", "europe/moscow", "UTC+3"] {
            assert_eq!(wrong.parse::<TimeZone>(), Err(UnknownTimeZone), "{wrong}");
        }
    }
}
