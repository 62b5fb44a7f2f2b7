//! The portal's own pages; one's own account is drawn as at the desk.

use askama::Template;

use super::{Field, Guard, shell::Bare};

/// `/portal/register`. Fields: `name`, `email`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "portal/register.html")]
pub struct RegisterPage {
    /// What stands around it.
    pub bare: Bare,
    /// The form's guard.
    pub guard: Guard,
    /// Why it was refused, where no field is wrong.
    pub error: Option<String>,
    /// The name.
    pub name: Field,
    /// The address.
    pub email: Field,
}

/// `/portal/register?sent=1`: the same words whatever was found.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "portal/registered.html")]
pub struct RegisteredPage {
    /// What stands around it.
    pub bare: Bare,
}
