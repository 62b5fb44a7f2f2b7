//! Licenses, the audit log, settings and teams.

use tenure::web::view::audit::{AuditPage, AuditRow, Chain, Change, Doer};
use tenure::web::view::chart::{Chart, Point};
use tenure::web::view::chip::Look;
use tenure::web::view::licenses::{ChangeOwned, Dormant, FreedRow, LedgerRow, LicensesPage, Period};
use tenure::web::view::naming::CUSTOMERS;
use tenure::web::view::organizations::OrganizationPage;
use tenure::web::view::scim::{ScimSettings, ScimToken, Stopped};
use tenure::web::view::settings::{
    LicenseSettings, OwnershipSettings, PortalSettings, SessionSettings, Transfer, WorkspaceSettings,
};
use tenure::web::view::shell::{Meter, Place};
use tenure::web::view::teams::{CreateGroup, EditTeam, GroupRow, GroupsPage, MemberRow, TeamPage};
use tenure::web::view::tokens::{TokenSettings, TokenShown};
use tenure::web::view::{Choice, Field, FilterChip, Pager};

use super::{Sample, sample};
use crate::templates::HOSTILE;
use crate::templates::people::{ada, candidates, grace, guard, hostile, long, person, rtl, shell, when};

pub(super) fn all() -> Vec<Sample> {
    vec![
        sample(
            "settings-tokens",
            &token_settings(),
            &["Service tokens", "Personal tokens", "Make the service token"],
        ),
        sample(
            "settings-scim",
            &scim_settings(),
            &["Connect a directory", "The brake stopped the sync", "aadOptscim062020", "Never used"],
        ),
        sample("token-shown", &token_shown(), &["shown this once", "tnr_abc"]),
        sample(
            "licenses",
            &licenses(),
            &[
                "Who holds a license",
                "Used and owned",
                "The numbers as a table",
                "for 90 days",
                "€45.00 per month",
                "Licenses owned",
                "2 free",
                "Freed lately",
                "12 months",
            ],
        ),
        sample(
            "audit",
            &audit(),
            &["Verified to entry 1,204", "CSV", "Erased with the person", "Before", "Door"],
        ),
        sample("audit-broken", &broken(), &["Entry 812 was changed", "No entry matches"]),
        sample("settings", &workspace(), &["Workspace", "Time zone"]),
        sample("settings-licenses", &prices(), &["Price of one", "At least 8"]),
        sample("settings-sessions", &session_lengths(), &["Without use", "In all", "Counted in"]),
        sample(
            "settings-portal",
            &PortalSettings {
                shell: shell("Settings", Place::Settings),
                guard: guard(),
                error: Some("Somebody changed it.".into()),
                address: "https://desk.acme.example/portal".into(),
                registration: true,
                shared_requests: true,
            },
            &["Customers may register themselves", "https://desk.acme.example/portal", "checked"],
        ),
        sample("settings-ownership", &ownership(), &["Hand ownership over", "Your own password"]),
        sample("teams", &teams(), &["New team", "Support", "already a team"]),
        sample(
            "teams-none",
            &GroupsPage { shell: shell("Teams", Place::Teams), ..GroupsPage::default() },
            &["No team yet"],
        ),
        sample("organizations", &organizations(), &["New organization", "Email domains", "Name begins with"]),
        sample("organizations-not-found", &no_organization_found(), &["None begins so", "Show all"]),
        sample(
            "organization",
            &organization(),
            &["Its customers", "Email domains", "Delete…", "already belongs"],
        ),
        sample("team", &team(), &["Add someone", "Remove", "Rename", "Delete…"]),
    ]
}

fn licenses() -> LicensesPage {
    const DAY: i64 = 86_400_000_000;
    let points = [
        (0, 5, 3),
        (12, 5, 5),
        (30, 8, 5),
        (33, 8, 7),
        (61, 8, 8),
        (75, 10, 8),
        (80, 10, 10),
        (96, 10, 9),
        (101, 10, 8),
    ]
    .map(|(day, owned, used)| Point { at: day * DAY, label: format!("day {day}"), owned, used });
    let band = |days: &str, count: &str, cost: &str| Dormant {
        label: format!("Not signed in for {days} days"),
        count: count.into(),
        cost: Some(cost.into()),
        href: format!("/users?seen={days}"),
    };
    LicensesPage {
        shell: shell("Licenses", Place::Licenses),
        meter: Meter { used: 8, owned: 10 },
        cost: Some("€150.00 per month in all.".into()),
        change: Some(ChangeOwned {
            guard: guard(),
            owned: Field::new("10"),
            hint: "At least 8: so many are in use.".into(),
        }),
        chart: Chart::draw(points.into(), 120 * DAY, "today"),
        dormant: vec![
            band("30", "3", "€45.00 per month"),
            band("60", "2", "€30.00 per month"),
            band("90", "0", "€0.00 per month"),
        ],
        ledger: [grace(), hostile(), rtl(), long()]
            .into_iter()
            .map(|holder| LedgerRow {
                holder,
                email: "person@acme.example".into(),
                since: when("3 Feb"),
                why: format!("Activated in place of {HOSTILE}"),
                frees: "When deactivated or deleted".into(),
            })
            .collect(),
        pager: Pager { summary: "1–4 of 8 in use".into(), previous: None, next: None },
        periods: ["30 days", "12 months", "All"]
            .map(|label| Period { label: label.into(), href: "/licenses".into(), current: label == "All" })
            .into(),
        freed: vec![FreedRow {
            holder: ada(),
            freed: when("12 Mar"),
            since: when("3 Feb"),
            why: "Deactivated".into(),
        }],
    }
}

