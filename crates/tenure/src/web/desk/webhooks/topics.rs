//! The types of events as a form offers them: in groups, each with a label that says alone what happened.

use std::collections::BTreeSet;

use domain::webhook::topics;

use crate::web::view::{Choice, webhooks::TopicGroup};

/// The field that says all of a group.
pub(super) const GROUP: &str = "group";

/// The word of a group, its title, and what stands before the dot in its types. What stands in no other is in the last.
type Group = (&'static str, &'static str, &'static [&'static str]);

const GROUPS: [Group; 5] = [
    (
        "accounts",
        "Accounts",
        &[
            "person",
            "invitation",
            "customer",
            "profile",
            "role",
            "ownership",
            "step",
            "return",
            "review",
            "people",
            "bulk",
        ],
    ),
    ("settings", "Licenses and settings", &["licenses", "settings", "workspace"]),
    ("work", "Work", &["item", "items", "message", "project", "handover", "request", "article"]),
    ("groups", "Teams and organizations", &["team", "organization"]),
    ("programs", "Ways in and programs", &[]),
];

/// What stands before the dot, and after it.
fn parts(topic: &str) -> (&str, &str) {
    topic.split_once('.').unwrap_or((topic, ""))
}

/// Which group a type of events is in.
fn group_of(topic: &str) -> &'static str {
    let (thing, _) = parts(topic);
    let named = GROUPS.iter().find(|(.., things)| things.contains(&thing));
    named.or(GROUPS.last()).map_or("", |(word, ..)| word)
}

/// The types of events of these groups.
pub(super) fn of_groups<'a>(words: impl Iterator<Item = &'a str>) -> BTreeSet<&'static str> {
    let words: BTreeSet<&str> = words.collect();
    topics().into_iter().filter(|topic| words.contains(group_of(topic))).collect()
}

/// Those whose own words would not say what happened.
const LABELS: &[(&str, &str)] = &[
    ("person.converted", "Customer made a user"),
    ("person.provisioned", "Person added from the directory"),
    ("person.left-directory", "Person removed from the directory"),
    ("step.undone", "Deactivation or activation undone"),
    ("return.asked", "Return asked for"),
    ("review.changed", "Review date changed"),
    ("people.imported", "People imported from a file"),
    ("bulk.started", "Change of many people begun"),
    ("bulk.paused", "Change of many people paused"),
    ("bulk.resumed", "Change of many people resumed"),
    ("bulk.cancelled", "Change of many people cancelled"),
    ("items.changed", "Many items changed at once"),
    ("items.handed-over", "Items handed over"),
    ("message.added", "Message written"),
    ("request.accepted", "Held request accepted"),
    ("request.discarded", "Held request discarded"),
    ("team.joined", "Person joined a team"),
    ("team.left", "Person left a team"),
    ("organization.joined", "Customer joined an organization"),
    ("organization.left", "Customer left an organization"),
    ("workspace.restored", "Workspace restored from a backup"),
    ("scim.changed", "Settings of a directory changed"),
    ("scim.stopped", "Sync stopped by the brake"),
    ("scim.let-on", "Sync let go on past the brake"),
    ("token.made", "API token made"),
    ("token.revoked", "API token revoked"),
    ("token.suspended", "API token suspended"),
    ("token.restored", "API token restored"),
    ("webhook.on", "Webhook switched on"),
    ("webhook.off", "Webhook switched off"),
    ("webhook.secret-rotated", "Webhook given a new secret"),
    ("webhook.sent-again", "Webhook's deliveries sent again"),
    ("link.made", "Set-password link made"),
];

/// "Person activated": what stands before the dot, and what happened to it.
fn label(topic: &str) -> String {
    if let Some((_, label)) = LABELS.iter().find(|(one, _)| *one == topic) {
        return (*label).to_owned();
    }
    let (thing, deed) = parts(topic);
    let mut letters = thing.chars();
    let first = letters.next().map(char::to_uppercase).into_iter().flatten();
    format!("{} {}", first.chain(letters).collect::<String>(), deed.replace('-', " "))
}

/// Every group, with what is chosen.
pub(super) fn groups(chosen: &[String]) -> Vec<TopicGroup> {
    let choice =
        |topic: &'static str| Choice::new(topic, label(topic), chosen.iter().any(|one| one == topic));
    GROUPS
        .into_iter()
        .map(|(word, title, _)| TopicGroup {
            word,
            title,
            topics: topics().into_iter().filter(|topic| group_of(topic) == word).map(choice).collect(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_is_in_one_group_and_has_a_label_of_its_own_that_names_what_it_happened_to() {
        let groups = groups(&[]);
        let all: Vec<&Choice> = groups.iter().flat_map(|group| &group.topics).collect();
        let values: BTreeSet<&str> = all.iter().map(|choice| choice.value.as_str()).collect();
        assert_eq!((all.len(), values), (topics().len(), topics()));
        let labels: BTreeSet<&str> = all.iter().map(|choice| choice.label.as_str()).collect();
        assert_eq!(labels.len(), all.len(), "no two read the same: {labels:?}");
        for label in labels {
            assert!(label.split(' ').count() > 1, "{label} says what happened to what");
        }
        for (topic, _) in LABELS {
            assert!(topics().contains(topic), "{topic} is told of");
        }
    }

    #[test]
    fn all_of_a_group_is_what_the_form_shows_in_it() {
        for group in groups(&[]) {
            assert!(!group.topics.is_empty(), "{}", group.title);
            let shown: BTreeSet<&str> = group.topics.iter().map(|choice| choice.value.as_str()).collect();
            assert_eq!(of_groups(std::iter::once(group.word)), shown, "{}", group.title);
        }
        assert!(of_groups(["nothing"].into_iter()).is_empty());
    }
}
