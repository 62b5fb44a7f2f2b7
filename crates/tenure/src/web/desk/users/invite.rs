//! `/users/new`: invites a user; the link is shown once.

use axum::{extract::State, http::StatusCode, response::Response};
use domain::{Refusal, id::TeamId, license::Licenses, role::Role};

use super::{about::exactly, back::Back, license, role, typed::placed};
use crate::{
    app::App,
    error::{Error, Result},
    ops::{
        self,
        invitation::{Input, Joining, Receipt},
        profile::Name,
    },
    store::{people, teams, workspaces},
    web::{
        desk::{
            form::{Checked, Refused},
            frame::{Frame, chip},
            words::count,
        },
        failure,
        fields::{Fields, QueryFields},
        view::{
            Choice,
            chip::Look,
            dialogs::{InviteDialog, LinkShown, Obstacle, Question},
            shell::Place,
            users::Action,
        },
    },
};

/// What was typed.
#[derive(Debug, Clone, Default)]
struct Typed {
    name: String,
    email: String,
    role: String,
    teams: Vec<String>,
    add_license: bool,
}

impl Typed {
    fn of(fields: &Fields) -> Self {
        Self {
            name: fields.get("name").to_owned(),
            email: fields.get("email").to_owned(),
            role: fields.get("role").to_owned(),
            teams: fields.all("teams").map(str::to_owned).collect(),
            add_license: fields.ticked("add_license"),
        }
    }

    fn role(&self) -> Role {
        Role::parse(&self.role).unwrap_or(Role::Member)
    }

    fn input(&self, app: &App) -> Result<Input> {
        let limits = &app.config.limits;
        let mut checked = Checked::default();
        let name = checked.read(Name::parse(&self.name, limits))?;
        let email = checked.read(ops::profile::email(&self.email, limits))?;
        let teams = self.teams.iter().map(|team| team.parse::<TeamId>());
        let teams: Result<Vec<_>, _> = teams.collect();
        let teams = teams.map_err(|_| Error::NotFound("team"))?;
        let role =
            Role::parse(&self.role).ok_or_else(|| Error::field("role", "Choose a role from the list."))?;
        match (name, email) {
            (Some(name), Some(email)) => {
                let joining = Joining::User { role, teams };
                Ok(Input { email, name, joining, add_license: self.add_license })
            }
            _ => Err(checked.all()),
        }
    }
}

/// `GET /users/new`.
pub(super) async fn page(
    State(app): State<App>,
    frame: Frame,
    QueryFields(query): QueryFields,
) -> Result<Response> {
    let licenses = &frame.session.check.workspace.licenses;
    let obstacle = (licenses.free() < 1).then(|| no_license(licenses, false));
    let back = Back::parse(query.get("back"));
    draw(&app, &frame, &back, &Typed::default(), obstacle, Refused::none()).await
}

/// `POST /users/new`.
pub(super) async fn submit(
    State(app): State<App>,
    frame: Frame,
    QueryFields(query): QueryFields,
    fields: Fields,
) -> Result<Response> {
    let back = Back::parse(query.get("back"));
    let typed = Typed::of(&fields);
    match save(&app, &frame, &typed).await {
        Ok((receipt, licenses)) => shown(&app, &frame, &back, &receipt, &licenses).await,
        Err(error) => again(&app, &frame, &back, &typed, error).await,
    }
}

async fn save(app: &App, frame: &Frame, typed: &Typed) -> Result<(Receipt, Licenses)> {
    let input = typed.input(app)?;
    let ctx = frame.session.ctx.clone();
    let done = app.store.write(async move |tx| {
        let receipt = ops::invitation::invite(tx, &ctx, input.clone()).await?;
        Ok((receipt, workspaces::load(tx, ctx.workspace).await?.licenses))
    });
    done.await
}

