//! `POST /work/bulk`: what would become of many items; `POST /work/bulk/begin`: it is confirmed and done.

use axum::{extract::State, http::StatusCode, response::Response};
use domain::{
    id::{ItemId, PersonId, ProjectId},
    item::{ItemKind, ItemStatus},
};

use super::{
    asked::{Asked, At},
    handover, lines,
};
use crate::{
    app::App,
    error::{Error, Result},
    ops::items::bulk::{self, Deed, Input, Plan, Which},
    store::{
        Rx,
        grid::{BuiltinView, Count},
        item_list::{self, ListPage},
        item_people::{self, Brief},
        people, projects,
    },
    web::{
        desk::{find, form::Refused, frame::Frame, words::count},
        fields::Fields,
        flash::Flash,
        view::{
            Keep,
            bulk::{BulkBar, Deeds},
            chip::Look,
            dialogs::Candidate,
            number,
            work_many::{BulkItem, BulkItemsPage, Picker},
        },
    },
};

/// How many items a preview lists one by one.
const LISTED: usize = 100;

/// The bar below a list.
pub(super) fn bar(asked: &Asked, page: &ListPage, projects: &[(ProjectId, String)]) -> BulkBar {
    let words = asked.at.words();
    let most = i64::try_from(bulk::MOST).unwrap_or(i64::MAX);
    let all = match page.count {
        Count::Exact(all) if all > 1 && all <= most => {
            Some(format!("All {} {} that match", number(all.unsigned_abs()), words.many))
        }
        // How many these are, the preview says.
        Count::AtLeast(_) => Some(format!("All {} that match", words.many)),
        Count::Exact(_) => None,
    };
    BulkBar {
        action: "/work/bulk".into(),
        keeps: vec![Keep::new("list", list_word(asked.at)), Keep::new("back", asked.but(|_| {}))],
        query: asked.unpaged(),
        all,
        deeds: deeds(projects),
        more: None,
    }
}

fn deeds(projects: &[(ProjectId, String)]) -> Vec<Deeds> {
    let choice = |value: &str, label: &str| (value.to_owned(), label.to_owned());
    let status = |one: &ItemStatus| (format!("status:{}", one.word()), one.title().to_owned());
    let mut into: Vec<_> =
        projects.iter().map(|(id, name)| (format!("project:{id}"), name.clone())).collect();
    into.push(choice("project:none", "No project"));
    vec![
        Deeds {
            label: String::new(),
            choices: vec![
                choice("assign:me", "Assign to me"),
                choice("assign", "Assign to…"),
                choice("unassign", "Unassign…"),
                choice("follow:me", "Follow"),
                choice("unfollow:me", "Unfollow"),
                choice("follow", "Let somebody follow…"),
                choice("handover", "Hand over…"),
            ],
        },
        Deeds { label: "Status".into(), choices: ItemStatus::ALL.iter().map(status).collect() },
        Deeds { label: "Move to project".into(), choices: into },
    ]
}

/// The word by which a form names its list.
fn list_word(at: At) -> String {
    match at {
        At::Kind(kind) => kind.word().into(),
        At::Assigned => "assigned".into(),
        At::Following => "following".into(),
        At::Project(id) => id.to_string(),
    }
}

fn list_of(word: &str) -> Result<At> {
    match word {
        "assigned" => Ok(At::Assigned),
        "following" => Ok(At::Following),
        word => match ItemKind::parse(word) {
            Some(kind) => Ok(At::Kind(kind)),
            None => word.parse().map(At::Project).map_err(|_| Error::field("list", "There is no such list.")),
        },
    }
}

/// What was chosen in the bar.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Chosen {
    Assign,
    Unassign,
    Follow,
    HandOver,
    /// Nobody is to be chosen for it.
    Plain(Deed),
}

/// What the fields of a form say.
struct Asks {
    at: At,
    which: Which,
    chosen: Chosen,
    back: String,
}

