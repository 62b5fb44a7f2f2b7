//! `tenure handover`.

use clap::Args;
use domain::id::HandoverId;
use serde_json::json;

use super::{Global, answer::Answer, failure::Failure, item, place::Place, table::count};
use crate::{
    ops::handover::{self, Input, Plan, To},
    store::{item_people, workspaces::Workspace},
};

/// Give a person's unfinished items to another user, or to a team's members in turn. Nothing moves unless asked.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tenure handover ada@acme.example --to mei@acme.example --dry-run
  tenure handover ada@acme.example --to-team Support
  tenure handover ada@acme.example --to mei@acme.example --item 12 --item 15
  tenure handover --undo 0193e2a4-7b1c-7def-8a90-123456789abc

One handover moves 500 items at most; it says how many are left. It can be taken back for 10 minutes.")]
pub(super) struct Handover {
    /// Whose items, by email address or id.
    #[arg(required_unless_present = "undo")]
    from: Option<String>,
    /// Who gets them, by email address or id.
    #[arg(long, value_name = "USER", conflicts_with_all = ["to_team", "undo"])]
    to: Option<String>,
    /// The team whose active members get them in turn, by name or id.
    #[arg(long, value_name = "TEAM", conflicts_with = "undo")]
    to_team: Option<String>,
    /// Only this item, by its number; can be given several times.
    #[arg(long = "item", value_name = "NUMBER", conflicts_with = "undo")]
    items: Vec<i64>,
    /// Show what would happen, and change nothing.
    #[arg(long, conflicts_with = "undo")]
    dry_run: bool,
    /// Take a handover back, by the id that it was answered with.
    #[arg(long, value_name = "ID", conflicts_with = "from")]
    undo: Option<HandoverId>,
}

impl Handover {
    pub(super) async fn run(self, global: &Global) -> Result<Answer, Failure> {
        let place = Place::open(global).await?;
        let answer = self.on(&place).await;
        place.close().await;
        answer
    }

    async fn on(self, place: &Place) -> Result<Answer, Failure> {
        let workspace = place.workspace().await?;
        let ctx = place.ctx(workspace.id);
        if let Some(id) = self.undo {
            let done = place.store.write(async move |tx| handover::undo(tx, &ctx, id).await).await?;
            place.seal(workspace.id).await;
            let text =
                format!("{} taken back, {} changed meanwhile.", count(done.items, "item"), done.skipped);
            return Ok(Answer::new(text, json!(done)));
        }
        let input = self.input(place, &workspace).await?;
        if self.dry_run {
            let plan = handover::plan(&mut place.store.reader().await?, &ctx, &input).await?;
            let text = told(place, &workspace, &plan, "would move").await?;
            return Ok(Answer::new(text, json!(plan)));
        }
        let done =
            place.store.write(async move |tx| handover::hand_over(tx, &ctx, input.clone()).await).await?;
        place.seal(workspace.id).await;
        let mut text = told(place, &workspace, &done.moved, "moved").await?;
        if let Some(undo) = done.undo {
            text = format!("{text}\nFor 10 minutes: tenure handover --undo {undo}");
        }
        Ok(Answer::new(text, json!(done)))
    }

    async fn input(&self, place: &Place, workspace: &Workspace) -> Result<Input, Failure> {
        let from = place.user(workspace.id, self.from.as_deref().unwrap_or_default()).await?.person.id;
        let to = match (&self.to, &self.to_team) {
            (Some(user), _) => To::Person(place.user(workspace.id, user).await?.person.id),
            (None, Some(team)) => To::Team(place.team(workspace.id, team).await?.id),
            (None, None) => return Err(Failure::usage("say to whom: --to USER or --to-team TEAM")),
        };
        let mut chosen = Vec::new();
        for number in &self.items {
            chosen.push(item::item(place, workspace, *number).await?);
        }
        Ok(Input { from, to, items: (!chosen.is_empty()).then_some(chosen), fingerprint: None })
    }
}

async fn told(place: &Place, workspace: &Workspace, plan: &Plan, word: &str) -> Result<String, Failure> {
    let ids: Vec<_> = plan.shares.iter().map(|share| share.person).collect();
    let people = item_people::briefs(&mut place.store.reader().await?, workspace.id, &ids).await?;
    let mut lines = vec![format!("{} {word}.", count(plan.items, "item"))];
    for share in &plan.shares {
        let name = people.iter().find(|brief| brief.id == share.person).map_or("", |brief| &brief.name);
        lines.push(format!("  {} to {name}", share.items));
    }
    if plan.left > 0 {
        lines.push(format!("{} left: do it again for the next.", count(plan.left, "item")));
    }
    Ok(lines.join("\n"))
}
