//! Which column of a file is which.

use domain::import::Column;

use crate::text;

/// Why a file cannot be read as one of people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// The file has no header.
    #[error("The file is empty. Its first line names the columns, such as Name,Email.")]
    Empty,
    /// The header is not text.
    #[error("The file is not UTF-8 text. Save it as CSV with the encoding UTF-8.")]
    NotText,
    /// Something needed is not there.
    #[error("The file has no column {missing}. It has: {}.", list(found))]
    Missing {
        /// What is missing.
        missing: &'static str,
        /// What the header names.
        found: Vec<String>,
    },
    /// Two columns of the file are the same.
    #[error("Two columns of the file are {column}: “{first}” and “{second}”.")]
    Twice {
        /// The column.
        column: &'static str,
        /// One.
        first: String,
        /// The other.
        second: String,
    },
    /// A mapping names a column that the file does not have.
    #[error("The file has no column “{named}” to be mapped. It has: {}.", list(found))]
    NotThere {
        /// What was named.
        named: String,
        /// What the header names.
        found: Vec<String>,
    },
    /// A mapping names something that an import does not know.
    #[error("“{0}” is no column that an import knows. It knows: {known}.", known = names())]
    NotKnown(String),
    /// The file cannot be read.
    #[error("The file cannot be read: {0}.")]
    Unreadable(String),
}

fn list(found: &[String]) -> String {
    if found.is_empty() {
        return "nothing".into();
    }
    // A file that is no CSV may have a line of any length.
    found.iter().take(50).map(|name| name.chars().take(80).collect::<String>()).collect::<Vec<_>>().join(", ")
}

fn names() -> String {
    Column::ALL.map(Column::name).join(", ")
}

/// Other names by which desks export the same columns, folded to letters and digits.
const ALSO: [(&str, Column); 25] = [
    ("givenname", Column::FirstName),
    ("forename", Column::FirstName),
    ("surname", Column::LastName),
    ("familyname", Column::LastName),
    ("fullname", Column::Name),
    ("displayname", Column::Name),
    ("emailaddress", Column::Email),
    ("mail", Column::Email),
    ("workemail", Column::Email),
    ("primaryemail", Column::Email),
    ("team", Column::Teams),
    ("group", Column::Teams),
    ("groups", Column::Teams),
    ("organisation", Column::Organization),
    ("company", Column::Organization),
    ("account", Column::Organization),
    ("userrole", Column::Role),
    ("state", Column::Status),
    ("externalid", Column::ExternalId),
    ("externalidentifier", Column::ExternalId),
    ("externalref", Column::ExternalId),
    ("lastsignin", Column::LastLogin),
    ("lastlogindate", Column::LastLogin),
    ("lastsignindate", Column::LastLogin),
    ("lastseen", Column::LastLogin),
];

fn folded(name: &str) -> String {
    text::fold(name).chars().filter(|c| c.is_alphanumeric()).collect()
}

/// The column of this name, in any case and with or without blanks and hyphens.
#[must_use]
pub fn known(name: &str) -> Option<Column> {
    let folded = folded(name);
    let own = Column::ALL.into_iter().find(|column| self::folded(column.name()) == folded);
    own.or_else(|| ALSO.iter().find(|(also, _)| *also == folded).map(|(_, column)| *column))
}

/// Where in a row each column stands, and what the file calls it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    header: Vec<String>,
    columns: Vec<Option<Column>>,
}

impl Mapping {
    /// Reads a header. `chosen` says of columns of the file, by name, what they are, or with an empty
    /// text that they are to be left out.
    pub fn read(header: &[String], chosen: &[(String, String)]) -> Result<Self, Wrong> {
        let mut mapping = Self::guess(header, chosen)?;
        // A name in two forms is whole already.
        if mapping.has(Column::Name) && (mapping.has(Column::FirstName) || mapping.has(Column::LastName)) {
            let by_hand = |column| chosen.iter().any(|(_, to)| known(to) == Some(column));
            let leave = if by_hand(Column::FirstName) || by_hand(Column::LastName) {
                vec![Column::Name]
            } else {
                vec![Column::FirstName, Column::LastName]
            };
            for slot in &mut mapping.columns {
                *slot = slot.filter(|column| !leave.contains(column));
            }
        }
        mapping.check()?;
        Ok(mapping)
    }

    fn guess(header: &[String], chosen: &[(String, String)]) -> Result<Self, Wrong> {
        let mut columns: Vec<Option<Column>> = header.iter().map(|name| known(name)).collect();
        let mut by_hand: Vec<(usize, Option<Column>)> = Vec::new();
        for (from, to) in chosen {
            // Of several that are called the same, the next one.
            let free = |at: &usize| by_hand.iter().all(|(taken, _)| taken != at);
            let exact = |at: &usize| header[*at] == *from;
            let alike = |at: &usize| folded(&header[*at]) == folded(from);
            let find = |fits: &dyn Fn(&usize) -> bool| (0..header.len()).find(fits);
            let at = find(&|at| exact(at) && free(at)).or_else(|| find(&exact));
            let at = at.or_else(|| find(&|at| alike(at) && free(at))).or_else(|| find(&alike));
            let Some(at) = at else {
                return Err(Wrong::NotThere { named: from.clone(), found: header.to_vec() });
            };
            let column = match to.trim() {
                "" => None,
                to => Some(known(to).ok_or_else(|| Wrong::NotKnown(to.to_owned()))?),
            };
            columns[at] = column;
            by_hand.push((at, column));
        }
        // What was chosen wins over what only looks like it.
        for (at, slot) in columns.iter_mut().enumerate() {
            let chosen_here = by_hand.iter().any(|(place, _)| *place == at);
            let taken = slot.is_some() && by_hand.iter().any(|(_, column)| *column == *slot);
            if taken && !chosen_here {
                *slot = None;
            }
        }
        Ok(Self { header: header.to_vec(), columns })
    }