impl Asks {
    fn read(frame: &Frame, fields: &Fields) -> Result<Self> {
        let at = list_of(fields.get("list"))?;
        let which = if fields.ticked("all") {
            Which::Matching(Box::new(Asked::read(at, fields.get("query"))?.query))
        } else {
            let ids: Vec<ItemId> = fields.all("item").filter_map(|id| id.parse().ok()).collect();
            if ids.is_empty() {
                return Err(Error::field("item", "Select at least one item."));
            }
            Which::Ids(ids)
        };
        let back = super::super::people::followed(fields.get("back"));
        let back = back.map_or_else(|| at.path(), str::to_owned);
        Ok(Self { at, which, chosen: chosen(frame, fields.get("deed"))?, back })
    }

    /// The deed, when everything for it is chosen.
    fn deed(&self, fields: &Fields) -> Option<Deed> {
        if fields.get("step") == "search" {
            return None;
        }
        let person = fields.get("person");
        let id = || person.parse::<PersonId>().ok();
        match self.chosen {
            Chosen::Plain(deed) => Some(deed),
            Chosen::Assign => id().map(Deed::Assign),
            Chosen::Follow => id().map(Deed::Follow),
            Chosen::Unassign if person == "all" => Some(Deed::Unassign(None)),
            Chosen::Unassign => id().map(|id| Deed::Unassign(Some(id))),
            Chosen::HandOver => None,
        }
    }
}

/// What both forms hand on.
fn keeps(fields: &Fields) -> Vec<Keep> {
    let names = ["list", "query", "deed", "back"].iter();
    let mut keeps: Vec<Keep> = names.map(|name| Keep::new(*name, fields.get(name))).collect();
    if fields.ticked("all") {
        keeps.push(Keep::new("all", "1"));
    } else {
        keeps.extend(fields.all("item").map(|id| Keep::new("item", id)));
    }
    keeps
}

fn chosen(frame: &Frame, word: &str) -> Result<Chosen> {
    let me = frame.session.person();
    let unknown = || Error::field("deed", "Choose what to do with them.");
    Ok(match word.split_once(':').unwrap_or((word, "")) {
        ("assign", "") => Chosen::Assign,
        ("assign", "me") => Chosen::Plain(Deed::Assign(me)),
        ("unassign", "") => Chosen::Unassign,
        ("follow", "") => Chosen::Follow,
        ("follow", "me") => Chosen::Plain(Deed::Follow(me)),
        ("unfollow", "me") => Chosen::Plain(Deed::Unfollow(me)),
        ("handover", "") => Chosen::HandOver,
        ("status", word) => Chosen::Plain(Deed::Status(ItemStatus::parse(word).ok_or_else(unknown)?)),
        ("project", "none") => Chosen::Plain(Deed::Project(None)),
        ("project", id) => Chosen::Plain(Deed::Project(Some(id.parse().map_err(|_| unknown())?))),
        _ => return Err(unknown()),
    })
}

/// `POST /work/bulk`.
pub(super) async fn preview(State(app): State<App>, frame: Frame, fields: Fields) -> Result<Response> {
    draw(&app, &frame, &fields, Refused::none()).await
}

/// `POST /work/bulk/begin`.
pub(super) async fn begin(State(app): State<App>, frame: Frame, fields: Fields) -> Result<Response> {
    let asks = Asks::read(&frame, &fields)?;
    let Some(deed) = asks.deed(&fields) else { return draw(&app, &frame, &fields, Refused::none()).await };
    let input = Input { which: asks.which.clone(), deed };
    let done = bulk::carry_out(&app.store, &frame.session.ctx, &input, fields.get("fingerprint")).await;
    let receipt = match done {
        Ok(receipt) => receipt,
        Err(Error::Stale) => return draw(&app, &frame, &fields, Refused::overtaken()).await,
        Err(error) => return draw(&app, &frame, &fields, Refused::of(error)?).await,
    };
    let words = Words::read(&mut app.store.reader().await?, &frame, deed).await?;
    let changed = i64::try_from(receipt.changed).unwrap_or(i64::MAX);
    let mut flash = match receipt.stopped {
        Some(error) => Flash::refused(words.done(changed)).line(format!("Then it stopped: {error}")),
        None if changed == 0 => Flash::note("Nothing was changed."),
        None => Flash::done(words.done(changed)),
    };
    if receipt.unchanged > 0 {
        flash = flash.line(words.left(i64::try_from(receipt.unchanged).unwrap_or(i64::MAX)));
    }
    Ok(flash.redirect(&asks.back))
}

