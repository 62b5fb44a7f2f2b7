//! Filters (RFC 7644, section 3.4.2.2) and the paths of changes (section 3.5.2): read into a tree.

use serde_json::Value;

use super::{Problem, ProblemKind, schema::ResourceType};

/// How deep a filter may be nested.
pub const DEEPEST: usize = 32;
/// How long a filter may be, in bytes.
pub const LONGEST: usize = 8_192;

/// The attribute that a filter or a path names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// The schema in front of it, where one is named.
    pub schema: Option<String>,
    /// The attribute; empty where the schema alone is named.
    pub attribute: String,
    /// An attribute of its own.
    pub part: Option<String>,
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `eq`
    Equal,
    /// `ne`
    Unequal,
    /// `co`
    Contains,
    /// `sw`
    Starts,
    /// `ew`
    Ends,
    /// `gt`
    Greater,
    /// `ge`
    GreaterOrEqual,
    /// `lt`
    Less,
    /// `le`
    LessOrEqual,
}

impl Operator {
    /// Every operator.
    pub const ALL: [Self; 9] = [
        Self::Equal,
        Self::Unequal,
        Self::Contains,
        Self::Starts,
        Self::Ends,
        Self::Greater,
        Self::GreaterOrEqual,
        Self::Less,
        Self::LessOrEqual,
    ];

    /// The word in a filter.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Equal => "eq",
            Self::Unequal => "ne",
            Self::Contains => "co",
            Self::Starts => "sw",
            Self::Ends => "ew",
            Self::Greater => "gt",
            Self::GreaterOrEqual => "ge",
            Self::Less => "lt",
            Self::LessOrEqual => "le",
        }
    }
}

/// What is asked of a value.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// `pr`: whether there is one.
    Present,
    /// How it compares.
    Compared(Operator, Value),
}

/// A filter.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// Both.
    And(Box<Filter>, Box<Filter>),
    /// At least one.
    Or(Box<Filter>, Box<Filter>),
    /// Not this.
    Not(Box<Filter>),
    /// An attribute by its value.
    Test(Name, Test),
    /// One of several values, by its own attributes: `emails[type eq "work"]`, perhaps with `.value eq "…"` behind.
    Within(Name, Box<Filter>, Option<Test>),
}

/// The path of a change: an attribute, perhaps those of its values that a filter finds.
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    /// The attribute; its part stands behind the filter where there is one.
    pub name: Name,
    /// Which of its values.
    pub filter: Option<Filter>,
}

fn wrong(kind: ProblemKind, at: usize, says: &str) -> Problem {
    Problem::new(kind, format!("{says} (at character {}).", at + 1))
}

/// Reads a filter.
pub fn parse(text: &str, of: ResourceType) -> Result<Filter, Problem> {
    let mut reader = Reader::new(text, of, ProblemKind::InvalidFilter)?;
    let filter = reader.any(0)?;
    reader.blanks();
    if reader.rest().is_empty() {
        Ok(filter)
    } else {
        Err(reader.wrong("Here the filter should end, or go on with and, or"))
    }
}

/// Reads the path of a change.
pub fn parse_path(text: &str, of: ResourceType) -> Result<Path, Problem> {
    let mut reader = Reader::new(text.trim(), of, ProblemKind::InvalidPath)?;
    let mut name = reader.name()?;
    let mut filter = None;
    if reader.eat("[") {
        filter = Some(reader.any(1)?);
        reader.blanks();
        reader.expect("]")?;
        if reader.eat(".") {
            name.part = Some(reader.word()?);
        }
    }
    if reader.rest().is_empty() {
        Ok(Path { name, filter })
    } else {
        Err(reader.wrong("Here the path should end"))
    }
}

