//! The JSON API (`/api/v1`). A handler parses and renders; it holds no rule.

use axum::Json;
use serde_json::{Value, json};

use super::{
    routes::Routes,
    session::{Access::User, Session},
};

/// The routes of the API.
pub(super) fn routes(routes: Routes) -> Routes {
    routes.get("/api/v1/me", User, me)
}

/// `GET /api/v1/me`.
async fn me(session: Session) -> Json<Value> {
    let check = &session.check;
    Json(json!({
        "id": check.person,
        "email": check.email,
        "name": check.name,
        "role": check.role,
        "status": check.status,
    }))
}
