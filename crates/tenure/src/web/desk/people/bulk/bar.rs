//! The bar with which selected rows are acted on.

use domain::role::Role;

use super::{
    super::{asked::Asked, filter::Groups},
    words,
};
use crate::{
    store::{
        batches::{Batch, State},
        grid::{Count, Page},
    },
    web::view::{
        Link,
        bulk::{BulkBar, Deeds},
        naming::Naming,
        number,
    },
};

/// What this grid offers for many; for administrators.
pub(in super::super) fn bar(asked: &Asked, page: &Page, groups: &Groups) -> BulkBar {
    let all = match page.count {
        Count::Exact(all) if all > 1 => {
            Some(format!("All {} {} that match", number(all.unsigned_abs()), asked.app.many))
        }
        Count::Exact(_) => None,
        // How many these are, the preview says.
        Count::AtLeast(_) => Some(format!("All {} that match", asked.app.many)),
    };
    BulkBar {
        action: format!("{}/bulk", asked.app.path),
        keeps: Vec::new(),
        query: asked.unpaged(),
        all,
        deeds: deeds(asked, groups),
        more: Some(Link::new("Changes of many", "/bulk")),
    }
}

fn deeds(asked: &Asked, groups: &Groups) -> Vec<Deeds> {
    let choice = |value: &str, label: &str| (value.to_owned(), label.to_owned());
    let mut deeds = vec![Deeds {
        label: String::new(),
        choices: vec![
            choice("deactivate", "Deactivate"),
            choice("activate", "Activate"),
            choice("delete", "Delete"),
        ],
    }];
    let each =
        |verb: &str| groups.iter().map(|(id, name)| (format!("{verb}:{id}"), name.to_owned())).collect();
    if asked.app.is_users() {
        deeds.push(Deeds { label: "Add to team".into(), choices: each("join") });
        deeds.push(Deeds { label: "Remove from team".into(), choices: each("leave") });
        let role = |role: Role, label: &str| (format!("role:{}", role.word()), label.to_owned());
        deeds.push(Deeds {
            label: "Role".into(),
            choices: vec![role(Role::Member, "Member"), role(Role::Administrator, "Administrator")],
        });
    } else {
        let mut choices: Vec<_> = each("move");
        choices.push(choice("move:none", "No organization"));
        deeds.push(Deeds { label: "Move to organization".into(), choices });
    }
    deeds.retain(|deeds| !deeds.choices.is_empty());
    deeds
}

/// A change of many people that is under way, or waits for somebody, as a link to its page.
pub(in super::super) fn open(batch: &Batch) -> Link {
    let naming = Naming::of(batch.kind);
    let state = if batch.state == State::Paused { "waits for an administrator" } else { "is under way" };
    let done = number(batch.done().unsigned_abs());
    let label = format!(
        "{}: {state}, {done} of {} dealt with",
        words::title(naming, &batch.deed, batch.total),
        number(batch.total.unsigned_abs())
    );
    Link::new(label, format!("/bulk/{}", batch.id))
}
