//! A reader of HTML that takes only what a careful writer makes: so it finds whatever a browser would have to guess at.

/// An opening tag.
#[derive(Debug)]
pub struct Tag<'a> {
    /// The element.
    pub name: &'a str,
    /// Its attributes, their values as written.
    pub attributes: Vec<(&'a str, &'a str)>,
}

/// The elements that have no end.
const EMPTY: [&str; 3] = ["br", "hr", "input"];

/// Shows each opening tag, and holds that tags lie in each other as they should, no deeper than `deepest`.
///
/// # Panics
/// When the text is not such HTML.
pub fn walk(text: &str, deepest: usize, mut see: impl FnMut(&Tag<'_>)) {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['<', '>']) {
        assert!(rest[at..].starts_with('<'), "a > that ends nothing: {}", beginning(&rest[at..]));
        entities(&rest[..at]);
        let end =
            rest[at..].find('>').unwrap_or_else(|| panic!("a tag without end: {}", beginning(&rest[at..])));
        let inside = &rest[at + 1..at + end];
        rest = &rest[at + end + 1..];
        if let Some(name) = inside.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "the end of another element");
            continue;
        }
        let tag = tag(inside);
        see(&tag);
        if !EMPTY.contains(&tag.name) {
            open.push(tag.name);
            assert!(open.len() <= deepest, "{} elements in each other", open.len());
        }
    }
    entities(rest);
    assert!(open.is_empty(), "left open: {open:?}");
}

fn beginning(text: &str) -> String {
    text.chars().take(60).collect()
}

/// `name a="b" c="d"`, perhaps with a slash at the end.
fn tag(inside: &str) -> Tag<'_> {
    let bare = inside.strip_suffix('/').unwrap_or(inside).trim_end();
    let end = bare.find(' ').unwrap_or(bare.len());
    let (name, mut rest) = bare.split_at(end);
    assert!(
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()),
        "{inside}"
    );
    let mut attributes = Vec::new();
    while !rest.trim().is_empty() {
        let (name, after) =
            rest.trim_start().split_once("=\"").unwrap_or_else(|| panic!("an attribute of {inside}"));
        let (value, after) =
            after.split_once('"').unwrap_or_else(|| panic!("the end of a value in {inside}"));
        assert!(!name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase()), "{name} in {inside}");
        assert!(after.is_empty() || after.starts_with(' '), "what follows a value in {inside}");
        entities(value);
        attributes.push((name, value));
        rest = after;
    }
    Tag { name, attributes }
}

/// Each & begins one of the few entities that are needed.
fn entities(text: &str) {
    for after in text.split('&').skip(1) {
        let known =
            ["amp;", "lt;", "gt;", "quot;", "#39;", "#x27;"].iter().any(|entity| after.starts_with(entity));
        assert!(known, "an & that is none: {}", beginning(after));
    }
}

/// Text as it is read.
fn unescaped(text: &str) -> String {
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
    text.replace("&#39;", "'").replace("&#x27;", "'").replace("&amp;", "&")
}

/// Whether an address, as it stands in an attribute, leads by http, https or mail, or to this server.
#[must_use]
pub fn leads_well(written: &str) -> bool {
    let address = unescaped(written);
    stays_here(&address)
        || scheme(&address).is_some_and(|scheme| ["http", "https", "mailto"].contains(&&*scheme))
}

/// An address as a browser reads it (URL Standard, section 4.4): without what it takes off and leaves out.
fn as_browsers_do(address: &str) -> String {
    let trimmed = address.trim_matches(|c: char| c <= ' ');
    trimmed.chars().filter(|c| !matches!(c, '\t' | '\n' | '\r')).collect()
}

fn scheme(address: &str) -> Option<String> {
    let address = as_browsers_do(address);
    let (scheme, _) = address.split_once(':')?;
    let letters = scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    (letters && scheme.starts_with(|c: char| c.is_ascii_alphabetic())).then(|| scheme.to_ascii_lowercase())
}

/// Whether an address is a path of this server, and never another host, however a browser reads it.
#[must_use]
pub fn stays_here(address: &str) -> bool {
    let address = as_browsers_do(address);
    address.starts_with('/') && !address[1..].starts_with(['/', '\\'])
}
