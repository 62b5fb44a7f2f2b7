//! Files that are sent with a message, and how they are given out again: always to be saved, never to be run by a
//! browser; a picture that says what it is may be looked at.

use axum::{
    body::Body,
    extract::{DefaultBodyLimit, FromRequest as _, Multipart, Request, multipart::Field},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use domain::{
    id::{AttachmentId, ItemId, WorkspaceId},
    item::{Access, MessageKind},
};
use futures_util::stream;
use tokio::io::AsyncReadExt as _;

use super::{form::Refused, item::Item, picture::size};
use crate::{
    app::App,
    attachments::Receiving,
    error::{Error, Result},
    ops::picture,
    store::attachments::{self, NewAttachment},
    web::{
        fields::{self, Fields, QueryFields},
        security::UPLOAD_SECURITY_POLICY,
        view::{account::Typed, item::FileLine},
    },
};

/// The name of the field.
const FIELD: &str = "file";
/// The longest name of a file that is kept, in characters.
const LONGEST_NAME: usize = 150;
/// How much of a file is given out at a time.
const PIECE: usize = 64 << 10;
/// What any file may be taken for.
const ANY: &str = "application/octet-stream";

/// A form as it has arrived.
pub(in crate::web) struct Sent {
    /// What was typed.
    pub(in crate::web) fields: Fields,
    /// The files, whole and on disk; each goes again unless it is kept.
    pub(in crate::web) files: Vec<(Receiving, NewAttachment)>,
    /// Why a file was not taken.
    pub(in crate::web) fault: Option<String>,
}

/// What may be attached, in words.
pub(in crate::web) fn hint(app: &App) -> String {
    let limits = &app.config.limits;
    format!("Up to {} files of {} each.", limits.attachments, size(limits.attachment_bytes))
}

/// Whether a request brings a form with files.
pub(in crate::web) fn is_multipart(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("multipart/form-data"))
}

/// How much a form with files may have in all: what is over a file's limit is read to its end and thrown away, since a
/// browser whose upload is cut off shows no answer.
fn most(app: &App) -> usize {
    let limits = &app.config.limits;
    let files = limits.attachment_bytes.saturating_mul(limits.attachments).saturating_mul(2);
    files.saturating_add(limits.body_bytes)
}

/// What was typed into a form that is refused; its files are thrown away. Of whoever is not `known`, no more is read
/// than of a form without files.
pub(in crate::web) async fn typed(app: &App, mut request: Request, known: bool) -> Vec<Typed> {
    let room = app.config.limits.body_bytes;
    DefaultBodyLimit::max(if known { most(app) } else { room }).apply(&mut request);
    let Ok(mut form) = Multipart::from_request(request, &()).await else { return Vec::new() };
    let (mut fields, mut read) = (Vec::new(), 0_usize);
    while let Ok(Some(mut field)) = form.next_field().await {
        let name = field.name().filter(|_| field.file_name().is_none()).map(str::to_owned);
        let mut bytes = Vec::new();
        while let Ok(Some(piece)) = field.chunk().await {
            if name.is_some() && read + piece.len() <= room {
                read += piece.len();
                bytes.extend_from_slice(&piece);
            }
        }
        if let (Some(name), Ok(text)) = (name, String::from_utf8(bytes)) {
            fields.push((name, text));
        }
    }
    // What was chosen, and not typed, is no loss.
    fields.retain(|(name, _)| name != "kind");
    fields::shown(&Fields::of(fields))
}

/// Reads the form of a message. What was typed is there even when a file is refused.
pub(in crate::web) async fn read(app: &App, ws: WorkspaceId, mut request: Request) -> Result<Sent> {
    if !is_multipart(request.headers()) {
        let fields = Fields::from_request(request, &()).await?;
        return Ok(Sent { fields, files: Vec::new(), fault: None });
    }
    let limits = &app.config.limits;
    DefaultBodyLimit::max(most(app)).apply(&mut request);
    let broken = || Error::field("body", "The form did not arrive whole. Send it again.");
    let mut form = Multipart::from_request(request, &()).await.map_err(|_| broken())?;
    let (mut typed, mut room) = (Vec::new(), limits.body_bytes);
    let mut sent = Sent { fields: Fields::default(), files: Vec::new(), fault: None };
    loop {
        match form.next_field().await {
            Ok(Some(field)) if field.file_name().is_some() => {
                if let Err(fault) = receive(app, ws, field, &mut sent.files).await? {
                    sent.fault.get_or_insert(fault);
                }
            }
            Ok(Some(field)) => {
                let name = field.name().unwrap_or_default().to_owned();
                let text = field.text().await.map_err(|_| broken())?;
                room = room.checked_sub(text.len()).ok_or_else(broken)?;
                typed.push((name, text));
            }
            Ok(None) => break,
            Err(_) => {
                sent.fault.get_or_insert_with(|| "The files did not arrive whole.".into());
                break;
            }
        }
    }
    sent.fields = Fields::of(typed);
    Ok(sent)
}

