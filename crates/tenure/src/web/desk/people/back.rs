//! The page that one came from: carried through dialogs and forms, so that one lands there again.

use axum::http::request::Parts;
use domain::id::{HandoverId, PersonId, StepId};

use crate::{
    error::Result,
    web::{
        fields::Fields,
        view::{naming::Naming, people::Action},
    },
};

/// The pages of the desk from which people are acted on.
const FROM: &[&str] = &[
    "/users",
    "/customers",
    "/teams",
    "/organizations",
    "/licenses",
    "/mine",
    "/tickets",
    "/tasks",
    "/projects",
    "/items",
];
/// The longest path that is carried; longer ones lead to the grid.
const LONGEST: usize = 4_000;

/// The text, if it is a path of this desk from which people or items are acted on: never another site.
pub(in crate::web) fn followed(text: &str) -> Option<&str> {
    let below = |path: &&str| {
        text.strip_prefix(*path).is_some_and(|rest| rest.is_empty() || rest.starts_with(['?', '/']))
    };
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    (FROM.iter().any(below) && plain && text.len() <= LONGEST).then_some(text)
}

/// A path of this desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Back {
    path: String,
    /// The app whose grid is the way back when there is no other.
    app: &'static Naming,
}

impl Back {
    /// The grid as it is without being asked anything.
    pub(super) fn home(app: &'static Naming) -> Self {
        Self { path: app.path.to_owned(), app }
    }

    /// The grid, with its query.
    pub(super) fn to_grid(app: &'static Naming, query: &str) -> Self {
        if query.is_empty() { Self::home(app) } else { Self { path: format!("{}?{query}", app.path), app } }
    }

    /// The grid with a panel, with its query.
    pub(super) fn to_panel(app: &'static Naming, id: PersonId, query: &str) -> Self {
        let gap = if query.is_empty() { "" } else { "?" };
        Self { path: format!("{}{gap}{query}", app.person(id)), app }
    }

    /// Reads what a link or form brought. What is no path of this desk leads to the grid.
    pub(super) fn parse(app: &'static Naming, text: &str) -> Self {
        match followed(text) {
            Some(path) => Self { path: path.into(), app },
            None => Self::home(app),
        }
    }

    /// What a request brought in its query string.
    pub(super) fn of(app: &'static Naming, parts: &Parts) -> Result<Self> {
        let query = Fields::parse(parts.uri.query().unwrap_or_default().as_bytes())?;
        Ok(Self::parse(app, query.get("back")))
    }

    /// The path.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// The same page without the panel of somebody who is gone.
    pub(super) fn without(&self, id: PersonId) -> Self {
        match self.path.strip_prefix(&self.app.person(id)) {
            Some(rest) if rest.is_empty() || rest.starts_with('?') => {
                Self::to_grid(self.app, rest.trim_start_matches('?'))
            }
            Some(_) => Self::home(self.app),
            None => self.clone(),
        }
    }

    /// A path that leads back here in the end.
    pub(super) fn carried_by(&self, path: &str) -> String {
        if self.path == self.app.path {
            return path.to_owned();
        }
        let back: String = form_urlencoded::byte_serialize(self.path.as_bytes()).collect();
        format!("{path}?back={back}")
    }

    /// Where a step is undone, which leads back here in the end.
    pub(super) fn undo(&self, step: StepId) -> String {
        self.carried_by(&format!("/undo/{step}"))
    }

    /// Where a handover is taken back, which leads back here in the end.
    pub(super) fn undo_handover(&self, handover: HandoverId) -> String {
        self.carried_by(&format!("/handovers/{handover}/undo"))
    }

    /// The page of an action on a person of the same app, which leads back here in the end.
    pub(super) fn action(&self, action: Action, id: PersonId) -> String {
        self.carried_by(&self.app.action(action, id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::view::naming::{CUSTOMERS, USERS};

    #[test]
    fn only_paths_of_the_desk_are_followed() {
        let kept = [
            "/users",
            "/users?view=active&q=%C3%A9",
            "/users/1?a=b",
            "/customers/1",
            "/teams/2",
            "/organizations",
            "/licenses",
        ];
        for path in kept {
            assert_eq!(Back::parse(USERS, path).path(), path);
        }
        let refused = [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example/users",
            "/users\r\nset-cookie: a=b",
            "/usersevil",
            "/users?q=é",
            "/sign-out",
            "javascript:alert(1)",
        ];
        for app in [USERS, CUSTOMERS] {
            for path in refused {
                assert_eq!(Back::parse(app, path).path(), app.path, "{path}");
            }
        }
    }

    #[test]
    fn the_panel_of_somebody_gone_is_left() {
        let id = PersonId::from_uuid(uuid::Uuid::from_u128(7));
        for app in [USERS, CUSTOMERS] {
            let at = |rest: &str| format!("{}{rest}", app.path);
            assert_eq!(Back::to_panel(app, id, "q=ada").without(id).path(), at("?q=ada"));
            assert_eq!(Back::to_panel(app, id, "").without(id).path(), app.path);
            assert_eq!(Back::to_grid(app, "q=ada").without(id).path(), at("?q=ada"));
            assert_eq!(Back::parse(app, &at(&format!("/{id}/edit"))).without(id).path(), app.path);
        }
    }

    #[test]
    fn a_dialog_carries_the_way_back() {
        let id = PersonId::from_uuid(uuid::Uuid::from_u128(7));
        let path = Back::to_grid(USERS, "q=a b").action(Action::Edit, id);
        assert_eq!(path, format!("/users/{id}/edit?back=%2Fusers%3Fq%3Da+b"));
        assert_eq!(Back::home(USERS).action(Action::Edit, id), format!("/users/{id}/edit"));
        assert_eq!(Back::home(CUSTOMERS).action(Action::Edit, id), format!("/customers/{id}/edit"));
        let from_users = Back::parse(CUSTOMERS, "/users").action(Action::Edit, id);
        assert_eq!(from_users, format!("/customers/{id}/edit?back=%2Fusers"));
    }
}
