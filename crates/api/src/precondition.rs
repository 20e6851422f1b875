//! The `If-Match` header, as operations declare it.

use utoipa::{
    IntoParams,
    openapi::{
        Required,
        path::{Parameter, ParameterBuilder, ParameterIn},
        schema::{ObjectBuilder, Type},
    },
};

/// The `If-Match` header of an operation that changes one object. Name it in `params(…)`.
#[derive(Debug)]
pub struct IfMatch;

/// The `If-Match` header of an operation that saves over a whole. Name it in `params(…)`.
#[derive(Debug)]
pub struct IfMatchRequired;

impl IntoParams for IfMatch {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![if_match(
            Required::False,
            "The `ETag` of the object as the client knows it: the change is refused with \
            412 when the object has moved on. Without it the last writer wins, field by field.",
        )]
    }
}

impl IntoParams for IfMatchRequired {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![if_match(Required::True, "The `ETag` of the whole that this saves over. Must be given (428).")]
    }
}

fn if_match(required: Required, description: &str) -> Parameter {
    let schema = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(100))
        .pattern(Some(r"^[\x21-\x7e]+$"));
    ParameterBuilder::new()
        .name("If-Match")
        .parameter_in(ParameterIn::Header)
        .required(required)
        .description(Some(description))
        .schema(Some(schema))
        .example(Some("\"17-Qm8z3wYk2nA\"".into()))
        .build()
}
