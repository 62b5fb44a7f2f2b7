//! The problems of the work: items, their conversations, projects.

use domain::Refusal;

use super::{IntoResponses, Responses, Sample, asking, naming, reading, responses, sending, versioned};
use crate::error::Error;

/// Of a field of an item that is not right.
fn of_fields() -> Vec<Sample> {
    vec![Error::field("title", "Enter a title.").into(), Refusal::ProjectArchived.into()]
}

/// Of giving somebody a part.
fn of_giving() -> Vec<Sample> {
    vec![Refusal::DeactivatedGetsNothingNew.into(), Refusal::UsersOnly.into()]
}

fn item() -> Vec<Sample> {
    naming("item")
}

problems! {
    /// Problems of lists of the work.
    OfList = reading(), asking();
    /// Problems of reading an item.
    OfItem = reading(), item();
    /// Problems of a page of something that an item has.
    OfItemPage = reading(), item(), asking();
    /// Problems of a new item.
    OfNewItem = reading(), sending(), naming("person"), of_fields(), of_giving();
    /// Problems of changing an item.
    OfEditItem = reading(), sending(), versioned(), item(), of_fields(), of_giving();
    /// Problems of giving a part.
    OfGive = reading(), sending(), item(), of_giving();
    /// Problems of taking a part.
    OfTake = reading(), sending(), item();
    /// Problems of a message.
    OfSay = reading(), sending(), item(), of_giving();
    /// Problems of one change of many items.
    OfManyItems = reading(), sending(), naming("project"), of_giving(), of_fields(), vec![Error::Stale.into()];
    /// Problems of a handover.
    OfHandOver = reading(), sending(), naming("person"), of_giving(), vec![
        Refusal::NobodyToReceive.into(),
        Error::Stale.into(),
    ];
    /// Problems of taking a handover back.
    OfUndoHandover = reading(), sending(), naming("handover"), vec![
        Refusal::UndoneAlready.into(),
        Refusal::UndoTooLate { until: jiff::Timestamp::UNIX_EPOCH }.into(),
        Refusal::UndoOvertaken.into(),
    ];
    /// Problems of reading a project.
    OfProject = reading(), naming("project");
    /// Problems of a new project.
    OfNewProject = reading(), sending(), vec![taken()];
    /// Problems of changing a project.
    OfEditProject = reading(), sending(), versioned(), naming("project"), vec![taken()];
    /// Problems of giving or taking a part in a project.
    OfProjectPart = reading(), sending(), naming("project"), of_giving();
}

fn taken() -> Sample {
    let project = domain::id::ProjectId::from_uuid(uuid::Uuid::nil());
    Refusal::ProjectNameTaken { project }.into()
}
