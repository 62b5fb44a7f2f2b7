//! `POST /api/v1/users/import`, of customers likewise: a CSV file as the body, read and written by the import of the
//! pages.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Request, State},
    http::{StatusCode, header},
    response::IntoResponse as _,
};
use domain::{Refusal, person::Kind};
use futures_util::StreamExt as _;
use serde::Serialize;
use tokio::{fs::File, io::AsyncWriteExt as _};
use utoipa::ToSchema;

use crate::{
    app::App,
    error::{Error, Result},
    import::{BadRow, BadRows, Source, uploads::Receiving},
    ops::import::{self as ops, Job, Outcome, Progress, Report},
    web::{
        api::{
            answer::Answer,
            problems::many::OfImport,
            query::{Query, invalid},
        },
        body::too_large,
        failure::{Plain, Wrong},
        session::Session,
    },
};

/// How many bad rows are named.
const LISTED: usize = 100;

/// A row that is wrong.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BadRow)]
pub(in crate::web::api) struct Bad {
    /// The line of the file.
    line: u64,
    /// The column; empty where the row as a whole is wrong.
    column: String,
    /// Why, for whoever made the file.
    message: String,
}

impl From<BadRow> for Bad {
    fn from(row: BadRow) -> Self {
        let BadRow { line, column, message } = row;
        Self { line, column, message }
    }
}

/// What an import did, or would do.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct ImportAnswer {
    /// `done`: it is imported. Of a dry run, `checked`: it would be, once no license is missing; `bad`: rows are wrong, and
    /// nothing would be imported.
    #[schema(pattern = "^(done|checked|bad)$", example = "done")]
    outcome: &'static str,
    /// The numbers.
    report: Report,
    /// The first 100 of the rows that are wrong.
    bad_rows: Vec<Bad>,
    /// Columns of the file that no import knows.
    ignored_columns: Vec<String>,
}

/// The parameters of an import.
const PARAMETERS: &[&str] = &["dry_run", "skip_bad", "update_status", "past_brake", "licenses", "map"];

/// What the query asks for.
#[expect(clippy::struct_excessive_bools, reason = "each is a parameter of its own")]
struct Asked {
    dry_run: bool,
    skip_bad: bool,
    update_status: bool,
    past_brake: bool,
    licenses: Option<i64>,
    maps: Vec<(String, String)>,
}

impl Asked {
    fn read(query: &Query) -> Answer<Self> {
        query.only_with(PARAMETERS, &["map"])?;
        let wrong = |name: &str, words: &str| invalid(vec![Wrong::parameter(name, words)]);
        let mut maps = Vec::new();
        for text in query.all("map") {
            let (from, to) = text.rsplit_once('=').ok_or_else(|| wrong("map", "Give it as A=B."))?;
            maps.push((from.to_owned(), to.to_owned()));
        }
        let licenses = query.get("licenses").map(str::parse::<i64>).transpose();
        Ok(Self {
            dry_run: query.flag("dry_run")?,
            skip_bad: query.flag("skip_bad")?,
            update_status: query.flag("update_status")?,
            past_brake: query.flag("past_brake")?,
            licenses: licenses.map_err(|_| wrong("licenses", "This is a number."))?,
            maps,
        })
    }
}

fn not_kept(error: impl std::fmt::Display) -> Error {
    Error::Internal(format!("a file to be imported could not be kept: {error}"))
}

/// The body in a file of its own, which goes again when it is dropped.
async fn received(app: &App, request: Request) -> Answer<Receiving> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if !kind.is_some_and(|kind| {
        kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("text/csv")
    }) {
        let words = "Send the file as the body, with Content-Type: text/csv.";
        return Err(Plain::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", words).into());
    }
    let receiving = app.uploads.receive(&app.sys).map_err(not_kept)?;
    let mut file = File::options().write(true).open(receiving.path()).await.map_err(not_kept)?;
    let (most, mut length) = (app.config.limits.upload_bytes, 0_usize);
    let mut pieces = request.into_body().into_data_stream();
    while let Some(piece) = pieces.next().await {
        let cut = || Error::field("file", "The file did not arrive whole. Send it again.");
        let piece = piece.map_err(|_| cut())?;
        length = length.saturating_add(piece.len());
        if length > most {
            return Err(too_large(most).into());
        }
        file.write_all(&piece).await.map_err(not_kept)?;
    }
    file.flush().await.map_err(not_kept)?;
    Ok(receiving)
}

