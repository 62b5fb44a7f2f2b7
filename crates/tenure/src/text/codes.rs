//! The search index of what people write: under which codes a text is filed, and which a query asks for.
//!
//! A code stands for a piece of folded text in one workspace: a run of three characters, and in Chinese, Japanese and
//! Korean script also one or two. It is a number made of both, so that an index shared by all workspaces holds nothing
//! that two of them share, and no text. Two pieces may have one code; a look at the text itself, which has to hold what was
//! typed, confirms each hit.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{fold, grams::is_cjk, markdown};

/// How many codes a query asks for; what they find is confirmed, so that more would find the same.
const ASKED: usize = 12;

/// How a text reads: without the marks of Markdown, and without the names of whom it mentions, which are not its own.
#[must_use]
pub fn readable(source: &str) -> String {
    markdown::plain(source, &|_| {
        Some(markdown::Mention { name: String::new(), deactivated: false, href: None })
    })
}

/// The codes that a text is filed under, in order; `readable` is the text as [`readable`] gives it.
#[must_use]
pub fn codes(workspace: Uuid, readable: &str) -> Vec<i32> {
    let text: Vec<char> = fold(readable).chars().collect();
    let mut pieces: BTreeSet<&[char]> = text.windows(3).collect();
    pieces.extend(text.windows(2).filter(|pair| pair.iter().any(|c| is_cjk(*c))));
    pieces.extend(text.windows(1).filter(|one| is_cjk(one[0])));
    let all: BTreeSet<i32> = pieces.into_iter().map(|piece| code(workspace, piece)).collect();
    all.into_iter().collect()
}

fn code(workspace: Uuid, piece: &[char]) -> i32 {
    let piece: String = piece.iter().collect();
    let mut hash = Sha256::new();
    hash.update(workspace.as_bytes());
    hash.update(piece.as_bytes());
    let hash = hash.finalize();
    i32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]])
}

/// What is looked for in texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sought {
    folded: String,
    codes: Vec<i32>,
}

impl Sought {
    /// What to look for; nothing if so little was typed that nearly every text would hold it.
    #[must_use]
    pub fn of(workspace: Uuid, query: &str) -> Option<Self> {
        let folded = fold(query);
        let text: Vec<char> = folded.chars().collect();
        let pieces: Vec<&[char]> = match text.len() {
            1 | 2 if text.iter().any(|c| is_cjk(*c)) => vec![&text],
            0..3 => return None,
            _ => text.windows(3).collect(),
        };
        // Spread over the query: pieces beside each other say nearly the same.
        let step = pieces.len().div_ceil(ASKED);
        let codes: BTreeSet<i32> =
            pieces.into_iter().step_by(step).map(|piece| code(workspace, piece)).collect();
        Some(Self { folded, codes: codes.into_iter().collect() })
    }

    /// The codes that a hit is filed under, all of them.
    #[must_use]
    pub fn codes(&self) -> &[i32] {
        &self.codes
    }

    /// Whether a text, as [`readable`] gives it, holds what is sought.
    #[must_use]
    pub fn is_in(&self, readable: &str) -> bool {
        fold(readable).contains(&self.folded)
    }
}

/// A stretch of a text around the first place where it holds what was sought.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Excerpt {
    /// What stands before; begins with "…" if more does.
    pub before: String,
    /// What was found, as it is written there.
    pub hit: String,
    /// What stands after; ends with "…" if more does.
    pub after: String,
}

/// How many characters an excerpt has before the hit, and after it.
const AROUND: (usize, usize) = (60, 140);

/// The stretch of `text` around `query`; its beginning when the query is not in it. Line ends become blanks.
#[must_use]
pub fn excerpt(text: &str, query: &str) -> Excerpt {
    let text: Vec<char> = super::squeeze(text).chars().collect();
    let (from, to) = place(&text, &fold(query)).unwrap_or((0, 0));
    let begin = word_start(&text, from.saturating_sub(AROUND.0), from);
    let end = text.len().min(to + AROUND.1);
    let part = |from: usize, to: usize| text[from..to].iter().collect::<String>();
    Excerpt {
        before: format!("{}{}", if begin > 0 { "…" } else { "" }, part(begin, from)),
        hit: part(from, to),
        after: format!("{}{}", part(to, end), if end < text.len() { "…" } else { "" }),
    }
}

