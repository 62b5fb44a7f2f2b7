//! `tenure user`.

use clap::{Args, Subcommand};
use domain::{id::StepId, person::Kind, role::Role};
use serde_json::json;

use super::{
    Global, answer::Answer, export, failure::Failure, place::Place, user_change as change, user_edit,
    user_invite, user_review, user_show,
};
use crate::{
    ops::{links, roles, undo},
    store::people,
};

/// Invite, deactivate, activate and delete users, and everything between. A user is named by email address or id.
#[derive(Debug, Subcommand)]
pub(super) enum Users {
    /// List users.
    #[command(after_help = "Examples:
  tenure user list
  tenure user list --status never
  tenure user list --needs-attention
  tenure user list --search support --json")]
    List(user_show::List),
    /// Show one user: status, role, teams, sessions.
    #[command(after_help = "Example:\n  tenure user show ada@acme.example")]
    Show(One),
    /// Invite somebody and print the link with which they join.
    #[command(after_help = "Examples:
  tenure user invite ada@acme.example --name \"Ada Lovelace\"
  tenure user invite ada@acme.example --name \"Ada Lovelace\" --role administrator --team Support --add-license
  tenure user invite ada@acme.example --again
  tenure user invite ada@acme.example --name \"Ada Lovelace\" --dry-run")]
    Invite(user_invite::Invite),
    /// Print a link with which an active user sets a new password: it works once, for 24 hours.
    #[command(after_help = "Example:\n  tenure user link ada@acme.example")]
    Link(One),
    /// Deactivate a user: every session ends, the license is free, everything they hold stays.
    #[command(after_help = "Examples:
  tenure user deactivate ada@acme.example --reason \"Extended leave until March\" --review 2030-03-01
  tenure user deactivate ada@acme.example --dry-run")]
    Deactivate(change::Deactivate),
    /// Activate a user: exactly as they were. Needs a free license.
    #[command(after_help = "Examples:
  tenure user activate ada@acme.example
  tenure user activate ada@acme.example --add-license
  tenure user activate ada@acme.example --swap ben@acme.example --dry-run")]
    Activate(change::Activate),
    /// Change the day to look at a deactivation again, or take it away.
    #[command(after_help = "Examples:
  tenure user review ada@acme.example 2030-03-01
  tenure user review ada@acme.example --none")]
    Review(user_review::Review),
    /// Dismiss an asked return: the mark goes, and the user stays deactivated.
    #[command(after_help = "Example:\n  tenure user dismiss-return ada@acme.example")]
    DismissReturn(One),
    /// Delete a user for good.
    #[command(after_help = "Examples:
  tenure user delete ada@acme.example --dry-run
  tenure user delete ada@acme.example --yes")]
    Delete(change::Delete),
    /// Withdraw an invitation: the person is gone, the license free.
    #[command(after_help = "Example:\n  tenure user withdraw dora@acme.example --dry-run")]
    Withdraw(change::Withdraw),
    /// Undo a deactivation, an activation or a swap within 10 minutes, by the id that it answered.
    #[command(after_help = "Example:\n  tenure user undo 0190aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee")]
    Undo {
        /// The step.
        step: StepId,
    },
    /// Change a user's name, email address, language or time zone.
    #[command(after_help = "Examples:
  tenure user edit ada@acme.example --name \"Ada King\" --email ada.king@acme.example
  tenure user edit ada@acme.example --time-zone Europe/Berlin --dry-run")]
    Edit(user_edit::Edit),
    /// List a user's open sessions, or end one or all.
    #[command(after_help = "Examples:
  tenure user sessions ada@acme.example
  tenure user sessions ada@acme.example --end 0190aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee
  tenure user sessions ada@acme.example --end-all")]
    Sessions(user_edit::Sessions),
    /// Write all that is known of somebody to a ZIP file: everything but secrets.
    #[command(after_help = "Example:\n  tenure user export ada@acme.example --out ada.zip")]
    Export(export::Person),
    /// Make a user a member or an administrator.
    #[command(after_help = "Example:\n  tenure user role ada@acme.example administrator")]
    Role {
        /// The user, by email address or id.
        user: String,
        /// The new role.
        #[arg(value_parser = ["member", "administrator"])]
        role: String,
    },
}

