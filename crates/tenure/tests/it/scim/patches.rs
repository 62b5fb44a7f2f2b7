//! Changes of a resource, without a server.

use proptest::prelude::*;
use serde_json::{Value, json};
use tenure::scim::{
    Resource,
    filter::parse_name,
    patch::{Deed, apply, parse, whole},
    schema::{ENTERPRISE, ResourceType::User, USER},
    select::Selection,
};

fn object(value: &Value) -> Resource {
    value.as_object().cloned().expect("an object")
}

fn patched(before: &Value, operations: &Value) -> Value {
    let mut resource = object(before);
    let changes = parse(&object(&json!({ "Operations": operations })), User).expect("changes");
    apply(&mut resource, &changes, User).expect("they are made");
    Value::Object(resource)
}

#[test]
fn one_change_has_many_dialects() {
    let before = json!({ "active": true, "title": "x" });
    let after = json!({ "active": false, "title": "x" });
    for operations in [
        json!([{ "op": "replace", "path": "active", "value": false }]),
        json!([{ "op": "Replace", "path": "active", "value": "False" }]),
        json!([{ "OP": "REPLACE", "Path": "ACTIVE", "Value": "false" }]),
        json!([{ "op": "add", "path": "active", "value": false }]),
        json!([{ "op": "replace", "value": { "active": false } }]),
        json!([{ "op": "replace", "value": { "Active": "False" } }]),
        json!([{ "op": "replace", "path": "", "value": { "active": false } }]),
        json!([{ "op": "replace", "path": null, "value": { "active": false } }]),
        json!([{ "op": "replace", "active": false }]),
        json!([{ "op": "replace", "path": format!("{USER}:active"), "value": false }]),
        json!([{ "op": "replace", "value": { USER: { "active": false } } }]),
        json!([{ "op": "replace", "value": { format!("{USER}:active"): false } }]),
        json!([{ "op": "replace", "path": "active", "value": [{ "value": "False" }] }]),
        json!([{ "op": "replace", "value": { "active": false, "id": "7", "meta": {}, "groups": [], "shoeSize": 9 } }]),
    ] {
        assert_eq!(patched(&before, &operations), after, "{operations}");
    }
}

#[test]
fn values_are_added_replaced_and_removed_where_the_path_says() {
    let email = |value: &str, kind: &str| json!({ "value": value, "type": kind });
    let before =
        json!({ "emails": [email("a", "work"), email("b", "home")], "name": { "givenName": "Ada" } });
    for (operation, expected) in [
        (
            json!({ "op": "add", "path": "emails", "value": [email("c", "other")] }),
            json!([email("a", "work"), email("b", "home"), email("c", "other")]),
        ),
        (
            json!({ "op": "add", "path": "emails", "value": email("a", "work") }),
            json!([email("a", "work"), email("b", "home")]),
        ),
        (
            json!({ "op": "replace", "path": "emails", "value": [email("c", "work")] }),
            json!([email("c", "work")]),
        ),
        (json!({ "op": "remove", "path": "emails[type eq \"home\"]" }), json!([email("a", "work")])),
        (
            json!({ "op": "remove", "path": "emails", "value": [{ "value": "a" }] }),
            json!([email("b", "home")]),
        ),
        (json!({ "op": "remove", "path": "emails[type eq \"work\"].value" }), json!([email("b", "home")])),
        (
            json!({ "op": "replace", "path": "emails[type eq \"home\"].value", "value": "z" }),
            json!([email("a", "work"), email("z", "home")]),
        ),
        (
            json!({ "op": "replace", "path": "emails[value eq \"b\"]", "value": { "display": "B" } }),
            json!([email("a", "work"), { "value": "b", "type": "home", "display": "B" }]),
        ),
        (json!({ "op": "remove", "path": "emails" }), Value::Null),
        (json!({ "op": "replace", "path": "emails", "value": null }), Value::Null),
        (json!({ "op": "replace", "path": "emails", "value": [] }), Value::Null),
    ] {
        assert_eq!(patched(&before, &json!([operation]))["emails"], expected, "{operation}");
    }
    let named =
        patched(&before, &json!([{ "op": "replace", "path": "name", "value": { "familyName": "King" } }]));
    assert_eq!(named["name"], json!({ "givenName": "Ada", "familyName": "King" }), "what is not named stays");
    let without = patched(&before, &json!([{ "op": "remove", "path": "name.givenName" }]));
    assert!(without.get("name").is_none(), "an empty name is none: {without}");
}

#[test]
fn of_several_one_is_primary() {
    let before = json!({ "emails": [{ "value": "a", "primary": true }] });
    let added = patched(
        &before,
        &json!([{ "op": "add", "path": "emails", "value": [{ "value": "b", "primary": "True" }] }]),
    );
    assert_eq!(
        added["emails"],
        json!([{ "value": "a", "primary": false }, { "value": "b", "primary": true }])
    );
    let set = patched(
        &added,
        &json!([{ "op": "replace", "path": "emails[value eq \"a\"].primary", "value": true }]),
    );
    assert_eq!(set["emails"], json!([{ "value": "a", "primary": true }, { "value": "b", "primary": false }]));
}