/// Where the columns of the file are.
async fn source(receiving: &Receiving, maps: Vec<(String, String)>) -> Result<Source> {
    let path = receiving.path().to_owned();
    let source = tokio::task::spawn_blocking(move || Source::open(&path, &maps)).await.map_err(not_kept)?;
    source.map_err(|wrong| Error::field("file", wrong.to_string()))
}

async fn import((app, session): (&App, &Session), kind: Kind, query: &Query, request: Request) -> Answer {
    let asked = Asked::read(query)?;
    let receiving = received(app, request).await?;
    let source = source(&receiving, asked.maps).await?;
    let ignored_columns = source.mapping().ignored().map(str::to_owned).collect();
    let job = Arc::new(Job {
        source,
        kind,
        skip_bad: asked.skip_bad,
        update_status: asked.update_status,
        past_brake: asked.past_brake,
        licenses: asked.licenses,
        expected: None,
        limits: app.config.limits.clone(),
    });
    let mut bad = BadRows::open(LISTED, None).map_err(not_kept)?;
    let progress = Arc::new(Progress::default());
    let outcome =
        ops::run(&app.store, &session.ctx, &job, asked.dry_run, &progress, &mut |row| bad.push(row)).await?;
    let (bad, _) = bad.close();
    let word = match &outcome {
        Outcome::Done(_) => "done",
        Outcome::Checked(_) => "checked",
        Outcome::Bad(_) if asked.dry_run => "bad",
        Outcome::Bad(_) => return Err(not_right(bad).into()),
        // A dry run is checked, and says how many are missing.
        Outcome::Short(report) => {
            let licenses = session.check.workspace.licenses.clone();
            let needed = licenses.free() + report.licenses_missing;
            return Err(Refusal::LicensesExhausted { licenses, needed }.into());
        }
    };
    Ok(Json(ImportAnswer {
        outcome: word,
        report: outcome.report().clone(),
        bad_rows: bad.into_iter().map(Bad::from).collect(),
        ignored_columns,
    })
    .into_response())
}

/// The problem of a file with rows that are wrong: the first 100 of them.
pub(in crate::web::api) fn not_right(bad: Vec<BadRow>) -> Plain {
    let words = "Rows of the file are wrong, so nothing was imported. Mend them, or leave them out with skip_bad=true.";
    let wrong = |BadRow { line, column, message }: BadRow| {
        let detail = if column.is_empty() { message } else { format!("{column}: {message}") };
        Wrong { line: usize::try_from(line).ok(), ..Wrong::somewhere(detail) }
    };
    let wrong = bad.into_iter().map(wrong).collect();
    Plain::new(StatusCode::UNPROCESSABLE_ENTITY, "rows-not-right", words).with(wrong)
}

macro_rules! import_of {
    ($($(#[doc = $doc:literal])* $name:ident at $path:literal, $kind:ident;)*) => {$(
        $(#[doc = $doc])*
        #[utoipa::path(
            post, path = $path, tag = "many",
            params(
                ("dry_run" = Option<bool>, Query, description = "Answer what would happen, and do nothing."),
                ("skip_bad" = Option<bool>, Query, description = "Leave out rows that are wrong; else nothing is imported when one is."),
                ("update_status" = Option<bool>, Query, description = "Also deactivate and activate people who are there, as the file says."),
                ("past_brake" = Option<bool>, Query, description = "Deactivate more people than the brake lets pass."),
                ("licenses" = Option<i64>, Query, description = "How many licenses are to be owned, when fewer are now."),
                ("map" = Option<String>, Query, description = "Which column of the file is which, as in `E-Mail=Email`; any number of them."),
            ),
            request_body(content = String, content_type = "text/csv", description = "The file, UTF-8, its first line the names of the columns."),
            responses((status = 200, description = "What was done, or (with `dry_run`) would be, or why nothing would.", body = ImportAnswer), OfImport),
            security(("session" = []))
        )]
        pub(in crate::web::api) async fn $name(
            State(app): State<App>,
            session: Session,
            query: Query,
            request: Request,
        ) -> Answer {
            import((&app, &session), Kind::$kind, &query, request).await
        }
    )*};
}

import_of! {
    /// Import users from CSV.
    ///
    /// All in one transaction or nothing. Whoever has an address of the file already is changed as it says.
    import_users at "/api/v1/users/import", User;

    /// Import customers from CSV.
    ///
    /// All in one transaction or nothing. Whoever has an address of the file already is changed as it says.
    import_customers at "/api/v1/customers/import", Customer;
}
