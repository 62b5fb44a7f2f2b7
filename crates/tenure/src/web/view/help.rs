//! The help centre and the request form, as customers and everybody else see them.

use askama::Template;

use super::{Field, Link, When, item::Prose, shell::Shell};

/// `/help`, with `q`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "help/home.html")]
pub struct HelpPage {
    /// What stands around it.
    pub shell: Shell,
    /// What was searched for.
    pub search: String,
    /// The sections with their articles.
    pub sections: Vec<HelpSection>,
    /// What the search found; `None` without one.
    pub found: Option<Vec<HelpHit>>,
    /// Where one can ask.
    pub ask: Option<Link>,
    /// What only users are told: "The help centre is off."
    pub notice: Option<String>,
}

/// A section with its articles.
#[derive(Clone, Debug, Default)]
pub struct HelpSection {
    /// Its name.
    pub title: String,
    /// Its articles.
    pub articles: Vec<Link>,
}

/// An article that a search found.
#[derive(Clone, Debug, Default)]
pub struct HelpHit {
    /// Title and address.
    pub article: Link,
    /// The section that it stands in.
    pub section: String,
    /// What stands where it was found.
    pub excerpt: String,
}

/// `/help/{slug}`. The title is the heading.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "help/article.html")]
pub struct HelpArticle {
    /// What stands around it.
    pub shell: Shell,
    /// The section that it stands in.
    pub section: String,
    /// When it last changed.
    pub updated: When,
    /// The text.
    pub body: Prose,
    /// The other articles of the section.
    pub others: Vec<Link>,
    /// Where one can ask.
    pub ask: Option<Link>,
    /// What only users are told: "This is a draft."
    pub notice: Option<String>,
    /// Where it is edited, for users.
    pub edit: Option<String>,
}

/// `/request`. Fields: `name`, `email`, `title`, `body`; `website` stays empty.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "help/request.html")]
pub struct RequestForm {
    /// What stands around it.
    pub shell: Shell,
    /// Why it was not sent.
    pub error: Option<String>,
    /// The sender's name.
    pub name: Field,
    /// The sender's address.
    pub email: Field,
    /// What it is about, in a line.
    pub title: Field,
    /// The whole of it.
    pub body: Field,
    /// How long that may be.
    pub most: usize,
    /// Where answers stand already.
    pub help: bool,
}

/// `/request?sent=1`: the same words whoever has the address.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "help/sent.html")]
pub struct RequestSent {
    /// What stands around it.
    pub shell: Shell,
    /// Where answers stand already.
    pub help: bool,
}

/// What the sender reads of whose address the workspace takes nothing.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "help/refused.html")]
pub struct RequestRefused {
    /// What stands around it.
    pub shell: Shell,
    /// "Requests from this address are not accepted."
    pub text: String,
    /// What the workspace says to do instead, line by line.
    pub contact: Vec<String>,
    /// The title that was typed, to be copied.
    pub title: String,
    /// The text that was typed, to be copied.
    pub body: String,
}