/// Where the text holds what folds to `folded`: the shortest such stretch that begins first.
fn place(text: &[char], folded: &str) -> Option<(usize, usize)> {
    if folded.is_empty() {
        return None;
    }
    // Folded piece by piece a text is not always what it is as a whole (a letter and its accent may stand apart), but
    // nearly always; where it is not, no place is marked.
    let pieces: Vec<String> = text.iter().map(|c| fold_one(*c)).collect();
    let whole: String = pieces.concat();
    let at = whole.find(folded)?;
    let end = at + folded.len();
    let (mut here, mut from, mut to) = (0, 0, text.len());
    for (index, piece) in pieces.iter().enumerate() {
        if here <= at {
            from = index;
        }
        here += piece.len();
        if here >= end {
            to = index + 1;
            break;
        }
    }
    Some((from, to))
}

/// One character, folded; [`fold`] drops blanks at the ends, and here they stand between words.
fn fold_one(c: char) -> String {
    if c.is_whitespace() { " ".to_owned() } else { fold(c.encode_utf8(&mut [0; 4])) }
}

/// The start of a word at or after `at`, before `limit`.
fn word_start(text: &[char], at: usize, limit: usize) -> usize {
    if at == 0 {
        return 0;
    }
    (at..limit).find(|index| text[index - 1] == ' ').unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HERE: Uuid = Uuid::from_u128(7);

    fn finds(text: &str, query: &str) -> bool {
        let text = readable(text);
        Sought::of(HERE, query).is_some_and(|sought| {
            let filed = codes(HERE, &text);
            sought.codes().iter().all(|code| filed.contains(code)) && sought.is_in(&text)
        })
    }

    #[test]
    fn any_part_of_a_text_is_found_in_any_script() {
        let text = "The **printer** on floor 3\nsays: *Straße* nicht gefunden, 王伟明さん";
        for query in ["printer on", "STRASSE", "floor 3 says", "伟", "伟明", "王伟明さ", "gefun"] {
            assert!(finds(text, query), "{query}");
        }
        for query in ["printers", "floor 4", "明王", "pr", "", "xyz"] {
            assert!(!finds(text, query), "{query}");
        }
    }

    #[test]
    fn whom_a_text_mentions_is_no_part_of_it() {
        let id = "0193a0c0-0000-7000-8000-000000000001";
        let text = format!("ask @[{id}] about it");
        assert!(!finds(&text, "0193a0c0") && finds(&text, "ask @ about"));
    }

    #[test]
    fn no_code_is_shared_by_two_workspaces() {
        let (here, there) = (codes(HERE, "the printer"), codes(Uuid::from_u128(8), "the printer"));
        assert!(here.len() == 9 && here.iter().all(|code| !there.contains(code)));
    }

    #[test]
    fn an_excerpt_marks_the_hit_as_it_is_written() {
        let found = excerpt("Ada schrieb:\nDie Straße ist gesperrt.", "strasse IST");
        assert_eq!(found.hit, "Straße ist");
        assert_eq!((found.before.as_str(), found.after.as_str()), ("Ada schrieb: Die ", " gesperrt."));
        let long = format!("{} needle {}", "word ".repeat(60), "tail ".repeat(60));
        let found = excerpt(&long, "needle");
        assert!(found.before.starts_with("…word") && found.after.ends_with('…') && found.hit == "needle");
        let none = excerpt("nothing here", "needle");
        assert_eq!((none.hit.as_str(), none.after.as_str()), ("", "nothing here"));
    }

    proptest! {
        #[test]
        fn every_part_of_three_or_more_is_found(text in "\\PC{3,60}", from in 0usize..40, length in 3usize..30) {
            let plain = readable(&text);
            let folded: Vec<char> = fold(&plain).chars().collect();
            let from = from.min(folded.len());
            let part: String = folded[from..folded.len().min(from + length)].iter().collect();
            if let Some(sought) = Sought::of(HERE, &part) && fold(&part).chars().count() >= 3 {
                let filed = codes(HERE, &plain);
                prop_assert!(sought.codes().iter().all(|code| filed.contains(code)));
                prop_assert!(sought.is_in(&plain));
            }
        }

        #[test]
        fn an_excerpt_is_made_of_any_text(text in "\\PC{0,80}", query in "\\PC{0,8}") {
            let found = excerpt(&text, &query);
            prop_assert!(fold(&found.hit).len() <= fold(&text).len() + 8);
        }
    }
}
