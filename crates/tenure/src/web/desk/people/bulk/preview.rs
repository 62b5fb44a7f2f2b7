//! `POST /users/bulk`: what would happen to whom; `POST /users/bulk/begin`: it is confirmed and begins.

use axum::{extract::State, response::Response};
use domain::{
    Refusal,
    bulk::Deed,
    id::{BatchId, PersonId},
    lifecycle::Grounds,
    role::Role,
};
use jiff::Timestamp;

use super::{
    super::{asked::Asked, back::Back, deactivation::date, typed::placed},
    words,
};
use crate::{
    app::App,
    error::{Error, Result},
    jobs::first_piece,
    ops::{
        self,
        bulk::{self, Input, Plan, PlanRow, Whom},
    },
    store::batches::State as Progress,
    web::{
        desk::{
            form::Refused,
            frame::{Frame, picture},
            words::count,
        },
        fields::Fields,
        flash::Flash,
        view::{
            Field, Keep,
            bulk::{BulkPreview, BulkRow, Skipped},
            chip::{Chip, Look},
            naming::Naming,
            number,
            shell::Place,
        },
    },
};

/// How many people a preview lists one by one.
const LISTED: usize = 100;
/// How many who are skipped for one reason are named.
const NAMED: usize = 10;

/// What the fields of both forms say.
struct Asks {
    naming: &'static Naming,
    back: Back,
    input: Input,
}

impl Asks {
    fn read(app: &App, naming: &'static Naming, fields: &Fields) -> Result<Self> {
        let query = fields.get("query");
        let all = fields.ticked("all");
        let whom = if all {
            Whom::Matching(Box::new(Asked::read(naming, query, true)?.grid))
        } else {
            let ids: Result<Vec<PersonId>, _> = fields.all("person").map(str::parse).collect();
            Whom::Ids(ids.map_err(|_| Error::NotFound(naming.one))?)
        };
        let grounds = Grounds {
            reason: ops::profile::reason(fields.get("reason"), &app.config.limits)?,
            review_on: date(fields.get("review_on"))?,
        };
        Ok(Self {
            naming,
            back: Back::parse(naming, &format!("{}?{query}", naming.path)),
            input: Input {
                kind: naming.kind,
                whom,
                deed: deed(fields.get("deed"), grounds)?,
                add_licenses: fields.ticked("add_licenses"),
                past_brake: fields.ticked("past_brake"),
                fingerprint: fields.maybe("fingerprint").map(str::to_owned),
                count: fields.get("count").trim().replace([',', ' '], "").parse().ok(),
                most: app.config.limits.bulk_people,
            },
        })
    }
}

/// Reads the value of a choice of the bar.
fn deed(word: &str, grounds: Grounds) -> Result<Deed> {
    let wrong = || Error::field("deed", "Choose what is to be done.");
    let (verb, target) = word.split_once(':').unwrap_or((word, ""));
    Ok(match verb {
        "deactivate" => Deed::Deactivate(grounds),
        "activate" => Deed::Activate,
        "delete" => Deed::Delete,
        "join" => Deed::JoinTeam(target.parse().map_err(|_| wrong())?),
        "leave" => Deed::LeaveTeam(target.parse().map_err(|_| wrong())?),
        "role" => Deed::Role(Role::parse(target).ok_or_else(wrong)?),
        "move" if target == "none" => Deed::Organization(None),
        "move" => Deed::Organization(Some(target.parse().map_err(|_| wrong())?)),
        _ => return Err(wrong()),
    })
}

/// `POST /users/bulk`.
pub(in super::super) async fn preview(
    State(app): State<App>,
    naming: &'static Naming,
    frame: Frame,
    fields: Fields,
) -> Result<Response> {
    let asks = match Asks::read(&app, naming, &fields) {
        Ok(asks) => asks,
        Err(Error::Invalid(wrong)) => return Ok(back_to_grid(naming, &fields, &Error::Invalid(wrong))),
        Err(error) => return Err(error),
    };
    if !fields.ticked("all") && fields.maybe("person").is_none() {
        let nobody = Error::field("people", format!("Select the {} first.", naming.many));
        return Ok(back_to_grid(naming, &fields, &nobody));
    }
    match plan(&app, &frame, &asks).await {
        Ok(plan) => Ok(draw(&frame, &asks, &fields, &plan, &Refused::none())),
        Err(Error::Invalid(wrong)) => Ok(back_to_grid(naming, &fields, &Error::Invalid(wrong))),
        Err(error) => Err(error),
    }
}

