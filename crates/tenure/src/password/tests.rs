use super::*;

const GOOD: &str = "copper lantern under the seventh bridge";
const ABOUT: &[&str] = &["Ada Lovelace", "ada.lovelace@example.org", "Analytical Engines"];

fn hasher(concurrency: usize, queue: usize) -> PasswordHasher {
    let settings = Settings { cost: Cost::test(), concurrency, queue, max_bytes: 1_000 };
    PasswordHasher::new(&Sys::real(), settings).expect("a hasher")
}

#[test]
fn asvs_11_4_2_the_default_is_argon2id_with_19_mib_and_two_passes() {
    assert_eq!(Settings::default().cost, Cost::Standard);
    let phc = hash(Cost::default(), b"x", [1; 16], &mut Vec::new()).expect("a hash");
    assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
    assert_eq!(verify(Cost::Standard, b"x", &phc, &mut Vec::new()), Ok(Checked::Right { rehash: false }));
}

#[test]
fn reused_memory_does_not_change_a_hash() {
    let mut memory = Vec::new();
    let fresh = hash(Cost::Test, b"one", [1; 16], &mut Vec::new()).expect("a hash");
    hash(Cost::Standard, b"another", [2; 16], &mut memory).expect("a hash");
    assert_eq!(hash(Cost::Test, b"one", [1; 16], &mut memory).expect("a hash"), fresh);
}

#[test]
fn a_hash_made_elsewhere_is_understood() {
    // The same hash as the argon2 crate's own one-call interface makes.
    use argon2::PasswordHasher as _;
    let params = Params::new(128, 3, 2, None).expect("parameters");
    let phc =
        Argon2::from(params).hash_password_with_salt(b"x", b"0123456789abcdef").expect("a hash").to_string();
    assert_eq!(verify(Cost::Test, b"x", &phc, &mut Vec::new()), Ok(Checked::Right { rehash: true }));
    assert_eq!(verify(Cost::Test, b"y", &phc, &mut Vec::new()), Ok(Checked::Wrong));
}

#[test]
fn a_kept_hash_that_is_no_hash_or_asks_for_too_much_is_an_error() {
    for phc in [
        "",
        "secret",
        "$argon2i$v=19$m=64,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
        "$argon2id$v=19$m=64,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA",
        "$argon2id$v=19$m=4194304,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
        "$argon2id$v=19$m=64,t=1000,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
    ] {
        let result = verify(Cost::Test, b"x", phc, &mut Vec::new());
        assert!(matches!(result, Err(PasswordError::Internal(_))), "{phc:?}: {result:?}");
    }
}

#[tokio::test]
async fn asvs_6_2_8_a_password_counts_exactly_as_typed() {
    let hasher = hasher(2, 8);
    let phc = hasher.set(GOOD, ABOUT).await.expect("a good password");
    assert!(hasher.verify(GOOD, &phc).await.expect("checked").is_right());
    for other in [GOOD.to_uppercase(), format!("{GOOD} "), GOOD[1..].to_owned()] {
        assert_eq!(hasher.verify(&other, &phc).await, Ok(Checked::Wrong), "{other:?}");
    }
    // No cut: passwords that differ only in their last byte differ.
    let long = "x".repeat(999);
    let phc = hasher.hash(&format!("{long}a")).await.expect("a hash");
    assert_eq!(hasher.verify(&format!("{long}b"), &phc).await, Ok(Checked::Wrong));
    assert!(hasher.verify(&format!("{long}a"), &phc).await.expect("checked").is_right());
    assert_eq!(hasher.verify(&"x".repeat(100_000), &phc).await, Ok(Checked::Wrong));
}

