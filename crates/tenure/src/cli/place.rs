//! The database that a command works on.

use std::path::PathBuf;

use domain::{
    actor::{Actor, Door},
    id::{PersonId, TeamId, WorkspaceId},
    person::Kind,
};

use super::{Global, failure::Failure, local};
use crate::{
    config::{Config, Sources},
    ctx::Ctx,
    error::Error,
    ops::{audit, organizations},
    seal::{AuditKey, KeyError, LoadedKey},
    store::{
        Store, Target, Tx,
        organizations::Organization,
        people::{self, PersonRow},
        teams::{self, Team},
        workspaces::{self, Workspace},
    },
    sys::Sys,
    text,
};

/// The file of the embedded database in the data folder.
pub(super) const DATABASE: &str = "tenure.db";

/// An open database with the configuration that led to it.
pub(super) struct Place {
    pub(super) store: Store,
    pub(super) sys: Sys,
    pub(super) config: Config,
    workspace: Option<String>,
}

/// Reads the configuration with the flags that every command has, and those of this one.
pub(super) fn load_config(global: &Global, more: &[(&str, String)]) -> Result<Config, Failure> {
    let mut flags: Vec<(String, String)> = Vec::new();
    let path = |path: &PathBuf| path.to_string_lossy().into_owned();
    let given = [
        ("data", global.data.as_ref().map(path)),
        ("database_url", global.database_url.clone()),
        ("audit.key_file", global.audit_key.as_ref().map(path)),
    ];
    flags.extend(given.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))));
    flags.extend(more.iter().map(|(key, value)| ((*key).to_owned(), value.clone())));
    let environment = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let sources = Sources { file: global.config.clone(), environment, flags };
    let (config, warnings) = Config::load(&sources)?;
    for warning in warnings {
        super::answer::note(&format!("warning: {warning}"));
    }
    Ok(config)
}

/// Where the database of this configuration is.
pub(super) fn target(config: &Config) -> Target {
    match config.server.database_url.get() {
        Some(url) => Target::Postgres(url.to_owned()),
        None => Target::Sqlite(config.server.data.join(DATABASE)),
    }
}

/// Makes the data folder if it is not there, readable for its owner alone.
pub(super) fn make_folder(folder: &std::path::Path) -> Result<(), Failure> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(folder)
        .map_err(|error| Failure::failed(format!("cannot make the folder {}: {error}", folder.display())))
}

impl Place {
    /// Opens a database that is there and up to date.
    pub(super) async fn open(global: &Global) -> Result<Self, Failure> {
        let config = load_config(global, &[])?;
        if let Target::Sqlite(path) = target(&config)
            && !path.exists()
        {
            return Err(Failure::not_found(format!("there is no database at {}", path.display()))
                .hint("--data DIR names the folder; that of the demo is tenure-data")
                .hint("tenure workspace create NAME --owner EMAIL --licenses N begins one"));
        }
        let place = Self::connect(global, config).await?;
        let pending = place.store.pending().await?;
        if !pending.is_empty() {
            return Err(Failure::failed("this database is older than this program")
                .hint("back it up, then start the server once: tenure serve brings it up to date"));
        }
        Ok(place)
    }

    /// Opens a database, making it or bringing it up to date where needed.
    pub(super) async fn open_or_create(global: &Global, config: Config) -> Result<Self, Failure> {
        if let Target::Sqlite(_) = target(&config) {
            make_folder(&config.server.data)?;
        }
        let place = Self::connect(global, config).await?;
        place.store.migrate().await?;
        Ok(place)
    }

    async fn connect(global: &Global, config: Config) -> Result<Self, Failure> {
        let store = Store::open(target(&config)).await?;
        Ok(Self::over(store, global, config))
    }

    /// With a store that is open already.
    pub(super) fn over(store: Store, global: &Global, config: Config) -> Self {
        Self { store, sys: Sys::real(), config, workspace: global.workspace.clone() }
    }

    /// The key that seals the audit log; made where no workspace needs an earlier one.
    pub(super) async fn key(&self) -> Result<LoadedKey, Failure> {
        let none_yet = self.all().await?.is_empty();
        Ok(AuditKey::load(&self.config.audit_key(), &self.sys, none_yet)?)
    }

    /// Refuses a key with which a log could not go on: nothing would be sealed any more.
    pub(super) async fn fits(&self, key: &AuditKey) -> Result<(), Failure> {
        for workspace in self.all().await? {
            if !audit::key_fits(&mut self.store.reader().await?, workspace.id, key).await? {
                return Err(Failure::failed(format!(
                    "the audit key is not the one that seals the log of workspace {}",
                    workspace.name
                ))
                .hint("bring the key that it began with; --audit-key FILE names the file where it is"));
            }
        }
        Ok(())
    }

    /// The key, if it is there.
    pub(super) fn key_there(&self) -> Result<LoadedKey, KeyError> {
        AuditKey::load(&self.config.audit_key(), &self.sys, false)
    }

    /// Every workspace.
    pub(super) async fn all(&self) -> Result<Vec<Workspace>, Failure> {
        Ok(workspaces::all(&mut self.store.reader().await?).await?)
    }

