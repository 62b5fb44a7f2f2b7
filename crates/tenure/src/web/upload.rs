//! Files that browsers send in a form (RFC 7578), piece by piece.

use axum::{
    extract::{DefaultBodyLimit, FromRequest as _, Multipart, Request, multipart::MultipartError},
    http::StatusCode,
};

use crate::error::{Error, Result};

/// What takes the bytes of a file.
pub(super) trait Sink {
    /// Takes the next piece.
    fn take(&mut self, piece: &[u8]) -> impl Future<Output = Result<()>> + Send;
}

impl Sink for Vec<u8> {
    async fn take(&mut self, piece: &[u8]) -> Result<()> {
        self.extend_from_slice(piece);
        Ok(())
    }
}

/// How much may be sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Most {
    /// The largest file.
    pub(super) file: usize,
    /// What is over that is read to its end and thrown away, up to a body of so many bytes: a browser whose
    /// upload is cut off shows no answer.
    pub(super) body: usize,
}

/// A file that has arrived.
#[derive(Debug, Clone, Default)]
pub(super) struct Arrived {
    /// How long it is; 0 when none was chosen.
    pub(super) length: usize,
    /// What its sender calls it.
    pub(super) name: String,
}

/// Reads the file in the field `name` into `sink`. `Ok(None)` is one that is too large.
pub(super) async fn read(
    mut request: Request,
    name: &'static str,
    most: Most,
    sink: &mut impl Sink,
) -> Result<Option<Arrived>> {
    DefaultBodyLimit::max(most.body).apply(&mut request);
    let broken = || Error::field(name, "The upload did not arrive whole. Send it again.");
    let failed = |error: &MultipartError| match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Ok(None),
        _ => Err(broken()),
    };
    let mut form = Multipart::from_request(request, &()).await.map_err(|_| broken())?;
    let mut arrived = Arrived::default();
    loop {
        let mut field = match form.next_field().await {
            Ok(Some(field)) => field,
            Ok(None) => break,
            Err(error) => return failed(&error),
        };
        let wanted = field.name() == Some(name);
        if wanted && let Some(called) = field.file_name() {
            called.clone_into(&mut arrived.name);
        }
        loop {
            let piece = match field.chunk().await {
                Ok(Some(piece)) => piece,
                Ok(None) => break,
                Err(error) => return failed(&error),
            };
            if wanted {
                arrived.length = arrived.length.saturating_add(piece.len());
                if arrived.length <= most.file {
                    sink.take(&piece).await?;
                }
            }
        }
    }
    Ok((arrived.length <= most.file).then_some(arrived))
}
