//! `tenure backup`.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::{Global, answer::Answer, failure::Failure, place::Place};
use crate::store::Engine;

/// Copy the database, as it is at one moment, into a new file. The server goes on meanwhile.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tenure backup /media/backup/tenure-2030-03-01.db
  tenure backup \"/media/backup/tenure-$(date +%F).db\" --data /var/lib/tenure

The audit key is not in it: keep a copy of audit.key in another place than the backups.
Attachments are files beside it: copy the folder attachments of the data folder after it.
PostgreSQL is backed up with its own tools, such as pg_dump --format=custom.")]
pub(super) struct Backup {
    /// The new file. It must not be there yet.
    file: PathBuf,
}

impl Backup {
    pub(super) async fn run(self, global: &Global) -> Result<Answer, Failure> {
        let place = Place::open(global).await?;
        if place.store.engine() == Engine::Postgres {
            return Err(Failure::refused("not-here", "PostgreSQL is backed up with its own tools")
                .hint("pg_dump --format=custom --file=tenure.dump DATABASE")
                .hint("after pg_restore into an empty database: tenure restore --loaded"));
        }
        if self.file.exists() {
            return Err(Failure::refused("file-exists", format!("{} is there already", self.file.display()))
                .hint("give each backup a name of its own, such as tenure-$(date +%F).db"));
        }
        place.store.backup(&self.file).await?;
        place.close().await;
        let bytes = std::fs::metadata(&self.file).map_or(0, |file| file.len());
        let text = format!(
            "Wrote {} ({bytes} bytes), checked and on disk.\nThe audit key is not in it; keep it in another place.",
            self.file.display()
        );
        Ok(Answer::new(text, json!({ "file": self.file, "bytes": bytes })))
    }
}