    /// The workspace that was named, or the only one.
    pub(super) async fn workspace(&self) -> Result<Workspace, Failure> {
        let mut all = self.all().await?;
        let list = |all: &[Workspace]| {
            let lines = all.iter().map(|workspace| format!("{} ({})", workspace.name, workspace.id));
            format!("there are: {}", lines.collect::<Vec<_>>().join(", "))
        };
        let Some(named) = &self.workspace else {
            return match all.len() {
                0 => Err(Failure::not_found("there is no workspace yet")
                    .hint("tenure workspace create NAME --owner EMAIL --licenses N")),
                1 => Ok(all.remove(0)),
                _ => Err(Failure::usage("say which workspace, with --workspace").hint(list(&all))),
            };
        };
        let key = text::fold(named);
        let fits =
            |workspace: &Workspace| workspace.id.to_string() == *named || text::fold(&workspace.name) == key;
        let found: Vec<Workspace> = all.iter().filter(|workspace| fits(workspace)).cloned().collect();
        match found.as_slice() {
            [one] => Ok(one.clone()),
            [] => Err(Failure::not_found(format!("there is no workspace {named}")).hint(list(&all))),
            _ => Err(Failure::usage(format!("{named} is the name of several workspaces; give the id"))
                .hint(list(&found))),
        }
    }

    /// A context for what somebody at the machine does now.
    pub(super) fn ctx(&self, workspace: WorkspaceId) -> Ctx {
        Ctx::begin(&self.sys, workspace, Actor::Cli { user: local::user_name() }, Door::Cli)
    }

    /// Does an op; with `dry_run` it is only rehearsed, and nothing of it is kept.
    pub(super) async fn carry_out<T, F>(&self, dry_run: bool, op: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: AsyncFn(&mut Tx) -> Result<T, Error> + Send + Sync + 'static,
    {
        Ok(if dry_run { self.store.rehearse(op).await? } else { self.store.write(op).await? })
    }

    /// The person of this kind and this address or id.
    pub(super) async fn person(
        &self,
        ws: WorkspaceId,
        kind: Kind,
        named: &str,
    ) -> Result<PersonRow, Failure> {
        let row = self.anybody(ws, named).await?.filter(|row| row.person.kind == kind);
        let word = kind.word();
        row.ok_or_else(|| {
            Failure::not_found(format!("there is no {word} {named}"))
                .hint(format!("tenure {word} list shows all; a {word} is named by email address or id"))
        })
    }

    /// The user of this address or id; where it does not matter, a customer too.
    pub(super) async fn user(&self, ws: WorkspaceId, named: &str) -> Result<PersonRow, Failure> {
        self.anybody(ws, named).await?.ok_or_else(|| {
            Failure::not_found(format!("there is no user {named}"))
                .hint("tenure user list shows all; a user is named by email address or id")
        })
    }

    /// The organization of this name or id.
    pub(super) async fn organization(&self, ws: WorkspaceId, named: &str) -> Result<Organization, Failure> {
        let found = organizations::find(&mut self.store.reader().await?, ws, named).await;
        found.map_err(|error| match error {
            Error::Invalid(fields) => {
                let words = fields.into_iter().next().map(|field| field.message).unwrap_or_default();
                Failure::not_found(words).hint("tenure organization list shows all")
            }
            error => error.into(),
        })
    }

    async fn anybody(&self, ws: WorkspaceId, named: &str) -> Result<Option<PersonRow>, Failure> {
        let mut rx = self.store.reader().await?;
        Ok(match named.parse::<PersonId>() {
            Ok(id) => people::load(&mut rx, ws, id).await?,
            Err(_) => people::by_email(&mut rx, ws, &text::email_key(named)).await?,
        })
    }

    /// The team of this name or id.
    pub(super) async fn team(&self, ws: WorkspaceId, named: &str) -> Result<Team, Failure> {
        let mut rx = self.store.reader().await?;
        let found = match named.parse::<TeamId>() {
            Ok(id) => teams::load(&mut rx, ws, id).await?,
            Err(_) => teams::by_name(&mut rx, ws, &text::fold(named)).await?,
        };
        if let Some(team) = found {
            return Ok(team);
        }
        let failure = Failure::not_found(format!("there is no team {named}"));
        let all: Vec<_> = teams::list(&mut rx, ws).await?.into_iter().map(|team| team.name).collect();
        Err(if all.is_empty() {
            failure.hint("tenure team create NAME makes one")
        } else {
            failure.hint(format!("there are: {}", all.join(", ")))
        })
    }

    /// Seals what was just recorded, where no server does it. A failure here undoes nothing, so it is a warning.
    pub(super) async fn seal(&self, ws: WorkspaceId) {
        let sealed = async {
            let key = self.key().await?.key;
            if !audit::key_fits(&mut self.store.reader().await?, ws, &key).await? {
                return Err(Failure::failed("the audit key is not the one that seals this workspace's log"));
            }
            audit::seal_all(&self.store, ws, &key).await?;
            Ok::<_, Failure>(())
        };
        if let Err(failure) = sealed.await {
            super::answer::note("warning: done, but the audit log is not sealed yet:");
            failure.print(false);
        }
    }

    /// Closes the database, so that nothing is left beside it.
    pub(super) async fn close(self) {
        self.store.close().await;
    }
}
