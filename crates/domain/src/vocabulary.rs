//! The macros that declare the vocabulary: `id!`, `words!`, `text!`, `secret!` and `textual!`. Each states a fact
//! once (a word, a bound, a pattern) and derives from it the parser, serde and the published schema.
//! Everything that depends on the `openapi` feature is here.

/// Declares identifiers: positive 64-bit integers that the database hands out, one type per kind of object.
#[macro_export]
macro_rules! id {
    ($($(#[$($meta:tt)*])* $name:ident),+ $(,)?) => {$(
        $(#[$($meta)*])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::num::ParseIntError;

            fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        $crate::published!($name, $crate::vocabulary::schema::id(concat!($($crate::doc_text!(#[$($meta)*])),*)));
    )+};
}

/// Declares a closed set of words: the enum, `ALL`, `as_str`, `FromStr`, `Display`, serde and the schema.
#[macro_export]
macro_rules! words {
    (
        $(#[$($meta:tt)*])*
        $vis:vis enum $name:ident { $($(#[$($variant_meta:tt)*])* $variant:ident = $word:literal),+ $(,)? }
    ) => {
        $(#[$($meta)*])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis enum $name { $($(#[$($variant_meta)*])* $variant),+ }

        impl $name {
            /// Every word, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word as it is written in JSON, in query strings and in the database.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// What the word means, as one line for people.
            #[must_use]
            pub fn meaning(self) -> String {
                let text = match self {
                    $(Self::$variant => concat!($($crate::doc_text!(#[$($variant_meta)*])),*)),+
                };
                text.split_whitespace().collect::<Vec<_>>().join(" ")
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::vocabulary::UnknownWord;

            fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err($crate::vocabulary::UnknownWord),
                }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(|_| serde::de::Error::unknown_variant(&text, &[$($word),+]))
            }
        }

        $crate::published!($name, {
            let meanings: Vec<_> = Self::ALL.iter().map(|word| (word.as_str(), word.meaning())).collect();
            $crate::vocabulary::schema::words(concat!($($crate::doc_text!(#[$($meta)*])),*), &meanings)
        });
    };
}

/// Declares bounded text: a string type that cannot hold too little, too much, or U+0000.
///
/// `text!(Name(1..=100))` is a line: no control characters, and with a lower bound of 1 or more something
/// visible. `text!(Comment(0..=10_000) block)` may span lines. The length counts Unicode scalar values, as
/// JSON Schema does. What was written is kept as written. `text!(Code(1..=50) code)` is an identifier that people
/// choose: lower-case Latin letters, digits and underscores.
#[macro_export]
macro_rules! text {
    ($(#[$($meta:tt)*])* $name:ident($min:literal..=$max:literal)) => {
        $crate::text!(@declare $(#[$($meta)*])* $name, $min, $max, $crate::vocabulary::Shape::Line);
    };
    ($(#[$($meta:tt)*])* $name:ident($min:literal..=$max:literal) block) => {
        $crate::text!(@declare $(#[$($meta)*])* $name, $min, $max, $crate::vocabulary::Shape::Block);
    };
    ($(#[$($meta:tt)*])* $name:ident($min:literal..=$max:literal) code) => {
        $crate::text!(@declare $(#[$($meta)*])* $name, $min, $max, $crate::vocabulary::Shape::Code);
    };
    (@declare $(#[$($meta:tt)*])* $name:ident, $min:literal, $max:literal, $shape:expr) => {
        $(#[$($meta)*])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The fewest characters.
            pub const MIN: usize = $min;
            /// The most characters.
            pub const MAX: usize = $max;

            /// The text as it was written.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::vocabulary::BadText;

            fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
                Self::try_from(text.to_owned())
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::vocabulary::BadText;

            fn try_from(text: String) -> std::result::Result<Self, Self::Error> {
                $crate::vocabulary::check_text(&text, $min, $max, $shape)?;
                Ok(Self(text))
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
                Self::try_from(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
            }
        }

        $crate::published!($name, $crate::vocabulary::schema::text(concat!($($crate::doc_text!(#[$($meta)*])),*), $min, $max, $shape));
    };
}

/// Declares a secret: text that can be read and compared, and neither printed, logged nor written as JSON. The
/// bounds are those of a `text!` block.
#[macro_export]
macro_rules! secret {
    ($(#[$($meta:tt)*])* $name:ident($min:literal..=$max:literal)) => {
        $(#[$($meta)*])*
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name(String);

        impl $name {
            /// The secret itself, for the one place that hashes it.
            #[must_use]
            pub fn expose(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::vocabulary::BadText;

            fn try_from(text: String) -> std::result::Result<Self, Self::Error> {
                $crate::vocabulary::check_text(&text, $min, $max, $crate::vocabulary::Shape::Block)?;
                Ok(Self(text))
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
                Self::try_from(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
            }
        }

        $crate::published!(
            $name,
            $crate::vocabulary::schema::secret(concat!($($crate::doc_text!(#[$($meta)*])),*), $min, $max)
        );
    };
}

/// Writes a type that has `FromStr` and `Display` as text in JSON, and publishes the given schema for it.
#[macro_export]
macro_rules! textual {
    ($name:ident, $schema:expr) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(
                deserializer: D,
            ) -> std::result::Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        $crate::published!($name, $schema);
    };
}

/// Publishes a type's schema where the feature `openapi` of this crate is on, whichever crate declares the type.
#[cfg(feature = "openapi")]
#[doc(hidden)]
#[macro_export]
macro_rules! published {
    ($name:ident, $schema:expr) => {
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                $schema
            }
        }

        impl utoipa::ToSchema for $name {}
    };
}

/// Publishes nothing: the feature `openapi` is off.
#[cfg(not(feature = "openapi"))]
#[doc(hidden)]
#[macro_export]
macro_rules! published {
    ($name:ident, $schema:expr) => {};
}

/// The text of a doc attribute, nothing for any other one: how descriptions reach the published schema.
#[doc(hidden)]
#[macro_export]
macro_rules! doc_text {
    (#[doc = $text:literal]) => {
        concat!($text, "\n")
    };
    (#[$($other:tt)*]) => {
        ""
    };
}

/// A word outside its closed set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not one of the known words")]
pub struct UnknownWord;

/// Why a text was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadText {
    /// Fewer characters than the lower bound.
    #[error("is too short")]
    TooShort,
    /// More characters than the upper bound.
    #[error("is too long")]
    TooLong,
    /// Nothing but white space where something must be said.
    #[error("must not be blank")]
    Blank,
    /// A character that the kind of text does not hold.
    #[error("contains a character that is not allowed")]
    Control,
}

/// What a text may consist of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// No control characters at all.
    Line,
    /// Anything but U+0000.
    Block,
    /// Lower-case Latin letters, digits and underscores.
    Code,
}

impl Shape {
    /// The regular expression (ECMA 262) of the published schema, equal to what [`check_text`] enforces.
    #[must_use]
    pub const fn pattern(self, min: usize) -> &'static str {
        match (self, min) {
            (Self::Line, 0) => r"^[^\u0000-\u001f\u007f]*$",
            (Self::Line, _) => r"^[^\u0000-\u001f\u007f]*[^\u0000-\u0020\u007f][^\u0000-\u001f\u007f]*$",
            (Self::Code, _) => r"^[a-z0-9_]*$",
            (Self::Block, 0) => r"^[^\u0000]*$",
            (Self::Block, _) => r"^[^\u0000]*[^\u0000-\u0020\u007f][^\u0000]*$",
        }
    }
}

/// Checks a text against its bounds.
///
/// # Errors
/// The first [`BadText`] that holds.
pub fn check_text(text: &str, min: usize, max: usize, shape: Shape) -> Result<(), BadText> {
    let length = text.chars().count();
    let control = |c: char| match shape {
        Shape::Line => c.is_ascii_control(),
        Shape::Block => c == '\0',
        Shape::Code => !matches!(c, 'a'..='z' | '0'..='9' | '_'),
    };
    if length < min {
        Err(BadText::TooShort)
    } else if length > max {
        Err(BadText::TooLong)
    } else if text.contains(control) {
        Err(BadText::Control)
    } else if min > 0 && text.chars().all(|c| c <= ' ' || c == '\u{7f}') {
        Err(BadText::Blank)
    } else {
        Ok(())
    }
}

#[cfg(feature = "openapi")]
#[doc(hidden)]
pub mod schema;

#[cfg(test)]
mod tests {
    use super::*;

    crate::words! {
        /// A colour.
        enum Colour {
            /// The warm one.
            Red = "red",
            DarkBlue = "dark_blue",
        }
    }
    crate::text!(
        /// A short name.
        Short(1..=3)
    );

    #[test]
    fn every_word_survives_a_round_trip() {
        for colour in Colour::ALL {
            let json = serde_json::to_string(colour).unwrap();
            assert_eq!(serde_json::from_str::<Colour>(&json).unwrap(), *colour);
            assert_eq!(colour.as_str().parse(), Ok(*colour));
        }
        assert_eq!(
            (Colour::Red.meaning().as_str(), Colour::DarkBlue.meaning().as_str()),
            ("The warm one.", "")
        );
        assert_eq!("blue".parse::<Colour>(), Err(UnknownWord));
    }

    #[test]
    fn text_counts_characters_and_refuses_the_unprintable() {
        assert!("ёжик".parse::<Short>().is_err_and(|e| e == BadText::TooLong));
        assert_eq!("ёжи".parse::<Short>().unwrap().as_str(), "ёжи");
        assert_eq!((Short::MIN, Short::MAX), (1, 3));
        assert!("".parse::<Short>().is_err_and(|e| e == BadText::TooShort));
        assert!("  ".parse::<Short>().is_err_and(|e| e == BadText::Blank));
        assert!("a\u{0}".parse::<Short>().is_err_and(|e| e == BadText::Control));
        assert!(check_text("a\nb", 1, 9, Shape::Block).is_ok());
        assert_eq!(check_text("a\nb", 1, 9, Shape::Line), Err(BadText::Control));
    }
}
