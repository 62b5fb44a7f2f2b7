//! Articles of the help centre: written by users, read by customers.

use serde::{Deserialize, Serialize};

use crate::{actor::Authority, item, item::words, lifecycle::Outcome, refusal::Refusal};

words! {
    /// Whether customers see an article.
    ArticleState:
    /// It is being written: users alone see it.
    Draft = "draft", "Draft";
    /// Whoever may use the help centre reads it.
    Published = "published", "Published";
}

/// Whether the actor may write, order and delete articles: whoever works at the desk.
pub fn may_write(authority: &Authority) -> Result<(), Refusal> {
    item::may_work(authority)
}

/// Whether an article may be published, or taken back.
pub fn set_state(
    authority: &Authority,
    from: ArticleState,
    to: ArticleState,
) -> Result<Outcome<ArticleState>, Refusal> {
    may_write(authority)?;
    Ok(if from == to { Outcome::Unchanged } else { Outcome::Changed(to) })
}
