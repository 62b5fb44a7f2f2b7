//! What every door shares: store, clock, password hasher, limits.

use std::sync::Arc;

use domain::{
    actor::{Actor, Door},
    id::WorkspaceId,
};

use tokio::sync::Notify;

use crate::{
    aside::Aside,
    attachments::Files,
    config::Config,
    ctx::Ctx,
    error::{Error, Result},
    hooks::{self, Hooks},
    import::uploads::Uploads,
    live::Live,
    metrics::Metrics,
    password::{PasswordError, PasswordHasher, Settings},
    rate::Limiters,
    seal::AuditKey,
    store::Store,
    sys::Sys,
};

/// The program's shared parts. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// The parts of an [`App`].
pub struct Parts {
    /// The database.
    pub store: Store,
    /// Clock and randomness.
    pub sys: Sys,
    /// The configuration.
    pub config: Config,
    /// Makes and checks password hashes.
    pub hasher: PasswordHasher,
    /// How often anyone may try.
    pub limiters: Limiters,
    /// Seals the audit log.
    pub audit_key: AuditKey,
    /// Files that were sent with messages.
    pub attachments: Files,
    /// Files that were sent to be imported.
    pub uploads: Uploads,
    /// What this process counts of itself.
    pub metrics: Metrics,
    /// Who follows events on this node.
    pub live: Live,
    /// Sends webhooks.
    pub hooks: Hooks,
    /// Makes what takes long.
    pub aside: Aside,
    /// Told when a change of many people begins or goes on, so that its job need not be waited for.
    pub begun: Notify,
}

impl std::ops::Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl App {
    /// Puts the parts together.
    pub fn new(store: Store, sys: Sys, config: Config, audit_key: AuditKey) -> Result<Self> {
        let hasher = PasswordHasher::new(
            &sys,
            Settings {
                cost: config.password.cost,
                concurrency: config.password.concurrency,
                queue: config.password.queue,
                max_bytes: config.limits.password_bytes,
            },
        )?;
        let limiters = Limiters::new(&sys, &config.rates);
        let uploads = Uploads::within(&config.server.data);
        let attachments = Files::within(&config.server.data);
        let metrics = Metrics::new(store.groups());
        let hooks = Hooks::new(&config, Arc::new(hooks::System));
        Ok(Self(Arc::new(Parts {
            store,
            sys,
            config,
            hasher,
            limiters,
            audit_key,
            attachments,
            uploads,
            metrics,
            live: Live::default(),
            hooks,
            aside: Aside::on(cores()),
            begun: Notify::new(),
        })))
    }

    /// A context that begins now.
    #[must_use]
    pub fn ctx(&self, workspace: WorkspaceId, actor: Actor, door: Door) -> Ctx {
        Ctx::begin(&self.sys, workspace, actor, door)
    }
}

/// The processors that this program may use.
pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

impl From<PasswordError> for Error {
    fn from(error: PasswordError) -> Self {
        error.at("password")
    }
}
