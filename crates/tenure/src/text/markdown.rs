//! Markdown that people write, as HTML that is safe to show.
//!
//! Safe by construction: what was typed as HTML is shown as the text it is, and every tag in the answer is one of those
//! that this file lets the writer make. Links lead by http, https or mail, or within the desk; a picture from elsewhere
//! becomes a link to it, so that looking at a message tells nobody that it was looked at.

use domain::id::PersonId;
use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, TextMergeStream, html};

/// How deep lists and quotes may lie in each other, and how deep marks such as bold; what is deeper stands at this depth.
/// A browser that is given thousands of elements in each other takes long, or gives up.
const DEEPEST: usize = 20;

/// Somebody whom a text mentions, as they are drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// The name shown.
    pub name: String,
    /// Whether they are deactivated: drawn transparent, and labelled.
    pub deactivated: bool,
    /// Where a click leads; `None` for those who may not look further.
    pub href: Option<String>,
}

/// What stands for somebody in the text that is kept: `@[0193…]`. No name is kept, so none is left after a delete.
#[must_use]
pub fn token(person: PersonId) -> String {
    format!("@[{person}]")
}

/// Whom a text mentions by [`token`], each once.
#[must_use]
pub fn tokens(source: &str) -> Vec<PersonId> {
    let mut found = Vec::new();
    for (at, _) in source.match_indices("@[") {
        if let Some((person, _)) = person_at(&source[at..])
            && !found.contains(&person)
        {
            found.push(person);
        }
    }
    found
}

/// Where a text speaks itself: not in code, and not in what it quotes. In the order of the text.
#[must_use]
pub fn spoken(source: &str) -> Vec<std::ops::Range<usize>> {
    let (mut quoted, mut spoken) = (0, Vec::new());
    for (event, range) in Parser::new(source).into_offset_iter() {
        match event {
            Event::Start(Tag::BlockQuote(_) | Tag::CodeBlock(_)) => quoted += 1,
            Event::End(TagEnd::BlockQuote(_) | TagEnd::CodeBlock) => quoted -= 1,
            Event::Text(_) if quoted == 0 => spoken.push(range),
            _ => {}
        }
    }
    spoken
}

/// The text as HTML. `who` says how somebody mentioned is drawn; whom it does not know was deleted.
#[must_use]
pub fn render(source: &str, who: &dyn Fn(PersonId) -> Option<Mention>) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut safe = Safe { who, depth: 0, marks: 0, in_link: 0, in_code: false, dropped: Vec::new() };
    let mut events = Vec::new();
    for event in TextMergeStream::new(Parser::new_ext(source, options)) {
        safe.event(event, &mut events);
    }
    let mut out = String::with_capacity(source.len() * 2);
    html::push_html(&mut out, events.into_iter());
    out
}

