//! The questions asked before something is done to an account. Each is a whole page by itself; a script shows
//! its body as a dialog over the page it was opened from.
//!
//! In all of them `shell.title` is the heading, which names the person: "Deactivate Ada Lovelace?".

use askama::Template;

use super::account::SessionRow;
use super::chip::Chip;
use super::shell::Shell;
use super::{Choice, Field, Guard, Link, When};

/// What every question has; its template is `dialogs/question.html`.
#[derive(Clone, Debug, Default)]
pub struct Question {
    /// Where the form posts to.
    pub action: String,
    /// Where "Cancel" leads.
    pub cancel: String,
    /// The form's guard, at the version of what is shown.
    pub guard: Guard,
    /// Whom it is about, when it is about a person.
    pub person: Option<Chip>,
    /// Why nothing was done, after a refusal.
    pub error: Option<String>,
}

/// GET `/users/{id}/deactivation`. Fields: `reason`, `review_on`, `hand_over`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "dialogs/deactivate.html")]
pub struct DeactivateDialog {
    /// What stands around it.
    pub shell: Shell,
    /// What every question has.
    pub ask: Question,
    /// What happens now: "2 sessions end", "1 license is freed".
    pub now: Vec<String>,
    /// What stays as it is.
    pub stays: Vec<String>,
    /// What depends on the person: "Only member of team Billing".
    pub depends: Vec<String>,
    /// "Then choose who gets the 12 open items assigned": a checkbox; `None` where nothing is.
    pub hand_over: Option<String>,
    /// The names of the workspace's API tokens that the person made: a checkbox suspends them too.
    pub made_tokens: Vec<String>,
    /// Whether that is chosen.
    pub suspend_made: bool,
    /// The names of the webhooks that the person made: a checkbox switches them off too.
    pub made_webhooks: Vec<String>,
    /// Whether that is chosen.
    pub switch_off_made: bool,
    /// Why, up to 2,000 characters.
    pub reason: Field,
    /// When to look at it again, as `YYYY-MM-DD`.
    pub review_on: Field,
}

/// GET `/users/{id}/review`. Field: `review_on`, empty for none.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "dialogs/review.html")]
pub struct ReviewDialog {
    /// What stands around it.
    pub shell: Shell,
    /// What every question has.
    pub ask: Question,
    /// What is known of the deactivation: since when, why, until when.
    pub known: Vec<String>,
    /// The day, as `YYYY-MM-DD`.
    pub review_on: Field,
}

/// GET `/users/{id}/activation` with a license free.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "dialogs/activate.html")]
pub struct ActivateDialog {
    /// What stands around it.
    pub shell: Shell,
    /// What every question has.
    pub ask: Question,
    /// What happens now: "1 license is taken: 10 of 10 will be in use".
    pub now: Vec<String>,
    /// What is as it was: "Role member, team Support".
    pub back: Vec<String>,
    /// What does not come back: "Sessions stay ended".
    pub not_back: Vec<String>,
    /// "Restore their 2 suspended API tokens": a checkbox; `None` where there are none.
    pub restore: Option<Restore>,
}

/// GET `/users/{id}/activation` with all licenses in use. Fields: `way` (`add` or `replace`), `replace` (the id of the
/// person deactivated instead), `reason` (of that deactivation). The search inside is a GET of the same page with `q`,
/// the preview one with `replace`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "dialogs/no_license.html")]
pub struct NoLicenseDialog {
    /// What stands around it.
    pub shell: Shell,
    /// What every question has.
    pub ask: Question,
    /// "All 10 licenses are in use."
    pub lead: String,
    /// Adding a license; `None` when the workspace may not.
    pub add: Option<AddLicense>,
    /// "Restore their 2 suspended API tokens": a checkbox; `None` where there are none.
    pub restore: Option<Restore>,
    /// The way chosen.
    pub way: Way,
    /// What was searched for.
    pub search: String,
    /// Who can be deactivated instead; those longest without sign-in first.
    pub candidates: Vec<Candidate>,
    /// How many more there are, to be found by searching.
    pub more: Option<String>,
    /// What is wrong with the choice of a person.
    pub pick_error: Option<String>,
    /// What happens to the person chosen.
    pub swap: Option<Swap>,
    /// Why the other person is deactivated.
    pub reason: Field,
    /// The page one came from: a field, since the search inside would drop it from the address.
    pub back: String,
}

