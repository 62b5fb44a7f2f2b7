//! `GET /api/v1/me`: who is signed in, or which token stands for whom.

use axum::Json;
use domain::{
    id::{PersonId, SessionId, TokenId, WorkspaceId},
    person::StatusWord,
    role::Role,
    token::Scope,
};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::problems::OfMe;
use crate::web::session::Session;

/// The signed-in user, or who a token stands for. A service token stands for nobody: `id` and `email` are then null.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Me {
    /// The user's id.
    #[schema(value_type = Option<String>, format = Uuid)]
    id: Option<PersonId>,
    /// The email address.
    email: Option<String>,
    /// The name shown; of a service token, its own.
    name: String,
    /// What the user may do; a token does it as far as its scopes go.
    #[schema(value_type = String, pattern = "^(owner|administrator|member)$", example = "member")]
    role: Role,
    /// Always `active`: nobody else is signed in.
    #[schema(value_type = String, pattern = "^active$", example = "active")]
    status: StatusWord,
    /// The workspace.
    workspace: InWorkspace,
    /// The session that the request came with.
    session: Option<OfSession>,
    /// The API token that the request came with.
    token: Option<OfToken>,
}

/// The workspace that the Host names.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct InWorkspace {
    /// Its id.
    #[schema(value_type = String, format = Uuid)]
    id: WorkspaceId,
    /// Its name.
    name: String,
}

/// The session that a request came with.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OfSession {
    /// Its id.
    #[schema(value_type = String, format = Uuid)]
    id: SessionId,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    began: Timestamp,
}

/// The API token that a request came with.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OfToken {
    /// Its id.
    #[schema(value_type = String, format = Uuid)]
    id: TokenId,
    /// What its maker called it.
    name: String,
    /// Whose it is.
    #[schema(pattern = "^(personal|service)$", example = "personal")]
    kind: &'static str,
    /// What it is for.
    #[schema(example = json!(["read"]))]
    scopes: Vec<&'static str>,
    /// When its time is over.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires: Option<Timestamp>,
}

/// Who is signed in, or which token stands for whom.
#[utoipa::path(
    get, path = "/api/v1/me", operation_id = "me", tag = "users",
    responses((status = 200, description = "Who it is.", body = Me), OfMe),
    security(("session" = []))
)]
pub(super) async fn me(session: Session) -> Json<Me> {
    let check = &session.check;
    Json(Me {
        id: session.ctx.actor.person(),
        email: session.ctx.actor.person().map(|_| check.email.clone()),
        name: check.name.clone(),
        role: check.role,
        status: check.status,
        workspace: InWorkspace { id: check.workspace.id, name: check.workspace.name.clone() },
        session: check.session.map(|id| OfSession { id, began: check.began }),
        token: session.token.as_ref().map(|row| OfToken {
            id: row.token.id,
            name: row.name.clone(),
            kind: row.token.owner.word(),
            scopes: row.token.scopes.iter().map(Scope::word).collect(),
            expires: row.token.expires,
        }),
    })
}
