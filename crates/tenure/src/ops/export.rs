//! People as CSV, a piece at a time, in the columns that an import reads; and all that is known of one person.

use std::collections::HashMap;

use domain::{
    Refusal,
    actor::Authority,
    audit::Action,
    id::PersonId,
    import::Column,
    part,
    person::{Kind, Person, StatusWord},
    role::Role,
};
use serde_json::{Value, json};

use super::{load, record::Record};
use crate::{
    ctx::Ctx,
    error::{Error, Result},
    sheet,
    store::{
        Rx, Store, Tx, audit, export,
        grid::{self, Cursor, GridQuery, GridRow, Side},
        organizations, people, pictures, teams, workspaces,
    },
};

/// An export of people under way: who match a grid's query, page by page.
#[derive(Debug)]
pub struct People {
    query: GridQuery,
    /// Whether it tells what only administrators see.
    whole: bool,
    began: bool,
    ended: bool,
    rows: usize,
}

/// Begins an export of people, and records it. What members ask for that is not theirs to see is left out.
pub async fn begin(tx: &mut Tx, ctx: &Ctx, query: GridQuery) -> Result<People> {
    let authority = load::actor(tx, ctx).await?;
    desk_only(&authority)?;
    let whole = authority.may_administer().is_ok();
    let query = if whole { query } else { query.for_members() };
    let query = GridQuery { grouped: false, cursor: None, limit: GridQuery::MOST, ..query };
    Record::of(Action::Exported)
        .after(json!({ "kind": query.kind, "view": query.view.word(), "filtered": query.is_filtered() }))
        .save(tx, ctx)?;
    Ok(People { query, whole, began: false, ended: false, rows: 0 })
}

/// Customers see nobody but themselves.
fn desk_only(authority: &Authority) -> Result<()> {
    authority.may_act()?;
    match &authority.person {
        Some(Person { kind: Kind::Customer, .. }) => Err(Refusal::UsersOnly.into()),
        _ => Ok(()),
    }
}

impl People {
    fn columns(&self) -> Vec<Column> {
        let mut columns = vec![Column::Name, Column::Email];
        columns.push(if self.query.kind == Kind::User { Column::Teams } else { Column::Organization });
        if self.query.kind == Kind::User {
            columns.push(Column::Role);
        }
        columns.push(Column::Status);
        if self.whole {
            columns.extend([Column::ExternalId, Column::LastLogin]);
        }
        columns
    }

    /// How many people have been written.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// The next rows, the first with the header before them; `None` at the end. Whoever is deactivated or demoted
    /// meanwhile gets no more.
    pub async fn next(&mut self, store: &Store, ctx: &Ctx) -> Result<Option<Vec<u8>>> {
        if self.ended {
            return Ok(None);
        }
        let mut rx = store.reader().await?;
        let authority = load::unlocked::<0>(&mut rx, ctx, []).await?.authority;
        desk_only(&authority)?;
        if self.whole {
            authority.may_administer()?;
        }
        let columns = self.columns();
        let mut lines = Vec::new();
        if !self.began {
            lines.push(columns.iter().map(|column| column.name().to_owned()).collect());
        }
        let workspace = workspaces::load(&mut rx, ctx.workspace).await?;
        let page = grid::page(&mut rx, &workspace, &self.query, ctx.now).await?;
        let ids: Vec<PersonId> = page.rows.iter().map(|row| row.row.person.id).collect();
        let externals = if self.whole && !ids.is_empty() {
            export::external_ids(&mut rx, ctx.workspace, &ids).await?.into_iter().collect()
        } else {
            HashMap::new()
        };
        drop(rx);
        self.rows += page.rows.len();
        lines.extend(page.rows.iter().map(|row| line(row, &columns, &externals)));
        let next = page.next.filter(|cursor: &Cursor| cursor.side == Side::After);
        (self.began, self.ended) = (true, next.is_none());
        self.query.cursor = next;
        sheet::lines(lines).map(Some)
    }
}

fn line(row: &GridRow, columns: &[Column], externals: &HashMap<PersonId, String>) -> Vec<String> {
    let person = &row.row.person;
    let cell = |column: &Column| match column {
        Column::Name => person.name.clone(),
        Column::Email => person.email.clone(),
        Column::Teams | Column::Organization => {
            row.groups.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>().join("; ")
        }
        Column::Role => match person.role {
            Role::Member => "Member",
            Role::Administrator => "Administrator",
            Role::Owner => "Owner",
        }
        .to_owned(),
        Column::Status => match person.status.word() {
            StatusWord::Active => "Active",
            StatusWord::Invited => "Invited",
            StatusWord::Deactivated => "Deactivated",
        }
        .to_owned(),
        Column::ExternalId => externals.get(&person.id).cloned().unwrap_or_default(),
        Column::LastLogin => row.row.last_sign_in.map_or_else(String::new, |at| at.to_string()),
        Column::FirstName | Column::LastName => String::new(),
    };
    columns.iter().map(cell).collect()
}

/// All that is known of one person.
#[derive(Debug)]
pub struct Data {
    /// Everything but the picture.
    pub json: Value,
    /// The picture: media type and bytes.
    pub picture: Option<(String, Vec<u8>)>,
}

/// Collects all that is known of a person, and records it: for administrators, and for oneself.
pub async fn person(tx: &mut Tx, ctx: &Ctx, id: PersonId) -> Result<Data> {
    let load::Loaded { authority, people: [row] } = load::locked(tx, ctx, [id]).await?;
    part::edit_profile(&authority, &row.person, false)?;
    let data = collect(tx, ctx, &row).await?;
    Record::of(Action::PersonExported).person(id).save(tx, ctx)?;
    Ok(data)
}

async fn collect(rx: &mut Rx, ctx: &Ctx, row: &people::PersonRow) -> Result<Data> {
    let (ws, id) = (ctx.workspace, row.person.id);
    let person = &row.person;
    let member_of = teams::of_person(rx, ws, id).await?;
    let organization = organizations::of_person(rx, ws, id).await?;
    let external_id = export::external_ids(rx, ws, &[id]).await?.pop().map(|(_, external)| external);
    let entries = export::entries(rx, ws, id).await?;
    let json = json!({
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
        "sessions": export::sessions(rx, ws, id).await?,
        "links": export::links(rx, ws, id).await?,
        "licenses": export::spans(rx, ws, id).await?,
        "steps": export::steps(rx, ws, id).await?,
        "views": export::views(rx, ws, id).await?,
        "held_requests": export::held_requests(rx, ws, id).await?,
        "audit_log": entries.iter().map(entry).collect::<Vec<_>>(),
    });
    Ok(Data { json, picture: pictures::load(rx, ws, id).await? })
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

impl Data {
    /// The data as a ZIP file: `person.json`, and the picture.
    pub fn zip(&self) -> Result<Vec<u8>> {
        use std::io::Write as _;
        let internal = |error: &dyn std::fmt::Display| Error::Internal(error.to_string());
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        let stored =
            zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        let json = serde_json::to_vec_pretty(&self.json).map_err(|error| internal(&error))?;
        let picture = self.picture.as_ref().map(|(kind, bytes)| {
            let ending = kind.rsplit('/').next().unwrap_or("bin");
            (format!("picture.{ending}"), bytes.as_slice())
        });
        for (name, bytes) in [("person.json".to_owned(), json.as_slice())].into_iter().chain(picture) {
            zip.start_file(name, stored).map_err(|error| internal(&error))?;
            zip.write_all(bytes).map_err(|error| internal(&error))?;
        }
        Ok(zip.finish().map_err(|error| internal(&error))?.into_inner())
    }
}
