//! What the deliveries of a log are about, as it is called now: an event holds ids alone.

use std::collections::{BTreeSet, HashMap};

use domain::{
    id::{
        ArticleId, DeliveryId, ItemId, OrganizationId, PersonId, ProjectId, TeamId, TokenId, WebhookId,
        WorkspaceId,
    },
    webhook::TEST_TOPIC,
};
use uuid::Uuid;

use super::may_set_up;
use crate::{
    ctx::Ctx,
    error::Result,
    ops::{deletion::called, load},
    store::{
        Rx, articles,
        attempts::{self, Latest},
        deleted_people,
        deliveries::Delivery,
        item_people::{self, Brief},
        items, organizations, projects, teams, tokens, webhooks,
    },
};

/// Whom a delivery is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whom {
    /// Somebody who is here.
    Here(Brief),
    /// Somebody who has been deleted: what they are called since then.
    Gone(&'static str),
}

/// What a delivery is about, as an administrator may see it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// The person.
    pub whom: Option<Whom>,
    /// What else: "#12 Printer jams", the name of a team.
    pub what: Option<String>,
}

/// What a log tells beside its deliveries.
#[derive(Debug, Clone, Default)]
pub struct Told {
    /// What each is about.
    pub about: HashMap<DeliveryId, About>,
    /// How the last attempt of each ended.
    pub latest: HashMap<DeliveryId, Latest>,
}

/// What a page of a log tells beside its deliveries.
pub async fn told(rx: &mut Rx, ctx: &Ctx, log: &[Delivery]) -> Result<Told> {
    may_set_up(&load::unlocked::<0>(rx, ctx, []).await?.authority)?;
    let ws = ctx.workspace;
    let latest = attempts::latest(rx, ws, log.iter().map(|one| one.id)).await?;
    let people = people(rx, ws, log).await?;
    let items = named_items(rx, ws, log).await?;
    let mut others = HashMap::<(&str, Uuid), Option<String>>::new();
    let mut about = HashMap::new();
    for one in log {
        let (kind, subject) = (kind(&one.topic), one.subject);
        let what = match kind {
            _ if one.topic == TEST_TOPIC => Some("A test".into()),
            "item" | "message" => Some(items.get(&subject).cloned().unwrap_or_else(|| gone("item"))),
            _ => {
                if let Some(found) = others.get(&(kind, subject)) {
                    found.clone()
                } else {
                    let found = named(rx, ws, kind, subject).await?;
                    others.insert((kind, subject), found.clone());
                    found
                }
            }
        };
        let whom = one.person.and_then(|person| people.get(&person).cloned());
        about.insert(one.id, About { whom, what });
    }
    Ok(Told { about, latest })
}

/// What kind of thing an event is about: what stands before the dot.
fn kind(topic: &str) -> &str {
    topic.split('.').next().unwrap_or_default()
}

fn gone(what: &str) -> String {
    format!("Deleted {what}")
}

async fn people(rx: &mut Rx, ws: WorkspaceId, log: &[Delivery]) -> Result<HashMap<PersonId, Whom>> {
    let ids: BTreeSet<PersonId> = log.iter().filter_map(|one| one.person).collect();
    let found = item_people::briefs(rx, ws, &ids.iter().copied().collect::<Vec<_>>()).await?;
    let mut people: HashMap<PersonId, Whom> =
        found.into_iter().map(|brief| (brief.id, Whom::Here(brief))).collect();
    for id in ids {
        if !people.contains_key(&id)
            && let Some(kind) = deleted_people::kind(rx, ws, id).await?
        {
            people.insert(id, Whom::Gone(called(kind)));
        }
    }
    Ok(people)
}

async fn named_items(rx: &mut Rx, ws: WorkspaceId, log: &[Delivery]) -> Result<HashMap<Uuid, String>> {
    let of_items = log.iter().filter(|one| matches!(kind(&one.topic), "item" | "message"));
    let ids: BTreeSet<Uuid> = of_items.map(|one| one.subject).collect();
    let ids: Vec<ItemId> = ids.into_iter().map(ItemId::from_uuid).collect();
    let found = items::named(rx, ws, &ids).await?;
    Ok(found.into_iter().map(|(id, number, title)| (id.uuid(), format!("#{number} {title}"))).collect())
}

/// What else is called something; nothing where an event is about a person, or the workspace.
async fn named(rx: &mut Rx, ws: WorkspaceId, kind: &str, id: Uuid) -> Result<Option<String>> {
    let found = match kind {
        "team" => teams::load(rx, ws, TeamId::from_uuid(id)).await?.map(|team| team.name),
        "project" => projects::load(rx, ws, ProjectId::from_uuid(id)).await?.map(|project| project.name),
        "organization" => {
            organizations::load(rx, ws, OrganizationId::from_uuid(id)).await?.map(|one| one.name)
        }
        "article" => articles::load(rx, ws, ArticleId::from_uuid(id)).await?.map(|article| article.title),
        "token" | "scim" => tokens::look(rx, ws, TokenId::from_uuid(id)).await?.map(|row| row.name),
        "webhook" => webhooks::look(rx, ws, WebhookId::from_uuid(id)).await?.map(|webhook| webhook.name),
        "licenses" => return Ok(Some("Licenses".into())),
        "settings" | "workspace" => return Ok(Some("The workspace".into())),
        "people" | "bulk" => return Ok(Some("Many people".into())),
        "items" => return Ok(Some("Many items".into())),
        _ => return Ok(None),
    };
    let word = match kind {
        "token" | "scim" => "API token",
        other => other,
    };
    Ok(Some(found.unwrap_or_else(|| gone(word))))
}
