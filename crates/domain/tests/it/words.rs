//! Words that leave the crate: each is read back as what it was, and none stands for two things.

use std::{collections::BTreeSet, fmt::Debug};

use domain::{
    Refusal,
    actor::Door,
    apps::{Arrival, FormPolicy},
    article::ArticleState,
    audit::Action,
    id::{OrganizationId, TeamId},
    license::{MOST_OWNED, Period},
    person::{Kind, StatusWord},
    role::Role,
    token::{MOST_DAYS, Scope, Suspended},
    webhook,
};
use uuid::Uuid;

use crate::support::{licenses, now, person_id, today};

fn read_back<T: Copy + Debug + PartialEq + serde::Serialize>(
    all: &[T],
    word: fn(T) -> &'static str,
    parse: fn(&str) -> Option<T>,
) {
    let mut seen = BTreeSet::new();
    for value in all {
        let word = word(*value);
        assert!(seen.insert(word), "{word} stands for two things");
        assert_eq!(parse(word), Some(*value));
        assert_eq!(parse(&word.to_uppercase()), None);
        let json = serde_json::to_value(value).expect("JSON");
        assert_eq!(json, word, "one word for one thing, in JSON too");
    }
    assert_eq!(parse(""), None);
}

#[test]
fn every_word_is_read_back() {
    read_back(&Role::ALL, Role::word, Role::parse);
    read_back(&StatusWord::ALL, StatusWord::word, StatusWord::parse);
    read_back(&Door::ALL, Door::word, Door::parse);
    read_back(Action::ALL, Action::word, Action::parse);
    read_back(&Scope::ALL, Scope::word, Scope::parse);
    read_back(&Suspended::ALL, Suspended::word, Suspended::parse);
    read_back(&webhook::Off::ALL, webhook::Off::word, webhook::Off::parse);
    read_back(&webhook::State::ALL, webhook::State::word, webhook::State::parse);
    read_back(FormPolicy::ALL, FormPolicy::word, FormPolicy::parse);
    read_back(Arrival::ALL, Arrival::word, Arrival::parse);
    read_back(ArticleState::ALL, ArticleState::word, ArticleState::parse);
    read_back(&[Kind::User, Kind::Customer], Kind::word, Kind::parse);
    read_back(&[Period::Month, Period::Year], Period::word, Period::parse);
}

#[test]
fn an_id_is_read_back_and_nothing_else_is_an_id() {
    let id = TeamId::from_uuid(Uuid::from_u128(77));
    assert_eq!(id.to_string().parse(), Ok(id));
    for text in ["", "77", "00000000-0000-0000-0000-00000000004", "' or 1=1"] {
        assert!(text.parse::<TeamId>().is_err(), "{text}");
    }
}

fn every_refusal() -> Vec<Refusal> {
    let person = person_id(1);
    let name = "Ada".to_owned();
    let status = StatusWord::Active;
    vec![
        Refusal::NotSignedIn,
        Refusal::ActorDeactivated,
        Refusal::AdministratorsOnly,
        Refusal::OwnerOnly,
        Refusal::DeactivateSelf,
        Refusal::DeleteSelf,
        Refusal::DeactivateOwner,
        Refusal::DeleteOwner,
        Refusal::DeleteAdministrator,
        Refusal::InvitedIsWithdrawn,
        Refusal::NotInvited { status },
        Refusal::InvitedIsSentAgain,
        Refusal::LicensesExhausted { licenses: licenses(5, 5), needed: 1 },
        Refusal::OwnedBelowUsed { asked: 1, used: 2 },
        Refusal::OwnedOutOfRange { most: MOST_OWNED },
        Refusal::SwapNotPossible,
        Refusal::LicenseIsFree,
        Refusal::DeactivatedGetsNothingNew,
        Refusal::DeactivatedGetsNoLink,
        Refusal::AddressOfDeactivated { person, kind: Kind::User, name: name.clone() },
        Refusal::AddressTaken { person, kind: Kind::User, name, status },
        Refusal::InvitationExpired,
        Refusal::NewOwnerNotActive,
        Refusal::OwnerByTransferOnly,
        Refusal::OwnRole,
        Refusal::OwnerByOwnerOnly,
        Refusal::UndoTooLate { until: now() },
        Refusal::UndoneAlready,
        Refusal::UndoOvertaken,
        Refusal::ReturnAskedToday { again: now() },
        Refusal::LinkVoid,
        Refusal::TeamNameTaken { team: TeamId::from_uuid(Uuid::from_u128(1)) },
        Refusal::OrganizationNameTaken { organization: OrganizationId::from_uuid(Uuid::from_u128(1)) },
        Refusal::DomainTaken {
            domain: "acme.example".into(),
            organization: OrganizationId::from_uuid(Uuid::from_u128(1)),
            name: "Acme".into(),
        },
        Refusal::UsersOnly,
        Refusal::CustomersOnly,
        Refusal::RegistrationClosed,
        Refusal::AppClosed,
        Refusal::AddressNotAccepted,
        Refusal::ReviewNotInFuture { today: today() },
        Refusal::NotDeactivated,
        Refusal::RoleNotGiven { role: Role::Owner },
        Refusal::TokenInvalid,
        Refusal::TokenSuspended,
        Refusal::TokenExpired { expired: now() },
        Refusal::InsufficientScope { scope: Scope::People },
        Refusal::TokenMakesNoToken,
        Refusal::TokenWithoutPerson,
        Refusal::TokenNeedsScope,
        Refusal::TokenLife { most_days: MOST_DAYS },
        Refusal::PersonalTokenExpires,
        Refusal::TokenRevoked,
        Refusal::WebhookOff,
        Refusal::ConfirmationMismatch,
        Refusal::WrongPassword,
        Refusal::WorkspaceNeedsHost { lost: vec!["Acme".into()], itself: true },
    ]
}

#[test]
fn every_refusal_has_one_name_and_says_a_sentence() {
    let mut names = BTreeSet::new();
    for refusal in every_refusal() {
        let name = refusal.name();
        assert!(names.insert(name), "{name} stands for two refusals");
        let json = serde_json::to_value(&refusal).expect("JSON");
        assert_eq!(json["refusal"], name, "one name, in JSON too");
        let text = refusal.to_string();
        assert!(text.ends_with('.'), "{text}");
    }
}