fn audit() -> AuditPage {
    let any = |words: &[&str]| words.iter().map(|&word| Choice::new(word, word, word == "Any")).collect();
    let row = |number: &str, actor, action: &str| AuditRow {
        number: number.into(),
        when: when("12 Mar, 14:32"),
        actor,
        action: action.into(),
        person: Some(ada()),
        door: "page".into(),
        request: Some("0190a7c2-41de".into()),
        ..AuditRow::default()
    };
    let change = |field: &str, before: Option<&str>, after: Option<&str>| Change {
        field: field.into(),
        before: before.map(Into::into),
        after: after.map(Into::into),
        erased: false,
    };
    AuditPage {
        shell: shell("Audit log", Place::Audit),
        chain: Chain::Verified("Verified to entry 1,204, sealed 2 minutes ago.".into()),
        person: Field::new(HOSTILE),
        actor: Field::default(),
        actions: any(&["Any", "Deactivated", "Activated"]),
        doors: any(&["Any", "page", "api", "cli"]),
        from: Field::new("2026-03-01"),
        to: Field::default(),
        chips: vec![FilterChip { label: format!("Person: {HOSTILE}"), remove: "/audit".into() }],
        clear: Some("/audit".into()),
        csv: "/audit.csv?person=x".into(),
        rows: vec![
            AuditRow {
                reason: Some("Extended leave until March".into()),
                changes: vec![
                    change("status", Some("active"), Some("deactivated")),
                    change("reason", None, Some(HOSTILE)),
                ],
                ..row("1,204", Doer::Person(grace()), "deactivated")
            },
            AuditRow {
                person: Some(hostile()),
                ..row("1,203", Doer::Machine("CLI (root)".into()), "invited")
            },
            AuditRow {
                person: None,
                about: Some("Support".into()),
                changes: vec![Change { field: "name".into(), erased: true, ..Change::default() }],
                ..row("1,202", Doer::Person(rtl()), "renamed the team")
            },
        ],
        pager: Pager {
            summary: "1–3 of 3 entries".into(),
            previous: None,
            next: Some("/audit?after=1".into()),
        },
    }
}

fn broken() -> AuditPage {
    AuditPage {
        chain: Chain::Broken("Entry 812 was changed after it was sealed.".into()),
        rows: Vec::new(),
        ..audit()
    }
}

fn zones() -> Vec<Choice> {
    vec![Choice::new("Europe/Berlin", "Europe/Berlin", true), Choice::new("UTC", "UTC", false)]
}

fn workspace() -> WorkspaceSettings {
    WorkspaceSettings {
        shell: shell("Settings", Place::Settings),
        guard: guard(),
        error: None,
        name: Field::new(HOSTILE),
        languages: vec![Choice::new("en", "English", true)],
        time_zones: zones(),
    }
}

fn prices() -> LicenseSettings {
    LicenseSettings {
        shell: shell("Settings", Place::Settings),
        guard: guard(),
        error: None,
        owned: Field::new("5").with_error("Owned cannot be below the 8 in use."),
        owned_hint: "At least 8: so many are in use.".into(),
        price: Field::new("15.00"),
        currency: Field::new("EUR"),
        periods: vec![Choice::new("month", "Month", true), Choice::new("year", "Year", false)],
    }
}

fn session_lengths() -> SessionSettings {
    SessionSettings {
        shell: shell("Settings", Place::Settings),
        guard: guard(),
        error: None,
        idle: Field::new("72"),
        idle_units: vec![Choice::new("hours", "hours", true), Choice::new("days", "days", false)],
        absolute: Field::new("30"),
        absolute_units: vec![Choice::new("hours", "hours", false), Choice::new("days", "days", true)],
        effect: Some("Sessions that are longer already end at once.".into()),
    }
}

