//! `tenure workspace`.

use clap::{Args, Subcommand};
use domain::person::Kind;
use serde_json::{Value, json};

use super::{
    Global,
    answer::{Answer, note},
    failure::Failure,
    licenses::number_owned,
    place::{Place, load_config},
    table::{facts, moment, table},
    workspace_apps::{RequestForm, help_centre},
};
use crate::{
    config::Config,
    ops::{
        profile::{self, Name},
        workspace::{self, Created, Input},
    },
    store::{Tx, people, workspaces::Workspace},
    web::side,
};

/// Create, list and show workspaces.
#[derive(Debug, Subcommand)]
pub(super) enum Workspaces {
    /// Begin a workspace and print its owner's link, which sets their password.
    #[command(after_help = "Examples:
  tenure workspace create Acme --owner owner@acme.example --licenses 10
  tenure workspace create Acme --owner owner@acme.example --licenses 10 --time-zone Europe/Berlin
  tenure workspace create Beta --owner o@beta.example --licenses 5 --host desk.beta.example")]
    Create(Create),
    /// List the workspaces of this database.
    #[command(after_help = "Example:\n  tenure workspace list --json")]
    List,
    /// Show one workspace: its owner, licenses and users by status.
    #[command(after_help = "Example:\n  tenure workspace show --workspace Acme")]
    Show,
    /// Say whether customers may register themselves in the portal, or let them, or not.
    #[command(after_help = "Examples:
  tenure workspace registration
  tenure workspace registration open
  tenure workspace registration closed")]
    Registration {
        /// Whether they may; without it, how it is now.
        #[arg(value_parser = ["open", "closed"])]
        state: Option<String>,
    },
    /// Say whether customers of one organization see each other's requests in the portal, or let them, or not.
    #[command(after_help = "Examples:
  tenure workspace shared-requests
  tenure workspace shared-requests on
  tenure workspace shared-requests off")]
    SharedRequests {
        /// Whether they do; without it, how it is now.
        #[arg(value_parser = ["on", "off"])]
        state: Option<String>,
    },
    /// Say whether there is a help centre, or switch it off, on for those who have signed in, or open it to everybody.
    #[command(after_help = "Examples:
  tenure workspace help-centre
  tenure workspace help-centre open
  tenure workspace help-centre login")]
    HelpCentre {
        /// Whether there is one, and for whom; without it, how it is now.
        #[arg(value_parser = ["off", "login", "open"])]
        state: Option<String>,
    },
    /// Say whether there is a request form for those without an account, or set it up.
    #[command(after_help = "Examples:
  tenure workspace request-form
  tenure workspace request-form open --policy hold
  tenure workspace request-form --policy refuse --contact \"Call 020 7946 0991.\"")]
    RequestForm(RequestForm),
    /// Let a host lead to a workspace: where a server holds several, each needs one of its own.
    #[command(after_help = "Example:\n  tenure workspace host desk.acme.example --workspace Acme")]
    Host {
        /// The host, without a port.
        host: String,
    },
}

/// What a new workspace needs.
#[derive(Debug, Args)]
pub(super) struct Create {
    /// The name that people see.
    name: String,
    /// The owner's email address.
    #[arg(long, value_name = "EMAIL")]
    owner: String,
    /// The owner's name; without it, what stands before the at sign.
    #[arg(long, value_name = "NAME")]
    owner_name: Option<String>,
    /// How many licenses the workspace owns; its owner uses one.
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = number_owned)]
    licenses: i64,
    /// The host that leads to it. Needed where the server holds several workspaces: each of them then has one.
    #[arg(long, value_name = "HOST")]
    host: Option<String>,
    /// Its time zone, by IANA name.
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    time_zone: String,
}

impl Workspaces {
    pub(super) async fn run(self, global: &Global) -> Result<Answer, Failure> {
        match self {
            Self::Create(create) => create.run(global).await,
            Self::List => list(global).await,
            Self::Show => show(global).await,
            Self::Registration { state } => registration(global, state.as_deref()).await,
            Self::SharedRequests { state } => shared_requests(global, state.as_deref()).await,
            Self::HelpCentre { state } => help_centre(global, state.as_deref()).await,
            Self::RequestForm(form) => form.run(global).await,
            Self::Host { host } => add_host(global, &host).await,
        }
    }
}

