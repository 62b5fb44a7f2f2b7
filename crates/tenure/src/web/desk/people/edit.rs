//! `/users/{id}/edit`: name and address.

use axum::response::Response;
use domain::Refusal;

use super::{about::About, typed::placed};
use crate::{
    error::{Error, Result},
    ops::{
        self,
        profile::{Input, Name},
    },
    web::{
        desk::form::{Checked, Refused},
        fields::Fields,
        flash::Flash,
        view::{dialogs::EditDialog, people::Action},
    },
};

/// `GET /users/{id}/edit`.
pub(super) async fn page(about: About) -> Result<Response> {
    let person = &about.row.person;
    let (name, email) = (person.name.clone(), person.email.clone());
    Ok(draw(&about, &name, &email, &Refused::none()))
}

/// `POST /users/{id}/edit`.
pub(super) async fn submit(about: About, fields: Fields) -> Result<Response> {
    match save(&about, &fields).await {
        Ok(true) => Ok(about.told(Flash::done("The changes are saved."))),
        Ok(false) => Ok(about.told(Flash::note("Nothing was changed."))),
        Err(error) => {
            let wrong = wrong(&about, error)?;
            Ok(draw(&about, fields.get("name"), fields.get("email"), &wrong))
        }
    }
}

fn wrong(about: &About, error: Error) -> Result<Refused> {
    let person = &about.row.person;
    match error {
        Error::Stale => Ok(Refused::of(Error::Stale)?.saying(format!(
            "Somebody changed this meanwhile, so nothing was saved. It is now {}, {}. Save again to replace it \
             by what stands below.",
            person.name, person.email
        ))),
        Error::Refused(refusal) => match *refusal {
            Refusal::AddressOfDeactivated { name, .. } => Ok(Refused::wrong(
                "email",
                format!("This address belongs to {name}, who is deactivated. Change theirs first."),
            )),
            refusal => placed(refusal.into()),
        },
        error => placed(error),
    }
}

async fn save(about: &About, fields: &Fields) -> Result<bool> {
    let limits = &about.app.config.limits;
    let mut checked = Checked::default();
    let name = checked.read(Name::parse(fields.get("name"), limits))?;
    let email = checked.read(ops::profile::email(fields.get("email"), limits))?;
    let (Some(name), Some(email)) = (name, email) else {
        return Err(checked.all());
    };
    let input = Input { name: Some(name), email: Some(email), version: fields.version(), ..Input::default() };
    let (ctx, id) = (about.ctx(), about.id());
    about.app.store.write(async move |tx| ops::profile::edit(tx, &ctx, id, input.clone()).await).await
}

fn draw(about: &About, name: &str, email: &str, wrong: &Refused) -> Response {
    let page = EditDialog {
        shell: about.shell(format!("Edit {}", about.name())),
        ask: about.question(Action::Edit, wrong),
        name: wrong.field("name", name),
        email: wrong.field("email", email),
    };
    about.frame.draw_as(wrong.status, &page)
}
