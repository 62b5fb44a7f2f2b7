//! Checking and importing a file, beside the requests that ask for it.

use std::{sync::Arc, time::Duration};

use domain::Refusal;
use tokio::task::JoinHandle;

use crate::{
    app::App,
    ctx::Ctx,
    error::Error,
    import::{
        BadRows, Source, Wrong,
        uploads::{Choices, Found, Stage, State, Upload},
    },
    ops::import::{self, Job, Outcome, Progress, Report},
};

/// How many bad rows are listed on the page.
const LISTED: usize = 100;
/// How long a request waits for the work that it began, so that the next page shows the end of what is short.
const MOMENT: Duration = Duration::from_millis(900);

/// Begins to check a file, unless it is being imported or has been.
pub(super) async fn check(app: &App, ctx: &Ctx, upload: &Arc<Upload>, choices: Choices) {
    let Some(turn) = Turn::take(upload, ctx, Stage::Checking, |state| {
        let may = !matches!(state.stage, Stage::Running(_) | Stage::Done(_));
        if may {
            state.notice = None;
            state.choices = choices;
        }
        may
    }) else {
        return;
    };
    let (app, ctx) = (app.clone(), ctx.clone());
    begin(upload, Box::pin(async move { turn.check(&app, &ctx).await })).await;
}

/// Begins to import a file that has been checked. Pressed twice, it is imported once.
pub(super) async fn run(app: &App, ctx: &Ctx, upload: &Arc<Upload>, choices: Choices) {
    let mut expected = None;
    let Some(turn) = Turn::take(upload, ctx, Stage::Running, |state| {
        if let Stage::Checked(found) = &state.stage {
            expected = Some(found.report.clone());
            state.choices = choices;
        }
        expected.is_some()
    }) else {
        return;
    };
    let (app, ctx) = (app.clone(), ctx.clone());
    begin(upload, Box::pin(async move { turn.import(&app, &ctx, expected).await })).await;
}

async fn begin(upload: &Arc<Upload>, work: impl Future<Output = ()> + Send + 'static) {
    let task: JoinHandle<()> = tokio::spawn(work);
    {
        let mut state = upload.state();
        if matches!(state.stage, Stage::Checking(_)) {
            state.abort = Some(task.abort_handle());
        }
    }
    // Longer work goes on by itself, and its page says how far it is.
    let _ = tokio::time::timeout(MOMENT, task).await;
}

/// One piece of work on a file. What it finds counts unless another has been begun meanwhile.
struct Turn {
    upload: Arc<Upload>,
    number: u64,
    choices: Choices,
    progress: Arc<Progress>,
}

impl Turn {
    /// Begins one, if `may` says so of the state as it is.
    fn take(
        upload: &Arc<Upload>,
        ctx: &Ctx,
        at: fn(Arc<Progress>) -> Stage,
        may: impl FnOnce(&mut State) -> bool,
    ) -> Option<Self> {
        let mut state = upload.state();
        if !may(&mut state) {
            return None;
        }
        if let Some(abort) = state.abort.take() {
            abort.abort();
        }
        let progress = Arc::new(Progress::default());
        state.stage = at(progress.clone());
        state.touched = ctx.now;
        state.turn += 1;
        let (number, choices) = (state.turn, state.choices.clone());
        drop(state);
        Some(Self { upload: upload.clone(), number, choices, progress })
    }

    fn put(&self, reached: Stage) {
        let mut state = self.upload.state();
        if state.turn == self.number {
            state.stage = reached;
            state.abort = None;
        }
    }

    async fn check(&self, app: &App, ctx: &Ctx) {
        let stage = match self.find(app, ctx).await {
            Ok(found) => Stage::Checked(found),
            Err(Trouble::Wrong(wrong)) => Stage::Wrong(wrong),
            Err(Trouble::Other(error)) => Stage::Failed(words(&error)),
        };
        self.put(stage);
    }