impl Create {
    async fn run(self, global: &Global) -> Result<Answer, Failure> {
        let config = load_config(global, &[])?;
        // Looked at before anything is made, so that a typing error leaves no database behind.
        let input = self.input(&config.limits)?;
        let place = Place::open_or_create(global, config).await?;
        let host = input.host.clone();
        let created = create(&place, input).await?;
        let base = base_url(&place, host.as_deref());
        place.close().await;
        Ok(Self::answer(&self, &created, &base))
    }

    fn input(&self, limits: &crate::limits::Limits) -> Result<Input, Failure> {
        let owner_email = profile::email(&self.owner, limits)?;
        let before_at = owner_email.split('@').next().unwrap_or(&owner_email).to_owned();
        profile::time_zone(&self.time_zone)?;
        Ok(Input {
            name: Name::parse(&self.name, limits)?,
            owner_name: Name::parse(self.owner_name.as_deref().unwrap_or(&before_at), limits)?,
            owner_email,
            licenses: self.licenses,
            host: self.host.as_deref().map(host).transpose()?,
            time_zone: self.time_zone.clone(),
        })
    }

    fn answer(&self, created: &Created, base: &str) -> Answer {
        let link = format!("{base}{}", side::link(Kind::User, &created.secret));
        let mut text = format!(
            "Created the workspace {} ({}).\n\nThe owner {} sets their password with this link, once, within 24 \
             hours:\n  {link}\n\nStart the server with: tenure serve",
            self.name, created.workspace, self.owner
        );
        if created.namesake {
            text.push_str(
                "\n\nAnother workspace has this name too: tell them apart by host, and at the command ",
            );
            text.push_str("line by --workspace ID.");
        }
        let json = json!({
            "workspace": created.workspace,
            "name": self.name,
            "owner": created.owner,
            "link": link,
            "namesake": created.namesake,
        });
        Answer::new(text, json)
    }
}

async fn create(place: &Place, input: Input) -> Result<Created, Failure> {
    let key = place.key().await?;
    let ctx = place.ctx(domain::id::WorkspaceId::from_uuid(place.sys.uuid7()));
    let (seal_key, ws) = (key.key.clone(), ctx.workspace);
    let created = place
        .store
        .write(async move |tx| workspace::create(tx, &ctx, &seal_key, input.clone()).await)
        .await?;
    place.seal(ws).await;
    Ok(created)
}

async fn registration(global: &Global, state: Option<&str>) -> Result<Answer, Failure> {
    let place = Place::open(global).await?;
    let workspace = place.workspace().await?;
    let before = workspace.registration;
    let open = state.map_or(before, |state| state == "open");
    if open != before {
        let (ctx, version) = (place.ctx(workspace.id), Some(workspace.version));
        let save = async move |tx: &mut Tx| workspace::set_registration(tx, &ctx, open, version).await;
        place.store.write(save).await?;
        place.seal(workspace.id).await;
    }
    place.close().await;
    let how = if open { "open: customers may register themselves" } else { "closed: by invitation only" };
    let word = match state {
        Some(_) if open != before => " now",
        Some(_) => " already",
        None => "",
    };
    let text = format!("The portal of {} is{word} {how}.", workspace.name);
    Ok(Answer::new(text, json!({ "registration": open, "changed": open != before })))
}

async fn shared_requests(global: &Global, state: Option<&str>) -> Result<Answer, Failure> {
    let place = Place::open(global).await?;
    let workspace = place.workspace().await?;
    let before = workspace.shared_requests;
    let shared = state.map_or(before, |state| state == "on");
    if shared != before {
        let (ctx, version) = (place.ctx(workspace.id), Some(workspace.version));
        let save = async move |tx: &mut Tx| workspace::share_requests(tx, &ctx, shared, version).await;
        place.store.write(save).await?;
        place.seal(workspace.id).await;
    }
    place.close().await;
    let how = if shared { "see" } else { "do not see" };
    let word = match state {
        Some(_) if shared != before => " now",
        Some(_) => " already",
        None => "",
    };
    let text =
        format!("In {}, customers of one organization{word} {how} each other's requests.", workspace.name);
    Ok(Answer::new(text, json!({ "shared_requests": shared, "changed": shared != before })))
}

