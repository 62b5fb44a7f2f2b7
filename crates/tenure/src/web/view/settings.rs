//! The workspace's settings, one page per subject.

use askama::Template;

use domain::apps::Apps;

use super::chip::Chip;
use super::dialogs::Candidate;
use super::shell::Shell;
use super::{Choice, Field, Guard};

/// `/settings`. Fields: `name`, `language`, `time_zone`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "settings/workspace.html")]
pub struct WorkspaceSettings {
    /// What stands around it.
    pub shell: Shell,
    /// The form's guard, at the version of the settings.
    pub guard: Guard,
    /// Why nothing was saved.
    pub error: Option<String>,
    /// The workspace's name.
    pub name: Field,
    /// The language new users begin with.
    pub languages: Vec<Choice>,
    /// The time zone new users begin with.
    pub time_zones: Vec<Choice>,
}

/// `/settings/licenses`. Fields: `owned`, `price`, `currency`, `period`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "settings/licenses.html")]
pub struct LicenseSettings {
    /// What stands around it.
    pub shell: Shell,
    /// The form's guard, at the version of the settings.
    pub guard: Guard,
    /// Why nothing was saved.
    pub error: Option<String>,
    /// How many the workspace owns.
    pub owned: Field,
    /// "At least 8: so many are in use."
    pub owned_hint: String,
    /// The price of one, empty when not set.
    pub price: Field,
    /// Its currency, as ISO 4217 code.
    pub currency: Field,
    /// Per month, per year.
    pub periods: Vec<Choice>,
}

/// `/settings/sessions`. Fields: `idle`, `idle_unit`, `absolute`, `absolute_unit`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "settings/sessions.html")]
pub struct SessionSettings {
    /// What stands around it.
    pub shell: Shell,
    /// The form's guard, at the version of the settings.
    pub guard: Guard,
    /// Why nothing was saved.
    pub error: Option<String>,
    /// How long a session lasts without use, in the chosen unit.
    pub idle: Field,
    /// Minutes, hours, days.
    pub idle_units: Vec<Choice>,
    /// How long a session lasts in any case, in the chosen unit.
    pub absolute: Field,
    /// Minutes, hours, days.
    pub absolute_units: Vec<Choice>,
    /// "Sessions older than that end at once."
    pub effect: Option<String>,
}

/// `/settings/portal`. Fields: `registration` and `shared_requests`, ticked or not.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "settings/portal.html")]
pub struct PortalSettings {
    /// What stands around it.
    pub shell: Shell,
    /// The form's guard, at the version of the settings.
    pub guard: Guard,
    /// Why nothing was saved.
    pub error: Option<String>,
    /// Where the portal is.
    pub address: String,
    /// Whether customers may register themselves.
    pub registration: bool,
    /// Whether customers of one organization see each other's requests.
    pub shared_requests: bool,
}

impl PortalSettings {
    #[expect(clippy::unused_self, reason = "the frame asks the page it frames")]
    fn here(&self) -> &'static str {
        "portal"
    }
}

/// `/settings/apps`. Fields: `help_on`, `help_login`, `form_on` and `form_login`, ticked or not; `policy`, `contact`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "settings/apps.html")]
pub struct AppSettings {
    /// What stands around it.
    pub shell: Shell,
    /// The form's guard, at the version of the settings.
    pub guard: Guard,
    /// Why nothing was saved.
    pub error: Option<String>,
    /// Where the help centre is.
    pub help_address: String,
    /// Where the request form is.
    pub form_address: String,
    /// What is on, and for whom.
    pub apps: Apps,
    /// What becomes of requests from the addresses of deactivated people.
    pub policies: Vec<Choice>,
    /// What their senders read when they are refused.
    pub contact: Field,
    /// How long that may be.
    pub most: usize,
}

impl AppSettings {
    #[expect(clippy::unused_self, reason = "the frame asks the page it frames")]
    fn here(&self) -> &'static str {
        "apps"
    }
}

/// `/settings/ownership`. Fields: `person`, `password`. The search is a GET of the same page with `q`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "settings/ownership.html")]
pub struct OwnershipSettings {
    /// What stands around it.
    pub shell: Shell,
    /// Who owns the workspace now.
    pub owner: Chip,
    /// Handing it over; `None` for those who are not the owner.
    pub transfer: Option<Transfer>,
}

/// The form that hands ownership over.
#[derive(Clone, Debug, Default)]
pub struct Transfer {
    /// The form's guard.
    pub guard: Guard,
    /// Why nothing was done.
    pub error: Option<String>,
    /// What was searched for.
    pub search: String,
    /// Active users to choose from.
    pub candidates: Vec<Candidate>,
    /// How many more there are, to be found by searching.
    pub more: Option<String>,
    /// What is wrong with the choice.
    pub pick_error: Option<String>,
    /// One's own password.
    pub password: Field,
}

impl WorkspaceSettings {
    #[expect(clippy::unused_self, reason = "the frame asks the page it frames")]
    fn here(&self) -> &'static str {
        "workspace"
    }
}

impl LicenseSettings {
    #[expect(clippy::unused_self, reason = "the frame asks the page it frames")]
    fn here(&self) -> &'static str {
        "licenses"
    }
}

impl SessionSettings {
    #[expect(clippy::unused_self, reason = "the frame asks the page it frames")]
    fn here(&self) -> &'static str {
        "sessions"
    }
}

impl OwnershipSettings {
    #[expect(clippy::unused_self, reason = "the frame asks the page it frames")]
    fn here(&self) -> &'static str {
        "ownership"
    }
}

/// `/settings/brake`. Fields: `on`, `share`, `minimum`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "settings/brake.html")]
pub struct BrakeSettings {
    /// What stands around it.
    pub shell: Shell,
    /// The form's guard.
    pub guard: Guard,
    /// Why it was not saved.
    pub error: Option<String>,
    /// Whether it works at all.
    pub on: bool,
    /// The share in percent.
    pub share: Field,
    /// So many in any case.
    pub minimum: Field,
}

impl BrakeSettings {
    #[expect(clippy::unused_self, reason = "the frame asks the page it frames")]
    fn here(&self) -> &'static str {
        "brake"
    }
}