/// One user or customer.
#[derive(Debug, Args)]
pub(super) struct One {
    /// The person, by email address or id.
    pub(super) person: String,
}

impl Users {
    pub(super) async fn run(self, global: &Global) -> Result<Answer, Failure> {
        let place = Place::open(global).await?;
        let answer = self.on(&place).await;
        place.close().await;
        answer
    }

    async fn on(self, place: &Place) -> Result<Answer, Failure> {
        let kind = Kind::User;
        match self {
            Self::List(list) => list.run(place, kind).await,
            Self::Show(one) => user_show::show(place, kind, &one.person).await,
            Self::Invite(invite) => invite.run(place).await,
            Self::Link(one) => link(place, kind, &one.person).await,
            Self::Deactivate(deactivate) => deactivate.run(place, kind).await,
            Self::Activate(activate) => activate.run(place).await,
            Self::Review(review) => review.run(place, kind).await,
            Self::DismissReturn(one) => user_review::dismiss_return(place, kind, &one).await,
            Self::Delete(delete) => delete.run(place, kind).await,
            Self::Withdraw(withdraw) => withdraw.run(place, kind).await,
            Self::Undo { step } => undo_step(place, step).await,
            Self::Edit(edit) => edit.run(place, kind).await,
            Self::Sessions(sessions) => sessions.run(place, kind).await,
            Self::Export(person) => person.run(place, kind).await,
            Self::Role { user, role } => set_role(place, &user, &role).await,
        }
    }
}

/// Makes a set-password link for a person of this kind.
pub(super) async fn link(place: &Place, kind: Kind, named: &str) -> Result<Answer, Failure> {
    let workspace = place.workspace().await?;
    let row = place.person(workspace.id, kind, named).await?;
    let (ctx, id) = (place.ctx(workspace.id), row.person.id);
    let secret = place.store.write(async move |tx| links::make(tx, &ctx, id).await).await?;
    place.seal(workspace.id).await;
    let link = user_invite::url(place, workspace.id, row.person.kind, &secret).await?;
    let text =
        format!("{} sets a password with this link, once, within 24 hours:\n  {link}", row.person.name);
    Ok(Answer::new(text, json!({ "person": id, "link": link })))
}

/// Undoes a step, whomever it was about.
pub(super) async fn undo_step(place: &Place, step: StepId) -> Result<Answer, Failure> {
    let ws = place.workspace().await?.id;
    let ctx = place.ctx(ws);
    let receipt = place.store.write(async move |tx| undo::undo(tx, &ctx, step).await).await?;
    place.seal(ws).await;
    let mut rx = place.store.reader().await?;
    let (mut lines, mut licensed) = (Vec::new(), false);
    for (ids, word) in [(&receipt.activated, "active"), (&receipt.deactivated, "deactivated")] {
        for id in ids {
            if let Some(row) = people::load(&mut rx, ws, *id).await? {
                licensed |= row.person.needs_license();
                lines.push(format!("{} is {word} again.", row.person.name));
            }
        }
    }
    if licensed {
        lines.push(format!("Licenses: {} of {} in use.", receipt.used, receipt.owned));
    }
    Ok(Answer::new(lines.join("\n"), json!(receipt)))
}

async fn set_role(place: &Place, named: &str, role: &str) -> Result<Answer, Failure> {
    let ws = place.workspace().await?.id;
    let row = place.user(ws, named).await?;
    let role = Role::parse(role).ok_or_else(|| Failure::usage("give member or administrator"))?;
    let (ctx, id) = (place.ctx(ws), row.person.id);
    let changed = place.store.write(async move |tx| roles::change(tx, &ctx, id, role, None).await).await?;
    if changed {
        place.seal(ws).await;
    }
    let word = if changed { "now" } else { "already" };
    let text = format!("{} is {word} {}.", row.person.name, article(role));
    Ok(Answer::new(text, json!({ "person": id, "role": role, "changed": changed })))
}

fn article(role: Role) -> &'static str {
    match role {
        Role::Member => "a member",
        Role::Administrator => "an administrator",
        Role::Owner => "the owner",
    }
}
