//! What can be done in a walk, and by whom.

use domain::item::{ItemStatus, MessageKind, Part};
use proptest::prelude::*;

/// Who does a step. Numbers choose among those who are there, round and round.
#[derive(Debug, Clone, Copy)]
pub(super) enum By {
    /// The owner, who may do everything.
    Owner,
    /// Anybody: a user, a customer, somebody deactivated, somebody deleted.
    Somebody(u8),
}

/// What many items are changed to at once.
#[derive(Debug, Clone, Copy)]
pub(super) enum Many {
    Assign,
    Unassign,
    UnassignAll,
    Follow,
    Unfollow,
    Status,
    Project,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Op {
    Make { task: bool, assignee: u8, follower: u8, requester: u8 },
    ItemPart { gives: bool, item: u8, person: u8, part: Part },
    ProjectPart { gives: bool, project: u8, person: u8, part: Part },
    Requester { item: u8, person: Option<u8> },
    Status { item: u8, status: ItemStatus },
    Into { item: u8, project: Option<u8> },
    Archive { project: u8, archived: bool },
    Say { item: u8, kind: MessageKind, mention: Option<u8> },
    Many { deed: Many, person: u8, items: u8 },
    HandOver { from: u8, to: u8, team: bool },
    HandBack { nth: u8 },
    Team { joins: bool, person: u8, team: u8 },
    Rename { person: u8 },
    Deactivate { person: u8 },
    Activate { person: u8 },
    Undo { nth: u8 },
    Delete { person: u8, of_many: bool },
    Depart,
    Wait { minutes: u8 },
}

fn by() -> impl Strategy<Value = By> {
    prop_oneof![3 => Just(By::Owner), 2 => any::<u8>().prop_map(By::Somebody)]
}

fn part() -> impl Strategy<Value = Part> {
    prop_oneof![Just(Part::Assignee), Just(Part::Follower)]
}

fn deed() -> impl Strategy<Value = Many> {
    prop_oneof![
        3 => Just(Many::Assign),
        2 => Just(Many::Follow),
        1 => Just(Many::Unassign),
        1 => Just(Many::UnassignAll),
        1 => Just(Many::Unfollow),
        1 => Just(Many::Status),
        1 => Just(Many::Project),
    ]
}

fn op() -> impl Strategy<Value = Op> {
    let t = any::<u8>;
    let maybe = || prop::option::weighted(0.7, any::<u8>());
    let gives = || prop::bool::weighted(0.75);
    prop_oneof![
        4 => (any::<bool>(), t(), t(), t())
            .prop_map(|(task, assignee, follower, requester)| Op::Make { task, assignee, follower, requester }),
        9 => (gives(), t(), t(), part())
            .prop_map(|(gives, item, person, part)| Op::ItemPart { gives, item, person, part }),
        4 => (gives(), t(), t(), part())
            .prop_map(|(gives, project, person, part)| Op::ProjectPart { gives, project, person, part }),
        3 => (t(), maybe()).prop_map(|(item, person)| Op::Requester { item, person }),
        4 => (t(), prop::sample::select(ItemStatus::ALL)).prop_map(|(item, status)| Op::Status { item, status }),
        2 => (t(), maybe()).prop_map(|(item, project)| Op::Into { item, project }),
        1 => (t(), any::<bool>()).prop_map(|(project, archived)| Op::Archive { project, archived }),
        8 => (t(), any::<bool>(), maybe()).prop_map(|(item, note, mention)| {
            let kind = if note { MessageKind::Note } else { MessageKind::Reply };
            Op::Say { item, kind, mention }
        }),
        5 => (deed(), t(), t()).prop_map(|(deed, person, items)| Op::Many { deed, person, items }),
        7 => (t(), t(), any::<bool>()).prop_map(|(from, to, team)| Op::HandOver { from, to, team }),
        7 => (0_u8..2).prop_map(|nth| Op::HandBack { nth }),
        3 => (gives(), t(), t()).prop_map(|(joins, person, team)| Op::Team { joins, person, team }),
        1 => t().prop_map(|person| Op::Rename { person }),
        7 => t().prop_map(|person| Op::Deactivate { person }),
        7 => t().prop_map(|person| Op::Activate { person }),
        4 => (0_u8..3).prop_map(|nth| Op::Undo { nth }),
        5 => (t(), any::<bool>()).prop_map(|(person, of_many)| Op::Delete { person, of_many }),
        4 => Just(Op::Depart),
        2 => (0_u8..14).prop_map(|minutes| Op::Wait { minutes }),
    ]
}

/// Steps, and who does each.
pub(super) fn walk() -> impl Strategy<Value = Vec<(By, Op)>> {
    prop::collection::vec((by(), op()), 60..120)
}
