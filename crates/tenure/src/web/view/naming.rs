//! The two apps of people, Users and Customers, are one: here stands in which words and addresses they differ.

use domain::person::Kind;

use super::people::Action;

/// What an app of people is called and where it is.
#[derive(Debug, PartialEq, Eq)]
pub struct Naming {
    /// Whom it is about.
    pub kind: Kind,
    /// Where it is: "/users".
    pub path: &'static str,
    /// "user".
    pub one: &'static str,
    /// "users".
    pub many: &'static str,
    /// "Users".
    pub title: &'static str,
    /// The name of its icon in the sprite.
    pub icon: &'static str,
    /// What people are grouped by: "team"; also the name of the filter in addresses.
    pub group: &'static str,
    /// "Team".
    pub group_title: &'static str,
    /// The head of the column of groups: "Teams".
    pub groups_title: &'static str,
    /// "No team".
    pub no_group: &'static str,
    /// What a team is, in a sentence or two.
    pub group_is: &'static str,
    /// Where the groups' pages are: "/teams".
    pub groups_path: &'static str,
    /// The button that adds somebody, in the bar at the top.
    pub add: &'static str,
    /// The title of the question that it opens.
    pub add_title: &'static str,
}

/// The desk's own people.
pub const USERS: &Naming = &Naming {
    kind: Kind::User,
    path: "/users",
    one: "user",
    many: "users",
    title: "Users",
    icon: "users",
    group: "team",
    group_title: "Team",
    groups_title: "Teams",
    no_group: "No team",
    group_is: "A team is a group of users. Someone can be in several.",
    groups_path: "/teams",
    add: "Invite",
    add_title: "Invite a user",
};

/// The people whom the desk serves.
pub const CUSTOMERS: &Naming = &Naming {
    kind: Kind::Customer,
    path: "/customers",
    one: "customer",
    many: "customers",
    title: "Customers",
    icon: "customers",
    group: "organization",
    group_title: "Organization",
    groups_title: "Organization",
    no_group: "No organization",
    group_is: "An organization is a company whose people you serve. New customers join it by the domain of their address.",
    groups_path: "/organizations",
    add: "New customer",
    add_title: "New customer",
};

impl Naming {
    /// The app of a kind of people.
    #[must_use]
    pub const fn of(kind: Kind) -> &'static Self {
        match kind {
            Kind::User => USERS,
            Kind::Customer => CUSTOMERS,
        }
    }

    /// Whether it is about users, who hold licenses and have a role.
    #[must_use]
    pub fn is_users(&self) -> bool {
        self.kind == Kind::User
    }

    /// The page of one person.
    pub fn person(&self, id: impl std::fmt::Display) -> String {
        format!("{}/{id}", self.path)
    }

    /// The page of an action on one person.
    pub fn action(&self, action: Action, id: impl std::fmt::Display) -> String {
        format!("{}/{id}{}", self.path, action.path())
    }

    /// Where somebody is added.
    #[must_use]
    pub fn add_path(&self) -> String {
        format!("{}/new", self.path)
    }
}

/// Views are drawn with the users' words unless told otherwise.
impl Default for &'static Naming {
    fn default() -> Self {
        USERS
    }
}
