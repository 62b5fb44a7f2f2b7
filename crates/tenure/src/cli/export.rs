//! `tenure export`, `tenure user export` and `tenure customer export`.

use std::{
    fs::File,
    io::Write as _,
    path::{Path, PathBuf},
};

use clap::Args;
use domain::person::Kind;
use serde_json::json;

use super::{Global, answer::Answer, failure::Failure, import::kind, place::Place};
use crate::{ops::export, store::grid::GridQuery};

/// Write users or customers to a CSV file, in the columns that an import reads.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tenure export --kind users --out users.csv
  tenure export --kind customers --query 'view=deactivated&q=acme' --out gone.csv
  tenure export --kind customers | wc -l")]
pub(super) struct Export {
    /// What is written.
    #[arg(long, value_parser = ["users", "customers"])]
    kind: String,
    /// Only who matches, in the words of the grid's address, such as view=active&q=smith.
    #[arg(long, value_name = "QUERY", default_value = "")]
    query: String,
    /// The file, which must not be there yet [default: standard output].
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Makes a file that is not there yet: what lies there may be another export.
fn create(path: &Path) -> Result<File, Failure> {
    File::create_new(path).map_err(|error| cannot(path, &error))
}

fn cannot(path: &Path, error: &std::io::Error) -> Failure {
    Failure::failed(format!("cannot write {}: {error}", path.display()))
}

impl Export {
    pub(super) async fn run(self, global: &Global) -> Result<Answer, Failure> {
        if self.out.is_none() && global.json {
            return Err(Failure::usage("with --json, say with --out to which file the people are written"));
        }
        let place = Place::open(global).await?;
        let answer = self.write(&place).await;
        place.close().await;
        answer
    }

    async fn write(&self, place: &Place) -> Result<Answer, Failure> {
        let ws = place.workspace().await?.id;
        let query = GridQuery::only_from_query(kind(&self.kind), &self.query)?;
        let mut file = self.out.as_deref().map(create).transpose()?;
        let ctx = place.ctx(ws);
        let begun = ctx.clone();
        let mut people =
            place.store.write(async move |tx| export::begin(tx, &begun, query.clone()).await).await?;
        while let Some(piece) = people.next(&place.store, &ctx).await? {
            match (&mut file, &self.out) {
                (Some(file), Some(path)) => file.write_all(&piece).map_err(|error| cannot(path, &error))?,
                // A reader that has gone (`| head`) wants no more.
                _ if std::io::stdout().lock().write_all(&piece).is_err() => break,
                _ => {}
            }
        }
        place.seal(ws).await;
        match &self.out {
            Some(path) => Ok(Answer::new(
                format!("Wrote {} {} to {}", people.rows(), self.kind, path.display()),
                json!({ "rows": people.rows(), "file": path }),
            )),
            None => Ok(Answer::silent()),
        }
    }
}

/// One person's whole data.
#[derive(Debug, Args)]
pub(super) struct Person {
    /// The person, by email address or id.
    person: String,
    /// The file, which must not be there yet.
    #[arg(long, value_name = "FILE.zip")]
    out: PathBuf,
}

impl Person {
    pub(super) async fn run(self, place: &Place, kind: Kind) -> Result<Answer, Failure> {
        let ws = place.workspace().await?.id;
        let id = place.person(ws, kind, &self.person).await?.person.id;
        let mut file = create(&self.out)?;
        let ctx = place.ctx(ws);
        let begun = ctx.clone();
        let mut data = place.store.write(async move |tx| export::person(tx, &begun, id).await).await?;
        while let Some(piece) = data.next(&place.store, &ctx).await? {
            file.write_all(&piece).map_err(|error| cannot(&self.out, &error))?;
        }
        place.seal(ws).await;
        let text = format!("Wrote everything that is known of {} to {}", self.person, self.out.display());
        Ok(Answer::new(text, json!({ "person": id, "file": self.out })))
    }
}
