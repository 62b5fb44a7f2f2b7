//! People from a file: sent, looked at, confirmed, followed. It does what `tenure import` does, by the same op.

mod draw;
mod receive;
mod steps;
mod words;
mod work;

pub(super) use receive::{receive, start};
pub(super) use steps::{begin, check, errors, remove, show};
pub(super) use words::open;
