//! A client of server-sent events (WHATWG HTML, section 9.2.6).

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::Value;

use super::http::Browser;

/// How long anything may take before a test gives up. It is no measure.
const PATIENCE: Duration = Duration::from_secs(30);

/// An event as it was sent.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sent {
    /// Its name; empty for what happened in the workspace.
    pub(crate) name: String,
    /// The place to go on from.
    pub(crate) place: i64,
    /// What it says.
    pub(crate) data: Value,
}

impl Sent {
    /// What happened.
    pub(crate) fn topic(&self) -> &str {
        self.data["type"].as_str().unwrap_or_default()
    }
}

/// An open stream.
pub(crate) struct Stream {
    answer: reqwest::Response,
    text: String,
}

impl Stream {
    /// Opens the stream, and waits until it is ready.
    pub(crate) async fn open(browser: &Browser, query: &str) -> Self {
        let mut stream = Self::opening(browser, query).await;
        let first = stream.next().await.expect("a first word");
        assert_eq!(first.name, "ready", "{first:?}");
        stream
    }

    /// Opens the stream.
    pub(crate) async fn opening(browser: &Browser, query: &str) -> Self {
        Self::at(browser, &format!("/api/v1/events{query}")).await
    }

    /// Opens the stream of a customer, and waits until it is ready.
    pub(crate) async fn of_customer(browser: &Browser) -> Self {
        let mut stream = Self::at(browser, "/portal/events").await;
        let first = stream.next().await.expect("a first word");
        assert_eq!(first.name, "ready", "{first:?}");
        stream
    }

    async fn at(browser: &Browser, path: &str) -> Self {
        let request = browser.request(Method::GET, path);
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        Self { answer, text: String::new() }
    }

    /// The next event; none at the end.
    pub(crate) async fn next(&mut self) -> Option<Sent> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let (sent, rest) = (read(block), rest.to_owned());
                self.text = rest;
                match sent {
                    Some(sent) => return Some(sent),
                    None => continue,
                }
            }
            let chunk = tokio::time::timeout(PATIENCE, self.answer.chunk()).await.expect("something comes");
            let chunk = chunk.expect("a whole answer")?;
            self.text.push_str(std::str::from_utf8(&chunk).expect("it is text"));
        }
    }

    /// All up to the end.
    pub(crate) async fn rest(mut self) -> Vec<Sent> {
        let mut all = Vec::new();
        while let Some(sent) = self.next().await {
            all.push(sent);
        }
        all
    }

    /// The next event of this kind; those before it are passed over.
    pub(crate) async fn until(&mut self, topic: &str) -> Sent {
        loop {
            let sent = self.next().await.unwrap_or_else(|| panic!("{topic} does not come"));
            if sent.topic() == topic {
                return sent;
            }
        }
    }
}

/// Reads the lines of an event; a comment is none.
fn read(block: &str) -> Option<Sent> {
    let mut sent = Sent { name: String::new(), place: -1, data: Value::Null };
    let mut any = false;
    for line in block.lines() {
        let Some((field, value)) = line.split_once(": ").or_else(|| line.split_once(':')) else { continue };
        match field {
            "event" => value.clone_into(&mut sent.name),
            "id" => sent.place = value.parse().expect("a place"),
            "data" => {
                any = true;
                sent.data = serde_json::from_str(value).expect("JSON");
            }
            _ => {}
        }
    }
    any.then_some(sent)
}
