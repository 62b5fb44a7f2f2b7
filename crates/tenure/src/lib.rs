//! Tenure.

pub mod web;
