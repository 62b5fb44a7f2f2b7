//! How one key of the configuration is read, checked and shown.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::time::Duration;

/// A value that has one text form, the same in a file, the environment and a flag.
pub(crate) trait Setting: Sized {
    /// Reads the text form.
    fn parse(text: &str) -> Option<Self>;
    /// Writes it as a TOML value.
    fn toml(&self) -> String;
}

/// What is allowed beyond the type, and how to say so.
pub(crate) struct Rule<T> {
    pub(crate) allowed: String,
    pub(crate) holds: Box<dyn Fn(&T) -> bool>,
}

/// A number within a range.
pub(crate) fn within<T: PartialOrd + Display + Copy + 'static>(range: RangeInclusive<T>) -> Rule<T> {
    let allowed = format!("a whole number from {} to {}", range.start(), range.end());
    Rule { allowed, holds: Box::new(move |value| range.contains(value)) }
}

/// A time within a range.
pub(crate) fn lasting(range: RangeInclusive<Duration>) -> Rule<Duration> {
    let allowed = format!(
        "a time from {} to {}, such as 30s, 15m, 12h or 7d",
        short(*range.start()),
        short(*range.end())
    );
    Rule { allowed, holds: Box::new(move |value| range.contains(value)) }
}

/// A folder; an empty text is none.
pub(crate) fn folder() -> Rule<std::path::PathBuf> {
    Rule { allowed: "a folder".to_owned(), holds: Box::new(|path| !path.as_os_str().is_empty()) }
}

/// Whatever the type can read, described in words.
pub(crate) fn any<T>(allowed: &str) -> Rule<T> {
    Rule { allowed: allowed.to_owned(), holds: Box::new(|_| true) }
}

macro_rules! plain_numbers {
    ($($number:ty),*) => { $(
        impl Setting for $number {
            fn parse(text: &str) -> Option<Self> {
                text.replace('_', "").parse().ok()
            }
            fn toml(&self) -> String {
                self.to_string()
            }
        }
    )* };
}
plain_numbers!(usize, u32, u64);

impl Setting for bool {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }
    fn toml(&self) -> String {
        self.to_string()
    }
}

impl Setting for std::path::PathBuf {
    fn parse(text: &str) -> Option<Self> {
        Some(text.into())
    }
    fn toml(&self) -> String {
        quoted(&self.to_string_lossy())
    }
}

impl Setting for std::net::SocketAddr {
    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }
    fn toml(&self) -> String {
        quoted(&self.to_string())
    }
}

/// `90s`, `15m`, `12h`, `30d`.
impl Setting for Duration {
    fn parse(text: &str) -> Option<Self> {
        let unit = match text.chars().last()? {
            's' => 1,
            'm' => 60,
            'h' => 60 * 60,
            'd' => 24 * 60 * 60,
            _ => return None,
        };
        let number: u64 = text[..text.len() - 1].parse().ok()?;
        Some(Self::from_secs(number.checked_mul(unit)?))
    }
    fn toml(&self) -> String {
        quoted(&short(*self))
    }
}

/// The shortest text form of a duration in whole seconds.
pub(crate) fn short(duration: Duration) -> String {
    let seconds = duration.as_secs();
    for (unit, letter) in [(24 * 60 * 60, 'd'), (60 * 60, 'h'), (60, 'm')] {
        if seconds > 0 && seconds.is_multiple_of(unit) {
            return format!("{}{letter}", seconds / unit);
        }
    }
    format!("{seconds}s")
}

/// A TOML basic string, whose escapes are those of JSON.
pub(crate) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// One key: its name, what it is for, its default, and what its section knows of it.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) name: String,
    pub(crate) doc: &'static [&'static str],
    pub(crate) default: String,
    pub(crate) allowed: String,
}

/// Makes a section of the configuration: the struct, its defaults, and reading and showing it key by key, so
/// that a key cannot be had without its text, its default and its rule.
macro_rules! section {
    (
        $(#[$about:meta])*
        pub struct $Name:ident {
            $( $(#[doc = $doc:literal])+ $key:ident : $Type:ty = $default:expr, $rule:expr; )*
        }
    ) => {
        $(#[$about])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $Name {
            $( $(#[doc = $doc])+ pub $key: $Type, )*
        }

        impl Default for $Name {
            fn default() -> Self {
                Self { $( $key: $default, )* }
            }
        }

        impl $Name {
            /// Every key with its text, default and rule.
            pub(crate) fn keys(section: &str) -> Vec<$crate::config::setting::Key> {
                use $crate::config::setting::{Rule, Setting};
                vec![ $( {
                    let default: $Type = $default;
                    let rule: Rule<$Type> = $rule;
                    $crate::config::setting::Key {
                        name: format!("{section}{}", stringify!($key)),
                        doc: &[$($doc),+],
                        default: Setting::toml(&default),
                        allowed: rule.allowed,
                    }
                } ),* ]
            }

            /// Sets one key from its text form; what is allowed, if that is not.
            pub(crate) fn set(&mut self, key: &str, text: &str) -> Result<(), String> {
                use $crate::config::setting::{Rule, Setting};
                match key {
                    $( stringify!($key) => {
                        let rule: Rule<$Type> = $rule;
                        match <$Type as Setting>::parse(text) {
                            Some(value) if (rule.holds)(&value) => {
                                self.$key = value;
                                Ok(())
                            }
                            _ => Err(rule.allowed),
                        }
                    } )*
                    _ => Err("a key that exists".to_owned()),
                }
            }
        }
    };
}
pub(crate) use section;