/// The question whether suspended API tokens come back with their owner.
#[derive(Clone, Debug, Default)]
pub struct Restore {
    /// "Restore their 2 suspended API tokens".
    pub words: String,
    /// Whether that is chosen.
    pub chosen: bool,
}

/// Which way out of "no license is free".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Way {
    /// Add a license.
    #[default]
    Add,
    /// Deactivate someone else.
    Replace,
}

/// What happens to the person who is deactivated so that another may have the license.
#[derive(Clone, Debug, Default)]
pub struct Swap {
    /// Their name.
    pub name: String,
    /// What happens now: "2 sessions end".
    pub now: Vec<String>,
    /// What stays as it is.
    pub stays: Vec<String>,
    /// What depends on them.
    pub depends: Vec<String>,
}

/// What adding a license means.
#[derive(Clone, Debug, Default)]
pub struct AddLicense {
    /// "The workspace will own 11 licenses."
    pub effect: String,
    /// What it costs; `None` when no price is set.
    pub price: Option<AddedPrice>,
}

/// What the licenses cost, now and with one more.
#[derive(Clone, Debug, Default)]
pub struct AddedPrice {
    /// The one added: "EUR 15.00 per month".
    pub one: String,
    /// All of them: "EUR 150.00 per month".
    pub now: String,
    /// All of them, with the one added.
    pub then: String,
}

/// Someone to choose in a picker.
#[derive(Clone, Debug, Default)]
pub struct Candidate {
    /// The id that is sent.
    pub id: String,
    /// The person.
    pub chip: Chip,
    /// The address, which tells people of one name apart.
    pub email: String,
    /// Last sign-in; `None` reads "Never signed in".
    pub last_sign_in: Option<When>,
    /// Whether chosen.
    pub selected: bool,
}

/// GET `/users/{id}/deletion`. Fields: `email`, `password`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "dialogs/delete.html")]
pub struct DeleteDialog {
    /// What stands around it.
    pub shell: Shell,
    /// What every question has.
    pub ask: Question,
    /// The address to be typed.
    pub address: String,
    /// What goes, counted.
    pub goes: Vec<String>,
    /// What stays without them, counted.
    pub leaves: Vec<String>,
    /// What stays readable.
    pub stays: Vec<String>,
    /// What becomes free: "1 license".
    pub frees: Vec<String>,
    /// "Deactivate instead"; `None` for someone deactivated already.
    pub instead: Option<String>,
    /// Whether that frees a license, too.
    pub frees_instead: bool,
    /// The address as typed.
    pub email: Field,
    /// What stands for all that is shown: where it would be another now, nothing is done.
    pub seen: String,
    /// One's own password.
    pub password: Field,
}

/// GET `/users/{id}/link` (asks) for a set-password link.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "dialogs/link.html")]
pub struct LinkDialog {
    /// What stands around it.
    pub shell: Shell,
    /// What every question has.
    pub ask: Question,
    /// What making one means: "An earlier link no longer works."
    pub effects: Vec<String>,
}

/// The answer to a form that made a link: shown once, never again.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "dialogs/link_shown.html")]
pub struct LinkShown {
    /// What stands around it; the title says what the link is for.
    pub shell: Shell,
    /// Where "Done" leads.
    pub done: String,
    /// Whom it is for.
    pub person: Chip,
    /// The whole link.
    pub url: String,
    /// Until when it works.
    pub expires: When,
    /// What to do with it, in a sentence.
    pub advice: String,
}

/// GET `/users/new`. Fields: `name`, `email`, `role`, `teams` (repeated), `add_license`. GET `/customers/new`. Fields:
/// `name`, `email`, `organization`, `invite`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "dialogs/add.html")]
pub struct AddDialog {
    /// What stands around it.
    pub shell: Shell,
    /// What every question has.
    pub ask: Question,
    /// The name.
    pub name: Field,
    /// The address.
    pub email: Field,
    /// Member or administrator; empty for customers.
    pub roles: Vec<Choice>,
    /// The teams there are; empty for customers.
    pub teams: Vec<Choice>,
    /// What only customers are asked.
    pub customer: Option<NewCustomer>,
    /// The button: "Invite".
    pub button: String,
    /// "9 of 10 licenses will be in use."
    pub license_note: Option<String>,
    /// What stands in the way.
    pub obstacle: Option<Obstacle>,
}

