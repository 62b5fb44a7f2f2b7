//! The event stream (server-sent events, WHATWG HTML section 9.2): what happens in the workspace, as it happens.
//!
//! A stream is a request that stays open, so it is held to what every request is held to: whenever an event concerns the
//! person behind it, and every few seconds, session and person are read again. Events come in order, so nothing that
//! happened after a deactivation is told to the deactivated.

use std::{collections::VecDeque, convert::Infallible, time::Duration};

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::{
        IntoResponse as _, Response,
        sse::{Event as Sent, KeepAlive, Sse},
    },
};
use domain::{
    event::{Hears, reaches_customers},
    id::PersonId,
};
use futures_util::stream;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    api::query::{Query, invalid},
    failure::{self, Plain, Wrong},
    session::{self, Session},
    side::Side,
};
use crate::{
    app::App,
    error::{Error, Result},
    live::{Follower, Heard},
    ops::items,
    store::events::{self, Event},
};

/// How often a stream on which nothing happens shows that it is still open, and is held to the rules again.
const PULSE: Duration = Duration::from_secs(10);
/// After how long a client comes back, in milliseconds.
const COME_BACK: Duration = Duration::from_secs(2);
/// After how many seconds somebody with too many streams tries again.
const TRY_AGAIN: u64 = 30;
/// The path of the stream of users, and of that of customers.
const fn path(side: Side) -> &'static str {
    match side {
        Side::Desk => "/api/v1/events",
        Side::Portal => "/portal/events",
    }
}

/// The header by which a client says how far it has read.
const LAST_EVENT_ID: &str = "last-event-id";

/// Something that happened. It holds ids and words; names and texts are read where they are.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Told {
    /// The event; the same for everybody who hears of it.
    #[schema(value_type = String, format = Uuid)]
    id: Uuid,
    /// What happened: an action of the audit log, `item.created`, `item.changed` or `message.added`.
    #[schema(value_type = String, example = "person.deactivated")]
    r#type: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Whom it is about.
    #[schema(value_type = Option<String>, format = Uuid)]
    person: Option<PersonId>,
    /// What it is about beside a person: an item, a project, a team.
    #[schema(value_type = Option<String>, format = Uuid)]
    subject: Option<Uuid>,
    /// The number of the item that it is about.
    item: Option<i64>,
    /// Who did it, and before and after; null for who sees only that it happened.
    #[schema(value_type = Option<Object>)]
    data: Option<Value>,
}

impl Told {
    /// What somebody hears of an event; `None` when that is nothing.
    fn to(event: &Event, hears: Hears) -> Option<Self> {
        let data = match hears {
            Hears::Nothing => return None,
            Hears::Brief => None,
            Hears::All => serde_json::from_str(&event.data).ok(),
        };
        let Event { id, at, person, subject, item, .. } = *event;
        Some(Self { id, r#type: event.topic.clone(), at, person, subject, item, data })
    }
}

/// Follow the events of the workspace.
#[utoipa::path(
    get, path = "/api/v1/events", operation_id = "events", tag = "events",
    description = "A stream of server-sent events: `id` is the place to go on from, `data` the event as JSON. A client \
        that comes back sends `Last-Event-ID`, as browsers do, or `after`. `event: reset` says that events in \
        between are gone (they are kept for 7 days): read anew what you hold. `event: end` says why the stream is over.",
    params(
        ("after" = Option<i64>, Query, description = "The place after which to begin; without it, now."),
        ("follow" = Option<bool>, Query, description = "`false` ends the stream after what is already there."),
        ("Last-Event-ID" = Option<i64>, Header, description = "As `after`, and before it."),
    ),
    responses(
        (status = 200, description = "Events, until the client leaves.", body = Told, content_type = "text/event-stream"),
        super::api::OfEvents,
    ),
    security(("session" = []))
)]
pub(super) async fn events(
    State(app): State<App>,
    session: Session,
    headers: HeaderMap,
    query: Query,
) -> Result<Response, Response> {
    open(app, session, headers, &query).await
}

