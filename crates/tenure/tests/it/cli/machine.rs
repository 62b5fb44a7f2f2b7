//! A place for the program to work on, and what it answers there.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;
use tenure::store::{Store, Target};

use crate::support::{database::Ready, postgres};

/// A data folder, or a database of PostgreSQL with the audit key in a folder.
pub(super) struct Machine {
    folder: TempDir,
    database: Option<postgres::Dropped>,
}

/// Runs a future to its end.
pub(super) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Runtime::new().expect("a runtime").block_on(future)
}

impl Machine {
    pub(super) fn sqlite() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder"), database: None }
    }

    pub(super) fn postgres() -> Self {
        let database = block_on(postgres::create(Ready::Empty));
        Self { folder: tempfile::tempdir().expect("a folder"), database: Some(database) }
    }

    /// A path in the machine's own folder.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn data(&self) -> PathBuf {
        self.path("data")
    }

    /// Where the key is that seals the audit log.
    pub(super) fn audit_key(&self) -> PathBuf {
        if self.is_sqlite() { self.data().join("audit.key") } else { self.path("audit.key") }
    }

    /// The address of the database of PostgreSQL, as its own tools take it.
    pub(super) fn uri(&self) -> String {
        self.database.as_ref().map(postgres::Dropped::uri).expect("a machine with PostgreSQL")
    }

    pub(super) fn is_sqlite(&self) -> bool {
        self.database.is_none()
    }

    /// Where the database is, for tests that look into it.
    pub(super) fn target(&self) -> Target {
        match &self.database {
            Some(database) => Target::Postgres(database.url()),
            None => Target::Sqlite(self.data().join("tenure.db")),
        }
    }

    pub(super) async fn store(&self) -> Store {
        Store::open(self.target()).await.expect("the database opens")
    }

    /// The program with the flags that lead here.
    pub(super) fn command(&self, args: &[&str]) -> Command {
        let mut command = program();
        command.args(args).arg("--data").arg(self.data());
        if let Some(database) = &self.database {
            command.args(["--database-url", &database.uri()]).arg("--audit-key").arg(self.path("audit.key"));
        }
        command
    }

    /// Runs a command; answers how it ended.
    pub(super) fn run(&self, args: &[&str]) -> Ended {
        Ended::of(self.command(args))
    }

    /// Runs a command that must go well; answers its JSON.
    pub(super) fn json(&self, args: &[&str]) -> Value {
        let ended = self.run(&[args, &["--json"]].concat());
        assert_eq!(ended.code, 0, "{args:?}: {}", ended.error);
        ended.json()
    }

    /// As [`Machine::json`], in this environment.
    pub(super) fn json_with(&self, environment: &[(&str, &str)], args: &[&str]) -> Value {
        let mut command = self.command(&[args, &["--json"]].concat());
        command.envs(environment.iter().copied());
        let ended = Ended::of(command);
        assert_eq!(ended.code, 0, "{args:?}: {}", ended.error);
        ended.json()
    }

    /// Runs a command that must end with this code; answers its error.
    pub(super) fn fails(&self, code: i32, args: &[&str]) -> Value {
        let ended = self.run(&[args, &["--json"]].concat());
        assert_eq!(ended.code, code, "{args:?}: {}{}", ended.text, ended.error);
        assert_eq!(ended.text, "", "{args:?}: a failure answers nothing");
        let error: Value = serde_json::from_str(ended.error.trim()).expect("one line of JSON");
        assert_eq!(error["error"]["exit"], code);
        error["error"].clone()
    }

    /// The workspace Acme with so many licenses, one used by its owner.
    pub(super) fn acme(&self, licenses: u32) -> Value {
        let licenses = licenses.to_string();
        self.json(&["workspace", "create", "Acme", "--owner", "owner@acme.example", "--licenses", &licenses])
    }

    /// Invites somebody and lets them join by the link; answers their open session's token.
    pub(super) fn join(&self, name: &str) -> String {
        let email = format!("{}@acme.example", name.to_lowercase());
        let invited = self.json(&["user", "invite", &email, "--name", name]);
        let link = invited["link"].as_str().expect("a link");
        let secret = link.rsplit('/').next().expect("the link's secret").to_owned();
        block_on(accept(self, &secret, name))
    }

    pub(super) fn user(&self, named: &str) -> Value {
        self.json(&["user", "show", named])
    }
}

async fn accept(machine: &Machine, secret: &str, name: &str) -> String {
    use domain::actor::{Actor, Door};
    use tenure::{ctx::Ctx, ops, secret, store::workspaces, sys::Sys};

    let store = machine.store().await;
    let all = workspaces::all(&mut store.reader().await.expect("a reader")).await.expect("workspaces");
    let nobody = domain::id::PersonId::from_uuid(all[0].id.uuid());
    let ctx = Ctx::begin(&Sys::real(), all[0].id, Actor::Visitor { person: nobody }, Door::Page);
    let secret = secret::Secret::parse(secret::Kind::Invitation, secret).expect("an invitation");
    let name = ops::profile::Name::parse(name, &tenure::limits::Limits::default()).expect("a name");
    let opened = store
        .write(async move |tx| {
            ops::invitation::accept(
                tx,
                &ctx,
                &secret,
                name.clone(),
                "no hash",
                &ops::sessions::From::default(),
            )
            .await
        })
        .await
        .expect("the invitation works");
    store.close().await;
    opened.secret.reveal()
}

/// The program, without this machine's own settings.
pub(super) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tenure"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("TENURE_") {
            command.env_remove(name);
        }
    }
    command.stdin(Stdio::null());
    command
}

/// How a command ended.
pub(super) struct Ended {
    pub(super) code: i32,
    pub(super) text: String,
    pub(super) error: String,
}

impl Ended {
    pub(super) fn of(mut command: Command) -> Self {
        let Output { status, stdout, stderr } = command.output().expect("the program runs");
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Self { code: status.code().expect("an exit code"), text: text(stdout), error: text(stderr) }
    }

    pub(super) fn json(&self) -> Value {
        assert_eq!(self.text.lines().count(), 1, "one line: {}", self.text);
        serde_json::from_str(&self.text).expect("JSON")
    }
}

/// A server that is ended with this value.
pub(super) struct Running {
    child: Child,
    /// What it printed when it was ready.
    pub(super) line: Value,
}

impl Running {
    /// Starts a command that serves, and waits for its line.
    pub(super) fn start(mut command: Command, log: &Path) -> Self {
        let log = std::fs::File::create(log).expect("a log file");
        let mut child = command.arg("--json").stdout(Stdio::piped()).stderr(log).spawn().expect("it starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("its line");
        let parsed = serde_json::from_str(&line);
        if parsed.is_err() {
            let _ = child.kill();
        }
        Self { child, line: parsed.expect("a line of JSON") }
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.line["url"].as_str().expect("an address"))
    }

    /// SIGTERM, as a service manager sends it.
    pub(super) fn tell(&self) {
        self.signal("-TERM");
    }

    /// A signal, as `kill` names it.
    pub(super) fn signal(&self, name: &str) {
        let told = Command::new("kill").args([name, &self.child.id().to_string()]).status();
        assert!(told.expect("kill runs").success());
    }

    /// Tells it to end; answers the exit code.
    pub(super) fn end(mut self) -> i32 {
        self.tell();
        self.child.wait().expect("it ends").code().expect("an exit code, not a signal")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Nothing to do where it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
