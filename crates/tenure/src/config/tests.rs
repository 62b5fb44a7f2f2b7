use super::*;

fn load(
    file: &str,
    environment: &[(&str, &str)],
    flags: &[(&str, &str)],
) -> Result<(Config, Vec<String>), ConfigError> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("tenure.toml");
    std::fs::write(&path, file).expect("written");
    let own =
        |pairs: &[(&str, &str)]| pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    Config::load(&Sources { file: Some(path), environment: own(environment), flags: own(flags) })
}

fn refusal(file: &str) -> String {
    load(file, &[], &[]).expect_err(file).to_string()
}

#[test]
fn the_commented_default_says_nothing_and_with_its_comments_removed_says_the_default() {
    let text = Config::commented_default();
    assert_eq!(load(&text, &[], &[]), Ok((Config::default(), vec![])));
    let key_line = |line: &str| {
        line.strip_prefix('#').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase()))
    };
    let bare: Vec<&str> = text.lines().map(|line| if key_line(line) { &line[1..] } else { line }).collect();
    assert_eq!(load(&bare.join("\n"), &[], &[]), Ok((Config::default(), vec![])));
    assert_eq!(
        text.lines().filter(|line| key_line(line)).count(),
        keys().len(),
        "each key stands there once"
    );
}

#[test]
fn every_key_is_set_by_file_and_environment_alike() {
    // A value that differs from the default, for each kind of key.
    let other = |key: &Key| match (key.name.as_str(), key.default.as_str()) {
        ("listen", _) => "[::1]:9".to_owned(),
        ("public_url", _) => "https://desk.example.org:8443".to_owned(),
        ("data" | "audit.key_file", _) => "elsewhere".to_owned(),
        ("database_url", _) => "postgres://tenure:secret@db/tenure".to_owned(),
        ("metrics_listen", _) => "127.0.0.1:9464".to_owned(),
        ("trusted_proxies" | "webhooks.allowed_networks", _) => "10.0.0.0/8, ::1".to_owned(),
        ("audit.key", _) => "0f".repeat(32),
        ("password.cost", _) => "strong".to_owned(),
        ("log.format", _) => "json".to_owned(),
        ("log.level", _) => "trace".to_owned(),
        ("limits.refused_files", _) => "exe, iso".to_owned(),
        (name, _) if name.ends_with("_time") => "2m".to_owned(),
        (name, _) if name.starts_with("rates.") => "7/11m".to_owned(),
        (_, "false") => "true".to_owned(),
        (_, number) => (number.parse::<usize>().expect("a number") + 1).to_string(),
    };
    for (_, key) in keys() {
        let mut by_set = Config::default();
        let value = other(&key);
        by_set.set(&key.name, &value, &Origin::Together).expect(&key.name);
        assert_ne!(by_set, Config::default(), "{} changes something", key.name);
        let mut by_environment = Config::default();
        by_environment.read_environment(&[(variable(&key.name), value.clone())]).expect(&key.name);
        assert_eq!(by_environment, by_set, "{}", key.name);
        let mut flat = BTreeMap::new();
        let line = format!("{} = {}", key.name, setting::quoted(&value));
        flatten("", &toml::Value::Table(line.parse().expect("TOML")), &mut flat);
        let mut by_file = Config::default();
        flat.iter().try_for_each(|(key, value)| by_file.set(key, value, &Origin::Together)).expect(&key.name);
        assert_eq!(by_file, by_set, "{}", key.name);
    }
}

#[test]
fn no_two_keys_share_a_variable() {
    let names: std::collections::BTreeSet<_> = keys().iter().map(|(_, key)| variable(&key.name)).collect();
    assert_eq!(names.len(), keys().len());
}

#[test]
fn a_flag_wins_over_the_environment_and_that_over_the_file() {
    let file = "listen = '127.0.0.1:1'\n[limits]\nname = 100\nreason = 10\n";
    let environment = [("TENURE_LISTEN", "127.0.0.1:2"), ("TENURE_LIMITS_NAME", "101"), ("PATH", "/bin")];
    let (config, _) = load(file, &environment, &[("listen", "127.0.0.1:3")]).expect("a configuration");
    assert_eq!(config.server.listen.port(), 3);
    assert_eq!((config.limits.name, config.limits.reason, config.limits.email), (101, 10, 254));
}

#[test]
fn what_is_wrong_is_named_with_what_is_allowed() {
    let says = refusal("[limits]\nname = 5000\n");
    assert!(says.starts_with("limits.name = \"5000\" in "), "{says}");
    assert!(says.ends_with("is not allowed: give a whole number from 1 to 1000"), "{says}");
    let says = refusal("listen = 8080\n");
    assert!(says.contains("listen = \"8080\"") && says.contains("such as 127.0.0.1:8080"), "{says}");
    let says = refusal("[rates]\nsign_in_acount = '1/1m'\n");
    assert!(
        says.ends_with("is not a key of the configuration; did you mean rates.sign_in_account?"),
        "{says}"
    );
    assert!(refusal("listen = \n").contains("is not TOML"));
    let says = load("", &[("TENURE_LOG_LEVEL", "loud")], &[]).expect_err("loud").to_string();
    assert_eq!(
        says,
        "log.level = \"loud\" in the environment variable TENURE_LOG_LEVEL is not allowed: \
         give error, warn, info, debug or trace"
    );
    let says = load("", &[], &[("trusted_proxies", "10.0.0.0/33")]).expect_err("33 bits").to_string();
    assert!(says.contains("in the flag --trusted-proxies"), "{says}");
    let missing = Config::load(&Sources { file: Some("/nowhere/tenure.toml".into()), ..Sources::default() });
    assert!(missing.expect_err("no file").to_string().contains("/nowhere/tenure.toml"));
}

