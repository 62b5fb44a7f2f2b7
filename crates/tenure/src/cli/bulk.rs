//! `tenure bulk`: one action on many people.

use std::io::{IsTerminal as _, Read as _, Write as _};
use std::path::PathBuf;

use clap::{Args, Subcommand};
use domain::{
    brake::Brake,
    bulk::Deed,
    id::{BatchId, PersonId},
    person::Kind,
    role::Role,
};
use jiff::civil::Date;
use serde_json::json;

use super::{
    Global, answer::Answer, bulk_show as show, failure::Failure, local, place::Place, user_change::grounds,
};
use crate::{
    ops::bulk::{self, Input, Plan, Whom},
    store::{
        batches::{self, Batch, State},
        brakes,
        grid::GridQuery,
        organizations, people,
        workspaces::Workspace,
    },
    text,
};

/// Do one thing with many people: with a list of them, or with all that a filter of the grid finds.
#[derive(Debug, Subcommand)]
pub(super) enum Bulk {
    /// Deactivate many.
    #[command(after_help = "Examples:
  tenure bulk deactivate --ids leavers.txt --reason \"The branch closes\" --dry-run
  tenure bulk deactivate --kind customers --all-in Globex --past-the-brake
  tenure bulk deactivate --query 'view=active&seen=before-90' --csv done.csv")]
    Deactivate {
        #[command(flatten)]
        many: Many,
        /// Why.
        #[arg(long)]
        reason: Option<String>,
        /// The day to look at it again, such as 2030-03-01.
        #[arg(long, value_name = "DATE")]
        review: Option<Date>,
        /// Let it pass the brake, which else stops an unlikely number of deactivations within an hour.
        #[arg(long)]
        past_the_brake: bool,
    },
    /// Activate many: all of them get their license, or nobody does.
    #[command(after_help = "Examples:
  tenure bulk activate --ids back.txt
  tenure bulk activate --query 'view=deactivated&team=none' --add-licenses --dry-run")]
    Activate {
        #[command(flatten)]
        many: Many,
        /// Add the licenses that are missing.
        #[arg(long)]
        add_licenses: bool,
    },
    /// Delete many for good.
    #[command(after_help = "Examples:
  tenure bulk delete --kind customers --ids gone.txt --dry-run
  tenure bulk delete --kind customers --query 'view=deactivated' --yes")]
    Delete {
        #[command(flatten)]
        many: Many,
        /// Do it without asking.
        #[arg(long)]
        yes: bool,
    },
    /// Make many users members or administrators.
    #[command(after_help = "Example:\n  tenure bulk role member --query 'role=administrator' --dry-run")]
    Role {
        /// The new role.
        #[arg(value_parser = ["member", "administrator"])]
        role: String,
        #[command(flatten)]
        many: Many,
    },
    /// Put many users into a team, or take them out.
    #[command(after_help = "Examples:
  tenure bulk team Support --ids new.txt
  tenure bulk team Support --all-in Support --remove")]
    Team {
        /// The team, by name or id.
        team: String,
        #[command(flatten)]
        many: Many,
        /// Take them out of it.
        #[arg(long)]
        remove: bool,
    },
    /// Move many customers into an organization, or out of theirs.
    #[command(after_help = "Examples:
  tenure bulk organization Globex --kind customers --ids list.txt
  tenure bulk organization --kind customers --all-in Globex")]
    Organization {
        /// The organization, by name or id; without it they are in none afterwards.
        organization: Option<String>,
        #[command(flatten)]
        many: Many,
    },
    /// Undo a deactivation or an activation of many, within 10 minutes.
    #[command(after_help = "Example:\n  tenure bulk undo 0190aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee")]
    Undo(One),
    /// Show the latest changes of many people.
    #[command(after_help = "Example:\n  tenure bulk list")]
    List,
    /// Show how far one is, and what came of each person.
    #[command(
        after_help = "Example:\n  tenure bulk show 0190aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee --csv done.csv"
    )]
    Show(One),
    /// Let one that waits for an administrator go on, past the brake where that stopped it.
    #[command(after_help = "Example:\n  tenure bulk resume 0190aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee")]
    Resume(One),
    /// End one before its end; what it has done stays done.
    #[command(after_help = "Example:\n  tenure bulk cancel 0190aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee")]
    Cancel(One),
    /// Show or set the brake: how many may be deactivated within an hour before somebody is asked.
    #[command(
        after_help = "Examples:\n  tenure bulk brake\n  tenure bulk brake --share 20 --minimum 10\n  tenure bulk brake --off"
    )]
    Brake(BrakeArgs),
}

