//! Who is assigned to an item, who follows it, and for whom it is. Nobody deactivated is offered, and the op refuses
//! them besides (rule 5).

use axum::response::Response;
use domain::{
    id::PersonId,
    item::Part,
    person::{Kind, StatusWord},
};

use super::{Item, page};
use crate::{
    error::{Error, Result},
    ops::{
        self,
        items::{Edit, Page},
    },
    store::{grid::BuiltinView, people},
    web::{
        desk::{find, form::Refused},
        fields::{Fields, QueryFields},
        flash::Flash,
        view::item::PickPerson,
    },
};

/// What somebody is chosen for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Chosen {
    Part(Part),
    Requester,
}

impl Chosen {
    /// Its page below the item's.
    const fn path(self) -> &'static str {
        match self {
            Self::Part(Part::Assignee) => "assignees",
            Self::Part(Part::Follower) => "followers",
            Self::Requester => "requester",
        }
    }

    const fn verb(self) -> &'static str {
        match self {
            Self::Part(Part::Assignee) => "Assign",
            Self::Part(Part::Follower) => "Add",
            Self::Requester => "Choose",
        }
    }

    fn title(self, item: &Item) -> String {
        match self {
            Self::Part(Part::Assignee) => format!("Who works on {}?", low(item)),
            Self::Part(Part::Follower) => format!("Who follows {}?", low(item)),
            Self::Requester => format!("For whom is {}?", low(item)),
        }
    }

    /// Users alone are assigned; the others may be either.
    const fn kinds(self) -> &'static [Kind] {
        match self {
            Self::Part(Part::Assignee) => &[Kind::User],
            Self::Part(Part::Follower) => &[Kind::User, Kind::Customer],
            Self::Requester => &[Kind::Customer, Kind::User],
        }
    }

    fn has(self, page: &Page, person: PersonId) -> bool {
        match self {
            Self::Part(part) => {
                page.people.iter().any(|holder| holder.part == part && holder.person.id == person)
            }
            Self::Requester => page.row.item.requester == Some(person),
        }
    }
}

/// "ticket 7".
fn low(item: &Item) -> String {
    item.called().to_lowercase()
}

const ASSIGNEE: Chosen = Chosen::Part(Part::Assignee);
const FOLLOWER: Chosen = Chosen::Part(Part::Follower);

/// `GET /items/{number}/assignees`, with `q`.
pub(super) async fn assignees(item: Item, QueryFields(query): QueryFields) -> Result<Response> {
    pick(&item, ASSIGNEE, query.get("q"), Refused::none()).await
}

/// `GET /items/{number}/followers`, with `q`.
pub(super) async fn followers(item: Item, QueryFields(query): QueryFields) -> Result<Response> {
    pick(&item, FOLLOWER, query.get("q"), Refused::none()).await
}

/// `GET /items/{number}/requester`, with `q`.
pub(super) async fn requester(item: Item, QueryFields(query): QueryFields) -> Result<Response> {
    pick(&item, Chosen::Requester, query.get("q"), Refused::none()).await
}

async fn pick(item: &Item, of: Chosen, search: &str, wrong: Refused) -> Result<Response> {
    let page = {
        let mut rx = item.app.store.reader().await?;
        ops::items::show(&mut rx, &item.ctx(), item.row.number).await?
    };
    let views = [BuiltinView::Active, BuiltinView::Invited];
    let mut found = Vec::new();
    for kind in of.kinds() {
        found.extend(find::people(&item.app, &item.frame, *kind, search, &views).await?);
    }
    found.retain(|row| {
        let person = &row.row.person;
        person.status.word() != StatusWord::Deactivated && !of.has(&page, person.id)
    });
    let more = found.len() > find::OFFERED;
    found.truncate(find::OFFERED);
    let whom = if of == ASSIGNEE { "users" } else { "people" };
    let page = PickPerson {
        shell: item.shell(of.title(item)),
        ask: item.question(of.path(), wrong.error.clone().or_else(|| wrong.message("person"))),
        search: search.to_owned(),
        whom,
        verb: of.verb(),
        found: found.iter().map(|row| find::candidate(&item.frame, row, "")).collect(),
        more: more.then(|| "There are more. Search to find them.".into()),
        nobody: of == Chosen::Requester && page.row.item.requester.is_some(),
    };
    Ok(item.frame.draw_as(wrong.status, &page))
}

/// The person that a form names.
fn named(fields: &Fields) -> Result<PersonId> {
    fields.get("person").parse().map_err(|_| Error::field("person", "Choose somebody from the list."))
}

/// What somebody is called, for what is told.
async fn name(item: &Item, person: PersonId) -> Result<String> {
    if person == item.frame.session.person() {
        return Ok("You".into());
    }
    let mut rx = item.app.store.point().await?;
    let row = people::load(&mut rx, item.frame.session.visit.workspace, person).await?;
    Ok(row.ok_or(Error::NotFound("person"))?.person.name)
}

