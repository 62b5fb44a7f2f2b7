//! `/users/new` and `/customers/new`: invites somebody, whose link is shown once; customers can also be added without.

use axum::{extract::State, http::StatusCode, response::Response};
use domain::{
    Refusal,
    id::{PersonId, TeamId},
    license::Licenses,
    person::Kind,
    role::Role,
};

use super::{about::exactly, back::Back, license, organization, role, typed::placed};
use crate::{
    app::App,
    error::{Error, Result},
    ops::{
        self, customers,
        invitation::{self, Joining, Receipt},
        organizations::Belonging,
        profile::Name,
    },
    store::{Rx, organizations, people, teams, workspaces},
    web::{
        desk::{
            form::{Checked, Refused},
            frame::{Frame, chip},
            words::count,
        },
        failure,
        fields::{Fields, QueryFields},
        flash::Flash,
        view::{
            Choice,
            chip::Look,
            dialogs::{AddDialog, LinkShown, NewCustomer, Obstacle, Question},
            naming::Naming,
            people::Action,
            shell::Place,
        },
    },
};

/// What was typed.
#[derive(Debug, Clone, Default)]
struct Typed {
    name: String,
    email: String,
    /// Of users.
    role: String,
    /// Of users.
    teams: Vec<String>,
    /// Of users.
    add_license: bool,
    /// Of customers.
    organization: String,
    /// Of customers; users are always invited.
    invites: bool,
}

/// What is to be done with it.
enum Wanted {
    Invite(invitation::Input),
    Add(customers::Input),
}

/// What was done.
enum Done {
    Invited(Receipt, Licenses),
    Added { name: String, organization: Option<String> },
}

impl Typed {
    fn of(fields: &Fields) -> Self {
        Self {
            name: fields.get("name").to_owned(),
            email: fields.get("email").to_owned(),
            role: fields.get("role").to_owned(),
            teams: fields.all("teams").map(str::to_owned).collect(),
            add_license: fields.ticked("add_license"),
            organization: fields.get("organization").trim().to_owned(),
            invites: fields.ticked("invite"),
        }
    }

    fn role(&self) -> Role {
        Role::parse(&self.role).unwrap_or(Role::Member)
    }

    async fn wanted(&self, page: &Page<'_>) -> Result<Wanted> {
        let limits = &page.app.config.limits;
        let mut checked = Checked::default();
        let name = checked.read(Name::parse(&self.name, limits))?;
        let email = checked.read(ops::profile::email(&self.email, limits))?;
        let joining = match page.naming.kind {
            Kind::User => Some(self.as_user()?),
            Kind::Customer => {
                let belonging = checked.read(self.belonging(page).await)?;
                belonging.map(|belonging| Joining::Customer { belonging })
            }
        };
        let (Some(name), Some(email), Some(joining)) = (name, email, joining) else {
            return Err(checked.all());
        };
        Ok(match joining {
            Joining::Customer { belonging } if !self.invites => {
                Wanted::Add(customers::Input { email, name, belonging })
            }
            joining => {
                Wanted::Invite(invitation::Input { email, name, joining, add_license: self.add_license })
            }
        })
    }

    fn as_user(&self) -> Result<Joining> {
        let teams: Result<Vec<_>, _> = self.teams.iter().map(|team| team.parse::<TeamId>()).collect();
        let teams = teams.map_err(|_| Error::NotFound("team"))?;
        let role =
            Role::parse(&self.role).ok_or_else(|| Error::field("role", "Choose a role from the list."))?;
        Ok(Joining::User { role, teams })
    }

    async fn belonging(&self, page: &Page<'_>) -> Result<Belonging> {
        if self.organization.is_empty() {
            return Ok(Belonging::ByDomain);
        }
        let mut rx = page.app.store.reader().await?;
        let ws = page.frame.session.visit.workspace;
        let found = ops::organizations::find(&mut rx, ws, &self.organization).await?;
        Ok(Belonging::In(found.id))
    }
}

/// What every step of the page needs.
struct Page<'a> {
    app: &'a App,
    naming: &'static Naming,
    frame: &'a Frame,
    back: Back,
}

/// `GET /users/new`.
pub(super) async fn page(
    State(app): State<App>,
    naming: &'static Naming,
    frame: Frame,
    QueryFields(query): QueryFields,
) -> Result<Response> {
    let licenses = &frame.session.check.workspace.licenses;
    let full = naming.is_users() && licenses.free() < 1;
    let obstacle = full.then(|| no_license(licenses, false));
    let back = Back::parse(naming, query.get("back"));
    let page = Page { app: &app, naming, frame: &frame, back };
    // Most customers are added to be let in.
    let typed = Typed { invites: true, ..Typed::default() };
    page.draw(&typed, obstacle, Refused::none()).await
}

/// `POST /users/new`.
pub(super) async fn submit(
    State(app): State<App>,
    naming: &'static Naming,
    frame: Frame,
    QueryFields(query): QueryFields,
    fields: Fields,
) -> Result<Response> {
    let back = Back::parse(naming, query.get("back"));
    let page = Page { app: &app, naming, frame: &frame, back };
    let typed = Typed::of(&fields);
    match page.save(&typed).await {
        Ok(Done::Invited(receipt, licenses)) => page.shown(&receipt, &licenses).await,
        Ok(Done::Added { name, organization }) => {
            let mut flash = Flash::done(format!("{name} is added."));
            flash = flash.line(match organization {
                Some(organization) => format!("In organization {organization}"),
                None => "In no organization".into(),
            });
            flash = flash.line("Without a password: a set-password link lets them in");
            Ok(flash.redirect(page.back.path()))
        }
        Err(error) => page.again(&typed, error).await,
    }
}

