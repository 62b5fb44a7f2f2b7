//! Webhooks, their log and their secret.

use tenure::web::view::{
    Choice, Field, Pager,
    people::Tab,
    shell::Place,
    webhooks::{
        AttemptLine, DeliveryLine, DeliveryPage, EditWebhook, Health, SecretShown, TopicGroup, WebhookForm,
        WebhookLine, WebhookPage, WebhooksPage,
    },
};

use super::{Sample, sample};
use crate::templates::HOSTILE;
use crate::templates::people::{guard, hostile, shell, when};

pub(super) fn all() -> Vec<Sample> {
    let list =
        WebhooksPage { shell: shell("Webhooks", Place::Settings), webhooks: lines(), make: form(false) };
    let none = WebhooksPage { webhooks: Vec::new(), ..list.clone() };
    let edit = EditWebhook {
        shell: shell("Edit the webhook", Place::Settings),
        form: form(true),
        cancel: "/settings/webhooks/1".into(),
    };
    let secret = SecretShown {
        shell: shell(&format!("The new secret of {HOSTILE}"), Place::Settings),
        done: "/settings/webhooks/1".into(),
        secret: "whsec_abc=".into(),
        more: Some("Until tomorrow the former one signs, too.".into()),
    };
    vec![
        sample(
            "webhooks",
            &list,
            &["4 dead", "Nothing arrives", "Make the webhook", "value=\"person.deactivated\" checked"],
        ),
        sample("webhooks-none", &none, &["The workspace has none yet."]),
        sample(
            "webhook",
            &page(),
            &["Send all dead again", "Switch off", "next in 5 minutes", "500 Internal Server Error"],
        ),
        sample(
            "webhook-off",
            &WebhookPage {
                on: false,
                deliveries: Vec::new(),
                notice: Some("It is off.".into()),
                former_until: Some(when("tomorrow at 14:32")),
                ..page()
            },
            &["Switch on", "Nothing was sent yet", "The former one signs too"],
        ),
        sample("webhook-delivery", &delivery(), &["Send again", "507 Insufficient Storage", "webhook-id"]),
        sample("webhook-edit", &edit, &["What I choose below", "There is no such host."]),
        sample("webhook-secret", &secret, &["shown this once", "whsec_abc="]),
    ]
}

fn failing() -> Health {
    Health {
        state: Some("Failing since an hour ago: Nothing arrives".into()),
        is_bad: true,
        last_success: Some(when("2 days ago")),
        pending: "1,204".into(),
        dead: Some("4".into()),
    }
}

fn lines() -> Vec<WebhookLine> {
    let line = |name: &str, health| WebhookLine {
        name: name.into(),
        href: "/settings/webhooks/1".into(),
        origin: "https://directory.example".into(),
        health,
        hears: "everything".into(),
        maker: Some(hostile()),
    };
    let well = Health { pending: "0".into(), ..Health::default() };
    vec![line("Directory", failing()), WebhookLine { maker: None, ..line(HOSTILE, well) }]
}

fn form(chosen: bool) -> WebhookForm {
    let choice = |topic: &str, title: &str, on| Choice::new(topic, title, on);
    WebhookForm {
        action: "/settings/webhooks".into(),
        guard: guard(),
        id: Some("01960000-0000-7000-8000-000000000001".into()),
        error: None,
        name: Field::new(HOSTILE).with_error("This is too long."),
        url: Field::new("https://").with_error("There is no such host."),
        chosen,
        groups: vec![
            TopicGroup {
                word: "accounts",
                title: "Accounts",
                topics: vec![
                    choice("person.deactivated", "Deactivated", true),
                    choice("person.activated", "Activated", false),
                ],
            },
            TopicGroup {
                word: "work",
                title: "Work",
                topics: vec![choice("item.changed", "Changed an item", false)],
            },
        ],
        topics_error: chosen.then(|| "Choose at least one type of event, or all.".into()),
    }
}

fn page() -> WebhookPage {
    let line = |topic: &str, state, tone, more: &str| DeliveryLine {
        href: "/settings/webhooks/1/deliveries/2".into(),
        topic: topic.into(),
        about: Some(format!("#12 {HOSTILE}")),
        outcome: (state == "Dead").then(|| "500 Internal Server Error".into()),
        state,
        tone,
        began: when("3 minutes ago"),
        more: more.into(),
    };
    let tab = |label: &str, count: Option<&str>, current| Tab {
        label: label.into(),
        count: count.map(str::to_owned),
        href: "/settings/webhooks/1?state=dead".into(),
        current,
        delete: None,
    };
    WebhookPage {
        shell: shell(HOSTILE, Place::Settings),
        here: "/settings/webhooks/1".into(),
        url: format!("https://directory.example/{}", "long/".repeat(40)),
        health: failing(),
        notice: Some("The last attempt failed.".into()),
        on: true,
        hears: vec!["person.deactivated".into(), "person.activated".into()],
        maker: Some(hostile()),
        created: when("3 days ago"),
        former_until: None,
        tabs: vec![
            tab("All", None, true),
            tab("Pending", Some("1,204"), false),
            tab("Dead", Some("4"), false),
        ],
        deliveries: vec![
            line("person.deactivated", "Pending", "", "3 attempts, next in 5 minutes"),
            line("person.activated", "Waiting", "", "for an earlier one about the same"),
            line("item.changed", "Delivered", "good", "1 attempt"),
            line("message.added", "Dead", "bad", "20 attempts"),
        ],
        none: "Nothing was sent yet",
        pager: Pager { summary: "4 deliveries".into(), previous: None, next: Some("?before=1".into()) },
    }
}

fn delivery() -> DeliveryPage {
    let attempt = |outcome: &str, tone, answer: Option<&str>| AttemptLine {
        at: when("3 minutes ago"),
        outcome: outcome.into(),
        tone,
        took: "1,143 ms".into(),
        answer: answer.map(str::to_owned),
    };
    DeliveryPage {
        shell: shell("person.deactivated", Place::Settings),
        here: "/settings/webhooks/1/deliveries/2".into(),
        webhook: ("/settings/webhooks/1".into(), HOSTILE.into()),
        state: "Dead",
        tone: "bad",
        next: Some(when("in 5 minutes")),
        waits: true,
        can_send: true,
        headers: vec![("webhook-id", "01960000-0000-7000-8000-000000000001".into())],
        body: "{\n  \"type\": \"person.deactivated\"\n}".into(),
        raw: "{\"type\":\"person.deactivated\"}".into(),
        about: Some(HOSTILE.into()),
        attempts: vec![
            attempt("507 Insufficient Storage", "bad", Some(HOSTILE)),
            attempt("It took too long", "bad", None),
            attempt("204 No Content", "good", None),
        ],
    }
}
