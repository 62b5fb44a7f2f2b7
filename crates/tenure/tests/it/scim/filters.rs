//! The grammar of filters against a small evaluator that knows nothing of how they are read.

use proptest::prelude::*;
use serde_json::{Value, json};
use tenure::scim::{
    ProblemKind, Resource,
    filter::{DEEPEST, parse, parse_path},
    matching::{Lookup, lookups, matches},
    schema::{ENTERPRISE, ResourceType::User, USER},
};

/// An attribute as a filter names it, and how it compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leaf {
    UserName,
    ExternalId,
    Title,
    FamilyName,
    Active,
    Email,
    EmailType,
    Department,
    Created,
    Nothing,
}

const LEAVES: [Leaf; 10] = [
    Leaf::UserName,
    Leaf::ExternalId,
    Leaf::Title,
    Leaf::FamilyName,
    Leaf::Active,
    Leaf::Email,
    Leaf::EmailType,
    Leaf::Department,
    Leaf::Created,
    Leaf::Nothing,
];

impl Leaf {
    /// The names that it has.
    fn names(self) -> Vec<String> {
        let names: &[&str] = match self {
            Self::UserName => &["userName", "USERNAME", "username"],
            Self::ExternalId => &["externalId", "externalid"],
            Self::Title => &["title", "Title"],
            Self::FamilyName => &["name.familyName", "NAME.familyname"],
            Self::Active => &["active"],
            Self::Email => &["emails.value", "emails"],
            Self::EmailType => &["emails.type", "emails.TYPE"],
            Self::Department => {
                return vec![
                    format!("{ENTERPRISE}:department"),
                    format!("{}:Department", ENTERPRISE.to_uppercase()),
                ];
            }
            Self::Created => &["meta.created"],
            Self::Nothing => &["shoeSize", "name.shoeSize", "emails.shoeSize"],
        };
        let core = (self == Self::UserName).then(|| format!("{USER}:userName"));
        names.iter().map(|name| (*name).to_owned()).chain(core).collect()
    }

    /// The values that a resource has.
    fn values(self, resource: &Value) -> Vec<Value> {
        let one = |value: &Value| if value.is_null() { Vec::new() } else { vec![value.clone()] };
        let emails = |part: &str| {
            let all = resource["emails"].as_array().cloned().unwrap_or_default();
            all.iter().flat_map(|email| one(&email[part])).collect()
        };
        match self {
            Self::UserName => one(&resource["userName"]),
            Self::ExternalId => one(&resource["externalId"]),
            Self::Title => one(&resource["title"]),
            Self::FamilyName => one(&resource["name"]["familyName"]),
            Self::Active => one(&resource["active"]),
            Self::Email => emails("value"),
            Self::EmailType => emails("type"),
            Self::Department => one(&resource[ENTERPRISE]["department"]),
            Self::Created => one(&resource["meta"]["created"]),
            Self::Nothing => Vec::new(),
        }
    }
}

