use super::*;
use crate::config::setting::Setting as _;
use axum::Router;
use axum::body::Body;
use axum::response::Response;
use axum::routing::get;
use tower::ServiceExt as _;

fn public(text: &str) -> PublicUrl {
    PublicUrl::parse(text).expect(text)
}

fn headers(fields: &[(&'static str, &str)]) -> HeaderMap {
    let pair = |(name, value): &(&'static str, &str)| {
        (HeaderName::from_static(name), HeaderValue::from_str(value).expect("a header"))
    };
    fields.iter().map(pair).collect()
}

fn may(method: &Method, fields: &[(&'static str, &str)]) -> bool {
    check_origin(method, &headers(fields), "acme.example.org", &public("https://desk.example.org")).is_ok()
}

#[test]
fn asvs_3_5_1_a_post_from_another_site_is_refused() {
    for from in [
        "https://evil.example",
        "http://desk.example.org",
        "https://desk.example.org.evil.example",
        "https://other.example.org",
        "https://desk.example.org:8443",
        "https://acme.example.org@evil.example",
        "null",
        "",
    ] {
        assert!(!may(&Method::POST, &[("origin", from)]), "{from}");
        assert!(!may(&Method::POST, &[("origin", from), ("sec-fetch-site", "same-origin")]), "{from}");
    }
    for site in ["cross-site", "same-site", "none", "Same-Origin", ""] {
        assert!(!may(&Method::POST, &[("sec-fetch-site", site)]), "{site}");
        assert!(
            !may(&Method::DELETE, &[("sec-fetch-site", site), ("origin", "https://desk.example.org")]),
            "{site}"
        );
    }
    let twice = [("origin", "https://desk.example.org"), ("origin", "https://evil.example")];
    assert!(!may(&Method::POST, &twice));
}

#[test]
fn a_post_from_our_own_pages_passes() {
    for from in ["https://desk.example.org", "https://acme.example.org", "https://ACME.example.org:443"] {
        assert!(
            may(&Method::POST, &[("origin", from), ("sec-fetch-site", "same-origin"), ("cookie", "a=b")]),
            "{from}"
        );
        assert!(may(&Method::PUT, &[("origin", from), ("cookie", "a=b")]), "{from}");
    }
    assert!(may(&Method::POST, &[("sec-fetch-site", "same-origin"), ("cookie", "a=b")]));
    let local = public("http://localhost:8080");
    let from = headers(&[("origin", "http://127.0.0.1:8080"), ("cookie", "a=b")]);
    assert!(check_origin(&Method::POST, &from, "127.0.0.1:8080", &local).is_ok());
    assert!(
        check_origin(&Method::POST, &from, "127.0.0.1:8081", &local).is_err(),
        "another port is another origin"
    );
}

#[test]
fn asvs_3_5_3_a_safe_method_passes_from_anywhere() {
    for method in [Method::GET, Method::HEAD] {
        assert!(may(&method, &[("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")]));
    }
}

#[test]
fn a_request_that_says_nothing_passes_only_without_a_cookie() {
    assert!(may(&Method::POST, &[("authorization", "Bearer x")]));
    assert!(!may(&Method::POST, &[("cookie", "__Host-tenure=ts_x")]));
}

#[test]
fn a_host_is_a_name_or_an_address_and_nothing_else() {
    for (authority, host) in [
        ("desk.example.org", "desk.example.org"),
        ("Desk.example.org:8080", "Desk.example.org"),
        ("127.0.0.1:80", "127.0.0.1"),
        ("[::1]:80", "[::1]"),
        ("[::1]", "[::1]"),
    ] {
        assert_eq!(host_of(authority), Some(host));
    }
    for wrong in [
        "",
        ":80",
        "a:",
        "a:0",
        "a:65536",
        "a:+80",
        "a b",
        "a/b",
        "u@a",
        "a:80:80",
        "[::1",
        "[x]",
        "[::1]x",
        "::1",
        "a\"b",
        "ä.example",
    ] {
        assert_eq!(host_of(wrong), None, "{wrong:?}");
    }
}

#[test]
fn the_target_names_the_host_before_the_field_and_two_fields_are_none() {
    let path: Uri = "/users".parse().expect("a target");
    let absolute: Uri = "http://Acme.example.org/users".parse().expect("a target");
    let one = headers(&[("host", "Desk.example.org:8080")]);
    assert_eq!(authority(&path, &one).as_deref(), Some("desk.example.org:8080"));
    assert_eq!(authority(&absolute, &one).as_deref(), Some("acme.example.org"));
    assert_eq!(authority(&path, &headers(&[("host", "a.example"), ("host", "b.example")])), None);
    assert_eq!(authority(&path, &headers(&[])), None);
    assert_eq!(authority(&path, &headers(&[("host", "a.example/../")])), None);
}

#[test]
fn asvs_4_1_3_only_trusted_proxies_are_believed_about_the_client() {
    let proxies = Networks::parse("127.0.0.1, 10.0.0.0/8, fd00::/8").expect("networks");
    let of = |peer: &str, fields: &[&str]| {
        let fields: Vec<(&'static str, &str)> =
            fields.iter().map(|field| ("x-forwarded-for", *field)).collect();
        client_address(peer.parse().expect("an address"), &headers(&fields), &proxies).to_string()
    };
    assert_eq!(of("203.0.113.9", &["192.0.2.1"]), "203.0.113.9", "a stranger claims what they like");
    assert_eq!(of("127.0.0.1", &[]), "127.0.0.1");
    assert_eq!(of("127.0.0.1", &["192.0.2.1"]), "192.0.2.1");
    assert_eq!(
        of("127.0.0.1", &["198.51.100.7, 192.0.2.1, 10.1.1.1"]),
        "192.0.2.1",
        "the first that is no proxy"
    );
    assert_eq!(
        of("127.0.0.1", &["198.51.100.7", "192.0.2.1,10.1.1.1"]),
        "192.0.2.1",
        "fields in a row are one list"
    );
    assert_eq!(of("127.0.0.1", &["10.2.2.2"]), "10.2.2.2", "all are proxies");
    assert_eq!(of("127.0.0.1", &["192.0.2.1, nonsense"]), "127.0.0.1");
    assert_eq!(of("127.0.0.1", &["nonsense, 192.0.2.1"]), "192.0.2.1");
    assert_eq!(of("::ffff:127.0.0.1", &["::ffff:192.0.2.1"]), "192.0.2.1");
    assert_eq!(of("fd00::1", &["[2001:db8::1]:443"]), "2001:db8::1");
    assert_eq!(of("fd00::1", &["192.0.2.1:5000"]), "192.0.2.1");
}

async fn response(url: &str, path: &str) -> Response {
    let own = || async {
        ([("content-security-policy", UPLOAD_SECURITY_POLICY), ("x-frame-options", "ALLOWALL")], "")
    };
    let app = Router::new().route("/", get(|| async { "page" })).route("/own", get(own));
    let request = axum::http::Request::get(path).body(Body::empty()).expect("a request");
    let mut response = app.oneshot(request).await.expect("a response");
    add_headers(response.headers_mut(), public(url).is_https());
    response
}

#[tokio::test]
async fn asvs_3_4_every_response_has_the_security_headers_also_an_error() {
    for path in ["/", "/nowhere"] {
        let response = response("https://desk.example.org", path).await;
        let value =
            |name: &str| response.headers().get(name).map_or("", |value| value.to_str().expect("text"));
        assert!(
            value("content-security-policy").starts_with("default-src 'none'; script-src 'self';"),
            "{path}"
        );
        assert!(!value("content-security-policy").contains("unsafe"));
        assert_eq!(value("strict-transport-security"), "max-age=63072000; includeSubDomains");
        assert_eq!(value("x-content-type-options"), "nosniff");
        assert_eq!(value("referrer-policy"), "same-origin");
        assert_eq!(value("cross-origin-opener-policy"), "same-origin");
        assert_eq!(value("cross-origin-resource-policy"), "same-origin");
        assert_eq!(value("cache-control"), "no-store");
        assert!(value("permissions-policy").contains("camera=()"));
    }
}

#[tokio::test]
async fn a_handler_may_tighten_its_content_policy_but_not_allow_frames() {
    let response = response("http://localhost:8080", "/own").await;
    let value = |name: &str| response.headers().get(name).map(|value| value.to_str().expect("text"));
    assert_eq!(value("content-security-policy"), Some(UPLOAD_SECURITY_POLICY));
    assert_eq!(value("x-frame-options"), Some("DENY"));
    assert_eq!(value("strict-transport-security"), None, "on plain http it has no meaning");
}