/// What is asked of a new customer alone.
#[derive(Clone, Debug, Default)]
pub struct NewCustomer {
    /// The organization.
    pub organization: OrganizationField,
    /// Whether they are invited to the portal at once.
    pub invites: bool,
}

/// What stands in the way of an invitation.
#[derive(Clone, Debug)]
pub enum Obstacle {
    /// The address belongs to someone deactivated.
    Deactivated {
        /// Who.
        person: Chip,
        /// The page that activates them.
        activate: String,
        /// The page where their address can be changed, when this is someone else.
        edit: String,
    },
    /// No license is free; the form offers to add one.
    NoLicense {
        /// "All 10 licenses are in use."
        lead: String,
        /// What adding one means; `None` when the workspace may not.
        add: Option<AddLicense>,
        /// Whether adding one was chosen.
        chosen: bool,
    },
}

/// What may need a license: GET `/users/{id}/invitation` sends the invitation again, GET
/// `/customers/{id}/conversion` makes a customer a user. Field: `add_license` when none is free.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "dialogs/licensed.html")]
pub struct LicensedDialog {
    /// What stands around it.
    pub shell: Shell,
    /// What every question has.
    pub ask: Question,
    /// What it means: "The link sent before no longer works", "It holds a license again".
    pub effects: Vec<String>,
    /// When a license is needed and none is free.
    pub add: Option<AddLicense>,
    /// The button: "Send again".
    pub button: String,
}

/// GET `/customers/{id}/organization`. Field: `organization`, by name.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "dialogs/organization.html")]
pub struct OrganizationDialog {
    /// What stands around it.
    pub shell: Shell,
    /// What every question has.
    pub ask: Question,
    /// The organization.
    pub organization: OrganizationField,
    /// What an empty field means.
    pub hint: String,
}

/// The field of an organization's name.
#[derive(Clone, Debug, Default)]
pub struct OrganizationField {
    /// What stands in it.
    pub field: Field,
    /// Names that are offered as one types.
    pub known: Vec<String>,
}

/// GET `/users/{id}/edit`. Fields: `name`, `email`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "dialogs/edit.html")]
pub struct EditDialog {
    /// What stands around it.
    pub shell: Shell,
    /// What every question has.
    pub ask: Question,
    /// The name.
    pub name: Field,
    /// The address.
    pub email: Field,
}

/// GET `/users/{id}/role`. Field: `role`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "dialogs/role.html")]
pub struct RoleDialog {
    /// What stands around it.
    pub shell: Shell,
    /// What every question has.
    pub ask: Question,
    /// Member and administrator, with what each may do.
    pub roles: Vec<Choice>,
}

/// GET `/users/{id}/sessions`, an administrator's look at another's sessions. POST fields: `session` (one id) or `all`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "dialogs/sessions.html")]
pub struct SessionsDialog {
    /// What stands around it.
    pub shell: Shell,
    /// What every question has.
    pub ask: Question,
    /// The open sessions, the latest first.
    pub sessions: Vec<SessionRow>,
}

/// A plain question: withdraw an invitation, delete a team or a saved view.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "dialogs/confirm.html")]
pub struct ConfirmDialog {
    /// What stands around it.
    pub shell: Shell,
    /// What every question has.
    pub ask: Question,
    /// What happens, line by line.
    pub effects: Vec<String>,
    /// The button, which names the thing: "Withdraw the invitation".
    pub button: String,
    /// Whether it cannot be taken back.
    pub is_final: bool,
}

/// What cannot be done, and what can be done about it: "The owner cannot be deactivated".
#[derive(Clone, Debug, Default, Template)]
#[template(path = "dialogs/notice.html")]
pub struct NoticeDialog {
    /// What stands around it.
    pub shell: Shell,
    /// Where "Close" leads.
    pub cancel: String,
    /// Whom it is about, when it is about a person.
    pub person: Option<Chip>,
    /// Why, in a sentence or two.
    pub text: String,
    /// The ways on.
    pub ways: Vec<Link>,
}