/// Takes one file; the inner error is for whoever sent it.
async fn receive(
    app: &App,
    ws: WorkspaceId,
    mut field: Field<'_>,
    files: &mut Vec<(Receiving, NewAttachment)>,
) -> Result<Result<(), String>> {
    let limits = &app.config.limits;
    let name = called(field.file_name().unwrap_or_default());
    let empty = field.file_name().is_none_or(str::is_empty);
    let fault = if field.name() != Some(FIELD) {
        Some("This form takes no such file.".to_owned())
    } else if limits.refused_files.names(&name) {
        Some(format!("Files such as {name} are not taken here: they could be run by mistake."))
    } else if files.len() >= limits.attachments {
        Some(format!("At most {} files go with one message.", limits.attachments))
    } else {
        None
    };
    let mut file = match &fault {
        // A browser sends a file without a name where none was chosen.
        None if !empty => Some(
            app.attachments.receive(ws, AttachmentId::from_uuid(app.sys.uuid7())).await.map_err(not_kept)?,
        ),
        _ => None,
    };
    let most = limits.attachment_bytes as u64;
    let mut too_large = false;
    loop {
        match field.chunk().await {
            Ok(Some(piece)) => match &mut file {
                Some(kept) if kept.length() + piece.len() as u64 <= most => {
                    kept.take(&piece).await.map_err(not_kept)?;
                }
                Some(_) => {
                    file = None;
                    too_large = true;
                }
                None => {}
            },
            Ok(None) => break,
            Err(_) => return Ok(Err("The files did not arrive whole.".into())),
        }
    }
    if too_large {
        return Ok(Err(format!(
            "{name} is too large: a file may have at most {}.",
            size(limits.attachment_bytes)
        )));
    }
    if let Some(fault) = fault.filter(|_| !empty) {
        return Ok(Err(fault));
    }
    if let Some(mut file) = file {
        file.finish().await.map_err(not_kept)?;
        let new = NewAttachment {
            id: file.id(),
            name,
            media_type: picture::shown(file.head(), limits).unwrap_or(ANY),
            size: i64::try_from(file.length()).unwrap_or(i64::MAX),
            digest: file.digest(),
        };
        files.push((file, new));
    }
    Ok(Ok(()))
}

/// The row is saved: the file stays.
pub(in crate::web) fn kept(file: Receiving) {
    file.keep();
}

fn not_kept(error: impl std::fmt::Display) -> Error {
    Error::Internal(format!("an attachment could not be kept: {error}"))
}

/// The name without a path, which some browsers send along, and without what cannot be seen or hides the ending.
fn called(sent: &str) -> String {
    let name = sent.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = name.chars().filter(|c| !crate::text::is_hidden(*c)).collect();
    let name = name.trim();
    let over = name.chars().count().saturating_sub(LONGEST_NAME);
    // The ending tells what it is: the beginning is what is cut.
    let name: String = name.chars().skip(over).collect();
    // Dots alone name a folder.
    if name.chars().all(|c| matches!(c, '.' | ' ')) { "A file without a name".to_owned() } else { name }
}

/// What a refused message shows. Browsers do not give files back: they are chosen again.
pub(in crate::web) fn refused(error: Error, had_files: bool) -> Result<Refused> {
    let mut wrong = Refused::of(error)?;
    if let Some(words) = wrong.above(&[FIELD, "kind"]) {
        wrong = wrong.saying(words);
    }
    Ok(if had_files { wrong.adding("Choose the files again.") } else { wrong })
}

