//! The bare server: one route of axum that answers JSON, with the runtime and the listener that Tenure has.

use axum::{Json, Router, routing::get};
use serde::Serialize;
use tokio::net::TcpListener;

use rig::failure::Result;

/// About as much as `GET /api/v1/me` tells.
#[derive(Serialize)]
struct Me {
    id: uuid::Uuid,
    name: &'static str,
    email: &'static str,
    role: &'static str,
    workspace: &'static str,
    language: Option<&'static str>,
    time_zone: Option<&'static str>,
    theme: &'static str,
}

/// Serves until it is killed; prints where.
pub(crate) async fn serve() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", serde_json::json!({ "url": format!("http://{}", listener.local_addr()?) }));
    let me = async || {
        Json(Me {
            id: uuid::Uuid::from_u128(0x0196_0000_0000_7000_8000_0000_0000_0001),
            name: "Samir Haddad",
            email: "samir@acme.example",
            role: "administrator",
            workspace: "Acme",
            language: None,
            time_zone: None,
            theme: "system",
        })
    };
    Ok(axum::serve(listener, Router::new().route("/api/v1/me", get(me))).await?)
}