fn no_license(licenses: &Licenses, chosen: bool) -> Obstacle {
    Obstacle::NoLicense { lead: license::all_used(licenses), add: license::add(licenses), chosen }
}

impl Page<'_> {
    async fn save(&self, typed: &Typed) -> Result<Done> {
        let ctx = self.frame.session.ctx.clone();
        match typed.wanted(self).await? {
            Wanted::Invite(input) => {
                let done = self.app.store.write(async move |tx| {
                    let receipt = ops::invitation::invite(tx, &ctx, input.clone()).await?;
                    Ok(Done::Invited(receipt, workspaces::load(tx, ctx.workspace).await?.licenses))
                });
                done.await
            }
            Wanted::Add(input) => {
                let done = self.app.store.write(async move |tx| {
                    let name = input.name.as_str().to_owned();
                    let added = customers::add(tx, &ctx, input.clone()).await?;
                    let organization = organizations::of_person(tx, ctx.workspace, added.person).await?;
                    Ok(Done::Added { name, organization: organization.map(|one| one.name) })
                });
                done.await
            }
        }
    }

    /// The dialog again, with what stands in the way.
    async fn again(&self, typed: &Typed, error: Error) -> Result<Response> {
        let status = failure::status(&error);
        let (obstacle, wrong) = match error {
            Error::NotFound("team") => (
                None,
                Refused::wrong("teams", "")
                    .saying("A team that was chosen is not there any more. Choose again."),
            ),
            Error::NotFound("organization") => {
                (None, Refused::wrong("organization", "This organization is not there any more."))
            }
            Error::Refused(refusal) => match *refusal {
                // Rule 13.
                Refusal::AddressOfDeactivated { person, .. } => {
                    (self.deactivated(person).await?, Refused::with(status))
                }
                Refusal::LicensesExhausted { licenses, .. } => {
                    (Some(no_license(&licenses, typed.add_license)), Refused::with(status))
                }
                refusal => (None, placed(refusal.into())?),
            },
            error => (None, placed(error)?),
        };
        self.draw(typed, obstacle, wrong).await
    }

    async fn deactivated(&self, person: PersonId) -> Result<Option<Obstacle>> {
        let ws = self.frame.session.visit.workspace;
        let row = people::load(&mut self.app.store.point().await?, ws, person).await?;
        Ok(row.map(|row| {
            // They may be of the other kind.
            let of = Naming::of(row.person.kind);
            Obstacle::Deactivated {
                person: chip(&row, Look::Inline),
                activate: self.back.carried_by(&of.action(Action::Activate, person)),
                edit: self.back.carried_by(&of.action(Action::Edit, person)),
            }
        }))
    }

    async fn draw(&self, typed: &Typed, obstacle: Option<Obstacle>, wrong: Refused) -> Result<Response> {
        let mut rx = self.app.store.reader().await?;
        let ws = self.frame.session.visit.workspace;
        let users = self.naming.is_users();
        let licenses = &self.frame.session.check.workspace.licenses;
        let after = Licenses { used: licenses.used + 1, ..licenses.clone() };
        let page = AddDialog {
            shell: self.frame.shell(Place::of(self.naming), self.naming.add_title),
            ask: Question {
                action: self.back.carried_by(&self.naming.add_path()),
                cancel: self.back.path().to_owned(),
                error: wrong.error.clone().or_else(|| wrong.message("role")),
                ..Question::default()
            },
            name: wrong.field("name", &typed.name),
            email: wrong.field("email", &typed.email),
            roles: if users { role::choices(typed.role()) } else { Vec::new() },
            teams: if users { team_choices(&mut rx, ws, typed).await? } else { Vec::new() },
            customer: if users {
                None
            } else {
                let organization = organization::field(&mut rx, ws, &wrong, &typed.organization).await?;
                Some(NewCustomer { organization, invites: typed.invites })
            },
            button: if users { "Invite" } else { "Add customer" }.into(),
            license_note: (users && licenses.free() > 0)
                .then(|| format!("Licenses then: {}.", license::in_use(&after))),
            obstacle,
        };
        drop(rx);
        Ok(self.frame.draw_as(wrong.status, &page))
    }

    /// The only place where the link stands.
    async fn shown(&self, receipt: &Receipt, licenses: &Licenses) -> Result<Response> {
        let ws = self.frame.session.visit.workspace;
        let row = people::load(&mut self.app.store.point().await?, ws, receipt.person).await?;
        let row = row.ok_or(Error::NotFound(self.naming.one))?;
        let mut shell = self.frame.shell(Place::of(self.naming), format!("{} is invited", row.person.name));
        license::meter(&mut shell, licenses);
        let mut advice = "Send this link to them: with it they choose a password and join.".to_owned();
        if receipt.added_licenses > 0 {
            let added = count(receipt.added_licenses, "license was", "licenses were");
            advice = format!("{advice} {added} added ({}).", license::in_use(licenses));
        }
        let page = LinkShown {
            shell,
            done: self.back.path().to_owned(),
            person: chip(&row, Look::Inline),
            url: self.frame.session.visit.link(row.person.kind, &receipt.secret),
            expires: exactly(self.frame, receipt.expires),
            advice,
        };
        Ok(self.frame.draw_as(StatusCode::OK, &page))
    }
}

async fn team_choices(rx: &mut Rx, ws: domain::id::WorkspaceId, typed: &Typed) -> Result<Vec<Choice>> {
    let teams = teams::list(rx, ws).await?;
    let choices = teams.into_iter().map(|team| {
        let id = team.id.to_string();
        let chosen = typed.teams.contains(&id);
        Choice::new(id, team.name, chosen)
    });
    Ok(choices.collect())
}
