//! `tenure user invite`.

use clap::Args;
use domain::{
    id::{TeamId, WorkspaceId},
    person::Kind,
    role::Role,
};
use serde_json::json;

use super::{answer::Answer, failure::Failure, place::Place, table::moment, workspace::base_url};
use crate::{
    ops::{
        invitation::{self, Input, Joining, Receipt},
        profile::{self, Name},
    },
    secret::Secret,
    store::{Tx, listing, workspaces::Workspace},
    web::side,
};

/// Whom to invite.
#[derive(Debug, Args)]
pub(super) struct Invite {
    /// The email address; with --again also the id.
    #[arg(value_name = "EMAIL")]
    email: String,
    /// The name.
    #[arg(long, required_unless_present = "again")]
    name: Option<String>,
    /// The role.
    #[arg(long, default_value = "member", value_parser = ["member", "administrator"])]
    role: String,
    /// A team to begin in; can be given several times.
    #[arg(long, value_name = "TEAM")]
    team: Vec<String>,
    /// Add a license, should none be free.
    #[arg(long)]
    add_license: bool,
    /// Make a new link for somebody who is invited already; the earlier link stops to work.
    #[arg(long, conflicts_with_all = ["name", "team"])]
    again: bool,
    /// Show what would happen, and change nothing.
    #[arg(long)]
    dry_run: bool,
}

impl Invite {
    pub(super) async fn run(self, place: &Place) -> Result<Answer, Failure> {
        let workspace = place.workspace().await?;
        let receipt = if self.again {
            send_again(place, workspace.id, Kind::User, &self.email, self.add_license, self.dry_run).await?
        } else {
            self.invite(place, workspace.id).await?
        };
        if self.dry_run {
            return Ok(would(&workspace, &self.email, &receipt));
        }
        told(place, &workspace, Kind::User, &self.email, &receipt).await
    }

    async fn invite(&self, place: &Place, ws: WorkspaceId) -> Result<Receipt, Failure> {
        let limits = &place.config.limits;
        let input = Input {
            email: profile::email(&self.email, limits)?,
            name: Name::parse(self.name.as_deref().unwrap_or_default(), limits)?,
            joining: Joining::User {
                role: Role::parse(&self.role)
                    .ok_or_else(|| Failure::usage("give member or administrator"))?,
                teams: self.teams(place, ws).await?,
            },
            add_license: self.add_license,
        };
        let ctx = place.ctx(ws);
        place.carry_out(self.dry_run, async move |tx| invitation::invite(tx, &ctx, input.clone()).await).await
    }

    async fn teams(&self, place: &Place, ws: WorkspaceId) -> Result<Vec<TeamId>, Failure> {
        let mut ids = Vec::new();
        for named in &self.team {
            ids.push(place.team(ws, named).await?.id);
        }
        Ok(ids)
    }
}

/// Makes a new invitation for somebody who is invited already.
pub(super) async fn send_again(
    place: &Place,
    ws: WorkspaceId,
    kind: Kind,
    named: &str,
    add_license: bool,
    dry_run: bool,
) -> Result<Receipt, Failure> {
    let id = place.person(ws, kind, named).await?.person.id;
    let ctx = place.ctx(ws);
    let again = async move |tx: &mut Tx| invitation::send_again(tx, &ctx, id, add_license).await;
    place.carry_out(dry_run, again).await
}

/// Tells of an invitation that was only rehearsed: its link leads nowhere.
pub(super) fn would(workspace: &Workspace, email: &str, receipt: &Receipt) -> Answer {
    let until = moment(receipt.expires, &workspace.zone());
    let added = if receipt.added_licenses > 0 { "\n  a license is added" } else { "" };
    let text = format!("Would invite {email}, until {until}.{added}\nNothing was changed.");
    let plan = json!({ "expires": receipt.expires, "added_licenses": receipt.added_licenses });
    Answer::new(text, json!({ "dry_run": true, "plan": plan }))
}

/// Tells of an invitation, with its link.
pub(super) async fn told(
    place: &Place,
    workspace: &Workspace,
    kind: Kind,
    email: &str,
    receipt: &Receipt,
) -> Result<Answer, Failure> {
    place.seal(workspace.id).await;
    let link = url(place, workspace.id, kind, &receipt.secret).await?;
    let until = moment(receipt.expires, &workspace.zone());
    let added = if receipt.added_licenses > 0 { "\nA license was added." } else { "" };
    let text = format!("Invited {email}. They join with this link, once, until {until}:\n  {link}{added}");
    let json = json!({
        "person": receipt.person,
        "link": link,
        "expires": receipt.expires,
        "added_licenses": receipt.added_licenses,
    });
    Ok(Answer::new(text, json))
}

/// The address of a link of this workspace. Shown to whoever made it, and to nobody else.
pub(super) async fn url(
    place: &Place,
    ws: WorkspaceId,
    kind: Kind,
    secret: &Secret,
) -> Result<String, Failure> {
    let host = listing::host(&mut place.store.reader().await?, ws).await?;
    Ok(format!("{}{}", base_url(place, host.as_deref()), side::link(kind, secret)))
}