/// "You are", "Ada Lovelace is".
fn be(name: &str) -> &'static str {
    if name == "You" { "are" } else { "is" }
}

/// `POST /items/{number}/assignees`, with `person`.
pub(super) async fn assign(item: Item, fields: Fields) -> Result<Response> {
    give(&item, Part::Assignee, &fields).await
}

/// `POST /items/{number}/followers`, with `person`.
pub(super) async fn follow(item: Item, fields: Fields) -> Result<Response> {
    give(&item, Part::Follower, &fields).await
}

async fn give(item: &Item, part: Part, fields: &Fields) -> Result<Response> {
    let done = async {
        let person = named(fields)?;
        let (ctx, id) = (item.ctx(), item.id());
        let given =
            item.app.store.write(async move |tx| ops::items::give(tx, &ctx, id, person, part).await).await?;
        Ok((name(item, person).await?, given))
    };
    match done.await {
        Ok((name, given)) => {
            let called = low(item);
            let told = match (part, given) {
                (Part::Assignee, true) => Flash::done(format!("{name} {} assigned to {called}.", be(&name))),
                (Part::Assignee, false) => Flash::note(format!("{name} {} assigned already.", be(&name))),
                (Part::Follower, true) if name == "You" => Flash::done(format!("You follow {called}.")),
                (Part::Follower, true) => Flash::done(format!("{name} follows {called}.")),
                (Part::Follower, false) => Flash::note(format!("{name} {} a follower already.", be(&name))),
            };
            Ok(told.redirect(&item.href()))
        }
        Err(error) => pick(item, Chosen::Part(part), "", refused(error)?).await,
    }
}

/// A refusal stands above the list that one may choose from instead.
fn refused(error: Error) -> Result<Refused> {
    if matches!(error, Error::NotFound("person")) {
        return Ok(Refused::wrong(
            "person",
            "The person chosen is not there any more. Choose somebody else.",
        ));
    }
    Refused::of(error)
}

/// `POST /items/{number}/assignees/{person}/removal`.
pub(super) async fn unassign(item: Item) -> Result<Response> {
    take(&item, Part::Assignee).await
}

/// `POST /items/{number}/followers/{person}/removal`.
pub(super) async fn unfollow(item: Item) -> Result<Response> {
    take(&item, Part::Follower).await
}

async fn take(item: &Item, part: Part) -> Result<Response> {
    let person = item.person()?;
    let (ctx, id) = (item.ctx(), item.id());
    let taken =
        item.app.store.write(async move |tx| ops::items::take(tx, &ctx, id, person, part).await).await;
    match taken {
        Ok(taken) => {
            let (name, called) = (name(item, person).await?, low(item));
            let told = match (part, taken) {
                (Part::Assignee, true) => format!("{name} {} no longer assigned to {called}.", be(&name)),
                (Part::Assignee, false) => format!("{name} {} not assigned.", be(&name)),
                (Part::Follower, true) if name == "You" => format!("You no longer follow {called}."),
                (Part::Follower, true) => format!("{name} no longer follows {called}."),
                (Part::Follower, false) => format!("{name} {} no follower.", be(&name)),
            };
            let flash = if taken { Flash::done(told) } else { Flash::note(told) };
            Ok(flash.redirect(&item.href()))
        }
        Err(error) => page::refused(item, error).await,
    }
}

/// `POST /items/{number}/requester`, with `person`.
pub(super) async fn request(item: Item, fields: Fields) -> Result<Response> {
    let done = async {
        let person = named(&fields)?;
        set_requester(&item, Some(person)).await?;
        name(&item, person).await
    };
    match done.await {
        Ok(name) => {
            let told = Flash::done(format!("{name} {} the requester of {} now.", be(&name), low(&item)));
            Ok(told.redirect(&item.href()))
        }
        Err(error) => pick(&item, Chosen::Requester, "", refused(error)?).await,
    }
}

/// `POST /items/{number}/requester/removal`.
pub(super) async fn nobody(item: Item) -> Result<Response> {
    match set_requester(&item, None).await {
        Ok(()) => Ok(Flash::done(format!("{} has no requester now.", item.called())).redirect(&item.href())),
        Err(error) => page::refused(&item, error).await,
    }
}

async fn set_requester(item: &Item, requester: Option<PersonId>) -> Result<()> {
    let (ctx, id) = (item.ctx(), item.id());
    let edit = Edit { requester: Some(requester), ..Edit::default() };
    item.app.store.write(async move |tx| ops::items::edit(tx, &ctx, id, edit.clone()).await).await?;
    Ok(())
}
