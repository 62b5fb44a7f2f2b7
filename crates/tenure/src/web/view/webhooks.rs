//! Webhooks: the list, one with its log, one delivery, and the secret that was just made.

use askama::Template;

use super::{Choice, Field, Guard, Pager, When, chip::Chip, people::Tab, shell::Shell};

/// A webhook in a list.
#[derive(Clone, Debug, Default)]
pub struct WebhookLine {
    /// What its maker called it.
    pub name: String,
    /// Its page.
    pub href: String,
    /// Where it leads, without the path.
    pub origin: String,
    /// How it does.
    pub health: Health,
    /// "everything", "3 types of events".
    pub hears: String,
    /// Who made it, while they are here.
    pub maker: Option<Chip>,
}

/// How a webhook does.
#[derive(Clone, Debug, Default)]
pub struct Health {
    /// "Off since …", "Nothing arrives"; `None` while all is well.
    pub state: Option<String>,
    /// Whether that is bad.
    pub is_bad: bool,
    /// When something last arrived.
    pub last_success: Option<When>,
    /// How many are pending, "0" to "10,000+".
    pub pending: String,
    /// How many are dead; `None` when none is.
    pub dead: Option<String>,
}

/// A group of checkboxes.
#[derive(Clone, Debug, Default)]
pub struct TopicGroup {
    /// Its word in the form.
    pub word: &'static str,
    /// "Accounts".
    pub title: &'static str,
    /// Its types of events.
    pub topics: Vec<Choice>,
}

/// The form for a webhook. Fields: `id`, `name`, `url`, `what` (`all` or `some`), `topic` and `group` any number of
/// times.
#[derive(Clone, Debug, Default)]
pub struct WebhookForm {
    /// Where it is sent.
    pub action: String,
    /// The form's guard.
    pub guard: Guard,
    /// The id of what is to be made: a form that is sent again makes nothing again. `None` where something is changed.
    pub id: Option<String>,
    /// What was refused, above the form.
    pub error: Option<String>,
    /// What to call it.
    pub name: Field,
    /// Where events are sent.
    pub url: Field,
    /// Whether it is told of what is chosen alone.
    pub chosen: bool,
    /// The types of events.
    pub groups: Vec<TopicGroup>,
    /// What is wrong with the choice.
    pub topics_error: Option<String>,
}

/// `/settings/webhooks`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "webhooks/list.html")]
pub struct WebhooksPage {
    /// What stands around it.
    pub shell: Shell,
    /// The newest first.
    pub webhooks: Vec<WebhookLine>,
    /// The form for one more.
    pub make: WebhookForm,
}

impl WebhooksPage {
    #[expect(clippy::unused_self, reason = "the frame asks the page it frames")]
    fn here(&self) -> &'static str {
        "webhooks"
    }
}

/// A delivery in the log.
#[derive(Clone, Debug, Default)]
pub struct DeliveryLine {
    /// Its page.
    pub href: String,
    /// What happened.
    pub topic: String,
    /// What it is about: "Ada Lovelace · Support", "#12 Printer jams".
    pub about: Option<String>,
    /// What the last attempt came to: "500 Internal Server Error", "It took too long".
    pub outcome: Option<String>,
    /// "Delivered", "Dead", "Pending", "Waits for an earlier one".
    pub state: &'static str,
    /// The class of that word: `good`, `bad` or nothing.
    pub tone: &'static str,
    /// When it began.
    pub began: When,
    /// "1 attempt", "next in 5 minutes".
    pub more: String,
}

/// `/settings/webhooks/{id}`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "webhooks/webhook.html")]
pub struct WebhookPage {
    /// What stands around it; the title is its name.
    pub shell: Shell,
    /// Its address.
    pub here: String,
    /// Where events are sent.
    pub url: String,
    /// How it does.
    pub health: Health,
    /// Why it is off, or what to do about its failures, in a sentence.
    pub notice: Option<String>,
    /// Whether it is on.
    pub on: bool,
    /// "everything", or types of events.
    pub hears: Vec<String>,
    /// Who made it, while they are here.
    pub maker: Option<Chip>,
    /// When it was made.
    pub created: When,
    /// Until when the former secret signs.
    pub former_until: Option<When>,
    /// The states of the log.
    pub tabs: Vec<Tab>,
    /// Deliveries, the newest first.
    pub deliveries: Vec<DeliveryLine>,
    /// Says why there are none.
    pub none: &'static str,
    /// The pages of the log.
    pub pager: Pager,
}

/// One time that a delivery was tried.
#[derive(Clone, Debug, Default)]
pub struct AttemptLine {
    /// When.
    pub at: When,
    /// "204 No Content", "It took too long".
    pub outcome: String,
    /// The class of that: `good` or `bad`.
    pub tone: &'static str,
    /// "143 ms".
    pub took: String,
    /// The beginning of an answer that was no success.
    pub answer: Option<String>,
}

/// `/settings/webhooks/{id}/deliveries/{delivery}`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "webhooks/delivery.html")]
pub struct DeliveryPage {
    /// What stands around it; the title is the type of the event.
    pub shell: Shell,
    /// Its address.
    pub here: String,
    /// The webhook's page and name.
    pub webhook: (String, String),
    /// "Delivered", "Dead", …
    pub state: &'static str,
    /// The class of that word.
    pub tone: &'static str,
    /// When it is tried next.
    pub next: Option<When>,
    /// Whether it waits for an earlier one about the same.
    pub waits: bool,
    /// Whether it can be sent again.
    pub can_send: bool,
    /// The fields that every attempt sends, but for time and signature, which each has of its own.
    pub headers: Vec<(&'static str, String)>,
    /// What is sent, laid out for reading.
    pub body: String,
    /// What is sent, byte for byte: what the signature is of.
    pub raw: String,
    /// What it is about.
    pub about: Option<String>,
    /// The newest first.
    pub attempts: Vec<AttemptLine>,
}

/// `/settings/webhooks/{id}/edit`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "webhooks/edit.html")]
pub struct EditWebhook {
    /// What stands around it.
    pub shell: Shell,
    /// The form.
    pub form: WebhookForm,
    /// Where "Cancel" leads.
    pub cancel: String,
}

/// The answer to a form that made a secret: shown once, never again.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "webhooks/secret.html")]
pub struct SecretShown {
    /// What stands around it; the title names the webhook.
    pub shell: Shell,
    /// Where "Done" leads.
    pub done: String,
    /// What the receiver checks signatures with.
    pub secret: String,
    /// "Until … the former one signs, too."
    pub more: Option<String>,
}
