use super::*;
use crate::sys::Sys;
use proptest::prelude::*;

const WORKSPACE: Uuid = Uuid::from_u128(7);

fn key() -> AuditKey {
    AuditKey::new([3; 32])
}

fn personal(n: u64) -> (Hash, String) {
    ([u8::try_from(n).expect("small"); 32], format!("{{\"name\":\"Person {n}\"}}"))
}

/// A chain of entries that all have personal values.
fn chain(length: u64) -> (Vec<Sealed>, Checkpoint) {
    let mut at = Checkpoint::genesis(&key(), WORKSPACE);
    let entries = (1..=length).map(|seq| {
        let (salt, json) = personal(seq);
        let digest = personal_digest(&salt, &json);
        let entry = Canonical::new(1).number(1_000).text("deactivate").bytes(&digest).digest();
        at = at.next(&key(), &entry);
        Sealed { seq, entry, mac: at.mac, personal: Personal::Kept { digest, salt, json } }
    });
    let entries = entries.collect();
    (entries, at)
}

fn verdict(entries: Vec<Sealed>, checkpoints: &[Checkpoint]) -> Verdict {
    verify(&key(), Checkpoint::genesis(&key(), WORKSPACE), entries, checkpoints.iter().copied())
}

#[test]
fn asvs_16_4_2_an_untouched_log_verifies() {
    let (entries, end) = chain(5);
    assert_eq!(verdict(entries.clone(), &[end]), Verdict::Verified { entries: 5, erased: 0 });
    let from_two = Checkpoint { seq: 2, mac: entries[1].mac };
    let rest = verify(&key(), from_two, entries[2..].to_vec(), [end]);
    assert_eq!(rest, Verdict::Verified { entries: 3, erased: 0 });
    assert_eq!(verdict(vec![], &[]), Verdict::Verified { entries: 0, erased: 0 });
}

#[test]
fn an_erased_person_is_counted_and_nothing_breaks() {
    let (mut entries, end) = chain(5);
    entries[1].personal = Personal::Erased;
    entries[3].personal = Personal::Erased;
    assert_eq!(verdict(entries, &[end]), Verdict::Verified { entries: 5, erased: 2 });
}

#[test]
fn a_changed_entry_is_named() {
    let (mut entries, _) = chain(5);
    entries[2].entry = Canonical::new(1).text("activate").digest();
    assert_eq!(verdict(entries, &[]), Verdict::Broken { seq: 3, why: Why::Changed });
}

#[test]
fn changed_personal_values_are_named() {
    let (mut entries, _) = chain(5);
    if let Personal::Kept { json, .. } = &mut entries[3].personal {
        *json = "{\"name\":\"Someone else\"}".to_owned();
    }
    assert_eq!(verdict(entries, &[]), Verdict::Broken { seq: 4, why: Why::PersonalChanged });
}

#[test]
fn a_missing_a_doubled_and_a_moved_entry_are_named() {
    let (mut missing, _) = chain(5);
    missing.remove(2);
    assert_eq!(verdict(missing, &[]), Verdict::Broken { seq: 3, why: Why::OutOfSequence });
    let (mut renumbered, _) = chain(5);
    renumbered.remove(2);
    for (index, entry) in renumbered.iter_mut().enumerate() {
        entry.seq = index as u64 + 1;
    }
    assert_eq!(verdict(renumbered, &[]), Verdict::Broken { seq: 3, why: Why::Changed });
    let (mut doubled, _) = chain(5);
    doubled.insert(3, doubled[2].clone());
    assert_eq!(verdict(doubled, &[]), Verdict::Broken { seq: 4, why: Why::OutOfSequence });
    let (mut swapped, _) = chain(5);
    swapped.swap(1, 2);
    assert_eq!(verdict(swapped, &[]), Verdict::Broken { seq: 2, why: Why::OutOfSequence });
    let (mut headless, _) = chain(5);
    headless.remove(0);
    assert_eq!(verdict(headless, &[]), Verdict::Broken { seq: 1, why: Why::OutOfSequence });
}

#[test]
fn a_cut_end_shows_by_a_checkpoint() {
    let (mut entries, end) = chain(5);
    entries.truncate(3);
    assert_eq!(verdict(entries.clone(), &[end]), Verdict::Cut { last: 3, expected: 5 });
    assert_eq!(verdict(vec![], &[end]), Verdict::Cut { last: 0, expected: 5 });
    assert_eq!(
        verdict(entries, &[]),
        Verdict::Verified { entries: 3, erased: 0 },
        "alone, the rest looks whole"
    );
}

#[test]
fn a_log_written_anew_shows_by_a_checkpoint_even_when_the_key_leaked() {
    let (entries, _) = chain(5);
    let seen = Checkpoint { seq: 3, mac: [9; 32] };
    assert_eq!(verdict(entries, &[seen]), Verdict::Broken { seq: 3, why: Why::AgainstCheckpoint });
}