    fn check(&self) -> Result<(), Wrong> {
        for column in Column::ALL {
            let mut at = self.columns.iter().enumerate().filter(|(_, slot)| **slot == Some(column));
            if let (Some((first, _)), Some((second, _))) = (at.next(), at.next()) {
                let name = |at: usize| self.header[at].clone();
                return Err(Wrong::Twice { column: column.name(), first: name(first), second: name(second) });
            }
        }
        let missing = |missing| Err(Wrong::Missing { missing, found: self.header.clone() });
        if !self.has(Column::Email) {
            return missing("Email");
        }
        if ![Column::Name, Column::FirstName, Column::LastName].into_iter().any(|column| self.has(column)) {
            return missing("Name, nor First Name or Last Name");
        }
        Ok(())
    }

    /// Whether the file has this column.
    #[must_use]
    pub fn has(&self, column: Column) -> bool {
        self.columns.contains(&Some(column))
    }

    /// Where the column stands.
    #[must_use]
    pub fn place(&self, column: Column) -> Option<usize> {
        self.columns.iter().position(|slot| *slot == Some(column))
    }

    /// What the file calls a column.
    #[must_use]
    pub fn name(&self, column: Column) -> &str {
        self.place(column).map_or(column.name(), |at| &self.header[at])
    }

    /// The columns of the file that are left out.
    pub fn ignored(&self) -> impl Iterator<Item = &str> {
        let pairs = self.header.iter().zip(&self.columns);
        pairs.filter(|(_, slot)| slot.is_none()).map(|(name, _)| name.as_str())
    }

    /// Each column of the file by name, with what it is taken for.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, Option<Column>)> {
        self.header.iter().zip(&self.columns).map(|(name, slot)| (name.as_str(), *slot))
    }

    /// How many columns the file has.
    #[must_use]
    pub fn width(&self) -> usize {
        self.header.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(header: &[&str], chosen: &[(&str, &str)]) -> Result<Mapping, Wrong> {
        let header: Vec<String> = header.iter().map(|name| (*name).to_owned()).collect();
        let chosen: Vec<_> = chosen.iter().map(|(from, to)| ((*from).into(), (*to).into())).collect();
        Mapping::read(&header, &chosen)
    }

    #[test]
    fn columns_are_known_by_many_names_and_the_others_are_named() {
        let mapping = read(&["first name", "LAST_NAME", "E-Mail", "Phone", "external id"], &[]);
        let mapping = mapping.expect("a header");
        assert_eq!(mapping.place(Column::Email), Some(2));
        assert_eq!(mapping.name(Column::Email), "E-Mail");
        assert_eq!(mapping.place(Column::ExternalId), Some(4));
        assert_eq!(mapping.ignored().collect::<Vec<_>>(), ["Phone"]);
    }

    #[test]
    fn what_is_missing_is_said_with_what_is_there() {
        let wrong = read(&["Name", "Adresse"], &[]).expect_err("no address");
        assert_eq!(wrong.to_string(), "The file has no column Email. It has: Name, Adresse.");
        let wrong = read(&["Email"], &[]).expect_err("no name");
        assert_eq!(
            wrong.to_string(),
            "The file has no column Name, nor First Name or Last Name. It has: Email."
        );
        assert!(matches!(read(&["Name", "Email", "Mail"], &[]), Err(Wrong::Twice { .. })));
    }

    #[test]
    fn a_choice_wins_over_a_guess() {
        let mapping = read(&["Name", "Email", "Kontakt"], &[("Kontakt", "Email")]).expect("a header");
        assert_eq!(mapping.place(Column::Email), Some(2));
        assert_eq!(mapping.ignored().collect::<Vec<_>>(), ["Email"]);
        let mapping = read(&["Name", "Email", "State"], &[("state", "")]).expect("a header");
        assert!(!mapping.has(Column::Status));
        assert!(matches!(read(&["Name", "Email"], &[("Mail", "Email")]), Err(Wrong::NotThere { .. })));
        assert!(matches!(read(&["Name", "Email"], &[("Name", "Nick")]), Err(Wrong::NotKnown(_))));
    }

    #[test]
    fn a_whole_name_wins_over_its_parts_unless_they_are_chosen() {
        let mapping = read(&["Name", "First Name", "Email"], &[]).expect("a header");
        assert_eq!((mapping.has(Column::Name), mapping.has(Column::FirstName)), (true, false));
        let chosen = [("Vorname", "First Name")];
        let mapping = read(&["Name", "Vorname", "Email"], &chosen).expect("a header");
        assert_eq!((mapping.has(Column::Name), mapping.has(Column::FirstName)), (false, true));
    }
}
