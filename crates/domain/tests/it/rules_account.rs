//! Rules 1, 2, 6, 7, 8 and 10, and the undo: the states of an account.

use domain::{
    Refusal,
    license::Licenses,
    lifecycle::{
        Activation, Grounds, Outcome, Step, UNDO_FOR, Undo, Way, activate, deactivate, delete,
        dismiss_return, review, undo,
    },
    person::{Person, Status},
    role::Role,
};
use jiff::{SignedDuration, civil::date};

use crate::support::{
    acting, active, an_administrator, as_customer, cli, deactivated, invited, licenses, now, person_id, today,
};

fn leave() -> Grounds {
    Grounds { reason: Some("extended leave".to_owned()), review_on: Some(date(2026, 9, 1)) }
}

fn bring_back(target: &Person, licenses: &Licenses, way: Way) -> Result<Outcome<Activation>, Refusal> {
    activate(&an_administrator(), target, licenses, way, now(), today())
}

#[test]
fn a_review_date_is_changed_or_taken_away_and_lies_after_today() {
    let admin = an_administrator();
    let on = |status: &Status| match status {
        Status::Deactivated { review_on, .. } => *review_on,
        _ => None,
    };
    for target in [deactivated(1, Role::Member), as_customer(deactivated(2, Role::Member))] {
        let later = Some(date(2027, 1, 1));
        assert_eq!(review(&admin, &target, later, today()), Ok(Outcome::Changed(later)));
        let mut reviewed = target.clone();
        if let Status::Deactivated { review_on, .. } = &mut reviewed.status {
            *review_on = Some(today());
        }
        // What is so already is no error, even when the day has passed.
        assert_eq!(review(&admin, &reviewed, on(&reviewed.status), today()), Ok(Outcome::Unchanged));
        assert_eq!(review(&admin, &reviewed, None, today()), Ok(Outcome::Changed(None)));
        let yesterday = Some(today().yesterday().expect("a day before"));
        let refused = Refusal::ReviewNotInFuture { today: today() };
        assert_eq!(review(&admin, &reviewed, yesterday, today()), Err(refused));
    }
    for target in [active(3, Role::Member), invited(4, 24, false)] {
        assert_eq!(review(&admin, &target, None, today()), Err(Refusal::NotDeactivated));
    }
    let member = acting(&active(5, Role::Member));
    assert_eq!(
        review(&member, &deactivated(1, Role::Member), None, today()),
        Err(Refusal::AdministratorsOnly)
    );
}

#[test]
fn an_asked_return_is_dismissed_by_administrators_and_only_while_deactivated() {
    let (admin, asked) = (an_administrator(), Some(now()));
    let away = deactivated(1, Role::Member);
    assert_eq!(dismiss_return(&admin, &away, asked), Ok(Outcome::Changed(now())));
    assert_eq!(dismiss_return(&admin, &away, None), Ok(Outcome::Unchanged));
    assert_eq!(dismiss_return(&admin, &active(2, Role::Member), asked), Ok(Outcome::Unchanged));
    let member = acting(&active(5, Role::Member));
    assert_eq!(dismiss_return(&member, &away, asked), Err(Refusal::AdministratorsOnly));
}

fn swap(other: Person) -> Way {
    Way::Swap { other, grounds: leave() }
}

#[test]
fn rule_01_a_deactivation_says_who_why_when_and_frees_the_license() {
    let by = active(500, Role::Administrator);
    let target = active(1, Role::Member);
    let answer = deactivate(&acting(&by), &target, leave(), now(), today());
    let Ok(Outcome::Changed(deactivation)) = answer else {
        panic!("it is deactivated: {answer:?}");
    };
    assert!(deactivation.frees_license);
    assert_eq!(deactivation.change.person, target.id);
    assert_eq!(deactivation.change.before, target.status);
    assert_eq!(
        deactivation.change.after,
        Status::Deactivated {
            since: now(),
            by: Some(by.id),
            reason: Some("extended leave".to_owned()),
            review_on: Some(date(2026, 9, 1)),
        }
    );
    assert!(!deactivation.change.after.holds_license());
    let answer = deactivate(&cli(), &target, Grounds::default(), now(), today());
    let Ok(Outcome::Changed(deactivation)) = answer else {
        panic!("it is deactivated: {answer:?}");
    };
    let Status::Deactivated { by, .. } = deactivation.change.after else {
        panic!("it is deactivated");
    };
    assert_eq!(by, None, "the machine is nobody");
}