/// A filter as it is made up here.
#[derive(Debug, Clone)]
enum Made {
    Test { leaf: Leaf, name: usize, word: &'static str, wanted: Value },
    Present { leaf: Leaf, name: usize },
    WorkEmail { word: &'static str, wanted: String, behind: bool },
    And(Box<Made>, Box<Made>),
    Or(Box<Made>, Box<Made>),
    Not(Box<Made>),
}

fn rank(made: &Made) -> u8 {
    match made {
        Made::Or(..) => 0,
        Made::And(..) => 1,
        _ => 2,
    }
}

impl Made {
    /// As text, with no more parentheses than are needed where `spare` is set, else with all.
    fn text(&self, spare: bool, loud: bool) -> String {
        let word = |word: &str| if loud { word.to_uppercase() } else { word.to_owned() };
        let within = |inner: &Self, least: u8| {
            let text = inner.text(spare, loud);
            if spare && rank(inner) >= least { text } else { format!("( {text} )") }
        };
        let named = |leaf: Leaf, name: usize| {
            let names = leaf.names();
            names[name % names.len()].clone()
        };
        match self {
            Self::Test { leaf, name, word: compares, wanted } => {
                format!("{} {} {wanted}", named(*leaf, *name), word(compares))
            }
            Self::Present { leaf, name } => format!("{} {}", named(*leaf, *name), word("pr")),
            Self::WorkEmail { word: compares, wanted, behind: true } => {
                format!("emails[type {} \"work\"].value {} {}", word("eq"), word(compares), json!(wanted))
            }
            Self::WorkEmail { word: compares, wanted, behind: false } => format!(
                "emails[type {} \"work\" {} value {} {}]",
                word("eq"),
                word("and"),
                word(compares),
                json!(wanted)
            ),
            Self::And(a, b) => format!("{} {} {}", within(a, 1), word("and"), within(b, 2)),
            Self::Or(a, b) => format!("{} {} {}", within(a, 0), word("or"), within(b, 1)),
            Self::Not(inner) => format!("{} ({})", word("not"), inner.text(spare, loud)),
        }
    }

    fn holds(&self, resource: &Value) -> bool {
        match self {
            Self::Test { leaf, word, wanted, .. } => test(*leaf, &leaf.values(resource), word, wanted),
            Self::Present { leaf, .. } => !leaf.values(resource).is_empty(),
            Self::WorkEmail { word, wanted, .. } => {
                let all = resource["emails"].as_array().cloned().unwrap_or_default();
                let work = all
                    .iter()
                    .filter(|email| email["type"].as_str().is_some_and(|kind| kind.to_lowercase() == "work"));
                work.into_iter().any(|email| {
                    let values =
                        if email["value"].is_null() { Vec::new() } else { vec![email["value"].clone()] };
                    test(Leaf::Email, &values, word, &json!(wanted))
                })
            }
            Self::And(a, b) => a.holds(resource) & b.holds(resource),
            Self::Or(a, b) => a.holds(resource) | b.holds(resource),
            Self::Not(inner) => !inner.holds(resource),
        }
    }
}

/// RFC 7644, table 3, one value after the other.
fn test(leaf: Leaf, values: &[Value], word: &str, wanted: &Value) -> bool {
    if wanted.is_null() {
        return (word == "eq") == values.is_empty();
    }
    if word == "ne" && values.is_empty() {
        return true;
    }
    values.iter().any(|value| one(leaf, value, word, wanted))
}

fn one(leaf: Leaf, value: &Value, word: &str, wanted: &Value) -> bool {
    if let (Value::Bool(value), Some(wanted)) = (value, wanted.as_bool()) {
        return if word == "ne" { *value != wanted } else { *value == wanted };
    }
    if let (Value::Bool(value), Some(wanted)) = (value, wanted.as_str()) {
        let same = wanted.to_lowercase() == value.to_string();
        return match word {
            "ne" => !same,
            "eq" | "ge" | "le" => same,
            _ => false,
        };
    }
    let (Some(value), Some(wanted)) = (value.as_str(), wanted.as_str()) else { return word == "ne" };
    let cased = |text: &str| if leaf == Leaf::ExternalId { text.to_owned() } else { text.to_lowercase() };
    let (value, wanted) = (cased(value), cased(wanted));
    if leaf == Leaf::Created && !["co", "sw", "ew"].contains(&word) {
        let moment = |text: &str| text.to_uppercase().parse::<jiff::Timestamp>();
        let (Ok(value), Ok(wanted)) = (moment(&value), moment(&wanted)) else { return word == "ne" };
        return ordered(word, value.cmp(&wanted));
    }
    match word {
        "co" => value.contains(&wanted),
        "sw" => value.starts_with(&wanted),
        "ew" => value.ends_with(&wanted),
        word => ordered(word, value.cmp(&wanted)),
    }
}

fn ordered(word: &str, order: std::cmp::Ordering) -> bool {
    match word {
        "eq" => order.is_eq(),
        "ne" => order.is_ne(),
        "gt" => order.is_gt(),
        "ge" => order.is_ge(),
        "lt" => order.is_lt(),
        _ => order.is_le(),
    }
}

/// Few letters, so that much is equal or contained.
fn any_text() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "a", "A", "ab", "B", "ba", "", "true", "\"", "a\\b", "é", "İ", ") or (", "work", "Work",
    ])
    .prop_map(str::to_owned)
}