#[test]
fn asvs_13_3_a_secret_value_shows_in_no_message_and_no_debug_output() {
    let says = refusal("database_url = 'mysql://root:hunter2@db'\n");
    assert!(says.contains("database_url = …") && !says.contains("hunter2"), "{says}");
    assert!(!refusal("[audit]\nkey = 'hunter2'\n").contains("hunter2"));
    let key = "ab".repeat(32);
    let file = format!("database_url = 'postgres://u:hunter2@db/t'\n[audit]\nkey = '{key}'\n");
    let (config, _) = load(&file, &[], &[]).expect("a configuration");
    let shown = format!("{config:?}");
    assert!(!shown.contains("hunter2") && !shown.contains("abab") && !shown.contains("171, 171"), "{shown}");
    assert_eq!(config.audit_key(), crate::seal::KeySource::Given([0xab; 32]));
}

#[test]
fn a_variable_that_is_no_setting_is_a_warning() {
    let environment = [
        ("TENURE_PORT", "tcp://10.0.0.1:80"),
        ("TENURE_LISTN", "x"),
        ("TENURE_CONFIG", "y"),
        ("TENURE_TEST_X", "z"),
    ];
    let (config, warnings) = load("", &environment, &[]).expect("a configuration");
    assert_eq!(config, Config::default());
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert!(warnings[1].ends_with("did you mean TENURE_LISTEN?"), "{warnings:?}");
}

#[test]
fn asvs_12_2_1_plain_http_beyond_this_machine_must_be_allowed_first() {
    assert!(refusal("public_url = 'http://desk.example.org'\n").contains("one with https"));
    assert!(load("public_url = 'http://desk.example.org'\nallow_http = true\n", &[], &[]).is_ok());
    for local in
        ["http://localhost:3000", "http://127.0.0.1:80", "http://[::1]:8080", "http://desk.localhost/"]
    {
        assert!(load(&format!("public_url = '{local}'\n"), &[], &[]).is_ok(), "{local}");
    }
}

#[test]
fn the_test_cost_is_refused_beyond_this_machine_and_never_the_default() {
    assert_eq!(Config::default().hashing().cost, Cost::Standard);
    assert!(load("[password]\ncost = 'test'\n", &[], &[]).is_ok());
    assert!(
        refusal("public_url = 'https://desk.example.org'\n[password]\ncost = 'test'\n")
            .contains("password.cost")
    );
}

#[test]
fn servers_on_postgresql_must_be_told_their_common_audit_key() {
    assert!(refusal("database_url = 'postgres://db/t'\n").contains("audit.key_file"));
    let (config, _) =
        load("database_url = 'postgres://db/t'\n[audit]\nkey_file = '/k'\n", &[], &[]).expect("fine");
    assert_eq!(config.audit_key(), crate::seal::KeySource::File("/k".into()));
    assert_eq!(Config::default().audit_key(), crate::seal::KeySource::File("data/audit.key".into()));
}

#[test]
fn an_origin_is_written_as_browsers_write_it() {
    let shown = |text: &str| PublicUrl::parse(text).map(|url| url.to_string());
    assert_eq!(shown("HTTPS://Desk.Example.org:443/").as_deref(), Some("https://desk.example.org"));
    assert_eq!(shown("http://localhost:80").as_deref(), Some("http://localhost"));
    assert_eq!(shown("http://[::1]:8080").as_deref(), Some("http://[::1]:8080"));
    for wrong in [
        "desk.example.org",
        "https://",
        "https://a/b",
        "ftp://a",
        "https://u@a",
        "https://a b",
        "https://a?x",
    ] {
        assert_eq!(shown(wrong), None, "{wrong}");
    }
}

#[test]
fn a_network_holds_its_addresses_and_no_others() {
    let proxies = Networks::parse("10.0.0.0/8, 192.0.2.7,2001:db8::/32").expect("networks");
    for (address, inside) in [
        ("10.255.0.1", true),
        ("11.0.0.1", false),
        ("192.0.2.7", true),
        ("192.0.2.8", false),
        ("::ffff:10.1.2.3", true),
        ("2001:db8:ffff::1", true),
        ("2001:db9::1", false),
    ] {
        assert_eq!(proxies.contains(address.parse().expect("an address")), inside, "{address}");
    }
    assert!(Networks::parse("0.0.0.0/0").expect("all").contains("203.0.113.9".parse().expect("an address")));
    assert_eq!(Networks::parse("10.0.0.0/33"), None);
    assert_eq!(Networks::parse("proxy.example.org"), None);
}
