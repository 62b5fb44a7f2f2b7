//! API tokens: with their owner's deactivation, at the machine doors, and on the record.

mod http;
pub(crate) mod pages;
mod rules;

use domain::{
    actor::{Actor, Door},
    id::TokenId,
    token::{Life, Scope},
};
use tenure::{
    ctx::Ctx,
    ops::{
        self,
        tokens::{Input, Made},
    },
    store::tokens::TokenRow,
};

use crate::support::world::{Who, World, any_name};

impl World {
    /// A personal token, made by its owner.
    pub(crate) async fn token_of(&self, who: Who, scopes: &[Scope]) -> Made {
        let scopes = scopes.iter().copied().collect();
        let input = Input::new(Some(who.person), self.name(&any_name("Token")), scopes, Life::default());
        self.make_token(self.by(who), input).await
    }

    /// A token of the workspace, made by its owner.
    pub(crate) async fn service_token(&self, scopes: &[Scope]) -> Made {
        self.service_token_for(scopes, Life::Forever).await
    }

    /// A token of the workspace that lives so long.
    pub(crate) async fn service_token_for(&self, scopes: &[Scope], life: Life) -> Made {
        self.service_token_by(self.owner, scopes, life).await
    }

    /// A token of the workspace that an administrator makes.
    pub(crate) async fn service_token_by(&self, who: Who, scopes: &[Scope], life: Life) -> Made {
        let scopes = scopes.iter().copied().collect();
        let input = Input::new(None, self.name(&any_name("Service")), scopes, life);
        self.make_token(self.by(who), input).await
    }

    /// A token, made by whoever this is.
    pub(crate) async fn make_token(&self, ctx: Ctx, input: Input) -> Made {
        let made = self.write(async move |tx| ops::tokens::make(tx, &ctx, input.clone()).await).await;
        made.expect("a token is made")
    }

    pub(crate) async fn suspend_token(&self, id: TokenId) {
        let ctx = self.ctx();
        let done = self.write(async move |tx| ops::tokens::suspend(tx, &ctx, id).await).await;
        assert!(done.expect("a suspension"));
    }

    pub(crate) async fn revoke_token(&self, id: TokenId) {
        let ctx = self.ctx();
        let done = self.write(async move |tx| ops::tokens::revoke(tx, &ctx, id).await).await;
        assert!(done.expect("a revocation"));
    }

    /// As a program acts that shows this token.
    pub(crate) fn with_token(&self, made: &Made) -> Ctx {
        let token = &made.row.token;
        let actor = Actor::Token { token: token.id, person: token.owner.person() };
        self.app.ctx(self.ws, actor, Door::Api)
    }

    /// Waits until the use of a token is noted, which happens behind the answer.
    pub(crate) async fn use_is_noted(&self, id: TokenId) {
        for _ in 0..500 {
            if self.token_row(id).await.is_some_and(|row| row.last_used.is_some()) {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("the use of {id} was not noted");
    }

    pub(crate) async fn token_row(&self, id: TokenId) -> Option<TokenRow> {
        tenure::store::tokens::look(&mut self.reader().await, self.ws, id).await.expect("a read")
    }
}
