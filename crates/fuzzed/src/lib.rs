//! What is held of every parser that takes bytes from outside, whatever the bytes.
//!
//! A target takes bytes, hands them to a parser as a door would, and panics when what comes of them is not as it must
//! be. It answers whether the parser took them: so a run can tell that it reached what it is to test. The same targets
//! are run for hours by `fuzz/`, and some thousand times by the unit tests of this crate.

pub mod csv;
pub mod forms;
pub mod headers;
pub mod html;
pub mod markdown;
pub mod query;
pub mod scim_filter;
pub mod scim_patch;

#[cfg(test)]
mod tests;

/// Checks what becomes of bytes, and answers whether they were taken.
pub type Check = fn(&[u8]) -> bool;

/// Every target by its name, which is that of its folder of samples and of its fuzzer.
pub const TARGETS: [(&str, Check); 7] = [
    ("csv", csv::check),
    ("forms", forms::check),
    ("headers", headers::check),
    ("markdown", markdown::check),
    ("query", query::check),
    ("scim_filter", scim_filter::check),
    ("scim_patch", scim_patch::check),
];
