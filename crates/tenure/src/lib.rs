//! Tenure.

pub mod ctx;
pub mod error;
pub mod secret;
pub mod store;
pub mod sys;
pub mod text;
pub mod web;

pub use error::{Error, Result};
