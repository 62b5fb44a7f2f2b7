//! Rule 8, for the customer apps beside the portal: who may use them, and what becomes of an anonymous request.

use domain::{
    Refusal,
    apps::{App, Apps, Arrival, FormPolicy, Received, may_review, may_use, receive},
    article::{ArticleState, may_write, set_state},
    lifecycle::Outcome,
    person::{Kind, Person, Status, StatusWord},
    role::Role,
};
use proptest::prelude::*;

use crate::support::{acting, active, an_administrator, as_customer, cli, deactivated, invited, now};

const OPEN: App = App { on: true, needs_login: false };
const LOGIN: App = App { on: true, needs_login: true };

fn form(form: App, policy: FormPolicy) -> Apps {
    Apps { form, policy, ..Apps::default() }
}

/// Everybody who may have an address, and nobody.
fn senders() -> Vec<Option<Person>> {
    let users =
        [active(1, Role::Owner), invited(2, 1, false), invited(3, 500, true), deactivated(4, Role::Member)];
    let customers = users.clone().map(as_customer);
    users.into_iter().chain(customers).map(Some).chain([None]).collect()
}

#[test]
fn rule_08_an_app_that_needs_login_is_closed_to_a_deactivated_customer_and_an_open_one_is_not() {
    let customer = |status| Some((Kind::Customer, status));
    for (reader, login) in [
        (customer(StatusWord::Active), Ok(())),
        (customer(StatusWord::Deactivated), Err(Refusal::ActorDeactivated)),
        (customer(StatusWord::Invited), Err(Refusal::NotSignedIn)),
        (Some((Kind::User, StatusWord::Active)), Ok(())),
        (Some((Kind::User, StatusWord::Deactivated)), Err(Refusal::ActorDeactivated)),
        (None, Err(Refusal::NotSignedIn)),
    ] {
        assert_eq!(may_use(LOGIN, reader), login, "{reader:?}");
        assert_eq!(may_use(OPEN, reader), Ok(()), "{reader:?}");
        let user = reader == Some((Kind::User, StatusWord::Active));
        for needs_login in [false, true] {
            let off = may_use(App { on: false, needs_login }, reader);
            assert_eq!(off, if user { Ok(()) } else { Err(Refusal::AppClosed) }, "{reader:?}");
        }
    }
}

#[test]
fn rule_08_an_anonymous_request_of_somebody_deactivated_follows_the_policy() {
    for person in [deactivated(4, Role::Member), as_customer(deactivated(5, Role::Member))] {
        let id = person.id;
        let under = |policy| receive(&form(OPEN, policy), Some(&person), now());
        assert_eq!(under(FormPolicy::Flag), Ok(Received::From(id, Arrival::Flagged)));
        assert_eq!(under(FormPolicy::Hold), Ok(Received::Held(id)));
        assert_eq!(under(FormPolicy::Refuse), Err(Refusal::AddressNotAccepted));
    }
    assert_eq!(Apps::default().policy, FormPolicy::Flag, "accepted and flagged, unless said otherwise");
}

#[test]
fn rule_08_an_anonymous_request_of_anybody_else_is_a_ticket_and_proves_nothing() {
    for sender in senders() {
        let off = sender.as_ref().is_some_and(|person| person.status.word() == StatusWord::Deactivated);
        if off {
            continue;
        }
        for policy in FormPolicy::ALL {
            let received = receive(&form(OPEN, *policy), sender.as_ref(), now()).expect("it is taken");
            match &sender {
                Some(person) => assert_eq!(received, Received::From(person.id, Arrival::Unproven)),
                // Active, and without a password: there is no way in.
                None => assert_eq!(received, Received::New(Status::Active { since: now() })),
            }
        }
    }
}

#[test]
fn rule_08_what_is_held_is_accepted_or_discarded_by_administrators() {
    assert_eq!(may_review(&an_administrator()), Ok(()));
    assert_eq!(may_review(&cli()), Ok(()));
    assert_eq!(may_review(&acting(&active(1, Role::Member))), Err(Refusal::AdministratorsOnly));
    assert_eq!(may_review(&acting(&deactivated(1, Role::Administrator))), Err(Refusal::ActorDeactivated));
}

#[test]
fn articles_are_written_and_published_by_active_users() {
    let (draft, published) = (ArticleState::Draft, ArticleState::Published);
    let by = acting(&active(1, Role::Member));
    assert_eq!(set_state(&by, draft, published), Ok(Outcome::Changed(published)));
    assert_eq!(set_state(&by, published, published), Ok(Outcome::Unchanged));
    assert_eq!(may_write(&cli()), Ok(()));
    let customer = acting(&as_customer(active(2, Role::Member)));
    assert_eq!(set_state(&customer, draft, published), Err(Refusal::DeskOnly));
    assert_eq!(may_write(&acting(&deactivated(1, Role::Owner))), Err(Refusal::ActorDeactivated));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is set and whoever has the address: the form answers, never takes what it is closed to, and never lets
    /// somebody deactivated pass as anybody else.
    #[test]
    fn rule_08_whatever_the_form_takes_nobody_deactivated_passes_unmarked(
        help: (bool, bool),
        on: bool,
        needs_login: bool,
        policy in proptest::sample::select(FormPolicy::ALL),
        sender in proptest::sample::select(senders()),
    ) {
        let help = App { on: help.0, needs_login: help.1 };
        let apps = Apps { help, form: App { on, needs_login }, policy };
        let received = receive(&apps, sender.as_ref(), now());
        let status = sender.as_ref().map(|person| person.status.word());
        match &received {
            Ok(taken) => {
                prop_assert!(on && !needs_login);
                match taken {
                    Received::New(status) => prop_assert!(sender.is_none() && status.is_active()),
                    Received::From(id, arrival) => {
                        prop_assert_eq!(Some(*id), sender.as_ref().map(|person| person.id));
                        prop_assert_eq!(*arrival == Arrival::Flagged, status == Some(StatusWord::Deactivated));
                        prop_assert!(*arrival != Arrival::Known);
                    }
                    Received::Held(_) => prop_assert_eq!(status, Some(StatusWord::Deactivated)),
                }
            }
            Err(Refusal::AppClosed) => prop_assert!(!on),
            Err(Refusal::NotSignedIn) => prop_assert!(on && needs_login),
            Err(Refusal::AddressNotAccepted) => {
                prop_assert!(status == Some(StatusWord::Deactivated) && policy == FormPolicy::Refuse);
            }
            Err(other) => prop_assert!(false, "{:?}", other),
        }
    }
}
