//! The dialogs.

use tenure::web::view::chip::Chip;
use tenure::web::view::dialogs::{
    ActivateDialog, AddDialog, AddLicense, AddedPrice, ConfirmDialog, DeactivateDialog, DeleteDialog,
    EditDialog, LicensedDialog, LinkDialog, LinkShown, NewCustomer, NoLicenseDialog, NoticeDialog, Obstacle,
    OrganizationDialog, OrganizationField, Question, Restore, RoleDialog, SessionsDialog, Swap, Way,
};
use tenure::web::view::shell::{Meter, Place, Shell};
use tenure::web::view::{Choice, Field, Link};

use super::account::sessions;
use super::{Sample, sample};
use crate::templates::HOSTILE;
use crate::templates::people::{ada, candidates, grace, guard, hostile, lines, long, shell, when};

pub(super) fn all() -> Vec<Sample> {
    vec![
        sample(
            "dialog-new-customer",
            &new_customer(),
            &["New customer", "Invite to the portal", "Northwind"],
        ),
        sample("dialog-organization", &moving(), &["Move", "There is no organization of this name."]),
        sample(
            "dialog-deactivate",
            &deactivate(),
            &[
                "Deactivate Grace Hopper?",
                "Happens now",
                "Stays as it is",
                "Depends on this person",
                "Review on",
                "name=\"_version\"",
                "Cancel",
            ],
        ),
        sample("dialog-deactivate-long", &deactivate_long(), &["aria-invalid", "is too long"]),
        sample(
            "dialog-activate",
            &activate(),
            &["Activate Ada Lovelace?", "Is as it was", "Does not come back"],
        ),
        sample(
            "dialog-no-license",
            &no_license(Way::Add),
            &[
                "All 10 licenses are in use.",
                "Add a license",
                "€15.00 per month",
                "In all: €150.00 per month now, €165.00 per month then.",
                "Deactivate someone else",
                "Never signed in",
            ],
        ),
        sample("dialog-no-license-replace", &no_license(Way::Replace), &["Choose someone", "4 months ago"]),
        sample(
            "dialog-delete",
            &delete(),
            &[
                "Delete Ada",
                "permanent",
                "Deactivate instead",
                "Becomes free",
                "Your own password",
                "ada@acme.example",
                "button danger",
            ],
        ),
        sample("dialog-link", &link(), &["Make the link"]),
        sample("dialog-link-shown", &link_shown(), &["shown this once", "Copy", "works once"]),
        sample("dialog-invite", &invite(None), &["Invite a user", "Administrator", "Support"]),
        sample(
            "dialog-invite-deactivated",
            &invite(Some(Obstacle::Deactivated {
                person: ada(),
                activate: "/users/1/activation".into(),
                edit: "/users/1/edit".into(),
            })),
            &["is deactivated", "change the old address"],
        ),
        sample(
            "dialog-invite-no-license",
            &invite(Some(Obstacle::NoLicense {
                lead: "All 10 licenses are in use.".into(),
                add: Some(add()),
                chosen: true,
            })),
            &["Add a license", "checked"],
        ),
        sample("dialog-send-again", &send_again(), &["Send again"]),
        sample("dialog-edit", &edit(), &["Used to sign in"]),
        sample("dialog-role", &role(), &["Change role", "Administrator"]),
        sample("dialog-sessions", &others_sessions(), &["End all sessions", "Firefox on Linux"]),
        sample("dialog-withdraw", &withdraw(), &["Withdraw the invitation", "button danger"]),
        sample("dialog-notice", &notice(), &["Transfer ownership"]),
    ]
}

fn asked(title: &str) -> Shell {
    Shell { meter: Some(Meter { used: 10, owned: 10 }), ..shell(title, Place::Users) }
}

fn ask(action: &str, person: Option<Chip>) -> Question {
    Question { action: action.into(), cancel: "/users".into(), guard: guard(), person, error: None }
}

