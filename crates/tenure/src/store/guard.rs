//! Turns a panic inside an operation into an error: its write is undone, the server goes on.

use super::Error;
use std::any::Any;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

pub(super) fn panicked(payload: &(dyn Any + Send)) -> Error {
    let words = payload.downcast_ref::<&str>().map(|s| (*s).to_owned());
    let words = words.or_else(|| payload.downcast_ref::<String>().cloned());
    Error::Panicked(words.unwrap_or_else(|| "without words".into()))
}

pub(super) async fn catch<T>(future: impl Future<Output = T>) -> Result<T, Error> {
    let mut future = pin!(future);
    poll_fn(move |context| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
        Ok(Poll::Ready(value)) => Poll::Ready(Ok(value)),
        Ok(Poll::Pending) => Poll::Pending,
        Err(payload) => Poll::Ready(Err(panicked(payload.as_ref()))),
    })
    .await
}
