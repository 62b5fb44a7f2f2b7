//! The search index of names and titles: which short pieces one is filed under, and which of them a query asks for.
//!
//! Pieces are the same on both engines. From each place on, up to five characters are filed as they stand there; three at
//! the least. Three or four typed characters are found as the beginning of a piece, five as a piece, and more by their
//! runs of five: what has all of them has them perhaps not in a row, so a look at [`search_text`] confirms each hit. A query
//! of one or two characters is found where a word starts (a mark and the one or two characters), and anywhere when it is in
//! Chinese, Japanese or Korean script, where a character is a word.

use std::collections::BTreeSet;

use super::fold;

/// Begins the grams that stand for the start of a word. Folding leaves no line end in any text, so no gram of
/// another kind looks like one of these.
const START: char = '\n';

/// How many characters a piece has, where so many follow.
const WIDTH: usize = 5;

/// How many it has at the end of a text, at the least.
const LEAST: usize = 3;

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
    for (at, &here) in field.iter().enumerate() {
        let rest = &field[at..];
        let next = rest.get(1).copied();
        if rest.len() >= LEAST {
            all.insert(rest.iter().take(WIDTH).collect());
        }
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

/// What is looked up in the index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// What is filed under this piece.
    Is(String),
    /// What is filed under a piece that begins so; somebody may be under several.
    Begins(String),
}

impl Piece {
    /// Whether a gram is what is looked up.
    #[must_use]
    pub fn has(&self, gram: &str) -> bool {
        match self {
            Self::Is(piece) => gram == piece,
            Self::Begins(begin) => gram.starts_with(begin),
        }
    }

    /// Where the grams that begin so end, in the order of code points: this one no longer does.
    #[must_use]
    pub fn end(begin: &str) -> String {
        format!("{begin}{}", char::MAX)
    }
}

/// What to look up for a typed query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Query {
    /// Nothing was typed: everyone.
    All,
    /// One piece, which answers exactly.
    Exact(Piece),
    /// Pieces that a hit has all of; whether it is one, [`Query::like_pattern`] against the search text tells.
    Confirm {
        /// Without repetition, in the order of the query.
        pieces: Vec<Piece>,
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
        [_] | [_, _] if text.iter().any(|c| is_cjk(*c)) => Query::Exact(Piece::Is(contains)),
        [_] | [_, _] => Query::Exact(Piece::Is(format!("{START}{contains}"))),
        short if short.len() < WIDTH => Query::Exact(Piece::Begins(contains)),
        five if five.len() == WIDTH => Query::Exact(Piece::Is(contains)),
        long => {
            let mut seen = BTreeSet::new();
            let runs = long.windows(WIDTH).map(|run| run.iter().collect::<String>());
            let pieces = runs.filter(|run| seen.insert(run.clone())).map(Piece::Is).collect();
            Query::Confirm { pieces, contains }
        }
    }
}

impl Query {
    /// The pieces that a hit has all of.
    #[must_use]
    pub fn pieces(&self) -> &[Piece] {
        match self {
            Self::All => &[],
            Self::Exact(piece) => std::slice::from_ref(piece),
            Self::Confirm { pieces, .. } => pieces,
        }
    }

    /// For `search_text like $n escape '\'`: what tells of one person whether they are a hit. `None` where all are, and
    /// where only the index tells.
    #[must_use]
    pub fn like_pattern(&self) -> Option<String> {
        match self {
            Self::All | Self::Exact(Piece::Is(_)) => None,
            Self::Exact(Piece::Begins(contains)) | Self::Confirm { contains, .. } => {
                Some(pattern_of(contains))
            }
        }
    }

    /// What the index and the confirmation together say of one person: the rule that every engine's statement
    /// must agree with, and the way to filter rows that are at hand already.
    #[must_use]
    pub fn finds(&self, name: &str, email: &str) -> bool {
        match self {
            Self::All => true,
            Self::Exact(piece) => grams(name, email).iter().any(|gram| piece.has(gram)),
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
