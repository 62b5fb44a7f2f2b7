//! Tests.

mod templates;
