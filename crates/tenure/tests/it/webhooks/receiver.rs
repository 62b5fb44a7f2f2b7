//! A receiver of webhooks: keeps what it is sent, and answers as it is told.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Bytes,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;

/// One request.
#[derive(Debug, Clone)]
pub(crate) struct Got {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
    /// What it was answered.
    pub(crate) answered: u16,
}

impl Got {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    pub(crate) fn id(&self) -> &str {
        self.header("webhook-id")
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }

    pub(crate) fn topic(&self) -> String {
        self.json()["type"].as_str().expect("a type").to_owned()
    }

    /// How many of the signatures this secret made: written here anew, by the words of the specification.
    pub(crate) fn signatures_of(&self, secret: &str) -> usize {
        let key = decoded(secret.strip_prefix("whsec_").expect("a secret"));
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("a key");
        mac.update(self.id().as_bytes());
        mac.update(b".");
        mac.update(self.header("webhook-timestamp").as_bytes());
        mac.update(b".");
        mac.update(self.body.as_bytes());
        let expected = mac.finalize().into_bytes();
        let fits =
            |one: &&str| one.strip_prefix("v1,").is_some_and(|text| decoded(text) == expected.as_slice());
        self.header("webhook-signature").split(' ').filter(fits).count()
    }
}

/// RFC 4648, section 4.
fn decoded(text: &str) -> Vec<u8> {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits: Vec<bool> = text
        .trim_end_matches('=')
        .bytes()
        .flat_map(|byte| {
            let value = alphabet.iter().position(|letter| *letter == byte).expect("a letter of base64");
            (0..6).rev().map(move |bit| value >> bit & 1 == 1)
        })
        .collect();
    bits.chunks_exact(8).map(|byte| byte.iter().fold(0, |all, bit| all << 1 | u8::from(*bit))).collect()
}

type Says = Box<dyn FnMut(&Got) -> Response + Send>;

struct Parts {
    got: Mutex<Vec<Got>>,
    says: Mutex<Says>,
}

/// A receiver on this machine, until it is dropped.
#[derive(Clone)]
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    parts: Arc<Parts>,
    _stop: Arc<Stop>,
}

struct Stop(tokio::task::AbortHandle);

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let taken: Says = Box::new(|_| StatusCode::NO_CONTENT.into_response());
        let parts = Arc::new(Parts { got: Mutex::default(), says: Mutex::new(taken) });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let router = Router::new().fallback(take).with_state(Arc::clone(&parts));
        let task = tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, parts, _stop: Arc::new(Stop(task.abort_handle())) }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/in?key=a%20b", self.address)
    }

    /// Answers from now on as this says.
    pub(crate) fn says<R: IntoResponse>(&self, mut says: impl FnMut(&Got) -> R + Send + 'static) {
        *self.parts.says.lock().expect("says") = Box::new(move |got| says(got).into_response());
    }

    /// Answers from now on with this status.
    pub(crate) fn answers(&self, status: u16) {
        self.says(move |_| StatusCode::from_u16(status).expect("a status"));
    }

    /// All that came.
    pub(crate) fn got(&self) -> Vec<Got> {
        self.parts.got.lock().expect("got").clone()
    }

    /// All that came since this was asked last.
    pub(crate) fn take(&self) -> Vec<Got> {
        std::mem::take(&mut *self.parts.got.lock().expect("got"))
    }
}

async fn take(State(parts): State<Arc<Parts>>, uri: Uri, headers: HeaderMap, request: Request) -> Response {
    let body = axum::body::to_bytes(request.into_body(), 1 << 20).await.unwrap_or_else(|_| Bytes::new());
    let body = String::from_utf8(body.to_vec()).expect("text");
    let mut got = Got { path: uri.to_string(), headers, body, answered: 0 };
    let response = (parts.says.lock().expect("says"))(&got);
    got.answered = response.status().as_u16();
    parts.got.lock().expect("got").push(got);
    response
}
