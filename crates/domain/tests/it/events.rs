//! Who hears of what.

use domain::{
    audit::Action,
    event::{Audience, Hears, WorkTopic, audience, reaches_customers},
    role::Role,
};

#[test]
fn members_hear_of_the_work_and_of_the_status_of_people_and_nothing_of_what_is_for_administrators() {
    let hears = |action, role: Role| {
        audience(action).map_or(Hears::Nothing, |audience| audience.hears(role.administers()))
    };
    for action in Action::ALL.iter().copied() {
        for role in [Role::Administrator, Role::Owner] {
            assert_ne!(hears(action, role), Hears::Brief, "{action:?}");
        }
        if hears(action, Role::Member) == Hears::All {
            let word = action.word();
            let of_work = ["project.", "items.", "handover.", "article."];
            assert!(of_work.iter().any(|begin| word.starts_with(begin)), "{word}");
        }
    }
    assert_eq!(hears(Action::Deactivated, Role::Member), Hears::Brief);
    for action in [Action::LicensesChanged, Action::SettingsChanged, Action::ReviewChanged, Action::LinkMade]
    {
        assert_eq!(hears(action, Role::Member), Hears::Nothing, "{action:?}");
        assert_eq!(hears(action, Role::Administrator), Hears::All, "{action:?}");
    }
}

#[test]
fn every_step_in_the_life_of_an_account_is_told() {
    for action in [
        Action::Invited,
        Action::InvitationWithdrawn,
        Action::InvitationExpired,
        Action::Deactivated,
        Action::Activated,
        Action::Undone,
        Action::Deleted,
        Action::Converted,
        Action::RoleChanged,
        Action::OwnershipTransferred,
        Action::LicensesChanged,
    ] {
        assert!(audience(action).is_some(), "{action:?}");
    }
    // Many people at once, or somebody who only looks: these have their place in the audit log.
    assert_eq!(audience(Action::SignedIn), None);
}

#[test]
fn customers_hear_of_what_their_page_shows_and_of_no_note() {
    assert!(reaches_customers("message.added", "reply"));
    assert!(!reaches_customers("message.added", "note"));
    assert!(reaches_customers("item.changed", "status"));
    for field in ["priority", "due", "project", "tags", "follower", ""] {
        assert!(!reaches_customers("item.changed", field), "{field}");
    }
    for action in Action::ALL {
        assert!(!reaches_customers(action.word(), "reply"), "{action:?}");
    }
}

#[test]
fn a_topic_is_told_by_one_word_alone() {
    let work = WorkTopic::ALL.map(WorkTopic::word);
    for word in work {
        assert!(Action::parse(word).is_none(), "{word}");
    }
    for audience in Audience::ALL {
        assert_eq!(Audience::parse(audience.word()), Some(audience));
    }
}
