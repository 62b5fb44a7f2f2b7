//! Where the help centre is read, as the desk and the public pages say it.

use domain::apps::App;

/// Its first page.
pub(in crate::web) const HOME: &str = "/help";

/// The request form.
pub(in crate::web) const FORM: &str = "/request";

/// Where an article is read.
#[must_use]
pub(in crate::web) fn public_path(slug: &str) -> String {
    let slug: String = form_urlencoded::byte_serialize(slug.as_bytes()).collect();
    format!("{HOME}/{slug}")
}

/// What users are told where customers do not see what they see.
#[must_use]
pub(in crate::web) const fn notice(help: App) -> Option<&'static str> {
    if help.on { None } else { Some("The help centre is off: customers do not see it.") }
}