/// What a deed is called.
struct Words {
    deed: Deed,
    /// The name of the person or project that it is about.
    name: String,
}

impl Words {
    async fn read(rx: &mut Rx, frame: &Frame, deed: Deed) -> Result<Self> {
        let ws = frame.session.visit.workspace;
        let name = match (deed.person(), deed) {
            (Some(id), _) if id == frame.session.person() => "you".into(),
            (Some(id), _) => people::load(rx, ws, id).await?.map(|row| row.person.name).unwrap_or_default(),
            (None, Deed::Project(Some(id))) => {
                projects::load(rx, ws, id).await?.map(|project| project.name).unwrap_or_default()
            }
            _ => String::new(),
        };
        Ok(Self { deed, name })
    }

    /// "are assigned to Ada", "follow", after "12 items".
    fn what(&self, one: bool) -> String {
        let name = &self.name;
        let be = if one { "is" } else { "are" };
        match self.deed {
            Deed::Assign(_) => format!("{be} assigned to {name}"),
            Deed::Unassign(Some(_)) => format!("{be} no longer assigned to {name}"),
            Deed::Unassign(None) => format!("{be} assigned to nobody"),
            Deed::Follow(_) => format!("{be} followed by {name}"),
            Deed::Unfollow(_) => format!("{be} no longer followed by {name}"),
            Deed::Status(status) => format!("{be} {}", status.title().to_lowercase()),
            Deed::Project(Some(_)) => format!("{be} in {name}"),
            Deed::Project(None) => format!("{be} in no project"),
        }
    }

    fn done(&self, changed: i64) -> String {
        format!("{} {} now.", count(changed, "item", "items"), self.what(changed == 1))
    }

    fn left(&self, unchanged: i64) -> String {
        let why = match self.deed {
            Deed::Unassign(_) => "assigned to them before",
            Deed::Unfollow(_) => "followed before",
            _ => "",
        };
        let items = count(unchanged, "item", "items");
        let verb = if unchanged == 1 { "is" } else { "are" };
        if why.is_empty() {
            format!(
                "{items} {verb} so already, and left as {}.",
                if unchanged == 1 { "it is" } else { "they are" }
            )
        } else {
            let not = if unchanged == 1 { "was" } else { "were" };
            format!("{items} {not} not {why}.")
        }
    }
}

async fn draw(app: &App, frame: &Frame, fields: &Fields, wrong: Refused) -> Result<Response> {
    let asks = Asks::read(frame, fields)?;
    if asks.chosen == Chosen::HandOver {
        let ids = ids(app, frame, &asks).await?;
        return handover::of_selection(app, frame, &ids, &asks.back).await;
    }
    match asks.deed(fields) {
        Some(deed) => draw_plan(app, frame, &asks, fields, deed, wrong).await,
        None => draw_choice(app, frame, &asks, fields, &wrong).await,
    }
}

/// The items themselves; of more than one change may be about, one too many.
async fn ids(app: &App, frame: &Frame, asks: &Asks) -> Result<Vec<ItemId>> {
    match &asks.which {
        Which::Ids(ids) => Ok(ids.clone()),
        Which::Matching(query) => {
            let workspace = &frame.session.check.workspace;
            let most = i64::try_from(bulk::MOST + 1).unwrap_or(i64::MAX);
            let looking = super::list::looking(frame);
            item_list::matching(&mut app.store.reader().await?, workspace, query, looking, most).await
        }
    }
}

