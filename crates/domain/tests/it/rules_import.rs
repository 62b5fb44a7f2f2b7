//! Rules 5, 9 and 13 for people from a file: whatever it says, it revives nobody unasked and mixes nobody up.

use domain::{
    actor::Authority,
    id::PersonId,
    import::{Asked, Known, StatusStep, add, find, fits, receives, status},
    lifecycle::{Grounds, Outcome, Way, activate, deactivate},
    person::{Kind, Person, Status, StatusWord},
    role::Role,
};
use proptest::prelude::*;

use crate::support::{
    acting, active, an_administrator, as_customer, cli, deactivated, invited, licenses, now, today,
};

fn anybody() -> impl Strategy<Value = Person> {
    let role = prop_oneof![Just(Role::Member), Just(Role::Administrator), Just(Role::Owner)];
    (2_u128..6, role, 0_u8..3, any::<bool>()).prop_map(|(n, role, state, customer)| {
        let person = match state {
            0 => active(n, role),
            1 => deactivated(n, if role == Role::Owner { Role::Member } else { role }),
            _ => invited(n, 24, false),
        };
        if customer { as_customer(person) } else { person }
    })
}

fn any_status() -> impl Strategy<Value = Option<StatusWord>> {
    prop_oneof![
        Just(None),
        Just(Some(StatusWord::Invited)),
        Just(Some(StatusWord::Active)),
        Just(Some(StatusWord::Deactivated)),
    ]
}

fn any_authority(person: &Person, which: u8) -> Authority {
    match which {
        0 => an_administrator(),
        1 => cli(),
        2 => acting(person),
        _ => acting(&active(1, Role::Member)),
    }
}

fn asked(kind: Kind, external_id: Option<&str>) -> Asked<'_> {
    Asked { kind, external_id, role: None, status: None, teams: false, organization: false }
}

proptest! {
    #[test]
    fn rule_10_a_file_changes_a_status_only_when_asked_and_as_the_rule_for_one_does(
        person in anybody(), word in any_status(), update: bool, which in 0_u8..4,
    ) {
        let by = any_authority(&person, which);
        let step = status(&by, &person, word, update, now(), today());
        let same = word.is_none_or(|word| word == person.status.word());
        match (same, word) {
            (true, _) => prop_assert_eq!(step, Ok(StatusStep::Same)),
            (_, Some(StatusWord::Deactivated)) if update => {
                let alone = deactivate(&by, &person, Grounds::default(), now(), today());
                prop_assert_eq!(step.is_ok(), alone.is_ok());
                if let (Ok(StatusStep::Deactivate(done)), Ok(Outcome::Changed(alone))) = (step, alone) {
                    prop_assert_eq!(done, alone);
                }
            }
            (_, Some(StatusWord::Active)) if update => {
                let alone = activate(&by, &person, &licenses(9, 0), Way::Free, now(), today());
                prop_assert_eq!(step.is_ok(), alone.is_ok());
                if let (Ok(StatusStep::Activate(done)), Ok(Outcome::Changed(alone))) = (step, alone) {
                    prop_assert_eq!(done.change, alone.change);
                }
            }
            // Nobody goes back to being invited, and nothing changes unasked.
            _ => prop_assert_eq!(step, Ok(StatusStep::Kept)),
        }
    }

    #[test]
    fn rule_13_a_row_means_one_person_of_its_kind_or_somebody_new(
        by_id in proptest::option::of(anybody()), by_address in proptest::option::of(anybody()),
        id_of_row: bool, id_of_owner: bool, customers: bool,
    ) {
        let kind = if customers { Kind::Customer } else { Kind::User };
        let asked = asked(kind, id_of_row.then_some("M-1"));
        // Whoever is found by external id is so within the kind, and has the row's.
        let by_id = by_id.filter(|person| id_of_row && person.kind == kind);
        let known = by_id.as_ref().map(|person| Known { person, external_id: Some("M-1") });
        let theirs = match &by_id {
            Some(person) if by_address.as_ref().is_some_and(|owner| owner.id == person.id) => Some("M-1"),
            _ => id_of_owner.then_some("M-2"),
        };
        let owner = by_address.as_ref().map(|person| Known { person, external_id: theirs });
        let found = find(&asked, known, owner);
        let id = |person: &Option<Person>| person.as_ref().map(|person| person.id);
        let expected: Option<Option<PersonId>> = match (id(&by_id), &by_address) {
            (one, None) => Some(one),
            (_, Some(owner)) if owner.kind != kind => None,
            (Some(one), Some(owner)) => (one == owner.id).then_some(Some(one)),
            (None, Some(owner)) => (theirs.is_none() || !id_of_row).then_some(Some(owner.id)),
        };
        prop_assert_eq!(found.ok(), expected);
    }

    #[test]
    fn rule_09_nobody_comes_as_an_owner_or_by_somebody_who_may_not(
        word in any_status(), role in prop_oneof![Just(None), Just(Some(Role::Member)), Just(Some(Role::Owner))],
        which in 0_u8..4, customers: bool,
    ) {
        let by = any_authority(&active(1, Role::Member), which);
        let kind = if customers { Kind::Customer } else { Kind::User };
        let asked = Asked { role, status: word, ..asked(kind, None) };
        let added = add(&by, &asked, now());
        prop_assert_eq!(added.is_ok(), which < 2 && role != Some(Role::Owner));
        if let Ok((status, role)) = added {
            prop_assert_eq!(status.word(), word.unwrap_or(StatusWord::Active));
            prop_assert_ne!(role, Role::Owner);
        }
        if customers && role == Some(Role::Owner) {
            prop_assert!(fits(&asked).is_err());
        }
    }

    #[test]
    fn rule_05_a_file_gives_nothing_new_to_whoever_it_leaves_deactivated(person in anybody(), away: bool) {
        let after = if away { deactivated(9, Role::Member).status } else { Status::Active { since: now() } };
        prop_assert_eq!(receives(&an_administrator(), &person, &after), Ok(!away));
    }
}
