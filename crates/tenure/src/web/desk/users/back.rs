//! The page that one came from: carried through dialogs and forms, so that one lands there again.

use axum::http::request::Parts;
use domain::id::PersonId;

use crate::{
    error::Result,
    web::{fields::Fields, view::users::Action},
};

const GRID: &str = "/users";
/// The longest path that is carried; longer ones lead to the grid.
const LONGEST: usize = 4_000;

/// A path of this desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Back(String);

impl Default for Back {
    fn default() -> Self {
        Self(GRID.into())
    }
}

impl Back {
    /// The grid, with its query.
    pub(super) fn to_grid(query: &str) -> Self {
        if query.is_empty() { Self::default() } else { Self(format!("{GRID}?{query}")) }
    }

    /// The grid with a panel, with its query.
    pub(super) fn to_panel(id: PersonId, query: &str) -> Self {
        let gap = if query.is_empty() { "" } else { "?" };
        Self(format!("{GRID}/{id}{gap}{query}"))
    }

    /// Reads what a link or form brought. What is no path of this desk leads to the grid.
    pub(super) fn parse(text: &str) -> Self {
        let inside = text == GRID
            || text.strip_prefix(GRID).is_some_and(|rest| rest.starts_with(['?', '/']))
            || text
                .strip_prefix("/teams")
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['?', '/']))
            || text.strip_prefix("/licenses").is_some_and(|rest| rest.is_empty() || rest.starts_with('?'));
        let plain = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        if inside && plain && text.len() <= LONGEST { Self(text.into()) } else { Self::default() }
    }

    /// What a request brought in its query string.
    pub(super) fn of(parts: &Parts) -> Result<Self> {
        let query = Fields::parse(parts.uri.query().unwrap_or_default().as_bytes())?;
        Ok(Self::parse(query.get("back")))
    }

    /// The path.
    pub(super) fn path(&self) -> &str {
        &self.0
    }

    /// The same page without the panel of somebody who is gone.
    pub(super) fn without(&self, id: PersonId) -> Self {
        match self.0.strip_prefix(&format!("{GRID}/{id}")) {
            Some(rest) if rest.is_empty() || rest.starts_with('?') => Self(format!("{GRID}{rest}")),
            Some(_) => Self::default(),
            None => self.clone(),
        }
    }

    /// A path that leads back here in the end.
    pub(super) fn carried_by(&self, path: &str) -> String {
        if self.0 == GRID {
            return path.to_owned();
        }
        let back: String = form_urlencoded::byte_serialize(self.0.as_bytes()).collect();
        format!("{path}?back={back}")
    }

    /// The page of an action on a person, which leads back here in the end.
    pub(super) fn action(&self, action: Action, id: PersonId) -> String {
        self.carried_by(&format!("{GRID}/{id}{}", action.path()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_the_desk_are_followed() {
        let kept = ["/users", "/users?view=active&q=%C3%A9", "/users/1?a=b", "/teams/2", "/licenses"];
        for path in kept {
            assert_eq!(Back::parse(path).path(), path);
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
        for path in refused {
            assert_eq!(Back::parse(path).path(), "/users", "{path}");
        }
    }

    #[test]
    fn the_panel_of_somebody_gone_is_left() {
        let id = PersonId::from_uuid(uuid::Uuid::from_u128(7));
        assert_eq!(Back::to_panel(id, "q=ada").without(id).path(), "/users?q=ada");
        assert_eq!(Back::to_panel(id, "").without(id).path(), "/users");
        assert_eq!(Back::to_grid("q=ada").without(id).path(), "/users?q=ada");
        assert_eq!(Back::parse(&format!("/users/{id}/edit")).without(id).path(), "/users");
    }

    #[test]
    fn a_dialog_carries_the_way_back() {
        let id = PersonId::from_uuid(uuid::Uuid::from_u128(7));
        let path = Back::to_grid("q=a b").action(Action::Edit, id);
        assert_eq!(path, format!("/users/{id}/edit?back=%2Fusers%3Fq%3Da+b"));
        assert_eq!(Back::default().action(Action::Edit, id), format!("/users/{id}/edit"));
    }
}
