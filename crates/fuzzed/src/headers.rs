//! The header fields that the server reads itself: cookies, tokens, keys of requests, versions; and the addresses that a
//! request says to go on to.
//!
//! The bytes are lines, each a field: its name, a colon, its value.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use tenure::{
    secret::{Kind, Secret},
    web::{cookie::SessionCookie, outside, side::Side},
};
use uuid::Uuid;

use crate::html::stays_here;

/// The most header fields that are looked at.
const MOST: usize = 64;

fn headers(bytes: &[u8]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in bytes.split(|byte| *byte == b'\n').take(MOST) {
        let colon = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
        let (name, value) = line.split_at(colon);
        let value = value.strip_prefix(b":").unwrap_or(value).trim_ascii();
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value)) {
            headers.append(name, value);
        }
    }
    headers
}

/// Every text value of a field, and whether all were text.
fn texts<'a>(headers: &'a HeaderMap, name: &str) -> Vec<Option<&'a str>> {
    headers.get_all(name).iter().map(|value| value.to_str().ok()).collect()
}

/// Reads bytes as header fields. Answers whether any of them says something.
///
/// # Panics
/// When what is read is not as it must be.
#[must_use]
pub fn check(bytes: &[u8]) -> bool {
    let headers = headers(bytes);
    let said = [
        sessions(&headers),
        [Side::Desk, Side::Portal].into_iter().map(|side| told(&headers, side)).fold(false, |a, b| a | b),
        token(&headers),
        key(&headers),
        version(&headers),
        addresses(bytes),
    ];
    said.contains(&true)
}

/// A session is what stands in the one cookie of its name, and nothing else.
fn sessions(headers: &HeaderMap) -> bool {
    let mut found = false;
    for cookie in [true, false]
        .into_iter()
        .flat_map(|https| [Side::Desk, Side::Portal].map(|side| SessionCookie::new(https, side)))
    {
        let Some(secret) = cookie.read(headers) else { continue };
        found = true;
        let fields = texts(headers, "cookie");
        let pairs = fields
            .into_iter()
            .flatten()
            .flat_map(|field| field.split(';'))
            .filter_map(|pair| pair.trim().split_once('='));
        let values: Vec<&str> =
            pairs.filter(|(name, _)| *name == cookie.name()).map(|(_, value)| value).collect();
        assert_eq!(values, [secret.reveal()], "one cookie of the name, and it is that one");
        let set = cookie.set(&secret, std::time::Duration::from_mins(1));
        let pair = set.to_str().expect("text").split(';').next().expect("a pair").to_owned();
        let back = HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_str(&pair).expect("a header"))]);
        assert!(
            cookie.read(&back).is_some_and(|again| again.matches(&secret.digest())),
            "what is set is read back"
        );
    }
    found
}

/// A toast leads to pages of this server alone.
fn told(headers: &HeaderMap, side: Side) -> bool {
    let Some(toast) = outside::told(headers, side) else { return false };
    if let Some(link) = &toast.link {
        assert!(stays_here(&link.href), "{:?}", link.href);
    }
    if let Some(undo) = &toast.undo {
        assert!(stays_here(&undo.action), "{:?}", undo.action);
        let step = undo.action.split(['/', '?']).find(|piece| Uuid::try_parse(piece).is_ok());
        assert!(step.is_some(), "an undo names its step: {}", undo.action);
    }
    true
}

/// A token is what stands in the one `Authorization` field, behind the word, on a path that takes tokens.
fn token(headers: &HeaderMap) -> bool {
    for elsewhere in ["/users", "/portal", "/", "/api/v1", "/api"] {
        assert!(outside::token(elsewhere, headers).is_none(), "{elsewhere} takes no token");
    }
    let shown = outside::token("/api/v1/me", headers);
    assert_eq!(shown.is_some(), outside::token("/scim/v2/Users", headers).is_some());
    let fields = texts(headers, "authorization");
    let bearer = |text: &&str| text.len() >= 6 && text.as_bytes()[..6].eq_ignore_ascii_case(b"bearer");
    match shown {
        None => assert!(fields.len() < 2, "two at once are nonsense: {fields:?}"),
        Some(None) => assert!(!fields.is_empty()),
        Some(Some(ref secret)) => {
            assert_eq!(fields.len(), 1);
            let text = fields[0].filter(bearer).expect("a bearer");
            assert_eq!(text[6..].trim(), secret.reveal());
            assert!(Secret::parse(Kind::ApiToken, text[6..].trim()).is_some());
        }
    }
    matches!(shown, Some(Some(_)))
}

/// A key is one text of visible letters, not too long.
fn key(headers: &HeaderMap) -> bool {
    let fields = texts(headers, "idempotency-key");
    match outside::key(headers) {
        Ok(None) => assert!(fields.is_empty()),
        Ok(Some(key)) => {
            assert_eq!(fields.len(), 1);
            assert!(
                (1..=255).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic()),
                "{key:?}"
            );
            let quoted = format!("\"{key}\"");
            assert!(fields[0].is_some_and(|text| text == key || text == quoted), "{key:?} of {fields:?}");
            return true;
        }
        Err(words) => {
            assert!(!fields.is_empty() && words.contains("Idempotency-Key"), "{words}");
        }
    }
    false
}

/// A version is that of the one tag as the server writes it; anything else matches nothing.
fn version(headers: &HeaderMap) -> bool {
    let fields = texts(headers, "if-match");
    let version = outside::version(headers);
    match version {
        None => assert!(fields.is_empty() || fields == [Some("*")], "{fields:?}"),
        Some(version) if version >= 0 => {
            assert_eq!(fields.len(), 1);
            let text = fields[0].expect("text");
            assert_eq!(text, format!("\"{version}\""), "a tag is written in one way");
        }
        Some(_) => assert!(!fields.is_empty()),
    }
    version.is_some_and(|version| version >= 0)
}

/// A cookie that leads to an address, as anybody can send one.
fn saying(side: Side, address: &str) -> HeaderMap {
    let step = Uuid::from_u128(7);
    let said = serde_json::json!({
        "title": address, "lines": [address], "note": true, "undo": [step, address], "back": address, "link": [address, address],
    });
    let text: String = form_urlencoded::byte_serialize(said.to_string().as_bytes()).collect();
    let name = match side {
        Side::Desk => "tenure-told",
        Side::Portal => "tenure-told-portal",
    };
    let cookie = HeaderValue::from_str(&format!("{name}={text}")).expect("letters of a header");
    HeaderMap::from_iter([(header::COOKIE, cookie)])
}

/// Where signing in leads, where a toast leads, and where a form leads back to, is here.
fn addresses(bytes: &[u8]) -> bool {
    let mut led = false;
    for line in bytes.split(|byte| *byte == b'\n').take(MOST) {
        let typed = String::from_utf8_lossy(line);
        if !typed.starts_with('/') {
            continue;
        }
        for side in [Side::Desk, Side::Portal] {
            let next = outside::next(side, &typed);
            assert!(stays_here(next) && Side::of_path(next) == side, "{next:?}");
            led |= told(&saying(side, &typed), side);
        }
        if let Some(back) = outside::back(&typed) {
            assert!(stays_here(back) && HeaderValue::from_str(back).is_ok(), "{back:?}");
            led = true;
        }
    }
    led
}