#[test]
fn rule_01_a_review_date_lies_after_today() {
    for (day, good) in [(date(2026, 3, 1), false), (today(), false), (date(2026, 3, 3), true)] {
        let grounds = Grounds { review_on: Some(day), ..Grounds::default() };
        let target = active(1, Role::Member);
        let answer = deactivate(&an_administrator(), &target, grounds, now(), today());
        match answer {
            Ok(_) => assert!(good, "{day}"),
            Err(refusal) => {
                assert!(!good, "{day}");
                assert_eq!(refusal, Refusal::ReviewNotInFuture { today: today() });
            }
        }
    }
}

#[test]
fn rule_10_deactivating_a_deactivated_person_changes_nothing() {
    let late = Grounds { review_on: Some(date(2020, 1, 1)), ..leave() };
    for target in [
        deactivated(1, Role::Member),
        deactivated(1, Role::Administrator),
        as_customer(deactivated(1, Role::Member)),
    ] {
        for grounds in [Grounds::default(), leave(), late.clone()] {
            let answer = deactivate(&an_administrator(), &target, grounds, now(), today());
            assert_eq!(answer, Ok(Outcome::Unchanged));
        }
    }
}

#[test]
fn rule_10_activating_an_active_person_changes_nothing() {
    let target = active(1, Role::Member);
    for way in [Way::Free, Way::Add, swap(active(2, Role::Member))] {
        assert_eq!(bring_back(&target, &licenses(5, 5), way), Ok(Outcome::Unchanged));
    }
}

#[test]
fn rule_06_an_activation_takes_a_free_license() {
    let target = deactivated(1, Role::Member);
    for way in [Way::Free, Way::Add] {
        let answer = bring_back(&target, &licenses(5, 4), way);
        let Ok(Outcome::Changed(activation)) = answer else {
            panic!("it is activated: {answer:?}");
        };
        assert!(activation.takes_license);
        assert_eq!(activation.adds_licenses, 0, "none is bought without need");
        assert_eq!(activation.swap, None);
        assert_eq!(activation.change.before, target.status);
        assert_eq!(activation.change.after, Status::Active { since: now() });
    }
}

#[test]
fn rule_06_without_a_free_license_the_refusal_carries_what_the_prompt_shows() {
    let full = licenses(5, 5);
    assert_eq!(
        bring_back(&deactivated(1, Role::Member), &full, Way::Free),
        Err(Refusal::LicensesExhausted { licenses: full, needed: 1 })
    );
}

#[test]
fn rule_06_add_a_license_and_activate() {
    let answer = bring_back(&deactivated(1, Role::Member), &licenses(5, 5), Way::Add);
    let Ok(Outcome::Changed(activation)) = answer else {
        panic!("it is activated: {answer:?}");
    };
    assert_eq!(activation.adds_licenses, 1);
    assert!(activation.takes_license);
    let most = licenses(1_000_000, 1_000_000);
    let answer = bring_back(&deactivated(1, Role::Member), &most, Way::Add);
    assert_eq!(answer, Err(Refusal::OwnedOutOfRange { most: 1_000_000 }));
}

#[test]
fn rule_06_deactivate_another_user_and_activate() {
    let other = active(2, Role::Administrator);
    let answer = bring_back(&deactivated(1, Role::Member), &licenses(5, 5), swap(other.clone()));
    let Ok(Outcome::Changed(activation)) = answer else {
        panic!("it is activated: {answer:?}");
    };
    assert!(activation.takes_license);
    assert_eq!(activation.adds_licenses, 0);
    let room = activation.swap.expect("somebody makes room");
    assert!(room.frees_license);
    assert_eq!(room.change.person, other.id);
    let Status::Deactivated { reason, .. } = room.change.after else {
        panic!("the other is deactivated");
    };
    assert_eq!(reason, leave().reason);
}

