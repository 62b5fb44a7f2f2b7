//! What may be a password: long enough, not commonly used, not made of what everyone knows about the person.
//! There is no rule about kinds of characters (ASVS 5.0 6.2.5) and none about age (6.2.10).

use zxcvbn::Score;
use zxcvbn::feedback::Suggestion;

use crate::text::{fold, words};

/// The least number of characters (ASVS 5.0 6.2.1 asks for 8 and recommends 15).
pub const MIN_CHARACTERS: usize = 12;

/// Fewer characters than these beside names and addresses are no password.
const MIN_OWN_CHARACTERS: usize = 8;

/// Why something may not be a password. The message is for the person who chose it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// Fewer than [`MIN_CHARACTERS`] characters.
    #[error(
        "Use at least {MIN_CHARACTERS} characters; this has {0}. Several words in a row are easy to remember."
    )]
    TooShort(usize),
    /// More bytes than the limit. It is refused, not cut (ASVS 5.0 6.2.8, 6.2.9).
    #[error("Use at most {limit} bytes; this has {length}.")]
    TooLong {
        /// The limit in bytes of UTF-8.
        limit: usize,
        /// How many there are.
        length: usize,
    },
    /// It is on a list of common passwords, or a simple variation of such (ASVS 5.0 6.2.4, 6.2.12).
    #[error("This is among the first passwords that an attacker tries. {0}")]
    Common(String),
    /// It is little more than a name or an address (ASVS 5.0 6.2.11).
    #[error("Leave out your name, your email address and the name of the workspace: others know them.")]
    Personal,
}

/// Whether `password` may be one. `about` holds the person's name and address and the workspace's name. The
/// check takes some milliseconds of processor time: call it on a thread that may block.
pub fn check(password: &str, about: &[&str], max_bytes: usize) -> Result<(), PolicyError> {
    let length = password.chars().count();
    if length < MIN_CHARACTERS {
        return Err(PolicyError::TooShort(length));
    }
    if password.len() > max_bytes {
        return Err(PolicyError::TooLong { limit: max_bytes, length: password.len() });
    }
    let known = known(about);
    if own_characters(password, &known) < MIN_OWN_CHARACTERS {
        return Err(PolicyError::Personal);
    }
    let inputs: Vec<&str> = known.iter().map(String::as_str).collect();
    // The estimator knows lists of leaked passwords, their reversals and letter swaps, keyboard rows, dates and
    // repetitions. Below three, 10^8 guesses are enough.
    let strength = zxcvbn::zxcvbn(password, &inputs);
    if strength.score() < Score::Three {
        let advice =
            strength.feedback().and_then(|feedback| feedback.suggestions().first().copied().map(advice));
        return Err(PolicyError::Common(advice.unwrap_or(USE_WORDS).to_owned()));
    }
    Ok(())
}

const USE_WORDS: &str = "Use several words that do not belong together.";

/// The advice in our words; what only repeats that length helps falls back to a general line.
const fn advice(suggestion: Suggestion) -> &'static str {
    match suggestion {
        Suggestion::AvoidRepeatedWordsAndCharacters => {
            "Repeating words or characters hardly helps; add other words."
        }
        Suggestion::AvoidSequences => "Avoid runs such as abcd or 1234; add words.",
        Suggestion::AvoidRecentYears
        | Suggestion::AvoidYearsThatAreAssociatedWithYou
        | Suggestion::AvoidDatesAndYearsThatAreAssociatedWithYou => {
            "Dates and years are guessed early; add words."
        }
        Suggestion::UseALongerKeyboardPatternWithMoreTurns => "Rows of keys are guessed early; use words.",
        Suggestion::PredictableSubstitutionsDontHelpVeryMuch
        | Suggestion::CapitalizationDoesntHelpVeryMuch
        | Suggestion::AllUppercaseIsAlmostAsEasyToGuessAsAllLowercase
        | Suggestion::ReversedWordsArentMuchHarderToGuess => {
            "Capitals, swapped letters and reversal hardly help; add words."
        }
        _ => USE_WORDS,
    }
}

/// The texts themselves and their words, longest first, so that the longest match is taken out first.
fn known(about: &[&str]) -> Vec<String> {
    let mut known: Vec<String> = about.iter().flat_map(|text| words(text)).collect();
    known.extend(about.iter().map(|text| fold(text)).filter(|text| text.chars().count() > 2));
    known.push("tenure".to_owned());
    known.sort_by_key(|text| (std::cmp::Reverse(text.len()), text.clone()));
    known.dedup();
    known
}

/// How many letters and digits are left without what is known about the person.
fn own_characters(password: &str, known: &[String]) -> usize {
    let mut rest = fold(password);
    for text in known {
        // A blank keeps what stood around from forming a new word.
        rest = rest.replace(text.as_str(), " ");
    }
    rest.chars().filter(|c| !c.is_whitespace()).count()
}