#[test]
fn another_key_or_another_workspace_does_not_verify() {
    let (entries, _) = chain(2);
    let other = AuditKey::new([4; 32]);
    let start = Checkpoint::genesis(&other, WORKSPACE);
    assert_eq!(verify(&other, start, entries.clone(), []), Verdict::Broken { seq: 1, why: Why::Changed });
    let elsewhere = Checkpoint::genesis(&key(), Uuid::from_u128(8));
    assert_eq!(verify(&key(), elsewhere, entries, []), Verdict::Broken { seq: 1, why: Why::Changed });
    assert_ne!(other.id(), key().id());
}

#[test]
fn the_form_of_the_seal_is_fixed() {
    // A change of these numbers makes every log out there unverifiable.
    let (_, end) = chain(1);
    assert_eq!(end.to_string(), "1:031fb86b037a85737e3f69dda4b953e89d46bc22a4c53071a22e20d2b6e2da81");
}

#[test]
fn fields_cannot_be_shifted_into_one_another() {
    let of = |fields: &[&str]| fields.iter().fold(Canonical::new(1), |entry, text| entry.text(text)).digest();
    assert_ne!(of(&["ab", "c"]), of(&["a", "bc"]));
    assert_ne!(of(&["a", ""]), of(&["a"]));
    assert_ne!(Canonical::new(1).none().digest(), Canonical::new(1).text("").digest());
    assert_ne!(Canonical::new(1).digest(), Canonical::new(2).digest());
    assert_eq!(
        Canonical::new(1).maybe(Some(5), Canonical::number).digest(),
        Canonical::new(1).number(5).digest()
    );
}

#[test]
fn a_checkpoint_reads_as_it_is_written() {
    let (_, end) = chain(3);
    assert_eq!(format!("{end}\n").parse(), Ok(end));
    for wrong in ["", "3", "3:", ":00", "+3:00", &format!("-1:{}", to_hex(&end.mac)), &format!("{end}0")] {
        assert_eq!(wrong.parse::<Checkpoint>(), Err(NotACheckpoint), "{wrong}");
    }
}

#[test]
fn the_key_file_is_made_once_readable_by_its_owner_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let source = KeySource::File(folder.path().join("data/audit.key"));
    let sys = Sys::real();
    assert!(matches!(AuditKey::load(&source, &sys, false), Err(KeyError::Missing(_))));
    let first = AuditKey::load(&source, &sys, true).expect("made");
    let again = AuditKey::load(&source, &sys, true).expect("found");
    assert!(first.created && !again.created);
    assert_eq!(first.key.id(), again.key.id());
    let KeySource::File(path) = &source else { unreachable!("it is a file") };
    assert_eq!(
        std::fs::read_dir(path.parent().expect("a folder")).expect("listed").count(),
        1,
        "no draft is left"
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(path).expect("there").permissions().mode() & 0o777, 0o600);
        assert_eq!(again.warning, None);
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o644)).expect("set");
        let warning = AuditKey::load(&source, &sys, true).expect("found").warning.expect("a warning");
        assert!(warning.contains("mode 644"), "{warning}");
    }
}

#[test]
fn a_file_with_something_else_is_not_overwritten() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("audit.key");
    for other in ["", "hello", "0f"] {
        std::fs::write(&path, other).expect("written");
        let result = AuditKey::load(&KeySource::File(path.clone()), &Sys::real(), true);
        assert!(matches!(result, Err(KeyError::NotAKey(_))), "{other:?}");
        assert_eq!(std::fs::read_to_string(&path).expect("read"), other);
    }
}

#[test]
fn servers_that_start_at_once_agree_on_one_key() {
    let folder = tempfile::tempdir().expect("a folder");
    let source = KeySource::File(folder.path().join("audit.key"));
    let loaded: Vec<LoadedKey> = std::thread::scope(|scope| {
        let start = || AuditKey::load(&source, &Sys::real(), true).expect("a key");
        let servers: Vec<_> = (0..8).map(|_| scope.spawn(start)).collect();
        servers.into_iter().map(|server| server.join().expect("a server")).collect()
    });
    assert!(loaded.iter().all(|one| one.key.id() == loaded[0].key.id()));
    assert_eq!(loaded.iter().filter(|one| one.created).count(), 1);
}

#[test]
fn the_key_does_not_show_in_debug_output() {
    let shown = format!("{:?} {:?}", key(), KeySource::Given([0xab; 32]));
    assert!(!shown.contains("0303") && !shown.contains("171") && !shown.contains("abab"), "{shown}");
}

proptest! {
    #[test]
    fn any_one_changed_bit_of_a_seal_breaks_it(at in 0_usize..4, byte in 0_usize..32, bit in 0_u8..8) {
        let (mut entries, _) = chain(4);
        entries[at].mac[byte] ^= 1 << bit;
        prop_assert_eq!(verdict(entries, &[]), Verdict::Broken { seq: at as u64 + 1, why: Why::Changed });
    }

    #[test]
    fn hexadecimal_reads_back(bytes: [u8; 32]) {
        prop_assert_eq!(from_hex(&to_hex(&bytes)), Some(bytes));
    }
}
