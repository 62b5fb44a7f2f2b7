//! `/users/import`: a file is chosen and sent.

use axum::{
    extract::{Request, State},
    response::{IntoResponse as _, Redirect, Response},
};
use domain::{id::ImportId, person::Kind};
use tokio::{fs::File, io::AsyncWriteExt as _};

use super::{words, work};
use crate::{
    app::App,
    error::{Error, Result},
    import::uploads::{Choices, Sent},
    web::{
        desk::{form::Refused, frame::Frame},
        pages::picture::size,
        upload::{self, Arrived, Most, Sink},
        view::{
            Link,
            import::{ImportLine, ImportStart},
            naming::Naming,
            shell::Place,
        },
    },
};

/// The longest name of a file that is shown, in characters.
const LONGEST_NAME: usize = 100;

/// The page of an upload.
pub(super) fn href(naming: &Naming, id: ImportId) -> String {
    format!("{}/import/{id}", naming.path)
}

/// `GET /users/import`.
pub(in super::super) async fn start(
    State(app): State<App>,
    naming: &'static Naming,
    frame: Frame,
) -> Response {
    draw(&app, naming, &frame, &Refused::none())
}

fn draw(app: &App, naming: &'static Naming, frame: &Frame, wrong: &Refused) -> Response {
    let times = frame.times();
    let known = app.uploads.list(frame.session.visit.workspace, naming.kind);
    let page = ImportStart {
        shell: frame.shell(Place::of(naming), format!("Import {}", naming.many)),
        app: naming,
        error: wrong.message("file"),
        limit: size(app.config.limits.upload_bytes),
        known: known
            .iter()
            .map(|upload| ImportLine {
                what: Link::new(&upload.name, href(naming, upload.id)),
                by: upload.by.1.clone(),
                when: times.when(upload.at),
                state: words::state(&upload.state().stage),
            })
            .collect(),
    };
    frame.draw_as(wrong.status, &page)
}

/// `POST /users/import`.
pub(in super::super) async fn receive(
    State(app): State<App>,
    naming: &'static Naming,
    frame: Frame,
    request: Request,
) -> Result<Response> {
    match Box::pin(save(&app, naming.kind, &frame, request)).await {
        Ok(id) => Ok(Redirect::to(&href(naming, id)).into_response()),
        Err(error) => Ok(draw(&app, naming, &frame, &Refused::of(error)?)),
    }
}

/// A file that is written.
struct Written(File);

impl Sink for Written {
    async fn take(&mut self, piece: &[u8]) -> Result<()> {
        self.0.write_all(piece).await.map_err(not_kept)
    }
}

fn not_kept(error: impl std::fmt::Display) -> Error {
    Error::Internal(format!("an uploaded file could not be kept: {error}"))
}

async fn save(app: &App, kind: Kind, frame: &Frame, request: Request) -> Result<ImportId> {
    let receiving = app.uploads.receive(&app.sys).map_err(not_kept)?;
    let file = File::options().write(true).open(receiving.path()).await.map_err(not_kept)?;
    let limit = app.config.limits.upload_bytes;
    let mut file = Written(file);
    let most = Most { file: limit, body: limit.saturating_mul(2) };
    let arrived = upload::read(request, "file", most, &mut file).await?.ok_or_else(|| {
        let message = format!(
            "The file may have at most {}. Nothing was kept: divide it and send the parts, or import it at the \
             machine with tenure import.",
            size(limit)
        );
        Error::field("file", message)
    })?;
    if arrived.length == 0 {
        let message = if arrived.name.is_empty() { "Choose a file first." } else { "The file is empty." };
        return Err(Error::field("file", message));
    }
    file.0.flush().await.map_err(not_kept)?;
    drop(file);
    let sent = Sent {
        workspace: frame.session.visit.workspace,
        kind,
        name: called(&arrived),
        bytes: arrived.length as u64,
        by: (frame.session.person(), frame.session.check.name.clone()),
        at: frame.session.visit.now,
    };
    let upload = app.uploads.keep(receiving, sent);
    work::check(app, &frame.session.ctx, &upload, Choices::default()).await;
    Ok(upload.id)
}

/// The name without a path, which some browsers send along, and without what cannot be seen.
fn called(arrived: &Arrived) -> String {
    let name = arrived.name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = name.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect();
    if name.trim().is_empty() { "A file without a name".to_owned() } else { name }
}
