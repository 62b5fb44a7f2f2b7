//! The demo's data: a workspace that tells how accounts come, go and return, and as many made-up people beside
//! it as one asks for.

mod crowd;
mod crowd_items;
mod help;
mod names;
mod served;
mod story;
mod work;
mod work_lines;

pub use crowd::add as add_people;
pub use crowd_items::add as add_items;
pub use story::{SignIn, tell as tell_story};
