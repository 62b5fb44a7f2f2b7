//! The conditions of a grid, each as a check of a person and, where an index holds it, as a source of people.
//!
//! A check is written so that no index answers it (`+column`, `column || ''`): without statistics `SQLite` would
//! prefer such an index to that of the order, and sort everything it finds.

use domain::{id::GroupId, person::StatusWord, role::Role};

use super::groups::Groups;
use super::query::{GroupFilter, Range, Sort, StatusFilter, View};
use super::text::{Text, Value};
use crate::text::{Piece, Query};

/// A condition that an index answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Driver {
    /// A piece of what is searched for.
    Gram(Piece),
    Group(GroupId),
    Ungrouped,
    Never,
    Seen,
    Created,
    /// Administrators and the owner: few in any workspace.
    Trusted,
    Returns,
    Overdue,
    /// Either of both.
    Attention,
    Status(StatusWord),
}

/// Under how many pieces of the same beginning somebody is filed at the most, as a rule: by name, by address, by both.
const EACH: i64 = 3;

/// How many of a long search text's pieces are counted to find the rarest.
const PIECES: usize = 16;

/// The conditions of `view` that an index answers.
pub(super) fn drivers(view: &View<'_>) -> Vec<Driver> {
    let query = view.query;
    let pieces = view.search.pieces();
    let step = pieces.len().div_ceil(PIECES).max(1);
    let mut all: Vec<_> = pieces.iter().step_by(step).cloned().map(Driver::Gram).collect();
    all.extend(view.group.map(|group| match group {
        GroupFilter::In(id) => Driver::Group(id),
        GroupFilter::None => Driver::Ungrouped,
    }));
    let trusted = query.role.is_some_and(|role| role != Role::Member);
    for (given, driver) in [
        (view.never, Driver::Never),
        (view.seen.is_some(), Driver::Seen),
        (view.created.is_some(), Driver::Created),
        (trusted, Driver::Trusted),
        (query.asked_to_return, Driver::Returns),
        (query.review_overdue, Driver::Overdue),
        (view.attention(), Driver::Attention),
    ] {
        if given {
            all.push(driver);
        }
    }
    // The index of every order begins with the status, so alone it needs no driver. Groups have another order.
    let expired = query.status == Some(StatusFilter::Expired);
    if !all.is_empty() || query.grouped || expired {
        all.extend(view.status.map(Driver::Status));
    }
    all
}

impl Driver {
    /// Whether an index has the people of this condition in the order of the grid.
    pub(super) fn is_aligned(&self, view: &View<'_>) -> bool {
        let sort = view.query.sort;
        match self {
            // Then the last sign-in is the same for all, and the order by id is in the index of those alone.
            Self::Status(_) | Self::Seen if view.never && sort == Sort::LastSignIn => false,
            Self::Status(_) => true,
            Self::Group(_) | Self::Ungrouped | Self::Gram(Piece::Is(_)) => view.sorts_by_name(),
            Self::Never => {
                sort == Sort::LastSignIn || view.sorts_by_name() && view.status == Some(StatusWord::Active)
            }
            Self::Seen => sort == Sort::LastSignIn,
            Self::Created => sort == Sort::Created,
            Self::Gram(Piece::Begins(_))
            | Self::Trusted
            | Self::Returns
            | Self::Overdue
            | Self::Attention => false,
        }
    }

    /// `select … person_id …` of the people that the condition leaves; other conditions are checked later. Of a piece of
    /// text `near`, too: by it [`Self::met`] finds them where the lists are.
    pub(super) fn select(&self, text: &mut Text, view: &View<'_>) {
        match self {
            Self::Gram(piece @ Piece::Begins(_)) => {
                text.put("select distinct h.person_id, h.near from (");
                filed(text, piece);
                text.put(") h");
            }
            Self::Gram(piece) => filed(text, piece),
            Self::Group(id) => {
                let Groups { members, id: column, .. } = view.groups();
                text.add(
                    &format!(
                        "select m.person_id from {members} m where m.workspace_id = {{w}} and m.{column} = {{}}"
                    ),
                    [Value::Id(id.uuid())],
                );
            }
            // Somebody may be in both; each of the two ends early on its own.
            Self::Attention => {
                text.put("select t.person_id from (");
                Self::Returns.select(text, view);
                text.put(" limit 10001) t union select t.person_id from (");
                Self::Overdue.select(text, view);
                text.put(" limit 10001) t");
            }
            _ => {
                text.put("select d.person_id from people d where d.workspace_id = {w} and d.kind = {k}");
                self.on_people(text, view);
            }
        }
    }

    /// As [`Self::select`], from the first `most` of what is filed under the condition.
    pub(super) fn select_some(&self, text: &mut Text, view: &View<'_>, most: i64) {
        let limit = [Value::Number(most)];
        if let Self::Gram(piece @ Piece::Begins(_)) = self {
            text.put("select distinct h.person_id, h.near from (");
            filed(text, piece);
            text.add(" limit {}) h", limit);
        } else {
            self.select(text, view);
            text.add(" limit {}", limit);
        }
    }

