//! What is sixteen times as long takes about sixteen times as long, and not 256 times: nobody stops a server by a text.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use super::of;

/// How much longer the long text is.
const LONGER: usize = 16;
/// How many times as long it may take: halfway, on the scale of both, between what grows with the text and what grows
/// with its square.
const MOST: f64 = 64.0;

/// How often it is measured before it counts: others work on the same machine, and only what is slow is slow each time.
const TRIES: usize = 10;

#[expect(clippy::disallowed_methods, reason = "two times are compared with each other")]
fn time(check: impl Fn()) -> Duration {
    let began = Instant::now();
    check();
    began.elapsed()
}

/// Holds a target to texts that are made in one length and in another.
fn grows(target: &str, what: &str, length: usize, make: impl Fn(usize) -> Vec<u8>) {
    let (short, long) = (make(length), make(length * LONGER));
    assert!(long.len() > short.len() * LONGER / 2, "{what}: {} and {} bytes", short.len(), long.len());
    let check = of(target);
    let taken = |bytes: &[u8]| {
        time(|| {
            black_box(check(bytes));
        })
    };
    let (mut of_short, mut of_long, mut times) = (Duration::MAX, Duration::MAX, f64::MAX);
    for _ in 0..TRIES {
        of_short = of_short.min(taken(&short));
        of_long = of_long.min(taken(&long));
        times = of_long.as_secs_f64() / of_short.as_secs_f64();
        if times < MOST {
            return;
        }
    }
    panic!("{target}: {LONGER} times as much of {what:?} takes {times:.0} times as long");
}

fn repeated(piece: &str, length: usize) -> Vec<u8> {
    piece.repeat(length / piece.len()).into_bytes()
}

#[test]
fn a_longer_message_takes_longer_as_it_is_longer() {
    // Each has made some reader of Markdown slow.
    let pieces = [
        "*a ",
        "*a_ ",
        "**a ",
        "*",
        "~~a ",
        "`",
        "`` ` ",
        "[",
        "]",
        "![",
        "[a](",
        "[a](<b",
        "<",
        "<a ",
        "<!--",
        "<?",
        "<![CDATA[",
        "&",
        "> ",
        "- ",
        "a\n- ",
        "[a]: b\n",
        "|",
        "@[",
        "@[00000000-0000-0000-0000-000000000006",
        "ahttp://",
        "http://a ",
        "http://",
    ];
    for piece in pieces {
        grows("markdown", piece, 5_000, |length| repeated(piece, length));
    }
    let table = |length: usize| {
        let cells = length / 8;
        format!("{}|\n{}|\n{}", "|a".repeat(cells), "|-".repeat(cells), "|\n".repeat(cells)).into_bytes()
    };
    grows("markdown", "a table with more columns than cells", 5_000, table);
    for (open, close) in [("*", "*"), ("*a **b ", " b** a*"), ("[", "](/x)"), ("> ", "")] {
        let nested = |length: usize| {
            let times = length / (open.len() + close.len());
            format!("{}x{}", open.repeat(times), close.repeat(times)).into_bytes()
        };
        grows("markdown", open, 5_000, nested);
    }
}

#[test]
fn a_longer_file_takes_longer_as_it_is_longer() {
    for row in ["Ada,ada@x.org\n", "Ada,ada@x.org,more\n", "\n", "\"", ",", "\"a\nb\",x\n"] {
        grows("csv", row, 8_000, |length| [b"Name,Email\n".to_vec(), repeated(row, length)].concat());
    }
    let wide = |length: usize| {
        let cells = length / 8;
        format!("Name,Email{}\nAda,ada@x.org{}\n", ",Other".repeat(cells), ",x".repeat(cells)).into_bytes()
    };
    grows("csv", "columns", 8_000, wide);
    grows("csv", "columns of one name", 8_000, |length| repeated("Name,", length));
}

#[test]
fn a_longer_change_takes_longer_as_it_is_longer() {
    let list = |element: &str, length: usize| vec![element; length / (element.len() + 1)].join(",");
    for value in ["\"a\"", "{\"value\":\"a\",\"primary\":true}", "{\"display\":\"a\"}"] {
        let add = |length: usize| {
            format!("{{\"op\":\"add\",\"path\":\"emails\",\"value\":[{}]}}", list(value, length))
        };
        grows("scim_patch", value, 4_000, |length| add(length).into_bytes());
    }
    let numbered = |length: usize| {
        let values: Vec<String> = (0..length / 8).map(|number| format!("\"a{number}\"")).collect();
        format!("{{\"op\":\"add\",\"path\":\"emails\",\"value\":[{}]}}", values.join(",")).into_bytes()
    };
    grows("scim_patch", "addresses", 4_000, numbered);
    let one_by_one = |length: usize| {
        let one = |number: usize| format!("{{\"op\":\"add\",\"path\":\"emails\",\"value\":\"a{number}\"}}");
        let operations: Vec<String> = (0..length / 46).map(one).collect();
        format!("[{}]", operations.join(",")).into_bytes()
    };
    grows("scim_patch", "an address at a time", 2_500, one_by_one);
}

#[test]
fn longer_fields_take_longer_as_they_are_longer() {
    for piece in ["q=%41", "%41", "+", "after=41", "a"] {
        grows("query", piece, 4_000, |length| [b"q=".to_vec(), repeated(piece, length)].concat());
        grows("forms", piece, 4_000, |length| [b"q=".to_vec(), repeated(piece, length)].concat());
    }
    for piece in ["cookie: a=b; c\n", "a=b; ", ";", "="] {
        grows("headers", piece, 4_000, |length| [b"cookie: ".to_vec(), repeated(piece, length)].concat());
    }
}
