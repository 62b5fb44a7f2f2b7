//! Reading a JSON body: strictly, and saying where it is wrong.

use axum::{
    extract::{FromRequest, Request},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use crate::{
    app::App,
    web::{
        body::read,
        failure::{Plain, Wrong},
    },
};

/// The body of a request as JSON, or its default when there is none at all.
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned + Default> FromRequest<App> for Body<T> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        let bytes = read(body, app.config.limits.body_bytes).await.map_err(Plain::into_response)?;
        if bytes.is_empty() {
            return Ok(Self(T::default()));
        }
        // Another site's form can send text and forms, not JSON; and nobody's guess is taken for JSON.
        if !is_json(&parts.headers) {
            return Err(wrong_kind().into_response());
        }
        parse(&bytes).map(Self).map_err(Plain::into_response)
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let mut kinds = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(kind), None) = (kinds.next(), kinds.next()) else { return false };
    let kind = kind.to_str().unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json")
}

/// The answer to a body of another kind.
pub(super) fn wrong_kind() -> Plain {
    let words = "Send the body as JSON, with Content-Type: application/json.";
    Plain::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", words)
}

/// Reads JSON: what is no JSON is malformed, what is JSON of another shape is invalid.
pub(super) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Plain> {
    let is_list = bytes.trim_ascii_start().starts_with(b"[");
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let (pointer, error) = match serde_path_to_error::deserialize(&mut json) {
        Ok(value) => match json.end() {
            // Else an array would be read as the fields in the order in which they happen to be declared.
            Ok(()) if !bytes.trim_ascii_start().starts_with(b"{") => {
                (String::new(), serde::de::Error::custom("the body must be an object"))
            }
            Ok(()) => return Ok(value),
            Err(error) => (String::new(), error),
        },
        // What is wrong with a list is not one of its places: those are fields only by the order of their declaration.
        Err(error) if is_list && error.inner().classify() == Category::Data => {
            (String::new(), serde::de::Error::custom("the body must be an object"))
        }
        Err(error) => (pointer(error.path()), error.into_inner()),
    };
    let (line, column) = (error.line(), error.column());
    let at = format!(" at line {line} column {column}");
    let detail = error.to_string();
    let detail = without_types(detail.strip_suffix(&at).unwrap_or(&detail));
    // The path ends at the object; which of its fields comes twice stands in the words alone.
    let twice = detail.strip_prefix("duplicate field `").and_then(|rest| rest.strip_suffix('`'));
    let pointer = twice.map_or(pointer.clone(), |field| format!("{pointer}/{field}"));
    let mut wrong = Wrong { line: Some(line), column: Some(column), ..Wrong::at(pointer, sentence(&detail)) };
    if error.classify() == Category::Data {
        let words = if wrong.pointer.as_deref() == Some("") {
            "The body is not what is expected here. Nothing was done."
        } else {
            "The body has a field that is not understood. Nothing was done."
        };
        return Err(Plain::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", words).with(vec![wrong]));
    }
    wrong.pointer = None;
    let words = format!("The body is not JSON: {detail}{at}. Nothing was done.");
    Err(Plain::new(StatusCode::BAD_REQUEST, "malformed-json", words).with(vec![wrong]))
}

/// The words of a parser without this program's names for what it parses.
fn without_types(detail: &str) -> String {
    match detail.split_once("struct ") {
        Some((before, after)) => {
            let rest = after.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_');
            format!("{before}an object{rest}")
        }
        None => detail.to_owned(),
    }
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).chain(['.']).collect()
}

/// A path as a JSON pointer (RFC 6901, section 3).
fn pointer(path: &serde_path_to_error::Path) -> String {
    use std::fmt::Write as _;

    let mut pointer = String::new();
    for segment in path {
        let _ = match segment {
            serde_path_to_error::Segment::Seq { index } => write!(pointer, "/{index}"),
            serde_path_to_error::Segment::Map { key } => {
                write!(pointer, "/{}", key.replace('~', "~0").replace('/', "~1"))
            }
            serde_path_to_error::Segment::Enum { variant } => write!(pointer, "/{variant}"),
            serde_path_to_error::Segment::Unknown => Ok(()),
        };
    }
    pointer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Asked {
        #[serde(default)]
        inner: Vec<Inner>,
    }

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Inner {
        day: jiff::civil::Date,
    }

    fn wrong(text: &str) -> (u16, Wrong) {
        let plain = parse::<Asked>(text.as_bytes()).expect_err(text);
        (plain.status.as_u16(), plain.errors[0].clone())
    }

    #[test]
    fn what_is_no_json_is_answered_with_its_position() {
        for (text, line, column) in
            [("{", 1, 1), ("{\n \"inner\": [}", 2, 12), ("{} x", 1, 4), ("nonsense", 1, 2)]
        {
            let (status, wrong) = wrong(text);
            assert_eq!(
                (status, wrong.line, wrong.column),
                (400, Some(line), Some(column)),
                "{text}: {wrong:?}"
            );
        }
        let deep = "[".repeat(100_000);
        assert_eq!(parse::<serde_json::Value>(deep.as_bytes()).expect_err("too deep").status, 400);
        assert_eq!(parse::<Asked>(b"{\"inner\": \"\xff\"}").expect_err("no UTF-8").status, 400);
    }

    #[test]
    fn a_field_that_is_wrong_unknown_or_given_twice_is_pointed_at() {
        for (text, pointer, says) in [
            (r#"{"inner": [{"day": "2026-02-30"}]}"#, "/inner/0/day", "day"),
            (
                r#"{"inner": [{"day": "2026-02-01"}, {"night": 1}]}"#,
                "/inner/1/night",
                "Unknown field `night`",
            ),
            (r#"{"a/b": 1}"#, "/a~1b", "Unknown field"),
            (r#"{"inner": [], "inner": []}"#, "/inner", "Duplicate field"),
            (r#"{"inner": 7}"#, "/inner", "Invalid type: integer `7`"),
            ("[]", "", "must be an object"),
            ("[[]]", "", "must be an object"),
            ("[7]", "", "must be an object"),
            ("null", "", "null"),
            ("7", "", "expected an object"),
        ] {
            let (status, wrong) = wrong(text);
            assert_eq!((status, wrong.pointer.as_deref()), (422, Some(pointer)), "{text}: {wrong:?}");
            assert!(wrong.detail.contains(says), "{text}: {wrong:?}");
        }
    }
}