    /// How much is filed under the condition, counted to one more than `most`.
    pub(super) fn count_filed(&self, text: &mut Text, view: &View<'_>, most: i64) {
        text.put("select count(*) from (");
        match self {
            Self::Gram(piece) => filed(text, piece),
            _ => self.select(text, view),
        }
        text.add(" limit {}) e", [Value::Number(most + 1)]);
    }

    /// How many people the condition leaves, counted to one more than `most`; as many are said, too, where more is filed than
    /// [`EACH`] times that. `PostgreSQL` would look at all that is filed before it leaves out the first who is there twice.
    pub(super) fn count_people(&self, text: &mut Text, view: &View<'_>, most: i64) {
        if let Self::Gram(piece @ Piece::Begins(_)) = self {
            let bound = most.saturating_mul(EACH);
            text.add(
                "select case when count(*) > {} then {} else count(distinct c.person_id) end from (",
                [Value::Number(bound), Value::Number(most + 1)],
            );
            filed(text, piece);
            text.add(" limit {}) c", [Value::Number(bound + 1)]);
        } else {
            text.put("select count(*) from (");
            self.select(text, view);
            text.add(" limit {}) c", [Value::Number(most + 1)]);
        }
    }

    /// How many people are among the first that are filed under a piece: `most` times [`EACH`].
    pub(super) fn count_first(&self, text: &mut Text, most: i64) {
        text.put("select count(distinct c.person_id) from (");
        if let Self::Gram(piece) = self {
            filed(text, piece);
        }
        text.add(" limit {}) c", [Value::Number(most.saturating_mul(EACH))]);
    }

    /// How many of [`View::conditions`] the people of [`Self::select`] meet: the status is looked up with a time, and
    /// with the last sign-in since when they have it.
    pub(super) fn held(&self, view: &View<'_>) -> usize {
        let status = usize::from(view.status.is_some());
        match self {
            Self::Never | Self::Created => 1 + status,
            Self::Seen => 1 + status + usize::from(view.active_before.is_some()),
            _ => 1,
        }
    }

    /// What `people p` have in common with those of `from`, rows of [`Self::select`].
    pub(super) fn met(&self, from: &str) -> String {
        match self {
            Self::Gram(_) => near(from),
            _ => format!(" p.workspace_id = {{w}} and p.person_id = {from}.person_id and p.kind = {{k}}"),
        }
    }

    fn on_people(&self, text: &mut Text, view: &View<'_>) {
        match self {
            Self::Trusted => {
                text.put(" and d.role <> 'member'");
            }
            Self::Returns => {
                text.put(" and d.return_asked is not null");
            }
            Self::Overdue => {
                let today = Value::Text(view.today.clone());
                text.add(" and d.review_on is not null and d.review_on < {}", [today]);
            }
            Self::Ungrouped => {
                text.put(&format!(" and {}", view.groups().none("d")));
            }
            _ => {
                status(text, "d.status", view.status);
                match self {
                    Self::Never => {
                        text.put(" and d.last_sign_in = 0");
                    }
                    Self::Seen => {
                        range(text, "d.last_sign_in", view.seen, Open::Both);
                        active_before(text, "d.status_since", view.active_before);
                    }
                    Self::Created => range(text, "d.created", view.created, Open::Both),
                    _ => {}
                }
            }
        }
    }
}

/// `people p` of the list rows `from`, by the index in the lists' order: the one that knows the id alone would be
/// preferred, and lead to rows anywhere, so the id is held from both sides.
pub(super) fn near(from: &str) -> String {
    format!(
        " p.workspace_id = {{w}} and p.kind = {{k}} and p.near = {from}.near and p.person_id >= {from}.person_id \
         and p.person_id <= {from}.person_id"
    )
}

impl View<'_> {
    /// Whether rows are ordered by name alone: by status, too, when there is but one.
    pub(super) fn sorts_by_name(&self) -> bool {
        self.query.sort == Sort::Name || self.query.sort == Sort::Status && self.status.is_some()
    }
}

/// Which ends of a range an index may answer: at the other end a cursor is, closer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Open {
    Neither,
    From,
    To,
    Both,
}

fn range(text: &mut Text, column: &str, range: Option<Range>, open: Open) {
    let Range { from, to } = range.unwrap_or_default();
    let plus = |open: bool| if open { "" } else { "+" };
    if let Some(from) = from {
        let by = plus(matches!(open, Open::From | Open::Both));
        text.add(&format!(" and {by}{column} >= {{}}"), [Value::Number(from)]);
    }
    if let Some(to) = to {
        let by = plus(matches!(open, Open::To | Open::Both));
        text.add(&format!(" and {by}{column} < {{}}"), [Value::Number(to)]);
    }
}

/// Checked, not looked up: the index of the last sign-in has it beside that.
fn active_before(text: &mut Text, column: &str, before: Option<i64>) {
    if let Some(before) = before {
        text.add(&format!(" and +{column} < {{}}"), [Value::Number(before)]);
    }
}

