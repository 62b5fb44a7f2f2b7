//! The ops, on both engines.

mod smoke;
