//! `tenure project`.

use clap::Subcommand;
use domain::{id::ProjectId, project::ProjectState};
use serde_json::{Value, json};

use super::{Global, answer::Answer, failure::Failure, place::Place, table::table};
use crate::{
    ops::{
        items,
        profile::Name,
        projects::{self, Edit},
    },
    store::{self, workspaces::Workspace},
};

/// How many projects one read of the list takes.
const PAGE: i64 = 500;

/// List, create, rename and archive projects. A project is named by name or id.
#[derive(Debug, Subcommand)]
pub(super) enum Projects {
    /// List projects, with how many unfinished items are in each.
    #[command(after_help = "Example:\n  tenure project list --json")]
    List {
        /// The archived ones.
        #[arg(long)]
        archived: bool,
    },
    /// Create a project.
    #[command(after_help = "Example:\n  tenure project create \"Office move\" --description \"Out by June\"")]
    Create {
        /// The name.
        name: String,
        /// What it is about, Markdown.
        #[arg(long, default_value = "")]
        description: String,
    },
    /// Give a project another name.
    #[command(after_help = "Example:\n  tenure project rename \"Office move\" \"The move\"")]
    Rename {
        /// The project, by name or id.
        project: String,
        /// The new name.
        name: String,
    },
    /// Archive a project: it takes no new items, and keeps those it has.
    #[command(after_help = "Example:\n  tenure project archive \"Office move\"")]
    Archive {
        /// The project, by name or id.
        project: String,
    },
    /// Bring an archived project back.
    #[command(after_help = "Example:\n  tenure project restore \"Office move\"")]
    Restore {
        /// The project, by name or id.
        project: String,
    },
}

impl Projects {
    pub(super) async fn run(self, global: &Global) -> Result<Answer, Failure> {
        let place = Place::open(global).await?;
        let answer = self.on(&place).await;
        place.close().await;
        answer
    }

    async fn on(self, place: &Place) -> Result<Answer, Failure> {
        let workspace = place.workspace().await?;
        match self {
            Self::List { archived } => list(place, &workspace, archived).await,
            Self::Create { name, description } => create(place, &workspace, &name, &description).await,
            Self::Rename { project, name } => {
                let name = Some(Name::parse(&name, &place.config.limits)?);
                edit(place, &workspace, &project, Edit { name, ..Edit::default() }, "renamed").await
            }
            Self::Archive { project } => {
                let state = Some(ProjectState::Archived);
                edit(place, &workspace, &project, Edit { state, ..Edit::default() }, "archived").await
            }
            Self::Restore { project } => {
                let state = Some(ProjectState::Active);
                edit(place, &workspace, &project, Edit { state, ..Edit::default() }, "active again").await
            }
        }
    }
}

async fn list(place: &Place, workspace: &Workspace, archived: bool) -> Result<Answer, Failure> {
    let state = if archived { ProjectState::Archived } else { ProjectState::Active };
    let mut rx = place.store.reader().await?;
    let mut after = (Vec::new(), ProjectId::from_uuid(uuid::Uuid::nil()));
    let (mut rows, mut list): (Vec<Vec<String>>, Vec<Value>) = (Vec::new(), Vec::new());
    loop {
        let page = store::projects::page(&mut rx, workspace.id, state, &after, false, PAGE).await?;
        for (project, _) in &page {
            rows.push(vec![project.name.clone(), project.items.to_string(), project.id.to_string()]);
            list.push(json!({ "id": project.id, "name": project.name, "items": project.items }));
        }
        match page.into_iter().next_back() {
            Some((_, place)) => after = place,
            None => break,
        }
    }
    Ok(Answer::new(table(&["NAME", "UNFINISHED", "ID"], &rows), json!({ "projects": list })))
}

async fn create(place: &Place, workspace: &Workspace, name: &str, about: &str) -> Result<Answer, Failure> {
    let limits = &place.config.limits;
    let (name, about) = (Name::parse(name, limits)?, items::description(about, limits)?);
    let (ctx, saved) = (place.ctx(workspace.id), name.clone());
    let made = place
        .store
        .write(async move |tx| projects::create(tx, &ctx, saved.clone(), about.clone()).await)
        .await?;
    place.seal(workspace.id).await;
    let text = format!("Project {} is made.", name.as_str());
    Ok(Answer::new(text, json!({ "id": made, "name": name.as_str() })))
}

async fn edit(
    place: &Place,
    workspace: &Workspace,
    named: &str,
    edit: Edit,
    done: &str,
) -> Result<Answer, Failure> {
    let ctx = place.ctx(workspace.id);
    let project = projects::named(&mut place.store.reader().await?, &ctx, named).await?;
    let id = project.id;
    let changed = place.store.write(async move |tx| projects::edit(tx, &ctx, id, edit.clone()).await).await?;
    place.seal(workspace.id).await;
    let word = if changed { "is" } else { "was already" };
    let text = format!("Project {} {word} {done}.", project.name);
    Ok(Answer::new(text, json!({ "id": id, "changed": changed })))
}