fn add() -> AddLicense {
    AddLicense {
        effect: "The workspace will own 11 licenses.".into(),
        price: Some(AddedPrice {
            one: "€15.00 per month".into(),
            now: "€150.00 per month".into(),
            then: "€165.00 per month".into(),
        }),
    }
}

fn deactivate() -> DeactivateDialog {
    DeactivateDialog {
        shell: asked("Deactivate Grace Hopper?"),
        ask: ask("/users/2/deactivation", Some(grace())),
        now: lines(&["Cannot sign in any more", "2 sessions end", "1 license is freed"]),
        stays: lines(&["Profile, settings and password", "Role member", "Teams Support and Billing"]),
        depends: lines(&["Only active member of team Billing"]),
        made_tokens: lines(&["Nightly report", HOSTILE]),
        suspend_made: false,
        made_webhooks: vec!["Directory".into(), HOSTILE.into()],
        switch_off_made: false,
        hand_over: Some("Then choose who gets the 12 open items assigned".into()),
        reason: Field::default(),
        review_on: Field::default(),
    }
}

fn deactivate_long() -> DeactivateDialog {
    DeactivateDialog {
        shell: asked(&format!("Deactivate {}?", long().name)),
        ask: Question { person: Some(hostile()), error: Some(HOSTILE.into()), ..deactivate().ask },
        reason: Field::new(HOSTILE).with_error("The reason is too long: 2,041 of 2,000 characters."),
        review_on: Field::new("2026-13-01").with_error("This is no date."),
        ..deactivate()
    }
}

fn activate() -> ActivateDialog {
    ActivateDialog {
        shell: shell("Activate Ada Lovelace?", Place::Users),
        ask: ask("/users/1/activation", Some(ada())),
        now: lines(&["Can sign in again", "1 license is taken: 9 of 10 will be in use"]),
        back: lines(&["Role member", "Team Support", "Profile, settings and password"]),
        not_back: lines(&["Sessions stay ended"]),
        restore: Some(Restore { words: "Restore their 2 suspended API tokens".into(), chosen: true }),
    }
}

fn no_license(way: Way) -> NoLicenseDialog {
    NoLicenseDialog {
        shell: asked("Activate Ada Lovelace?"),
        ask: ask("/users/1/activation", Some(ada())),
        lead: "All 10 licenses are in use.".into(),
        add: Some(add()),
        restore: Some(Restore { words: "Restore their 1 suspended API token".into(), chosen: false }),
        way,
        search: String::new(),
        candidates: candidates(),
        more: Some("4 more: search to find them.".into()),
        pick_error: (way == Way::Replace).then(|| "Choose someone.".into()),
        swap: (way == Way::Replace).then(|| Swap {
            name: HOSTILE.into(),
            now: lines(&["Cannot sign in any more", "1 license is freed"]),
            stays: lines(&["Profile, settings and password", "Role member"]),
            depends: lines(&["Only active member of team Billing"]),
        }),
        reason: Field::default(),
        back: "/users?view=deactivated".into(),
    }
}

fn delete() -> DeleteDialog {
    DeleteDialog {
        shell: asked("Delete Ada Lovelace for good?"),
        ask: ask("/users/1/deletion", Some(ada())),
        address: "ada@acme.example".into(),
        goes: lines(&["Profile, picture and settings", "Password and 2 sessions", "3 saved views"]),
        leaves: lines(&["2 teams", "37 items as assignee"]),
        frees: lines(&["1 license: 9 of 10 in use then"]),
        stays: lines(&["14 entries in the audit log, by “Deleted user”"]),
        instead: Some("/users/1/deactivation".into()),
        frees_instead: true,
        email: Field::new("ada@").with_error("This is not the address."),
        seen: "0123456789abcdef0123456789abcdef".into(),
        password: Field::default(),
    }
}

fn link() -> LinkDialog {
    LinkDialog {
        shell: asked("Make a set-password link for Grace Hopper?"),
        ask: ask("/users/2/link", Some(grace())),
        effects: lines(&[
            "The link is shown once and works once, for 24 hours",
            "An earlier link no longer works",
        ]),
    }
}

