//! The customer apps beside the portal: the help centre and the request form.

mod articles;
mod http;
mod requests;

use std::net::{IpAddr, Ipv4Addr};

use domain::{
    apps::{App, Apps, FormPolicy},
    article::ArticleState,
    id::ArticleId,
};
use tenure::{
    Result,
    ctx::Ctx,
    ops::{
        self,
        articles::{Input, Section},
        items::Title,
        messages::Body,
        requests::Request,
    },
    store::articles::Article,
};

use crate::support::world::World;

/// Open to everybody.
pub(crate) const OPEN: App = App { on: true, needs_login: false };

impl World {
    /// Sets the customer apps up.
    pub(crate) async fn set_apps(&self, apps: Apps, contact: &str) {
        let (ctx, contact) = (self.ctx(), contact.to_owned());
        let saved = self
            .write(async move |tx| ops::workspace::set_apps(tx, &ctx, (apps, contact.clone()), None).await);
        saved.await.expect("the apps are set up");
    }

    /// Opens the request form under a policy.
    pub(crate) async fn open_form(&self, policy: FormPolicy) {
        self.set_apps(Apps { form: OPEN, policy, ..Apps::default() }, "Call us.").await;
    }

    pub(crate) fn article(&self, title: &str, section: &str, body: &str) -> Input {
        let limits = &self.app.config.limits;
        Input {
            title: Title::parse(title, limits).expect("a title"),
            section: Section::parse(section, limits).expect("a section"),
            body: ops::articles::body(body, limits).expect("a text"),
            state: ArticleState::Published,
        }
    }

    /// Publishes an article; answers its id and address.
    pub(crate) async fn publish(
        &self,
        ctx: Ctx,
        title: &str,
        section: &str,
        body: &str,
    ) -> (ArticleId, String) {
        let input = self.article(title, section, body);
        let made = self.write(async move |tx| ops::articles::create(tx, &ctx, input.clone()).await);
        made.await.expect("an article")
    }

    pub(crate) async fn found_article(&self, id: ArticleId) -> Article {
        ops::articles::show(&mut self.reader().await, &self.ctx(), id).await.expect("the article is there")
    }

    /// Sends the open form.
    pub(crate) async fn send_form(&self, email: &str, name: &str, title: &str) -> Result<()> {
        let limits = &self.app.config.limits;
        let request = Request {
            email: email.to_owned(),
            name: self.name(name),
            title: Title::parse(title, limits).expect("a title"),
            body: Body::parse("It blinks, and then it stops.", limits).expect("a text"),
        };
        let nobody = domain::id::PersonId::from_uuid(uuid::Uuid::nil());
        let from = IpAddr::V4(Ipv4Addr::LOCALHOST);
        ops::requests::send(&self.app, &self.visitor(nobody), from, request).await
    }
}
