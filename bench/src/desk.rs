//! A desk with made-up people, on either engine: filled by the code that fills the demo.

use std::{
    path::PathBuf,
    process::Command,
    sync::atomic::{AtomicU64, Ordering},
};

use domain::{
    actor::{Actor, Door},
    id::{PersonId, WorkspaceId},
    person::Kind,
    token::{Life, Scope},
};
use serde_json::Value;
use tenure::{
    app::App,
    config::{Config, Sources},
    demo::{self, SignIn},
    ops::{profile::Name, tokens},
    seal::AuditKey,
    store::{Engine, Store, Target, people},
    sys::Sys,
};

use crate::{
    clock::Stopwatch,
    failure::{During as _, Result},
    http::{self, Client, Pass},
    lab::Lab,
    postgres,
    server::Server,
};

/// Who administers the demo's workspace.
pub(crate) const ADMINISTRATOR: &str = "samir@acme.example";
/// Who is an ordinary user there.
pub(crate) const MEMBER: &str = "mei@acme.example";

/// The file of the embedded database in the data folder.
const DATABASE: &str = "tenure.db";

static NUMBER: AtomicU64 = AtomicU64::new(1);

/// A desk of which no server need run.
pub(crate) struct Desk {
    /// The database underneath.
    pub(crate) engine: Engine,
    /// The data folder.
    pub(crate) folder: PathBuf,
    /// Where PostgreSQL has its data.
    pub(crate) url: Option<String>,
    /// The demo's workspace.
    pub(crate) workspace: WorkspaceId,
    sign_ins: Vec<SignIn>,
    /// An administrator's token with the scopes `people` and `write`.
    pub(crate) token: Pass,
    /// Who acts by that token.
    pub(crate) actor: Actor,
}

