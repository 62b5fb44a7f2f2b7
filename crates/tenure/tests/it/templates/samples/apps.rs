//! The help centre at the desk and in public, the request form, and what waits for review.

use domain::apps::{App, Apps, FormPolicy};
use tenure::web::view::articles::{ArticlePage, ArticleRow, ArticleSection, ArticlesPage, EditArticle};
use tenure::web::view::held::{HeldPage, HeldRequestRow};
use tenure::web::view::help::{
    HelpArticle, HelpHit, HelpPage, HelpSection, RequestForm, RequestRefused, RequestSent,
};
use tenure::web::view::item::{HistoryLine, ItemHistory, Piece, Prose};
use tenure::web::view::people::Tab;
use tenure::web::view::settings::AppSettings;
use tenure::web::view::shell::{Place, Shell, Signpost};
use tenure::web::view::{Choice, Field, Link, Pager};

use super::{Sample, account::in_portal, sample};
use crate::templates::HOSTILE;
use crate::templates::people::{ada, guard, hostile, lines, shell, when};

/// As somebody sees it who is not signed in.
fn open(title: &str) -> Shell {
    Shell {
        ways: vec![
            Signpost { label: "Help centre", href: "/help", is_here: true },
            Signpost { label: "Send a request", href: "/request", is_here: false },
        ],
        corner: Some(Link::new("Sign in", "/portal/sign-in")),
        ..in_portal(title)
    }
}

pub(super) fn all() -> Vec<Sample> {
    let mut all = desk();
    all.extend(public());
    all
}

fn desk() -> Vec<Sample> {
    vec![
        sample(
            "articles",
            &articles(),
            &["Published", "Draft", "The help centre is off", "Settings", "Move up", "(Deactivated)"],
        ),
        sample(
            "articles-none",
            &ArticlesPage {
                shell: shell("Help centre", Place::Help),
                empty: ("No article yet".into(), "An article answers.".into()),
                public: Link::new("See it as customers do", "/help"),
                ..ArticlesPage::default()
            },
            &["No article yet", "New article"],
        ),
        sample("article", &article(None), &["Take back", "See it as customers do", "<p>Press it.</p>"]),
        sample(
            "article-history",
            &article(Some(ItemHistory {
                lines: vec![HistoryLine {
                    who: Some(hostile()),
                    what: vec![Piece::words("changed the text"), Piece::Value(HOSTILE.into())],
                    when: when("3 days ago"),
                    ..HistoryLine::default()
                }],
                earlier: Some("/articles/1/history?before=2".into()),
                latest: None,
            })),
            &["changed the text", "Earlier changes"],
        ),
        sample(
            "article-edit",
            &EditArticle {
                shell: shell("Edit article", Place::Help),
                action: "/articles/1/edit".into(),
                cancel: "/articles/1".into(),
                guard: guard(),
                error: Some("Somebody changed it.".into()),
                meanwhile: lines(&["Ben Okafor changed the text"]),
                title: Field::new(HOSTILE).with_error("Too long."),
                was_title: HOSTILE.into(),
                section: Field::new(HOSTILE).with_error("Enter the section."),
                was_section: HOSTILE.into(),
                sections: vec![HOSTILE.into()],
                body: Field::new(HOSTILE).with_error("Write something first."),
                was_body: HOSTILE.into(),
                most: 100_000,
                draft: "1-article".into(),
                preview: Some(Prose("<p>So it looks.</p>".into())),
                ..EditArticle::default()
            },
            &["Meanwhile", "_was_title", "<p>So it looks.</p>", "nothing is saved yet"],
        ),
        sample(
            "held",
            &HeldPage {
                shell: shell("Held for review", Place::Tickets),
                rows: vec![HeldRequestRow {
                    href: "/tickets/held/1".into(),
                    person: ada(),
                    email: "ada@acme.example".into(),
                    name: Some(HOSTILE.into()),
                    title: HOSTILE.into(),
                    body: Prose("<p>It is out.</p>".into()),
                    received: when("3 days ago"),
                }],
                pager: Pager { summary: "1 request".into(), ..Pager::default() },
            },
            &["Accept", "Discard", "(Deactivated)", "ada@acme.example"],
        ),
        sample(
            "settings-apps",
            &AppSettings {
                shell: shell("Customer apps", Place::Settings),
                guard: guard(),
                error: Some("Somebody changed it.".into()),
                help_address: "https://desk.acme.example/help".into(),
                form_address: "https://desk.acme.example/request".into(),
                apps: Apps { help: App { on: true, needs_login: true }, ..Apps::default() },
                policies: FormPolicy::ALL
                    .iter()
                    .map(|one| Choice::new(one.word(), one.title(), false).with_hint("So it is."))
                    .collect(),
                contact: Field::new(HOSTILE).with_error("Too long."),
                most: 2_000,
            },
            &["It needs login", "Accepted and flagged", "Held for review", "Refused with an answer"],
        ),
    ]
}

