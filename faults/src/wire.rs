//! Requests to whichever node is up, and what is known afterwards.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Method, Request, StatusCode, header};
use rig::{
    clock::now,
    failure::{During as _, Result},
    http::{Answer, Ask, Client},
};
use serde_json::Value;
use tokio::time::{sleep, timeout};

/// By these words a failed request says that it has changed nothing.
const NOTHING: &str = "Nothing was changed.";
/// How long an answer may take. The servers are told to give up long before.
const PATIENCE: Duration = Duration::from_secs(40);
/// How often a client looks whether a server is up again.
const LOOK: Duration = Duration::from_millis(20);
/// How long it looks before the trial counts as hung.
const HUNG: Duration = Duration::from_mins(2);

/// Whose a request is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    /// Nobody's.
    Nobody,
    /// By a token of the API.
    Token(String),
    /// By a session's cookie.
    Session(String),
}

/// What a request carries.
#[derive(Clone, Debug)]
enum Load {
    Nothing,
    Json(Value),
    Form(String),
}

/// A request that may be sent again.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// Its method.
    pub(crate) method: Method,
    /// Its path, with the query.
    pub(crate) path: String,
    /// The workspace's host.
    pub(crate) host: String,
    who: Who,
    load: Load,
    key: Option<String>,
}

impl Call {
    /// A request without a body.
    pub(crate) fn new(method: Method, host: &str, path: impl Into<String>, who: &Who) -> Self {
        Self {
            method,
            path: path.into(),
            host: host.into(),
            who: who.clone(),
            load: Load::Nothing,
            key: None,
        }
    }

    /// With a body of JSON.
    pub(crate) fn json(mut self, body: Value) -> Self {
        self.load = Load::Json(body);
        self
    }

    /// With the fields of a form.
    pub(crate) fn form(mut self, fields: &[(&str, &str)]) -> Self {
        let mut form = form_urlencoded::Serializer::new(String::new());
        for (name, value) in fields {
            form.append_pair(name, value);
        }
        self.load = Load::Form(form.finish());
        self
    }

    /// With a key, so that it may be sent twice.
    pub(crate) fn key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// Whether it has a key.
    pub(crate) fn has_key(&self) -> bool {
        self.key.is_some()
    }

    /// The bytes of it.
    pub(crate) fn ask(&self) -> Result<Ask> {
        let mut request = Request::builder().method(self.method.clone()).uri(&self.path);
        request = request.header(header::HOST, &self.host);
        request = match &self.who {
            Who::Nobody => request.header(header::ORIGIN, format!("http://{}", self.host)),
            Who::Token(secret) => request.header(header::AUTHORIZATION, format!("Bearer {secret}")),
            Who::Session(cookie) => {
                request.header(header::COOKIE, cookie).header(header::ORIGIN, format!("http://{}", self.host))
            }
        };
        if let Some(key) = &self.key {
            request = request.header("Idempotency-Key", key);
        }
        let (kind, body) = match &self.load {
            Load::Nothing => (None, Bytes::new()),
            Load::Json(body) => (Some("application/json"), Bytes::from(body.to_string())),
            Load::Form(form) => (Some("application/x-www-form-urlencoded"), Bytes::from(form.clone())),
        };
        if let Some(kind) = kind {
            request = request.header(header::CONTENT_TYPE, kind);
        }
        request.body(Full::new(body)).during(&self.path)
    }
}

impl std::fmt::Display for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

/// What is known after a request.
#[derive(Debug)]
pub(crate) enum Heard {
    /// It was done: 2xx, or 303 of a form.
    Done(Answer),
    /// It was refused: 4xx. Nothing was done.
    Refused(Answer),
    /// The server says that it failed, and that nothing was changed.
    Undone(String),
    /// The server says that it failed, or the connection broke: done or not.
    Unknown(String),
}

impl Heard {
    /// In a few words.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Done(answer) => answer.status.as_u16().to_string(),
            Self::Refused(answer) => format!("{} {}", answer.status.as_u16(), answer.problem()),
            Self::Undone(why) => format!("undone: {why}"),
            Self::Unknown(why) => format!("unknown: {why}"),
        }
    }
}

/// A request under way at a node.
#[derive(Debug)]
struct UnderWay {
    node: SocketAddr,
    began: Instant,
    what: String,
    /// The node was told to end while this was under way: it must answer it first.
    owed: bool,
}

