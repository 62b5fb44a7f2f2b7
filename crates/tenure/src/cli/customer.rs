//! `tenure customer`: what users and customers have in common is done by the code of `tenure user`.

use clap::{Args, Subcommand};
use domain::{
    id::{StepId, WorkspaceId},
    person::Kind,
};
use serde_json::json;

use super::{
    Global,
    answer::Answer,
    export,
    failure::Failure,
    place::Place,
    user::{One, link, undo_step},
    user_change as change, user_edit, user_invite, user_review, user_show,
};
use crate::{
    ops::{
        activation::Input,
        customers::{self, Conversion},
        invitation::{self, Joining},
        organizations::{self, Belonging},
        profile::{self, Name},
    },
    store::{self, Tx},
};

/// Add, invite, deactivate, activate and delete customers, and everything between. A customer is named by email
/// address or id.
#[derive(Debug, Subcommand)]
pub(super) enum Customers {
    /// List customers.
    #[command(after_help = "Examples:
  tenure customer list
  tenure customer list --status never
  tenure customer list --needs-attention
  tenure customer list --search north --json")]
    List(user_show::List),
    /// Show one customer: status, organization, sessions.
    #[command(after_help = "Example:\n  tenure customer show ann@north.example")]
    Show(One),
    /// Add a customer: active, and without a password until they are given a link.
    #[command(after_help = "Examples:
  tenure customer add ann@north.example --name \"Ann Able\"
  tenure customer add ann@north.example --name \"Ann Able\" --organization Northwind --dry-run")]
    Add(New),
    /// Invite somebody to the portal and print the link with which they join.
    #[command(after_help = "Examples:
  tenure customer invite ann@north.example --name \"Ann Able\"
  tenure customer invite ann@north.example --again
  tenure customer invite ann@north.example --name \"Ann Able\" --dry-run")]
    Invite(Invite),
    /// Print a link with which an active customer sets a password: it works once, for 24 hours.
    #[command(after_help = "Example:\n  tenure customer link ann@north.example")]
    Link(One),
    /// Deactivate a customer: every session ends, everything they hold stays.
    #[command(after_help = "Examples:
  tenure customer deactivate ann@north.example --reason \"Left Northwind\"
  tenure customer deactivate ann@north.example --dry-run")]
    Deactivate(change::Deactivate),
    /// Activate a customer: exactly as they were. No license is needed.
    #[command(after_help = "Example:\n  tenure customer activate ann@north.example")]
    Activate {
        #[command(flatten)]
        one: One,
        /// Show what would happen, and change nothing.
        #[arg(long)]
        dry_run: bool,
    },
    /// Change the day to look at a deactivation again, or take it away.
    #[command(after_help = "Examples:
  tenure customer review ann@north.example 2030-03-01
  tenure customer review ann@north.example --none")]
    Review(user_review::Review),
    /// Dismiss an asked return: the mark goes, and the customer stays deactivated.
    #[command(after_help = "Example:\n  tenure customer dismiss-return ann@north.example")]
    DismissReturn(One),
    /// Delete a customer for good.
    #[command(after_help = "Examples:
  tenure customer delete ann@north.example --dry-run
  tenure customer delete ann@north.example --yes")]
    Delete(change::Delete),
    /// Withdraw an invitation: the person is gone.
    #[command(after_help = "Example:\n  tenure customer withdraw ann@north.example --dry-run")]
    Withdraw(change::Withdraw),
    /// Undo a deactivation or an activation within 10 minutes, by the id that it answered.
    #[command(after_help = "Example:\n  tenure customer undo 0190aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee")]
    Undo {
        /// The step.
        step: StepId,
    },
    /// Change a customer's name, email address, language or time zone.
    #[command(after_help = "Examples:
  tenure customer edit ann@north.example --name \"Ann Bold\"
  tenure customer edit ann@north.example --email ann.bold@north.example --dry-run")]
    Edit(user_edit::Edit),
    /// List a customer's open sessions in the portal, or end one or all.
    #[command(after_help = "Example:\n  tenure customer sessions ann@north.example --end-all")]
    Sessions(user_edit::Sessions),
    /// Write all that is known of somebody to a ZIP file: everything but secrets.
    #[command(after_help = "Example:\n  tenure customer export ann@north.example --out ann.zip")]
    Export(export::Person),
    /// Put a customer into another organization, or out of theirs.
    #[command(after_help = "Examples:
  tenure customer move ann@north.example Northwind
  tenure customer move ann@north.example --out --dry-run")]
    Move(Move),
    /// Make a customer a user, which needs a license.
    #[command(after_help = "Examples:
  tenure customer convert ann@north.example --dry-run
  tenure customer convert ann@north.example --add-license")]
    Convert(Convert),
}