/// Whom it is about.
#[derive(Debug, Args)]
pub(super) struct Many {
    /// Users or customers.
    #[arg(long, value_parser = ["users", "customers"], default_value = "users")]
    kind: String,
    /// A file with an email address or id on each line; - reads standard input.
    #[arg(long, value_name = "FILE", required_unless_present_any = ["query", "all_in"])]
    ids: Option<String>,
    /// All whom this filter of the grid finds: what stands behind the ? of its address.
    #[arg(long, value_name = "FILTER", conflicts_with = "ids")]
    query: Option<String>,
    /// All in this team, or of customers in this organization, by name or id.
    #[arg(long, value_name = "NAME|ID", conflicts_with_all = ["ids", "query"])]
    all_in: Option<String>,
    /// Show what would happen to whom, and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Write what came of each person into this file; - writes to standard output.
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
}

/// One change of many people.
#[derive(Debug, Args)]
pub(super) struct One {
    /// The id that it answered.
    batch: BatchId,
    /// Write what came of each person into this file; - writes to standard output.
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
}

/// The brake's numbers.
#[derive(Debug, Args)]
pub(super) struct BrakeArgs {
    /// The share of the active people that may be deactivated within 60 minutes, in percent.
    #[arg(long, value_name = "PERCENT")]
    share: Option<i64>,
    /// So many may be in any case.
    #[arg(long, value_name = "PEOPLE")]
    minimum: Option<i64>,
    /// Switch it off.
    #[arg(long, conflicts_with = "on")]
    off: bool,
    /// Switch it on.
    #[arg(long)]
    on: bool,
}

impl Bulk {
    pub(super) async fn run(self, global: &Global) -> Result<Answer, Failure> {
        let place = Place::open(global).await?;
        let answer = self.on(&place).await;
        place.close().await;
        answer
    }

    async fn on(self, place: &Place) -> Result<Answer, Failure> {
        let workspace = place.workspace().await?;
        match self {
            Self::Deactivate { many, reason, review, past_the_brake } => {
                let deed = Deed::Deactivate(grounds(place, reason.as_deref(), review)?);
                let input = many.input(place, &workspace, deed).await?;
                many.act(place, &workspace, Input { past_brake: past_the_brake, ..input }, false).await
            }
            Self::Activate { many, add_licenses } => {
                let input = many.input(place, &workspace, Deed::Activate).await?;
                many.act(place, &workspace, Input { add_licenses, ..input }, false).await
            }
            Self::Delete { many, yes } => {
                let input = many.input(place, &workspace, Deed::Delete).await?;
                many.act(place, &workspace, input, yes).await
            }
            Self::Role { role, many } => {
                let role =
                    Role::parse(&role).ok_or_else(|| Failure::usage("give member or administrator"))?;
                let input = many.input(place, &workspace, Deed::Role(role)).await?;
                many.act(place, &workspace, input, false).await
            }
            Self::Team { team, many, remove } => {
                let team = place.team(workspace.id, &team).await?.id;
                let deed = if remove { Deed::LeaveTeam(team) } else { Deed::JoinTeam(team) };
                let input = many.input(place, &workspace, deed).await?;
                many.act(place, &workspace, input, false).await
            }
            Self::Organization { organization, many } => {
                let to = match organization {
                    Some(named) => Some(organization_of(place, &workspace, &named).await?.id),
                    None => None,
                };
                let input = many.input(place, &workspace, Deed::Organization(to)).await?;
                many.act(place, &workspace, input, false).await
            }
            Self::Undo(one) => undo(place, &workspace, one).await,
            Self::List => show::list(place, &workspace).await,
            Self::Show(one) => {
                let batch = load(place, &workspace, one.batch).await?;
                show::batch(place, &workspace, &batch, one.csv.as_deref()).await
            }
            Self::Resume(one) => {
                let (ctx, id) = (place.ctx(workspace.id), one.batch);
                place.store.write(async move |tx| bulk::resume(tx, &ctx, id).await).await?;
                carry_out(place, &workspace, id).await?;
                finished(place, &workspace, id, one.csv.as_deref()).await
            }
            Self::Cancel(one) => {
                let (ctx, id) = (place.ctx(workspace.id), one.batch);
                place.store.write(async move |tx| bulk::cancel(tx, &ctx, id).await).await?;
                finished(place, &workspace, id, one.csv.as_deref()).await
            }
            Self::Brake(args) => args.run(place, &workspace).await,
        }
    }
}

