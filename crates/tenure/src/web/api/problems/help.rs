//! The problems of the customer apps.

use super::{
    IntoResponses, Responses, Sample, asking, naming, reading, responses, sending, versioned, writing,
};
use crate::error::Error;

fn texts() -> Vec<Sample> {
    vec![Error::field("title", "Enter a title.").into()]
}

problems! {
    /// Problems of the list of articles.
    OfArticles = reading();
    /// Problems of reading an article.
    OfArticle = reading(), naming("article");
    /// Problems of a new article.
    OfNewArticle = reading(), sending(), texts();
    /// Problems of changing an article.
    OfEditArticle = reading(), sending(), versioned(), naming("article"), texts();
    /// Problems of deleting an article.
    OfDeleteArticle = reading(), sending(), versioned(), naming("article");
    /// Problems of moving an article.
    OfStep = reading(), sending(), naming("article");
    /// Problems of the list of requests that are held.
    OfHeldList = reading(), asking(), vec![domain::Refusal::AdministratorsOnly.into()];
    /// Problems of reading one.
    OfHeld = reading(), naming("held request"), vec![domain::Refusal::AdministratorsOnly.into()];
    /// Problems of deciding on one.
    OfDecision = reading(), writing(), naming("held request");
}
