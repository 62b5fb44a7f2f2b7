//! One search over people, items and what was written in them.

use domain::{
    id::{MessageId, PersonId},
    item,
    person::Kind,
};

use super::load;
use crate::{
    ctx::Ctx,
    error::Result,
    store::{
        Rx,
        grid::{self, BuiltinView, Count, GridQuery, GridRow},
        item_list::{self, ItemQuery, Line, Looking, Statuses},
        item_people,
        items::{self, ItemRow},
        messages::{self, Message},
        texts::{self, Text},
        workspaces::Workspace,
    },
    text::{self, Excerpt, Sought, markdown},
};

/// How many people of a kind, and how many items, one search names; the rest is in the lists.
pub const NAMED: i64 = 6;

/// How many texts one page of a search has.
pub const TEXTS: usize = 20;

/// Everything that was found.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// The item whose number was typed (`42` or `#42`).
    pub numbered: Option<Line>,
    /// Items with it in title or number, the latest changed first.
    pub items: First<Line>,
    /// Users with it in name or address, by name.
    pub users: First<GridRow>,
    /// Customers likewise.
    pub customers: First<GridRow>,
    /// What was written, the latest first.
    pub written: Written,
}

impl Found {
    /// Whether there is nothing.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.numbered.is_none()
            && self.items.rows.is_empty()
            && self.users.rows.is_empty()
            && self.customers.rows.is_empty()
            && self.written.hits.is_empty()
    }
}

/// The first few, and how many there are.
#[derive(Debug, Clone)]
pub struct First<T> {
    /// The first few.
    pub rows: Vec<T>,
    /// How many match.
    pub count: Count,
}

impl<T> Default for First<T> {
    fn default() -> Self {
        Self { rows: Vec::new(), count: Count::Exact(0) }
    }
}

/// Descriptions and messages that hold what is sought.
#[derive(Debug, Clone, Default)]
pub struct Written {
    /// What was found.
    pub hits: Vec<Hit>,
    /// Before which entry to look for more; nothing if there is none.
    pub more: Option<i64>,
    /// Whether too little was typed to look into texts.
    pub too_short: bool,
}

/// A description or a message that holds what is sought.
#[derive(Debug, Clone)]
pub struct Hit {
    /// The item that it is of.
    pub item: ItemRow,
    /// The message; `None` for the description.
    pub message: Option<Message>,
    /// The stretch around what was found.
    pub excerpt: Excerpt,
}

/// Looks for `query` everywhere. Only those who work at the desk may.
pub async fn everywhere(rx: &mut Rx, ctx: &Ctx, workspace: &Workspace, query: &str) -> Result<Found> {
    let (authority, _) = load::seen(rx, ctx, &[]).await?;
    item::may_work(&authority)?;
    let q = query.trim();
    if q.is_empty() {
        return Ok(Found::default());
    }
    let numbered = numbered(rx, ctx, workspace, q).await?;
    let mut items = of_items(rx, ctx, workspace, q).await?;
    // It stands above already.
    items.rows.retain(|line| numbered.as_ref().is_none_or(|above| above.row.id != line.row.id));
    Ok(Found {
        numbered,
        items,
        users: people(rx, ctx, workspace, (Kind::User, q)).await?,
        customers: people(rx, ctx, workspace, (Kind::Customer, q)).await?,
        written: written(rx, ctx, q, None).await?,
    })
}

/// Looks for `query` in what was written, before the text of an entry.
pub async fn in_texts(rx: &mut Rx, ctx: &Ctx, query: &str, before: Option<i64>) -> Result<Written> {
    let (authority, _) = load::seen(rx, ctx, &[]).await?;
    item::may_work(&authority)?;
    written(rx, ctx, query.trim(), before).await
}

/// What the list of items is asked for.
fn item_query(q: &str) -> ItemQuery {
    ItemQuery { q: q.to_owned(), statuses: Statuses::All, limit: NAMED, ..ItemQuery::new(None) }
}

async fn of_items(rx: &mut Rx, ctx: &Ctx, workspace: &Workspace, q: &str) -> Result<First<Line>> {
    let looking = Looking { me: ctx.actor.person(), now: ctx.now };
    let page = item_list::page(rx, workspace, &item_query(q), looking).await?;
    Ok(First { rows: page.rows, count: page.count })
}

/// The item whose number was typed; it stands first, whatever else the digits are in.
async fn numbered(rx: &mut Rx, ctx: &Ctx, workspace: &Workspace, q: &str) -> Result<Option<Line>> {
    let Ok(number) = q.trim_start_matches('#').parse::<i64>() else { return Ok(None) };
    let Some(row) = items::by_number(rx, workspace.id, number).await? else { return Ok(None) };
    let lines = item_list::lines(rx, ctx.workspace, vec![row]).await?;
    Ok(lines.into_iter().next())
}

async fn people(
    rx: &mut Rx,
    ctx: &Ctx,
    workspace: &Workspace,
    (kind, q): (Kind, &str),
) -> Result<First<GridRow>> {
    let view = BuiltinView::All;
    let query = GridQuery { view, q: q.to_owned(), limit: NAMED, ..GridQuery::new(kind) };
    let page = grid::page(rx, workspace, &query, ctx.now).await?;
    Ok(First { rows: page.rows, count: page.count })
}

async fn written(rx: &mut Rx, ctx: &Ctx, q: &str, before: Option<i64>) -> Result<Written> {
    let Some(sought) = Sought::of(ctx.workspace.uuid(), q) else {
        return Ok(Written { too_short: true, ..Written::default() });
    };
    let found = texts::search(rx, ctx.workspace, &sought, before, TEXTS).await?;
    Ok(Written { hits: hits(rx, ctx, q, found.found).await?, more: found.more, too_short: false })
}

/// Adds to each text its item, its author and the stretch that is shown, with the names of whom it mentions.
async fn hits(rx: &mut Rx, ctx: &Ctx, q: &str, found: Vec<Text>) -> Result<Vec<Hit>> {
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let mut wanted: Vec<_> = found.iter().map(|text| text.item).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let items = items::load_many(rx, ctx.workspace, &wanted).await?;
    let ids: Vec<MessageId> = found.iter().filter_map(|text| text.message).collect();
    let said = messages::many(rx, ctx.workspace, &ids).await?;
    let mentioned: Vec<PersonId> = found.iter().flat_map(|text| markdown::tokens(&text.body)).collect();
    let briefs = item_people::briefs(rx, ctx.workspace, &mentioned).await?;
    let who = |id: PersonId| {
        let brief = briefs.iter().find(|brief| brief.id == id)?;
        Some(markdown::Mention { name: brief.name.clone(), deactivated: false, href: None })
    };
    let hit = |text: Text| {
        let item = items.iter().find(|row| row.id == text.item)?.clone();
        let message = said.iter().find(|message| Some(message.id) == text.message).cloned();
        let excerpt = text::excerpt(&markdown::plain(&text.body, &who), q);
        Some(Hit { item, message, excerpt })
    };
    Ok(found.into_iter().filter_map(hit).collect())
}