async fn add_host(global: &Global, typed: &str) -> Result<Answer, Failure> {
    let host = host(typed)?;
    let place = Place::open(global).await?;
    let workspace = place.workspace().await?;
    let (ctx, saved) = (place.ctx(workspace.id), host.clone());
    place.store.write(async move |tx| workspace::add_host(tx, &ctx, &saved).await).await?;
    place.seal(workspace.id).await;
    place.close().await;
    let text = format!("The host {host} leads to the workspace {}.", workspace.name);
    Ok(Answer::new(text, json!({ "workspace": workspace.id, "host": host })))
}

/// A host as the server compares it: lower case, without a port.
fn host(typed: &str) -> Result<String, Failure> {
    let lower = typed.to_ascii_lowercase();
    match crate::web::security::host_of(&lower) {
        Some(host) if host == lower => Ok(lower),
        _ => Err(Failure::usage(format!("{typed} is not a host name such as desk.example.org"))),
    }
}

/// What links begin with: the public address, with the workspace's own host where it has one.
pub(super) fn base_url(place: &Place, host: Option<&str>) -> String {
    let public = &place.config.server.public_url;
    if *public == Config::default().server.public_url {
        // A server without the setting takes the port it got; nothing here knows which.
        note(&format!(
            "note: the link begins with {public}, since public_url is at its default; where the desk has another address, \
             set public_url"
        ));
    }
    match host {
        Some(host) if host != public.host() => {
            let shown = public.to_string();
            let port =
                shown.rsplit_once(':').map(|(_, port)| port).filter(|port| port.parse::<u16>().is_ok());
            let scheme = if public.is_https() { "https" } else { "http" };
            port.map_or_else(|| format!("{scheme}://{host}"), |port| format!("{scheme}://{host}:{port}"))
        }
        _ => public.to_string(),
    }
}

fn json_of(workspace: &Workspace) -> Value {
    let licenses = &workspace.licenses;
    let counts = workspace.counts;
    json!({
        "id": workspace.id,
        "name": workspace.name,
        "time_zone": workspace.time_zone,
        "created": workspace.created,
        "licenses": { "owned": licenses.owned, "used": licenses.used, "free": licenses.free(), "price": licenses.price },
        "users": {
            "active": counts.active,
            "invited": counts.invited,
            "invitation_expired": counts.expired,
            "deactivated": counts.deactivated,
            "never_signed_in": counts.never,
        },
    })
}

async fn list(global: &Global) -> Result<Answer, Failure> {
    let place = Place::open(global).await?;
    let all = place.all().await?;
    place.close().await;
    let rows: Vec<Vec<String>> = all
        .iter()
        .map(|workspace| {
            let licenses = &workspace.licenses;
            vec![
                workspace.name.clone(),
                workspace.id.to_string(),
                format!("{} of {}", licenses.used, licenses.owned),
                workspace.counts.deactivated.to_string(),
            ]
        })
        .collect();
    let text = if rows.is_empty() {
        "There is no workspace yet: tenure workspace create NAME --owner EMAIL --licenses N".to_owned()
    } else {
        table(&["NAME", "ID", "LICENSES", "DEACTIVATED"], &rows)
    };
    Ok(Answer::new(text, json!({ "workspaces": all.iter().map(json_of).collect::<Vec<_>>() })))
}

async fn show(global: &Global) -> Result<Answer, Failure> {
    let place = Place::open(global).await?;
    let workspace = place.workspace().await?;
    let owner = people::owner(&mut place.store.reader().await?, workspace.id).await?;
    place.close().await;
    let (licenses, counts) = (&workspace.licenses, workspace.counts);
    let owner_text = owner.as_ref().map(|row| format!("{} <{}>", row.person.name, row.person.email));
    let text = facts(&[
        ("Name", workspace.name.clone()),
        ("Id", workspace.id.to_string()),
        ("Owner", owner_text.unwrap_or_default()),
        ("Licenses", format!("{} of {} in use, {} free", licenses.used, licenses.owned, licenses.free())),
        ("Active", format!("{}, {} of them never signed in", counts.active, counts.never)),
        ("Invited", format!("{}, {} of them expired", counts.invited, counts.expired)),
        ("Deactivated", counts.deactivated.to_string()),
        ("Time zone", workspace.time_zone.clone()),
        ("Created", moment(workspace.created, &workspace.zone())),
    ]);
    let mut json = json_of(&workspace);
    json["owner"] = json!(owner.map(|row| json!({ "id": row.person.id, "email": row.person.email })));
    Ok(Answer::new(text, json))
}
