//! Tokens of the JSON API, as requests show them (RFC 6750, section 2.1): in the `Authorization` field alone. An address
//! ends in logs and histories, so a token in one is never looked at.

use axum::http::{HeaderMap, HeaderValue, header};
use domain::{Refusal, id::WorkspaceId};

use super::{session, side::Side};
use crate::{
    app::App,
    error::Result,
    secret::{Kind, Secret},
    store::{sessions, tokens},
};

/// Where tokens are taken.
const PATHS: [&str; 2] = ["/api/v1/", SCIM];
/// Where nothing but a token is.
const SCIM: &str = "/scim/v2/";

/// What a request shows.
#[derive(Debug)]
pub(super) enum Shown {
    /// No token: a session may stand for it.
    Nothing,
    /// What cannot be a token: mistyped, cut off, or two at once.
    Nonsense,
    /// What may be one.
    Token(Secret),
}

/// Whether a session never stands for a request to this path, whatever it shows.
pub(super) fn is_asked_for(path: &str) -> bool {
    path.starts_with(SCIM)
}

/// What a request to this path shows. Once it shows anything, nothing else it brings along counts.
pub(super) fn shown(path: &str, headers: &HeaderMap) -> Shown {
    if !PATHS.iter().any(|taken| path.starts_with(taken)) {
        return Shown::Nothing;
    }
    let mut fields = headers.get_all(header::AUTHORIZATION).iter();
    match (fields.next(), fields.next()) {
        (None, _) => Shown::Nothing,
        (Some(field), None) => one(field),
        (Some(_), Some(_)) => Shown::Nonsense,
    }
}

fn one(field: &HeaderValue) -> Shown {
    let text = field.to_str().unwrap_or_default();
    let (scheme, credentials) = text.split_once(' ').unwrap_or((text, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        // A proxy's own password is none of ours.
        return Shown::Nothing;
    }
    Secret::parse(Kind::ApiToken, credentials.trim()).map_or(Shown::Nonsense, Shown::Token)
}

/// Whoever a request shows, read together with its workspace, and not judged yet.
#[derive(Debug, Clone)]
pub(super) enum Bearer {
    /// A token of the API.
    Token(Box<tokens::Check>),
    /// A session of this door.
    Session(Side, Box<sessions::Check>),
}

/// Reads workspace and bearer at once, where a request that shows this has a bearer whom the workspace of this Host knows.
pub(super) async fn look(
    app: &App,
    (host, path): (&str, &str),
    (shown, headers): (Shown, &HeaderMap),
) -> Result<Option<(WorkspaceId, Bearer)>> {
    match shown {
        Shown::Nonsense => Ok(None),
        Shown::Nothing if is_asked_for(path) => Ok(None),
        Shown::Token(secret) => {
            let found = tokens::check_at(&mut app.store.point().await?, host, &secret.digest()).await?;
            Ok(found.map(|found| (found.workspace.id, Bearer::Token(Box::new(found)))))
        }
        Shown::Nothing => {
            let side = Side::of_path(path);
            let Some(secret) = session::cookie(app, side).read(headers) else { return Ok(None) };
            let found = sessions::check_at(&mut app.store.point().await?, host, &secret.digest()).await?;
            #[cfg(feature = "planted")]
            let found = crate::planted::kept(Some(secret.digest().to_vec()), found);
            Ok(found.map(|found| (found.workspace.id, Bearer::Session(side, Box::new(found)))))
        }
    }
}

/// What the answer says about tokens (RFC 6750, section 3), for this refusal of a request to the JSON API.
pub(super) fn challenge(refusal: Option<&Refusal>) -> Option<HeaderValue> {
    let invalid = |words: &str| format!("error=\"invalid_token\", error_description=\"{words}\"");
    let says = match refusal? {
        Refusal::NotSignedIn => None,
        Refusal::TokenInvalid => Some(invalid("The token is unknown, mistyped or revoked")),
        Refusal::TokenSuspended => Some(invalid("The token is suspended")),
        Refusal::TokenExpired { .. } => Some(invalid("The token has expired")),
        Refusal::InsufficientScope { scope } => {
            Some(format!("error=\"insufficient_scope\", scope=\"{}\"", scope.word()))
        }
        _ => return None,
    };
    let text = says.map_or_else(String::new, |says| format!(", {says}"));
    HeaderValue::from_str(&format!("Bearer realm=\"Tenure\"{text}")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::Sys;

    fn headers(values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::AUTHORIZATION, HeaderValue::from_str(value).expect("a header"));
        }
        headers
    }

    #[test]
    fn a_token_is_taken_from_one_field_of_the_api_alone() {
        let text = Secret::new(&Sys::real(), Kind::ApiToken).reveal();
        let good = format!("Bearer {text}");
        for typed in [good.clone(), good.replace("Bearer", "bearer"), format!("BEARER  {text} ")] {
            assert!(matches!(shown("/api/v1/me", &headers(&[&typed])), Shown::Token(_)), "{typed}");
        }
        for path in ["/users", "/api/v2/me", "/portal", "/api/v1"] {
            assert!(matches!(shown(path, &headers(&[&good])), Shown::Nothing), "{path}");
        }
        for wrong in ["Bearer", "Bearer ", "Bearer tnr_", "Bearer ts_x", &good[..good.len() - 1]] {
            assert!(matches!(shown("/api/v1/me", &headers(&[wrong])), Shown::Nonsense), "{wrong}");
        }
        assert!(matches!(shown("/api/v1/me", &headers(&[&good, &good])), Shown::Nonsense));
        for other in ["Basic YWRhOmFkYQ==", "", &text] {
            assert!(matches!(shown("/api/v1/me", &headers(&[other])), Shown::Nothing), "{other}");
        }
    }

    #[test]
    fn a_refused_token_is_told_as_rfc_6750_has_it() {
        let told =
            |refusal| challenge(Some(&refusal)).map(|value| value.to_str().unwrap_or_default().to_owned());
        assert_eq!(told(Refusal::NotSignedIn).as_deref(), Some("Bearer realm=\"Tenure\""));
        let scope = domain::token::Scope::People;
        let lacks = told(Refusal::InsufficientScope { scope }).expect("a challenge");
        assert!(lacks.ends_with("error=\"insufficient_scope\", scope=\"people\""), "{lacks}");
        assert!(told(Refusal::TokenSuspended).expect("a challenge").contains("error=\"invalid_token\""));
        assert_eq!(told(Refusal::ActorDeactivated), None);
    }
}
