//! One case for each route: of pages, and of what programs call.

mod machine;
mod pages;

use std::sync::LazyLock;

use tenure::web::session::Access;

/// What stands for the parameter of a path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Of {
    Nothing,
    Active,
    Deactivated,
    Invited,
    Customer,
    GoneCustomer,
    InvitedCustomer,
    Step,
    Batch,
    Upload,
    CustomerUpload,
    View,
    TicketView,
    TaskView,
    CustomerView,
    Organization,
    Project,
    Handover,
    Team,
    Item,
    Request,
    File,
    Message,
    RequestFile,
    Article,
    Slug,
    Held,
    Token,
    Webhook,
    Delivery,
    Invitation,
    PasswordLink,
    PortalInvitation,
    PortalLink,
    ResourceType,
    Schema,
    Directory,
}

impl Of {
    /// Whether it is the same in every workspace.
    pub(super) fn is_everywhere(self) -> bool {
        matches!(self, Self::Nothing | Self::ResourceType | Self::Schema)
    }

    /// Whether it is the secret of a link.
    pub(super) fn is_link(self) -> bool {
        matches!(self, Self::Invitation | Self::PasswordLink | Self::PortalInvitation | Self::PortalLink)
    }
}

pub(super) type Case = (&'static str, &'static str, Access, Of, &'static [(&'static str, &'static str)]);

/// Method, path, who may call it, what its parameter is, and a form that would do something.
pub(super) static CASES: LazyLock<Vec<Case>> = LazyLock::new(|| [pages::CASES, machine::CASES].concat());
