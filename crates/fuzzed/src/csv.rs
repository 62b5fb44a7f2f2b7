//! A file of people, from its bytes to what each row asks for: as an upload is read, up to where the database is asked.

use std::{
    cell::RefCell,
    collections::HashMap,
    io::{Seek as _, SeekFrom, Write as _},
    path::Path,
};

use domain::{
    actor::{Actor, Authority, Door},
    import::{Asked, Column, add, fits},
    person::{Kind, StatusWord},
    role::Role,
};
use jiff::{Timestamp, tz::TimeZone};
use tempfile::NamedTempFile;
use tenure::{
    import::{self, BadRow, Cells, Doubles, Glance, Print, Source, Wrong},
    limits::Limits,
    ops::profile::Name,
    sheet, text,
};

thread_local! {
    /// The file that the bytes are in: a reader takes a path.
    static FILE: RefCell<Option<NamedTempFile>> = const { RefCell::new(None) };
}

/// How long what is said of a file may be: it names columns, and those may be anything.
const LONGEST_WORDS: usize = 64 << 10;

fn in_a_file<T>(bytes: &[u8], then: impl FnOnce(&Path) -> T) -> T {
    FILE.with_borrow_mut(|kept| {
        let file = kept.get_or_insert_with(|| NamedTempFile::new().expect("a temporary file"));
        file.as_file().set_len(0).expect("the file is emptied");
        file.seek(SeekFrom::Start(0)).expect("its beginning");
        file.write_all(bytes).expect("the bytes are written");
        then(file.path())
    })
}

/// Reads bytes as a file of people. Answers whether a row of it was good.
///
/// # Panics
/// When what is read is not as it must be.
#[must_use]
pub fn check(bytes: &[u8]) -> bool {
    let lines = bytes.split(|byte| *byte == b'\n').count() as u64;
    let (glance, read) =
        in_a_file(bytes, |path| (Glance::at(path), Source::open(path, &[]).map(|source| rows(&source))));
    match read {
        Ok((header, good, bad)) => {
            let glance = glance.expect("what can be read can be looked at");
            assert_eq!(glance.header.len(), header.len());
            for row in &bad {
                assert!((2..=lines).contains(&row.line), "line {} of {lines}", row.line);
                assert!(!row.message.is_empty() && row.to_string().len() <= LONGEST_WORDS, "{row}");
                assert!(row.column.is_empty() || header.contains(&row.column), "{row:?} of {header:?}");
            }
            for cells in &good {
                assert!((2..=lines).contains(&cells.line), "line {} of {lines}", cells.line);
                sound(cells);
            }
            doubles(&good);
            come_back(&good);
            !good.is_empty()
        }
        Err(wrong) => {
            assert!(wrong.to_string().len() <= LONGEST_WORDS, "{} bytes of words", wrong.to_string().len());
            assert!(
                !matches!(wrong, Wrong::NotThere { .. } | Wrong::NotKnown(_)),
                "nothing was chosen: {wrong}"
            );
            false
        }
    }
}

/// The header, the good rows and the bad.
fn rows(source: &Source) -> (Vec<String>, Vec<Cells>, Vec<BadRow>) {
    let header: Vec<String> = source.mapping().pairs().map(|(name, _)| name.to_owned()).collect();
    let (limits, zone) = (Limits::default(), TimeZone::UTC);
    let (mut good, mut bad, mut last) = (Vec::new(), Vec::new(), 1);
    let mut rows = source.rows().expect("an open file");
    while let Some(row) = rows.next_row().expect("a file that is there is read") {
        let line = match row {
            Ok((line, cells)) => {
                assert_eq!(cells.len(), header.len(), "line {line}");
                match import::read(line, &cells, source.mapping(), &limits, &zone) {
                    Ok(cells) => good.push(cells),
                    Err(row) => {
                        assert_eq!(row.line, line);
                        bad.push(row);
                    }
                }
                line
            }
            Err(row) => {
                let line = row.line;
                bad.push(row);
                line
            }
        };
        assert!(line > last, "line {line} follows line {last}");
        last = line;
    }
    (header, good, bad)
}

