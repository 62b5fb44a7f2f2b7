//! What the grid was asked, and the addresses of the same grid asked a little differently.

use super::back::Back;
use crate::{
    error::Result,
    store::grid::{Cursor, GridQuery},
    web::{
        fields::Fields,
        view::{Keep, naming::Naming},
    },
};

/// A query of the grid.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    /// Of which app.
    pub app: &'static Naming,
    /// What is asked.
    pub grid: GridQuery,
    /// How many rows come before this page, as the link to it said: keyset pages do not know it.
    pub at: i64,
    /// Whether the address asks for what only administrators are told, and the reader is none.
    pub left_out: bool,
}

/// The names of the filters that the filter form has fields for.
const IN_FORM: &[&str] = &["role", "team", "organization", "status", "seen", "created", "returns", "overdue"];

impl Asked {
    /// Reads a query string. Members can neither see nor filter nor sort by what is not theirs to know, or
    /// the order would tell it: what of it they ask for is left out, and the page says so.
    pub(super) fn read(app: &'static Naming, query: &str, administers: bool) -> Result<Self> {
        let mut grid = GridQuery::from_query(app.kind, query)?;
        let left_out = !administers && grid.tells_of_accounts();
        if left_out {
            grid = grid.for_members();
        }
        let at = Fields::parse(query.as_bytes())?.get("at").parse().unwrap_or(0);
        let at = if grid.cursor.is_some() { i64::max(at, 0) } else { 0 };
        Ok(Self { app, grid, at, left_out })
    }

    /// The query string of this very page.
    pub(super) fn query(&self) -> String {
        let query = self.grid.to_query();
        if self.at == 0 { query } else { format!("{query}&at={}", self.at) }
    }

    /// The query string of its first page.
    pub(super) fn unpaged(&self) -> String {
        self.grid.to_query_unpaged()
    }

    /// The first page of the grid, asked differently.
    pub(super) fn but(&self, change: impl FnOnce(&mut GridQuery)) -> String {
        let mut grid = self.grid.clone();
        grid.cursor = None;
        change(&mut grid);
        Back::to_grid(self.app, &grid.to_query_unpaged()).path().to_owned()
    }

    /// The page on either side.
    pub(super) fn page(&self, cursor: &Cursor, at: i64) -> String {
        let grid = GridQuery { cursor: Some(cursor.clone()), ..self.grid.clone() };
        let asked = Self { app: self.app, grid, at: at.max(0), left_out: false };
        Back::to_grid(self.app, &asked.query()).path().to_owned()
    }

    /// Without search and filters.
    pub(super) fn cleared(grid: &mut GridQuery) {
        *grid = GridQuery {
            view: grid.view,
            sort: grid.sort,
            dir: grid.dir,
            grouped: grid.grouped,
            limit: grid.limit,
            ..GridQuery::new(grid.kind)
        };
    }

    /// Whether it is a built-in view as it is.
    pub(super) fn is_builtin(&self) -> bool {
        let plain = GridQuery { view: self.grid.view, ..GridQuery::new(self.grid.kind) };
        self.unpaged() == plain.to_query_unpaged()
    }

    /// What the filter form hands on.
    pub(super) fn kept_by_filter(&self) -> Vec<Keep> {
        self.keeps(|name| !IN_FORM.contains(&name))
    }

    /// What the search hands on.
    pub(super) fn kept_by_search(&self) -> Vec<Keep> {
        self.keeps(|name| name != "q")
    }

    fn keeps(&self, kept: impl Fn(&str) -> bool) -> Vec<Keep> {
        let query = self.unpaged();
        let pairs = form_urlencoded::parse(query.as_bytes());
        pairs.filter(|(name, _)| kept(name)).map(|(name, value)| Keep::new(name, value)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::view::naming::{CUSTOMERS, USERS};

    #[test]
    fn members_cannot_ask_for_what_they_may_not_see() {
        let query =
            "view=never-signed-in&status=expired&seen=before-30&returns=1&overdue=1&sort=last-sign-in&q=ada";
        assert_eq!(Asked::read(USERS, query, false).expect("a query").query(), "q=ada");
        assert_eq!(Asked::read(CUSTOMERS, query, false).expect("a query").query(), "q=ada");
        for app in [USERS, CUSTOMERS] {
            let administrators = Asked::read(app, query, true).expect("a query").query();
            for part in query.split('&') {
                assert!(administrators.contains(part), "{part} in {administrators}");
            }
        }
    }

    #[test]
    fn only_a_view_asked_for_plainly_is_builtin() {
        let builtin = |query| Asked::read(USERS, query, true).expect("a query").is_builtin();
        assert!(builtin(""));
        assert!(builtin("view=active"));
        assert!(!builtin("view=active&group=team"));
        assert!(!builtin("sort=email"));
        assert!(!builtin("q=ada"));
    }

    #[test]
    fn forms_hand_on_what_they_have_no_field_for() {
        let asked = Asked::read(USERS, "view=active&role=member&q=ada&sort=email&group=team", true);
        let asked = asked.expect("a query");
        let names = |keeps: Vec<Keep>| keeps.into_iter().map(|keep| keep.name).collect::<Vec<_>>();
        assert_eq!(names(asked.kept_by_filter()), ["view", "q", "sort", "group"]);
        assert_eq!(names(asked.kept_by_search()), ["view", "role", "sort", "group"]);
        assert_eq!(asked.but(Asked::cleared), "/users?view=active&sort=email&group=team");
        let asked = Asked::read(CUSTOMERS, "organization=none&q=ada&group=organization", true);
        let asked = asked.expect("a query");
        assert_eq!(names(asked.kept_by_filter()), ["q", "group"]);
        assert_eq!(asked.but(Asked::cleared), "/customers?group=organization");
    }
}
