//! A desk with made-up people, on either engine: Acme's own are told by the demo, all others are imported.

use std::{
    fmt::Write as _,
    path::PathBuf,
    process::Command,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
};

use domain::{
    actor::{Actor, Door},
    id::{PersonId, WorkspaceId},
    license::MOST_OWNED,
    token::{Life, Scope},
};
use serde_json::Value;
use tenure::{
    app::App,
    config::{Config, Sources},
    demo::{self, SignIn},
    ops::{profile::Name, tokens, workspace},
    seal::AuditKey,
    secret::{Kind, Secret},
    store::{Engine, Store, Target, Tx, people, workspaces},
    sys::Sys,
};

use rig::{
    clock::Stopwatch,
    failure::{During as _, Result},
    http::{self, Client, Pass},
    postgres,
    server::Server,
};

use crate::{bare::Look, lab::Lab};

/// Who administers the demo's workspace.
pub(crate) const ADMINISTRATOR: &str = "samir@acme.example";
/// Who is an ordinary user there.
pub(crate) const MEMBER: &str = "mei@acme.example";

/// By which it is asked.
const HOST: &str = "127.0.0.1";

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
    /// Whether a server has done what was left to do of the import.
    settled: AtomicBool,
}

/// Who and what is on a desk beside the demo's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Crowd {
    /// Users.
    pub(crate) users: u64,
    /// Whether every sixteenth of them is deactivated.
    pub(crate) some_away: bool,
    /// Tickets and tasks.
    pub(crate) items: u64,
    /// Other workspaces on the same server, each with an owner.
    pub(crate) workspaces: u64,
}

impl std::fmt::Display for Crowd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} users", self.users)?;
        for (many, what) in [(self.items, "items"), (self.workspaces, "other workspaces")] {
            if many > 0 {
                write!(f, " and {many} {what}")?;
            }
        }
        Ok(())
    }
}

const GIVEN: [&str; 20] = [
    "Ada", "Ben", "Chloe", "Dana", "Emil", "Farah", "Goran", "Hanna", "Ivo", "Jana", "Kofi", "Lena", "Mira",
    "Noah", "Olga", "Pavel", "Quinn", "Rosa", "Sami", "Tara",
];
const FAMILY: [&str; 16] = [
    "Lovelace", "Okafor", "Marino", "Schmidt", "Novak", "Haddad", "Jensen", "Kowalski", "Silva", "Tanaka",
    "Brandt", "Costa", "Diaz", "Evans", "Fischer", "Garcia",
];
const TEAMS: [&str; 6] = ["Sales", "Logistics", "Field service", "Returns", "Finance", ""];

impl Crowd {
    /// The users as a file to import: with as many different names as a real crowd has.
    fn csv(self) -> Result<String> {
        let mut text = String::from("Name,Email,Teams,Status,Last Login\n");
        for number in 1..=self.users {
            // Spread, and the same in each run.
            let mut chance = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ number >> 3;
            let mut pick = |count: u64| {
                chance =
                    chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (chance >> 33) % count
            };
            let given = one_of(&GIVEN, pick(20));
            let family = one_of(&FAMILY, pick(16));
            let [a, b, c] = [pick(26), pick(26), pick(26)].map(letter);
            let (middle, team) = (format!("{}{b}{c}", a.to_ascii_uppercase()), one_of(&TEAMS, pick(6)));
            let status = if self.some_away && number.is_multiple_of(16) { "Deactivated" } else { "Active" };
            let (month, day) = (1 + pick(9), 10 + pick(19));
            let address = format!("{}.{}{number}", given.to_ascii_lowercase(), family.to_ascii_lowercase());
            writeln!(
                text,
                "{given} {middle} {family},{address}@crowd.example,{team},{status},2026-0{month}-{day}"
            )?;
        }
        Ok(text)
    }
}

