//! Files that are written while they are read: no length of them is held in memory, and their pieces are made apart
//! from short requests.

use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};

use crate::{
    app::App,
    aside::Aside,
    error::{Error, Result},
};

/// What a file is made from.
pub(super) trait Source: Send + 'static {
    /// The next piece; `None` at the end.
    fn piece(&mut self) -> impl Future<Output = Result<Option<Vec<u8>>>> + Send;
}

/// The answer ends before its end: the client sees that it is not whole.
#[derive(Debug, thiserror::Error)]
#[error("the file was cut off")]
struct Cut;

/// All of a file, piece by piece.
pub(super) async fn body(app: &App, source: impl Source) -> Result<Body> {
    let aside = app.aside.clone();
    // The first piece is read before the answer begins: what is wrong is then still an answer of its own.
    let Some((first, source)) = next(&aside, source).await? else {
        return Ok(Body::empty());
    };
    let rest = stream::try_unfold((aside, source), |(aside, source)| async move {
        let piece = next(&aside, source).await.map_err(|error| {
            tracing::warn!(?error, "a file was cut off");
            Cut
        })?;
        Ok(piece.map(|(bytes, source)| (bytes, (aside, source))))
    });
    Ok(Body::from_stream(stream::iter([Ok::<_, Cut>(first)]).chain(rest)))
}

async fn next<S: Source>(aside: &Aside, mut source: S) -> Result<Option<(Bytes, S)>> {
    let work = async move {
        let piece = source.piece().await;
        (piece, source)
    };
    let (piece, source) = aside.run(work).await?;
    Ok(piece?.map(|bytes| (Bytes::from(bytes), source)))
}

/// The answer with which a browser saves a file under its name.
pub(super) fn attachment(name: &str, kind: &'static str, body: Body) -> Result<Response> {
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""));
    let disposition = disposition.map_err(|error| Error::Internal(error.to_string()))?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, body).into_response())
}