/// Reads the name of an attribute, as `attributes` and `excludedAttributes` list them.
pub fn parse_name(text: &str, of: ResourceType) -> Result<Name, Problem> {
    let mut reader = Reader::new(text.trim(), of, ProblemKind::InvalidValue)?;
    let name = reader.name()?;
    if reader.rest().is_empty() { Ok(name) } else { Err(reader.wrong("Here the name should end")) }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    of: ResourceType,
    kind: ProblemKind,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, of: ResourceType, kind: ProblemKind) -> Result<Self, Problem> {
        if text.len() > LONGEST {
            return Err(Problem::new(kind, format!("This may have at most {LONGEST} bytes.")));
        }
        Ok(Self { text, at: 0, of, kind })
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn wrong(&self, says: &str) -> Problem {
        wrong(self.kind, self.text[..self.at].chars().count(), says)
    }

    fn blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn eat(&mut self, sign: &str) -> bool {
        let found = self.rest().starts_with(sign);
        if found {
            self.at += sign.len();
        }
        found
    }

    fn expect(&mut self, sign: &str) -> Result<(), Problem> {
        if self.eat(sign) { Ok(()) } else { Err(self.wrong(&format!("Here a {sign} is missing"))) }
    }

    /// A keyword, in any case, that ends where a word ends.
    fn keyword(&mut self, word: &str) -> bool {
        let rest = self.rest();
        let is = rest.get(..word.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(word));
        let ends = rest.get(word.len()..).is_some_and(|after| !after.starts_with(is_of_word));
        if is && ends {
            self.at += word.len();
        }
        is && ends
    }

    /// `or` binds least.
    fn any(&mut self, depth: usize) -> Result<Filter, Problem> {
        let mut filter = self.all(depth)?;
        loop {
            self.blanks();
            if !self.keyword("or") {
                return Ok(filter);
            }
            filter = Filter::Or(Box::new(filter), Box::new(self.all(depth)?));
        }
    }

    fn all(&mut self, depth: usize) -> Result<Filter, Problem> {
        let mut filter = self.one(depth)?;
        loop {
            self.blanks();
            if !self.keyword("and") {
                return Ok(filter);
            }
            filter = Filter::And(Box::new(filter), Box::new(self.one(depth)?));
        }
    }

    fn one(&mut self, depth: usize) -> Result<Filter, Problem> {
        if depth > DEEPEST {
            return Err(self.wrong(&format!("A filter may be nested {DEEPEST} deep")));
        }
        self.blanks();
        let began = self.at;
        if self.keyword("not") {
            self.blanks();
            if self.eat("(") {
                return Ok(Filter::Not(Box::new(self.closed(depth)?)));
            }
            // Perhaps an attribute is called so.
            self.at = began;
        }
        if self.eat("(") {
            return self.closed(depth);
        }
        let name = self.name()?;
        if self.eat("[") {
            let inner = self.any(depth + 1)?;
            self.blanks();
            self.expect("]")?;
            return self.behind(name, inner);
        }
        let test = self.test()?;
        Ok(Filter::Test(name, test))
    }

    /// What a parenthesis holds, to its end.
    fn closed(&mut self, depth: usize) -> Result<Filter, Problem> {
        let filter = self.any(depth + 1)?;
        self.blanks();
        self.expect(")")?;
        Ok(filter)
    }

    /// What stands behind the brackets.
    fn behind(&mut self, mut name: Name, inner: Filter) -> Result<Filter, Problem> {
        if self.eat(".") {
            name.part = Some(self.word()?);
            let test = self.test()?;
            return Ok(Filter::Within(name, Box::new(inner), Some(test)));
        }
        Ok(Filter::Within(name, Box::new(inner), None))
    }

    fn test(&mut self) -> Result<Test, Problem> {
        self.blanks();
        if self.keyword("pr") {
            return Ok(Test::Present);
        }
        let Some(operator) = Operator::ALL.into_iter().find(|operator| self.keyword(operator.word())) else {
            return Err(self.wrong("Here eq, ne, co, sw, ew, gt, ge, lt, le or pr is missing"));
        };
        self.blanks();
        let value = self.value()?;
        let orders = matches!(
            operator,
            Operator::Greater | Operator::GreaterOrEqual | Operator::Less | Operator::LessOrEqual
        );
        let texts = matches!(operator, Operator::Contains | Operator::Starts | Operator::Ends);
        // RFC 7644, table 3: flags have no order, and only texts hold texts.
        let unfit = (orders && !(value.is_string() || value.is_number())) || (texts && !value.is_string());
        if unfit {
            return Err(self.wrong(&format!("{} does not compare this", operator.word())));
        }
        Ok(Test::Compared(operator, value))
    }

    fn value(&mut self) -> Result<Value, Problem> {
        let rest = self.rest();
        let length = if rest.starts_with('"') {
            let mut texts = serde_json::Deserializer::from_str(rest).into_iter::<String>();
            texts.next().and_then(Result::ok).map(|_| texts.byte_offset())
        } else {
            rest.find(|sign: char| sign.is_whitespace() || ")]".contains(sign)).or(Some(rest.len()))
        };
        let value =
            length.and_then(|length| Some((length, serde_json::from_str::<Value>(&rest[..length]).ok()?)));
        match value {
            Some((length, value)) if !(value.is_array() || value.is_object()) => {
                self.at += length;
                Ok(value)
            }
            _ => Err(self.wrong("Here a text in double quotes, a number, true, false or null is missing")),
        }
    }

    fn word(&mut self) -> Result<String, Problem> {
        let rest = self.rest();
        let length = rest.find(|letter| !is_of_word(letter)).unwrap_or(rest.len());
        let word = &rest[..length];
        if !word.starts_with(|first: char| first.is_ascii_alphabetic() || first == '$') {
            return Err(self.wrong("Here the name of an attribute is missing"));
        }
        self.at += length;
        Ok(word.to_owned())
    }

    /// An attribute, perhaps with its schema in front and a part behind.
    fn name(&mut self) -> Result<Name, Problem> {
        let mut schema = None;
        if self.rest().get(..4).is_some_and(|begin| begin.eq_ignore_ascii_case("urn:")) {
            let urn = self.schema()?;
            schema = Some(urn.to_owned());
            if !self.eat(":") {
                return Ok(Name { schema, attribute: String::new(), part: None });
            }
        }
        let attribute = self.word()?;
        let part = if self.eat(".") { Some(self.word()?) } else { None };
        Ok(Name { schema, attribute, part })
    }

    /// One of the URNs that the resource has: their own dots and colons are read with them.
    fn schema(&mut self) -> Result<&'static str, Problem> {
        let rest = self.rest();
        let extensions = self.of.extensions().iter().map(|(urn, _)| *urn);
        let known = std::iter::once(self.of.schema()).chain(extensions);
        let found = known.into_iter().find(|urn| {
            rest.get(..urn.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(urn))
                && !rest[urn.len()..].starts_with(is_of_word)
        });
        match found {
            Some(urn) => {
                self.at += urn.len();
                Ok(urn)
            }
            None => Err(self.wrong("This schema is not one of the resource")),
        }
    }
}

fn is_of_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '$')
}