async fn organization_of(
    place: &Place,
    workspace: &Workspace,
    named: &str,
) -> Result<organizations::Organization, Failure> {
    let mut rx = place.store.reader().await?;
    let found = match named.parse() {
        Ok(id) => organizations::load(&mut rx, workspace.id, id).await?,
        Err(_) => organizations::by_name(&mut rx, workspace.id, &text::fold(named)).await?,
    };
    found.ok_or_else(|| Failure::not_found(format!("there is no organization {named}")))
}

impl Many {
    fn kind(&self) -> Kind {
        if self.kind == "customers" { Kind::Customer } else { Kind::User }
    }

    async fn input(&self, place: &Place, workspace: &Workspace, deed: Deed) -> Result<Input, Failure> {
        let kind = self.kind();
        let whom = match (&self.ids, &self.query, &self.all_in) {
            (Some(file), ..) => Whom::Ids(named_in(place, workspace, file).await?),
            (_, Some(query), _) => Whom::Matching(Box::new(GridQuery::only_from_query(kind, query)?)),
            (_, _, Some(group)) => {
                let group = match kind {
                    Kind::User => place.team(workspace.id, group).await?.id.into(),
                    Kind::Customer => organization_of(place, workspace, group).await?.id.into(),
                };
                bulk::all_in(kind, group)
            }
            (None, None, None) => return Err(Failure::usage("say whom: --ids, --query or --all-in")),
        };
        Ok(Input {
            kind,
            whom,
            deed,
            add_licenses: false,
            past_brake: false,
            fingerprint: None,
            count: None,
            most: place.config.limits.bulk_people,
        })
    }

    /// Shows what would happen, or does it; a deletion is confirmed before, `yes` answers without asking.
    async fn act(
        &self,
        place: &Place,
        workspace: &Workspace,
        mut input: Input,
        yes: bool,
    ) -> Result<Answer, Failure> {
        let ctx = place.ctx(workspace.id);
        let plan = bulk::plan(&mut place.store.reader().await?, &ctx, &input).await?;
        if self.dry_run {
            show::write_csv(self.csv.as_deref(), &show::planned(&plan))?;
            return Ok(Answer::new(show::plan_text(&plan), json!({ "dry_run": true, "plan": plan })));
        }
        if input.deed == Deed::Delete && plan.totals.changed > 0 {
            confirm(&plan, yes)?;
        }
        // What is done is what was shown: a change between makes it stale.
        input.count = Some(plan.totals.changed);
        input.fingerprint = Some(plan.fingerprint);
        let begun = place.store.write(async move |tx| bulk::begin(tx, &ctx, input.clone()).await).await?;
        carry_out(place, workspace, begun.batch).await?;
        finished(place, workspace, begun.batch, self.csv.as_deref()).await
    }
}

fn confirm(plan: &Plan, yes: bool) -> Result<(), Failure> {
    let number = plan.totals.changed;
    let what = format!("This deletes {}.", show::people(plan.kind, number));
    local::confirm(&what, &number.to_string(), yes)
}

