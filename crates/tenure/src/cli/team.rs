//! `tenure team`.

use clap::Subcommand;
use serde_json::json;

use super::{
    Global,
    answer::Answer,
    failure::Failure,
    local,
    place::Place,
    table::{count, moment, table},
};
use crate::{
    ops::{profile::Name, teams},
    store::{self, workspaces::Workspace},
};

/// Create, rename and delete teams, and say who is in them. A team is named by name or id.
#[derive(Debug, Subcommand)]
pub(super) enum Teams {
    /// List teams, with how many people are in each.
    #[command(after_help = "Example:\n  tenure team list --json")]
    List,
    /// Create a team.
    #[command(after_help = "Example:\n  tenure team create Support")]
    Create {
        /// The name.
        name: String,
    },
    /// Give a team another name.
    #[command(after_help = "Example:\n  tenure team rename Support \"First line\"")]
    Rename {
        /// The team, by name or id.
        team: String,
        /// The new name.
        name: String,
    },
    /// Delete a team; its members stay users, and are no longer in it.
    #[command(after_help = "Examples:
  tenure team delete Support
  tenure team delete Support --yes")]
    Delete {
        /// The team, by name or id.
        team: String,
        /// Do it without asking.
        #[arg(long)]
        yes: bool,
    },
    /// Add a user to a team. A deactivated user gets nothing new.
    #[command(after_help = "Example:\n  tenure team add Support ada@acme.example")]
    Add {
        /// The team, by name or id.
        team: String,
        /// The user, by email address or id.
        user: String,
    },
    /// Remove a user from a team.
    #[command(after_help = "Example:\n  tenure team remove Support ada@acme.example")]
    Remove {
        /// The team, by name or id.
        team: String,
        /// The user, by email address or id.
        user: String,
    },
}

impl Teams {
    pub(super) async fn run(self, global: &Global) -> Result<Answer, Failure> {
        let place = Place::open(global).await?;
        let answer = self.on(&place).await;
        place.close().await;
        answer
    }

    async fn on(self, place: &Place) -> Result<Answer, Failure> {
        let workspace = place.workspace().await?;
        match self {
            Self::List => list(place, &workspace).await,
            Self::Create { name } => create(place, &workspace, &name).await,
            Self::Rename { team, name } => rename(place, &workspace, &team, &name).await,
            Self::Delete { team, yes } => delete(place, &workspace, &team, yes).await,
            Self::Add { team, user } => member(place, &workspace, &team, &user, true).await,
            Self::Remove { team, user } => member(place, &workspace, &team, &user, false).await,
        }
    }
}

async fn list(place: &Place, workspace: &Workspace) -> Result<Answer, Failure> {
    let all = store::teams::list(&mut place.store.reader().await?, workspace.id).await?;
    let zone = workspace.zone();
    let rows: Vec<Vec<String>> = all
        .iter()
        .map(|team| {
            vec![
                team.name.clone(),
                team.members.to_string(),
                moment(team.created, &zone),
                team.id.to_string(),
            ]
        })
        .collect();
    let list: Vec<_> = all
        .iter()
        .map(|team| {
            json!({ "id": team.id, "name": team.name, "members": team.members, "created": team.created })
        })
        .collect();
    Ok(Answer::new(table(&["NAME", "MEMBERS", "CREATED", "ID"], &rows), json!({ "teams": list })))
}

async fn create(place: &Place, workspace: &Workspace, name: &str) -> Result<Answer, Failure> {
    let name = Name::parse(name, &place.config.limits)?;
    let (ctx, saved) = (place.ctx(workspace.id), name.clone());
    let id = place.store.write(async move |tx| teams::create(tx, &ctx, saved.clone()).await).await?;
    place.seal(workspace.id).await;
    let text = format!("The team {} is made.", name.as_str());
    Ok(Answer::new(text, json!({ "team": id, "name": name.as_str() })))
}

async fn rename(place: &Place, workspace: &Workspace, named: &str, name: &str) -> Result<Answer, Failure> {
    let name = Name::parse(name, &place.config.limits)?;
    let team = place.team(workspace.id, named).await?;
    let (ctx, id, version) = (place.ctx(workspace.id), team.id, team.version);
    let saved = name.clone();
    place
        .store
        .write(async move |tx| teams::rename(tx, &ctx, id, saved.clone(), Some(version)).await)
        .await?;
    let changed = team.name != name.as_str();
    if changed {
        place.seal(workspace.id).await;
    }
    let text = if changed {
        format!("The team {} is called {} now.", team.name, name.as_str())
    } else {
        format!("The team is called {} already.", team.name)
    };
    Ok(Answer::new(text, json!({ "team": id, "name": name.as_str(), "changed": changed })))
}

async fn delete(place: &Place, workspace: &Workspace, named: &str, yes: bool) -> Result<Answer, Failure> {
    let team = place.team(workspace.id, named).await?;
    let what =
        format!("This deletes the team {}; its {} stay users.", team.name, count(team.members, "member"));
    local::confirm(&what, &team.name, yes)?;
    // What was confirmed is what was shown: another name makes this stale.
    let (ctx, id, version) = (place.ctx(workspace.id), team.id, team.version);
    let members = place.store.write(async move |tx| teams::delete(tx, &ctx, id, Some(version)).await).await?;
    place.seal(workspace.id).await;
    let text = format!("The team {} is deleted; {} had it.", team.name, count(members, "user"));
    Ok(Answer::new(text, json!({ "team": id, "members": members })))
}

/// Adds a user or removes them.
async fn member(
    place: &Place,
    workspace: &Workspace,
    named: &str,
    user: &str,
    joins: bool,
) -> Result<Answer, Failure> {
    let ws = workspace.id;
    let (team, row) = (place.team(ws, named).await?, place.user(ws, user).await?);
    let (ctx, id, person) = (place.ctx(ws), team.id, row.person.id);
    let changed = if joins {
        place.store.write(async move |tx| teams::join(tx, &ctx, id, person).await).await?
    } else {
        place.store.write(async move |tx| teams::leave(tx, &ctx, id, person).await).await?
    };
    if changed {
        place.seal(ws).await;
    }
    let words = match (joins, changed) {
        (true, true) => "is in the team now:",
        (true, false) => "was in the team already:",
        (false, true) => "is no longer in the team:",
        (false, false) => "was not in the team:",
    };
    let text = format!("{} {words} {}.", row.person.name, team.name);
    Ok(Answer::new(text, json!({ "team": id, "person": person, "changed": changed })))
}
