//! Who asks, through which door, and when: what every op is handed.

use domain::{
    actor::{Actor, Door},
    id::{Id, RequestId, WorkspaceId},
};
use jiff::Timestamp;

use crate::sys::Sys;

/// The circumstances of one request. An op may run again on a conflict, so it reads everything that
/// varies from here.
#[derive(Clone)]
pub struct Ctx {
    /// The workspace that the request's Host names, or that the CLI was given.
    pub workspace: WorkspaceId,
    /// Who asks.
    pub actor: Actor,
    /// The way the request came in.
    pub door: Door,
    /// The id that log lines, problems and audit entries share.
    pub request: RequestId,
    /// When the request began.
    pub now: Timestamp,
    /// Where new ids and salts come from.
    pub sys: Sys,
}

impl Ctx {
    /// A context that begins now.
    #[must_use]
    pub fn begin(sys: &Sys, workspace: WorkspaceId, actor: Actor, door: Door) -> Self {
        Self {
            workspace,
            actor,
            door,
            request: RequestId::from_uuid(sys.uuid7()),
            now: sys.now(),
            sys: sys.clone(),
        }
    }

    /// The same request, by another actor: a visitor becomes a person by signing in.
    #[must_use]
    pub fn acting_as(&self, actor: Actor) -> Self {
        Self { actor, ..self.clone() }
    }

    /// A new id.
    #[must_use]
    pub fn id<I: Id>(&self) -> I {
        I::from_uuid(self.sys.uuid7())
    }
}

impl std::fmt::Debug for Ctx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ctx")
            .field("workspace", &self.workspace)
            .field("actor", &self.actor)
            .field("door", &self.door)
            .field("request", &self.request)
            .field("now", &self.now)
            .finish_non_exhaustive()
    }
}
