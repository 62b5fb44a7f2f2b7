//! Rules 3, 5, 12 and 13, licenses and sessions.

use domain::{
    Refusal,
    invitation::{VALID_FOR, accept, address_refusal, expire, invite, send_again, withdraw},
    license::MOST_OWNED,
    lifecycle::{Grounds, Outcome, Way, activate, ask_for_return, deactivate, delete},
    part::{change_role, edit_profile, make_link, may_receive},
    person::{Kind, Status, StatusWord},
    role::Role,
    session::{LONGEST_SECONDS, SHORTEST_IDLE_SECONDS, SessionLengths},
};
use jiff::SignedDuration;

use crate::support::{
    active, an_administrator, as_customer, cli, deactivated, hours_ago, invited, licenses, now, today,
};

#[test]
fn rule_03_a_deactivated_person_asks_for_a_return_once_a_day() {
    let person = deactivated(1, Role::Member);
    let cases = [
        (None, Ok(())),
        (Some(now()), Err(Refusal::ReturnAskedToday { again: hours_ago(-24) })),
        (Some(hours_ago(23)), Err(Refusal::ReturnAskedToday { again: hours_ago(-1) })),
        (Some(hours_ago(24)), Ok(())),
    ];
    for (last, expected) in cases {
        assert_eq!(ask_for_return(&person, last, now()), expected, "{last:?}");
    }
    for other in [active(1, Role::Member), invited(1, 1, false)] {
        assert_eq!(ask_for_return(&other, None, now()), Err(Refusal::LinkVoid));
    }
}

#[test]
fn rule_03_no_link_is_made_for_a_deactivated_person() {
    for by in [an_administrator(), cli()] {
        assert_eq!(make_link(&by, &deactivated(1, Role::Member)), Err(Refusal::DeactivatedGetsNoLink));
        assert_eq!(make_link(&by, &invited(1, 1, false)), Err(Refusal::InvitedIsSentAgain));
        assert_eq!(make_link(&by, &active(1, Role::Member)), Ok(()));
    }
}

#[test]
fn rule_05_a_deactivated_person_gets_nothing_new() {
    let person = deactivated(1, Role::Member);
    assert_eq!(may_receive(&person), Err(Refusal::DeactivatedGetsNothingNew));
    assert_eq!(
        change_role(&an_administrator(), &person, Role::Administrator),
        Err(Refusal::DeactivatedGetsNothingNew)
    );
    for other in [active(1, Role::Member), invited(1, 1, false)] {
        assert_eq!(may_receive(&other), Ok(()));
        assert_eq!(
            change_role(&an_administrator(), &other, Role::Administrator),
            Ok(Outcome::Changed(Role::Administrator))
        );
    }
}

#[test]
fn rule_02_others_may_edit_a_deactivated_person_and_lower_their_role() {
    let person = deactivated(1, Role::Administrator);
    let by = an_administrator();
    assert_eq!(edit_profile(&by, &person, true), Ok(()));
    assert_eq!(change_role(&by, &person, Role::Member), Ok(Outcome::Changed(Role::Member)));
}

#[test]
fn rule_12_an_invitation_holds_a_license_for_seven_days() {
    let by = an_administrator();
    let invitation = invite(&by, None, Kind::User, Role::Member, &licenses(5, 4), false, now())
        .expect("somebody is invited");
    assert!(invitation.takes_license);
    assert_eq!(invitation.adds_licenses, 0);
    assert!(invitation.status.holds_license());
    assert_eq!(
        invitation.status,
        Status::Invited { since: now(), expires: now() + SignedDuration::from_hours(7 * 24), expired: false }
    );
}