/// The text without marks, for lists, files and search: names instead of ids.
#[must_use]
pub fn plain(source: &str, who: &dyn Fn(PersonId) -> Option<Mention>) -> String {
    let mut out = String::with_capacity(source.len());
    for event in TextMergeStream::new(Parser::new(source)) {
        match event {
            Event::Text(text) => {
                for piece in pieces(&text) {
                    match piece {
                        Piece::Text(text) | Piece::Address(text) => out.push_str(text),
                        Piece::Person(person) => {
                            out.push('@');
                            out.push_str(who(person).as_ref().map_or(DELETED, |mention| &mention.name));
                        }
                    }
                }
            }
            Event::Code(text) | Event::Html(text) | Event::InlineHtml(text) => out.push_str(&text),
            Event::SoftBreak | Event::HardBreak => out.push('\n'),
            Event::End(TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::Item | TagEnd::CodeBlock)
                if !out.ends_with('\n') =>
            {
                out.push('\n');
            }
            _ => {}
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// Whom a token names who is not there any more.
const DELETED: &str = "Deleted person";

/// Goes through what the parser found, and lets pass what is safe.
struct Safe<'a> {
    who: &'a dyn Fn(PersonId) -> Option<Mention>,
    depth: usize,
    marks: usize,
    in_link: usize,
    in_code: bool,
    /// For each link or picture that is open, whether its tag was left out.
    dropped: Vec<bool>,
}

impl Safe<'_> {
    fn event<'e>(&mut self, event: Event<'e>, out: &mut Vec<Event<'e>>) {
        match event {
            Event::Start(tag) => self.start(tag, out),
            Event::End(tag) => self.end(tag, out),
            Event::Text(text) if self.in_code => out.push(Event::Text(text)),
            Event::Text(text) => self.text(&text, out),
            // What was typed as HTML is text.
            Event::Html(text) | Event::InlineHtml(text) => out.push(Event::Text(text)),
            Event::SoftBreak => out.push(Event::HardBreak),
            Event::Code(_) | Event::HardBreak | Event::Rule | Event::TaskListMarker(_) => out.push(event),
            // Not asked for above; whatever it holds is text.
            Event::FootnoteReference(text) | Event::InlineMath(text) | Event::DisplayMath(text) => {
                out.push(Event::Text(text));
            }
        }
    }

    fn start<'e>(&mut self, tag: Tag<'e>, out: &mut Vec<Event<'e>>) {
        match tag {
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => {
                let open = if self.in_link == 0 { link(&dest_url) } else { None };
                self.dropped.push(open.is_none());
                if let Some(open) = open {
                    self.in_link += 1;
                    out.push(made(open));
                }
            }
            Tag::Heading { level, .. } => {
                let level = under(level);
                out.push(Event::Start(Tag::Heading {
                    level,
                    id: None,
                    classes: Vec::new(),
                    attrs: Vec::new(),
                }));
            }
            Tag::CodeBlock(_) => {
                self.in_code = true;
                out.push(made("<pre><code>".into()));
            }
            Tag::HtmlBlock => out.push(Event::Start(Tag::Paragraph)),
            Tag::BlockQuote(_) => self.nested(Tag::BlockQuote(None), out),
            Tag::List(_) | Tag::Item => self.nested(tag, out),
            // Alignment would be a style in the page, which the policy forbids.
            Tag::Table(_) => out.push(Event::Start(Tag::Table(Vec::new()))),
            Tag::Emphasis | Tag::Strong | Tag::Strikethrough => {
                self.marks += 1;
                out.extend((self.marks <= DEEPEST).then_some(Event::Start(tag)));
            }
            Tag::Paragraph | Tag::TableHead | Tag::TableRow | Tag::TableCell => out.push(Event::Start(tag)),
            _ => {}
        }
    }

    fn nested<'e>(&mut self, tag: Tag<'e>, out: &mut Vec<Event<'e>>) {
        self.depth += 1;
        if self.depth <= DEEPEST {
            out.push(Event::Start(tag));
        }
    }

    fn end(&mut self, tag: TagEnd, out: &mut Vec<Event<'_>>) {
        match tag {
            TagEnd::Link | TagEnd::Image => {
                let open = self.dropped.pop() == Some(false);
                self.in_link -= usize::from(open);
                out.extend(open.then(|| made("</a>".into())));
            }
            TagEnd::Heading(level) => out.push(Event::End(TagEnd::Heading(under(level)))),
            TagEnd::CodeBlock => {
                self.in_code = false;
                out.push(made("</code></pre>".into()));
            }
            TagEnd::HtmlBlock => out.push(Event::End(TagEnd::Paragraph)),
            TagEnd::BlockQuote(_) | TagEnd::List(_) | TagEnd::Item => {
                if self.depth <= DEEPEST {
                    let tag =
                        if matches!(tag, TagEnd::BlockQuote(_)) { TagEnd::BlockQuote(None) } else { tag };
                    out.push(Event::End(tag));
                }
                self.depth -= 1;
            }
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough => {
                out.extend((self.marks <= DEEPEST).then_some(Event::End(tag)));
                self.marks -= 1;
            }
            TagEnd::Paragraph | TagEnd::Table | TagEnd::TableHead | TagEnd::TableRow | TagEnd::TableCell => {
                out.push(Event::End(tag));
            }
            _ => {}
        }
    }

    fn text(&self, text: &str, out: &mut Vec<Event<'_>>) {
        for piece in pieces(text) {
            match piece {
                Piece::Person(person) => out.push(made(self.mention(person))),
                Piece::Address(address) if self.in_link == 0 && link(address).is_some() => {
                    out.extend(link(address).map(made));
                    out.push(Event::Text(address.to_owned().into()));
                    out.push(made("</a>".into()));
                }
                Piece::Address(text) | Piece::Text(text) => out.push(Event::Text(text.to_owned().into())),
            }
        }
    }

    fn mention(&self, person: PersonId) -> String {
        let Some(mention) = (self.who)(person) else {
            return format!("<span class=\"mention mention--gone\">@{DELETED}</span>");
        };
        let name = escaped(&mention.name);
        let (class, label) = if mention.deactivated {
            ("mention mention--deactivated", "<span class=\"visually-hidden\"> (Deactivated)</span>")
        } else {
            ("mention", "")
        };
        let title = if mention.deactivated { " title=\"Deactivated\"" } else { "" };
        match mention.href.filter(|_| self.in_link == 0) {
            Some(href) => {
                format!("<a class=\"{class}\"{title} href=\"{}\">@{name}{label}</a>", escaped(&href))
            }
            None => format!("<span class=\"{class}\"{title}>@{name}{label}</span>"),
        }
    }
}

