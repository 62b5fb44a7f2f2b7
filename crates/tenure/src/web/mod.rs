//! What a browser or a program talks to.

pub mod api;
pub mod assets;
mod bearer;
mod body;
pub mod cookie;
pub mod desk;
mod download;
pub mod failure;
pub mod fields;
pub mod flash;
pub mod live;
mod once;
#[doc(hidden)]
pub mod outside;
mod pages;
mod portal;
pub mod routes;
mod scim;
pub mod security;
pub mod server;
pub mod session;
pub mod side;
mod unread;
mod upload;
pub mod view;
pub mod visit;

pub use server::{serve, serve_metrics};
