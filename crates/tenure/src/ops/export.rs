//! People as CSV, a piece at a time, in the columns that an import reads; and all that is known of one person.

mod person;

pub use person::{PersonData, person};

use std::collections::HashMap;

use domain::{
    Refusal,
    actor::Authority,
    audit::Action,
    id::PersonId,
    import::Column,
    person::{Kind, Person, StatusWord},
    role::Role,
};
use serde_json::json;

use super::{load, record::Record};
use crate::{
    ctx::Ctx,
    error::Result,
    sheet,
    store::{
        Store, Tx, export,
        grid::{self, GridQuery, GridRow},
        workspaces,
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
        let (rows, next) = grid::after(&mut rx, &workspace, &self.query, ctx.now).await?;
        let ids: Vec<PersonId> = rows.iter().map(|row| row.row.person.id).collect();
        let externals = if self.whole && !ids.is_empty() {
            export::external_ids(&mut rx, ctx.workspace, &ids).await?.into_iter().collect()
        } else {
            HashMap::new()
        };
        drop(rx);
        self.rows += rows.len();
        lines.extend(rows.iter().map(|row| line(row, &columns, &externals)));
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