fn any_moment() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "2026-01-02T03:04:05Z",
        "2026-01-02T04:04:05+01:00",
        "2027-01-01T00:00:00Z",
        "soon",
    ])
    .prop_map(str::to_owned)
}

fn any_test() -> impl Strategy<Value = Made> {
    let word = || prop::sample::select(vec!["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"]);
    let texts = (prop::sample::select(LEAVES.to_vec()), 0..4_usize, word(), any_text(), any_moment())
        .prop_map(|(leaf, name, word, text, moment)| {
            let wanted = json!(if leaf == Leaf::Created { moment } else { text });
            Made::Test { leaf, name, word, wanted }
        });
    let others = (
        prop::sample::select(LEAVES.to_vec()),
        0..4_usize,
        prop::sample::select(vec!["eq", "ne"]),
        prop::sample::select(vec![json!(true), json!(false), Value::Null, json!(7)]),
    )
        .prop_map(|(leaf, name, word, wanted)| Made::Test { leaf, name, word, wanted });
    prop_oneof![
        4 => texts,
        1 => others,
        1 => (prop::sample::select(LEAVES.to_vec()), 0..4_usize).prop_map(|(leaf, name)| Made::Present { leaf, name }),
        2 => (word(), any_text(), any::<bool>())
            .prop_map(|(word, wanted, behind)| Made::WorkEmail { word, wanted, behind }),
    ]
}

fn any_filter() -> impl Strategy<Value = Made> {
    any_test().prop_recursive(5, 24, 2, |inner| {
        let boxed = || inner.clone().prop_map(Box::new);
        prop_oneof![
            (boxed(), boxed()).prop_map(|(a, b)| Made::And(a, b)),
            (boxed(), boxed()).prop_map(|(a, b)| Made::Or(a, b)),
            boxed().prop_map(Made::Not),
        ]
    })
}

fn any_resource() -> impl Strategy<Value = Value> {
    let maybe = || prop::option::of(any_text().prop_filter("no value", |text| !text.is_empty()));
    let email = (maybe(), prop::option::of(prop::sample::select(vec!["work", "Work", "home"])));
    (
        maybe(),
        maybe(),
        maybe(),
        maybe(),
        any::<bool>(),
        prop::collection::vec(email, 0..3),
        maybe(),
        any_moment(),
    )
        .prop_map(|(user_name, external, title, family, active, emails, department, created)| {
            let emails = emails.into_iter().map(|(value, kind)| {
                without_nulls(json!({ "value": value, "type": kind, "primary": false }))
            });
            without_nulls(json!({
                "userName": user_name, "externalId": external, "title": title, "active": active,
                "name": without_nulls(json!({ "familyName": family, "formatted": "x" })),
                "emails": emails.collect::<Vec<_>>(),
                ENTERPRISE: without_nulls(json!({ "department": department, "division": "d" })),
                "meta": { "created": created },
            }))
        })
}

fn without_nulls(value: Value) -> Value {
    let Value::Object(mut object) = value else { return value };
    object.retain(|_, value| !value.is_null());
    Value::Object(object)
}

fn object(value: &Value) -> Resource {
    value.as_object().cloned().expect("an object")
}

