//! Reading a query string: a parameter that is not known, or given twice, is an error.

use axum::{
    extract::FromRequestParts,
    http::{StatusCode, request::Parts},
    response::{IntoResponse as _, Response},
};

use crate::{
    error::Error,
    web::{
        failure::{Plain, Wrong},
        fields::Fields,
    },
};

/// The parameters of a request.
#[derive(Debug, Default)]
pub(in crate::web) struct Query(Fields);

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        let fields = Fields::parse(parts.uri.query().unwrap_or_default().as_bytes());
        fields.map(Self).map_err(|error| at_parameters(error).into_response())
    }
}

/// What is wrong with parameters.
pub(in crate::web) fn invalid(wrong: Vec<Wrong>) -> Plain {
    let words = "A parameter of the query is not understood. Nothing was done.";
    Plain::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", words).with(wrong)
}

/// An error about fields that came as parameters, not in the body.
pub(super) fn at_parameters(error: Error) -> Response {
    match error {
        Error::Invalid(fields) => {
            let wrong = fields.into_iter().map(|field| Wrong::parameter(field.field, field.message));
            invalid(wrong.collect()).into_response()
        }
        error => error.into_response(),
    }
}

impl Query {
    /// Reads a query that stands in a text.
    pub(super) fn parse(text: &str) -> crate::error::Result<Self> {
        Fields::parse(text.as_bytes()).map(Self)
    }

    /// Refuses parameters that are not among these, and those given twice.
    pub(in crate::web) fn only(&self, known: &[&str]) -> Result<(), Plain> {
        self.only_with(known, &[])
    }

    /// As [`Query::only`], where some may be given any number of times.
    pub(in crate::web) fn only_with(&self, known: &[&str], many: &[&str]) -> Result<(), Plain> {
        let mut wrong = Vec::new();
        let mut seen = Vec::new();
        for (name, _) in self.0.iter() {
            if !known.contains(&name) {
                let words = match known {
                    [] => "There are no parameters here.".to_owned(),
                    known => format!("There is no such parameter. Known are {}.", known.join(", ")),
                };
                wrong.push(Wrong::parameter(name, words));
            } else if seen.contains(&name) && !many.contains(&name) {
                wrong.push(Wrong::parameter(name, "This is given twice."));
            }
            seen.push(name);
        }
        if wrong.is_empty() { Ok(()) } else { Err(invalid(wrong)) }
    }

    /// Every value of a parameter.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.all(name)
    }

    /// A parameter's value.
    pub(in crate::web) fn get(&self, name: &str) -> Option<&str> {
        self.0.maybe(name)
    }

    /// A parameter that is `true` or `false`, and false when it is not given.
    pub(in crate::web) fn flag(&self, name: &str) -> Result<bool, Plain> {
        match self.get(name) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(invalid(vec![Wrong::parameter(name, "This is true or false.")])),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(text: &str) -> Query {
        Query(Fields::parse(text.as_bytes()).expect("few fields"))
    }

    #[test]
    fn an_unknown_parameter_and_one_given_twice_are_named() {
        assert!(query("dry_run=true").only(&["dry_run"]).is_ok());
        let wrong = query("dryrun=true&way=add&way=free").only(&["dry_run", "way"]).expect_err("wrong");
        let names: Vec<_> = wrong.errors.iter().filter_map(|wrong| wrong.parameter.as_deref()).collect();
        assert_eq!(names, ["dryrun", "way"]);
        assert!(query("map=a&map=b").only_with(&["map"], &["map"]).is_ok());
        assert!(query("map=a&map=b").only(&["map"]).is_err());
    }

    #[test]
    fn a_flag_is_true_or_false_and_nothing_else() {
        assert!(!query("").flag("dry_run").expect("a flag"));
        assert!(query("dry_run=true").flag("dry_run").expect("a flag"));
        // Whoever meant a preview must not get the deed.
        for text in ["dry_run", "dry_run=1", "dry_run=True", "dry_run=yes"] {
            assert!(query(text).flag("dry_run").is_err(), "{text}");
        }
    }
}
