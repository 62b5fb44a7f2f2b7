//! Tenure.

pub mod app;
pub mod aside;
pub mod attachments;
pub mod cli;
pub mod config;
pub mod ctx;
pub mod demo;
pub mod error;
pub mod hooks;
pub mod import;
pub mod jobs;
pub mod limits;
pub mod live;
pub mod metrics;
pub mod ops;
pub mod password;
#[cfg(feature = "planted")]
mod planted;
pub mod rate;
pub mod scim;
pub mod seal;
pub mod secret;
pub mod sheet;
pub mod store;
pub mod sys;
pub mod text;
pub mod web;

pub use error::{Error, Result};