#[test]
fn rule_12_an_invitation_needs_a_free_license_or_adds_one() {
    let by = an_administrator();
    let full = licenses(5, 5);
    let expected = Refusal::LicensesExhausted { licenses: full.clone(), needed: 1 };
    let expired = invited(1, 200, true);
    assert_eq!(invite(&by, None, Kind::User, Role::Member, &full, false, now()), Err(expected.clone()));
    assert_eq!(send_again(&by, &expired, &full, false, now()), Err(expected));
    for (free, added) in [(0, 1), (1, 0)] {
        let licenses = licenses(5 + free, 5);
        for answer in [
            invite(&by, None, Kind::User, Role::Member, &licenses, true, now()),
            send_again(&by, &expired, &licenses, true, now()),
        ] {
            let invitation = answer.expect("an invitation");
            assert!(invitation.takes_license);
            assert_eq!(invitation.adds_licenses, added);
        }
    }
}

#[test]
fn rule_12_an_open_invitation_sent_again_keeps_its_license() {
    let full = licenses(5, 5);
    let person = invited(1, 100, false);
    let again = send_again(&an_administrator(), &person, &full, false, now()).expect("it is sent again");
    assert_eq!((again.takes_license, again.adds_licenses), (false, 0));
    let Status::Invited { expires, expired, .. } = again.status else {
        panic!("the person is invited");
    };
    assert_eq!((expires, expired), (now() + VALID_FOR, false));
    // A customer's invitation never holds one.
    let customer = as_customer(invited(1, 200, true));
    let again = send_again(&an_administrator(), &customer, &full, false, now()).expect("it is sent again");
    assert!(!again.takes_license);
}

#[test]
fn rule_12_an_invitation_expires_after_seven_days_and_frees_its_license() {
    let just_open = invited(1, 7 * 24, false);
    assert_eq!(expire(&just_open, now() - SignedDuration::from_micros(1)), None);
    let after = expire(&just_open, now()).expect("it has expired");
    assert!(!after.holds_license());
    assert_eq!(after.since(), just_open.status.since(), "the row says since when");
    for nothing_to_do in [invited(1, 7 * 24, true), active(1, Role::Member), deactivated(1, Role::Member)] {
        assert_eq!(expire(&nothing_to_do, now()), None, "only once");
    }
}

#[test]
fn rule_12_an_invitation_is_accepted_while_it_works() {
    let change = accept(&invited(1, 167, false), now()).expect("it is accepted");
    assert_eq!(change.after, Status::Active { since: now() });
    assert_eq!(change.before, invited(1, 167, false).status);
    let cases = [
        // Expired by the clock, whether or not the job has been there.
        (invited(1, 168, false), Refusal::InvitationExpired),
        (invited(1, 168, true), Refusal::InvitationExpired),
        (active(1, Role::Member), Refusal::LinkVoid),
        (deactivated(1, Role::Member), Refusal::ActorDeactivated),
    ];
    for (person, refusal) in cases {
        assert_eq!(accept(&person, now()), Err(refusal));
    }
}

#[test]
fn rule_12_withdraw_frees_the_license_where_one_is_held() {
    let by = an_administrator();
    assert_eq!(withdraw(&by, &invited(1, 1, false)), Ok(true));
    assert_eq!(withdraw(&by, &invited(1, 200, true)), Ok(false));
    for person in [active(1, Role::Member), deactivated(1, Role::Member)] {
        let status = person.status.word();
        assert_eq!(withdraw(&by, &person), Err(Refusal::NotInvited { status }));
        assert_eq!(
            send_again(&by, &person, &licenses(5, 1), false, now()),
            Err(Refusal::NotInvited { status })
        );
    }
}

#[test]
fn rule_12_an_invited_person_is_neither_deactivated_nor_activated_nor_deleted() {
    let by = an_administrator();
    for person in [invited(1, 1, false), invited(1, 200, true)] {
        assert_eq!(
            deactivate(&by, &person, Grounds::default(), now(), today()),
            Err(Refusal::InvitedIsWithdrawn)
        );
        assert_eq!(delete(&by, &person), Err(Refusal::InvitedIsWithdrawn));
        assert_eq!(
            activate(&by, &person, &licenses(5, 1), Way::Free, now(), today()),
            Err(Refusal::InvitedIsSentAgain)
        );
    }
}

