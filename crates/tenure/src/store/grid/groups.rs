//! What people are grouped by: users by team, customers by organization, in tables of one shape.

use domain::person::Kind;

use super::query::View;

/// The names that stand in a statement.
pub(super) struct Groups {
    /// The table of groups.
    pub(super) table: &'static str,
    /// The table of who is in them.
    pub(super) members: &'static str,
    /// The column of the group's id, in both.
    pub(super) id: &'static str,
    /// The column of `people` that says in how many the person is.
    counted: &'static str,
    kind: Kind,
}

const TEAMS: Groups =
    Groups { table: "teams", members: "team_members", id: "team_id", counted: "teams", kind: Kind::User };
const ORGANIZATIONS: Groups = Groups {
    table: "organizations",
    members: "organization_members",
    id: "organization_id",
    counted: "organizations",
    kind: Kind::Customer,
};

impl Groups {
    /// The condition that a person is in none, answered by its partial index. The kind stands in it as a literal: a
    /// bound one would miss that index.
    pub(super) fn none(&self, of: &str) -> String {
        format!("{of}.{} = 0 and {of}.kind = '{}'", self.counted, self.kind.word())
    }

    /// As [`Groups::none`], as a check that no index answers.
    pub(super) fn none_checked(&self, of: &str) -> String {
        format!("+{of}.{} = 0", self.counted)
    }
}

impl View<'_> {
    /// What this view's people are grouped by.
    pub(super) const fn groups(&self) -> Groups {
        match self.query.kind {
            Kind::User => TEAMS,
            Kind::Customer => ORGANIZATIONS,
        }
    }
}
