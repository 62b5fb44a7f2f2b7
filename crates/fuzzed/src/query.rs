//! What grids and lists are asked by a query string, and the places that it names.

use domain::{item::ItemKind, person::Kind};
use tenure::{
    Error,
    store::{
        audit_grid::{AuditCursor, AuditQuery},
        grid::{Cursor, GridQuery, Side},
        item_list::{self, ItemQuery},
    },
};

/// Reads bytes as a query string. Answers whether it asks for something.
///
/// # Panics
/// When what is read is not as it must be.
#[must_use]
pub fn check(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let mut asked = false;
    for kind in [Kind::User, Kind::Customer] {
        asked |= people(kind, &text);
    }
    for kind in [None, Some(ItemKind::Ticket), Some(ItemKind::Task)] {
        asked |= items(kind, &text);
    }
    asked |= audit(&text);
    for (_, value) in form_urlencoded::parse(bytes) {
        places(&value);
    }
    asked
}

/// What is not understood is told by field, each with words.
fn refused(error: &Error) {
    let Error::Invalid(fields) = error else { panic!("no answer about fields: {error:?}") };
    assert!(!fields.is_empty());
    for field in fields {
        assert!(!field.field.is_empty() && !field.message.is_empty(), "{fields:?}");
    }
}

fn people(kind: Kind, text: &str) -> bool {
    let strict = GridQuery::only_from_query(kind, text);
    match GridQuery::from_query(kind, text) {
        Err(error) => {
            refused(&error);
            refused(&strict.expect_err("the strict reader takes no more"));
            false
        }
        Ok(asked) => {
            let written = asked.to_query();
            assert_eq!(GridQuery::from_query(kind, &written).expect("its own text"), asked, "{written}");
            assert_eq!(GridQuery::only_from_query(kind, &written).expect("its own text"), asked, "{written}");
            let unpaged = GridQuery { cursor: None, ..asked.clone() };
            assert_eq!(asked.to_query_unpaged(), unpaged.to_query());
            if let Ok(strict) = strict {
                assert_eq!(strict, asked);
            }
            let members = asked.clone().for_members();
            assert_eq!(members.clone().for_members(), members);
            assert!(!members.tells_of_accounts());
            GridQuery::from_query(kind, &members.to_query()).expect("what members ask is a query");
            asked != GridQuery::new(kind)
        }
    }
}

fn items(kind: Option<ItemKind>, text: &str) -> bool {
    match ItemQuery::from_query(kind, text) {
        Err(error) => {
            refused(&error);
            false
        }
        Ok(asked) => {
            let written = asked.to_query();
            assert_eq!(ItemQuery::from_query(kind, &written).expect("its own text"), asked, "{written}");
            let unpaged = ItemQuery { cursor: None, ..asked.clone() };
            assert_eq!(asked.to_query_unpaged(), unpaged.to_query());
            asked != ItemQuery::new(kind)
        }
    }
}

fn audit(text: &str) -> bool {
    match AuditQuery::from_query(text) {
        Err(error) => {
            refused(&error);
            false
        }
        Ok(asked) => {
            let written = asked.to_query();
            assert_eq!(AuditQuery::from_query(&written).expect("its own text"), asked, "{written}");
            asked != AuditQuery::default()
        }
    }
}

/// A place is read back as it was written.
fn places(text: &str) {
    for side in [Side::After, Side::Before] {
        if let Some(place) = Cursor::parse(side, text) {
            assert_eq!(place.to_string(), text);
        }
        if let Some(place) = AuditCursor::parse(side, text) {
            assert_eq!(place.to_string(), text);
        }
        if let Some(place) = item_list::Cursor::parse(side, text) {
            assert_eq!(item_list::Cursor::parse(side, &place.to_string()), Some(place));
        }
    }
}