#[test]
fn rule_06_only_somebody_with_a_license_to_free_makes_room() {
    let target = deactivated(1, Role::Member);
    let cases = [
        (target.clone(), Refusal::SwapNotPossible),
        (deactivated(2, Role::Member), Refusal::SwapNotPossible),
        (as_customer(active(2, Role::Member)), Refusal::SwapNotPossible),
        (invited(2, 1, false), Refusal::InvitedIsWithdrawn),
        (active(2, Role::Owner), Refusal::DeactivateOwner),
    ];
    for (other, refusal) in cases {
        let answer = bring_back(&target, &licenses(5, 5), swap(other));
        assert_eq!(answer, Err(refusal));
    }
}

#[test]
fn rule_06_nobody_is_deactivated_when_a_license_is_free() {
    let way = swap(active(2, Role::Member));
    let answer = bring_back(&deactivated(1, Role::Member), &licenses(5, 4), way);
    assert_eq!(answer, Err(Refusal::LicenseIsFree));
}

#[test]
fn rule_07_an_administrator_is_made_a_member_before_a_delete() {
    for target in [active(1, Role::Administrator), deactivated(1, Role::Administrator)] {
        for by in [an_administrator(), cli(), acting(&active(3, Role::Owner))] {
            assert_eq!(delete(&by, &target), Err(Refusal::DeleteAdministrator));
        }
    }
}

#[test]
fn rule_07_a_delete_frees_the_license_where_one_is_held() {
    let cases = [
        (active(1, Role::Member), true),
        (deactivated(1, Role::Member), false),
        (as_customer(active(1, Role::Member)), false),
    ];
    for (target, frees) in cases {
        let deletion = delete(&an_administrator(), &target).expect("it is deleted");
        assert_eq!(deletion.frees_license, frees, "{:?}", target.status);
    }
}

#[test]
fn rule_08_customers_live_by_the_same_rules_without_licenses() {
    let full = licenses(5, 5);
    let customer = as_customer(active(1, Role::Member));
    assert!(!customer.needs_license() && !customer.holds_license());
    let answer = deactivate(&an_administrator(), &customer, Grounds::default(), now(), today());
    let Ok(Outcome::Changed(deactivation)) = answer else {
        panic!("it is deactivated: {answer:?}");
    };
    assert!(!deactivation.frees_license);
    let customer = as_customer(deactivated(1, Role::Member));
    for way in [Way::Free, Way::Add, swap(active(2, Role::Member))] {
        let answer = bring_back(&customer, &full, way);
        let Ok(Outcome::Changed(activation)) = answer else {
            panic!("it is activated: {answer:?}");
        };
        assert!(!activation.takes_license);
        assert_eq!((activation.adds_licenses, activation.swap), (0, None));
    }
}

/// A step that brought `1` in, and `2` out where it was a swap; and the people as they are now.
fn step(with_swap: bool, added_licenses: i64) -> (Step, Vec<Person>) {
    let way = if with_swap { swap(active(2, Role::Member)) } else { Way::Add };
    let target = deactivated(1, Role::Member);
    let answer = bring_back(&target, &licenses(5, 5), way);
    let Ok(Outcome::Changed(activation)) = answer else {
        panic!("it is activated: {answer:?}");
    };
    let mut changes = vec![activation.change];
    changes.extend(activation.swap.map(|room| room.change));
    let people = changes
        .iter()
        .zip([target, active(2, Role::Member)])
        .map(|(change, person)| Person { status: change.after.clone(), ..person })
        .collect();
    let step = Step { made: now(), undone: false, changes, added_licenses, owned_before: 5 };
    (step, people)
}

fn try_undo(step: &Step, people: &[Person], licenses: &Licenses) -> Result<Undo, Refusal> {
    undo(&an_administrator(), step, people, licenses, now())
}

#[test]
fn undo_of_a_swap_gives_both_statuses_back_and_takes_no_license() {
    let (step, people) = step(true, 0);
    let undo = try_undo(&step, &people, &licenses(5, 5)).expect("it is undone");
    let back: Vec<_> = undo.changes.iter().map(|c| (c.person, &c.after)).collect();
    assert_eq!(
        back,
        [
            (person_id(1), &deactivated(1, Role::Member).status),
            (person_id(2), &active(2, Role::Member).status),
        ]
    );
    assert_eq!((undo.licenses_taken, undo.removes_licenses), (0, 0));
}

