//! Webhooks: where they may lead, what they hear, and how long an event is tried.

use domain::webhook::{Address, BadAddress, Choice, Host, Next, TRIED_FOR, after_failure, is_public, topics};
use jiff::SignedDuration;
use proptest::prelude::*;

use crate::support::now;

proptest! {
    /// Whatever chance and the receiver say: no try comes at once, none after the end, and there is an end.
    #[test]
    fn an_event_is_tried_again_and_again_until_three_days_are_over(
        chances in proptest::collection::vec(any::<u8>(), 64),
        patience in proptest::option::of(0_i64..1_000_000_000),
    ) {
        let (since, patience) = (now(), patience.map(SignedDuration::from_secs));
        let end = since + TRIED_FOR;
        let (mut at, mut tries) = (since, 0);
        for chance in chances {
            tries += 1;
            match after_failure(since, at, tries, patience, chance) {
                Next::At(next) => {
                    prop_assert!(next > at && next <= end, "{next}");
                    let most = SignedDuration::from_hours(9);
                    prop_assert!(next.duration_since(at) <= most, "no receiver is left alone for longer");
                    at = next;
                }
                Next::Dead => {
                    prop_assert_eq!(at, end, "the last try is at the end");
                    return Ok(());
                }
            }
        }
        prop_assert!(false, "it is given up within {} tries", tries);
    }

    #[test]
    fn what_is_read_as_an_address_is_written_as_what_it_is(text in "https?://[a-z0-9.:\\[\\]@-]{1,20}[/?#]?[a-zA-Z0-9%/?#=&]{0,10}") {
        if let Ok(address) = Address::parse(&text) {
            prop_assert_eq!(Address::parse(&address.to_string()), Ok(address.clone()));
            prop_assert!(!address.authority().contains('@') && !address.path.contains('#'));
        }
    }
}

#[test]
fn a_wait_grows_from_seconds_to_hours() {
    let wait = |tries| match after_failure(now(), now(), tries, None, 127) {
        Next::At(next) => next.duration_since(now()).as_secs(),
        Next::Dead => panic!("it is too early"),
    };
    assert_eq!([1, 2, 3, 4, 5].map(wait), [4, 29, 119, 599, 1_798]);
    assert_eq!((wait(9), wait(90)), (28_771, 28_771));
}

#[test]
fn an_address_is_https_or_http_with_a_host_and_no_credentials() {
    let read = |text: &str| Address::parse(text).map(|address| address.to_string());
    assert_eq!(read("HTTPS://Hooks.Example").as_deref(), Ok("https://hooks.example/"));
    assert_eq!(read("https://hooks.example:443/in?a=b").as_deref(), Ok("https://hooks.example/in?a=b"));
    assert_eq!(read("http://127.0.0.1:8080?x").as_deref(), Ok("http://127.0.0.1:8080/?x"));
    assert_eq!(read("https://[2606:4700::1111]:8443/").as_deref(), Ok("https://[2606:4700::1111]:8443/"));
    for (text, why) in [
        ("hooks.example", BadAddress::Scheme),
        ("ftp://hooks.example/", BadAddress::Scheme),
        ("https://user:secret@hooks.example/", BadAddress::Credentials),
        ("https://hooks.example@127.0.0.1/", BadAddress::Credentials),
        ("https:///in", BadAddress::Host),
        ("https://hooks..example/", BadAddress::Host),
        ("https://höoks.example/", BadAddress::Host),
        ("https://127.1/", BadAddress::Host),
        ("https://0x7f000001/", BadAddress::Host),
        ("https://[::1/", BadAddress::Port),
        ("https://[::1]x/", BadAddress::Host),
        ("https://hooks.example:0/", BadAddress::Port),
        ("https://hooks.example:65536/", BadAddress::Port),
        ("https://hooks.example:+1/", BadAddress::Port),
        ("https://hooks.example/a b", BadAddress::Character),
        ("https://hooks.example/#in", BadAddress::Character),
        ("https://hooks.example\\@127.0.0.1/", BadAddress::Character),
        ("https://hooks.example/\r\nX: y", BadAddress::Character),
    ] {
        assert_eq!(read(text), Err(why), "{text}");
    }
    assert_eq!(read(&format!("https://hooks.example/{}", "a".repeat(2_000))), Err(BadAddress::Long));
}

#[test]
fn figures_are_judged_as_what_they_mean() {
    let public = |text: &str| match Address::parse(text).expect(text).host {
        Host::Ip(ip) => is_public(ip),
        Host::Name(_) => panic!("{text} is in figures"),
    };
    assert!(public("https://93.184.215.14/") && public("https://[2606:4700::1111]/"));
    for text in [
        "https://127.0.0.1/",
        "https://10.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:8.8.8.8]/",
        "https://[64:ff9b::1]/",
    ] {
        assert!(!public(text), "{text}");
    }
}

#[test]
fn a_choice_is_read_back_and_hears_what_was_chosen_alone() {
    let some = Choice::of(["person.deactivated", "message.added"]).expect("topics");
    assert_eq!(Choice::parse(&some.to_string()), some);
    assert!(some.hears("message.added") && !some.hears("person.activated"));
    assert_eq!(Choice::parse(&Choice::All.to_string()), Choice::All);
    assert!(Choice::All.hears("what.a.later.version.tells"));
    assert!(
        Choice::of([]).is_err() && Choice::of(["session.started"]).is_err() && Choice::of(["*"]).is_err()
    );
    // Sign-ins are looked up in the audit log, and told to nobody.
    assert!(topics().contains("item.created") && !topics().contains("session.started"));
}
