//! What of a request's body nobody has read when its answer is ready.
//!
//! A server that answers and closes while its client still sends resets the connection: the client may see that instead
//! of the answer, and another request of its own that it has sent over the same connection is lost. So the rest is read
//! and thrown away before the answer goes (RFC 9112, section 9.6).

use std::{
    mem,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::Request,
    http::header::EXPECT,
};
use http_body_util::BodyExt as _;
use hyper::body::{Frame, SizeHint};
use tokio::sync::oneshot;

/// How much is thrown away, in bytes: several times what any form or JSON body may have. Of more the connection is closed.
const MOST: u64 = 4 << 20;
/// How long the rest may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// A body that comes back when who reads it drops it before its end.
struct Lent {
    body: Body,
    back: Option<oneshot::Sender<Body>>,
}

impl HttpBody for Lent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(back) = self.back.take().filter(|_| !self.body.is_end_stream()) {
            // Nobody takes it when the request has been given up.
            let _ = back.send(mem::take(&mut self.body));
        }
    }
}

/// Where the rest of a body comes back to.
pub(super) struct Unread(oneshot::Receiver<Body>);

impl Unread {
    /// Lends the body to whoever answers the request. `None` where there is nothing to read, or where the client waits to
    /// be told whether to send it.
    pub(super) fn of(request: Request) -> (Request, Option<Self>) {
        if request.body().is_end_stream() || request.headers().contains_key(EXPECT) {
            return (request, None);
        }
        let (back, rest) = oneshot::channel();
        let lend = |body| Body::new(Lent { body, back: Some(back) });
        (request.map(lend), Some(Self(rest)))
    }

    /// Reads what is left, once the answer is made.
    pub(super) async fn throw_away(mut self) {
        let Ok(mut body) = self.0.try_recv() else { return };
        if body.size_hint().lower() > MOST {
            return;
        }
        let read = async {
            let mut read = 0;
            while read <= MOST
                && let Some(Ok(frame)) = body.frame().await
            {
                read += frame.data_ref().map_or(0, |piece| piece.len() as u64);
            }
        };
        // Whoever sends that slowly sees what becomes of it.
        let _ = tokio::time::timeout(PATIENCE, read).await;
    }
}