    async fn find(&self, app: &App, ctx: &Ctx) -> Result<Found, Trouble> {
        let mut job = self.job(app, None).await?;
        let mut brake = None;
        loop {
            let mut bad = self.bad_rows()?;
            let shared = Arc::new(job.clone());
            let found =
                import::run(&app.store, ctx, &shared, true, &self.progress, &mut |row| bad.push(row)).await;
            let bad = close(bad);
            match found {
                Ok(outcome) => return Ok(Found { report: outcome.report().clone(), bad, brake }),
                // What would pass the brake is counted all the same, and the brake's words stand beside it.
                Err(error) if is_the_brake(&error) && !job.past_brake => {
                    brake = Some(error.to_string());
                    job.past_brake = true;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    async fn import(&self, app: &App, ctx: &Ctx, expected: Option<Report>) {
        let outcome = async {
            let job = Arc::new(self.job(app, expected).await?);
            let mut bad = self.bad_rows()?;
            let outcome =
                import::run(&app.store, ctx, &job, false, &self.progress, &mut |row| bad.push(row)).await?;
            Ok((outcome, close(bad)))
        };
        let nothing = match outcome.await {
            Ok((Outcome::Done(report), bad)) => {
                self.put(Stage::Done(Found { report, bad, brake: None }));
                self.upload.remove_file();
                return;
            }
            Ok((Outcome::Short(report), _)) => super::words::missing(&report),
            Ok((Outcome::Bad(_) | Outcome::Checked(_), _)) => "Rows are bad.".to_owned(),
            Err(Trouble::Other(Error::Stale)) => {
                "People have been changed meanwhile, and the file would do something else by now.".to_owned()
            }
            Err(Trouble::Other(error)) if is_the_brake(&error) => error.to_string(),
            Err(Trouble::Other(error)) => return self.put(Stage::Failed(words(&error))),
            Err(Trouble::Wrong(wrong)) => return self.put(Stage::Wrong(wrong)),
        };
        self.upload.state().notice = Some(format!("Nothing was imported. {nothing}"));
        self.put(Stage::Checking(self.progress.clone()));
        self.check(app, ctx).await;
    }

    async fn job(&self, app: &App, expected: Option<Report>) -> Result<Job, Trouble> {
        let (path, maps) = (self.upload.path.clone(), self.choices.maps.clone());
        let source = tokio::task::spawn_blocking(move || Source::open(&path, &maps)).await;
        let source = source.map_err(|error| Error::Internal(error.to_string()))?;
        Ok(Job {
            source: source.map_err(Trouble::Wrong)?,
            kind: self.upload.kind,
            skip_bad: self.choices.skip_bad,
            update_status: self.choices.update_status,
            past_brake: self.choices.past_brake,
            licenses: self.choices.licenses,
            expected,
            limits: app.config.limits.clone(),
        })
    }

    fn bad_rows(&self) -> Result<BadRows, Trouble> {
        let opened = BadRows::open(LISTED, Some(&self.upload.errors()));
        opened.map_err(|error| Error::Internal(error.to_string()).into())
    }
}

/// Work that panicked, or was stopped with the server, must not look as if it went on for ever.
impl Drop for Turn {
    fn drop(&mut self) {
        let mut state = self.upload.state();
        if state.turn == self.number && matches!(state.stage, Stage::Checking(_) | Stage::Running(_)) {
            state.stage = Stage::Failed("It was cut off. Nothing was imported.".to_owned());
        }
    }
}

fn close(bad: BadRows) -> Vec<crate::import::BadRow> {
    let (first, failed) = bad.close();
    if let Some(failed) = failed {
        tracing::warn!(failed, "the list of bad rows of an import is not whole");
    }
    first
}

fn is_the_brake(error: &Error) -> bool {
    matches!(error.refusal(), Some(Refusal::BrakeWouldPass { .. }))
}

/// Why there is nothing to show.
enum Trouble {
    /// The columns are not understood.
    Wrong(Wrong),
    /// Anything else.
    Other(Error),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

/// An error in words; what is our own fault is logged, and told without its cause.
fn words(error: &Error) -> String {
    match error {
        Error::Invalid(fields) => {
            fields.iter().map(|field| field.message.as_str()).collect::<Vec<_>>().join(" ")
        }
        Error::Store(_) | Error::Internal(_) => {
            tracing::error!(?error, "an import failed");
            error.to_string()
        }
        other => other.to_string(),
    }
}
