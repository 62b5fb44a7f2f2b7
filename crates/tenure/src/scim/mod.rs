//! SCIM 2.0 (RFC 7643, RFC 7644) without a server: schemas, filters, paths, PATCH, and which attributes an answer
//! holds. Pure: from JSON to JSON. What it means for an account is [`crate::ops::scim`]'s.

pub mod filter;
pub mod matching;
pub mod patch;
mod problem;
pub mod schema;
pub mod select;
mod value;

pub use problem::{Kind as ProblemKind, Problem};

/// A resource as JSON, its names written as the schemas have them.
pub type Resource = serde_json::Map<String, serde_json::Value>;
