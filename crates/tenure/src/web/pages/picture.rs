//! Pictures: shown, and one's own sent and removed.

use axum::{
    extract::{Request, State},
    http::header,
    response::{IntoResponse as _, Response},
};
use domain::id::PersonId;

use super::{form::Refused, frame::Frame, me::profile_page};
use crate::{
    app::App,
    error::{Error, Result},
    ops::{self, picture::Picture},
    store::{people, pictures},
    web::{
        fields::QueryFields,
        flash::Flash,
        security::UPLOAD_SECURITY_POLICY,
        session::Session,
        upload::{self, Most},
        view::account::ProfilePage,
    },
};

/// A person's picture. Its address changes with it, so a browser may keep it; shared caches may not.
pub(in crate::web) async fn answer(
    app: &App,
    session: &Session,
    id: PersonId,
    version: Option<&str>,
) -> Result<Response> {
    let ws = session.visit.workspace;
    let mut rx = app.store.reader().await?;
    let row = people::load(&mut rx, ws, id).await?;
    let picture = pictures::load(&mut rx, ws, id).await?;
    drop(rx);
    let (Some(row), Some((kind, bytes))) = (row, picture) else {
        return Err(Error::NotFound("picture"));
    };
    let asked_for_this = row.picture.as_deref() == version;
    let kept = if asked_for_this { "private, max-age=31536000, immutable" } else { "private, no-cache" };
    let headers = [
        (header::CONTENT_TYPE, kind.as_str()),
        (header::CONTENT_SECURITY_POLICY, UPLOAD_SECURITY_POLICY),
        (header::CACHE_CONTROL, kept),
        (header::CONTENT_DISPOSITION, "inline"),
    ];
    Ok((headers, bytes).into_response())
}

/// `GET` of one's own picture, in the portal.
pub(in crate::web) async fn own(
    State(app): State<App>,
    session: Session,
    QueryFields(query): QueryFields,
) -> Result<Response> {
    answer(&app, &session, session.person(), query.maybe("v")).await
}

/// "1 MiB", "512 KiB", "1 byte".
pub(in crate::web) fn size(bytes: usize) -> String {
    match bytes {
        1 => "1 byte".to_owned(),
        0..=1023 => format!("{bytes} bytes"),
        1024..=1_048_575 => format!("{} KiB", bytes / 1024),
        _ if bytes.is_multiple_of(1_048_576) => format!("{} MiB", bytes / 1_048_576),
        _ => format!("{:.1} MiB", f64::from(u32::try_from(bytes / 1024).unwrap_or(u32::MAX)) / 1024.0),
    }
}

/// `POST` of one's own picture.
pub(in crate::web) async fn save(State(app): State<App>, frame: Frame, request: Request) -> Result<Response> {
    let saved = async {
        let bytes = read(&app, request).await?;
        let picture = Picture::parse(bytes, &app.config.limits)?;
        set(&app, &frame, Some(picture)).await
    };
    match saved.await {
        Ok(()) => Ok(Flash::done("Your picture is saved.").redirect(frame.session.side().profile())),
        Err(error) => {
            let refused = Refused::of(error)?;
            let page = ProfilePage {
                picture_error: refused.above(&["picture"]),
                ..profile_page(&app, &frame).await?
            };
            Ok(frame.draw_as(refused.status, &page))
        }
    }
}

/// `POST` of its removal.
pub(in crate::web) async fn remove(State(app): State<App>, frame: Frame) -> Result<Response> {
    set(&app, &frame, None).await?;
    Ok(Flash::done("Your picture is removed.").redirect(frame.session.side().profile()))
}

async fn set(app: &App, frame: &Frame, picture: Option<Picture>) -> Result<()> {
    let (ctx, me) = (frame.session.ctx.clone(), frame.session.person());
    app.store.write(async move |tx| ops::picture::set_picture(tx, &ctx, me, picture.clone()).await).await
}

/// The bytes of the field `picture`.
async fn read(app: &App, request: Request) -> Result<Vec<u8>> {
    let limits = &app.config.limits;
    let most = Most { file: limits.picture_bytes, body: limits.upload_bytes };
    let mut bytes = Vec::new();
    let arrived = upload::read(request, "picture", most, &mut bytes).await?.ok_or_else(|| too_large(app))?;
    if arrived.length == 0 {
        return Err(Error::field("picture", "Choose a picture first."));
    }
    Ok(bytes)
}

fn too_large(app: &App) -> Error {
    let most = size(app.config.limits.picture_bytes);
    Error::field(
        "picture",
        format!("A picture may have at most {most}. Nothing was saved: make it smaller and send it again."),
    )
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_are_written_in_the_unit_that_fits() {
        assert_eq!((size(1).as_str(), size(500).as_str()), ("1 byte", "500 bytes"));
        assert_eq!(size(512 * 1024), "512 KiB");
        assert_eq!(size(1 << 20), "1 MiB");
        assert_eq!(size(3 << 19), "1.5 MiB");
    }
}
