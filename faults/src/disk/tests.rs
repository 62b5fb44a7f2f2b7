use super::*;

fn disk() -> Disk {
    Disk::new(Chance::new(1, 1))
}

fn file(disk: &Disk, name: &str, words: &[u8]) -> u64 {
    let number = disk.make(ROOT, OsStr::new(name), false, 0o600).expect("made").number;
    disk.write(number, 0, words).expect("written");
    number
}

fn words(disk: &Disk, name: &str) -> Option<Vec<u8>> {
    let number = disk.lookup(ROOT, OsStr::new(name)).ok()?.number;
    Some(disk.read(number, 0, 1_000_000).expect("read"))
}

#[test]
fn what_was_flushed_survives_a_power_cut_and_nothing_else_does() {
    let disk = disk();
    let kept = file(&disk, "kept", b"one");
    disk.flush(kept).expect("flushed");
    disk.write(kept, 3, b"two").expect("written");
    file(&disk, "lost", b"three");
    assert_eq!(words(&disk, "kept").expect("there"), b"onetwo");
    disk.cut(Survives::Nothing);
    assert_eq!(words(&disk, "kept").expect("there"), b"one");
    assert_eq!(words(&disk, "lost"), None);
    assert_eq!(disk.count(), 2, "what is lost takes no room");
}

#[test]
fn a_new_name_and_a_name_taken_away_stay_when_the_folder_was_flushed() {
    let disk = disk();
    let one = file(&disk, "a", b"one");
    disk.flush(one).expect("flushed");
    let (a, b) = (OsStr::new("a"), OsStr::new("b"));
    disk.rename((ROOT, a), (ROOT, b)).expect("renamed");
    disk.cut(Survives::Nothing);
    assert!(words(&disk, "a").is_some() && words(&disk, "b").is_none());
    disk.rename((ROOT, a), (ROOT, b)).expect("renamed");
    disk.flush(ROOT).expect("flushed");
    disk.cut(Survives::Nothing);
    assert!(words(&disk, "a").is_none() && words(&disk, "b").is_some());
    disk.remove(ROOT, b).expect("removed");
    disk.cut(Survives::Nothing);
    assert_eq!(words(&disk, "b").expect("the removal was not flushed"), b"one");
}

#[test]
fn some_pages_survive_where_the_disk_had_got_to_them() {
    let disk = disk();
    let number = file(&disk, "a", b"");
    disk.flush(number).expect("flushed");
    disk.write(number, 0, &vec![7; 64 * PAGE]).expect("written");
    disk.cut(Survives::Some);
    let left = words(&disk, "a").expect("there");
    let whole = left.chunks(PAGE).filter(|page| page.iter().all(|byte| *byte == 7)).count();
    let empty = left.chunks(PAGE).filter(|page| page.iter().all(|byte| *byte == 0)).count();
    assert!(whole > 5 && whole < 60, "{whole}");
    assert_eq!(whole + empty, left.len().div_ceil(PAGE), "no page is torn");
}

#[test]
fn a_full_disk_takes_what_there_is_room_for() {
    let disk = disk();
    let number = file(&disk, "a", b"one");
    disk.set(Weather::Full(4));
    disk.write(number, 3, b"two").expect("room");
    assert_eq!(disk.write(number, 6, b"three").err().map(Errno::code), Some(Errno::ENOSPC.code()));
    assert_eq!(words(&disk, "a").expect("there"), b"onetwo");
    disk.set(Weather::Fair);
    disk.write(number, 6, b"three").expect("room again");
}

#[test]
fn a_flush_that_fails_has_lost_what_it_should_have_flushed() {
    let disk = disk();
    let number = file(&disk, "a", b"one");
    disk.flush(number).expect("flushed");
    disk.write(number, 0, b"two").expect("written");
    disk.set(Weather::Failing(1));
    assert!(disk.flush(number).is_err() && disk.write(number, 0, b"x").is_err());
    disk.set(Weather::Fair);
    disk.flush(number).expect("flushed");
    assert_eq!(words(&disk, "a").expect("there"), b"two");
    disk.cut(Survives::Nothing);
    assert_eq!(words(&disk, "a").expect("there"), b"one");
}

#[test]
fn without_power_nothing_works_and_nothing_changes() {
    let disk = disk();
    let number = file(&disk, "a", b"one");
    disk.settle();
    disk.set(Weather::Off);
    assert!(disk.write(number, 0, b"two").is_err() && disk.flush(number).is_err());
    assert!(disk.remove(ROOT, OsStr::new("a")).is_err());
    disk.cut(Survives::Nothing);
    assert_eq!(words(&disk, "a").expect("there"), b"one");
}
