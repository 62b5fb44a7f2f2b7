//! Articles of the help centre: written by users, read by customers.

use serde::{Deserialize, Serialize};

use crate::{
    actor::Authority,
    apps::Reader,
    item,
    item::words,
    lifecycle::Outcome,
    person::{Kind, StatusWord},
    refusal::Refusal,
};

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

/// Whether somebody who may use the help centre reads an article there: a draft is for users alone.
#[must_use]
pub fn may_read(state: ArticleState, reader: Reader) -> bool {
    state == ArticleState::Published || reader == Some((Kind::User, StatusWord::Active))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_is_read_by_active_users_alone() {
        let user = Some((Kind::User, StatusWord::Active));
        for reader in [
            None,
            user,
            Some((Kind::User, StatusWord::Deactivated)),
            Some((Kind::Customer, StatusWord::Active)),
        ] {
            assert_eq!(may_read(ArticleState::Draft, reader), reader == user);
            assert!(may_read(ArticleState::Published, reader));
        }
    }
}
