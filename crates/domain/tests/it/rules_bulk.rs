//! Many at once: for each what the rule for one says, the licenses of all or of nobody, and the brake.

use domain::{
    Refusal,
    actor::Authority,
    brake::{Brake, Recent},
    bulk::{Candidate, Deed, Effect, Totals, Verdict, decide},
    customer::{join_organization, leave_organization},
    id::{BatchId, OrganizationId, TeamId},
    lifecycle::{Change, Grounds, Outcome, Step, Way, activate, deactivate, delete, undo},
    part::{change_role, join_team},
    person::{Person, Status},
    role::Role,
};
use proptest::prelude::*;

use crate::support::{
    acting, active, an_administrator, as_customer, cli, deactivated, invited, job, licenses, now, today,
};

fn anybody() -> impl Strategy<Value = Person> {
    let role = prop_oneof![Just(Role::Member), Just(Role::Administrator), Just(Role::Owner)];
    (2_u128..50, role, 0_u8..4, any::<bool>()).prop_map(|(n, role, status, customer)| {
        let person = match status {
            0 | 1 => active(n, role),
            2 => deactivated(n, if role == Role::Owner { Role::Member } else { role }),
            _ => invited(n, 24, false),
        };
        if customer { as_customer(person) } else { person }
    })
}

fn any_deed() -> impl Strategy<Value = Deed> {
    let id = uuid::Uuid::from_u128(7);
    prop_oneof![
        Just(Deed::Deactivate(Grounds { reason: Some("the branch closes".into()), review_on: None })),
        Just(Deed::Activate),
        Just(Deed::Delete),
        Just(Deed::JoinTeam(TeamId::from_uuid(id))),
        Just(Deed::LeaveTeam(TeamId::from_uuid(id))),
        Just(Deed::Role(Role::Member)),
        Just(Deed::Role(Role::Administrator)),
        Just(Deed::Organization(Some(OrganizationId::from_uuid(id)))),
        Just(Deed::Organization(None)),
    ]
}

fn any_authority(person: &Person, which: u8) -> Authority {
    match which {
        0 => an_administrator(),
        1 => cli(),
        2 => job(),
        3 => acting(person),
        _ => acting(&active(1, Role::Member)),
    }
}

/// What the rule for one says, in the same words.
fn alone(authority: &Authority, person: &Person, there: bool, deed: &Deed) -> Verdict {
    let plenty = licenses(1_000, 1);
    let outcome = match deed {
        Deed::Deactivate(grounds) => {
            deactivate(authority, person, grounds.clone(), now(), today()).map(|outcome| match outcome {
                Outcome::Unchanged => Outcome::Unchanged,
                Outcome::Changed(done) => {
                    Outcome::Changed((Some(done.change), -i64::from(done.frees_license)))
                }
            })
        }
        Deed::Activate => {
            activate(authority, person, &plenty, Way::Free, now(), today()).map(|outcome| match outcome {
                Outcome::Unchanged => Outcome::Unchanged,
                Outcome::Changed(done) => {
                    Outcome::Changed((Some(done.change), i64::from(done.takes_license)))
                }
            })
        }
        Deed::Delete => {
            delete(authority, person).map(|done| Outcome::Changed((None, -i64::from(done.frees_license))))
        }
        Deed::JoinTeam(_) => join_team(authority, person).map(|()| changes(!there)),
        Deed::LeaveTeam(_) => authority.may_administer().map(|()| changes(there)),
        Deed::Role(role) => change_role(authority, person, *role).map(|outcome| match outcome {
            Outcome::Unchanged => Outcome::Unchanged,
            Outcome::Changed(_) => Outcome::Changed((None, 0)),
        }),
        Deed::Organization(Some(_)) if !there => join_organization(authority, person).map(|()| changes(true)),
        Deed::Organization(_) => leave_organization(authority, person).map(|()| changes(!there)),
        Deed::Undo(_) => unreachable!("it has a test of its own"),
    };
    match outcome {
        Err(refusal) => Verdict::Skipped(refusal),
        Ok(Outcome::Unchanged) => Verdict::Unchanged,
        Ok(Outcome::Changed((change, licenses))) => Verdict::Changed(match (deed, change) {
            (_, Some(change)) => Effect::Status { change, licenses },
            (Deed::Delete, None) => Effect::Deleted { frees_license: licenses < 0 },
            (Deed::JoinTeam(_), None) => Effect::Joined,
            (Deed::LeaveTeam(_), None) => Effect::Left,
            (Deed::Role(role), None) => Effect::Role(*role),
            (_, None) => Effect::Moved,
        }),
    }
}

fn changes(does: bool) -> Outcome<(Option<Change>, i64)> {
    if does { Outcome::Changed((None, 0)) } else { Outcome::Unchanged }
}

