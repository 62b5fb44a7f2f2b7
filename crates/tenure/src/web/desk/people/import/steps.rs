//! `/users/import/{id}`: what is done with a file that was sent.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use bytes::Bytes;
use domain::license::MOST_OWNED;
use futures_util::stream;
use tokio::{fs::File, io::AsyncReadExt as _};

use super::{draw, receive::href, work};
use crate::{
    app::App,
    error::{Error, Result},
    import::{
        Glance,
        uploads::{Choices, Stage, Upload},
    },
    web::{
        desk::{form::Refused, frame::Frame},
        download::attachment,
        fields::Fields,
        flash::Flash,
        view::{naming::Naming, number},
    },
};

/// How many bytes of the list of bad rows are sent at a time.
const PIECE: usize = 64 << 10;

fn find(app: &App, naming: &Naming, frame: &Frame, id: &str) -> Result<Arc<Upload>> {
    let gone = || {
        Error::NotFound(
            "uploaded file. Look into the audit log to see whether it was imported, or send it again",
        )
    };
    let id = id.parse().map_err(|_| gone())?;
    app.uploads.find(frame.session.visit.workspace, naming.kind, id).ok_or_else(gone)
}

/// The beginning of the file; nothing once it has been imported.
pub(super) async fn glance(upload: &Upload) -> Result<Glance> {
    let path = upload.path.clone();
    let looked = tokio::task::spawn_blocking(move || Glance::at(&path)).await;
    let looked = looked.map_err(|error| Error::Internal(error.to_string()))?;
    Ok(looked.unwrap_or_default())
}

/// `GET /users/import/{id}`.
pub(in super::super) async fn show(
    State(app): State<App>,
    naming: &'static Naming,
    frame: Frame,
    Path(id): Path<String>,
) -> Result<Response> {
    let upload = find(&app, naming, &frame, &id)?;
    draw::page(&app, naming, &frame, &upload, None, &Refused::none()).await
}

/// What the form says; without fields for the columns they stay as they were.
fn choices(upload: &Upload, header: &[String], fields: &Fields) -> Result<Choices> {
    let chosen = |(at, name): (usize, &String)| {
        fields.maybe(&draw::column(at)).map(|to| (name.clone(), to.to_owned()))
    };
    let mut maps: Vec<_> = header.iter().enumerate().filter_map(chosen).collect();
    if maps.is_empty() {
        maps.clone_from(&upload.state().choices.maps);
    }
    let typed = fields.get("licenses").trim().replace([',', ' '], "");
    let licenses = match typed.as_str() {
        "" => None,
        typed => match typed.parse() {
            Ok(number) if (1..=MOST_OWNED).contains(&number) => Some(number),
            _ => {
                let most = number(MOST_OWNED.unsigned_abs());
                return Err(Error::field(
                    "licenses",
                    format!("This must be a whole number from 1 to {most}."),
                ));
            }
        },
    };
    Ok(Choices {
        maps,
        skip_bad: fields.ticked("skip_bad"),
        update_status: fields.ticked("update_status"),
        past_brake: fields.ticked("past_brake"),
        licenses,
    })
}

/// `POST /users/import/{id}`: it is checked again, with what was chosen.
pub(in super::super) async fn check(
    State(app): State<App>,
    naming: &'static Naming,
    frame: Frame,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response> {
    let upload = find(&app, naming, &frame, &id)?;
    match choices(&upload, &glance(&upload).await?.header, &fields) {
        Ok(choices) => {
            work::check(&app, &frame.session.ctx, &upload, choices).await;
            Ok(to(naming, &upload))
        }
        Err(error) => draw::page(&app, naming, &frame, &upload, Some(&fields), &Refused::of(error)?).await,
    }
}

fn to(naming: &Naming, upload: &Upload) -> Response {
    Redirect::to(&href(naming, upload.id)).into_response()
}

/// `POST /users/import/{id}/begin`: it is imported, if it is still what the page has shown.
pub(in super::super) async fn begin(
    State(app): State<App>,
    naming: &'static Naming,
    frame: Frame,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response> {
    let upload = find(&app, naming, &frame, &id)?;
    let header = glance(&upload).await?.header;
    let chosen = match choices(&upload, &header, &fields) {
        Ok(chosen) => chosen,
        Err(error) => {
            return draw::page(&app, naming, &frame, &upload, Some(&fields), &Refused::of(error)?).await;
        }
    };
    let ctx = &frame.session.ctx;
    if shows(&upload, &header, &chosen) {
        work::run(&app, ctx, &upload, chosen).await;
        return Ok(to(naming, &upload));
    }
    // Nobody has seen yet what this would do.
    work::check(&app, ctx, &upload, chosen).await;
    let notice =
        "Nothing was imported yet: what you chose changes what happens. Look at it, and confirm it then.";
    Ok(Flash::note(notice).redirect(&href(naming, upload.id)))
}

/// Whether the page has shown what these choices lead to. Whatever only allows the import may be chosen with it.
fn shows(upload: &Upload, header: &[String], chosen: &Choices) -> bool {
    let state = upload.state();
    let seen = &state.choices;
    let same_columns = draw::taken(header, seen) == draw::taken(header, chosen);
    matches!(state.stage, Stage::Running(_) | Stage::Done(_))
        || (matches!(state.stage, Stage::Checked(_))
            && same_columns
            && seen.update_status == chosen.update_status)
}

/// `POST /users/import/{id}/removal`.
pub(in super::super) async fn remove(
    State(app): State<App>,
    naming: &'static Naming,
    frame: Frame,
    Path(id): Path<String>,
) -> Result<Response> {
    let upload = find(&app, naming, &frame, &id)?;
    if upload.is_running() {
        let words = "It is being imported, and cannot be stopped any more.";
        return Ok(Flash::refused(words).redirect(&href(naming, upload.id)));
    }
    app.uploads.discard(upload.id);
    Ok(Flash::done("The file is removed.").redirect(&format!("{}/import", naming.path)))
}

/// `GET /users/import/{id}/errors.csv`: every bad row.
pub(in super::super) async fn errors(
    State(app): State<App>,
    naming: &'static Naming,
    frame: Frame,
    Path(id): Path<String>,
) -> Result<Response> {
    let upload = find(&app, naming, &frame, &id)?;
    let file = File::open(upload.errors()).await.map_err(|_| Error::NotFound("list of bad rows"))?;
    let pieces = stream::try_unfold(file, |mut file| async move {
        let mut piece = vec![0; PIECE];
        let read = file.read(&mut piece).await?;
        piece.truncate(read);
        Ok::<_, std::io::Error>((read > 0).then(|| (Bytes::from(piece), file)))
    });
    attachment("bad-rows.csv", "text/csv; charset=utf-8", Body::from_stream(pieces))
}
