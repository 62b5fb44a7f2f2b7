//! `tenure organization`.

use clap::Subcommand;
use domain::id::OrganizationId;
use serde_json::json;

use super::{
    Global,
    answer::Answer,
    failure::Failure,
    local,
    place::Place,
    table::{count, table},
};
use crate::{
    ops::{
        organizations::{self, Domains},
        profile::Name,
    },
    store::{self, Tx, workspaces::Workspace},
};

/// How many organizations one read of the list takes.
const PAGE: i64 = 500;

/// Create, change and delete organizations, the companies of customers. One is named by name or id.
#[derive(Debug, Subcommand)]
pub(super) enum Organizations {
    /// List organizations, with their domains and how many customers are in each.
    #[command(after_help = "Example:\n  tenure organization list --json")]
    List,
    /// Create an organization. New customers join it by the domain of their address.
    #[command(after_help = "Examples:
  tenure organization create Northwind --domain north.example
  tenure organization create Northwind --domain north.example --dry-run")]
    Create {
        /// The name.
        name: String,
        /// An email domain; can be given several times.
        #[arg(long = "domain", value_name = "DOMAIN")]
        domains: Vec<String>,
        /// Show what would happen, and change nothing.
        #[arg(long)]
        dry_run: bool,
    },
    /// Change name or domains. Who is in the organization stays.
    #[command(after_help = "Examples:
  tenure organization change Northwind --name \"Northwind Ltd\"
  tenure organization change Northwind --domain north.example --domain north.test
  tenure organization change Northwind --no-domains --dry-run")]
    Change {
        /// The organization, by name or id.
        organization: String,
        /// The new name.
        #[arg(long)]
        name: Option<String>,
        /// An email domain, in place of those it has; can be given several times.
        #[arg(long = "domain", value_name = "DOMAIN", conflicts_with = "no_domains")]
        domains: Vec<String>,
        /// Take all its domains away.
        #[arg(long)]
        no_domains: bool,
        /// Show what would happen, and change nothing.
        #[arg(long)]
        dry_run: bool,
    },
    /// Delete an organization; its customers stay, without one.
    #[command(after_help = "Examples:
  tenure organization delete Northwind --dry-run
  tenure organization delete Northwind --yes")]
    Delete {
        /// The organization, by name or id.
        organization: String,
        /// Do it without asking.
        #[arg(long)]
        yes: bool,
        /// Show what would happen, and change nothing.
        #[arg(long, conflicts_with = "yes")]
        dry_run: bool,
    },
}

impl Organizations {
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
            Self::Create { name, domains, dry_run } => {
                create(place, &workspace, &name, &domains, dry_run).await
            }
            Self::Change { organization, name, domains, no_domains, dry_run } => {
                let domains = (no_domains || !domains.is_empty()).then_some(domains);
                change(place, &workspace, &organization, (name, domains), dry_run).await
            }
            Self::Delete { organization, yes, dry_run } => {
                delete(place, &workspace, &organization, yes, dry_run).await
            }
        }
    }
}

async fn list(place: &Place, workspace: &Workspace) -> Result<Answer, Failure> {
    let ws = workspace.id;
    let mut rx = place.store.reader().await?;
    let mut after: store::organizations::Place = (Vec::new(), OrganizationId::from_uuid(uuid::Uuid::nil()));
    let (mut rows, mut list) = (Vec::new(), Vec::new());
    loop {
        let page = store::organizations::page(&mut rx, ws, &after, false, PAGE).await?;
        let ids: Vec<_> = page.iter().map(|(one, _)| one.id).collect();
        let domains = store::organizations::domains_of(&mut rx, ws, &ids).await?;
        for (one, _) in &page {
            let own = domains.iter().filter(|(id, _)| *id == one.id);
            let own: Vec<&str> = own.map(|(_, domain)| domain.as_str()).collect();
            let customers = one.members.to_string();
            rows.push(vec![one.name.clone(), customers, own.join(", "), one.id.to_string()]);
            list.push(json!({
                "id": one.id,
                "name": one.name,
                "domains": own,
                "customers": one.members,
                "created": one.created,
                "version": one.version,
            }));
        }
        match page.into_iter().last() {
            Some((_, place)) if i64::try_from(ids.len()) == Ok(PAGE) => after = place,
            _ => break,
        }
    }
    Ok(Answer::new(table(&["NAME", "CUSTOMERS", "DOMAINS", "ID"], &rows), json!({ "organizations": list })))
}

