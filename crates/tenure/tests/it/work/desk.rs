//! What the tests of the work share.

use domain::{
    id::{ItemId, PersonId, ProjectId},
    item::{ItemKind, ItemStatus, Part},
};
use tenure::{
    Result,
    ctx::Ctx,
    ops::{
        items::{self, Edit, Edited, Input, Title},
        projects,
    },
    store::item_people::Holdings,
};

use crate::support::world::World;

impl World {
    pub(crate) fn title(&self, text: &str) -> Title {
        Title::parse(text, &self.app.config.limits).expect("a title")
    }

    pub(crate) fn ticket(&self, title: &str) -> Input {
        Input::new(ItemKind::Ticket, self.title(title))
    }

    pub(crate) async fn make(&self, ctx: Ctx, input: Input) -> Result<(ItemId, i64)> {
        self.write(async move |tx| items::create(tx, &ctx, input.clone()).await).await
    }

    /// A ticket assigned to these people.
    pub(crate) async fn assigned(&self, title: &str, people: &[PersonId]) -> (ItemId, i64) {
        let input = Input { assignees: people.to_vec(), ..self.ticket(title) };
        self.make(self.ctx(), input).await.expect("a ticket")
    }

    pub(crate) async fn edit_item(&self, ctx: Ctx, id: ItemId, edit: Edit) -> Result<Edited> {
        self.write(async move |tx| items::edit(tx, &ctx, id, edit.clone()).await).await
    }

    pub(crate) async fn set_item(&self, id: ItemId, status: ItemStatus) {
        let edit = Edit { status: Some(status), ..Edit::default() };
        self.edit_item(self.ctx(), id, edit).await.expect("a status");
    }

    pub(crate) async fn give(&self, ctx: Ctx, id: ItemId, person: PersonId, part: Part) -> Result<bool> {
        self.write(async move |tx| items::give(tx, &ctx, id, person, part).await).await
    }

    pub(crate) async fn take(&self, ctx: Ctx, id: ItemId, person: PersonId, part: Part) -> Result<bool> {
        self.write(async move |tx| items::take(tx, &ctx, id, person, part).await).await
    }

    pub(crate) async fn project(&self, name: &str) -> ProjectId {
        let (ctx, name) = (self.ctx(), self.name(name));
        let made = self.write(async move |tx| projects::create(tx, &ctx, name.clone(), String::new()).await);
        made.await.expect("a project")
    }

    pub(crate) async fn holds(&self, person: PersonId) -> Holdings {
        let mut rx = self.reader().await;
        tenure::store::item_people::holdings_of(&mut rx, self.ws, person).await.expect("a read")
    }

    pub(crate) async fn show(&self, ctx: &Ctx, number: i64) -> Result<items::Page> {
        items::show(&mut self.reader().await, ctx, number).await
    }
}
