//! The invariants 2, 3 and 5 of the reliability description (and its 6, as far as rules go), after
//! each step of random walks through the rules.

use std::collections::BTreeMap;

use domain::{
    Refusal,
    id::PersonId,
    lifecycle::Outcome,
    person::{Kind, Status},
    role::Role,
};
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{TestCaseResult, TestRunner},
};

use crate::support::{
    model::{Held, Workspace},
    walk::{By, Op, Walk, WayChoice, walk},
};

/// One step: the workspace before and after, who did what, and the answer.
struct Seen<'a> {
    before: &'a Workspace,
    after: &'a Workspace,
    by: By,
    op: &'a Op,
    answer: &'a Result<Outcome<()>, Refusal>,
}

fn each_step(walk: &Walk, check: impl Fn(&Seen<'_>) -> TestCaseResult) -> TestCaseResult {
    let mut after = Workspace::new(walk.spare);
    for (by, op) in &walk.steps {
        let before = after.clone();
        let answer = after.apply(*by, op);
        check(&Seen { before: &before, after: &after, by: *by, op, answer: &answer })?;
    }
    Ok(())
}

/// Statuses that a step changed: before and after.
fn transitions(seen: &Seen<'_>) -> Vec<(PersonId, Status, Status)> {
    seen.before
        .people()
        .filter_map(|was| {
            let is = &seen.after.find(was.id)?.person;
            (was.status != is.status).then(|| (was.id, was.status.clone(), is.status.clone()))
        })
        .collect()
}

fn gone(seen: &Seen<'_>) -> Vec<PersonId> {
    seen.before.people().map(|person| person.id).filter(|id| seen.after.find(*id).is_none()).collect()
}

fn config() -> ProptestConfig {
    ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn invariant_2_licenses_used_are_the_invited_and_active_users_and_never_more_than_owned(
        walk in walk()
    ) {
        each_step(&walk, |seen| {
            // Counted anew, without the rules' own idea of who holds one.
            let counted = seen.after.people().filter(|p| p.kind == Kind::User).filter(|p| {
                matches!(p.status, Status::Active { .. } | Status::Invited { expired: false, .. })
            }).count();
            let used = seen.after.licenses.used;
            prop_assert_eq!(usize::try_from(used).ok(), Some(counted), "{:?}", seen.op);
            prop_assert!(used <= seen.after.licenses.owned, "{:?} oversold", seen.op);
            Ok(())
        })?;
    }

    #[test]
    fn invariant_3_there_is_one_owner_who_is_an_active_user(walk in walk()) {
        each_step(&walk, |seen| {
            let owners: Vec<_> = seen.after.people().filter(|p| p.role == Role::Owner).collect();
            prop_assert_eq!(owners.len(), 1, "{:?}", seen.op);
            prop_assert!(owners[0].status.is_active() && owners[0].kind == Kind::User, "{:?}", seen.op);
            Ok(())
        })?;
    }

    #[test]
    fn a_refused_or_idempotent_step_changes_nothing(walk in walk()) {
        each_step(&walk, |seen| {
            if !matches!(seen.answer, Ok(Outcome::Changed(()))) {
                prop_assert_eq!(seen.before, seen.after, "{:?}", seen.op);
            }
            Ok(())
        })?;
    }

    #[test]
    fn guards_hold_whoever_acts(walk in walk()) {
        each_step(&walk, guards_hold)?;
    }

    #[test]
    fn invariant_5_a_change_of_status_changes_nothing_that_is_held(walk in walk()) {
        each_step(&walk, |seen| {
            if matches!(
                seen.op,
                Op::Deactivate { .. } | Op::Activate { .. } | Op::Undo { .. } | Op::Accept { .. }
                    | Op::Expire | Op::SendAgain { .. } | Op::Wait { .. }
            ) {
                prop_assert_eq!(held(seen.before), held(seen.after), "{:?}", seen.op);
            }
            Ok(())
        })?;
    }

    #[test]
    fn invariant_5_deactivate_then_activate_any_number_of_times_leaves_all_as_it_was(
        walk in walk(), target in any::<u8>(),
        rounds in prop::collection::vec((any::<bool>(), any::<bool>(), any::<u8>()), 1..12)
    ) {
        let mut workspace = Workspace::new(walk.spare);
        for (by, op) in &walk.steps {
            // Refusals are part of the way to a random workspace.
            workspace.apply(*by, op).ok();
        }
        let before = workspace.clone();
        if deactivate_and_back(&mut workspace, target, &rounds)? {
            prop_assert_eq!(held(&before), held(&workspace));
            prop_assert_eq!(&before.licenses, &workspace.licenses);
            let words = |w: &Workspace| w.people().map(|p| p.status.word()).collect::<Vec<_>>();
            prop_assert_eq!(words(&before), words(&workspace));
        }
    }

    #[test]
    fn a_deactivated_person_gets_nothing_new(walk in walk()) {
        each_step(&walk, |seen| {
            for was in &seen.before.accounts {
                let Some(is) = seen.after.find(was.person.id) else { continue };
                if matches!(was.person.status, Status::Deactivated { .. }) {
                    prop_assert!(is.person.role <= was.person.role, "{:?} gives a role", seen.op);
                    prop_assert!(is.teams.is_subset(&was.teams), "{:?} gives a team", seen.op);
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn an_undo_gives_back_the_statuses_as_they_were_before_the_step(walk in walk()) {
        each_step(&walk, undo_gives_back)?;
    }

    #[test]
    fn invariant_6_nothing_is_left_after_a_delete(walk in walk()) {
        each_step(&walk, |seen| {
            for id in gone(seen) {
                let was = seen.before.find(id).expect("somebody who is gone was there");
                let left = format!("{:?}", seen.after);
                for text in [&was.person.name, &was.person.email, &was.settings] {
                    prop_assert!(!left.contains(text.as_str()), "{:?} leaves {text}", seen.op);
                }
                let undoable = seen.after.done.iter().any(|done| {
                    done.step.changes.iter().any(|change| change.person == id)
                });
                prop_assert!(!undoable, "a step of somebody who is gone can be undone");
            }
            Ok(())
        })?;
    }
}

fn held(workspace: &Workspace) -> Vec<(PersonId, Held)> {
    workspace.accounts.iter().map(|account| (account.person.id, account.held())).collect()
}

/// What is seen of the guards from outside: by whom things change, and to whom.
fn guards_hold(seen: &Seen<'_>) -> TestCaseResult {
    let actor = seen.before.authority(seen.by);
    let by_time_or_link = matches!(seen.op, Op::Wait { .. } | Op::Expire | Op::Accept { .. });
    if seen.before != seen.after && !by_time_or_link && !matches!(seen.by, By::Cli | By::Job) {
        let person = actor.person.as_ref();
        prop_assert!(
            person.is_some_and(|p| p.role != Role::Member && p.status.is_active()),
            "{:?} by {:?}",
            seen.op,
            seen.by
        );
    }
    for (id, was, is) in transitions(seen) {
        let person = &seen.before.find(id).expect("a person").person;
        if matches!(is, Status::Deactivated { .. }) {
            prop_assert!(person.role != Role::Owner, "the owner is deactivated");
            prop_assert!(actor.actor.person() != Some(id), "somebody deactivates themself");
            let reviewed =
                matches!(seen.op, Op::Review { .. }) && without_review(&was) == without_review(&is);
            prop_assert!(was.is_active() || reviewed, "only active people are deactivated");
        }
        if let (Status::Invited { expires, expired, .. }, Status::Active { .. }) = (&was, &is) {
            let in_time = !*expired && seen.before.now < *expires;
            prop_assert!(in_time, "an expired invitation is accepted");
        }
    }
    for id in gone(seen) {
        let person = &seen.before.find(id).expect("a person").person;
        prop_assert!(actor.actor.person() != Some(id), "somebody deletes themself");
        if let Status::Invited { .. } = person.status {
            let withdrawn = matches!(seen.op, Op::Withdraw { .. });
            prop_assert!(withdrawn, "an invited person is deleted");
        } else {
            prop_assert_eq!(person.role, Role::Member);
        }
    }
    Ok(())
}

/// What a review leaves as it was.
fn without_review(status: &Status) -> Status {
    let mut status = status.clone();
    if let Status::Deactivated { review_on, .. } = &mut status {
        *review_on = None;
    }
    status
}

fn undo_gives_back(seen: &Seen<'_>) -> TestCaseResult {
    let (Op::Undo { step }, Ok(Outcome::Changed(()))) = (seen.op, seen.answer) else {
        return Ok(());
    };
    let index = seen.before.nth_last(*step).expect("a step was undone");
    let done = &seen.before.done[index];
    prop_assert!(seen.before.now.duration_since(done.step.made).as_secs() <= 600);
    prop_assert!(!done.step.undone, "undone twice");
    for (person, status) in &done.was {
        let is = &seen.after.find(*person).expect("the person is there").person;
        prop_assert_eq!(&is.status, status);
    }
    let touched: Vec<PersonId> = done.was.iter().map(|(person, _)| *person).collect();
    for (person, ..) in transitions(seen) {
        prop_assert!(touched.contains(&person), "an undo touches somebody else");
    }
    let (owned, owned_after) = (seen.before.licenses.owned, seen.after.licenses.owned);
    prop_assert!((0..=done.step.added_licenses).contains(&(owned - owned_after)));
    Ok(())
}

/// Deactivates and brings back, by activation or undo, by the machine or an administrator. Answers
/// whether the person can be deactivated at all.
fn deactivate_and_back(
    workspace: &mut Workspace,
    target: u8,
    rounds: &[(bool, bool, u8)],
) -> Result<bool, TestCaseError> {
    let person = workspace.target(target);
    if !person.status.is_active() || person.role == Role::Owner {
        return Ok(false);
    }
    let id = person.id;
    for (by_machine, undo, leader) in rounds {
        let mut by = if *by_machine { By::Cli } else { By::Leader(*leader) };
        if workspace.authority(by).actor.person() == Some(id) {
            by = By::Cli;
        }
        let out = Op::Deactivate { target, review_in: None };
        prop_assert_eq!(workspace.apply(by, &out), Ok(Outcome::Changed(())));
        workspace.now += jiff::SignedDuration::from_secs(30);
        let back = if *undo { Op::Undo { step: 0 } } else { Op::Activate { target, way: WayChoice::Add } };
        prop_assert_eq!(workspace.apply(by, &back), Ok(Outcome::Changed(())));
    }
    Ok(true)
}

/// Without this the properties above could be green over walks in which everything is refused.
#[test]
fn the_walks_reach_every_operation_and_nearly_every_refusal() {
    let mut runner = TestRunner::deterministic();
    let mut done: BTreeMap<String, usize> = BTreeMap::new();
    let mut refused: BTreeMap<&str, usize> = BTreeMap::new();
    for _ in 0..300 {
        let walk = walk().new_tree(&mut runner).expect("a walk").current();
        each_step(&walk, |_| Ok(())).expect("a walk without a check");
        let mut workspace = Workspace::new(walk.spare);
        for (by, op) in &walk.steps {
            match workspace.apply(*by, op) {
                Ok(Outcome::Changed(())) => *done.entry(op.name()).or_default() += 1,
                Ok(Outcome::Unchanged) => {}
                Err(refusal) => *refused.entry(refusal.name()).or_default() += 1,
            }
        }
    }
    for name in [
        "Wait",
        "Expire",
        "Invite",
        "SendAgain",
        "Accept",
        "Withdraw",
        "Delete",
        "Deactivate",
        "Activate Fre",
        "Activate Add",
        "Activate Swa",
        "Review",
        "Undo",
        "ChangeRole",
        "Transfer",
        "Own",
        "Join",
        "Leave",
        "Rename",
    ] {
        let times = done.get(name).copied().unwrap_or_default();
        assert!(times >= 10, "{name} was done {times} times: {done:?}");
    }
    for name in [
        "not-signed-in",
        "account-deactivated",
        "administrators-only",
        "owner-only",
        "not-deactivated",
        "deactivate-self",
        "deactivate-owner",
        "delete-self",
        "delete-owner",
        "delete-administrator",
        "invited-is-withdrawn",
        "invited-is-sent-again",
        "not-invited",
        "licenses-exhausted",
        "owned-below-used",
        "swap-not-possible",
        "license-is-free",
        "deactivated-gets-nothing-new",
        "address-of-deactivated",
        "address-taken",
        "invitation-expired",
        "new-owner-not-active",
        "owner-by-transfer-only",
        "own-role",
        "owner-by-owner-only",
        "undo-too-late",
        "undone-already",
        "undo-overtaken",
        "link-void",
        "review-not-in-future",
        "role-not-given",
    ] {
        assert!(refused.contains_key(name), "{name} never came: {refused:?}");
    }
}
