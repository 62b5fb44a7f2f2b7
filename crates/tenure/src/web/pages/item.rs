//! What every page about an item begins with, at the desk and at the portal: which item, who asks, what they may do.

use std::collections::HashMap;

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};
use domain::{
    id::{AttachmentId, ItemId, MessageId, PersonId},
    item::Access,
};

use super::frame::Frame;
use crate::{
    app::App,
    ctx::Ctx,
    error::{Error, Result},
    ops::items::{self, Found},
    store::items::ItemRow,
    web::view::{
        Guard,
        dialogs::Question,
        shell::{EVERYWHERE, Place, Shell},
    },
};

/// The item that the address names, for whoever asks.
pub(in crate::web) struct Item {
    /// The program.
    pub(in crate::web) app: App,
    /// What stands around the page.
    pub(in crate::web) frame: Frame,
    /// The item as it is now.
    pub(in crate::web) row: ItemRow,
    /// What the reader may do with it.
    pub(in crate::web) access: Access,
    /// The person that the address names beside it.
    person: Option<PersonId>,
    /// The attachment that it names.
    attachment: Option<AttachmentId>,
    /// The message that it names.
    message: Option<MessageId>,
}

/// The parts of an address that vary.
async fn parts_of(parts: &mut Parts, app: &App) -> Result<HashMap<String, String>> {
    let found = Path::<HashMap<String, String>>::from_request_parts(parts, app).await;
    found.map(|Path(found)| found).map_err(|_| Error::NotFound("item"))
}

/// What the address names beside the item, if it does.
fn id_of<T: std::str::FromStr>(named: &HashMap<String, String>, what: &'static str) -> Result<Option<T>> {
    named.get(what).map(|text| text.parse()).transpose().map_err(|_| Error::NotFound(what))
}

impl FromRequestParts<App> for Item {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let frame = Frame::from_request_parts(parts, app).await?;
        let named = parts_of(parts, app).await?;
        let number = named.get("number").and_then(|text| text.parse::<i64>().ok());
        let number = number.ok_or(Error::NotFound("item"))?;
        let person = id_of(&named, "person")?;
        let attachment = id_of(&named, "attachment")?;
        let message = id_of(&named, "message")?;
        let mut rx = app.store.reader().await?;
        let Found { row, access, .. } = items::find(&mut rx, &frame.session.ctx, number).await?;
        Ok(Self { app: app.clone(), frame, row, access, person, attachment, message })
    }
}

impl Item {
    /// The id.
    pub(in crate::web) fn id(&self) -> ItemId {
        self.row.id
    }

    /// The context for ops.
    pub(in crate::web) fn ctx(&self) -> Ctx {
        self.frame.session.ctx.clone()
    }

    /// Its page.
    pub(in crate::web) fn href(&self) -> String {
        let base = if self.frame.session.side().is_portal() { "/portal/requests" } else { "/items" };
        format!("{base}/{}", self.row.number)
    }

    /// A page below its own.
    pub(in crate::web) fn under(&self, part: &str) -> String {
        format!("{}/{part}", self.href())
    }

    /// The attachment that the address names.
    pub(in crate::web) fn attachment(&self) -> Result<AttachmentId> {
        self.attachment.ok_or(Error::NotFound("attachment"))
    }

    /// The person that the address names.
    pub(in crate::web) fn person(&self) -> Result<PersonId> {
        self.person.ok_or(Error::NotFound("person"))
    }

    /// The message that the address names.
    pub(in crate::web) fn message(&self) -> Result<MessageId> {
        self.message.ok_or(Error::NotFound("message"))
    }

    /// "Ticket 7"; to customers all are requests.
    pub(in crate::web) fn called(&self) -> String {
        let portal = self.frame.session.side().is_portal();
        format!("{} {}", if portal { "Request" } else { self.row.item.kind.title() }, self.row.number)
    }

    /// The shell of a page about it.
    pub(in crate::web) fn shell(&self, title: impl Into<String>) -> Shell {
        let portal = self.frame.session.side().is_portal();
        let place = if portal { Place::Portal } else { Place::of_items(self.row.item.kind) };
        let (path, what) = EVERYWHERE;
        // Not while one types: that would leave the page, and what may be half written on it.
        Shell { search_in: Some((path.into(), what, false)), ..self.frame.shell(place, title) }
    }

    /// What every question about the item has.
    pub(in crate::web) fn question(&self, part: &str, error: Option<String>) -> Question {
        Question {
            action: self.under(part),
            cancel: self.href(),
            guard: Guard::default().at_version(self.row.version.to_string()),
            error,
            ..Question::default()
        }
    }

    /// The item as it is now, after others have changed it.
    pub(in crate::web) async fn again(&mut self) -> Result<()> {
        let mut rx = self.app.store.reader().await?;
        self.row = items::find(&mut rx, &self.frame.session.ctx, self.row.number).await?.row;
        Ok(())
    }
}