/// What cannot be previewed at all is told at the grid.
fn back_to_grid(naming: &'static Naming, fields: &Fields, error: &Error) -> Response {
    let words = match error {
        Error::Invalid(fields) => {
            fields.iter().map(|field| field.message.clone()).collect::<Vec<_>>().join(" ")
        }
        other => other.to_string(),
    };
    let back = Back::parse(naming, &format!("{}?{}", naming.path, fields.get("query")));
    Flash::refused(words).redirect(back.path())
}

async fn plan(app: &App, frame: &Frame, asks: &Asks) -> Result<Plan> {
    bulk::plan(&mut app.store.reader().await?, &frame.session.ctx, &asks.input).await
}

/// `POST /users/bulk/begin`.
pub(in super::super) async fn begin(
    State(app): State<App>,
    naming: &'static Naming,
    frame: Frame,
    fields: Fields,
) -> Result<Response> {
    let asks = match Asks::read(&app, naming, &fields) {
        Ok(asks) => asks,
        // A wrong reason or date: the preview again, with what was typed and what is wrong with it.
        Err(error @ Error::Invalid(_)) => {
            let blank = ["person", "all", "query", "deed", "fingerprint"];
            let kept: Vec<u8> = form_urlencoded::Serializer::new(String::new())
                .extend_pairs(fields.iter().filter(|(name, _)| blank.contains(name)))
                .finish()
                .into_bytes();
            let asks = Asks::read(&app, naming, &Fields::parse(&kept)?)?;
            let plan = plan(&app, &frame, &asks).await?;
            return Ok(draw(&frame, &asks, &fields, &plan, &placed(error)?));
        }
        Err(error) => return Err(error),
    };
    match save(&app, &frame, &asks, &fields).await {
        Ok(batch) => Ok(told(&app, &frame, naming, batch).await?.redirect(&format!("/bulk/{batch}"))),
        Err(error) => {
            let wrong = match error.refusal() {
                Some(Refusal::CountMismatch) => placed(error)?.at("count"),
                _ => placed(error)?,
            };
            let plan = plan(&app, &frame, &asks).await?;
            Ok(draw(&frame, &asks, &fields, &plan, &wrong))
        }
    }
}

async fn save(app: &App, frame: &Frame, asks: &Asks, fields: &Fields) -> Result<BatchId> {
    let ctx = frame.session.ctx.clone();
    if asks.input.deed == Deed::Delete {
        let password = fields.get("password");
        if password.is_empty() {
            return Err(Error::field("password", "Enter your own password to confirm."));
        }
        ops::sign_in::confirm(app, &ctx, password).await?;
    }
    let input = asks.input.clone();
    Ok(app.store.write(async move |tx| bulk::begin(tx, &ctx, input.clone()).await).await?.batch)
}

/// Does the first piece at once, so that what is about few people is done when the page comes.
pub(super) async fn told(app: &App, frame: &Frame, naming: &Naming, id: BatchId) -> Result<Flash> {
    let ws = frame.session.visit.workspace;
    let after = first_piece(app, ws, id).await?;
    let batch = crate::store::batches::load(&mut app.store.reader().await?, ws, id).await?;
    let batch = batch.ok_or(Error::NotFound("change of many people"))?;
    if after.state != Progress::Finished {
        return Ok(Flash::note(format!("{}: it has begun.", words::title(naming, &batch.deed, batch.total))));
    }
    let mut flash = Flash::done(format!("{}.", words::done(naming, &batch.deed, batch.changed)));
    if batch.skipped > 0 {
        flash = flash.line(format!("{} skipped", words::people(naming, batch.skipped)));
    }
    if batch.deed.can_be_undone() && batch.changed > 0 {
        let times = frame.times();
        let ended = batch.ended.unwrap_or_else(|| times.now());
        let until = ended.saturating_add(domain::lifecycle::UNDO_FOR).unwrap_or(Timestamp::MAX);
        flash = flash.undo_many(id, format!("until {}", times.clock(until)));
    }
    Ok(flash)
}

