//! The words for what is done with many.

use domain::bulk::Deed;

use crate::web::{desk::words::count, view::naming::Naming};

/// "1,204 users".
pub(super) fn people(app: &Naming, number: i64) -> String {
    count(number, app.one, app.many)
}

/// "Deactivate 12 users".
pub(super) fn title(app: &Naming, deed: &Deed, number: i64) -> String {
    let people = people(app, number);
    match deed {
        Deed::Deactivate(_) => format!("Deactivate {people}"),
        Deed::Activate => format!("Activate {people}"),
        Deed::Delete => format!("Delete {people}"),
        Deed::JoinTeam(_) => format!("Add {people} to a team"),
        Deed::LeaveTeam(_) => format!("Remove {people} from a team"),
        Deed::Role(_) => format!("Change the role of {people}"),
        Deed::Organization(Some(_)) => format!("Move {people} to an organization"),
        Deed::Organization(None) => format!("Take {people} out of their organization"),
        Deed::Undo(_) => format!("Undo for {people}"),
    }
}

/// "12 users are deactivated".
pub(super) fn done(app: &Naming, deed: &Deed, number: i64) -> String {
    let people = people(app, number);
    let are = if number == 1 { "is" } else { "are" };
    match deed {
        Deed::Deactivate(_) => format!("{people} {are} deactivated"),
        Deed::Activate => format!("{people} {are} active"),
        Deed::Delete => format!("{people} {are} deleted"),
        Deed::JoinTeam(_) => format!("{people} {are} added to the team"),
        Deed::LeaveTeam(_) => format!("{people} {are} removed from the team"),
        Deed::Role(_) => format!("The role of {people} is changed"),
        Deed::Organization(Some(_)) => format!("{people} {are} moved to the organization"),
        Deed::Organization(None) => format!("{people} {are} taken out of their organization"),
        Deed::Undo(_) => format!("{people} {are} as before"),
    }
}

/// What an outcome is called, before it is done or after.
pub(super) fn outcome(word: Option<&str>, before: bool) -> &'static str {
    match (word, before) {
        (Some("changed"), true) => "Changes",
        (Some("changed"), false) => "Changed",
        (Some("unchanged"), true) => "Is so already",
        (Some("unchanged"), false) => "Was so already",
        (Some(_), _) => "Skipped",
        (None, _) => "Waits",
    }
}
