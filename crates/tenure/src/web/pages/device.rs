//! Open sessions as people know them: "Firefox on Linux".

use domain::session::SessionLengths;
use jiff::SignedDuration;

use super::words::Times;
use crate::{store::sessions::SessionRow as Stored, web::view::account::SessionRow};

/// The words for browsers, the more particular before those whose name they carry too.
const BROWSERS: &[(&str, &str)] = &[
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
];

/// The words for systems, the more particular first.
const SYSTEMS: &[(&str, &str)] = &[
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Macintosh", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
];

/// What a browser says of itself, as far as it can be believed: a name and a system, or the program's own
/// name.
pub(in crate::web) fn device(user_agent: &str) -> String {
    let find = |list: &[(&str, &'static str)]| {
        list.iter().find(|(sign, _)| user_agent.contains(sign)).map(|(_, name)| *name)
    };
    match (find(BROWSERS), find(SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        (None, Some(system)) => format!("A browser on {system}"),
        (None, None) => program(user_agent),
    }
}

/// `curl/8.5.0` is "curl".
fn program(user_agent: &str) -> String {
    let name: String = user_agent.split(['/', ' ']).next().unwrap_or_default().chars().take(30).collect();
    if name.is_empty() { "An unknown device".into() } else { name }
}

/// A row of the list of sessions.
pub(in crate::web) fn session_row(
    session: &Stored,
    lengths: SessionLengths,
    times: &Times,
    current: bool,
) -> SessionRow {
    let at_most = session.began.saturating_add(SignedDuration::from_secs(lengths.absolute_seconds));
    let idle = session.last_used.saturating_add(SignedDuration::from_secs(lengths.idle_seconds));
    let ends = match (at_most, idle) {
        (Ok(at_most), Ok(idle)) => at_most.min(idle),
        (Ok(end), Err(_)) | (Err(_), Ok(end)) => end,
        (Err(_), Err(_)) => jiff::Timestamp::MAX,
    };
    SessionRow {
        id: session.id.to_string(),
        device: device(&session.user_agent),
        address: session.address.clone(),
        started: times.when(session.began),
        used: times.when(session.last_used),
        ends: times.when(ends),
        current,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_named_as_people_name_them() {
        for (user_agent, name) in [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                 Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) \
                 Chrome/140.0.0.0 Mobile Safari/537.36",
                "Chrome on Android",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like \
                 Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                 Version/18.5 Safari/605.1.15",
                "Safari on macOS",
            ),
            ("curl/8.5.0", "curl"),
            ("", "An unknown device"),
        ] {
            assert_eq!(device(user_agent), name, "{user_agent}");
        }
    }
}
