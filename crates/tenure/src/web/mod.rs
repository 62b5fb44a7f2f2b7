//! What a browser or a program talks to.

pub mod assets;
pub mod cookie;
pub mod security;
pub mod view;
