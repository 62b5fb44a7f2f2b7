//! The machine: who sits at it, and whether they say yes.

use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::process::Command;

use super::failure::Failure;

/// The machine's user name, for the audit log: the effective user, with whoever became them by `sudo`.
pub(super) fn user_name() -> String {
    // `id` asks the system; the environment only repeats what somebody set.
    let asked = Command::new("id").arg("-un").output().ok().filter(|output| output.status.success());
    let name = asked
        .and_then(|output| clean(&String::from_utf8_lossy(&output.stdout)))
        .or_else(|| ["USER", "LOGNAME"].iter().find_map(|name| clean(&std::env::var(name).ok()?)))
        .unwrap_or_else(|| "unknown".to_owned());
    match std::env::var("SUDO_USER").ok().as_deref().and_then(clean) {
        Some(by) if by != name => format!("{name} (sudo by {by})"),
        _ => name,
    }
}

/// One word of at most 64 printable characters.
fn clean(name: &str) -> Option<String> {
    let name: String = name.trim().chars().filter(|c| !c.is_control()).take(64).collect();
    (!name.is_empty()).then_some(name)
}

/// Asks for `expected` to be typed before something that cannot be taken back. `yes` answers without asking;
/// where nobody can be asked, that is needed.
pub(super) fn confirm(what: &str, expected: &str, yes: bool) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() {
        return Err(Failure::not_confirmed(format!("{what} This cannot be undone and was not confirmed."))
            .hint("--yes does it without asking")
            .hint("--dry-run shows what would go"));
    }
    let mut stderr = std::io::stderr().lock();
    let asked = write!(stderr, "{what} This cannot be undone.\nType {expected} to go on: ")
        .and_then(|()| stderr.flush());
    let mut typed = String::new();
    let read = asked.and_then(|()| std::io::stdin().lock().read_line(&mut typed));
    match read {
        Ok(_) if typed.trim().eq_ignore_ascii_case(expected) => Ok(()),
        Ok(_) => Err(Failure::not_confirmed("Not confirmed. Nothing was changed.")),
        Err(error) => Err(Failure::failed(format!("cannot ask: {error}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_has_a_user() {
        assert!(!user_name().is_empty());
        assert_eq!(clean(" ada\n").as_deref(), Some("ada"));
        assert_eq!(clean("\n"), None);
    }
}