fn link_shown() -> LinkShown {
    LinkShown {
        shell: asked("A set-password link for Grace Hopper"),
        done: "/users".into(),
        person: grace(),
        url: "https://desk.acme.example/password/9fQ2mVw7TtKxLr0cYpZ3uA".into(),
        expires: when("tomorrow at 14:32"),
        advice: "Hand it over yourself: whoever has it can set the password.".into(),
    }
}

fn invite(obstacle: Option<Obstacle>) -> AddDialog {
    AddDialog {
        shell: shell("Invite a user", Place::Users),
        ask: ask("/users/new", None),
        name: Field::new(HOSTILE),
        email: Field::new("ada@acme.example"),
        roles: roles(),
        teams: vec![
            Choice::new("1", "Support", true),
            Choice::new("2", "Billing", false),
            Choice::new("3", HOSTILE, false),
        ],
        license_note: obstacle.is_none().then(|| "9 of 10 licenses will be in use.".into()),
        obstacle,
        customer: None,
        button: "Invite".into(),
    }
}

fn roles() -> Vec<Choice> {
    vec![
        Choice::new("member", "Member", true).with_hint("Works in the desk, and sees who is who."),
        Choice::new("administrator", "Administrator", false)
            .with_hint("Also manages users, licenses, settings and the audit log."),
    ]
}

fn send_again() -> LicensedDialog {
    LicensedDialog {
        shell: asked("Send the invitation again?"),
        ask: ask("/users/12/invitation", Some(hostile())),
        effects: lines(&["A new link is shown, for 7 days", "The link sent before no longer works"]),
        add: Some(add()),
        button: "Send again".into(),
    }
}

fn new_customer() -> AddDialog {
    AddDialog {
        shell: shell("New customer", Place::Customers),
        ask: ask("/customers/new", None),
        roles: Vec::new(),
        teams: Vec::new(),
        customer: Some(NewCustomer { organization: organization(), invites: true }),
        button: "Add customer".into(),
        license_note: None,
        ..invite(None)
    }
}

fn organization() -> OrganizationField {
    OrganizationField {
        field: Field::new(HOSTILE).with_error("There is no organization of this name."),
        known: lines(&["Northwind", HOSTILE]),
    }
}

fn moving() -> OrganizationDialog {
    OrganizationDialog {
        shell: asked("Move Grace Hopper to another organization"),
        ask: ask("/customers/2/organization", Some(grace())),
        organization: organization(),
        hint: "Leave it empty for none.".into(),
    }
}

fn edit() -> EditDialog {
    EditDialog {
        shell: asked("Edit Grace Hopper"),
        ask: ask("/users/2/edit", Some(grace())),
        name: Field::new("Grace Hopper"),
        email: Field::new(HOSTILE).with_error("This is no email address."),
    }
}

fn role() -> RoleDialog {
    RoleDialog {
        shell: asked("Change the role of Grace Hopper"),
        ask: ask("/users/2/role", Some(grace())),
        roles: roles(),
    }
}

fn others_sessions() -> SessionsDialog {
    SessionsDialog {
        shell: asked("Sessions of Grace Hopper"),
        ask: ask("/users/2/sessions", Some(grace())),
        sessions: sessions(),
    }
}

fn withdraw() -> ConfirmDialog {
    ConfirmDialog {
        shell: asked("Withdraw the invitation?"),
        ask: ask("/users/12/withdrawal", Some(hostile())),
        effects: lines(&[
            "The link no longer works",
            "1 license is freed",
            "The person is gone from the list",
        ]),
        button: "Withdraw the invitation".into(),
        is_final: true,
    }
}

fn notice() -> NoticeDialog {
    NoticeDialog {
        shell: asked("The owner cannot be deactivated"),
        cancel: "/users".into(),
        person: Some(grace()),
        text: "A workspace always has exactly one owner, and the owner is active. Hand ownership over first."
            .into(),
        ways: vec![Link::new("Transfer ownership", "/settings/ownership")],
    }
}
