//! Search keys: letters folded so that case, accents and ё/е do not matter. The keys are made here, stored, and
//! compared byte by byte, so both databases find and sort the same.

use std::collections::BTreeSet;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use crate::phone;

/// The most words that are kept of one record.
pub const MAX_WORDS: usize = 200;
/// The most words of a query that count.
pub const MAX_QUERY_WORDS: usize = 10;
/// The most characters of a word that count.
pub const MAX_WORD_LENGTH: usize = 64;
/// The most characters of a name key that count.
pub const MAX_KEY_LENGTH: usize = 200;

/// The letter that keeps its breve: й is a letter of its own, not an и with an accent.
const SHORT_I: (char, char) = ('и', '\u{306}');

/// Folds letters: lower case, without accents, ё as е (й stays й), compatible forms as their plain ones.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.nfkd().flat_map(char::to_lowercase) {
        match c {
            '\u{306}' if folded.ends_with(SHORT_I.0) => {
                folded.pop();
                folded.push('й');
            }
            c if is_combining_mark(c) => {}
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' => folded.push('d'),
            'ı' => folded.push('i'),
            c => folded.push(c),
        }
    }
    folded
}

/// The key by which a record is sorted by name: the folded parts in the given order, one space between words,
/// at most [`MAX_KEY_LENGTH`] characters.
#[must_use]
pub fn name_key<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let folded: Vec<String> = parts.into_iter().map(fold).collect();
    let words: Vec<&str> = folded.iter().flat_map(|part| part.split_whitespace()).collect();
    cut(&words.join(" "), MAX_KEY_LENGTH)
}

/// A piece of a record that can be searched.
#[derive(Clone, Copy, Debug)]
pub enum Piece<'a> {
    /// Plain text: each word.
    Text(&'a str),
    /// An e-mail address: as a whole, and each word of it.
    Email(&'a str),
    /// A phone number: its digits in every notation in use.
    Phone {
        /// As it was typed.
        typed: &'a str,
        /// In E.164, where it was understood.
        number: Option<&'a str>,
    },
}

/// The words by which a record is found, at most [`MAX_WORDS`]: the first pieces win.
#[must_use]
pub fn words<'a>(pieces: impl IntoIterator<Item = Piece<'a>>) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for word in pieces.into_iter().flat_map(words_of) {
        if words.len() == MAX_WORDS {
            break;
        }
        words.insert(word);
    }
    words
}

fn words_of(piece: Piece<'_>) -> Vec<String> {
    match piece {
        Piece::Text(text) => split(text),
        Piece::Email(address) => [whole(address)].into_iter().chain(split(address)).collect(),
        Piece::Phone { typed, number } => {
            let typed = phone::digits(typed);
            let known = number.map(phone::notations).unwrap_or_default();
            known
                .into_iter()
                .chain([typed])
                .filter(|digits| !digits.is_empty())
                .map(|digits| cut(&digits, MAX_WORD_LENGTH))
                .collect()
        }
    }
}

/// The words of a query, at most [`MAX_QUERY_WORDS`]. A record matches when each is a prefix of one of its words;
/// a query without letters and digits asks for nothing in particular. Phone numbers are recognised in any
/// notation, e-mail addresses stay whole.
#[must_use]
pub fn query_words(query: &str) -> BTreeSet<String> {
    needed(match phone_digits(query) {
        Some(digits) => vec![digits],
        None => query.split_whitespace().flat_map(token_words).collect(),
    })
}

/// The words of a query for records of which every piece is plain text: numbers and addresses are words like others.
#[must_use]
pub fn text_query_words(query: &str) -> BTreeSet<String> {
    needed(split(query))
}

/// The first of the words; one with which another begins asks for nothing more.
fn needed(found: Vec<String>) -> BTreeSet<String> {
    let mut words: BTreeSet<String> = found.into_iter().take(MAX_QUERY_WORDS).collect();
    let all = words.clone();
    words.retain(|word| !all.iter().any(|other| other != word && other.starts_with(word.as_str())));
    words
}

fn token_words(token: &str) -> Vec<String> {
    if let Some(digits) = phone_digits(token) {
        vec![digits]
    } else if token.find('@').is_some_and(|at| at > 0) {
        vec![whole(token)]
    } else {
        split(token)
    }
}

/// The digits of what can only be meant as a phone number: five or more, and nothing but what stands between them.
fn phone_digits(text: &str) -> Option<String> {
    let notation = |c: char| c.is_ascii_digit() || c.is_whitespace() || "+-().".contains(c);
    let digits = phone::digits(text);
    (digits.len() >= 5 && text.chars().all(notation)).then(|| cut(&digits, MAX_WORD_LENGTH))
}

fn split(text: &str) -> Vec<String> {
    let folded = fold(text);
    folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| cut(word, MAX_WORD_LENGTH))
        .collect()
}

fn whole(text: &str) -> String {
    cut(&fold(text.trim()), MAX_WORD_LENGTH)
}

/// The beginning of a text: so many characters at the most.
pub(crate) fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

#[cfg(test)]
mod tests;
