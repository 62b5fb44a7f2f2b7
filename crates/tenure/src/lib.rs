//! Tenure.

pub mod secret;
pub mod sys;
pub mod text;
pub mod web;
