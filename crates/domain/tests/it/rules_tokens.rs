//! API tokens: what they may do, when they may be used, who makes and ends them.

use domain::{
    Refusal,
    actor::{Actor, Authority, Door},
    id::TokenId,
    lifecycle::Outcome,
    part,
    person::Person,
    role::Role,
    token::{
        self, For, Life, MOST_DAYS, Need, Owner, Scope, Scopes, State, Suspended, Token, USUAL_DAYS, scope_of,
    },
};
use jiff::SignedDuration;
use proptest::prelude::*;
use uuid::Uuid;

use crate::support::{
    acting, active, an_administrator, as_customer, cli, deactivated, invited, job, now, visiting,
};

fn id(n: u128) -> TokenId {
    TokenId::from_uuid(Uuid::from_u128(n))
}

fn token_of(owner: Owner, scopes: &[Scope]) -> Token {
    let scopes = scopes.iter().copied().collect();
    Token { id: id(1), owner, scopes, expires: None, suspended: None, revoked: None }
}

/// A program with a token of this person, as they are now.
fn by_token(person: &Person, scopes: &[Scope]) -> Authority {
    Authority {
        actor: Actor::Token { token: id(1), person: Some(person.id) },
        person: Some(person.clone()),
        token: Some(token_of(Owner::Personal(person.id), scopes)),
        door: Door::Api,
    }
}

/// A program with a token of the workspace.
fn by_service(scopes: &[Scope]) -> Authority {
    Authority {
        actor: Actor::Token { token: id(1), person: None },
        person: None,
        token: Some(token_of(Owner::Service { maker: None }, scopes)),
        door: Door::Api,
    }
}

fn make(by: &Authority, of: For<'_>, scopes: &[Scope], life: Life) -> Result<Token, Refusal> {
    token::make(by, of, scopes.iter().copied().collect(), life, (id(9), now()))
}

#[test]
fn rule_01_a_token_does_no_more_than_its_owner_may_now() {
    let all = Scope::ALL;
    let (member, administrator) = (active(1, Role::Member), active(2, Role::Administrator));
    assert_eq!(by_token(&member, &all).may_act(), Ok(()));
    assert_eq!(by_token(&member, &all).may_administer(), Err(Refusal::AdministratorsOnly));
    assert_eq!(by_token(&administrator, &all).may_administer(), Ok(()));
    let lacks = Err(Refusal::InsufficientScope { scope: Scope::People });
    assert_eq!(by_token(&administrator, &[Scope::Read, Scope::Write]).may_administer(), lacks);
    assert_eq!(by_service(&[Scope::Write]).may_administer(), lacks);
    assert_eq!(by_service(&[Scope::People]).may_administer(), Ok(()));
    for gone in [deactivated(3, Role::Administrator), deactivated(4, Role::Member)] {
        assert_eq!(by_token(&gone, &all).may_act(), Err(Refusal::ActorDeactivated));
        assert_eq!(by_token(&gone, &all).may_administer(), Err(Refusal::ActorDeactivated));
    }
    assert_eq!(by_token(&invited(5, 1, false), &all).may_act(), Err(Refusal::TokenInvalid));
    assert_eq!(by_token(&as_customer(active(6, Role::Member)), &all).may_act(), Err(Refusal::TokenInvalid));
}

#[test]
fn rule_01_a_token_that_was_not_found_again_gives_no_right() {
    let (person, other) = (active(1, Role::Owner), active(2, Role::Owner));
    let whole = by_token(&person, &Scope::ALL);
    let held = |token: Token| Authority { token: Some(token), ..whole.clone() };
    let wrong = [
        Authority { token: None, ..whole.clone() },
        held(Token { id: id(2), ..token_of(Owner::Personal(person.id), &Scope::ALL) }),
        held(token_of(Owner::Personal(other.id), &Scope::ALL)),
        held(token_of(Owner::Service { maker: Some(person.id) }, &Scope::ALL)),
        Authority { person: Some(other), ..whole.clone() },
        Authority { person: None, ..whole.clone() },
        Authority { person: Some(person), ..by_service(&Scope::ALL) },
        Authority { token: None, ..by_service(&Scope::ALL) },
    ];
    for authority in wrong {
        assert_eq!(authority.may_act(), Err(Refusal::TokenInvalid), "{authority:?}");
        assert_eq!(authority.may_administer(), Err(Refusal::TokenInvalid), "{authority:?}");
    }
}

