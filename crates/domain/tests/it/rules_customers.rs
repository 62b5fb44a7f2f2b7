//! Rule 8: customers live by the same rules, without licenses. Rule 13, for conversions.

use domain::{
    Refusal,
    customer::{Conversion, add, convert, join_organization, leave_organization, register},
    invitation::{expire, invite, send_again, withdraw},
    item::{Access, ItemStatus, MessageKind, Part, Standing, access, may_write, set_status},
    lifecycle::{Grounds, Outcome, Way, activate, deactivate},
    part::{change_role, give, join_team},
    person::{Kind, Status},
    role::Role,
};

use crate::support::{
    acting, active, an_administrator, as_customer, cli, deactivated, invited, licenses, now, today, visiting,
};

#[test]
fn rule_08_a_customer_is_invited_sent_again_and_withdrawn_without_a_license() {
    let (by, full) = (an_administrator(), licenses(5, 5));
    let invitation = invite(&by, None, Kind::Customer, Role::Member, &full, false, now()).expect("invited");
    assert_eq!((invitation.takes_license, invitation.adds_licenses), (false, 0));
    let expired = as_customer(invited(1, 24 * 8, true));
    let again = send_again(&by, &expired, &full, false, now()).expect("sent again");
    assert_eq!((again.takes_license, again.adds_licenses), (false, 0));
    let late = as_customer(invited(1, 24 * 8, false));
    assert!(matches!(expire(&late, now()), Some(Status::Invited { expired: true, .. })));
    assert_eq!(withdraw(&by, &late), Ok(false), "no license is freed");
    let role = Role::Administrator;
    let refused = invite(&by, None, Kind::Customer, role, &full, false, now());
    assert_eq!(refused, Err(Refusal::RoleNotGiven { role }));
}

#[test]
fn rule_13_a_registration_takes_a_new_address_and_changes_nothing_of_one_in_use() {
    let asked = register(true, None, now()).expect("the portal is open").expect("a new address");
    assert!(matches!(asked, Status::Invited { expired: false, .. }), "no way in yet: {asked:?}");
    for person in [
        active(1, Role::Owner),
        invited(2, 1, false),
        deactivated(3, Role::Member),
        as_customer(deactivated(4, Role::Member)),
    ] {
        assert_eq!(register(true, Some(&person), now()), Ok(None), "{person:?}");
        assert_eq!(register(false, Some(&person), now()), Err(Refusal::RegistrationClosed));
    }
    assert_eq!(register(false, None, now()), Err(Refusal::RegistrationClosed));
}

#[test]
fn rule_08_a_customer_is_deactivated_and_activated_without_a_license() {
    let (by, full) = (an_administrator(), licenses(5, 5));
    let customer = as_customer(active(1, Role::Member));
    let Ok(Outcome::Changed(done)) = deactivate(&by, &customer, Grounds::default(), now(), today()) else {
        panic!("deactivated");
    };
    assert!(!done.frees_license);
    let away = as_customer(deactivated(1, Role::Member));
    let Ok(Outcome::Changed(back)) = activate(&by, &away, &full, Way::Free, now(), today()) else {
        panic!("activated, although all licenses are in use");
    };
    assert!(!back.takes_license);
    assert_eq!(back.adds_licenses, 0);
}

#[test]
fn rule_08_a_customer_is_added_active_by_administrators_only() {
    assert_eq!(add(&an_administrator(), None, now()), Ok(Status::Active { since: now() }));
    assert_eq!(add(&cli(), None, now()), Ok(Status::Active { since: now() }));
    let customer = as_customer(active(1, Role::Member));
    assert_eq!(add(&visiting(&customer), None, now()), Err(Refusal::AdministratorsOnly));
}

#[test]
fn rule_13_adding_a_customer_says_whose_the_address_is() {
    let by = an_administrator();
    for person in [deactivated(1, Role::Member), as_customer(deactivated(1, Role::Member))] {
        let expected =
            Refusal::AddressOfDeactivated { person: person.id, kind: person.kind, name: person.name.clone() };
        assert_eq!(add(&by, Some(&person), now()), Err(expected));
    }
}