async fn create(
    place: &Place,
    workspace: &Workspace,
    name: &str,
    domains: &[String],
    dry_run: bool,
) -> Result<Answer, Failure> {
    let limits = &place.config.limits;
    let (name, domains) = (Name::parse(name, limits)?, Domains::parse(&domains.join(" "), limits)?);
    let (ctx, called, own) = (place.ctx(workspace.id), name.clone(), domains.clone());
    let create =
        async move |tx: &mut Tx| organizations::create(tx, &ctx, name.clone(), domains.clone()).await;
    let id = place.carry_out(dry_run, create).await?;
    if dry_run {
        let domains = if own.as_slice().is_empty() { "no domain".into() } else { own.as_slice().join(", ") };
        let text = format!(
            "Would make the organization {} ({domains}).{}\nNothing was changed.",
            called.as_str(),
            warning(&own)
        );
        let plan = json!({ "name": called.as_str(), "domains": own.as_slice() });
        return Ok(Answer::new(text, json!({ "dry_run": true, "plan": plan })));
    }
    place.seal(workspace.id).await;
    let text = format!("The organization {} is made.{}", called.as_str(), warning(&own));
    Ok(Answer::new(text, json!({ "organization": id, "name": called.as_str(), "domains": own.as_slice() })))
}

/// A line on domains at which anyone can have an address; nothing where there is none.
fn warning(domains: &Domains) -> String {
    let open = domains.as_slice().iter().filter(|domain| domain::customer::is_for_anyone(domain));
    let open: Vec<&str> = open.map(String::as_str).collect();
    match open.as_slice() {
        [] => String::new(),
        open => format!(
            "\nAnyone can have an address at {}: whoever comes with one joins this organization.",
            open.join(", ")
        ),
    }
}

async fn change(
    place: &Place,
    workspace: &Workspace,
    named: &str,
    (name, domains): (Option<String>, Option<Vec<String>>),
    dry_run: bool,
) -> Result<Answer, Failure> {
    let limits = &place.config.limits;
    let one = place.organization(workspace.id, named).await?;
    let domains = match domains {
        Some(domains) => domains,
        None => store::organizations::domains(&mut place.store.reader().await?, workspace.id, one.id).await?,
    };
    let name = Name::parse(name.as_deref().unwrap_or(&one.name), limits)?;
    let domains = Domains::parse(&domains.join(" "), limits)?;
    let (ctx, called, own) = (place.ctx(workspace.id), name.clone(), domains.clone());
    let (id, version) = (one.id, Some(one.version));
    let change = async move |tx: &mut Tx| {
        organizations::change(tx, &ctx, id, name.clone(), domains.clone(), version).await
    };
    let changed = place.carry_out(dry_run, change).await?;
    if changed && !dry_run {
        place.seal(workspace.id).await;
    }
    let (told, end) = match (changed, dry_run) {
        (true, true) => ("The organization would be changed", "\nNothing was changed."),
        (true, false) => ("The organization is changed", ""),
        (false, _) => ("Nothing had to change", ""),
    };
    let text = format!("{told}: {} ({}).{}{end}", called.as_str(), own.as_slice().join(", "), warning(&own));
    let json = json!({
        "organization": id,
        "changed": changed,
        "name": called.as_str(),
        "domains": own.as_slice(),
    });
    let json = if dry_run { json!({ "dry_run": true, "plan": json }) } else { json };
    Ok(Answer::new(text, json))
}

async fn delete(
    place: &Place,
    workspace: &Workspace,
    named: &str,
    yes: bool,
    dry_run: bool,
) -> Result<Answer, Failure> {
    let id = place.organization(workspace.id, named).await?.id;
    let ctx = place.ctx(workspace.id);
    let (one, plan) = organizations::plan_deletion(&mut place.store.reader().await?, &ctx, id).await?;
    let stay = format!("{} stay, without one", count(plan.members, "customer"));
    if dry_run {
        let text = format!("Would delete the organization {}: {stay}.\nNothing was changed.", one.name);
        return Ok(Answer::new(text, json!({ "dry_run": true, "organization": id, "plan": plan })));
    }
    let what = format!("This deletes the organization {}: {stay}.", one.name);
    local::confirm(&what, &one.name, yes)?;
    // What was confirmed is what was shown: a later change makes this stale.
    let version = Some(one.version);
    let done = place.store.write(async move |tx| organizations::delete(tx, &ctx, id, version).await).await?;
    place.seal(workspace.id).await;
    let text = format!("The organization {} is deleted: {stay}.", one.name);
    Ok(Answer::new(text, json!({ "organization": id, "customers": done.members, "domains": done.domains })))
}
