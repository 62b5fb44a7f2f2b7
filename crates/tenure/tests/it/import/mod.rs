//! Importing files of people: lines and columns, the rules, size, and files that are no files of people.

mod bytes;
mod export;
mod lines;
mod rules;
mod sample;

use std::{io::Write as _, sync::Arc};

use domain::person::Kind;
use tenure::{
    Result,
    ctx::Ctx,
    import::{BadRow, Source},
    ops::import::{self, Job, Outcome, Progress, Report},
};

use crate::support::world::World;

/// A file of these bytes; gone when it is dropped.
pub(crate) fn file(bytes: &[u8]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(bytes).expect("it is written");
    file
}

/// An import of a file, as the owner asks for it.
pub(crate) struct Try {
    pub(crate) ctx: Ctx,
    pub(crate) job: Job,
    pub(crate) dry_run: bool,
    _file: tempfile::NamedTempFile,
}

impl Try {
    pub(crate) fn new(world: &World, kind: Kind, bytes: &[u8]) -> Self {
        let file = file(bytes);
        let source = Source::open(file.path(), &[]).expect("a file of people");
        let limits = world.app.config.limits.clone();
        let job = Job {
            source,
            kind,
            skip_bad: false,
            update_status: false,
            past_brake: false,
            licenses: None,
            expected: None,
            limits,
        };
        Self { ctx: world.ctx(), job, dry_run: false, _file: file }
    }

    pub(crate) async fn run(&self, world: &World) -> Result<(Outcome, Vec<BadRow>)> {
        let mut bad = Vec::new();
        let (job, progress) = (Arc::new(self.job.clone()), Arc::new(Progress::default()));
        let outcome =
            import::run(&world.app.store, &self.ctx, &job, self.dry_run, &progress, &mut |row| bad.push(row))
                .await?;
        Ok((outcome, bad))
    }

    /// What it did; panics unless it was done, after a dry run that said the same.
    pub(crate) async fn done(&self, world: &World) -> Report {
        let before = world.dump().await;
        let dry = Self { ctx: self.ctx.clone(), job: self.job.clone(), dry_run: true, _file: file(b"") };
        let planned = match dry.run(world).await.expect("a dry run") {
            (Outcome::Checked(report), _) => report,
            (other, bad) => panic!("a dry run checks, not {other:?} {bad:?}"),
        };
        assert_eq!(world.dump().await, before, "a dry run changes nothing");
        let done = match self.run(world).await.expect("an import") {
            (Outcome::Done(report), _) => report,
            (other, bad) => panic!("an import was expected, not {other:?} {bad:?}"),
        };
        let json = |report: &Report| serde_json::to_string(report).expect("JSON");
        assert_eq!(json(&planned), json(&done), "the dry run says what is done");
        world.check().await;
        done
    }

    /// The bad rows of an import that did nothing.
    pub(crate) async fn refused(&self, world: &World) -> Vec<String> {
        let before = world.dump().await;
        let (outcome, bad) = self.run(world).await.expect("an import");
        assert!(matches!(outcome, Outcome::Bad(_)), "bad rows were expected, not {outcome:?}");
        assert_eq!(world.dump().await, before, "nothing is imported");
        bad.iter().map(ToString::to_string).collect()
    }
}

/// Imports a text; answers what it did.
pub(crate) async fn imported(world: &World, kind: Kind, text: &str) -> Report {
    Try::new(world, kind, text.as_bytes()).done(world).await
}
