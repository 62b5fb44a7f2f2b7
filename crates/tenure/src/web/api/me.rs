//! `GET /api/v1/me`: who is signed in.

use axum::Json;
use domain::{
    id::{PersonId, SessionId, WorkspaceId},
    person::StatusWord,
    role::Role,
};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::problems::OfMe;
use crate::web::session::Session;

/// The signed-in user.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Me {
    /// The user's id.
    #[schema(value_type = String, format = Uuid)]
    id: PersonId,
    /// The email address.
    email: String,
    /// The name shown.
    name: String,
    /// What the user may do.
    #[schema(value_type = String, pattern = "^(owner|administrator|member)$", example = "member")]
    role: Role,
    /// Always `active`: nobody else is signed in.
    #[schema(value_type = String, pattern = "^active$", example = "active")]
    status: StatusWord,
    /// The workspace.
    workspace: InWorkspace,
    /// The session that the request came with.
    session: OfSession,
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

/// Who is signed in.
#[utoipa::path(
    get, path = "/api/v1/me", operation_id = "me", tag = "users",
    responses((status = 200, description = "The signed-in user.", body = Me), OfMe),
    security(("session" = []))
)]
pub(super) async fn me(session: Session) -> Json<Me> {
    let check = &session.check;
    Json(Me {
        id: check.person,
        email: check.email.clone(),
        name: check.name.clone(),
        role: check.role,
        status: check.status,
        workspace: InWorkspace { id: check.workspace.id, name: check.workspace.name.clone() },
        session: OfSession { id: check.session, began: check.began },
    })
}
