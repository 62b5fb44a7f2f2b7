//! What is told once on the page after a form: kept in a cookie between the redirect and that page.

use axum::{
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse as _, Redirect, Response},
};
use serde::{Deserialize, Serialize};

use super::{
    side::{Side, is_path_here},
    view::{
        Link,
        shell::{Toast, Tone, Undo},
    },
};

/// The name of the cookie: what is told at one door is not told at the other.
const fn name(side: Side) -> &'static str {
    match side {
        Side::Desk => "tenure-told",
        Side::Portal => "tenure-told-portal",
    }
}

/// Browsers keep cookies up to 4,096 bytes.
const MOST_BYTES: usize = 3_500;
const MOST_LINES: usize = 12;

/// The kinds of steps that can be undone.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
enum Step {
    /// About one person, or two that change places.
    #[default]
    One,
    /// About many people.
    Many,
    /// A handover of items.
    Handover,
}

/// A toast to be shown on the next page.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Flash {
    /// "Ada Lovelace is deactivated."
    pub title: String,
    /// The receipt, line by line.
    pub lines: Vec<String>,
    /// A word to know rather than a thing done.
    pub note: bool,
    /// It was not done.
    #[serde(default)]
    pub refused: bool,
    /// The step that can be undone, and until when in words.
    pub undo: Option<(String, String)>,
    /// Of which kind that step is.
    #[serde(default)]
    step: Step,
    /// The page it is shown on, where an undo leads back to.
    #[serde(default)]
    back: String,
    /// What was made: words and address.
    #[serde(default)]
    link: Option<(String, String)>,
}

impl Flash {
    /// A thing done.
    #[must_use]
    pub fn done(title: impl Into<String>) -> Self {
        Self { title: title.into(), ..Self::default() }
    }

    /// A word to know: nothing changed.
    #[must_use]
    pub fn note(title: impl Into<String>) -> Self {
        Self { title: title.into(), note: true, ..Self::default() }
    }

    /// A refusal: nothing was done.
    #[must_use]
    pub fn refused(title: impl Into<String>) -> Self {
        Self { title: title.into(), refused: true, ..Self::default() }
    }

    /// With a line of the receipt.
    #[must_use]
    pub fn line(mut self, line: impl Into<String>) -> Self {
        if self.lines.len() < MOST_LINES {
            self.lines.push(line.into());
        }
        self
    }

    /// With the way back.
    #[must_use]
    pub fn undo(mut self, step: domain::id::StepId, until: impl Into<String>) -> Self {
        self.undo = Some((step.to_string(), until.into()));
        self
    }

    /// With the way back from what was done with many.
    #[must_use]
    pub fn undo_many(mut self, batch: domain::id::BatchId, until: impl Into<String>) -> Self {
        self.undo = Some((batch.to_string(), until.into()));
        self.step = Step::Many;
        self
    }

    /// With the way back from a handover.
    #[must_use]
    pub fn undo_handover(mut self, handover: domain::id::HandoverId, until: impl Into<String>) -> Self {
        self.undo = Some((handover.to_string(), until.into()));
        self.step = Step::Handover;
        self
    }

    /// With a link to what was made.
    #[must_use]
    pub fn link(mut self, label: impl Into<String>, href: impl Into<String>) -> Self {
        self.link = Some((label.into(), href.into()));
        self
    }

    /// Redirects to a page, which shows this.
    #[must_use]
    pub fn redirect(mut self, to: &str) -> Response {
        if self.undo.is_some() {
            to.clone_into(&mut self.back);
        }
        let mut response = Redirect::to(to).into_response();
        if let Some(cookie) = self.cookie(Side::of_path(to)) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        response
    }

    fn cookie(mut self, side: Side) -> Option<HeaderValue> {
        let name = name(side);
        loop {
            let json = serde_json::to_string(&self).ok()?;
            let text: String = form_urlencoded::byte_serialize(json.as_bytes()).collect();
            if text.len() <= MOST_BYTES {
                let cookie = format!("{name}={text}; Path=/; Max-Age=60; HttpOnly; SameSite=Strict");
                return HeaderValue::from_str(&cookie).ok();
            }
            // Better fewer lines than none; and an undo can lead to the grid.
            if self.lines.pop().is_none() && std::mem::take(&mut self.back).is_empty() {
                return None;
            }
        }
    }
}

/// The toasts that a request brings.
#[must_use]
pub(super) fn read(headers: &HeaderMap, side: Side) -> Option<Toast> {
    let pairs = headers.get_all(header::COOKIE).iter().filter_map(|field| field.to_str().ok());
    let mut pairs = pairs.flat_map(|field| field.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let (_, text) = pairs.find(|(key, _)| *key == name(side))?;
    let query = format!("v={text}");
    let (_, json) = form_urlencoded::parse(query.as_bytes()).next()?;
    let flash: Flash = serde_json::from_str(&json).ok()?;
    let undo = flash.undo.filter(|(step, _)| step.parse::<domain::id::StepId>().is_ok());
    let back: String = form_urlencoded::byte_serialize(flash.back.as_bytes()).collect();
    Some(Toast {
        title: flash.title,
        lines: flash.lines,
        tone: match (flash.refused, flash.note) {
            (true, _) => Tone::Refused,
            (false, true) => Tone::Note,
            (false, false) => Tone::Done,
        },
        // The cookie is the browser's to send.
        link: flash.link.filter(|(_, href)| is_path_here(href)).map(|(label, href)| Link::new(label, href)),
        undo: undo.map(|(step, until)| Undo {
            action: match flash.step {
                Step::One => format!("/undo/{step}?back={back}"),
                Step::Many => format!("/bulk/{step}/undo"),
                Step::Handover => format!("/handovers/{step}/undo?back={back}"),
            },
            until,
            ..Undo::default()
        }),
    })
}

/// The cookie that makes a toast go once it was shown.
#[must_use]
pub(super) fn clear(side: Side) -> HeaderValue {
    HeaderValue::from_static(match side {
        Side::Desk => "tenure-told=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict",
        Side::Portal => "tenure-told-portal=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict",
    })
}
