//! What a command prints when it is done.

use std::io::Write as _;
use std::process::ExitCode;

use serde_json::Value;

use super::failure::Exit;

/// The same answer for people and for machines.
#[derive(Debug)]
pub(super) struct Answer {
    text: String,
    json: Value,
    exit: Exit,
}

impl Answer {
    /// Everything went well.
    pub(super) fn new(text: impl Into<String>, json: Value) -> Self {
        Self { text: text.into(), json, exit: Exit::Done }
    }

    /// A check came to the end and found something wrong.
    pub(super) fn found(self) -> Self {
        Self { exit: Exit::Found, ..self }
    }

    /// A rule says no, and there is more to say of it than that.
    pub(super) fn refused(self) -> Self {
        Self { exit: Exit::Refused, ..self }
    }

    /// Nothing more to say.
    pub(super) fn silent() -> Self {
        Self::new("", Value::Null)
    }

    /// Prints it; answers the exit code.
    pub(super) fn print(&self, json: bool) -> ExitCode {
        match (json, &self.json) {
            (true, Value::Null) => {}
            (true, value) => out(&format!("{value}\n")),
            (false, _) if self.text.is_empty() => {}
            (false, _) => out(&format!("{}\n", self.text.trim_end_matches('\n'))),
        }
        self.exit.code()
    }
}

/// Writes to standard output. A reader that has gone (`| head`) is no failure.
pub(super) fn out(text: &str) {
    let mut stdout = std::io::stdout().lock();
    let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
}

/// Writes a line to standard error.
pub(super) fn note(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}
