//! One organization. The list of them is that of teams: [`super::teams::GroupsPage`].

use askama::Template;

use super::shell::Shell;
use super::{Field, Guard};

/// `/organizations/{id}`. The form (POST the page) has `name` and `domains`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "organizations/organization.html")]
pub struct OrganizationPage {
    /// What stands around it; the title is the organization's name.
    pub shell: Shell,
    /// The page's own address.
    pub href: String,
    /// "12 customers, 1 deactivated".
    pub summary: String,
    /// The grid of its customers.
    pub customers: String,
    /// The page that asks before deleting it.
    pub delete: String,
    /// The form's guard, at the version of the organization.
    pub guard: Guard,
    /// Why nothing was saved.
    pub error: Option<String>,
    /// The name.
    pub name: Field,
    /// The email domains, divided by spaces.
    pub domains: Field,
    /// Those of them at which anyone can have an address.
    pub for_anyone: Vec<String>,
}
