//! People who come and go by SCIM.

use domain::{
    Refusal,
    actor::{Actor, Authority, Door},
    id::TokenId,
    person::{Kind, Status, StatusWord},
    role::Role,
    scim::{Gone, bring, is_active, is_back},
    token::{Owner, Scope, Scopes, Token},
};
use uuid::Uuid;

use crate::support::{acting, active, an_administrator, as_customer, deactivated, invited, licenses, now};

/// A directory with a token of the workspace, at a door.
fn directory(scopes: &[Scope], door: Door) -> Authority {
    let id = TokenId::from_uuid(Uuid::from_u128(1));
    Authority {
        actor: Actor::Token { token: id, person: None },
        person: None,
        token: Some(Token {
            id,
            owner: Owner::Service { maker: None },
            scopes: scopes.iter().copied().collect(),
            expires: None,
            suspended: None,
            revoked: None,
        }),
        door,
    }
}

#[test]
fn rule_09_a_token_for_scim_manages_people_by_scim_and_by_no_other_door() {
    for scope in [Scope::Scim, Scope::ScimCustomers] {
        assert_eq!(directory(&[scope], Door::Scim).may_administer(), Ok(()));
        let lacks = Err(Refusal::InsufficientScope { scope: Scope::People });
        for door in Door::ALL.into_iter().filter(|door| *door != Door::Scim) {
            assert_eq!(directory(&[scope], door).may_administer(), lacks);
        }
    }
    let others = [Scope::Read, Scope::Write, Scope::People, Scope::Webhooks];
    let lacks = Err(Refusal::InsufficientScope { scope: Scope::Scim });
    assert_eq!(directory(&others, Door::Scim).may_administer(), lacks, "nor does one for people by SCIM");
    let kind = |scopes: &[Scope]| scopes.iter().copied().collect::<Scopes>().scim();
    assert_eq!(kind(&[Scope::Scim]), Some(Kind::User));
    assert_eq!(kind(&[Scope::ScimCustomers, Scope::Read]), Some(Kind::Customer));
    assert_eq!(kind(&Scope::ALL), Some(Kind::User));
    assert_eq!(kind(&others), None);
}

#[test]
fn rule_06_whom_a_directory_brings_is_active_with_a_license_or_deactivated_without() {
    let by = directory(&[Scope::Scim], Door::Scim);
    let brought = |kind, active, owned| bring(&by, None, kind, active, &licenses(owned, 3), now());
    assert_eq!(brought(Kind::User, true, 4), Ok(Status::Active { since: now() }));
    assert!(matches!(brought(Kind::User, true, 3), Err(Refusal::LicensesExhausted { needed: 1, .. })));
    for kind in [Kind::User, Kind::Customer] {
        let off = brought(kind, false, 3).expect("needs no license");
        assert_eq!((off.word(), off.holds_license()), (StatusWord::Deactivated, false));
    }
    assert_eq!(brought(Kind::Customer, true, 3), Ok(Status::Active { since: now() }), "customers need none");
    let member = acting(&active(1, Role::Member));
    let refused = bring(&member, None, Kind::User, true, &licenses(9, 1), now());
    assert_eq!(refused, Err(Refusal::AdministratorsOnly));
}

#[test]
fn rule_13_a_directory_gets_no_address_that_is_somebodys() {
    let by = directory(&[Scope::Scim], Door::Scim);
    let refused =
        |person| bring(&by, Some(&person), Kind::User, true, &licenses(9, 1), now()).expect_err("theirs");
    assert!(matches!(refused(deactivated(4, Role::Member)), Refusal::AddressOfDeactivated { .. }));
    assert!(matches!(refused(active(4, Role::Member)), Refusal::AddressTaken { .. }));
    assert!(matches!(refused(as_customer(active(4, Role::Member))), Refusal::AddressTaken { .. }));
}

#[test]
fn rule_13_whom_a_directory_deleted_is_back_only_by_the_same_id_of_the_same_kind() {
    let person = deactivated(4, Role::Member);
    let gone = |external_id| Gone { person: &person, external_id };
    let by = an_administrator();
    assert_eq!(is_back(&by, gone(Some("7")), Kind::User, Some("7")), Ok(()));
    for (theirs, kind, asked) in [
        (Some("7"), Kind::User, Some("8")),
        (Some("7"), Kind::User, None),
        (None, Kind::User, None),
        (None, Kind::User, Some("7")),
        (Some("7"), Kind::Customer, Some("7")),
    ] {
        let refused = is_back(&by, gone(theirs), kind, asked).expect_err("an administrator decides");
        assert!(matches!(refused, Refusal::AddressOfDeactivated { .. }), "{theirs:?} {asked:?}");
    }
    let member = acting(&active(1, Role::Member));
    assert_eq!(is_back(&member, gone(Some("7")), Kind::User, Some("7")), Err(Refusal::AdministratorsOnly));
}

#[test]
fn rule_12_an_invited_person_is_active_by_scim_until_the_invitation_has_expired() {
    assert!(is_active(&active(1, Role::Member).status));
    assert!(is_active(&invited(1, 1, false).status));
    assert!(!is_active(&invited(1, 1, true).status));
    assert!(!is_active(&deactivated(1, Role::Member).status));
}
