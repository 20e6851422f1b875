//! How keys are made, and that they are bounded whatever comes.

use proptest::prelude::*;

use super::*;

fn set(words: &[&str]) -> BTreeSet<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[test]
fn case_accents_and_yo_fold_but_short_i_stays() {
    assert_eq!(fold("Ёлкин"), "елкин");
    assert_eq!(fold("Андрей Йот"), "андрей йот");
    assert_eq!(fold("\u{418}\u{306}"), "й");
    assert_eq!(fold("Émile Zoë Müller-Łódź"), "emile zoe muller-lodz");
    assert_eq!(fold("STRASSE"), fold("Straße"));
    assert_eq!(fold("ﬁn ①"), "fin 1");
}

#[test]
fn a_name_key_has_single_spaces_and_an_end() {
    assert_eq!(name_key(["  Иванова ", "Анна\u{a0}Мария"]), "иванова анна мария");
    assert_eq!(name_key(["я".repeat(500).as_str()]).chars().count(), MAX_KEY_LENGTH);
}

#[test]
fn a_record_is_known_by_its_words() {
    let found = words([Piece::Text("Анна О'Нил"), Piece::Email("Ann.Lee@Acme.com")]);
    assert_eq!(found, set(&["анна", "о", "нил", "ann.lee@acme.com", "ann", "lee", "acme", "com"]));
    let found = words([Piece::Phone { typed: "+7 912 345-67-89", number: Some("+79123456789") }]);
    assert_eq!(found, set(&["79123456789", "89123456789", "9123456789"]));
}

#[test]
fn a_query_knows_phones_and_addresses() {
    assert_eq!(query_words("8 (912) 345-67"), set(&["891234567"]));
    assert_eq!(query_words("Иванов +7(912)345"), set(&["иванов", "7912345"]));
    assert_eq!(query_words("Ann@Acme.c"), set(&["ann@acme.c"]));
    assert_eq!(query_words("@ivan"), set(&["ivan"]));
    assert_eq!(query_words("room 12 5"), set(&["room", "12", "5"]));
    assert_eq!(query_words("an anna ann"), set(&["anna"]));
    assert!(query_words(" !? ").is_empty());
}

#[test]
fn what_is_plain_text_is_found_by_its_plain_words() {
    let kept = words([Piece::Text("Write to ada@honey.example by 2026-11-24, or call 8 (912) 000-77-01")]);
    for query in ["2026-11-24", "2026.11", "ada@honey.example", "8 (912) 000-77-01", "call 912", "honey"] {
        let asked = text_query_words(query);
        assert!(!asked.is_empty());
        assert!(
            asked.iter().all(|word| kept.iter().any(|known| known.starts_with(word))),
            "{query}: {asked:?}"
        );
    }
    assert!(text_query_words(" !? ").is_empty());
}

proptest! {
    #[test]
    fn folding_twice_is_folding_once(text in "\\PC{0,60}") {
        prop_assert_eq!(fold(&fold(&text)), fold(&text));
    }

    #[test]
    fn keys_are_bounded(texts in prop::collection::vec("\\PC{0,300}", 0..60)) {
        let found = words(texts.iter().map(|text| Piece::Text(text)));
        prop_assert!(found.len() <= MAX_WORDS);
        prop_assert!(found.iter().all(|word| (1..=MAX_WORD_LENGTH).contains(&word.chars().count())));
        let asked = query_words(&texts.join(" "));
        prop_assert!(asked.len() <= MAX_QUERY_WORDS);
        prop_assert!(asked.iter().all(|word| (1..=MAX_WORD_LENGTH).contains(&word.chars().count())));
    }

    /// Whoever types a word of the record, or begins to, finds it.
    #[test]
    fn every_beginning_of_a_word_finds_it(text in "[А-Яа-яёЁA-Za-zéü]{1,70}", length in 1_usize..70) {
        let kept = words([Piece::Text(&text)]);
        let beginning: String = text.chars().take(length).collect();
        for asked in query_words(&beginning) {
            prop_assert!(kept.iter().any(|word| word.starts_with(&asked)), "{asked} in {kept:?}");
        }
    }
}
