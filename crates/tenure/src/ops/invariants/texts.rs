//! What must hold of the index by which texts are found: it has every text, as it now is.

use domain::id::WorkspaceId;
use uuid::Uuid;

use crate::{
    error::Result,
    statements,
    store::{Rx, dialect::Codes},
    text,
};

/// Texts that are read at once.
const PAGE: i64 = 500;

/// How many codes of each text are looked for: spread over it.
const LOOKED: usize = 24;

statements! {
    TEXTS = "select t.entry, coalesce(t.message_id, t.item_id), coalesce(m.body, i.description) from texts t \
             left join messages m on m.workspace_id = t.workspace_id and m.message_id = t.message_id \
             join items i on i.workspace_id = t.workspace_id and i.item_id = t.item_id \
             where t.workspace_id = $1 and t.entry > $2 order by t.entry limit $3";
    INDEXED = {
        sqlite: "select count(*) from text_index where $1 is not null and text_index match $2 and rowid = $3",
        postgres: "select count(*) from text_index x where x.workspace_id = $1 and x.codes @> $2 and x.entry = $3",
    };
    MISSED = scan "select m.message_id, m.body from messages m where m.workspace_id = $1 and not exists \
             (select 1 from texts t where t.workspace_id = $1 and t.message_id = m.message_id) \
             union all select i.item_id, i.description from items i where i.workspace_id = $1 and i.description <> '' \
             and not exists (select 1 from texts t where t.workspace_id = $1 and t.item_id = i.item_id \
             and t.message_id is null)";
}

/// Everything that does not hold of it.
pub(super) async fn check(rx: &mut Rx, ws: WorkspaceId, wrong: &mut Vec<String>) -> Result<()> {
    let codes = |body: &str| text::codes(ws.uuid(), &text::readable(body));
    let missed =
        rx.all(&MISSED, &[&ws.uuid()], |row| Ok((row.get::<Uuid>(0)?, row.get::<String>(1)?))).await?;
    let missed = missed.into_iter().filter(|(_, body)| !codes(body).is_empty());
    wrong.extend(missed.map(|(id, _)| format!("search does not know this text: {id}")));
    let mut after = i64::MIN;
    loop {
        let read = |row: &crate::store::Row<'_>| {
            Ok((row.get::<i64>(0)?, row.get::<Uuid>(1)?, row.get::<String>(2)?))
        };
        let page = rx.all(&TEXTS, &[&ws.uuid(), &after, &PAGE], read).await?;
        let Some((last, ..)) = page.last() else { return Ok(()) };
        after = *last;
        for (entry, id, body) in page {
            let all = codes(&body);
            let some: Vec<i32> = all.iter().copied().step_by(all.len().div_ceil(LOOKED).max(1)).collect();
            if some.is_empty() {
                continue;
            }
            let values: [&dyn crate::store::Param; 3] = [&ws.uuid(), &Codes(some), &entry];
            if rx.one(&INDEXED, &values, |row| row.get::<i64>(0)).await? != Some(1) {
                wrong.push(format!("search knows this text as it is not: {id}"));
            }
        }
    }
}
