//! The problems of what concerns the workspace as a whole.

use domain::{Refusal, license::MOST_OWNED};

use super::{IntoResponses, Responses, Sample, asking, reading, responses, versioned, writing};
use crate::error::Error;

fn administrators() -> Vec<Sample> {
    vec![Refusal::AdministratorsOnly.into()]
}

problems! {
    /// Problems of reading what only administrators see.
    OfReading = reading(), administrators();
    /// Problems of a list that only administrators see.
    OfPage = reading(), administrators(), asking();
    /// Problems of changing licenses.
    OfLicenses = reading(), writing(), vec![
        Error::field("currency", "Enter three letters, such as EUR.").into(),
        Refusal::OwnedBelowUsed { asked: 3, used: 8 }.into(),
        Refusal::OwnedOutOfRange { most: MOST_OWNED }.into(),
    ];
    /// Problems of changing the settings.
    OfSettings = reading(), writing(), versioned(), vec![Error::field("time_zone", "Choose a time zone.").into()];
    /// Problems of setting the brake.
    OfBrake = reading(), writing(), versioned(), vec![Refusal::BrakeOutOfRange.into()];
}
