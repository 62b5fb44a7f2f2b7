//! The problems of webhooks.

use domain::Refusal;

use super::{IntoResponses, Responses, Sample, naming, query, reading, responses, writing};
use crate::{error::Error, ops::webhooks::WEBHOOK, web::failure::Wrong};

fn administrators() -> Vec<Sample> {
    vec![Refusal::AdministratorsOnly.into()]
}

fn typing() -> Vec<Sample> {
    vec![Error::field("url", "This must begin with https://.").into()]
}

fn paging() -> Vec<Sample> {
    let words = "This is one of pending, delivered, dead.";
    vec![query::invalid(vec![Wrong::parameter("state", words)]).into()]
}

problems! {
    /// Problems of listing webhooks.
    OfWebhooks = reading(), administrators();
    /// Problems of making one.
    OfMake = reading(), writing(), typing();
    /// Problems of reading one.
    OfWebhook = reading(), administrators(), naming(WEBHOOK);
    /// Problems of changing one.
    OfChange = reading(), naming(WEBHOOK), writing(), typing();
    /// Problems of sending a test.
    OfTest = reading(), naming(WEBHOOK), writing(), vec![Refusal::WebhookOff.into()];
    /// Problems of a page of the log.
    OfDeliveries = reading(), administrators(), naming(WEBHOOK), paging();
    /// Problems of reading a delivery.
    OfDelivery = reading(), administrators(), naming("delivery");
    /// Problems of sending again.
    OfSending = reading(), naming("delivery"), writing();
}
