//! Reading the lines in which Acme's work is told.

use domain::item::MessageKind;

use super::work::LEAVE;

/// An item as the texts tell it.
#[derive(Debug, Clone, Default)]
pub(super) struct Told {
    pub(super) kind: char,
    pub(super) project: char,
    pub(super) status: char,
    pub(super) priority: usize,
    pub(super) days: i64,
    pub(super) organization: char,
    pub(super) assignees: Vec<String>,
    pub(super) tags: String,
    pub(super) title: String,
    pub(super) description: String,
    /// Reply or note, by whom, what.
    pub(super) messages: Vec<(MessageKind, String, String)>,
}

fn list(text: &str) -> Vec<String> {
    text.split(',').filter(|one| !one.is_empty() && *one != "-").map(str::to_owned).collect()
}

/// An item with a conversation: the line that begins it, without its mark.
pub(super) fn long(rest: &str) -> Option<Told> {
    let mut parts = rest.split(" | ");
    let mut words = parts.next()?.split(' ');
    let mut letter = || words.next()?.chars().next();
    let (kind, project, status) = (letter()?, letter()?, letter()?);
    let priority = words.next()?.parse().ok()?;
    let days = words.next()?.parse().ok()?;
    let organization = words.next()?.chars().next()?;
    let assignees = list(words.next()?);
    let tags = words.collect::<Vec<_>>().join(",");
    let (title, description) = (parts.next()?.to_owned(), parts.next()?.to_owned());
    let days: i64 = if organization == 'G' { i64::min(days, 54) } else { days };
    Some(Told {
        kind,
        project,
        status,
        priority,
        days,
        organization,
        assignees,
        tags,
        title,
        description,
        ..Told::default()
    })
}

/// An item without one: such a line, of this index.
pub(super) fn short(index: usize, line: &str) -> Option<Told> {
    let (head, description) = line.split_once('|')?;
    let mut words = head.splitn(4, ' ');
    let mut letter = || words.next()?.chars().next();
    let (kind, status, third) = (letter()?, letter()?, letter()?);
    let rest = words.next()?;
    let (assignees, title) = if kind == 'k' {
        let (who, title) = rest.split_once(' ')?;
        (list(who), title)
    } else {
        let turn = ["mei", "tomas", "ben", "ada", "ingrid", "priya"];
        let who = if status == 'n' { Vec::new() } else { vec![turn[index % turn.len()].to_owned()] };
        (who, rest)
    };
    let spread = i64::try_from(index).ok()?;
    let days = if assignees.iter().any(|who| who == "ada") {
        LEAVE + 2 + spread % 30
    } else if status == 'n' {
        1 + spread % 12
    } else {
        2 + spread * 37 % 36
    };
    let (project, organization) = if kind == 'k' { (third, '-') } else { ('-', third) };
    Some(Told {
        kind,
        project,
        status,
        priority: 2 + index % 3,
        days,
        organization,
        assignees,
        title: title.to_owned(),
        description: description.to_owned(),
        ..Told::default()
    })
}
