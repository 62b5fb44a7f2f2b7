//! Languages and time zones as options of a form.

use std::sync::LazyLock;

use crate::{ops::profile::LANGUAGES, web::view::Choice};

/// The places that people look for; the database also holds old names and fixed offsets.
const AREAS: &[&str] = &[
    "Africa/",
    "America/",
    "Antarctica/",
    "Arctic/",
    "Asia/",
    "Atlantic/",
    "Australia/",
    "Europe/",
    "Indian/",
    "Pacific/",
];

/// Every name offered, read once: the list does not change while the program runs.
static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let known = jiff::tz::db().available().map(|name| name.as_str().to_owned());
    let mut names: Vec<String> =
        known.filter(|name| AREAS.iter().any(|area| name.starts_with(area))).collect();
    names.push("UTC".into());
    names.sort();
    names.dedup();
    names
});

/// Time zones to choose from. `empty` is what the empty value stands for, where it may be chosen.
pub(in crate::web) fn time_zones(chosen: &str, empty: Option<String>) -> Vec<Choice> {
    let named = |name: &String| Choice::new(name, name.replace('_', " "), name == chosen);
    let mut choices: Vec<Choice> =
        empty.map(|label| Choice::new("", label, chosen.is_empty())).into_iter().collect();
    choices.extend(NAMES.iter().map(named));
    if !choices.iter().any(|choice| choice.selected) {
        // What was typed or stored stays visible, so that saving another field does not change it.
        choices.push(Choice::new(chosen, chosen, true));
    }
    choices
}

/// Languages to choose from, as [`time_zones`].
pub(in crate::web) fn languages(chosen: &str, empty: Option<String>) -> Vec<Choice> {
    let mut choices: Vec<Choice> =
        empty.map(|label| Choice::new("", label, chosen.is_empty())).into_iter().collect();
    choices.extend(LANGUAGES.iter().map(|(tag, name)| Choice::new(*tag, *name, *tag == chosen)));
    choices
}

/// What a language is called.
pub(in crate::web) fn language(tag: &str) -> &str {
    LANGUAGES.iter().find(|(known, _)| *known == tag).map_or(tag, |(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_zone_in_force_is_always_chosen() {
        for chosen in ["Europe/Berlin", "UTC", "Mars/Olympus"] {
            let choices = time_zones(chosen, None);
            let picked: Vec<_> = choices.iter().filter(|choice| choice.selected).collect();
            assert_eq!(picked.len(), 1);
            assert_eq!(picked[0].value, chosen);
        }
        assert!(time_zones("", Some("As the workspace".into()))[0].selected);
    }
}