/// A new customer.
#[derive(Debug, Args)]
pub(super) struct New {
    /// The email address.
    #[arg(value_name = "EMAIL")]
    email: String,
    /// The name.
    #[arg(long)]
    name: String,
    #[command(flatten)]
    belongs: Belongs,
    /// Show what would happen, and change nothing.
    #[arg(long)]
    dry_run: bool,
}

/// Where a new customer belongs.
#[derive(Debug, Args)]
struct Belongs {
    /// The organization, by name or id [default: the one that has the domain of the address].
    #[arg(long)]
    organization: Option<String>,
    /// In no organization, whatever the domain.
    #[arg(long, conflicts_with = "organization")]
    no_organization: bool,
}

impl Belongs {
    async fn find(&self, place: &Place, ws: WorkspaceId) -> Result<Belonging, Failure> {
        match &self.organization {
            Some(named) => Ok(Belonging::In(place.organization(ws, named).await?.id)),
            None if self.no_organization => Ok(Belonging::Nowhere),
            None => Ok(Belonging::ByDomain),
        }
    }
}

/// Whom to invite.
#[derive(Debug, Args)]
pub(super) struct Invite {
    /// The email address; with --again also the id.
    #[arg(value_name = "EMAIL")]
    email: String,
    /// The name.
    #[arg(long, required_unless_present = "again")]
    name: Option<String>,
    #[command(flatten)]
    belongs: Belongs,
    /// Make a new link for somebody who is invited already; the earlier link stops to work.
    #[arg(long, conflicts_with_all = ["name", "organization", "no_organization"])]
    again: bool,
    /// Show what would happen, and change nothing.
    #[arg(long)]
    dry_run: bool,
}

/// Whom to move, and where.
#[derive(Debug, Args)]
pub(super) struct Move {
    /// The customer, by email address or id.
    person: String,
    /// The organization, by name or id.
    #[arg(required_unless_present = "out")]
    organization: Option<String>,
    /// Out of their organization, into none.
    #[arg(long, conflicts_with = "organization")]
    out: bool,
    /// Show what would happen, and change nothing.
    #[arg(long)]
    dry_run: bool,
}

/// Whom to make a user.
#[derive(Debug, Args)]
pub(super) struct Convert {
    /// The customer, by email address or id.
    person: String,
    /// Add a license, should none be free.
    #[arg(long)]
    add_license: bool,
    /// Show what would happen, and change nothing.
    #[arg(long)]
    dry_run: bool,
}

impl Customers {
    pub(super) async fn run(self, global: &Global) -> Result<Answer, Failure> {
        let place = Place::open(global).await?;
        let answer = self.on(&place).await;
        place.close().await;
        answer.map_err(Failure::of_customer)
    }

    async fn on(self, place: &Place) -> Result<Answer, Failure> {
        let kind = Kind::Customer;
        match self {
            Self::List(list) => list.run(place, kind).await,
            Self::Show(one) => user_show::show(place, kind, &one.person).await,
            Self::Add(new) => new.run(place).await,
            Self::Invite(invite) => invite.run(place).await,
            Self::Link(one) => link(place, kind, &one.person).await,
            Self::Deactivate(deactivate) => deactivate.run(place, kind).await,
            Self::Activate { one, dry_run } => {
                let ws = place.workspace().await?.id;
                let row = place.person(ws, kind, &one.person).await?;
                change::activate(place, ws, &row, None, Input::default(), dry_run).await
            }
            Self::Review(review) => review.run(place, kind).await,
            Self::DismissReturn(one) => user_review::dismiss_return(place, kind, &one).await,
            Self::Delete(delete) => delete.run(place, kind).await,
            Self::Withdraw(withdraw) => withdraw.run(place, kind).await,
            Self::Undo { step } => undo_step(place, step).await,
            Self::Edit(edit) => edit.run(place, kind).await,
            Self::Sessions(sessions) => sessions.run(place, kind).await,
            Self::Export(person) => person.run(place, kind).await,
            Self::Move(moving) => moving.run(place).await,
            Self::Convert(convert) => convert.run(place).await,
        }
    }
}