/// An attachment as its message shows it.
pub(in crate::web) fn line(file: &attachments::Attachment, href: &str) -> FileLine {
    let href = format!("{href}/attachments/{}", file.id);
    FileLine {
        picture: (file.media_type != ANY).then(|| format!("{href}?view=1")),
        href,
        name: file.name.clone(),
        size: size(usize::try_from(file.size).unwrap_or(usize::MAX)),
    }
}

/// `GET …/attachments/{attachment}`, with `view` for a picture that is looked at. Whoever may read the message may
/// read it.
pub(in crate::web) async fn give(item: Item, QueryFields(query): QueryFields) -> Result<Response> {
    let ws = item.frame.session.visit.workspace;
    let of = (ws, item.id(), item.access);
    give_out(&item.app, of, item.attachment()?, query.ticked("view")).await
}

/// A file of an item, for whoever has this access to it; `looks` shows a picture instead of saving it.
pub(in crate::web) async fn give_out(
    app: &App,
    (ws, item, access): (WorkspaceId, ItemId, Access),
    id: AttachmentId,
    looks: bool,
) -> Result<Response> {
    let mut rx = app.store.reader().await?;
    let found = attachments::load(&mut rx, ws, id).await?;
    drop(rx);
    let seen = |file: &attachments::Attachment| {
        file.item == item && (file.kind == MessageKind::Reply || access.sees_notes())
    };
    let found = found.filter(seen).ok_or(Error::NotFound("attachment"))?;
    let file = app.attachments.open(ws, id).await.map_err(|error| {
        tracing::error!(%error, attachment = %id, "an attachment cannot be read");
        Error::NotFound("attachment")
    })?;
    let pieces = stream::try_unfold(file, |mut file| async move {
        let mut piece = vec![0; PIECE];
        let read = file.read(&mut piece).await?;
        piece.truncate(read);
        Ok::<_, std::io::Error>((read > 0).then(|| (Bytes::from(piece), file)))
    });
    let views = looks && found.media_type != ANY;
    let headers = [
        (header::CONTENT_TYPE, header_of(&found.media_type)?),
        (header::CONTENT_LENGTH, header_of(&found.size.to_string())?),
        (header::CONTENT_DISPOSITION, header_of(&disposition(&found.name, views))?),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(UPLOAD_SECURITY_POLICY)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        // Asked again each time: who may read it today may not tomorrow.
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache")),
    ];
    Ok((headers, Body::from_stream(pieces)).into_response())
}

fn header_of(text: &str) -> Result<HeaderValue> {
    HeaderValue::from_str(text).map_err(|error| Error::Internal(format!("no header: {error}")))
}

/// RFC 6266: the name in plain letters for old browsers, and whole (RFC 8187) for all others.
fn disposition(name: &str, views: bool) -> String {
    let plain: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || " .-_()".contains(c) { c } else { '_' })
        .collect();
    let mut whole = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b".-_".contains(&byte) {
            whole.push(char::from(byte));
        } else {
            use std::fmt::Write as _;
            let _ = write!(whole, "%{byte:02X}");
        }
    }
    let how = if views { "inline" } else { "attachment" };
    format!("{how}; filename=\"{plain}\"; filename*=UTF-8''{whole}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_no_path_and_nothing_hidden_and_keeps_its_ending() {
        assert_eq!(called("C:\\Users\\Ada\\photo.png"), "photo.png");
        assert_eq!(called("../../etc/passwd"), "passwd");
        assert_eq!(called("gpj\u{202e}.exe"), "gpj.exe");
        assert_eq!(called("a\r\nb.txt"), "ab.txt");
        assert_eq!(called(" "), "A file without a name");
        let long = called(&format!("{}.pdf", "x".repeat(500)));
        assert!(long.chars().count() == LONGEST_NAME && long.ends_with("xx.pdf"));
    }

    #[test]
    fn a_disposition_is_one_line_of_plain_letters() {
        let text = disposition("Rechnung \"März\"\r\n; x=<b>.pdf", false);
        assert!(text.starts_with("attachment; filename=\"Rechnung _M_rz_"), "{text}");
        assert!(text.is_ascii() && !text.contains(['\r', '\n', '<']), "{text}");
        assert!(text.ends_with("UTF-8''Rechnung%20%22M%C3%A4rz%22%0D%0A%3B%20x%3D%3Cb%3E.pdf"), "{text}");
        assert!(disposition("a.png", true).starts_with("inline; "));
    }
}
