//! Rules 1, 3 and 9: who may do what, and to whom.

use domain::{
    Refusal,
    actor::Authority,
    invitation::{invite, send_again, withdraw},
    lifecycle::{Grounds, Outcome, Step, Way, activate, deactivate, delete, undo},
    part::{change_role, edit_profile, end_sessions, make_link, transfer_ownership},
    person::{Kind, Person},
    role::Role,
};

use crate::support::{
    acting, active, an_administrator, as_customer, cli, deactivated, invited, job, licenses, now, today,
    visiting,
};

type Act = fn(&Authority) -> Option<Refusal>;

/// Everything that only administrators do, each with a target for which nothing else stands in the
/// way.
fn what_administrators_do() -> Vec<(&'static str, Act)> {
    vec![
        ("deactivate", |by| {
            deactivate(by, &active(2, Role::Member), Grounds::default(), now(), today()).err()
        }),
        ("activate", |by| {
            let target = deactivated(2, Role::Member);
            activate(by, &target, &licenses(9, 1), Way::Free, now(), today()).err()
        }),
        ("undo", |by| {
            let step =
                Step { made: now(), undone: false, changes: Vec::new(), added_licenses: 0, owned_before: 9 };
            undo(by, &step, &[], &licenses(9, 1), now()).err()
        }),
        ("delete", |by| delete(by, &active(2, Role::Member)).err()),
        ("invite", |by| invite(by, None, Kind::User, Role::Member, &licenses(9, 1), false, now()).err()),
        ("send again", |by| send_again(by, &invited(2, 1, false), &licenses(9, 1), false, now()).err()),
        ("withdraw", |by| withdraw(by, &invited(2, 1, false)).err()),
        ("change a role", |by| change_role(by, &active(2, Role::Member), Role::Administrator).err()),
        ("make a link", |by| make_link(by, &active(2, Role::Member)).err()),
        ("edit another's profile", |by| edit_profile(by, &active(2, Role::Member), false).err()),
        ("end another's sessions", |by| end_sessions(by, &active(2, Role::Member)).err()),
    ]
}

#[test]
fn rule_09_only_administrators_do_any_of_this() {
    let refused = |person: Person, refusal: Refusal| (acting(&person), Some(refusal));
    let actors = [
        (acting(&active(1, Role::Owner)), None),
        (acting(&active(1, Role::Administrator)), None),
        (cli(), None),
        (job(), None),
        refused(active(1, Role::Member), Refusal::AdministratorsOnly),
        refused(as_customer(active(1, Role::Member)), Refusal::AdministratorsOnly),
    ];
    for (name, act) in what_administrators_do() {
        for (authority, expected) in &actors {
            assert_eq!(act(authority), *expected, "{name} by {:?}", authority.actor);
        }
    }
}

#[test]
fn rule_01_every_write_checks_its_actor_again() {
    let gone = Authority { person: None, ..an_administrator() };
    let somebody_elses = Authority { person: Some(active(501, Role::Owner)), ..an_administrator() };
    let actors = [
        (acting(&deactivated(1, Role::Administrator)), Refusal::ActorDeactivated),
        (acting(&invited(1, 1, false)), Refusal::NotSignedIn),
        (gone, Refusal::NotSignedIn),
        (somebody_elses, Refusal::NotSignedIn),
    ];
    for (name, act) in what_administrators_do() {
        for (authority, refusal) in &actors {
            assert_eq!(act(authority).as_ref(), Some(refusal), "{name}");
        }
    }
    for (authority, refusal) in &actors {
        let own = active(1, Role::Member);
        for answer in [
            end_sessions(authority, &own).err(),
            edit_profile(authority, &own, false).err(),
            transfer_ownership(authority, &own).err(),
        ] {
            assert_eq!(answer.as_ref(), Some(refusal));
        }
    }
}

