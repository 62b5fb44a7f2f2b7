//! The problems of teams and organizations.

use domain::{
    Refusal,
    id::{OrganizationId, TeamId},
};

use super::{IntoResponses, Responses, Sample, asking, naming, reading, responses, versioned, writing};
use crate::error::Error;

fn team_name() -> Vec<Sample> {
    let team = TeamId::from_uuid(uuid::Uuid::nil());
    vec![Error::field("name", "Enter a name.").into(), Refusal::TeamNameTaken { team }.into()]
}

fn organization_texts() -> Vec<Sample> {
    let organization = OrganizationId::from_uuid(uuid::Uuid::nil());
    vec![
        Error::field("name", "Enter a name.").into(),
        Refusal::OrganizationNameTaken { organization }.into(),
        Refusal::DomainTaken { domain: "globex.example".into(), organization, name: "Globex".into() }.into(),
    ]
}

problems! {
    /// Problems of the list of teams.
    OfTeams = reading();
    /// Problems of reading a team.
    OfTeam = reading(), naming("team");
    /// Problems of a new team.
    OfNewTeam = reading(), writing(), team_name();
    /// Problems of changing a team.
    OfEditTeam = reading(), writing(), versioned(), naming("team"), team_name();
    /// Problems of deleting a team.
    OfDeleteTeam = reading(), writing(), versioned(), naming("team");
    /// Problems of joining a team.
    OfJoin = reading(), writing(), naming("team"), vec![
        Refusal::DeactivatedGetsNothingNew.into(),
        Refusal::UsersOnly.into(),
    ];
    /// Problems of leaving a team.
    OfLeave = reading(), writing(), naming("team");
    /// Problems of the list of organizations.
    OfOrganizations = reading(), asking();
    /// Problems of reading an organization.
    OfOrganization = reading(), naming("organization");
    /// Problems of a new organization.
    OfNewOrganization = reading(), writing(), organization_texts();
    /// Problems of changing an organization.
    OfEditOrganization = reading(), writing(), versioned(), naming("organization"), organization_texts();
    /// Problems of deleting an organization.
    OfDeleteOrganization = reading(), writing(), versioned(), naming("organization");
    /// Problems of moving a customer into an organization.
    OfMove = reading(), writing(), naming("organization"), vec![
        Refusal::DeactivatedGetsNothingNew.into(),
        Refusal::CustomersOnly.into(),
    ];
}