fn scim_settings() -> ScimSettings {
    let token = ScimToken {
        name: HOSTILE.into(),
        brings: "Users and teams",
        state: Some("Suspended"),
        used: Some(when("a minute ago")),
        stopped: Some(Stopped {
            at: when("2 minutes ago"),
            why: Some("5 were deactivated within 60 minutes".into()),
            audit: "/audit?door=scim".into(),
        }),
        let_on: Some(when("in 23 hours")),
        deletes: vec![Choice::new("deactivate", "They are deactivated", true).with_hint("They stay.")],
        empty_patch: true,
        settings: "/settings/scim/1".into(),
        brake: "/settings/scim/1/brake".into(),
    };
    ScimSettings {
        shell: shell("SCIM", Place::Settings),
        guard: guard(),
        address: "https://desk.acme.example/scim/v2".into(),
        stopped: vec![token.clone()],
        tokens: vec![token.clone(), ScimToken { used: None, state: None, ..token }],
        make: super::account::make_token(),
    }
}

fn token_settings() -> TokenSettings {
    TokenSettings {
        shell: shell("API tokens", Place::Settings),
        tokens: super::account::tokens(true),
        personal: Vec::new(),
        make: super::account::make_token(),
        base: "https://desk.acme.example".into(),
    }
}

fn token_shown() -> TokenShown {
    TokenShown {
        shell: shell(&format!("The token {HOSTILE} is made"), Place::Settings),
        done: "/settings/tokens".into(),
        secret: "tnr_abc".into(),
        until: "It works until it is revoked.".into(),
        example: "https://desk.acme.example/api/v1/me".into(),
    }
}

fn ownership() -> OwnershipSettings {
    OwnershipSettings {
        shell: shell("Settings", Place::Settings),
        owner: grace(),
        transfer: Some(Transfer { guard: guard(), candidates: candidates(), ..Transfer::default() }),
    }
}

fn teams() -> GroupsPage {
    let faces = || {
        [grace(), ada(), rtl()].map(|chip| chip.looking(Look::Face)).map(|mut chip| {
            chip.href = None;
            chip
        })
    };
    let row = |name: &str, members: &str| GroupRow {
        name: name.into(),
        href: "/teams/1".into(),
        members: members.into(),
        faces: faces().into(),
        ..GroupRow::default()
    };
    GroupsPage {
        shell: shell("Teams", Place::Teams),
        rows: vec![
            row("Billing", "1 member"),
            row("Support", "12 members, 1 deactivated"),
            row(HOSTILE, "3 members"),
        ],
        create: Some(CreateGroup {
            guard: guard(),
            name: Field::new("Support").with_error("There is already a team of this name."),
            ..CreateGroup::default()
        }),
        ..GroupsPage::default()
    }
}

fn organizations() -> GroupsPage {
    let mut page = teams();
    page.shell = shell("Organizations", Place::Organizations);
    page.app = CUSTOMERS;
    for row in &mut page.rows {
        row.faces.clear();
        row.note = format!("north.example, {HOSTILE}");
    }
    page.create = Some(CreateGroup {
        error: Some("This was changed by somebody meanwhile.".into()),
        domains: Some(Field::new(HOSTILE).with_error("This is not a domain.")),
        ..CreateGroup::default()
    });
    page.search = Some(String::new());
    page.pager = Some(Pager { next: Some("/organizations?after=1".into()), ..Pager::default() });
    page
}

fn no_organization_found() -> GroupsPage {
    GroupsPage { rows: Vec::new(), search: Some(HOSTILE.into()), ..organizations() }
}

fn organization() -> OrganizationPage {
    OrganizationPage {
        shell: shell(HOSTILE, Place::Organizations),
        href: "/organizations/1".into(),
        summary: "12 customers, 1 deactivated".into(),
        customers: "/customers?organization=1".into(),
        delete: "/organizations/1/deletion".into(),
        guard: guard(),
        error: None,
        name: Field::new(HOSTILE),
        domains: Field::new("north.example").with_error("The domain north.example already belongs to Norse."),
        for_anyone: vec!["gmail.com".into()],
    }
}

fn team() -> TeamPage {
    let member = |n: u128, chip| MemberRow {
        remove: format!("/teams/1/members/{n}/removal"),
        chip,
        email: "person@acme.example".into(),
        role: "Member".into(),
    };
    TeamPage {
        shell: shell("Support", Place::Teams),
        href: "/teams/1".into(),
        summary: "5 members, 1 deactivated".into(),
        members: vec![
            member(1, ada()),
            member(2, grace()),
            member(3, hostile()),
            member(4, long()),
            member(5, person(19, "Katherine Johnson")),
        ],
        pager: Pager { summary: "1–5 of 5 members".into(), previous: None, next: None },
        edit: Some(EditTeam {
            error: None,
            remove_guard: guard(),
            rename_guard: guard(),
            name: Field::new("Support"),
            delete: "/teams/1/deletion".into(),
            add_guard: guard(),
            search: "k".into(),
            found: candidates(),
        }),
    }
}