impl New {
    async fn run(self, place: &Place) -> Result<Answer, Failure> {
        let ws = place.workspace().await?.id;
        let limits = &place.config.limits;
        let input = customers::Input {
            email: profile::email(&self.email, limits)?,
            name: Name::parse(&self.name, limits)?,
            belonging: self.belongs.find(place, ws).await?,
        };
        let (ctx, name) = (place.ctx(ws), input.name.clone());
        let add = async move |tx: &mut Tx| {
            let added = customers::add(tx, &ctx, input.clone()).await?;
            let organization = match added.organization {
                Some(id) => store::organizations::load(tx, ctx.workspace, id).await?.map(|one| one.name),
                None => None,
            };
            Ok((added, organization))
        };
        let (added, organization) = place.carry_out(self.dry_run, add).await?;
        let of = organization.as_deref().map_or("in no organization".into(), |name| format!("in {name}"));
        if self.dry_run {
            let text = format!("Would add {}, {of}.\nNothing was changed.", name.as_str());
            let plan = json!({ "organization": added.organization });
            return Ok(Answer::new(text, json!({ "dry_run": true, "plan": plan })));
        }
        place.seal(ws).await;
        let text = format!("Added {}, {of}. tenure customer link lets them in.", name.as_str());
        Ok(Answer::new(text, json!(added)))
    }
}

impl Invite {
    async fn run(self, place: &Place) -> Result<Answer, Failure> {
        let workspace = place.workspace().await?;
        let ws = workspace.id;
        let receipt = if self.again {
            user_invite::send_again(place, ws, Kind::Customer, &self.email, false, self.dry_run).await?
        } else {
            let limits = &place.config.limits;
            let input = invitation::Input {
                email: profile::email(&self.email, limits)?,
                name: Name::parse(self.name.as_deref().unwrap_or_default(), limits)?,
                joining: Joining::Customer { belonging: self.belongs.find(place, ws).await? },
                add_license: false,
            };
            let ctx = place.ctx(ws);
            let invite = async move |tx: &mut Tx| invitation::invite(tx, &ctx, input.clone()).await;
            place.carry_out(self.dry_run, invite).await?
        };
        if self.dry_run {
            return Ok(user_invite::would(&workspace, &self.email, &receipt));
        }
        user_invite::told(place, &workspace, Kind::Customer, &self.email, &receipt).await
    }
}

impl Move {
    async fn run(self, place: &Place) -> Result<Answer, Failure> {
        let ws = place.workspace().await?.id;
        let row = place.person(ws, Kind::Customer, &self.person).await?;
        let to = match &self.organization {
            Some(named) => Some(place.organization(ws, named).await?),
            None => None,
        };
        let (ctx, person, target) = (place.ctx(ws), row.person.id, to.as_ref().map(|one| one.id));
        let moves = async move |tx: &mut Tx| organizations::move_to(tx, &ctx, person, target).await;
        let changed = place.carry_out(self.dry_run, moves).await?;
        let (name, of) = (&row.person.name, to.as_ref().map_or("no organization", |one| one.name.as_str()));
        let told = json!({ "person": person, "organization": target, "changed": changed });
        if self.dry_run {
            let text = if changed {
                format!("{name} would be in {of}.\nNothing was changed.")
            } else {
                format!("{name} is in {of} already. Nothing would change.")
            };
            return Ok(Answer::new(text, json!({ "dry_run": true, "plan": told })));
        }
        if changed {
            place.seal(ws).await;
        }
        let word = if changed { "now" } else { "already" };
        Ok(Answer::new(format!("{name} is in {of} {word}."), told))
    }
}

impl Convert {
    async fn run(self, place: &Place) -> Result<Answer, Failure> {
        let ws = place.workspace().await?.id;
        let row = place.person(ws, Kind::Customer, &self.person).await?;
        let (ctx, id, name) = (place.ctx(ws), row.person.id, &row.person.name);
        let input = Conversion { add_license: self.add_license, version: None };
        if self.dry_run {
            let plan = customers::plan(&mut place.store.reader().await?, &ctx, id, input).await?;
            let mut lines = vec![format!("Would make {name} <{}> a user.", row.person.email)];
            if plan.license_taken {
                lines.push("  a license is taken".into());
            }
            if plan.added_licenses > 0 {
                lines.push("  a license is added".into());
            }
            lines.extend(plan.leaves.as_ref().map(|name| format!("  leaves {name}")));
            lines.push("Nothing was changed.".into());
            return Ok(Answer::new(lines.join("\n"), json!({ "dry_run": true, "plan": plan })));
        }
        let done = place.store.write(async move |tx| customers::convert(tx, &ctx, id, input).await).await?;
        place.seal(ws).await;
        let text = format!("{name} is a user now: {} of {} licenses in use.", done.used, done.owned);
        Ok(Answer::new(text, json!(done)))
    }
}