/// Whether an index that holds what the resource says finds it by this.
fn is_found(lookup: &Lookup, resource: &Value) -> bool {
    let lower = |text: &str| text.to_lowercase();
    match lookup {
        Lookup::Id(id) => resource["id"] == json!(id),
        Lookup::UserName(name) => resource["userName"].as_str().is_some_and(|has| lower(has) == lower(name)),
        Lookup::ExternalId(id) => resource["externalId"] == json!(id),
        Lookup::Email(email) => {
            let all = resource["emails"].as_array().cloned().unwrap_or_default();
            all.iter().any(|has| has["value"].as_str().is_some_and(|has| lower(has) == lower(email)))
        }
        Lookup::DisplayName(_) => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_filter_finds_what_the_small_evaluator_finds(
        made in any_filter(), resource in any_resource(), spare: bool, loud: bool,
    ) {
        let text = made.text(spare, loud);
        let read = parse(&text, User);
        prop_assert!(read.is_ok(), "{text}: {read:?}");
        let read = read.expect("a filter");
        prop_assert_eq!(matches(&read, &object(&resource), User), made.holds(&resource), "{} of {}", text, resource);
    }

    #[test]
    fn what_a_filter_finds_its_lookups_find(made in any_filter(), resource in any_resource()) {
        let read = parse(&made.text(true, false), User).expect("a filter");
        if let Some(lookups) = lookups(&read, User) && made.holds(&resource) {
            let found = lookups.iter().any(|lookup| is_found(lookup, &resource));
            prop_assert!(found, "{} of {}: {:?}", made.text(true, false), resource, lookups);
        }
    }

    #[test]
    fn no_text_makes_a_reader_of_filters_fail_otherwise_than_by_saying_so(text in "[ -~é\u{202e}]{0,60}") {
        for problem in [parse(&text, User).err(), parse_path(&text, User).err()].into_iter().flatten() {
            prop_assert!([ProblemKind::InvalidFilter, ProblemKind::InvalidPath].contains(&problem.kind));
        }
    }

    #[test]
    fn nor_does_what_is_nearly_a_filter(
        pieces in prop::collection::vec(prop::sample::select(vec![
            "userName", "emails", "[", "]", "(", ")", "not", "and", "or", "eq", "pr", "\"a\"", "\"", "true", "7", ".",
            ".value", " ", "  ", "urn:", USER, ENTERPRISE, ":", "active", "co", "null", "{}", "[]",
        ]), 0..20),
    ) {
        let text: String = pieces.concat();
        let _ = (parse(&text, User), parse_path(&text, User));
        let _ = parse(&pieces.join(" "), User);
    }
}

#[test]
fn a_filter_that_is_wrong_says_where() {
    for (text, says) in [
        ("", "Here the name of an attribute is missing (at character 1)."),
        ("userName", "Here eq, ne, co, sw, ew, gt, ge, lt, le or pr is missing (at character 9)."),
        ("userName eq", "Here a text in double quotes"),
        (
            "userName eq 'a'",
            "Here a text in double quotes, a number, true, false or null is missing (at character 13).",
        ),
        ("userName eq \"a\" userName eq \"b\"", "(at character 17)"),
        ("(userName eq \"a\"", "Here a ) is missing"),
        ("emails[type eq \"work\"", "Here a ] is missing"),
        ("userName gt true", "gt does not compare this"),
        ("userName co 7", "co does not compare this"),
        ("userName eq [\"a\"]", "Here a text in double quotes"),
        ("urn:x:y:userName eq \"a\"", "This schema is not one of the resource (at character 1)."),
        ("userName eq \"a\" and", "Here the name of an attribute is missing"),
    ] {
        let problem = parse(text, User).expect_err(text);
        assert_eq!(problem.kind, ProblemKind::InvalidFilter, "{text}");
        assert!(problem.detail.contains(says), "{text}: {}", problem.detail);
    }
}

#[test]
fn a_filter_is_bounded_in_depth_and_length() {
    let nested = |depth: usize| format!("{}title pr{}", "(".repeat(depth), ")".repeat(depth));
    assert!(parse(&nested(DEEPEST), User).is_ok());
    assert!(parse(&nested(DEEPEST + 1), User).is_err());
    assert!(parse(&nested(3_000), User).is_err());
    assert!(parse(&"not (".repeat(1_000), User).is_err());
    assert!(parse(&"emails[".repeat(1_000), User).is_err());
    let long = vec!["title pr"; 600].join(" or ");
    assert!(long.len() < 8_192 && parse(&long, User).is_ok());
    assert!(parse(&vec!["title pr"; 1_000].join(" or "), User).is_err());
}