/// What holds of every row that is good, and of whoever it would bring.
fn sound(cells: &Cells) {
    let limits = Limits::default();
    assert_eq!(text::clean_email(&cells.email, limits.email).as_ref(), Ok(&cells.email));
    assert_eq!(cells.email_key, text::email_key(&cells.email));
    for name in cells.name.iter().chain(&cells.teams).chain(&cells.organization) {
        assert_eq!(text::clean_name(name.as_str(), limits.name).as_deref(), Ok(name.as_str()));
    }
    let mut folded: Vec<String> = cells.teams.iter().map(|team| text::fold(team.as_str())).collect();
    folded.sort_unstable();
    folded.dedup();
    assert_eq!(folded.len(), cells.teams.len(), "a team twice");
    if let Some(id) = &cells.external_id {
        assert!(
            (1..=limits.name).contains(&id.chars().count()) && !id.chars().any(char::is_control),
            "{id:?}"
        );
    }
    assert!(cells.last_login.is_none_or(|at| at > Timestamp::UNIX_EPOCH));
    for kind in [Kind::User, Kind::Customer] {
        let asked = Asked {
            kind,
            external_id: cells.external_id.as_deref(),
            role: cells.role,
            status: cells.status,
            teams: !cells.teams.is_empty(),
            organization: cells.organization.is_some(),
        };
        let machine = Actor::Cli { user: "root".into() };
        let authority = Authority { actor: machine, person: None, token: None, door: Door::Cli };
        if let (Ok(()), Ok((status, role))) = (fits(&asked), add(&authority, &asked, Timestamp::UNIX_EPOCH)) {
            assert!(role != Role::Owner, "rule 9: a file gives no ownership");
            assert_eq!(status.word(), cells.status.unwrap_or(StatusWord::Active));
        }
    }
}

/// A row is a double of an earlier one exactly when they have an address or an external id in common.
fn doubles(good: &[Cells]) {
    let mut doubles = Doubles::default();
    for cells in good {
        doubles.push(cells.line, Print::of(&cells.email_key), cells.external_id.as_deref().map(Print::of));
    }
    doubles.settle();
    let (mut addresses, mut externals) = (HashMap::new(), HashMap::new());
    for cells in good {
        let address = *addresses.entry(&cells.email_key).or_insert(cells.line);
        let external = cells.external_id.as_ref().map(|id| *externals.entry(id).or_insert(cells.line));
        let expected = if address < cells.line {
            Some((Column::Email, address))
        } else {
            external.filter(|line| *line < cells.line).map(|line| (Column::ExternalId, line))
        };
        assert_eq!(doubles.of(cells.line), expected, "line {}", cells.line);
        assert_eq!(doubles.line_of(Print::of(&cells.email_key)), Some(address));
    }
}

const COLUMNS: [Column; 8] = [
    Column::Name,
    Column::Email,
    Column::Teams,
    Column::Organization,
    Column::Role,
    Column::Status,
    Column::ExternalId,
    Column::LastLogin,
];

/// What was read, written as the desk exports it, is read as the same.
fn come_back(good: &[Cells]) {
    if good.is_empty() {
        return;
    }
    let header = COLUMNS.map(|column| column.name().to_owned());
    let written =
        std::iter::once(header).chain(good.iter().map(|cells| COLUMNS.map(|column| cell(cells, column))));
    let bytes = sheet::lines(written).expect("lines");
    let (_, again, bad) = in_a_file(&bytes, |path| rows(&Source::open(path, &[]).expect("a header")));
    assert_eq!(bad, [], "what was good is good");
    let bare = |cells: &Cells| Cells { line: 0, ..cells.clone() };
    assert_eq!(again.iter().map(bare).collect::<Vec<_>>(), good.iter().map(bare).collect::<Vec<_>>());
}

fn cell(cells: &Cells, column: Column) -> String {
    let text = match column {
        Column::Name => cells.name.as_ref().map(|name| name.as_str().to_owned()),
        Column::Email => Some(cells.email.clone()),
        Column::Teams => Some(cells.teams.iter().map(Name::as_str).collect::<Vec<_>>().join("; ")),
        Column::Organization => cells.organization.as_ref().map(|name| name.as_str().to_owned()),
        Column::Role => cells.role.map(|role| role.word().to_owned()),
        Column::Status => cells.status.map(|status| status.word().to_owned()),
        Column::ExternalId => cells.external_id.clone(),
        Column::LastLogin => cells.last_login.map(|at| at.to_string()),
        Column::FirstName | Column::LastName => None,
    };
    text.unwrap_or_default()
}