#[test]
fn rule_03_no_door_opens_for_a_deactivated_person() {
    let person = deactivated(1, Role::Administrator);
    for authority in [acting(&person), visiting(&person)] {
        assert_eq!(authority.may_act(), Err(Refusal::ActorDeactivated));
        assert_eq!(authority.may_administer(), Err(Refusal::ActorDeactivated));
    }
    assert_eq!(visiting(&as_customer(person)).may_act(), Err(Refusal::ActorDeactivated));
    assert_eq!(visiting(&active(1, Role::Member)).may_act(), Ok(()));
    assert_eq!(visiting(&invited(1, 1, false)).may_act(), Err(Refusal::NotSignedIn));
}

#[test]
fn rule_09_an_administrator_who_is_not_signed_in_administers_nothing() {
    let visitor = visiting(&active(1, Role::Owner));
    for (name, act) in what_administrators_do() {
        let refusal = act(&visitor);
        assert!(
            matches!(refusal, Some(Refusal::AdministratorsOnly | Refusal::NotSignedIn)),
            "{name}: {refusal:?}"
        );
    }
    assert_eq!(edit_profile(&visitor, &active(1, Role::Owner), false), Err(Refusal::NotSignedIn));
    assert_eq!(transfer_ownership(&visitor, &active(2, Role::Member)), Err(Refusal::OwnerOnly));
}

#[test]
fn rule_09_nobody_deactivates_themself() {
    let administrator = active(1, Role::Administrator);
    let cases = [
        (acting(&administrator), Refusal::DeactivateSelf),
        (visiting(&administrator), Refusal::AdministratorsOnly),
    ];
    for (by, refusal) in cases {
        let answer = deactivate(&by, &administrator, Grounds::default(), now(), today());
        assert_eq!(answer, Err(refusal));
    }
}

#[test]
fn rule_09_nobody_deactivates_themself_to_make_room_for_another() {
    let administrator = active(1, Role::Administrator);
    let way = Way::Swap { other: administrator.clone(), grounds: Grounds::default() };
    let target = deactivated(2, Role::Member);
    let by = acting(&administrator);
    assert_eq!(activate(&by, &target, &licenses(5, 5), way, now(), today()), Err(Refusal::DeactivateSelf));
}

#[test]
fn rule_09_nobody_deactivates_or_deletes_the_owner() {
    let owner = active(1, Role::Owner);
    let actors = [an_administrator(), acting(&owner), acting(&active(2, Role::Owner)), cli(), job()];
    for by in actors {
        let answer = deactivate(&by, &owner, Grounds::default(), now(), today());
        assert_eq!(answer, Err(Refusal::DeactivateOwner), "{:?}", by.actor);
        assert_eq!(delete(&by, &owner), Err(Refusal::DeleteOwner));
        let way = Way::Swap { other: owner.clone(), grounds: Grounds::default() };
        let target = deactivated(3, Role::Member);
        assert_eq!(
            activate(&by, &target, &licenses(5, 5), way, now(), today()),
            Err(Refusal::DeactivateOwner)
        );
    }
}

#[test]
fn rule_09_nobody_deletes_themself() {
    for role in [Role::Member, Role::Administrator] {
        let person = active(1, role);
        let refusal = delete(&acting(&person), &person).expect_err("a refusal");
        let expected = match role {
            Role::Member => Refusal::AdministratorsOnly,
            _ => Refusal::DeleteSelf,
        };
        assert_eq!(refusal, expected);
    }
}

#[test]
fn rule_09_of_two_administrators_who_deactivate_each_other_one_succeeds() {
    let (mut ada, ben) = (active(1, Role::Administrator), active(2, Role::Administrator));
    let answer = deactivate(&acting(&ben), &ada, Grounds::default(), now(), today());
    let Ok(Outcome::Changed(deactivation)) = answer else {
        panic!("the first succeeds: {answer:?}");
    };
    ada.status = deactivation.change.after;
    assert_eq!(
        deactivate(&acting(&ada), &ben, Grounds::default(), now(), today()),
        Err(Refusal::ActorDeactivated)
    );
}