#[test]
fn undo_of_an_activation_gives_up_the_license_it_added() {
    let (step, people) = step(false, 1);
    // Owned and used as they are now, and how many of the owned go.
    for (owned, used, removed) in [(6, 6, 1), (6, 5, 1), (9, 6, 1)] {
        let undo = try_undo(&step, &people, &licenses(owned, used)).expect("it is undone");
        assert_eq!((undo.licenses_taken, undo.removes_licenses), (-1, removed), "{owned} {used}");
    }
}

#[test]
fn undo_never_gives_up_more_licenses_than_are_free_after_it() {
    // A step of several activations adds several.
    let (step, people) = step(false, 3);
    for (owned, used, removed) in [(6, 6, 1), (7, 6, 2), (9, 6, 3)] {
        let undo = try_undo(&step, &people, &licenses(owned, used)).expect("it is undone");
        assert_eq!(undo.removes_licenses, removed, "{owned} {used}");
    }
}

#[test]
fn undo_never_leaves_fewer_licenses_than_were_owned_before_the_step() {
    let (step, people) = step(false, 1);
    // Somebody lowered the number by hand after the step had raised it from 5 to 6.
    let undo = try_undo(&step, &people, &licenses(5, 5)).expect("it is undone");
    assert_eq!(undo.removes_licenses, 0);
}

#[test]
fn undo_of_a_deactivation_leads_to_the_prompt_when_the_license_is_taken_meanwhile() {
    let target = active(1, Role::Member);
    let answer = deactivate(&an_administrator(), &target, leave(), now(), today());
    let Ok(Outcome::Changed(deactivation)) = answer else {
        panic!("it is deactivated: {answer:?}");
    };
    let people = [Person { status: deactivation.change.after.clone(), ..target.clone() }];
    let step = Step {
        made: now(),
        undone: false,
        changes: vec![deactivation.change],
        added_licenses: 0,
        owned_before: 5,
    };
    let undo = try_undo(&step, &people, &licenses(5, 4)).expect("it is undone");
    assert_eq!(undo.licenses_taken, 1);
    assert_eq!(undo.changes[0].after, target.status);
    assert_eq!(
        try_undo(&step, &people, &licenses(5, 5)),
        Err(Refusal::LicensesExhausted { licenses: licenses(5, 5), needed: 1 })
    );
}

#[test]
fn undo_works_for_ten_minutes_and_once() {
    let (step, people) = step(true, 0);
    let until = now() + UNDO_FOR;
    let at = |moment| undo(&an_administrator(), &step, &people, &licenses(5, 5), moment).err();
    assert_eq!(at(until), None);
    assert_eq!(at(until + SignedDuration::from_micros(1)), Some(Refusal::UndoTooLate { until }));
    assert_eq!(UNDO_FOR, SignedDuration::from_mins(10));
    let undone = Step { undone: true, ..step.clone() };
    assert_eq!(try_undo(&undone, &people, &licenses(5, 5)), Err(Refusal::UndoneAlready));
}

#[test]
fn undo_is_refused_when_an_account_has_changed_since_or_is_gone() {
    let (step, people) = step(true, 0);
    let mut changed = people.clone();
    changed[1].status = active(2, Role::Member).status;
    for now_there in [&changed[..], &people[..1], &[]] {
        assert_eq!(try_undo(&step, now_there, &licenses(5, 5)), Err(Refusal::UndoOvertaken));
    }
}

#[test]
fn rule_09_the_guards_bind_an_undo_too() {
    let (step, mut people) = step(false, 0);
    let administrator = Person { role: Role::Administrator, ..people[0].clone() };
    let by = acting(&administrator);
    assert_eq!(undo(&by, &step, &people, &licenses(6, 6), now()), Err(Refusal::DeactivateSelf));
    people[0].role = Role::Owner;
    assert_eq!(try_undo(&step, &people, &licenses(6, 6)), Err(Refusal::DeactivateOwner));
}
