use super::*;
use proptest::prelude::*;

#[test]
fn one_address_has_one_key_however_it_is_typed() {
    for same in ["Ada@Example.org", " ada@example.org\t", "ADA@EXAMPLE.ORG"] {
        assert_eq!(email_key(same), "ada@example.org");
    }
    assert_eq!(email_key("Zoe\u{308}@example.org"), email_key("ZO\u{cb}@example.org"));
}

#[test]
fn an_address_keeps_its_case_and_loses_blanks_around() {
    assert_eq!(clean_email("  Ada.L+desk@Example.org ", 254).as_deref(), Ok("Ada.L+desk@Example.org"));
    assert!(clean_email("root@localhost", 254).is_ok(), "a machine's own name is a domain");
    assert!(clean_email("jörg@müller.example", 254).is_ok());
}

#[test]
fn what_is_no_address_is_refused_with_what_to_do() {
    for (typed, says) in [
        ("", "Enter an email address."),
        ("ada", "has an @"),
        ("ada@b@c", "only one @"),
        ("@example.org", "before the @"),
        ("ada@", "after the @"),
        ("a da@example.org", "no blanks"),
        ("Ada <ada@example.org>", "no blanks"),
        ("<ada@example.org>", "no “<”"),
        ("ada@example.org,bob", "no “,”"),
        ("ada@example..org", "a domain"),
        ("ada@-example.org", "a domain"),
        (".ada@example.org", "a dot stands alone"),
        ("ada\0@example.org", "hidden character (U+0000) after “ada”"),
        ("ada@example.org\r\nBcc: x", "hidden character"),
        ("ada\u{202e}@example.org", "hidden character (U+202E)"),
    ] {
        let refusal = clean_email(typed, 254).expect_err(typed).to_string();
        assert!(refusal.contains(says), "{typed:?}: {refusal}");
    }
    let long = format!("{}@example.org", "a".repeat(243));
    assert_eq!(
        clean_email(&long, 254).expect_err("too long").to_string(),
        "The email address may have at most 254 characters; this has 255."
    );
}

#[test]
fn a_name_is_cleaned_and_impostors_are_refused() {
    assert_eq!(clean_name("  Ada   Lovelace ", 200).as_deref(), Ok("Ada Lovelace"));
    assert_eq!(clean_name("Zoe\u{308}", 200).as_deref(), Ok("Zo\u{eb}"));
    assert!(clean_name("👩\u{200d}💻 Ada", 200).is_ok(), "a joined emoji");
    for hidden in
        ["A\u{202e}da", "A\0da", "A\u{200b}da", "A\u{2066}da", "\u{feff}Ada", "Ada\u{7}", "\u{3164}"]
    {
        assert!(matches!(clean_name(hidden, 200), Err(TextError::Hidden { .. })), "{hidden:?}");
    }
    for empty in ["", "  \n ", "\u{301}", "\u{200d}", "\u{2800} \u{2800}"] {
        assert_eq!(clean_name(empty, 200), Err(TextError::Empty("a name")), "{empty:?}");
    }
    assert!(clean_name(&"é".repeat(200), 200).is_ok(), "characters count, not bytes");
    assert!(matches!(clean_name(&"é".repeat(201), 200), Err(TextError::TooLong { length: 201, .. })));
}

#[test]
fn a_reason_keeps_its_lines() {
    assert_eq!(clean_lines("The reason", " left\r\nin May ", 2_000).as_deref(), Ok("left\nin May"));
    assert_eq!(clean_lines("The reason", " ", 2_000).as_deref(), Ok(""));
    assert!(clean_lines("The reason", "a\0b", 2_000).is_err());
    assert_eq!(
        clean_lines("The reason", "co\u{ad}op\u{feff} \u{202e}x\u{2028}y\r", 2_000).as_deref(),
        Ok("coop x\ny")
    );
    let marked = "\u{5e9}\u{200f} (1)";
    assert_eq!(
        clean_lines("The reason", marked, 2_000).as_deref(),
        Ok(marked),
        "marks of direction are of use"
    );
}