#[test]
fn an_extension_comes_and_goes_by_its_name() {
    let engines = json!({ ENTERPRISE: { "department": "Engines" } });
    for operation in [
        json!({ "op": "add", "path": format!("{ENTERPRISE}:department"), "value": "Engines" }),
        json!({ "op": "add", "path": ENTERPRISE, "value": { "department": "Engines" } }),
        json!({ "op": "add", "value": { ENTERPRISE: { "DEPARTMENT": "Engines" } } }),
        json!({ "op": "add", "value": { format!("{ENTERPRISE}:department"): "Engines" } }),
    ] {
        assert_eq!(patched(&json!({}), &json!([operation])), engines, "{operation}");
    }
    for path in [ENTERPRISE.to_owned(), format!("{ENTERPRISE}:department"), ENTERPRISE.to_uppercase()] {
        assert_eq!(patched(&engines, &json!([{ "op": "remove", "path": path }])), json!({}));
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        prop::sample::select(vec!["", "work", "True", "a@b.example", "x"]).prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        let key = prop::sample::select(vec![
            "value",
            "type",
            "primary",
            "active",
            "emails",
            "name",
            "givenName",
            "id",
            "members",
            ENTERPRISE,
        ]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key, inner), 0..4).prop_map(|pairs| Value::Object(
                pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
            )),
        ]
    })
}

fn any_operation() -> impl Strategy<Value = Value> {
    let path = prop::sample::select(vec![
        "active",
        "emails",
        "emails.value",
        "emails[type eq \"work\"]",
        "emails[type eq \"work\"].value",
        "emails[primary eq true]",
        "name",
        "name.givenName",
        "title",
        "id",
        "meta",
        "groups",
        ENTERPRISE,
        "nothing",
        "emails[",
        "",
    ]);
    (
        prop::sample::select(vec!["add", "Replace", "remove", "x"]),
        prop::option::of(path),
        prop::option::of(any_json()),
    )
        .prop_map(|(op, path, value)| {
            let mut operation = json!({ "op": op });
            if let Some(path) = path {
                operation["path"] = json!(path);
            }
            if let Some(value) = value {
                operation["value"] = value;
            }
            operation
        })
}

#[test]
fn of_changes_of_which_one_is_refused_none_is_made() {
    let before = object(&json!({ "title": "x", "emails": [{ "value": "a", "primary": true }] }));
    for operations in [
        json!([{ "op": "replace", "path": "title", "value": "y" }, { "op": "replace", "path": "active", "value": "perhaps" }]),
        json!([{ "op": "remove", "path": "emails" }, { "op": "add", "path": "emails", "value": [[]] }]),
    ] {
        let mut resource = before.clone();
        let changes = parse(&object(&json!({ "Operations": operations })), User).expect("changes");
        apply(&mut resource, &changes, User).expect_err("refused");
        assert_eq!(resource, before);
    }
}

#[test]
fn an_attribute_holds_so_many_values_however_they_come() {
    let emails =
        |count: usize| -> Vec<Value> { (0..count).map(|at| json!(format!("a{at}@x.org"))).collect() };
    let one_by_one = |count: usize| -> Vec<Value> {
        let add = |email: &Value| json!({ "op": "add", "path": "emails", "value": email });
        emails(count).iter().map(add).collect()
    };
    let named = |count: usize| -> Vec<Value> {
        let path = |at: usize| format!("emails[type eq \"t{at}\"].value");
        (0..count).map(|at| json!({ "op": "add", "path": path(at), "value": "x" })).collect()
    };
    let ways: [&dyn Fn(usize) -> Value; 4] = [
        &|count| json!([{ "op": "add", "path": "emails", "value": emails(count) }]),
        &|count| json!([{ "op": "replace", "path": "emails", "value": emails(count) }]),
        &|count| json!(one_by_one(count)),
        &|count| json!(named(count)),
    ];
    for way in ways {
        let outcome = |count: usize| {
            let mut resource = Resource::new();
            let changes = parse(&object(&json!({ "Operations": way(count) })), User).expect("changes");
            apply(&mut resource, &changes, User).map(|()| resource["emails"].as_array().map_or(0, Vec::len))
        };
        assert_eq!(outcome(100), Ok(100));
        let refused = outcome(101).expect_err("one too many");
        assert_eq!(refused.detail, "emails has at most 100 values, not 101.");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn no_changes_make_more_than_the_schema_has(operations in prop::collection::vec(any_operation(), 0..5)) {
        let mut resource = Resource::new();
        if let Ok(changes) = parse(&object(&json!({ "Operations": operations })), User) {
            // What fails is thrown away whole.
            if apply(&mut resource, &changes, User).is_err() {
                resource.clear();
            }
        }
        for (key, value) in &resource {
            prop_assert!(["active", "emails", "name", "title", ENTERPRISE].contains(&key.as_str()), "{key}");
            prop_assert!(!value.is_null() && value.as_array().is_none_or(|several| !several.is_empty()), "{key}: {value}");
        }
        let emails = resource.get("emails").and_then(Value::as_array).cloned().unwrap_or_default();
        prop_assert!(emails.iter().filter(|email| email["primary"] == json!(true)).count() <= 1, "{emails:?}");
        // What is kept is read back as it is.
        let mut again = Resource::new();
        apply(&mut again, &whole(Deed::Add, &resource, User), User).expect("it is read");
        prop_assert_eq!(again, resource);
    }

    #[test]
    fn what_is_asked_for_and_what_is_left_out_are_the_whole(attribute in prop::sample::select(vec!["title", "name", "emails", "active"])) {
        let resource = object(&json!({ "id": "7", "schemas": [USER], "title": "x", "active": true, "name": { "givenName": "a" }, "emails": [{ "value": "b" }] }));
        let only = Selection::parse(&[attribute.to_owned()], &[], User).expect("a selection").of(resource.clone(), User);
        let without = Selection::parse(&[], &[attribute.to_owned()], User).expect("a selection").of(resource.clone(), User);
        prop_assert_eq!(only.len(), 3);
        prop_assert!(!without.contains_key(attribute));
        let mut both = only;
        both.extend(without);
        prop_assert_eq!(both, resource);
        prop_assert!(parse_name(attribute, User).is_ok());
    }
}
