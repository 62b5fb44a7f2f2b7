//! The search index of people: which short pieces a person is filed under, and which a query asks for.
//!
//! Rows are `(workspace_id, gram, person_id)`, the same on both engines. A query of three characters or more is
//! found anywhere, by its runs of three; the rows so found hold all of them, perhaps not in a row, so a look
//! at [`search_text`] confirms each. A query of one or two characters is found where a word starts (a mark and
//! the one or two characters), and anywhere when it is in Chinese, Japanese or Korean script, where a character is a word.

use std::collections::BTreeSet;

use super::fold;

/// Begins the grams that stand for the start of a word. Folding leaves no line end in any text, so no gram of
/// another kind looks like one of these.
const START: char = '\n';

/// The folded text of a person, by which a hit is confirmed: name and address on lines of their own, so that
/// nothing is found across the two.
#[must_use]
pub fn search_text(name: &str, email: &str) -> String {
    format!("{}\n{}", fold(name), fold(email))
}

/// Every gram under which a person is filed.
#[must_use]
pub fn grams(name: &str, email: &str) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for field in [name, email] {
        of_field(&fold(field).chars().collect::<Vec<_>>(), &mut all);
    }
    all
}

fn of_field(field: &[char], all: &mut BTreeSet<String>) {
    all.extend(runs_of_three(field));
    for (at, &here) in field.iter().enumerate() {
        let next = field.get(at + 1).copied();
        if here.is_alphanumeric() && (at == 0 || !field[at - 1].is_alphanumeric()) {
            all.insert([START, here].iter().collect());
            all.extend(next.map(|next| [START, here, next].iter().collect()));
        }
        if is_cjk(here) {
            all.insert(here.to_string());
        }
        if let Some(next) = next.filter(|next| is_cjk(here) || is_cjk(*next)) {
            all.insert([here, next].iter().collect());
        }
    }
}

fn runs_of_three(text: &[char]) -> impl Iterator<Item = String> {
    text.windows(3).map(|run| run.iter().collect())
}

/// For `like … escape '\'`: this folded text anywhere.
#[must_use]
pub fn pattern_of(folded: &str) -> String {
    let mut pattern = String::from("%");
    for c in folded.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

/// What to look up for a typed query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Query {
    /// Nothing was typed: everyone.
    All,
    /// One gram, which answers exactly.
    Exact(String),
    /// Grams that a hit has all of; whether it is one, [`Query::like_pattern`] against the search text tells.
    Confirm {
        /// Without repetition, in the order of the query.
        grams: Vec<String>,
        /// The folded query.
        contains: String,
    },
}

/// What to look up for a typed query.
#[must_use]
pub fn query_grams(query: &str) -> Query {
    let contains = fold(query);
    let text: Vec<char> = contains.chars().collect();
    match text.as_slice() {
        [] => Query::All,
        [_] | [_, _] if text.iter().any(|c| is_cjk(*c)) => Query::Exact(contains),
        [_] | [_, _] => Query::Exact(format!("{START}{contains}")),
        _ => {
            let mut seen = BTreeSet::new();
            let grams = runs_of_three(&text).filter(|gram| seen.insert(gram.clone())).collect();
            Query::Confirm { grams, contains }
        }
    }
}

impl Query {
    /// The grams that a hit has all of.
    #[must_use]
    pub fn grams(&self) -> &[String] {
        match self {
            Self::All => &[],
            Self::Exact(gram) => std::slice::from_ref(gram),
            Self::Confirm { grams, .. } => grams,
        }
    }

    /// For `search_text like $n escape '\'`, when the grams alone do not decide.
    #[must_use]
    pub fn like_pattern(&self) -> Option<String> {
        let Self::Confirm { contains, .. } = self else { return None };
        Some(pattern_of(contains))
    }

    /// What the index and the confirmation together say of one person: the rule that every engine's statement
    /// must agree with, and the way to filter rows that are at hand already.
    #[must_use]
    pub fn finds(&self, name: &str, email: &str) -> bool {
        match self {
            Self::All => true,
            Self::Exact(gram) => grams(name, email).contains(gram),
            Self::Confirm { contains, .. } => search_text(name, email).contains(contains),
        }
    }
}

/// Han, kana, bopomofo and Hangul, in the form that folding leaves them.
pub(super) const fn is_cjk(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{2fdf}' | '\u{3005}'..='\u{3007}'
        | '\u{3040}'..='\u{30ff}' | '\u{3100}'..='\u{318f}' | '\u{31a0}'..='\u{31bf}' | '\u{31f0}'..='\u{31ff}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{a960}'..='\u{a97f}' | '\u{ac00}'..='\u{d7ff}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}
