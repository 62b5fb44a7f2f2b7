//! What guards every request and response before any page is involved: whose request it is (host and client
//! address), whether a form came from our own pages, and the headers that tell browsers what not to do.

use std::net::IpAddr;

use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::{HeaderMap, Method, Uri};

use crate::config::{Networks, PublicUrl};

/// The host of `host[:port]` (RFC 9110, section 7.2), an IPv6 address with its brackets; `None` when it is
/// anything else, so that nothing odd reaches a link or a comparison.
#[must_use]
pub fn host_of(authority: &str) -> Option<&str> {
    let (host, port) = if authority.starts_with('[') {
        let end = authority.find(']')? + 1;
        let (host, port) = authority.split_at(end);
        host[1..end - 1].parse::<std::net::Ipv6Addr>().ok()?;
        (host, port)
    } else {
        let end = authority.find(':').unwrap_or(authority.len());
        authority.split_at(end)
    };
    let letters = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'-' | b'_');
    let named = host.starts_with('[') || (!host.is_empty() && host.len() <= 253 && host.bytes().all(letters));
    let ported = port.is_empty()
        || port.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok_and(|port| port > 0));
    // u16 would take a plus sign.
    (named && ported && !port.contains('+')).then_some(host)
}

/// `host[:port]` that a request names, in lower case: from its target when that is absolute, else from the one
/// Host field (RFC 9112, section 3.2). `None`, to be answered 400, when there is none, several, or nonsense.
#[must_use]
pub fn authority(uri: &Uri, headers: &HeaderMap) -> Option<String> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let field = hosts.next();
    if hosts.next().is_some() {
        return None;
    }
    let named = match uri.authority() {
        Some(authority) => authority.as_str(),
        None => field?.to_str().ok()?,
    };
    host_of(named)?;
    Some(named.to_ascii_lowercase())
}

/// Why an unsafe request is refused although its cookie may be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "It came from another site than this desk, or does not say where it comes from, so nothing was done. Open the \
     page here again and send it from there."
)]
pub struct CrossOrigin;

/// Whether a request may change something (ASVS 5.0 3.5.1, 3.5.3): safe methods always, others only when they
/// come from our own pages. `host` is the request's own [`authority`].
///
/// Browsers say where a request comes from in `Sec-Fetch-Site` and `Origin`; what either says must fit. One
/// that says neither is no browser of today and must not carry a cookie, since only a browser can be tricked
/// into sending it; a program with a token of its own passes.
pub fn check_origin(
    method: &Method,
    headers: &HeaderMap,
    host: &str,
    public: &PublicUrl,
) -> Result<(), CrossOrigin> {
    if method.is_safe() {
        return Ok(());
    }
    let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    // "same-site" is another host of the domain: perhaps another tenant, perhaps taken over. "none" is a person
    // typing an address, which never posts.
    if site.is_some_and(|site| site != b"same-origin") {
        return Err(CrossOrigin);
    }
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let from_here = match (origins.next(), origins.next()) {
        (None, _) => site.is_some() || !headers.contains_key(header::COOKIE),
        (Some(origin), None) => origin.to_str().is_ok_and(|origin| is_ours(origin, host, public)),
        (Some(_), Some(_)) => false,
    };
    if from_here { Ok(()) } else { Err(CrossOrigin) }
}

/// The origin is the public address, or the host that the request went to under the public address's scheme:
/// workspaces have hosts of their own.
fn is_ours(origin: &str, host: &str, public: &PublicUrl) -> bool {
    let (scheme, own_port) = if public.is_https() { ("https://", ":443") } else { ("http://", ":80") };
    let origin = origin.to_ascii_lowercase();
    let bare = |authority: &str| authority.strip_suffix(own_port).unwrap_or(authority).to_owned();
    origin == public.to_string()
        || origin
            .strip_prefix(scheme)
            .is_some_and(|authority| !host.is_empty() && bare(authority) == bare(host))
}