#[test]
fn folding_drops_case_accents_ligatures_and_widths() {
    for (text, folded) in [
        ("Zoë", "zoe"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("Łódź", "lodz"),
        ("Øre Æther", "ore aether"),
        ("İstanbul ısı", "istanbul isi"),
        ("ΣΊΣΥΦΟΣ", "σισυφοσ"),
        ("Σίσυφος", "σισυφοσ"),
        ("ﬁne ＡＢＣ ℌ", "fine abc h"),
        ("  a \u{a0} b ", "a b"),
        ("김철수", "김철수"),
        ("がか", "がか"),
    ] {
        assert_eq!(fold(text), folded, "{text}");
    }
}

#[test]
fn short_queries_find_word_starts_and_cjk_anywhere() {
    let finds = |query: &str, name: &str| query_grams(query).finds(name, "x@y.example");
    assert!(finds("a", "Ada Lovelace"));
    assert!(finds("LO", "Ada Lovelace"));
    assert!(finds("é", "Edith"));
    assert!(!finds("da", "Ada Lovelace"), "two letters do not match inside a word");
    assert!(finds("ex", "Ada"), "the address has words too");
    assert!(finds("伟", "王伟明") && finds("伟明", "王伟明") && !finds("王明", "王伟明"));
    assert!(finds("철", "김철수"));
    assert!(finds("ラ", "アラン"));
    assert!(finds("", "anyone") && finds("  ", "anyone"));
}

#[test]
fn longer_queries_find_any_part_of_one_field() {
    let finds = |query: &str| query_grams(query).finds("Ada Lovelace", "ada@example.org");
    assert!(finds("vel") && finds("da lo") && finds("LOVELACE") && finds("@exam") && finds("ple.org"));
    assert!(finds("lace") && finds("ace") && finds("elace") && finds("example.org"));
    assert!(!finds("lovelacy") && !finds("vell") && !finds("lovelovelace"));
    assert!(!finds("ace ada"), "nothing is found across name and address");
    assert!(!finds("adx"));
}

/// Whether a person filed under some grams is looked up for all pieces of a query.
fn filed_under(query: &Query, filed: &BTreeSet<String>) -> bool {
    query.pieces().iter().all(|piece| filed.iter().any(|gram| piece.has(gram)))
}

#[test]
fn a_pattern_finds_percent_and_underscore_as_themselves() {
    assert_eq!(query_grams("a_%\\bc").like_pattern().as_deref(), Some("%a\\_\\%\\\\bc%"));
    assert_eq!(query_grams("ab").like_pattern(), None);
}

#[test]
fn names_sort_as_people_expect() {
    let keys = SortKeys::new();
    let mut names = vec!["Zoe", "émile", "Ada", "Emil", "ada b", "Ångström", "김", "王", "Émile Z", "Bob"];
    names.sort_by_key(|name| keys.key(name));
    assert_eq!(names, ["Ada", "ada b", "Ångström", "Bob", "Emil", "émile", "Émile Z", "Zoe", "김", "王"]);
    assert!(keys.key(&"王".repeat(200)).len() <= 512);
}

#[test]
fn the_order_of_this_version_has_not_changed() {
    // When this fails, the collation data has changed: raise SortKeys::VERSION and take the new bytes.
    assert_eq!(SortKeys::VERSION, 1);
    let key = SortKeys::new().key("Zoë 王");
    assert_eq!(crate::seal::to_hex(&key), "5d473304fa4dae0143960601dc09");
}

#[test]
fn initials_are_of_the_first_and_last_word() {
    for (name, letters) in [
        ("Ada Lovelace", "AL"),
        ("ada", "A"),
        ("Ada de la Lovelace", "AL"),
        ("(Zoë) -o'brien", "ZO"),
        ("éa ßb", "ÉS"),
        ("王 伟明", "王"),
        ("—", "?"),
        ("", "?"),
    ] {
        assert_eq!(initials(name), letters, "{name}");
    }
}

#[test]
fn people_made_together_have_all_colours_about_equally() {
    let mut counts = [0_u32; HUES as usize];
    for n in 0..12_000_u128 {
        counts[hue(Uuid::from_u128(0x0195_0000_0000_7000_8000_0000_0000_0000 + n)) as usize] += 1;
    }
    assert!(counts.iter().all(|count| (700..1_300).contains(count)), "{counts:?}");
}

proptest! {
    #[test]
    fn folding_twice_changes_nothing(text: String) {
        let once = fold(&text);
        prop_assert_eq!(fold(&once), once);
    }

    #[test]
    fn a_key_has_one_form(email: String) {
        let key = email_key(&email);
        prop_assert_eq!(email_key(&key), key);
    }

    #[test]
    fn a_cleaned_name_stays_as_it_is(name: String) {
        if let Ok(clean) = clean_name(&name, 200) {
            prop_assert_eq!(clean_name(&clean, 200), Ok(clean));
        }
    }

    #[test]
    fn every_part_of_three_or_more_is_filed_under_all_its_grams(
        name in "[A-Za-zÀ-žßŁ 王伟김ラ.'-]{0,20}",
        email in "[a-z.]{1,8}@[a-z]{1,8}\\.org",
        from: prop::sample::Index,
        length in 3_usize..12,
    ) {
        let filed = grams(&name, &email);
        for field in [fold(&name), fold(&email)] {
            let chars: Vec<char> = field.chars().collect();
            if chars.len() < 3 { continue }
            let from = from.index(chars.len() - 2);
            let part: String = chars[from..chars.len().min(from + length)].iter().collect();
            let query = query_grams(&part);
            if fold(&part) == part && part.chars().count() >= 3 {
                prop_assert!(filed_under(&query, &filed), "{part:?} in {field:?}");
                prop_assert!(query.finds(&name, &email));
            }
        }
    }

    #[test]
    fn what_the_index_does_not_file_is_not_found(name in "[a-c ]{0,8}", query in "[a-c ]{3,7}") {
        let (query, email) = (query_grams(&query), "x@y.example");
        let filed = grams(&name, email);
        if query.finds(&name, email) {
            prop_assert!(filed_under(&query, &filed));
        }
    }
}