#[tokio::test]
async fn asvs_6_3_8_an_unknown_account_costs_a_whole_hash() {
    let settings = Settings { concurrency: 1, ..Settings::default() };
    let hasher = PasswordHasher::new(&Sys::real(), settings).expect("a hasher");
    let phc = hasher.hash(GOOD).await.expect("a hash");
    let mut made = hasher.made();
    let mut costs_one = |what: &str| {
        assert_eq!(hasher.made() - made, 1, "{what} costs one hash");
        made = hasher.made();
    };
    hasher.verify("wrong password", &phc).await.expect("checked");
    costs_one("a known account");
    hasher.verify_dummy("wrong password").await.expect("checked");
    costs_one("an unknown account");
    hasher.verify(&"é".repeat(5_000), &phc).await.expect("checked");
    costs_one("a password longer than any");
    // And it is a hash of the same work: memory, passes, lanes.
    let work = |phc: &str| phc.rsplitn(3, '$').last().map(str::to_owned);
    assert_eq!(work(&hasher.0.dummy), work(&phc));
    assert!(work(&phc).is_some_and(|work| work.ends_with("m=19456,t=2,p=1")), "{phc}");
    assert_eq!(hasher.verify_dummy(&"é".repeat(5_000)).await, Ok(Checked::Wrong));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_queue_answers_busy_and_empties_again() {
    let hasher = hasher(1, 1);
    let slot = hasher.0.slots.acquire().await.expect("a slot");
    let waiting = tokio::spawn({
        let hasher = hasher.clone();
        async move { hasher.hash(GOOD).await }
    });
    let second = tokio::spawn({
        let hasher = hasher.clone();
        async move { hasher.hash(GOOD).await }
    });
    while hasher.0.places.available_permits() > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(hasher.verify_dummy("x").await, Err(PasswordError::Busy));
    second.abort();
    drop(slot);
    waiting.await.expect("not aborted").expect("a hash");
    if let Ok(made) = second.await {
        assert!(made.is_ok(), "it was done before it could be aborted");
    }
    assert!(hasher.hash(GOOD).await.is_ok(), "an aborted one gave its place back");
    assert!(hasher.0.memory.lock().expect("memory").is_empty(), "memory is kept for nobody");
}

#[tokio::test]
async fn memory_is_kept_for_those_who_wait_and_else_given_back() {
    let inner = &hasher(1, 2).0;
    let kept = || inner.memory.lock().expect("memory").len();
    let _runs =
        (inner.places.acquire().await.expect("a place"), inner.slots.acquire().await.expect("a slot"));
    let waits = inner.places.acquire().await.expect("a place");
    inner.take_back(vec![Block::default()]);
    assert_eq!((kept(), inner.lend().len(), kept()), (1, 1, 0), "the one that waits finds it");
    inner.take_back(vec![Block::default()]);
    drop(waits);
    inner.take_back(vec![Block::default()]);
    assert_eq!(kept(), 0);
}

#[test]
fn each_error_is_answered_as_what_it_is() {
    assert!(matches!(PasswordError::Busy.at("password"), crate::Error::TooMany { retry_after: 1 }));
    assert!(matches!(PasswordError::Internal("x".to_owned()).at("password"), crate::Error::Internal(_)));
    let crate::Error::Invalid(fields) = PasswordError::from(PolicyError::TooShort(3)).at("password") else {
        panic!("the person can mend it");
    };
    assert_eq!((fields.len(), fields[0].field), (1, "password"));
}

#[test]
fn asvs_6_2_1_twelve_characters_are_needed_and_characters_are_not_bytes() {
    assert_eq!(check("éééééé", &[], 1_000), Err(PolicyError::TooShort(6)));
    assert_eq!(check("lantern bri", &[], 1_000), Err(PolicyError::TooShort(11)));
    assert_eq!(check("lantern brix", &[], 1_000), Ok(()));
}

#[test]
fn asvs_6_2_9_long_passwords_are_fine_up_to_a_limit_that_is_told() {
    let long: String = GOOD.chars().cycle().take(900).collect();
    assert_eq!(check(&long, ABOUT, 1_000), Ok(()));
    assert_eq!(
        check(&"é".repeat(501), &[], 1_000).expect_err("too long").to_string(),
        "Use at most 1000 bytes; this has 1002."
    );
}

#[test]
fn asvs_6_2_4_common_passwords_and_simple_variations_are_refused() {
    for common in [
        "password1234",
        "P@ssw0rd1234",
        "123456789012",
        "qwertyuiop12",
        "1q2w3e4r5t6y",
        "aaaaaaaaaaaaaaaaaaaa",
        "abcabcabcabcabc",
        "passwordpassword",
        "letmeinletmein",
        "unbelievable",
        "abcdefghijklmnop",
        "iloveyou2024",
    ] {
        assert!(matches!(check(common, &[], 1_000), Err(PolicyError::Common(_))), "{common}");
    }
}

#[test]
fn asvs_6_2_5_no_kind_of_character_is_asked_for() {
    for fine in [GOOD, "kupferlaternenbrücke", "七番目の橋の下に銅のランタンがある", "84620973155208"]
    {
        assert_eq!(check(fine, ABOUT, 1_000), Ok(()), "{fine}");
    }
}

#[test]
fn asvs_6_2_11_what_others_know_is_no_password() {
    for personal in [
        "AdaLovelace2024",
        "ada.lovelace@example.org",
        "Lovelace-Lovelace!",
        "Analytical Engines 1",
        "ÀdaLovelace!!!",
        "tenure-tenure-1",
    ] {
        assert_eq!(check(personal, ABOUT, 1_000), Err(PolicyError::Personal), "{personal}");
    }
    assert_eq!(
        check("Lovelace wrote the seventh note at dusk", ABOUT, 1_000),
        Ok(()),
        "a name within more is fine"
    );
}