fn draw(frame: &Frame, asks: &Asks, fields: &Fields, plan: &Plan, wrong: &Refused) -> Response {
    let Asks { naming, input, back } = asks;
    let changed = plan.totals.changed;
    let title = words::title(naming, &input.deed, changed);
    let listed = plan.people.len().min(LISTED);
    let rest = plan.people.len() - listed;
    let deletes = input.deed == Deed::Delete;
    let page = BulkPreview {
        shell: frame.shell(Place::of(naming), title.clone()),
        app: naming,
        error: wrong.above(&["people", "deed"]),
        action: format!("{}/bulk/begin", naming.path),
        cancel: back.path().to_owned(),
        keeps: keeps(fields, &plan.fingerprint),
        now: happens(naming, input, plan),
        skipped: skipped(naming, &plan.people),
        people: plan.people.iter().take(listed).map(row).collect(),
        more: (rest > 0).then(|| format!("and {} more", number(rest as u64))),
        grounds: matches!(input.deed, Deed::Deactivate(_)).then(|| {
            (wrong.field("reason", fields.get("reason")), wrong.field("review_on", fields.get("review_on")))
        }),
        brake: plan.brake.filter(|brake| brake.passes).map(|brake| {
            format!(
                "The brake lets {} {} be deactivated within 60 minutes; {} have been.",
                number(brake.limit.unsigned_abs()),
                naming.many,
                number(brake.recent.unsigned_abs())
            )
        }),
        missing: (plan.missing > 0).then(|| {
            let add = count(plan.missing, "missing license", "missing licenses");
            format!("Add the {add}")
        }),
        deletion: deletes.then(|| {
            let password = Field { error: wrong.message("password"), ..Field::default() };
            (changed.to_string(), wrong.field("count", fields.get("count")), password)
        }),
        button: (changed > 0).then_some(title),
    };
    frame.draw_as(wrong.status, &page)
}

/// Whom and what, handed on to the form that confirms.
fn keeps(fields: &Fields, fingerprint: &str) -> Vec<Keep> {
    let all = fields.ticked("all");
    let kept = fields.iter().filter(|(name, _)| match *name {
        "query" | "deed" | "all" => true,
        "person" => !all,
        _ => false,
    });
    let mut keeps: Vec<Keep> = kept.map(|(name, value)| Keep::new(name, value)).collect();
    keeps.push(Keep::new("fingerprint", fingerprint));
    keeps
}

fn happens(naming: &Naming, input: &Input, plan: &Plan) -> Vec<String> {
    let totals = &plan.totals;
    let mut lines = vec![match totals.changed {
        0 => "Nothing changes".to_owned(),
        changed => words::title(naming, &input.deed, changed),
    }];
    if totals.unchanged > 0 {
        let so = if totals.unchanged == 1 { "is so already" } else { "are so already" };
        lines.push(format!("{} {so}", words::people(naming, totals.unchanged)));
    }
    if plan.tokens_suspended > 0 {
        let (one, many) = ("API token is suspended", "API tokens are suspended");
        lines.push(count(plan.tokens_suspended, one, many));
    }
    if plan.sessions_ended > 0 {
        lines.push(count(plan.sessions_ended, "session ends", "sessions end"));
    }
    if totals.frees > 0 {
        lines.push(count(totals.frees, "license becomes free", "licenses become free"));
    }
    if totals.takes > 0 {
        let needed = count(totals.takes, "license is needed", "licenses are needed");
        lines.push(format!("{needed}, {} free", number(plan.licenses.free().max(0).unsigned_abs())));
    }
    // What a deletion says of it stands above everything else.
    match input.deed {
        Deed::Delete => {}
        _ if totals.changed == 0 => {}
        _ if input.deed.can_be_undone() => lines.push("For ten minutes it can be undone for all".into()),
        _ => lines.push("It cannot be undone in one step; the audit log says of each what was before".into()),
    }
    lines
}

/// Those who stay as they are, under the reasons, the most frequent first.
fn skipped(naming: &Naming, people: &[PlanRow]) -> Vec<Skipped> {
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    for row in people {
        let Some(why) = row.words.as_deref() else { continue };
        match reasons.iter_mut().find(|(known, _)| *known == why) {
            Some((_, names)) => names.push(&row.name),
            None => reasons.push((why, vec![&row.name])),
        }
    }
    reasons.sort_by_key(|(_, names)| std::cmp::Reverse(names.len()));
    let reasons = reasons.into_iter().map(|(why, names)| {
        let rest = names.len().saturating_sub(NAMED);
        Skipped {
            count: words::people(naming, i64::try_from(names.len()).unwrap_or(i64::MAX)),
            why: why.to_owned(),
            names: names.into_iter().take(NAMED).map(str::to_owned).collect(),
            more: (rest > 0).then(|| format!("and {} more", number(rest as u64))),
        }
    });
    reasons.collect()
}

fn row(row: &PlanRow) -> BulkRow {
    let chip = Chip::new(row.person.uuid(), &row.name)
        .with_picture(picture(row.person, row.picture.as_deref()))
        .deactivated(row.status == domain::person::StatusWord::Deactivated)
        .looking(Look::Row);
    BulkRow {
        chip: Some(chip),
        email: row.email.clone(),
        outcome: words::outcome(Some(row.outcome), true),
        why: row.words.clone().unwrap_or_default(),
    }
}
