//! Markdown: whatever was typed, what is shown is made of a few elements, leads nowhere it may not, and is no larger and
//! no deeper than it may be.

use domain::id::PersonId;
use tenure::text::markdown::{self, Mention};

use crate::html::{self, Tag};

/// The longest message, in characters.
pub const LONGEST: usize = 100_000;
/// The elements of an answer, with the attributes that each may have.
const ELEMENTS: [(&str, &[&str]); 25] = [
    ("p", &[]),
    ("br", &[]),
    ("hr", &[]),
    ("h3", &[]),
    ("h4", &[]),
    ("h5", &[]),
    ("h6", &[]),
    ("em", &[]),
    ("strong", &[]),
    ("del", &[]),
    ("code", &[]),
    ("pre", &[]),
    ("blockquote", &[]),
    ("ul", &[]),
    ("ol", &["start"]),
    ("li", &[]),
    ("table", &[]),
    ("thead", &[]),
    ("tbody", &[]),
    ("tr", &[]),
    ("th", &[]),
    ("td", &[]),
    ("input", &["disabled", "type", "checked"]),
    ("a", &["href", "rel", "class", "title"]),
    ("span", &["class", "title"]),
];
/// How deep elements may lie in each other: lists, quotes and marks have their bounds, and little else nests.
const DEEPEST: usize = 60;
/// How many bytes an answer may have for each byte that was typed, and beside that.
const GROWTH: (usize, usize) = (64, 4_096);

/// Somebody of the worst name, deactivated or not, with a page or without.
fn who(person: PersonId) -> Option<Mention> {
    let number = person.uuid().as_u128();
    (!number.is_multiple_of(5)).then(|| Mention {
        name: "<script>alert('\"&')</script>".into(),
        deactivated: number.is_multiple_of(2),
        href: number.is_multiple_of(3).then(|| format!("/users/{person}")),
    })
}

/// Reads bytes as a message. Answers whether anything but plain text came of it.
///
/// # Panics
/// When what is shown is not as it must be.
#[must_use]
pub fn check(bytes: &[u8]) -> bool {
    let text: String = String::from_utf8_lossy(bytes).chars().take(LONGEST).collect();
    let shown = markdown::render(&text, &who);
    let most = text.len() * GROWTH.0 + GROWTH.1;
    assert!(shown.len() <= most, "{} bytes of {}", shown.len(), text.len());
    let mut marked = false;
    html::walk(&shown, DEEPEST, |tag| {
        marked |= tag.name != "p";
        allowed(tag);
    });
    let plain = markdown::plain(&text, &who);
    assert!(plain.len() <= most, "{} bytes of {}", plain.len(), text.len());
    let mut end = 0;
    for range in markdown::spoken(&text) {
        assert!(range.start >= end && text.get(range.clone()).is_some(), "{range:?} after {end}");
        end = range.end;
    }
    for person in markdown::tokens(&text) {
        assert!(markdown::tokens(&markdown::token(person)) == [person]);
    }
    marked
}

fn allowed(tag: &Tag<'_>) {
    let element = ELEMENTS.iter().find(|(name, _)| *name == tag.name);
    let (_, attributes) = element.unwrap_or_else(|| panic!("an element that is not allowed: {tag:?}"));
    for (name, value) in &tag.attributes {
        assert!(attributes.contains(name), "an attribute that is not allowed: {tag:?}");
        let sound = match *name {
            "href" => html::leads_well(value),
            "rel" => *value == "nofollow noopener noreferrer",
            "class" => {
                ["mention", "mention mention--gone", "mention mention--deactivated", "visually-hidden"]
                    .contains(value)
            }
            "title" => *value == "Deactivated",
            "start" => value.parse::<u64>().is_ok(),
            "type" => *value == "checkbox",
            _ => value.is_empty(),
        };
        assert!(sound, "{name} of {tag:?}");
    }
    let href = tag.attributes.iter().find(|(name, _)| *name == "href").map(|(_, value)| *value);
    let told = tag.attributes.iter().any(|(name, _)| *name == "rel");
    assert!(href.is_none_or(|href| href.starts_with('/') != told), "what leads away says so: {tag:?}");
}