fn one_of(words: &[&'static str], at: u64) -> &'static str {
    usize::try_from(at).ok().and_then(|at| words.get(at)).copied().unwrap_or_default()
}

fn letter(at: u64) -> char {
    u8::try_from(at).map_or('a', |at| char::from(b'a' + at % 26))
}

impl Desk {
    /// Makes one with the demo's own people and a crowd.
    pub(crate) async fn make(lab: &Lab, engine: Engine, crowd: Crowd) -> Result<Self> {
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
        let (token, actor) = token_of(&app, workspace, ADMINISTRATOR, &[Scope::People, Scope::Write]).await?;
        if crowd.items > 0 {
            demo::add_items(&app, workspace, crowd.items, |_| ()).await?;
        }
        if crowd.workspaces > 0 {
            add_workspaces(&app, workspace, crowd.workspaces).await?;
        }
        app.store.close().await;
        let desk = Self {
            engine,
            folder,
            url,
            workspace,
            sign_ins,
            token: Pass::Token(token),
            actor,
            settled: AtomicBool::new(false),
        };
        desk.bring_in(lab, crowd).await?;
        if let Some(url) = &desk.url {
            // As after its first night: PostgreSQL looks at new rows when it finds the time.
            postgres::connect(url).await?.batch_execute("vacuum analyze").await?;
        }
        lab.say(&format!("a desk with {crowd} on {engine} in {:.1} s", watch.seconds()));
        Ok(desk)
    }

    /// Imports the crowd's users, with licenses to spare.
    async fn bring_in(&self, lab: &Lab, crowd: Crowd) -> Result<()> {
        if crowd.users == 0 {
            return Ok(());
        }
        let file = self.folder.join("users.csv");
        std::fs::write(&file, crowd.csv()?)?;
        let spared = i64::try_from(100 + crowd.users + crowd.users / 50)?;
        let licenses = spared.min(MOST_OWNED).to_string();
        let (file_name, workspace) = (file.to_string_lossy(), self.workspace.to_string());
        let args =
            ["import", &file_name, "--kind", "users", "--licenses", &licenses, "--workspace", &workspace];
        self.run(lab, &args).await?;
        Ok(std::fs::remove_file(file)?)
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
                // Else the system would write it out beside what is measured.
                std::fs::File::open(folder.join(file))?.sync_all()?;
            }
        }
        let url = match &self.url {
            Some(url) => Some(lab.postgres()?.copy(url, &name).await?),
            None => None,
        };
        let (sign_ins, token, actor) = (self.sign_ins.clone(), self.token.clone(), self.actor.clone());
        let settled = AtomicBool::new(self.settled.load(Ordering::Relaxed));
        Ok(Self {
            engine: self.engine,
            folder,
            url,
            workspace: self.workspace,
            sign_ins,
            token,
            actor,
            settled,
        })
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

    /// What the server asks its database about the administrator's token.
    pub(crate) fn look(&self) -> Result<Look> {
        let Pass::Token(token) = &self.token else { return Err("no token".into()) };
        let secret = Secret::parse(Kind::ApiToken, token).ok_or("no token of the API")?;
        let file = self.folder.join(DATABASE);
        let database = self.url.clone().unwrap_or_else(|| file.display().to_string());
        Ok(Look { database, host: HOST.to_owned(), hash: secret.digest().to_vec() })
    }

    /// Runs a command of the program; answers what it said.
    pub(crate) async fn run(&self, lab: &Lab, args: &[&str]) -> Result<Value> {
        let mut command = self.command(lab);
        command.args(args).arg("--json");
        // It ends with whoever waits for it.
        let mut command = tokio::process::Command::from(command);
        let ran = command.kill_on_drop(true).output().await.during(args.join(" "))?;
        if !ran.status.success() {
            let said = String::from_utf8_lossy(&ran.stderr).trim().to_owned();
            return Err(format!("tenure {}: {said}", args.join(" ")).into());
        }
        serde_json::from_slice(&ran.stdout).during(args.join(" "))
    }

    /// Starts a server, or on PostgreSQL one more node.
    pub(crate) async fn serve(&self, lab: &Lab) -> Result<Server> {
        let server = self.serve_with(lab, &[]).await?;
        if !self.settled.swap(true, Ordering::Relaxed) {
            server.settle().await;
        }
        Ok(server)
    }

    /// As [`Desk::serve`], with some settings more.
    pub(crate) async fn serve_with(&self, lab: &Lab, settings: &[(&str, &str)]) -> Result<Server> {
        let mut command = self.command(lab);
        command.envs(settings.iter().copied()).args(["serve", "--listen", "127.0.0.1:0", "--json"]);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        Server::start(command, self.folder.join(format!("server{number}.log"))).await
    }

    /// A token of somebody of the demo, and who acts by it.
    pub(crate) async fn token_of(&self, email: &str, scope: Scope) -> Result<(Pass, Actor)> {
        let app = self.open().await?;
        let (secret, actor) = token_of(&app, self.workspace, email, &[scope]).await?;
        app.store.close().await;
        Ok((Pass::Token(secret), actor))
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

/// Workspaces beside this one, which then needs a host to be found by.
async fn add_workspaces(app: &App, own: WorkspaceId, count: u64) -> Result<()> {
    let inputs = (0..count).map(|number| {
        let input = workspace::Input {
            name: Name::parse(&format!("Workspace {number}"), &app.config.limits)?,
            owner_email: format!("owner@w{number}.example"),
            owner_name: Name::parse("Olga Owner", &app.config.limits)?,
            licenses: 2,
            host: Some(format!("w{number}.example")),
            time_zone: "Europe/Berlin".to_owned(),
        };
        let id = WorkspaceId::from_uuid(app.sys.uuid7());
        Ok((app.ctx(id, Actor::Cli { user: "bench".into() }, Door::Cli), input))
    });
    let (inputs, key) = (inputs.collect::<Result<Vec<_>>>()?, app.audit_key.clone());
    let write = async move |tx: &mut Tx| {
        workspaces::add_host(tx, own, HOST).await?;
        for (ctx, input) in &inputs {
            workspace::create(tx, ctx, &key, input.clone()).await?;
        }
        Ok(())
    };
    Ok(app.store.write_large(write).await?)
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
