//! The page of a file that was sent: what is understood of it, what it would do, and what it did.

use axum::response::Response;
use domain::import::Column;

use super::{super::license, receive::href, steps::glance, words};
use crate::{
    app::App,
    error::Result,
    import::{
        Glance, Mapping, known,
        uploads::{Choices, Found, Stage, State, Upload},
    },
    store::workspaces,
    web::{
        desk::{form::Refused, frame::Frame, words::count},
        fields::Fields,
        pages::picture::size,
        view::{
            Choice,
            import::{Ask, BadLine, FileColumn, ImportPage, Licenses, Preview, Work},
            naming::Naming,
            number,
            shell::Place,
        },
    },
};

/// The most columns that can be chosen for; whoever has more leaves them as they are understood.
const MOST_COLUMNS: usize = 200;
/// How much of a cell is shown as an example, in characters.
const EXAMPLE: usize = 60;

/// The name of the field for the column at this place.
pub(super) fn column(at: usize) -> String {
    format!("column-{at}")
}

/// What each column of the file is taken for.
pub(super) fn taken(header: &[String], choices: &Choices) -> Vec<Option<Column>> {
    if let Ok(mapping) = Mapping::read(header, &choices.maps) {
        return mapping.pairs().map(|(_, column)| column).collect();
    }
    let chosen = |(at, name): (usize, &String)| match choices.maps.get(at).filter(|(from, _)| from == name) {
        Some((_, to)) => known(to),
        None => known(name),
    };
    header.iter().enumerate().map(chosen).collect()
}

/// What the form holds: what was typed into it, else what was chosen last.
fn typed(state: &State, fields: Option<&Fields>) -> (Choices, String) {
    let choices = state.choices.clone();
    match fields {
        None => {
            let licenses = choices.licenses.map(|number| number.to_string()).unwrap_or_default();
            (choices, licenses)
        }
        Some(fields) => {
            let typed = Choices {
                skip_bad: fields.ticked("skip_bad"),
                update_status: fields.ticked("update_status"),
                past_brake: fields.ticked("past_brake"),
                ..choices
            };
            (typed, fields.get("licenses").to_owned())
        }
    }
}

/// Draws it; `fields` and `wrong` are of a form that was refused.
pub(super) async fn page(
    app: &App,
    naming: &'static Naming,
    frame: &Frame,
    upload: &Upload,
    fields: Option<&Fields>,
    wrong: &Refused,
) -> Result<Response> {
    let state = upload.state().clone();
    let licenses = workspaces::load(&mut app.store.point().await?, upload.workspace).await?.licenses;
    let (choices, licenses_typed) = typed(&state, fields);
    let asks = matches!(state.stage, Stage::Wrong(_) | Stage::Checked(_) | Stage::Failed(_));
    let glance = if asks { glance(upload).await? } else { Glance::default() };
    let columns = columns(&glance, &choices);
    let mut page = ImportPage {
        shell: frame.shell(Place::of(naming), format!("Import {}", naming.many)),
        app: naming,
        href: href(naming, upload.id),
        file: upload.name.clone(),
        sent: sent(frame, upload),
        notice: wrong.error.clone().or(state.notice.clone()),
        asks: asks && !columns.is_empty(),
        columns,
        ..ImportPage::default()
    };
    match &state.stage {
        Stage::Wrong(why) => page.refused = Some(why.to_string()),
        Stage::Failed(why) => page.refused = Some(why.clone()),
        Stage::Checking(progress) | Stage::Running(progress) => {
            let importing = matches!(state.stage, Stage::Running(_));
            let (done, total, _) = progress.now();
            page.work = Some(Work { label: words::progress(progress, importing), done, total, importing });
        }
        Stage::Checked(found) => {
            list(&mut page, found);
            let has_status = page.columns.iter().any(|column| column.is_taken_for(Column::Status));
            page.preview = Some(Preview {
                now: words::happens(naming, &found.report, Some(licenses.free()), false),
                stays: words::stays(naming, &found.report),
                skip_bad: (found.report.bad > 0).then(|| Ask {
                    label: format!("Leave out {}, and import the others", bad(found.report.bad)),
                    ticked: choices.skip_bad,
                }),
                update_status: has_status.then_some(choices.update_status),
                licenses: needs(naming, found, &licenses, &licenses_typed, wrong),
                brake: found.brake.clone().map(|words| (words, choices.past_brake)),
                button: words::button(naming, &found.report),
            });
        }
        Stage::Done(found) => {
            list(&mut page, found);
            page.done = words::happens(naming, &found.report, None, true);
            page.kept = words::stays(naming, &found.report);
        }
    }
    Ok(frame.draw_as(wrong.status, &page))
}

fn bad(rows: u64) -> String {
    count(i64::try_from(rows).unwrap_or(i64::MAX), "bad row", "bad rows")
}

/// "1.2 MiB, sent by Ada Lovelace at 14:20".
fn sent(frame: &Frame, upload: &Upload) -> String {
    let bytes = usize::try_from(upload.bytes).unwrap_or(usize::MAX);
    format!("{}, sent by {}, {}", size(bytes), upload.by.1, frame.times().clock(upload.at))
}

fn columns(glance: &Glance, choices: &Choices) -> Vec<FileColumn> {
    let taken = taken(&glance.header, choices);
    let columns = glance.header.iter().zip(taken).enumerate().take(MOST_COLUMNS);
    columns
        .map(|(at, (name, taken))| {
            let option = |column: Column| Choice::new(column.name(), column.name(), taken == Some(column));
            let none = Choice::new("", "Left out", taken.is_none());
            let example = glance.first.get(at).map_or("", |cell| cell.trim());
            FileColumn {
                field: column(at),
                name: name.clone(),
                example: example.chars().take(EXAMPLE).collect(),
                choices: std::iter::once(none).chain(Column::ALL.map(option)).collect(),
            }
        })
        .collect()
}

/// The rows that are wrong.
fn list(page: &mut ImportPage, found: &Found) {
    let rest = found.report.bad.saturating_sub(found.bad.len() as u64);
    page.bad_title = (found.report.bad > 0).then(|| bad(found.report.bad));
    page.bad = found
        .bad
        .iter()
        .map(|row| BadLine {
            line: number(row.line),
            column: row.column.clone(),
            message: row.message.clone(),
        })
        .collect();
    page.more = (rest > 0).then(|| format!("and {} more", number(rest)));
}

/// What is asked about licenses: of users, as soon as any is taken.
fn needs(
    naming: &Naming,
    found: &Found,
    there: &domain::license::Licenses,
    typed: &str,
    wrong: &Refused,
) -> Option<Licenses> {
    let (report, owned) = (&found.report, there.owned);
    if !naming.is_users() || (report.licenses_taken <= 0 && typed.is_empty()) {
        return None;
    }
    let whole = |number: i64| number.max(0).unsigned_abs();
    let least = owned + report.licenses_added + report.licenses_missing;
    let missing = report.licenses_missing > 0;
    let price = license::add(there).and_then(|add| add.price);
    let price = price.map(|price| format!(" One costs {}.", price.one)).unwrap_or_default();
    Some(Licenses {
        missing: missing.then(|| words::missing(report)),
        owned: wrong.field("licenses", typed),
        hint: if missing {
            format!(
                "{} are owned now. At least {} are needed.{price}",
                number(whole(owned)),
                number(whole(least))
            )
        } else {
            format!(
                "{} are owned now. A larger number raises it in the same step.{price}",
                number(whole(owned))
            )
        },
    })
}
