//! The problems of many people at once: changes, imports, exports.

use domain::Refusal;

use super::{
    IntoResponses, Responses,
    accounts::{no_license, undo},
    asking, finding, naming, reading, responses, writing,
};
use crate::error::Error;

problems! {
    /// Problems of an export of one person.
    OfExport = reading(), finding(), vec![Refusal::AdministratorsOnly.into()];
    /// Problems of an export of a list.
    OfExportList = reading(), asking();
    /// Problems of beginning a change of many people.
    OfBulk = reading(), writing(), no_license(), vec![
        Error::field("ids", "Say whom.").into(),
        Refusal::CountMismatch.into(),
        Refusal::WrongPassword.into(),
        Refusal::BrakeWouldPass { limit: 5, recent: 2, more: 9 }.into(),
    ];
    /// Problems of a change of many people.
    OfBatch = reading(), naming("change of many people"), asking(), vec![Refusal::AdministratorsOnly.into()];
    /// Problems of letting one go on, ending it and undoing it.
    OfBatchChange = reading(), writing(), naming("change of many people"), undo(), no_license(), vec![
        Refusal::BatchIs { state: "finished" }.into(),
    ];
    /// Problems of an import.
    OfImport = reading(), writing(), no_license(), vec![
        Error::field("file", "The file has no rows.").into(),
        super::super::many::import::not_right(Vec::new()).into(),
    ];
}
