//! The published schemas of the kinds of vocabulary.

use utoipa::openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, schema::Type};

fn described(doc: &str) -> Option<String> {
    let lines: Vec<&str> = doc.trim().lines().map(str::trim).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

#[must_use]
pub fn id(doc: &str) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
        .minimum(Some(1_i64))
        .maximum(Some(i64::MAX))
        .description(described(doc))
        .into()
}

#[must_use]
pub fn words(doc: &str, words: &[(&'static str, String)]) -> RefOr<Schema> {
    let list = words.iter().filter(|(_, meaning)| !meaning.is_empty());
    let list: Vec<String> = list.map(|(word, meaning)| format!("- `{word}`: {meaning}")).collect();
    let text = format!("{}\n\n{}", described(doc).unwrap_or_default(), list.join("\n"));
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(words.iter().map(|(word, _)| *word)))
        .description(described(&text))
        .into()
}

#[must_use]
pub fn text(doc: &str, min: usize, max: usize, shape: super::Shape) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length((min > 0).then_some(min))
        .max_length(Some(max))
        .pattern(Some(shape.pattern(min)))
        .description(described(doc))
        .into()
}

#[must_use]
pub fn secret(doc: &str, min: usize, max: usize) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Password)))
        .min_length(Some(min))
        .max_length(Some(max))
        .pattern(Some(super::Shape::Block.pattern(min)))
        .write_only(true)
        .description(described(doc))
        .into()
}

#[must_use]
pub fn email(doc: &str, max: usize) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Email)))
        .max_length(Some(max))
        .description(described(doc))
        .into()
}

/// One of many names that speak for themselves.
#[must_use]
pub fn one_of<'a>(doc: &str, names: impl Iterator<Item = &'a str>) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(names.collect::<Vec<_>>()))
        .description(described(doc))
        .into()
}