/// `GET /portal/events`: what happens to the requests that a customer may see. It says that something did; what, their
/// page shows.
pub(super) async fn of_requests(
    State(app): State<App>,
    session: Session,
    headers: HeaderMap,
    query: Query,
) -> Result<Response, Response> {
    open(app, session, headers, &query).await
}

async fn open(app: App, session: Session, headers: HeaderMap, query: &Query) -> Result<Response, Response> {
    let asked = Asked::read(query, &headers).map_err(Plain::into_response)?;
    let (ws, person) = (session.visit.workspace, session.ctx.actor.person());
    let follower = app.live.follow(&app.store, ws, person).await.map_err(Error::into_response)?;
    let Some(follower) = follower else {
        return Err(Error::TooMany { retry_after: TRY_AGAIN }.into_response());
    };
    let last = asked.after.unwrap_or(follower.end);
    let waiting = VecDeque::new();
    let stream = Stream { app, session, headers, follower, last, waiting, phase: Phase::Begins(asked) };
    let events = stream::unfold(stream, |mut stream| async move {
        let sent = stream.next().await?;
        Some((Ok::<_, Infallible>(sent), stream))
    });
    let mut response = Sse::new(events).keep_alive(KeepAlive::new().interval(PULSE)).into_response();
    // A proxy that gathers answers would hold events back.
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Where to begin, and whether to go on.
#[derive(Debug, Clone, Copy)]
struct Asked {
    after: Option<i64>,
    follow: bool,
}

impl Asked {
    fn read(query: &Query, headers: &HeaderMap) -> Result<Self, Plain> {
        query.only(&["after", "follow"])?;
        let words = "This is the id of an event: a whole number from 0 on.";
        let header = headers.get(LAST_EVENT_ID).map(|header| header.to_str().unwrap_or("no text"));
        let given = match header.filter(|header| !header.is_empty()) {
            Some(header) => Some(("Last-Event-ID", header)),
            None => query.get("after").map(|text| ("after", text)),
        };
        let mut after = None;
        if let Some((name, text)) = given {
            let place = text.parse().ok().filter(|place: &i64| *place >= 0);
            after = Some(place.ok_or_else(|| invalid(vec![Wrong::parameter(name, words)]))?);
        }
        let follow = query.get("follow").is_none() || query.flag("follow")?;
        Ok(Self { after, follow })
    }
}

enum Phase {
    Begins(Asked),
    /// Reads what is there, page by page, then follows, or not.
    Reads {
        follow: bool,
    },
    Follows,
    Ends,
}

/// An open stream.
struct Stream {
    app: App,
    session: Session,
    headers: HeaderMap,
    follower: Follower,
    /// The place up to which everything has been told.
    last: i64,
    waiting: VecDeque<Sent>,
    phase: Phase,
}

impl Stream {
    async fn next(&mut self) -> Option<Sent> {
        loop {
            if let Some(sent) = self.waiting.pop_front() {
                return Some(sent);
            }
            let went = match self.phase {
                Phase::Ends => return None,
                Phase::Begins(asked) => self.begin(asked).await,
                Phase::Reads { follow } => self.read(follow).await,
                Phase::Follows => self.follow().await,
            };
            if let Err(error) = went {
                self.end(&error);
            }
        }
    }

    async fn begin(&mut self, asked: Asked) -> Result<()> {
        let end = self.follower.end;
        let ready = Sent::default().event("ready").retry(COME_BACK);
        self.phase = match asked.after {
            None if asked.follow => Phase::Follows,
            None => Phase::Ends,
            Some(_) => Phase::Reads { follow: asked.follow },
        };
        if self.last != end && self.is_gone(end).await? {
            self.last = end;
            self.send(Sent::default().event("reset"), &json!({}));
        }
        self.send(ready, &json!({}));
        Ok(())
    }

    /// Whether events after the place from which to go on are no longer kept, or were never here: a backup was
    /// restored.
    async fn is_gone(&self, end: i64) -> Result<bool> {
        if self.last > end {
            return Ok(true);
        }
        let mut rx = self.app.store.point().await?;
        let first = events::first_kept(&mut rx, self.session.visit.workspace).await?;
        Ok(first.is_none_or(|first| first > self.last + 1))
    }

    async fn read(&mut self, follow: bool) -> Result<()> {
        let mut rx = self.app.store.point().await?;
        let page = events::after(&mut rx, self.session.visit.workspace, self.last).await?;
        drop(rx);
        if page.is_empty() {
            self.phase = if follow { Phase::Follows } else { Phase::Ends };
        }
        self.tell(&page).await
    }

    async fn follow(&mut self) -> Result<()> {
        let heard = tokio::time::timeout(PULSE, self.follower.next()).await;
        match heard {
            Ok(Heard::Events(piece)) => self.tell(&piece).await,
            Ok(Heard::Missed) => {
                self.phase = Phase::Reads { follow: true };
                Ok(())
            }
            Ok(Heard::Closing) => {
                self.phase = Phase::Ends;
                Ok(())
            }
            Err(_) => self.check().await,
        }
    }

    async fn tell(&mut self, list: &[Event]) -> Result<()> {
        for event in list.iter().filter(|event| event.place > self.last).collect::<Vec<_>>() {
            if self.concerns(event) {
                let still = self.check().await;
                if still.is_err() {
                    let since = self.app.sys.now().duration_since(event.at);
                    self.app.metrics.revoked(since.as_secs_f64());
                }
                still?;
            }
            self.last = event.place;
            let hears = match self.session.side() {
                Side::Desk => event.audience.hears(self.session.administers()),
                Side::Portal => self.customer_hears(event).await?,
            };
            if let Some(told) = Told::to(event, hears) {
                self.send(Sent::default(), &told);
            }
        }
        Ok(())
    }

    /// How much a customer hears: that something happened to a request that they may see.
    async fn customer_hears(&self, event: &Event) -> Result<Hears> {
        let what = serde_json::from_str::<Value>(&event.data).unwrap_or_default();
        let what = &what["what"];
        let detail = what["field"].as_str().or(what["kind"].as_str()).unwrap_or_default();
        let Some(number) = event.item.filter(|_| reaches_customers(&event.topic, detail)) else {
            return Ok(Hears::Nothing);
        };
        let mut rx = self.app.store.reader().await?;
        match items::find(&mut rx, &self.session.ctx, number).await {
            Ok(_) => Ok(Hears::Brief),
            Err(Error::NotFound(_)) => Ok(Hears::Nothing),
            Err(error) => Err(error),
        }
    }

    /// Whether an event may have ended the right to hear more.
    fn concerns(&self, event: &Event) -> bool {
        let person = self.session.ctx.actor.person();
        (person.is_some() && event.person == person)
            || (self.session.token.is_some() && event.topic.starts_with("token."))
    }

    /// Reads session or token, and person, again.
    async fn check(&mut self) -> Result<()> {
        let mut visit = self.session.visit.clone();
        visit.now = self.app.sys.now();
        self.session = session::again(
            &self.app,
            &visit,
            (path(self.session.side()), &self.headers),
            self.session.side(),
        )
        .await?;
        Ok(())
    }

    fn send(&mut self, sent: Sent, told: &impl Serialize) {
        // Ids, words and times: they are always JSON.
        if let Ok(sent) = sent.id(self.last.to_string()).json_data(told) {
            self.waiting.push_back(sent);
        }
    }

    /// The last word: why no more comes. A client that may come back does so by itself.
    fn end(&mut self, error: &Error) {
        self.phase = Phase::Ends;
        if error.refusal().is_some() {
            let body = failure::body_of(error);
            self.send(
                Sent::default().event("end"),
                &json!({ "type": body["type"], "detail": body["detail"] }),
            );
        } else {
            tracing::warn!(?error, "a stream of events ended");
        }
    }
}
