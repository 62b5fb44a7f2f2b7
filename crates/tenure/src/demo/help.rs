//! Acme's help centre and its request form: articles that its people wrote through the year, and a request that came
//! from the address of a deactivated customer.

use std::collections::HashMap;

use domain::{
    actor::{Actor, Door},
    apps::{App as CustomerApp, Apps, FormPolicy},
    article::ArticleState,
    id::PersonId,
};
use jiff::SignedDuration;

use super::{story::Story, work::Cast};
use crate::{
    ctx::Ctx,
    error::{Error, Result},
    ops::{
        articles::{self, Input, Section},
        items::Title,
        messages::Body,
        requests::{self, Request},
        workspace,
    },
    sys::Sys,
};

/// One article for each line that begins with `= AUTHOR HOURS-AGO STATE | SECTION | TITLE`.
const ARTICLES: &str = include_str!("help.txt");

/// Who writes.
const AUTHORS: [&str; 5] = ["mei", "samir", "ada", "ingrid", "priya"];

/// An article, by whom, and how many hours ago.
#[derive(Clone)]
struct Written {
    author: String,
    hours: i64,
    input: Input,
}

impl Story<'_> {
    /// The articles are written, and both apps opened to everybody.
    pub(super) async fn help_centre(&self) -> Result<()> {
        let articles = self.articles()?;
        let cast = Cast { users: self.users(&AUTHORS).await?, customers: HashMap::new() };
        let (story, now) = (self.telling(), self.now);
        let open = CustomerApp { on: true, needs_login: false };
        let apps = Apps { help: open, form: open, policy: FormPolicy::Flag };
        self.app
            .store
            .write(async move |tx| {
                story.enter(tx, &cast, now).await?;
                for one in &articles {
                    let player = cast.users.get(&one.author).ok_or(Error::NotFound("player of the demo"))?;
                    let ctx = story.ctx(*player, one.hours, Door::Page);
                    articles::create(tx, &ctx, one.input.clone()).await?;
                }
                let samir = cast.users.get("samir").ok_or(Error::NotFound("player of the demo"))?;
                let ctx = story.ctx(*samir, 2_090, Door::Page);
                let contact = "Call the front desk of Acme: 020 7946 0991.".to_owned();
                workspace::set_apps(tx, &ctx, (apps, contact), None).await?;
                story.leave(tx, &cast, now).await
            })
            .await
    }

    /// In the order in which they stand.
    fn articles(&self) -> Result<Vec<Written>> {
        let limits = &self.app.config.limits;
        let mut all = Vec::new();
        let wrong = || Error::Internal("an article of the demo has no head".into());
        for text in ARTICLES.split("\n= ").map(|text| text.trim_start_matches("= ")) {
            let (head, body) = text.split_once('\n').ok_or_else(wrong)?;
            let mut parts = head.split(" | ");
            let (Some(who), Some(section), Some(title)) = (parts.next(), parts.next(), parts.next()) else {
                return Err(wrong());
            };
            let mut words = who.split(' ');
            let (author, hours) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
            let state = ArticleState::parse(words.next().unwrap_or_default()).ok_or_else(wrong)?;
            let input = Input {
                title: Title::parse(title, limits)?,
                section: Section::parse(section, limits)?,
                body: articles::body(body, limits)?,
                state,
            };
            all.push(Written {
                author: author.to_owned(),
                hours: hours.parse().map_err(|_| wrong())?,
                input,
            });
        }
        Ok(all)
    }

    /// Dario, who is deactivated, asks by the form.
    pub(super) async fn request_of_dario(&self) -> Result<()> {
        let limits = &self.app.config.limits;
        let request = Request {
            email: "dario@globex.example".into(),
            name: self.name("Dario Conti")?,
            title: Title::parse("I can no longer sign in to the portal", limits)?,
            body: Body::parse(
                "Since this week the portal says that my account is deactivated. I still have two requests with you \
                 about the invoices of spring. Could you tell me how they stand?",
                limits,
            )?,
        };
        let at = self.now.saturating_sub(SignedDuration::from_hours(5)).unwrap_or(self.now);
        let nobody = PersonId::from_uuid(uuid::Uuid::nil());
        let ctx = Ctx::begin(&Sys::fixed(at), self.ws, Actor::Visitor { person: nobody }, Door::Portal);
        self.app.store.write(async move |tx| requests::receive(tx, &ctx, request.clone()).await).await
    }
}