#[test]
fn rule_09_ownership_passes_only_to_an_active_user() {
    let owner = acting(&active(1, Role::Owner));
    for by in [owner, cli()] {
        for role in [Role::Member, Role::Administrator] {
            assert_eq!(transfer_ownership(&by, &active(2, role)), Ok(Outcome::Changed(())));
            for target in [deactivated(2, role), invited(2, 1, false), as_customer(active(2, role))] {
                assert_eq!(transfer_ownership(&by, &target), Err(Refusal::NewOwnerNotActive), "{target:?}");
            }
        }
        assert_eq!(transfer_ownership(&by, &active(1, Role::Owner)), Ok(Outcome::Unchanged));
    }
}

#[test]
fn rule_09_ownership_is_passed_by_the_owner_or_at_the_machine() {
    for by in [an_administrator(), acting(&active(1, Role::Member)), job(), visiting(&active(1, Role::Owner))]
    {
        assert_eq!(
            transfer_ownership(&by, &active(2, Role::Administrator)),
            Err(Refusal::OwnerOnly),
            "{:?}",
            by.actor
        );
    }
}

#[test]
fn rule_09_the_owner_role_is_neither_given_nor_taken_by_a_change_of_role() {
    for by in [an_administrator(), acting(&active(1, Role::Owner)), cli()] {
        let answer = change_role(&by, &active(2, Role::Member), Role::Owner);
        assert_eq!(answer, Err(Refusal::RoleNotGiven { role: Role::Owner }));
        let answer = change_role(&by, &active(1, Role::Owner), Role::Member);
        assert_eq!(answer, Err(Refusal::OwnerByTransferOnly));
    }
}

#[test]
fn rule_09_nobody_changes_their_own_role() {
    let administrator = active(1, Role::Administrator);
    let by = acting(&administrator);
    assert_eq!(change_role(&by, &administrator, Role::Member), Err(Refusal::OwnRole));
    assert_eq!(change_role(&by, &administrator, Role::Administrator), Ok(Outcome::Unchanged));
    assert_eq!(
        change_role(&by, &active(2, Role::Administrator), Role::Member),
        Ok(Outcome::Changed(Role::Member))
    );
}

#[test]
fn rule_09_a_customer_is_given_no_role() {
    let answer = change_role(&an_administrator(), &as_customer(active(2, Role::Member)), Role::Administrator);
    let role = Role::Administrator;
    assert_eq!(answer, Err(Refusal::RoleNotGiven { role }));
}

#[test]
fn rule_09_the_owners_ways_in_are_changed_only_by_the_owner_or_at_the_machine() {
    let owner = active(1, Role::Owner);
    for by in [acting(&owner), cli()] {
        assert_eq!(make_link(&by, &owner), Ok(()));
        assert_eq!(edit_profile(&by, &owner, true), Ok(()));
    }
    for by in [an_administrator(), job()] {
        assert_eq!(make_link(&by, &owner), Err(Refusal::OwnerByOwnerOnly));
        assert_eq!(edit_profile(&by, &owner, true), Err(Refusal::OwnerByOwnerOnly));
        assert_eq!(edit_profile(&by, &owner, false), Ok(()));
    }
}

#[test]
fn a_member_edits_their_own_profile_but_not_their_address_and_ends_their_own_sessions() {
    let member = active(1, Role::Member);
    let by = acting(&member);
    assert_eq!(edit_profile(&by, &member, false), Ok(()));
    assert_eq!(edit_profile(&by, &member, true), Err(Refusal::AdministratorsOnly));
    assert_eq!(end_sessions(&by, &member), Ok(()));
    let administrator = active(2, Role::Administrator);
    assert_eq!(edit_profile(&acting(&administrator), &administrator, true), Ok(()));
}