/// The dialog again, with what stands in the way.
async fn again(app: &App, frame: &Frame, back: &Back, typed: &Typed, error: Error) -> Result<Response> {
    let status = failure::status(&error);
    let (obstacle, wrong) = match error {
        Error::NotFound("team") => (
            None,
            Refused::wrong("teams", "").saying("A team that was chosen is not there any more. Choose again."),
        ),
        Error::Refused(refusal) => match *refusal {
            // Rule 13.
            Refusal::AddressOfDeactivated { person, .. } => {
                (deactivated(app, frame, back, person).await?, Refused::with(status))
            }
            Refusal::LicensesExhausted { licenses, .. } => {
                (Some(no_license(&licenses, typed.add_license)), Refused::with(status))
            }
            refusal => (None, placed(refusal.into())?),
        },
        error => (None, placed(error)?),
    };
    draw(app, frame, back, typed, obstacle, wrong).await
}

async fn deactivated(
    app: &App,
    frame: &Frame,
    back: &Back,
    person: domain::id::PersonId,
) -> Result<Option<Obstacle>> {
    let row = people::load(&mut app.store.point().await?, frame.session.visit.workspace, person).await?;
    Ok(row.map(|row| Obstacle::Deactivated {
        person: chip(&row, Look::Inline),
        activate: back.action(Action::Activate, person),
        edit: back.action(Action::Edit, person),
    }))
}

fn no_license(licenses: &Licenses, chosen: bool) -> Obstacle {
    Obstacle::NoLicense { lead: license::all_used(licenses), add: license::add(licenses), chosen }
}

async fn draw(
    app: &App,
    frame: &Frame,
    back: &Back,
    typed: &Typed,
    obstacle: Option<Obstacle>,
    wrong: Refused,
) -> Result<Response> {
    let teams = teams::list(&mut app.store.point().await?, frame.session.visit.workspace).await?;
    let teams = teams.into_iter().map(|team| {
        let id = team.id.to_string();
        let chosen = typed.teams.contains(&id);
        Choice::new(id, team.name, chosen)
    });
    let licenses = &frame.session.check.workspace.licenses;
    let after = Licenses { used: licenses.used + 1, ..licenses.clone() };
    let page = InviteDialog {
        shell: frame.shell(Place::Users, "Invite a user"),
        ask: Question {
            action: back.carried_by("/users/new"),
            cancel: back.path().to_owned(),
            error: wrong.error.clone().or_else(|| wrong.message("role")),
            ..Question::default()
        },
        name: wrong.field("name", &typed.name),
        email: wrong.field("email", &typed.email),
        roles: role::choices(typed.role()),
        teams: teams.collect(),
        license_note: (licenses.free() > 0).then(|| format!("Licenses then: {}.", license::in_use(&after))),
        obstacle,
    };
    Ok(frame.draw_as(wrong.status, &page))
}

/// The only place where the link stands.
async fn shown(
    app: &App,
    frame: &Frame,
    back: &Back,
    receipt: &Receipt,
    licenses: &Licenses,
) -> Result<Response> {
    let visit = &frame.session.visit;
    let row = people::load(&mut app.store.point().await?, visit.workspace, receipt.person).await?;
    let row = row.ok_or(Error::NotFound("user"))?;
    let mut shell = frame.shell(Place::Users, format!("{} is invited", row.person.name));
    license::meter(&mut shell, licenses);
    let mut advice = "Send this link to them: with it they choose a password and join.".to_owned();
    if receipt.added_licenses > 0 {
        let added = count(receipt.added_licenses, "license was", "licenses were");
        advice = format!("{advice} {added} added ({}).", license::in_use(licenses));
    }
    let page = LinkShown {
        shell,
        done: back.path().to_owned(),
        person: chip(&row, Look::Inline),
        url: visit.link(row.person.kind, &receipt.secret),
        expires: exactly(frame, receipt.expires),
        advice,
    };
    Ok(frame.draw_as(StatusCode::OK, &page))
}
