//! All that is known of one person, as a ZIP that is written while it is read: nobody's work is too much for it.

use std::{
    io::Write,
    sync::{Arc, Mutex, PoisonError},
};

use domain::{audit::Action, id::PersonId, part};
use serde_json::{Value, json};
use zip::{
    CompressionMethod, ZipWriter,
    write::{SimpleFileOptions, StreamWriter},
};

use crate::{
    ctx::Ctx,
    error::{Error, Result},
    ops::{load, record::Record},
    store::{
        Rx, Store, Tx, audit, export,
        export_work::{self, List, Place},
        organizations, people, pictures, scim, teams, workspaces,
    },
};

/// How many entries of a list are read at once; a message may have 100,000 characters.
const PAGE: i64 = 100;

/// The export of one person's data under way: `person.json`, the picture, and a file for each list of what they hold,
/// wrote and were named in.
pub struct PersonData {
    id: PersonId,
    zip: Option<Box<ZipWriter<StreamWriter<Sink>>>>,
    made: Sink,
    /// The lists that are left; the first is the one that is written.
    lists: &'static [List],
    place: Option<Place>,
}

impl std::fmt::Debug for PersonData {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PersonData").field("id", &self.id).field("lists", &self.lists).finish_non_exhaustive()
    }
}

/// Begins to collect all that is known of a person, and records it: for administrators, and for oneself.
pub async fn person(tx: &mut Tx, ctx: &Ctx, id: PersonId) -> Result<PersonData> {
    let load::Loaded { authority, people: [row] } = load::locked(tx, ctx, [id]).await?;
    part::edit_profile(&authority, &row.person, false)?;
    let json = collect(tx, ctx, &row).await?;
    let picture = pictures::load(tx, ctx.workspace, id).await?;
    Record::of(Action::PersonExported).person(id).save(tx, ctx)?;
    PersonData::begin(id, &json, picture)
}

impl PersonData {
    fn begin(id: PersonId, json: &Value, picture: Option<(String, Vec<u8>)>) -> Result<Self> {
        let made = Sink::default();
        let mut zip = ZipWriter::new_stream(made.clone());
        file(&mut zip, "person.json")?;
        write(&mut zip, &serde_json::to_vec_pretty(json).map_err(|error| internal(&error))?)?;
        if let Some((kind, bytes)) = picture {
            file(&mut zip, &format!("picture.{}", kind.rsplit('/').next().unwrap_or("bin")))?;
            write(&mut zip, &bytes)?;
        }
        Ok(Self { id, zip: Some(Box::new(zip)), made, lists: &List::ALL, place: None })
    }

    /// The next bytes of the ZIP; `None` at the end. Whoever is deactivated or demoted meanwhile gets no more.
    pub async fn next(&mut self, store: &Store, ctx: &Ctx) -> Result<Option<Vec<u8>>> {
        let Some(zip) = &mut self.zip else { return Ok(None) };
        let Some(list) = self.lists.first().copied() else {
            let zip = self.zip.take().ok_or_else(|| Error::Internal("the ZIP has ended".into()))?;
            zip.finish().map_err(|error| internal(&error))?;
            return Ok(Some(self.made.take()));
        };
        let mut rx = store.reader().await?;
        let load::Loaded { authority, people: [row] } = load::unlocked(&mut rx, ctx, [self.id]).await?;
        part::edit_profile(&authority, &row.person, false)?;
        let begun = self.place.is_some();
        if !begun {
            file(zip, &format!("{}.json", list.name()))?;
        }
        let after = self.place.take().unwrap_or_else(Place::first);
        let page = export_work::page(&mut rx, ctx.workspace, self.id, (list, &after), PAGE).await?;
        drop(rx);
        let mut separator = if begun { ",\n" } else { "[\n" };
        for (entry, _) in &page {
            write(zip, separator.as_bytes())?;
            write(zip, &serde_json::to_vec(entry).map_err(|error| internal(&error))?)?;
            separator = ",\n";
        }
        let is_full = i64::try_from(page.len()).is_ok_and(|rows| rows == PAGE);
        if let Some((_, place)) = page.into_iter().next_back().filter(|_| is_full) {
            self.place = Some(place);
        } else {
            write(zip, if separator == "[\n" { b"[]\n" } else { b"\n]\n" })?;
            self.lists = &self.lists[1..];
        }
        Ok(Some(self.made.take()))
    }
}

/// What the ZIP has written and nobody has taken yet.
#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Sink {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn internal(error: &dyn std::fmt::Display) -> Error {
    Error::Internal(error.to_string())
}

fn file(zip: &mut ZipWriter<StreamWriter<Sink>>, name: &str) -> Result<()> {
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    zip.start_file(name, stored).map_err(|error| internal(&error))
}

fn write(zip: &mut ZipWriter<StreamWriter<Sink>>, bytes: &[u8]) -> Result<()> {
    zip.write_all(bytes).map_err(|error| internal(&error))
}

async fn collect(rx: &mut Rx, ctx: &Ctx, row: &people::PersonRow) -> Result<Value> {
    let (ws, id) = (ctx.workspace, row.person.id);
    let person = &row.person;
    let member_of = teams::of_person(rx, ws, id).await?;
    let organization = organizations::of_person(rx, ws, id).await?;
    let external_id = export::external_ids(rx, ws, &[id]).await?.pop().map(|(_, external)| external);
    let said = scim::load(rx, ws, id).await?.and_then(|known| known.said);
    let entries = export::entries(rx, ws, id).await?;
    Ok(json!({
        "exported": ctx.now,
        "workspace": workspaces::load(rx, ws).await?.name,
        "profile": {
            "id": id,
            "kind": person.kind,
            "name": person.name,
            "email": person.email,
            "role": person.role,
            "status": person.status,
            "language": row.language,
            "time_zone": row.time_zone,
            "theme": row.theme,
            "external_id": external_id,
            "password_set": row.password_set,
            "last_sign_in": row.last_sign_in,
            "return_asked": row.return_asked,
            "return_dismissed": row.return_dismissed,
            "created": row.created,
        },
        "teams": member_of.iter().map(|team| json!({ "id": team.id, "name": team.name })).collect::<Vec<_>>(),
        "organization": organization.map(|of| json!({ "id": of.id, "name": of.name })),
        "directory": said.map(|said| json!({
            "user_name": said.user_name,
            "attributes": serde_json::from_str::<Value>(&said.attributes).unwrap_or_default(),
        })),
        "sessions": export::sessions(rx, ws, id).await?,
        "links": export::links(rx, ws, id).await?,
        "tokens": export::tokens(rx, ws, id).await?,
        "licenses": export::spans(rx, ws, id).await?,
        "steps": export::steps(rx, ws, id).await?,
        "views": export::views(rx, ws, id).await?,
        "held_requests": export::held_requests(rx, ws, id).await?,
        "audit_log": entries.iter().map(entry).collect::<Vec<_>>(),
    }))
}

/// An entry as it was recorded, with its personal values.
fn entry(entry: &audit::Entry) -> Value {
    let parsed = |text: &str| serde_json::from_str::<Value>(text).unwrap_or(Value::Null);
    json!({
        "id": entry.id,
        "at": entry.at,
        "actor": entry.actor,
        "actor_id": entry.actor_id,
        "action": entry.action,
        "person": entry.person,
        "before": parsed(&entry.before),
        "after": parsed(&entry.after),
        "personal": entry.personal.as_ref().map(|(_, value)| parsed(value)),
        "door": entry.door,
    })
}