fn articles() -> ArticlesPage {
    let row = |title: &str, draft, moves| ArticleRow {
        href: "/articles/1".into(),
        title: title.into(),
        draft,
        author: ada(),
        updated: when("3 days ago"),
        moves: Some(moves),
    };
    ArticlesPage {
        shell: shell("Help centre", Place::Help),
        tabs: vec![
            Tab { label: "All".into(), count: Some("2".into()), current: true, ..Tab::default() },
            Tab { label: "Published".into(), href: "/articles?state=published".into(), ..Tab::default() },
        ],
        search: HOSTILE.into(),
        state: "draft",
        sections: vec![ArticleSection {
            title: HOSTILE.into(),
            moves: Some((true, false)),
            rows: vec![row(HOSTILE, true, (false, true)), row("Printing", false, (true, false))],
        }],
        empty: (String::new(), String::new()),
        notice: Some("The help centre is off: customers do not see it.".into()),
        settings: Some(Link::new("Settings", "/settings/apps")),
        public: Link::new("See it as customers do", "/help"),
    }
}

fn article(history: Option<ItemHistory>) -> ArticlePage {
    ArticlePage {
        shell: shell(HOSTILE, Place::Help),
        href: "/articles/1".into(),
        guard: guard(),
        section: HOSTILE.into(),
        draft: false,
        author: hostile(),
        created: when("3 days ago"),
        updated: when("1 hour ago"),
        public: "/help/printing".into(),
        body: Prose("<p>Press it.</p>".into()),
        history,
    }
}

fn public() -> Vec<Sample> {
    let ask = || Some(Link::new("Ask us", "/request"));
    vec![
        sample(
            "help",
            &HelpPage {
                shell: open("Help centre"),
                sections: vec![HelpSection {
                    title: HOSTILE.into(),
                    articles: vec![Link::new(HOSTILE, "/help/x"), Link::new("Printing", "/help/printing")],
                }],
                ask: ask(),
                notice: Some("The help centre is off.".into()),
                ..HelpPage::default()
            },
            &["Printing", "Ask us", "Sign in", "The help centre is off."],
        ),
        sample(
            "help-found",
            &HelpPage {
                shell: open("Help centre"),
                search: HOSTILE.into(),
                found: Some(vec![HelpHit {
                    article: Link::new(HOSTILE, "/help/x"),
                    section: HOSTILE.into(),
                    excerpt: HOSTILE.into(),
                }]),
                ..HelpPage::default()
            },
            &["All articles"],
        ),
        sample(
            "help-nothing",
            &HelpPage { shell: open("Help centre"), found: Some(Vec::new()), ..HelpPage::default() },
            &["Nothing was found"],
        ),
        sample(
            "help-article",
            &HelpArticle {
                shell: open(HOSTILE),
                section: HOSTILE.into(),
                updated: when("3 days ago"),
                body: Prose("<p>Press it.</p>".into()),
                others: vec![Link::new(HOSTILE, "/help/x")],
                ask: ask(),
                notice: Some("This is a draft.".into()),
                edit: Some("/articles/1/edit".into()),
            },
            &["<p>Press it.</p>", "More in", "This is a draft.", "Edit"],
        ),
        sample(
            "request-form",
            &RequestForm {
                shell: open("Send a request"),
                error: Some(HOSTILE.into()),
                name: Field::new(HOSTILE).with_error("Enter a name."),
                email: Field::new(HOSTILE).with_error("Enter an address."),
                title: Field::new(HOSTILE).with_error("Enter a title."),
                body: Field::new(HOSTILE).with_error("Write something first."),
                most: 100_000,
                help: true,
            },
            &["Your email address", "help centre", "Leave this empty", "Send request"],
        ),
        sample(
            "request-sent",
            &RequestSent { shell: open("Your request is sent"), help: true },
            &["has reached the people of", "Go to the help centre"],
        ),
        sample(
            "request-refused",
            &RequestRefused {
                shell: open("Your request was not sent"),
                text: "Requests from this address are not accepted.".into(),
                contact: vec![HOSTILE.into(), "020 7946 0991".into()],
                title: HOSTILE.into(),
                body: "The printer is on fire.".into(),
            },
            &["are not accepted. Nothing was sent.", "020 7946 0991", "The printer is on fire."],
        ),
    ]
}