/// The nodes that are up, and the requests under way.
#[derive(Debug, Default)]
pub(crate) struct Net {
    up: Mutex<Vec<SocketAddr>>,
    under_way: Mutex<BTreeMap<u64, UnderWay>>,
    broken_off: Mutex<Vec<String>>,
    next: AtomicU64,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Net {
    /// Says that a node is up.
    pub(crate) fn add(&self, node: SocketAddr) {
        lock(&self.up).push(node);
    }

    /// Says that no request is to be sent to a node any more.
    pub(crate) fn remove(&self, node: SocketAddr) {
        lock(&self.up).retain(|up| *up != node);
    }

    /// A node that is up, once there is one.
    pub(crate) async fn node(&self, choice: u64) -> Result<SocketAddr> {
        let looked = async {
            loop {
                let up = lock(&self.up).clone();
                if !up.is_empty() {
                    let at = usize::try_from(choice).unwrap_or(0) % up.len();
                    if let Some(node) = up.get(at) {
                        return *node;
                    }
                }
                sleep(LOOK).await;
            }
        };
        timeout(HUNG, looked).await.map_err(|_| "no server came up".into())
    }

    /// The requests that a node has had for this long: it owes each of them an answer. Answers how many.
    pub(crate) fn owe(&self, node: SocketAddr, for_at_least: Duration) -> usize {
        let mut owed = 0;
        for one in lock(&self.under_way).values_mut() {
            if one.node == node && now().duration_since(one.began) >= for_at_least {
                one.owed = true;
                owed += 1;
            }
        }
        owed
    }

    /// What was owed and not answered, since this was last asked.
    pub(crate) fn broken_off(&self) -> Vec<String> {
        std::mem::take(&mut *lock(&self.broken_off))
    }

    /// Sends a request to a node that is up, and waits for the answer. One that could not be sent is sent to another.
    pub(crate) async fn send(&self, call: &Call, choice: u64) -> Result<Heard> {
        for turn in 0.. {
            let node = self.node(choice.wrapping_add(turn)).await?;
            match self.send_to(node, call).await? {
                Some(heard) => return Ok(heard),
                None => sleep(LOOK).await,
            }
        }
        Err("unreachable".into())
    }

    /// As [`Net::send`], to this node; `None` where it does not take connections.
    pub(crate) async fn send_to(&self, node: SocketAddr, call: &Call) -> Result<Option<Heard>> {
        let ask = call.ask()?;
        let Ok(mut client) = Client::connect(node).await else { return Ok(None) };
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let what = call.to_string();
        lock(&self.under_way).insert(number, UnderWay { node, began: now(), what, owed: false });
        let said = timeout(PATIENCE, client.ask(ask)).await;
        let entry = lock(&self.under_way).remove(&number);
        let heard = match said {
            Ok(Ok(answer)) => read(answer),
            Ok(Err(error)) => Heard::Unknown(error.to_string()),
            Err(_) => Heard::Unknown(format!("no answer within {} s", PATIENCE.as_secs())),
        };
        // Neither broken off, nor given up, nor answered with a failure.
        if let (Heard::Unknown(why) | Heard::Undone(why), Some(entry)) =
            (&heard, entry.filter(|entry| entry.owed))
        {
            lock(&self.broken_off).push(format!("{}: {why}", entry.what));
        }
        Ok(Some(heard))
    }

    /// As [`Net::read`], of this node, which is well.
    pub(crate) async fn read_at(&self, node: SocketAddr, call: &Call) -> Result<Answer> {
        match self.send_to(node, call).await? {
            Some(Heard::Done(answer) | Heard::Refused(answer)) => Ok(answer),
            Some(Heard::Unknown(why) | Heard::Undone(why)) => Err(format!("{call}: {why}").into()),
            None => Err(format!("{call}: nobody listens").into()),
        }
    }

    /// Asks until it is answered, for what changes nothing.
    pub(crate) async fn read(&self, call: &Call, choice: u64) -> Result<Answer> {
        let mut last = String::new();
        for turn in 0..400_u64 {
            match self.send(call, choice.wrapping_add(turn)).await? {
                Heard::Done(answer) | Heard::Refused(answer) => return Ok(answer),
                Heard::Unknown(why) | Heard::Undone(why) => last = why,
            }
            sleep(LOOK * 5).await;
        }
        Err(format!("{call} was never answered: {last}").into())
    }
}

fn read(answer: Answer) -> Heard {
    if answer.status.is_success() || answer.status == StatusCode::SEE_OTHER {
        Heard::Done(answer)
    } else if answer.status.is_client_error() {
        Heard::Refused(answer)
    } else {
        let why = format!("{} {}", answer.status.as_u16(), answer.problem());
        if answer.text().contains(NOTHING) { Heard::Undone(why) } else { Heard::Unknown(why) }
    }
}

/// The cookie that an answer sets.
pub(crate) fn cookie(answer: &Answer) -> Option<String> {
    let cookies = answer.headers.get_all(header::SET_COOKIE).iter();
    let mut pairs = cookies.filter_map(|value| value.to_str().ok()?.split(';').next());
    pairs.find(|pair| pair.split_once('=').is_some_and(|(_, value)| !value.is_empty())).map(str::to_owned)
}