/// The address of the client: the peer's, unless that is a trusted proxy; then the nearest address in
/// `X-Forwarded-For` that is none. What stands left of it was claimed by whoever is at that address and is
/// not believed (ASVS 5.0 4.1.3).
#[must_use]
pub fn client_address(peer: IpAddr, headers: &HeaderMap, proxies: &Networks) -> IpAddr {
    let mut client = peer.to_canonical();
    let fields: Vec<&str> =
        headers.get_all("x-forwarded-for").iter().map(|field| field.to_str().unwrap_or("?")).collect();
    for hop in fields.iter().rev().flat_map(|field| field.rsplit(',')) {
        if !proxies.contains(client) {
            break;
        }
        // A proxy that wrote something else knows no better than its own address.
        let Some(address) = hop_address(hop.trim()) else { break };
        client = address;
    }
    client
}

/// Some proxies add the port.
fn hop_address(hop: &str) -> Option<IpAddr> {
    let plain = || hop.parse::<IpAddr>().ok();
    let ported = || hop.parse::<std::net::SocketAddr>().ok().map(|address| address.ip());
    let bracketed = || hop.strip_prefix('[')?.strip_suffix(']')?.parse::<IpAddr>().ok();
    plain().or_else(ported).or_else(bracketed).map(|address| address.to_canonical())
}

/// No inline code, nothing from elsewhere, no frames (ASVS 5.0 3.4.3, 3.4.6). `data:` is for icons in style
/// sheets, `blob:` for the preview of a picture.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; form-action 'self'; \
    frame-ancestors 'none'; base-uri 'none'";

/// For what people uploaded: shown, never run, even when opened on its own.
pub const UPLOAD_SECURITY_POLICY: &str = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; \
    form-action 'none'; sandbox";

/// For the answer to signing out (ASVS 5.0 14.3.1): the browser forgets what it kept of the pages.
pub const CLEAR_SITE_DATA: (HeaderName, HeaderValue) =
    (HeaderName::from_static("clear-site-data"), HeaderValue::from_static("\"cache\", \"storage\""));

const TWO_YEARS: HeaderValue = HeaderValue::from_static("max-age=63072000; includeSubDomains");

const fn field(name: &'static str, value: &'static str) -> (HeaderName, HeaderValue) {
    (HeaderName::from_static(name), HeaderValue::from_static(value))
}

static ALWAYS: [(HeaderName, HeaderValue); 5] = [
    // ASVS 5.0 3.4.4.
    field("x-content-type-options", "nosniff"),
    // For browsers older than frame-ancestors (ASVS 5.0 3.4.6).
    field("x-frame-options", "DENY"),
    // ASVS 5.0 3.4.8 and 3.5.8.
    field("cross-origin-opener-policy", "same-origin"),
    field("cross-origin-resource-policy", "same-origin"),
    field(
        "permissions-policy",
        "accelerometer=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), \
         magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=()",
    ),
];

static UNLESS_SET: [(HeaderName, HeaderValue); 3] = [
    field("content-security-policy", CONTENT_SECURITY_POLICY),
    // Links carry tokens in their path (ASVS 5.0 3.4.5), while `no-referrer` would turn the Origin of our own
    // forms into "null" and so defeat the check above (Fetch, section 3.2).
    field("referrer-policy", "same-origin"),
    // Pages show people; only what says so itself is kept (ASVS 5.0 14.3.2).
    field("cache-control", "no-store"),
];

/// About how many fields are added to an answer when it is ready: these, and the request's id.
pub const HEADERS: usize = ALWAYS.len() + UNLESS_SET.len() + 2;

/// Adds the headers that every response has. A handler may set its own content security, referrer and cache
/// policy; the others are always these.
pub fn add_headers(headers: &mut HeaderMap, https: bool) {
    for (name, value) in &ALWAYS {
        headers.insert(name, value.clone());
    }
    for (name, value) in &UNLESS_SET {
        headers.entry(name).or_insert_with(|| value.clone());
    }
    if https {
        // ASVS 5.0 3.4.1. On plain http the field has no meaning (RFC 6797, section 7.2).
        headers.insert(header::STRICT_TRANSPORT_SECURITY, TWO_YEARS);
    }
}

#[cfg(test)]
#[path = "security_tests.rs"]
mod tests;