#[test]
fn rule_03_no_door_opens_for_a_token_that_is_suspended_expired_or_revoked() {
    let live = token_of(Owner::Service { maker: None }, &[Scope::Read]);
    let soon = now() + SignedDuration::from_secs(1);
    assert_eq!(live.may_be_used(now()), Ok(()));
    assert_eq!(Token { expires: Some(soon), ..live.clone() }.may_be_used(now()), Ok(()));
    let expired = Token { expires: Some(now()), ..live.clone() };
    assert_eq!(expired.may_be_used(now()), Err(Refusal::TokenExpired { expired: now() }));
    let suspended = Token { suspended: Some((now(), Suspended::Hand)), ..live };
    assert_eq!(suspended.may_be_used(now()), Err(Refusal::TokenSuspended));
    let revoked = Token { revoked: Some(now()), ..suspended };
    assert_eq!(revoked.may_be_used(now()), Err(Refusal::TokenInvalid), "who shows it learns no more");
    assert_eq!(revoked.state(now()), State::Revoked);
}

#[test]
fn a_request_needs_the_scope_of_whom_it_is_meant_for_and_of_what_it_does() {
    assert_eq!(scope_of(Need::Work, true), Scope::Read);
    assert_eq!(scope_of(Need::Work, false), Scope::Write);
    assert_eq!(scope_of(Need::Administration, true), Scope::People);
    assert_eq!(scope_of(Need::Administration, false), Scope::People);
}

#[test]
fn rule_09_an_api_token_makes_no_token_and_takes_no_ownership() {
    let owner = active(1, Role::Owner);
    for by in [by_token(&owner, &Scope::ALL), by_service(&Scope::ALL)] {
        for of in [For::Workspace, For::Person(&owner)] {
            let made = make(&by, of, &[Scope::Read], Life::default());
            assert_eq!(made, Err(Refusal::TokenMakesNoToken));
        }
        let taken = part::transfer_ownership(&by, &active(2, Role::Administrator));
        assert_eq!(taken, Err(Refusal::OwnerOnly));
    }
}

#[test]
fn rule_09_administrators_make_service_tokens_and_what_manages_people() {
    let (member, administrator) = (active(1, Role::Member), active(2, Role::Administrator));
    let mine = |who: &Person, scope| make(&acting(who), For::Person(who), &[scope], Life::default());
    assert!(mine(&member, Scope::Read).is_ok() && mine(&member, Scope::Write).is_ok());
    for scope in [Scope::People, Scope::Scim, Scope::ScimCustomers, Scope::Webhooks] {
        assert_eq!(mine(&member, scope), Err(Refusal::AdministratorsOnly));
        assert!(mine(&administrator, scope).is_ok());
    }
    let service = |by: &Authority| make(by, For::Workspace, &[Scope::People], Life::default());
    assert_eq!(service(&acting(&member)), Err(Refusal::AdministratorsOnly));
    let made = service(&acting(&administrator)).expect("an administrator makes it");
    assert_eq!(made.owner, Owner::Service { maker: Some(administrator.id) });
    assert_eq!(service(&cli()).expect("the machine makes it").owner, Owner::Service { maker: None });
}

#[test]
fn a_personal_token_is_made_by_its_owner_or_at_the_machine() {
    let member = active(1, Role::Member);
    for other in [an_administrator(), acting(&active(2, Role::Owner)), job()] {
        let made = make(&other, For::Person(&member), &[Scope::Read], Life::default());
        assert_eq!(made, Err(Refusal::TokenMakesNoToken), "with it one would be them");
    }
    assert!(make(&cli(), For::Person(&member), &[Scope::Read], Life::default()).is_ok());
    let visitor = make(&visiting(&member), For::Workspace, &[Scope::Read], Life::default());
    assert_eq!(visitor, Err(Refusal::AdministratorsOnly));
}

#[test]
fn rule_05_a_token_is_made_for_active_users_alone() {
    let made = |person: &Person| make(&cli(), For::Person(person), &[Scope::Read], Life::default());
    assert_eq!(made(&deactivated(1, Role::Member)), Err(Refusal::DeactivatedGetsNothingNew));
    assert_eq!(made(&invited(1, 1, false)), Err(Refusal::InvitedIsSentAgain));
    assert_eq!(made(&as_customer(active(1, Role::Member))), Err(Refusal::UsersOnly));
}

#[test]
fn a_token_has_a_scope_and_an_end() {
    let member = active(1, Role::Member);
    let mine = |life| make(&acting(&member), For::Person(&member), &[Scope::Read], life);
    let days = |days: i64| Some(now() + SignedDuration::from_hours(24 * days));
    assert_eq!(mine(Life::default()).expect("made").expires, days(USUAL_DAYS));
    assert_eq!(mine(Life::Days(MOST_DAYS)).expect("made").expires, days(MOST_DAYS));
    for wrong in [0, -1, MOST_DAYS + 1, i64::MIN, i64::MAX] {
        assert_eq!(mine(Life::Days(wrong)), Err(Refusal::TokenLife { most_days: MOST_DAYS }));
    }
    assert_eq!(mine(Life::Forever), Err(Refusal::PersonalTokenExpires));
    let service = make(&an_administrator(), For::Workspace, &[Scope::Read], Life::Forever);
    assert_eq!(service.expect("asked expressly").expires, None);
    let none = make(&an_administrator(), For::Workspace, &[], Life::default());
    assert_eq!(none, Err(Refusal::TokenNeedsScope));
}

