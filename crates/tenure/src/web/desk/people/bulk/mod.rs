//! One action on many people: selected in the grid or all that it finds, previewed, confirmed, followed, undone.

mod bar;
mod preview;
mod result;
mod words;

pub(super) use bar::{bar, open};
pub(super) use preview::{begin, preview};
pub(super) use result::{cancel, csv, list, resume, show, undo};
