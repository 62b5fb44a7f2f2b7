//! Two people change one item: what neither of them touched is no conflict, and nothing that was typed is lost.
//!
//! A form carries what each field was when it was opened, and the last change that it knows of. What was left as it was
//! is not sent on. What was changed by both is refused: the form comes back with what was typed, and says who changed
//! what meanwhile.

use domain::{
    id::{ChangeId, PersonId},
    item::Access,
};
use sha2::{Digest as _, Sha256};

use super::{Item, history};
use crate::{
    ctx::Ctx,
    error::{Error, Result},
    ops::{
        self,
        items::{Edit, Edited},
    },
    store::{Rx, changes::Change, item_people::Brief},
    web::fields::Fields,
};

/// How many changes are looked at; a form that was open during more begins anew.
const LOOKED_AT: i64 = 100;

/// How often a form is tried again that only messages, or changes of other fields, have overtaken.
const TRIES: usize = 4;

/// What a field holds, for a form that carries it twice: a long text as its digest.
pub(in crate::web::desk) fn was(text: &str) -> String {
    const SHORT: usize = 300;
    if text.len() <= SHORT {
        return text.to_owned();
    }
    Sha256::digest(text).iter().fold(String::from("sha256:"), |mut hex, byte| {
        use std::fmt::Write as _;
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Whether a field was changed by whoever sent the form. A form that does not say what it was changes it.
pub(in crate::web::desk) fn touched(fields: &Fields, name: &str, typed: &str) -> bool {
    fields.maybe(name).is_some()
        && fields.maybe(&format!("_was_{name}")).is_none_or(|before| before != was(typed))
}

/// The last change of the item, as a form carries it; empty without one.
pub(super) async fn latest(rx: &mut Rx, ctx: &Ctx, item: &Item) -> Result<String> {
    let (lines, _) = ops::items::history(rx, ctx, item.id(), None, 1).await?;
    Ok(lines.first().map(|line| line.id.to_string()).unwrap_or_default())
}

/// What an edit came to.
pub(super) enum Outcome {
    /// It was saved, or changed nothing.
    Saved(Edited),
    /// Others changed the same fields meanwhile.
    Conflict(Vec<String>),
}

/// Saves what the form touched. `names` are the fields of the history that it would change.
pub(super) async fn save(item: &mut Item, fields: &Fields, edit: &Edit, names: &[&str]) -> Result<Outcome> {
    let mut version = fields.version();
    for _ in 0..TRIES {
        let (ctx, id, edit) = (item.ctx(), item.id(), Edit { version, ..edit.clone() });
        let saved =
            item.app.store.write(async move |tx| ops::items::edit(tx, &ctx, id, edit.clone()).await).await;
        match saved {
            Ok(edited) => return Ok(Outcome::Saved(edited)),
            Err(Error::Stale) => {}
            Err(error) => return Err(error),
        }
        item.again().await?;
        let (lines, people) = since(item, fields.get("_since")).await?;
        if lines.iter().any(|line| names.contains(&line.field.as_str())) {
            return Ok(Outcome::Conflict(told(item, &lines, &people)));
        }
        version = Some(item.row.version);
    }
    Err(Error::Stale)
}

/// The changes after the one that a form knows of, the latest first.
async fn since(item: &Item, known: &str) -> Result<(Vec<Change>, Vec<Brief>)> {
    debug_assert!(item.access == Access::Desk, "customers have no such form");
    let known = known.parse::<ChangeId>().ok();
    let mut rx = item.app.store.reader().await?;
    let (mut lines, people) = ops::items::history(&mut rx, &item.ctx(), item.id(), None, LOOKED_AT).await?;
    lines.retain(|line| known.is_none_or(|known| line.id > known));
    Ok((lines, people))
}

/// "Ben Okafor changed the priority from Normal to High", the oldest first.
fn told(item: &Item, lines: &[Change], people: &[Brief]) -> Vec<String> {
    let me: PersonId = item.frame.session.person();
    lines.iter().rev().map(|line| history::sentence(line, people, me)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(text: &str) -> Fields {
        Fields::parse(text.as_bytes()).expect("fields")
    }

    #[test]
    fn a_field_is_touched_when_it_is_not_what_it_was() {
        let same = fields("title=A&_was_title=A");
        assert!(!touched(&same, "title", "A"));
        assert!(touched(&fields("title=B&_was_title=A"), "title", "B"));
        assert!(touched(&fields("title=A"), "title", "A"), "a form that says nothing of before");
        assert!(!touched(&same, "due", ""), "a field that was not sent");
    }

    #[test]
    fn a_long_text_is_carried_as_its_digest() {
        let long = "x".repeat(1_000);
        assert_eq!(was("short"), "short");
        assert!(was(&long).starts_with("sha256:") && was(&long).len() < 80);
        assert_ne!(was(&long), was(&"y".repeat(1_000)));
    }
}