impl Desk {
    /// Makes one with so many users beside the demo's own.
    pub(crate) async fn make(lab: &Lab, engine: Engine, users: u64) -> Result<Self> {
        let watch = Stopwatch::start();
        let name = format!("desk{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let folder = lab.folder().join(&name);
        std::fs::create_dir(&folder)?;
        let url = match engine {
            Engine::Sqlite => None,
            Engine::Postgres => Some(lab.postgres()?.database(&name).await?),
        };
        let app = open(&folder, url.as_deref()).await?;
        app.store.migrate().await?;
        let (workspace, sign_ins) = demo::tell_story(&app).await?;
        if users > 0 {
            demo::add_people(&app, workspace, Kind::User, users, |_| ()).await?;
        }
        let (token, actor) = token_of(&app, workspace, ADMINISTRATOR, &[Scope::People, Scope::Write]).await?;
        app.store.close().await;
        if let Some(url) = &url {
            // As after its first night: PostgreSQL looks at new rows when it finds the time.
            postgres::connect(url).await?.batch_execute("vacuum analyze").await?;
        }
        lab.say(&format!("a desk of {users} users on {engine} in {:.1} s", watch.seconds()));
        Ok(Self { engine, folder, url, workspace, sign_ins, token: Pass::Token(token), actor })
    }

    /// A copy of it, for what must not meddle with the original. No server may run on it.
    pub(crate) async fn copy(&self, lab: &Lab) -> Result<Self> {
        let name = format!("copy{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let folder = lab.folder().join(&name);
        std::fs::create_dir(&folder)?;
        for file in ["audit.key", DATABASE] {
            let from = self.folder.join(file);
            if from.exists() {
                std::fs::copy(&from, folder.join(file)).during(from.display())?;
            }
        }
        let url = match &self.url {
            Some(url) => Some(lab.postgres()?.copy(url, &name).await?),
            None => None,
        };
        let (sign_ins, token, actor) = (self.sign_ins.clone(), self.token.clone(), self.actor.clone());
        Ok(Self { engine: self.engine, folder, url, workspace: self.workspace, sign_ins, token, actor })
    }

    /// The file of the embedded database.
    pub(crate) fn file(&self) -> PathBuf {
        self.folder.join(DATABASE)
    }

    /// Opens it in this process, as the command line does.
    pub(crate) async fn open(&self) -> Result<App> {
        open(&self.folder, self.url.as_deref()).await
    }

    /// A command of the program on this desk, with nothing of this process's own settings.
    pub(crate) fn command(&self, lab: &Lab) -> Command {
        let mut command = lab.program();
        command.arg("--data").arg(&self.folder).arg("--audit-key").arg(self.folder.join("audit.key"));
        if let Some(url) = &self.url {
            command.env("TENURE_DATABASE_URL", url);
        }
        command
    }

    /// Runs a command of the program; answers what it said.
    pub(crate) fn run(&self, lab: &Lab, args: &[&str]) -> Result<Value> {
        let ran = self.command(lab).args(args).arg("--json").output().during(args.join(" "))?;
        if !ran.status.success() {
            let said = String::from_utf8_lossy(&ran.stderr).trim().to_owned();
            return Err(format!("tenure {}: {said}", args.join(" ")).into());
        }
        serde_json::from_slice(&ran.stdout).during(args.join(" "))
    }

    /// Starts a server, or on PostgreSQL one more node.
    pub(crate) async fn serve(&self, lab: &Lab) -> Result<Server> {
        self.serve_with(lab, &[]).await
    }

    /// As [`Desk::serve`], with some settings more.
    pub(crate) async fn serve_with(&self, lab: &Lab, settings: &[(&str, &str)]) -> Result<Server> {
        let mut command = self.command(lab);
        command.envs(settings.iter().copied()).args(["serve", "--listen", "127.0.0.1:0", "--json"]);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        Server::start(command, self.folder.join(format!("server{number}.log"))).await
    }

    /// Signs somebody in, in a browser.
    pub(crate) async fn session(&self, server: &Server, email: &str) -> Result<Pass> {
        http::sign_in(server.address, email, self.password(email)?).await
    }

    /// The password of somebody of the demo.
    pub(crate) fn password(&self, email: &str) -> Result<&str> {
        let found = self.sign_ins.iter().find(|sign_in| sign_in.email == email);
        Ok(&found.ok_or_else(|| format!("the demo knows no {email}"))?.password)
    }

    /// So many active members who are not of the demo's own, by their ids.
    pub(crate) async fn members(&self, server: &Server, count: usize) -> Result<Vec<String>> {
        self.people(server, "view=active", count).await
    }

    /// So many members of a view.
    pub(crate) async fn people(&self, server: &Server, view: &str, count: usize) -> Result<Vec<String>> {
        let mut client = Client::connect(server.address).await?;
        let (mut ids, mut after) = (Vec::new(), String::new());
        loop {
            let path = format!("/api/v1/users?{view}&limit=200{after}");
            let page = client.ask(self.token.get(&path)?).await?.json()?;
            let users = page["users"].as_array().ok_or("no users")?;
            let is_made_up = |user: &&Value| {
                user["role"] == "member"
                    && !self.sign_ins.iter().any(|one| user["email"] == one.email.as_str())
            };
            ids.extend(
                users.iter().filter(is_made_up).filter_map(|user| Some(user["id"].as_str()?.to_owned())),
            );
            if ids.len() >= count {
                ids.truncate(count);
                return Ok(ids);
            }
            let next =
                page["next"].as_str().ok_or_else(|| format!("{} of {count} people in {view}", ids.len()))?;
            after =
                format!("&after={}", form_urlencoded::byte_serialize(next.as_bytes()).collect::<String>());
        }
    }
}

async fn open(folder: &std::path::Path, url: Option<&str>) -> Result<App> {
    let path = |path: &std::path::Path| path.to_string_lossy().into_owned();
    let key = path(&folder.join("audit.key"));
    let mut flags = vec![("data".to_owned(), path(folder)), ("audit.key_file".to_owned(), key)];
    flags.extend(url.map(|url| ("database_url".to_owned(), url.to_owned())));
    let (config, _) = Config::load(&Sources { flags, ..Sources::default() })?;
    let target = match url {
        Some(url) => Target::Postgres(url.to_owned()),
        None => Target::Sqlite(folder.join(DATABASE)),
    };
    let (sys, store) = (Sys::real(), Store::open(target).await?);
    let key = AuditKey::load(&config.audit_key(), &sys, true)?.key;
    Ok(App::new(store, sys, config, key)?)
}

/// Makes a token of somebody's.
async fn token_of(
    app: &App,
    workspace: WorkspaceId,
    email: &str,
    scopes: &[Scope],
) -> Result<(String, Actor)> {
    let row = people::by_email(&mut app.store.reader().await?, workspace, email).await?;
    let person: PersonId = row.ok_or("nobody has this address")?.person.id;
    let ctx = app.ctx(workspace, Actor::Cli { user: "bench".into() }, Door::Cli);
    let name = Name::parse("Measures", &app.config.limits)?;
    let input = tokens::Input::new(Some(person), name, scopes.iter().copied().collect(), Life::Days(30));
    let made = app.store.write(async move |tx| tokens::make(tx, &ctx, input.clone()).await).await?;
    Ok((made.secret.reveal(), Actor::Token { token: made.row.token.id, person: Some(person) }))
}