/// HTML made here.
fn made<'e>(html: String) -> Event<'e> {
    Event::InlineHtml(CowStr::from(html))
}

/// A page has one heading of the first level, and an item's title is of the second.
const fn under(level: HeadingLevel) -> HeadingLevel {
    match level {
        HeadingLevel::H1 => HeadingLevel::H3,
        HeadingLevel::H2 => HeadingLevel::H4,
        HeadingLevel::H3 => HeadingLevel::H5,
        HeadingLevel::H4 | HeadingLevel::H5 | HeadingLevel::H6 => HeadingLevel::H6,
    }
}

/// The opening tag of a link to where a link may lead.
fn link(to: &str) -> Option<String> {
    // Browsers drop these before they look at the scheme.
    let clean: String = to.chars().filter(|c| !c.is_control() && !c.is_whitespace()).collect();
    let lower = clean.to_ascii_lowercase();
    let outside = ["http://", "https://", "mailto:"].iter().any(|scheme| lower.starts_with(scheme));
    // A second slash or a backslash would lead to another host.
    let within = clean.starts_with('/') && !clean[1..].starts_with(['/', '\\']);
    let rel = if within { "" } else { " rel=\"nofollow noopener noreferrer\"" };
    (outside || within).then(|| format!("<a href=\"{}\"{rel}>", escaped(&clean)))
}

/// Text as it stands between tags or in an attribute.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// A stretch of text.
enum Piece<'t> {
    Text(&'t str),
    /// An address that was typed without marks.
    Address(&'t str),
    Person(PersonId),
}

/// Text divided into mentions, addresses and the rest.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut rest, mut from) = (text, 0);
    while let Some(at) = rest[from..].find(['@', 'h']).map(|at| from + at) {
        let here = &rest[at..];
        let (piece, length) = if let Some((person, length)) = person_at(here) {
            (Piece::Person(person), length)
        } else if let Some(length) = address_at(&rest[..at], here) {
            (Piece::Address(&here[..length]), length)
        } else {
            from = at + 1;
            continue;
        };
        if at > 0 {
            pieces.push(Piece::Text(&rest[..at]));
        }
        pieces.push(piece);
        rest = &here[length..];
        from = 0;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    pieces
}

fn ends_in_a_word(text: &str) -> bool {
    text.chars().next_back().is_some_and(char::is_alphanumeric)
}

/// How long an id may be, however it is written; what follows is not looked at.
const LONGEST_ID: usize = 45;

fn person_at(text: &str) -> Option<(PersonId, usize)> {
    let rest = text.strip_prefix("@[")?;
    let end = rest.bytes().take(LONGEST_ID + 1).position(|byte| byte == b']')?;
    Some((rest[..end].parse().ok()?, end + 3))
}

/// How long the address is that begins here. Within a word none does, and then its end is not looked for: it may be far.
fn address_at(before: &str, text: &str) -> Option<usize> {
    let begins = text.starts_with("http://") || text.starts_with("https://");
    if !begins || ends_in_a_word(before) {
        return None;
    }
    let end = text.find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"')).unwrap_or(text.len());
    // What ends a sentence does not belong to the address.
    let address = text[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '\'']);
    (address.len() > "https://".len()).then_some(address.len())
}

#[cfg(test)]
#[path = "markdown_tests.rs"]
mod tests;