async fn draw_choice(
    app: &App,
    frame: &Frame,
    asks: &Asks,
    fields: &Fields,
    wrong: &Refused,
) -> Result<Response> {
    let unassigns = asks.chosen == Chosen::Unassign;
    let search = fields.get("q").trim();
    let found = if unassigns {
        assignees(app, frame, asks).await?.iter().map(|one| candidate(one, fields.get("person"))).collect()
    } else {
        let views = [BuiltinView::Active, BuiltinView::Invited];
        let mut found = find::users(app, frame, search, &views).await?;
        found.truncate(find::OFFERED);
        found.iter().map(|row| find::candidate(frame, row, fields.get("person"))).collect()
    };
    let sent = fields.get("step") == "preview" && wrong.error.is_none();
    let title = match asks.chosen {
        Chosen::Unassign => "Unassign: who no longer works on them?",
        Chosen::Follow => "Follow: who is told of them?",
        _ => "Assign: who works on them?",
    };
    let page = BulkItemsPage {
        shell: frame.shell(asks.at.place(), title),
        cancel: asks.back.clone(),
        error: wrong.error.clone(),
        keeps: keeps(fields),
        picker: Some(Picker {
            search: (!unassigns).then(|| search.to_owned()),
            found,
            everybody: unassigns.then_some("Everybody who is assigned"),
            error: sent.then(|| "Choose somebody first.".into()),
        }),
        ..BulkItemsPage::default()
    };
    let status = if sent { StatusCode::UNPROCESSABLE_ENTITY } else { wrong.status };
    Ok(frame.draw_as(status, &page))
}

/// Who is assigned to the items.
async fn assignees(app: &App, frame: &Frame, asks: &Asks) -> Result<Vec<Brief>> {
    let ids = ids(app, frame, asks).await?;
    let mut rx = app.store.reader().await?;
    let found = item_people::assignees(&mut rx, frame.session.visit.workspace, &ids).await?;
    let mut people: Vec<Brief> = Vec::new();
    for (_, brief) in found {
        if !people.iter().any(|one| one.id == brief.id) {
            people.push(brief);
        }
    }
    Ok(people)
}

/// Somebody to choose.
pub(super) fn candidate(brief: &Brief, chosen: &str) -> Candidate {
    Candidate {
        id: brief.id.to_string(),
        chip: lines::chip(brief, Look::Cell),
        email: brief.email.clone(),
        last_sign_in: None,
        selected: brief.id.to_string() == chosen,
    }
}

async fn draw_plan(
    app: &App,
    frame: &Frame,
    asks: &Asks,
    fields: &Fields,
    deed: Deed,
    wrong: Refused,
) -> Result<Response> {
    let input = Input { which: asks.which.clone(), deed };
    let mut rx = app.store.reader().await?;
    let plan = bulk::plan(&mut rx, &frame.session.ctx, &input).await;
    let words = Words::read(&mut rx, frame, deed).await?;
    drop(rx);
    let (plan, wrong) = match plan {
        Ok(plan) => (plan, wrong),
        Err(error) => {
            let none = Plan { rows: Vec::new(), fingerprint: String::new() };
            (none, Refused::of(error)?)
        }
    };
    let changes = i64::try_from(plan.changes()).unwrap_or(i64::MAX);
    let unchanged = i64::try_from(plan.rows.len()).unwrap_or(i64::MAX) - changes;
    let items = count(changes, "item", "items");
    let mut kept = keeps(fields);
    kept.push(Keep::new("fingerprint", plan.fingerprint.clone()));
    if let Some(person) = fields.maybe("person") {
        kept.push(Keep::new("person", person));
    }
    let more = plan.rows.len().saturating_sub(LISTED);
    let title = match changes + unchanged {
        0 => "Nothing is changed".to_owned(),
        all => format!("Change {}?", count(all, "item", "items")),
    };
    let page = BulkItemsPage {
        shell: frame.shell(asks.at.place(), title),
        cancel: asks.back.clone(),
        error: wrong.above(&["items"]),
        keeps: kept,
        picker: None,
        now: if changes > 0 { vec![format!("{items} {}", words.what(changes == 1))] } else { Vec::new() },
        stays: if unchanged > 0 { vec![words.left(unchanged)] } else { Vec::new() },
        button: (changes > 0).then(|| format!("Change {items}")),
        rows: plan
            .rows
            .into_iter()
            .take(LISTED)
            .map(|row| BulkItem {
                number: row.number,
                title: row.title,
                outcome: if row.changes { "Changes" } else { "Left as it is" },
            })
            .collect(),
        more: (more > 0).then(|| format!("And {} more.", number(more as u64))),
    };
    Ok(frame.draw_as(wrong.status, &page))
}
