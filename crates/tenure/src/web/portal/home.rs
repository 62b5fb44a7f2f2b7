//! `/portal`: where a customer arrives, and their requests.

use axum::{extract::State, response::Response};
use domain::id::OrganizationId;

use super::requests::status;
use crate::{
    app::App,
    error::Result,
    ops,
    store::{
        grid::Count,
        item_list::{self, By, ItemQuery, Line, Looking, Statuses},
        organizations,
    },
    web::{
        fields::{Fields, QueryFields},
        pages::{
            frame::{Frame, brief},
            words::count,
        },
        side::Side,
        view::{
            Pager,
            chip::Look,
            number,
            requests::{ListTab, RequestLine, RequestsPage},
            shell::Place,
        },
    },
};

/// How many requests a page has.
const ROWS: i64 = 25;

/// The lists of requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum List {
    Open,
    Finished,
    Following,
    Organization,
}

impl List {
    const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Finished => "finished",
            Self::Following => "following",
            Self::Organization => "organization",
        }
    }

    const fn label(self) -> &'static str {
        match self {
            Self::Open => "Open",
            Self::Finished => "Finished",
            Self::Following => "Following",
            Self::Organization => "My organization",
        }
    }

    fn href(self) -> String {
        match self {
            Self::Open => Side::Portal.home().into(),
            other => format!("{}?list={}", Side::Portal.home(), other.word()),
        }
    }

    /// What it holds. The lists know no rule: here stands that a customer sees their own, and what they follow.
    fn query(self, organization: Option<OrganizationId>) -> ItemQuery {
        let mine = ItemQuery { limit: ROWS, ..ItemQuery::new(None) };
        match self {
            Self::Open => ItemQuery { requester: Some(By::Me), ..mine },
            Self::Finished => ItemQuery { requester: Some(By::Me), statuses: Statuses::Finished, ..mine },
            Self::Following => ItemQuery { follower: Some(By::Me), statuses: Statuses::All, ..mine },
            Self::Organization => ItemQuery { organization, statuses: Statuses::All, ..mine },
        }
    }

    fn empty(self) -> (String, String) {
        let (title, text) = match self {
            Self::Open => (
                "Nothing is open",
                "When you need something, make a request: it stands here with every answer until it is done.",
            ),
            Self::Finished => ("Nothing is finished yet", "Requests that are done or closed move here."),
            Self::Following => {
                ("You follow no other request", "Requests to which somebody has added you stand here.")
            }
            Self::Organization => (
                "Nobody in your organization has asked for anything yet",
                "What you and your colleagues request stands here.",
            ),
        };
        (title.into(), text.into())
    }
}

/// `GET /portal`, with `list`, and `after` or `before`.
pub(super) async fn page(
    State(app): State<App>,
    frame: Frame,
    QueryFields(query): QueryFields,
) -> Result<Response> {
    let (ctx, me) = (&frame.session.ctx, frame.session.person());
    let mut rx = app.store.reader().await?;
    let organization = organizations::of_person(&mut rx, ctx.workspace, me).await?;
    let open = ops::sessions::list(&mut rx, ctx, me).await?.len();
    let mut lists = vec![List::Open, List::Finished, List::Following];
    // Only where the workspace says so; the rule is asked again for each request that is opened.
    let shared = organization.as_ref().filter(|_| frame.session.check.workspace.shared_requests);
    lists.extend(shared.map(|_| List::Organization));
    let list = lists.iter().copied().find(|list| list.word() == query.get("list")).unwrap_or(List::Open);
    let asked = paged(list, &query, shared.map(|shared| shared.id))?;
    let looking = Looking { me: Some(me), now: frame.session.visit.now };
    let found = item_list::page(&mut rx, &frame.session.check.workspace, &asked, looking).await?;
    drop(rx);
    let total = match found.count {
        Count::Exact(rows) => count(rows, "request", "requests"),
        Count::AtLeast(rows) => format!("{}+ requests", number(rows.unsigned_abs())),
    };
    let here = list.href();
    let way = |cursor: Option<item_list::Cursor>| {
        let gap = if here.contains('?') { '&' } else { '?' };
        cursor.map(|cursor| format!("{here}{gap}{}={cursor}", cursor.side.word()))
    };
    let open = i64::try_from(open).unwrap_or(i64::MAX);
    let page = RequestsPage {
        shell: frame.shell(Place::Portal, "My requests"),
        organization: organization.map(|organization| organization.name),
        lists: lists
            .into_iter()
            .map(|one| ListTab { label: one.label(), href: one.href(), is_here: one == list })
            .collect(),
        rows: found.rows.iter().map(|line| row(&frame, line)).collect(),
        pager: Pager { summary: total, previous: way(found.previous), next: way(found.next) },
        empty: list.empty(),
        sessions: format!("You are signed in on {}.", count(open, "device", "devices")),
    };
    Ok(frame.draw(&page))
}

/// The query of a list, at the page that the address names.
fn paged(list: List, query: &Fields, organization: Option<OrganizationId>) -> Result<ItemQuery> {
    let mut text = form_urlencoded::Serializer::new(String::new());
    for side in ["after", "before"] {
        text.append_pair(side, query.get(side));
    }
    let place = ItemQuery::from_query(None, &text.finish())?;
    Ok(ItemQuery { cursor: place.cursor, ..list.query(organization) })
}

fn row(frame: &Frame, line: &Line) -> RequestLine {
    let row = &line.row;
    let me = frame.session.person();
    let other = line.requester.as_ref().filter(|requester| requester.id != me);
    RequestLine {
        number: row.number,
        href: format!("/portal/requests/{}", row.number),
        title: row.title.clone(),
        status: status(row.item.status),
        updated: frame.times().when(row.updated),
        requester: other.map(|requester| brief(requester, Look::Inline, Side::Portal)),
    }
}