#[test]
fn rule_13_converting_takes_a_license_and_refuses_a_deactivated_customer() {
    let by = an_administrator();
    let customer = as_customer(active(1, Role::Member));
    let none = licenses(5, 5);
    let taken = Conversion { takes_license: true, adds_licenses: 0 };
    assert_eq!(convert(&by, &customer, &licenses(5, 4), false), Ok(taken));
    let exhausted = Refusal::LicensesExhausted { licenses: none.clone(), needed: 1 };
    assert_eq!(convert(&by, &customer, &none, false), Err(exhausted));
    let added = Conversion { takes_license: true, adds_licenses: 1 };
    assert_eq!(convert(&by, &customer, &none, true), Ok(added));
    let expired = as_customer(invited(1, 24 * 8, true));
    let free = Conversion { takes_license: false, adds_licenses: 0 };
    assert_eq!(convert(&by, &expired, &none, false), Ok(free), "whose invitation has expired holds none");
    let away = as_customer(deactivated(1, Role::Member));
    let refusal = Refusal::AddressOfDeactivated { person: away.id, kind: away.kind, name: away.name.clone() };
    assert_eq!(convert(&by, &away, &licenses(5, 1), false), Err(refusal));
    assert_eq!(convert(&by, &active(1, Role::Member), &none, false), Err(Refusal::CustomersOnly));
    assert_eq!(convert(&visiting(&customer), &customer, &none, true), Err(Refusal::AdministratorsOnly));
}

#[test]
fn rule_05_organizations_are_for_customers_and_teams_for_users() {
    let by = an_administrator();
    let (user, customer) = (active(1, Role::Member), as_customer(active(2, Role::Member)));
    assert_eq!(join_organization(&by, &customer), Ok(()));
    assert_eq!(join_organization(&by, &user), Err(Refusal::CustomersOnly));
    assert_eq!(join_team(&by, &user), Ok(()));
    assert_eq!(join_team(&by, &customer), Err(Refusal::UsersOnly));
    let role = Role::Administrator;
    assert_eq!(change_role(&by, &customer, role), Err(Refusal::RoleNotGiven { role }));
    let away = as_customer(deactivated(2, Role::Member));
    assert_eq!(join_organization(&by, &away), Err(Refusal::DeactivatedGetsNothingNew));
    assert_eq!(leave_organization(&by, &away), Ok(()), "a part may be removed");
}

#[test]
fn rule_08_a_colleague_reads_and_follows_and_replies_only_then() {
    let (mine, other) = (as_customer(active(1, Role::Member)), as_customer(active(2, Role::Member)));
    let by = acting(&mine);
    let colleague = Standing { colleague: true, ..Standing::default() };
    let seen = |standing| access(&by, standing).expect("somebody active");
    assert_eq!(seen(Standing::default()), None);
    assert_eq!(seen(colleague), Some(Access::Colleague));
    assert_eq!(seen(Standing { follower: true, ..colleague }), Some(Access::Follower));
    assert_eq!(seen(Standing { requester: true, ..colleague }), Some(Access::Requester));
    assert!(!Access::Colleague.sees_notes());
    for (kind, refusal) in
        [(MessageKind::Reply, Refusal::FollowToReply), (MessageKind::Note, Refusal::DeskOnly)]
    {
        assert_eq!(may_write(&by, Access::Colleague, kind), Err(refusal));
    }
    assert_eq!(may_write(&by, Access::Follower, MessageKind::Reply), Ok(()));
    let closed = set_status(Access::Colleague, ItemStatus::Open, ItemStatus::Closed);
    assert_eq!(closed, Err(Refusal::DeskOnly));
    assert_eq!(give(&by, &mine, Part::Follower), Ok(()));
    for (target, part) in [(&other, Part::Follower), (&mine, Part::Assignee)] {
        assert_eq!(give(&by, target, part), Err(Refusal::DeskOnly));
    }
    let gone = as_customer(deactivated(1, Role::Member));
    assert_eq!(access(&acting(&gone), colleague), Err(Refusal::ActorDeactivated));
    assert_eq!(give(&acting(&gone), &gone, Part::Follower), Err(Refusal::ActorDeactivated));
}
