//! The problems of API tokens.

use domain::{Refusal, token::MOST_DAYS};
use utoipa::IntoResponses;

use super::{Responses, Sample, query, reading, responses, writing};
use crate::{error::Error, web::failure::Wrong};

/// Of a request that names a token.
fn finding() -> Vec<Sample> {
    vec![Error::NotFound("API token").into()]
}

fn of_making() -> Vec<Sample> {
    vec![
        Refusal::TokenMakesNoToken.into(),
        Refusal::WrongPassword.into(),
        Refusal::TokenNeedsScope.into(),
        Refusal::TokenLife { most_days: MOST_DAYS }.into(),
        Refusal::PersonalTokenExpires.into(),
    ]
}

fn of_listing() -> Vec<Sample> {
    let words = "This is me, everybody, workspace, or the id of a user.";
    vec![
        Refusal::AdministratorsOnly.into(),
        Error::NotFound("person").into(),
        query::invalid(vec![Wrong::parameter("of", words)]).into(),
    ]
}

fn of_suspension() -> Vec<Sample> {
    vec![Refusal::TokenRevoked.into(), Refusal::DeactivatedGetsNothingNew.into()]
}

problems! {
    /// Problems of [`crate::web::api::tokens::list`].
    OfTokens = reading(), of_listing();
    /// Problems of [`crate::web::api::tokens::make`].
    OfMakeToken = reading(), writing(), of_making();
    /// Problems of [`crate::web::api::tokens::one`] and [`crate::web::api::tokens::revoke`].
    OfToken = reading(), finding(), writing();
    /// Problems of [`crate::web::api::tokens::suspend`] and [`crate::web::api::tokens::restore`].
    OfSuspension = reading(), finding(), writing(), of_suspension();
}