#[test]
fn rule_12_nobody_is_invited_as_owner() {
    let role = Role::Owner;
    let answer = invite(&cli(), None, Kind::User, role, &licenses(5, 1), false, now());
    assert_eq!(answer, Err(Refusal::RoleNotGiven { role }));
}

#[test]
fn rule_13_inviting_an_address_of_a_deactivated_person_offers_them() {
    let roomy = licenses(5, 1);
    let full = licenses(5, 5);
    for licenses in [roomy, full] {
        for person in [deactivated(1, Role::Administrator), as_customer(deactivated(1, Role::Member))] {
            let answer =
                invite(&an_administrator(), Some(&person), Kind::User, Role::Member, &licenses, false, now());
            let expected = Refusal::AddressOfDeactivated {
                person: person.id,
                kind: person.kind,
                name: person.name.clone(),
            };
            assert_eq!(address_refusal(&person), expected);
            assert_eq!(answer, Err(expected));
        }
    }
}

#[test]
fn rule_13_an_address_in_use_is_refused_with_its_owner() {
    let cases = [
        (active(1, Role::Member), StatusWord::Active),
        (invited(1, 1, false), StatusWord::Invited),
        (invited(1, 200, true), StatusWord::Invited),
    ];
    for (other, status) in cases {
        let expected =
            Refusal::AddressTaken { person: other.id, kind: other.kind, name: other.name.clone(), status };
        assert_eq!(address_refusal(&other), expected);
    }
}

#[test]
fn licenses_owned_below_used_are_refused_and_a_number_has_sense() {
    let seven = licenses(10, 7);
    assert_eq!(seven.own(7).map(|l| (l.owned, l.used)), Ok((7, 7)));
    assert_eq!(seven.own(6), Err(Refusal::OwnedBelowUsed { asked: 6, used: 7 }));
    let out_of_range = Refusal::OwnedOutOfRange { most: MOST_OWNED };
    assert_eq!(seven.own(MOST_OWNED + 1), Err(out_of_range.clone()));
    assert!(seven.own(MOST_OWNED).is_ok());
    assert_eq!(licenses(1, 0).own(0), Err(out_of_range));
}

#[test]
fn licenses_are_taken_up_to_the_number_owned() {
    let seven = licenses(10, 7);
    assert_eq!(seven.free(), 3);
    assert_eq!(seven.take(3).map(|l| l.free()), Ok(0));
    assert_eq!(seven.take(4), Err(Refusal::LicensesExhausted { licenses: seven.clone(), needed: 4 }));
    assert_eq!(seven.give_back(2), licenses(10, 5));
}

#[test]
fn sessions_end_by_idleness_and_by_age() {
    let lengths = SessionLengths::default();
    let ended = Err(Refusal::NotSignedIn);
    // Hours since the sign-in and since the last request.
    let cases = [
        (1, 0, Ok(())),
        (12, 12, Ok(())),
        (13, 13, ended.clone()),
        (30 * 24, 1, Ok(())),
        (30 * 24 + 1, 0, ended),
    ];
    for (age, idle, expected) in cases {
        let answer = lengths.check(hours_ago(age), hours_ago(idle), now());
        assert_eq!(answer, expected, "{age} {idle}");
    }
}

#[test]
fn session_lengths_that_make_no_sense_cannot_be_set() {
    let cases = [
        (12 * 3600, 30 * 24 * 3600, true),
        (SHORTEST_IDLE_SECONDS, SHORTEST_IDLE_SECONDS, true),
        (SHORTEST_IDLE_SECONDS - 1, 3600, false),
        (3600, 3599, false),
        (3600, LONGEST_SECONDS, true),
        (3600, LONGEST_SECONDS + 1, false),
        (-1, -1, false),
    ];
    for (idle_seconds, absolute_seconds, sensible) in cases {
        let lengths = SessionLengths { idle_seconds, absolute_seconds };
        assert_eq!(lengths.are_sensible(), sensible, "{lengths:?}");
    }
}