/// As a literal: a bound status would miss the partial indexes.
pub(super) fn status(text: &mut Text, column: &str, status: Option<StatusWord>) {
    if let Some(status) = status {
        text.put(&format!(" and {column} = '{}'", status.word()));
    }
}

/// What a statement knows already of the people it checks.
#[derive(Debug, Clone, Copy)]
pub(super) enum Known<'a> {
    /// Nothing.
    Nothing,
    /// This condition holds.
    Holds(&'a Driver),
    /// This condition is to be answered by the index of the order, from the given ends.
    Index(&'a Driver, Open),
}

/// What is filed under a piece, somebody perhaps several times.
fn filed(text: &mut Text, piece: &Piece) {
    text.put("select g.person_id, g.near from grams g where g.workspace_id = {w} and g.kind = {k}");
    under(text, piece);
}

/// Which grams `g` are looked up for a piece.
pub(super) fn under(text: &mut Text, piece: &Piece) {
    match piece {
        Piece::Is(gram) => text.add(" and g.gram = {}", [Value::Text(gram.clone())]),
        Piece::Begins(begin) => {
            let ends = [Value::Text(begin.clone()), Value::Text(Piece::end(begin))];
            text.add(" and g.gram >= {} and g.gram < {}", ends)
        }
    };
}

/// Adds every condition on `people p` but workspace and kind, each beginning with `and`.
pub(super) fn conditions(text: &mut Text, view: &View<'_>, known: Known<'_>) {
    let query = view.query;
    let holds = |driver: &Driver| matches!(known, Known::Holds(held) if held == driver);
    let by_index = |driver: &Driver| match known {
        Known::Index(held, open) if held == driver => open,
        _ => Open::Neither,
    };
    let plus = |driver: &Driver| if by_index(driver) == Open::Neither { "+" } else { "" };

    // The index of those in no team does not have the status; the status must not draw to one that does.
    let column =
        if matches!(known, Known::Index(Driver::Ungrouped, _)) { "p.status || ''" } else { "p.status" };
    status(text, column, view.status);
    if query.status == Some(StatusFilter::Expired) {
        text.put(" and p.invite_expired");
    }
    if let Some(role) = query.role {
        text.put(&format!(" and p.role = '{}'", role.word()));
    }
    if view.never && !holds(&Driver::Never) {
        text.put(&format!(" and {}p.last_sign_in = 0", plus(&Driver::Never)));
    }
    if !holds(&Driver::Seen) {
        range(text, "p.last_sign_in", view.seen, by_index(&Driver::Seen));
        active_before(text, "p.status_since", view.active_before);
    }
    if !holds(&Driver::Created) {
        range(text, "p.created", view.created, by_index(&Driver::Created));
    }
    if query.asked_to_return && !holds(&Driver::Returns) {
        text.put(" and +p.return_asked is not null");
    }
    if query.review_overdue && !holds(&Driver::Overdue) {
        text.add(" and p.review_on || '' < {}", [Value::Text(view.today.clone())]);
    }
    if view.attention() && !holds(&Driver::Attention) {
        let today = Value::Text(view.today.clone());
        text.add(" and (+p.return_asked is not null or p.review_on || '' < {})", [today]);
    }
    match view.group {
        Some(GroupFilter::None) if !holds(&Driver::Ungrouped) => {
            let groups = view.groups();
            let indexed = by_index(&Driver::Ungrouped) != Open::Neither;
            let none = if indexed { groups.none("p") } else { groups.none_checked("p") };
            text.put(&format!(" and {none}"));
        }
        Some(GroupFilter::In(id))
            if !holds(&Driver::Group(id)) && by_index(&Driver::Group(id)) == Open::Neither =>
        {
            let Groups { members, id: column, .. } = view.groups();
            text.add(
                &format!(
                    " and exists (select 1 from {members} e where e.workspace_id = {{w}} and e.{column} = {{}} \
                     and e.person_id = p.person_id)"
                ),
                [Value::Id(id.uuid())],
            );
        }
        _ => {}
    }
    search(text, view, known);
}

/// What only the index tells of a person is looked up there, the rest in their text.
fn search(text: &mut Text, view: &View<'_>, known: Known<'_>) {
    let held = match known {
        Known::Holds(Driver::Gram(piece)) => Some(piece),
        _ => None,
    };
    match &view.search {
        Query::Exact(piece) if held == Some(piece) => {}
        Query::Exact(Piece::Is(gram)) => {
            text.add(
                " and exists (select 1 from grams e where e.workspace_id = {w} and e.kind = {k} \
                 and e.gram = {} and e.near = p.near and e.person_id = p.person_id)",
                [Value::Text(gram.clone())],
            );
        }
        _ => {
            if let Some(pattern) = view.search.like_pattern() {
                text.add(" and p.search_text like {} escape '\\'", [Value::Text(pattern)]);
            }
        }
    }
}