#[test]
fn a_token_is_revoked_by_its_owner_by_itself_and_by_administrators() {
    let (owner, other) = (active(1, Role::Member), active(2, Role::Member));
    let personal = Token { id: id(3), ..token_of(Owner::Personal(owner.id), &[Scope::Read]) };
    for who in [acting(&owner), an_administrator(), cli(), by_service(&[Scope::People])] {
        assert_eq!(token::revoke(&who, &personal), Ok(Outcome::Changed(())), "{who:?}");
    }
    assert_eq!(token::revoke(&acting(&other), &personal), Err(Refusal::AdministratorsOnly));
    let lacks = Refusal::InsufficientScope { scope: Scope::People };
    assert_eq!(token::revoke(&by_service(&[Scope::Write]), &personal), Err(lacks));
    let service = token_of(Owner::Service { maker: Some(owner.id) }, &[Scope::Read]);
    let by_maker = token::revoke(&acting(&owner), &service);
    assert_eq!(by_maker, Err(Refusal::AdministratorsOnly), "it is the workspace's");
    assert_eq!(token::revoke(&by_service(&[Scope::Read]), &service), Ok(Outcome::Changed(())), "itself");
    let revoked = Token { revoked: Some(now()), ..personal };
    assert_eq!(token::revoke(&acting(&owner), &revoked), Ok(Outcome::Unchanged));
}

#[test]
fn a_token_is_suspended_and_restored_by_administrators() {
    let owner = active(1, Role::Member);
    let live = token_of(Owner::Personal(owner.id), &[Scope::Read]);
    let suspended = Token { suspended: Some((now(), Suspended::Deactivation)), ..live.clone() };
    let by = an_administrator();
    assert_eq!(token::suspend(&by, &live), Ok(Outcome::Changed(())));
    assert_eq!(token::suspend(&by, &suspended), Ok(Outcome::Unchanged));
    assert_eq!(token::suspend(&acting(&owner), &live), Err(Refusal::AdministratorsOnly));
    assert_eq!(token::restore(&by, &suspended, Some(&owner)), Ok(Outcome::Changed(())));
    assert_eq!(token::restore(&by, &live, Some(&owner)), Ok(Outcome::Unchanged));
    let by_owner = token::restore(&acting(&owner), &suspended, Some(&owner));
    assert_eq!(by_owner, Err(Refusal::AdministratorsOnly));
    let revoked = Token { revoked: Some(now()), ..suspended.clone() };
    assert_eq!(token::suspend(&by, &revoked), Err(Refusal::TokenRevoked));
    assert_eq!(token::restore(&by, &revoked, Some(&owner)), Err(Refusal::TokenRevoked));
    for gone in [None, Some(deactivated(1, Role::Member)), Some(active(2, Role::Member))] {
        let back = token::restore(&by, &suspended, gone.as_ref());
        assert_eq!(back, Err(Refusal::DeactivatedGetsNothingNew), "rule 3: {gone:?}");
    }
}

fn any_scopes() -> impl Strategy<Value = Vec<Scope>> {
    prop::collection::vec(prop::sample::select(Scope::ALL.to_vec()), 0..6)
}

proptest! {
    #[test]
    fn scopes_read_back_and_contain_what_was_given(given in any_scopes()) {
        let all: Scopes = given.iter().copied().collect();
        prop_assert_eq!(Scopes::parse(&all.to_string()), Some(all));
        for scope in Scope::ALL {
            let direct = given.contains(&scope);
            let reads = given.contains(&Scope::Write) || given.contains(&Scope::People);
            prop_assert_eq!(all.has(scope), direct || (scope == Scope::Read && reads), "{}", scope.word());
        }
        prop_assert_eq!(all.is_empty(), given.is_empty());
    }

    #[test]
    fn rule_01_a_token_never_does_what_its_owner_may_not(given in any_scopes(), role in 0..3_usize) {
        let owner = active(1, Role::ALL[role]);
        let (token, session) = (by_token(&owner, &given), acting(&owner));
        prop_assert!(token.may_act().is_err() || session.may_act().is_ok());
        prop_assert!(token.may_administer().is_err() || session.may_administer().is_ok());
        prop_assert!(token.may_administer().is_err() || given.contains(&Scope::People));
    }
}