proptest! {
    #[test]
    fn for_each_of_many_the_rule_for_one_decides(
        people in prop::collection::vec((anybody(), any::<bool>()), 0..20), deed in any_deed(), who in 0_u8..5,
    ) {
        let mut totals = Totals::default();
        for (person, there) in &people {
            let by = any_authority(person, who);
            let candidate = Candidate { person, there: *there, change: None };
            let verdict = decide(&by, candidate, &deed, now(), today());
            prop_assert_eq!(&verdict, &alone(&by, person, *there, &deed));
            totals.count(&verdict);
        }
        prop_assert_eq!(totals.all(), i64::try_from(people.len()).expect("few"));
        prop_assert!(totals.takes + totals.frees <= totals.changed);
    }

    #[test]
    fn undo_of_one_among_many_is_the_undo_of_a_step(person in anybody(), other in anybody(), owned in 1_i64..4) {
        let by = an_administrator();
        let change = Change { person: person.id, before: other.status.clone(), after: person.status.clone() };
        let step = Step { made: now(), undone: false, changes: vec![change.clone()], added_licenses: 0, owned_before: owned };
        let many = licenses(owned, 0);
        let candidate = Candidate { person: &person, there: false, change: Some(&change) };
        let verdict = decide(&by, candidate, &Deed::Undo(BatchId::from_uuid(uuid::Uuid::nil())), now(), today());
        match undo(&by, &step, std::slice::from_ref(&person), &many, now()) {
            Ok(undone) => {
                let change = undone.changes[0].clone();
                prop_assert_eq!(verdict, Verdict::Changed(Effect::Status { change, licenses: undone.licenses_taken }));
            }
            Err(refusal) => prop_assert_eq!(verdict, Verdict::Skipped(refusal)),
        }
    }

    #[test]
    fn the_brake_lets_pass_a_share_or_the_minimum(
        active in 0_i64..100_000, deactivated in 0_i64..10_000, share in 1_i64..=100, minimum in 1_i64..500, more in 0_i64..20_000,
    ) {
        let brake = Brake { on: true, share, minimum };
        let recent = Recent { active, deactivated };
        let limit = brake.limit(recent);
        prop_assert!(limit >= minimum && (limit == minimum || limit * 100 <= (active + deactivated) * share));
        // The numbers at the window's beginning decide: what is deactivated meanwhile moves nothing.
        let later = Recent { active: active - active.min(3), deactivated: deactivated + active.min(3) };
        prop_assert_eq!(brake.limit(later), limit);
        let passes = deactivated + more > limit;
        prop_assert_eq!(brake.check(recent, more).is_err(), passes && more > 0);
        let off = Brake { on: false, ..brake };
        prop_assert_eq!(off.check(recent, more), Ok(()));
    }
}

#[test]
fn rule_06_the_licenses_of_many_are_taken_together_or_not_at_all() {
    let totals = Totals { changed: 5, takes: 5, ..Totals::default() };
    let few = licenses(6, 3);
    assert_eq!(totals.missing(&few), 2);
    assert_eq!(
        totals.licenses(&few, false),
        Err(Refusal::LicensesExhausted { licenses: few.clone(), needed: 5 })
    );
    assert_eq!(totals.licenses(&few, true), Ok(2), "only those that are missing");
    assert_eq!(totals.licenses(&licenses(8, 3), true), Ok(0), "none while enough are free");
    assert_eq!(Totals::default().licenses(&licenses(3, 3), false), Ok(0));
    let most = licenses(1_000_000, 1_000_000);
    assert!(matches!(totals.licenses(&most, true), Err(Refusal::OwnedOutOfRange { .. })));
}

#[test]
fn the_brake_as_it_is_and_settings_without_sense() {
    let brake = Brake::default();
    assert_eq!((brake.on, brake.share, brake.minimum), (true, 10, 5));
    assert_eq!(brake.limit(Recent { active: 12, deactivated: 0 }), 5, "of twelve people ten percent is one");
    assert_eq!(brake.limit(Recent { active: 90, deactivated: 10 }), 10);
    let refused = brake.check(Recent { active: 94, deactivated: 6 }, 5);
    assert_eq!(refused, Err(Refusal::BrakeWouldPass { limit: 10, recent: 6, more: 5 }));
    assert_eq!(brake.room(Recent { active: 94, deactivated: 6 }), 4);
    for (share, minimum) in [(0, 5), (101, 5), (10, 0), (10, 1_000_001)] {
        assert_eq!(Brake { on: true, share, minimum }.checked(), Err(Refusal::BrakeOutOfRange));
    }
    assert_eq!(brake.checked(), Ok(brake));
}

#[test]
fn a_change_that_nobody_made_is_not_undone() {
    let person = active(2, Role::Member);
    let candidate = Candidate { person: &person, there: false, change: None };
    let verdict = decide(
        &an_administrator(),
        candidate,
        &Deed::Undo(BatchId::from_uuid(uuid::Uuid::nil())),
        now(),
        today(),
    );
    assert_eq!(verdict, Verdict::Skipped(Refusal::UndoOvertaken));
    assert!(matches!(person.status, Status::Active { .. }));
}
