//! `tenure article`.

use clap::Subcommand;
use domain::{article::ArticleState, id::ArticleId, person::Kind};
use serde_json::{Value, json};

use super::{
    Global,
    answer::Answer,
    failure::Failure,
    place::Place,
    table::{facts, moment, table},
};
use crate::{
    ops::{
        articles::{self, Edit},
        deletion::called,
    },
    store::{articles::Article, workspaces::Workspace},
};

/// List, show and publish articles of the help centre. An article is named by its address, as in /help/ADDRESS, or id.
#[derive(Debug, Subcommand)]
pub(super) enum Articles {
    /// List articles by section, in their order.
    #[command(after_help = "Examples:\n  tenure article list\n  tenure article list --state draft --json")]
    List {
        /// Only drafts, or only what is published.
        #[arg(long, value_name = "STATE", value_parser = ["draft", "published"])]
        state: Option<String>,
    },
    /// Show an article with its text.
    #[command(after_help = "Example:\n  tenure article show restart-a-kiosk")]
    Show {
        /// The address or id.
        article: String,
    },
    /// Publish an article: whoever may use the help centre reads it.
    #[command(after_help = "Example:\n  tenure article publish recurring-bookings")]
    Publish {
        /// The address or id.
        article: String,
    },
    /// Take an article back: it is a draft again, which customers do not see.
    #[command(after_help = "Example:\n  tenure article unpublish recurring-bookings")]
    Unpublish {
        /// The address or id.
        article: String,
    },
}

impl Articles {
    pub(super) async fn run(self, global: &Global) -> Result<Answer, Failure> {
        let place = Place::open(global).await?;
        let answer = self.on(&place).await;
        place.close().await;
        answer
    }

    async fn on(self, place: &Place) -> Result<Answer, Failure> {
        let workspace = place.workspace().await?;
        match self {
            Self::List { state } => list(place, &workspace, state.as_deref()).await,
            Self::Show { article } => show(place, &workspace, &article).await,
            Self::Publish { article } => {
                set_state(place, &workspace, &article, ArticleState::Published).await
            }
            Self::Unpublish { article } => set_state(place, &workspace, &article, ArticleState::Draft).await,
        }
    }
}

async fn named(place: &Place, workspace: &Workspace, named: &str) -> Result<Article, Failure> {
    let (ctx, mut rx) = (place.ctx(workspace.id), place.store.reader().await?);
    Ok(match named.parse::<ArticleId>() {
        Ok(id) => articles::show(&mut rx, &ctx, id).await?,
        Err(_) => articles::at(&mut rx, &ctx, named).await?,
    })
}

fn json_of(article: &Article) -> Value {
    json!({
        "id": article.id,
        "address": article.slug,
        "section": article.section,
        "title": article.title,
        "state": article.state,
        "author": article.author.as_ref().map(|author| json!({ "id": author.id, "name": author.name })),
        "created": article.created,
        "updated": article.updated,
    })
}

async fn list(place: &Place, workspace: &Workspace, state: Option<&str>) -> Result<Answer, Failure> {
    let ctx = place.ctx(workspace.id);
    let mut all = articles::list(&mut place.store.reader().await?, &ctx).await?;
    all.retain(|article| state.is_none_or(|state| state == article.state.word()));
    let row = |article: &Article| {
        vec![
            article.section.clone(),
            article.title.clone(),
            article.state.word().to_owned(),
            article.slug.clone(),
        ]
    };
    let rows: Vec<Vec<String>> = all.iter().map(row).collect();
    let text = table(&["SECTION", "TITLE", "STATE", "ADDRESS"], &rows);
    Ok(Answer::new(text, json!({ "articles": all.iter().map(json_of).collect::<Vec<_>>() })))
}

async fn show(place: &Place, workspace: &Workspace, article: &str) -> Result<Answer, Failure> {
    let article = named(place, workspace, article).await?;
    let gone = || called(Kind::User).to_owned();
    let author = article.author.as_ref().map_or_else(gone, |author| author.name.clone());
    let head = facts(&[
        ("Title", article.title.clone()),
        ("Section", article.section.clone()),
        ("State", article.state.title().to_owned()),
        ("Address", format!("/help/{}", article.slug)),
        ("Author", author),
        ("Updated", moment(article.updated, &workspace.zone())),
    ]);
    let mut json = json_of(&article);
    json["body"] = json!(article.body);
    Ok(Answer::new(format!("{head}\n\n{}", article.body), json))
}

async fn set_state(
    place: &Place,
    workspace: &Workspace,
    article: &str,
    state: ArticleState,
) -> Result<Answer, Failure> {
    let article = named(place, workspace, article).await?;
    let (ctx, id) = (place.ctx(workspace.id), article.id);
    let edit = Edit { state: Some(state), ..Edit::default() };
    let edited = place.store.write(async move |tx| articles::edit(tx, &ctx, id, edit.clone()).await).await?;
    place.seal(workspace.id).await;
    let word = if edited.changed { "is" } else { "was already" };
    let what = match state {
        ArticleState::Published => "published",
        ArticleState::Draft => "a draft",
    };
    let text = format!("The article {} {word} {what}.", article.title);
    Ok(Answer::new(text, json!({ "id": id, "state": state, "changed": edited.changed })))
}