/// Reads addresses and ids, one a line; all that are nobody's are named.
async fn named_in(place: &Place, workspace: &Workspace, file: &str) -> Result<Vec<PersonId>, Failure> {
    let mut text = String::new();
    let read = if file == "-" {
        std::io::stdin().lock().read_to_string(&mut text)
    } else {
        std::fs::File::open(file).and_then(|mut file| file.read_to_string(&mut text))
    };
    read.map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Failure::not_found(format!("there is no file {file}")),
        _ => Failure::failed(format!("cannot read {file}: {error}")),
    })?;
    let mut rx = place.store.reader().await?;
    let (mut ids, mut nobody) = (Vec::new(), Vec::new());
    let lines = text.trim_start_matches('\u{feff}').lines().enumerate();
    for (number, line) in lines.map(|(at, line)| (at + 1, line.trim())).filter(|(_, line)| !line.is_empty()) {
        let found = match line.parse::<PersonId>() {
            Ok(id) => people::load(&mut rx, workspace.id, id).await?,
            Err(_) => people::by_email(&mut rx, workspace.id, &text::email_key(line)).await?,
        };
        match found {
            Some(row) if !ids.contains(&row.person.id) => ids.push(row.person.id),
            Some(_) => {}
            None => nobody.push(format!("line {number}: {line}")),
        }
    }
    if nobody.is_empty() {
        return Ok(ids);
    }
    let more = nobody.len().saturating_sub(20);
    let mut failure = Failure::not_found(match nobody.len() {
        1 => "1 line names nobody who is here".to_owned(),
        many => format!("{many} lines name nobody who is here"),
    });
    for line in nobody.into_iter().take(20) {
        failure = failure.hint(line);
    }
    Err(if more > 0 { failure.hint(format!("and {more} more")) } else { failure })
}

async fn load(place: &Place, workspace: &Workspace, id: BatchId) -> Result<Batch, Failure> {
    let found = batches::load(&mut place.store.reader().await?, workspace.id, id).await?;
    found.ok_or_else(|| Failure::not_found(format!("there is no change of many people {id}")))
}

/// Works on a batch until it is over or waits for somebody, beside whoever else does; shows on a terminal how far it
/// is.
async fn carry_out(place: &Place, workspace: &Workspace, id: BatchId) -> Result<(), Failure> {
    let mut stderr = std::io::stderr();
    let shown = stderr.is_terminal();
    loop {
        let (sys, ws) = (place.sys.clone(), workspace.id);
        let after = place.store.write(async move |tx| bulk::work(tx, &sys, ws, id).await).await?;
        if shown {
            // The terminal may be gone: the work goes on.
            let _ = write!(stderr, "\r{} of {}", after.done, after.total).and_then(|()| stderr.flush());
        }
        if after.state != State::Running {
            break;
        }
        if after.busy {
            // A server is at it.
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    }
    if shown {
        let _ = writeln!(stderr);
    }
    place.seal(workspace.id).await;
    Ok(())
}

/// What became of it.
async fn finished(
    place: &Place,
    workspace: &Workspace,
    id: BatchId,
    csv: Option<&std::path::Path>,
) -> Result<Answer, Failure> {
    let batch = load(place, workspace, id).await?;
    if batch.state == State::Paused {
        let message = format!("it waits for an administrator after {} of {}", batch.done(), batch.total);
        return Err(Failure::refused("paused", message)
            .hint(format!("tenure bulk resume {id} lets it go on"))
            .hint(format!("tenure bulk cancel {id} ends it here")));
    }
    show::batch(place, workspace, &batch, csv).await
}

async fn undo(place: &Place, workspace: &Workspace, one: One) -> Result<Answer, Failure> {
    let (ctx, id) = (place.ctx(workspace.id), one.batch);
    let begun = place.store.write(async move |tx| bulk::undo(tx, &ctx, id).await).await?;
    carry_out(place, workspace, begun.batch).await?;
    finished(place, workspace, begun.batch, one.csv.as_deref()).await
}

impl BrakeArgs {
    async fn run(self, place: &Place, workspace: &Workspace) -> Result<Answer, Failure> {
        let (before, version) = brakes::load(&mut place.store.reader().await?, workspace.id).await?;
        let brake = Brake {
            on: if self.off { false } else { self.on || before.on },
            share: self.share.unwrap_or(before.share),
            minimum: self.minimum.unwrap_or(before.minimum),
        };
        if brake != before {
            let ctx = place.ctx(workspace.id);
            place.store.write(async move |tx| bulk::set_brake(tx, &ctx, brake, version).await).await?;
            place.seal(workspace.id).await;
        }
        let text = if brake.on {
            format!(
                "The brake stops an action on many before more than {} percent of the active people, and more than \
                 {}, are deactivated within 60 minutes.",
                brake.share, brake.minimum
            )
        } else {
            "The brake is off.".to_owned()
        };
        Ok(Answer::new(text, json!({ "brake": brake, "changed": brake != before })))
    }
}
