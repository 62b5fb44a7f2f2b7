//! The help centre at the desk: the list of articles, one article, and the form that writes it.

use askama::Template;

use super::{
    Field, Guard, Link, When,
    chip::Chip,
    item::{ItemHistory, Prose},
    people::Tab,
    shell::Shell,
};

/// `/articles`, with `q` and `state`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "articles/list.html")]
pub struct ArticlesPage {
    /// What stands around it.
    pub shell: Shell,
    /// All, published, drafts.
    pub tabs: Vec<Tab>,
    /// What was searched for in the titles.
    pub search: String,
    /// The state that is shown, handed on by the search; empty for all.
    pub state: &'static str,
    /// The sections with their articles.
    pub sections: Vec<ArticleSection>,
    /// What is said where there are none: a head and what to do.
    pub empty: (String, String),
    /// Whether customers see the help centre at all, and where that is said: "The help centre is off."
    pub notice: Option<String>,
    /// Where that is changed, for administrators.
    pub settings: Option<Link>,
    /// Where customers read it.
    pub public: Link,
}

/// A section of the help centre. Form: `/articles/sections/place` with `section` and `to` (`up`, `down`).
#[derive(Clone, Debug, Default)]
pub struct ArticleSection {
    /// Its name.
    pub title: String,
    /// Its articles, in their order.
    pub rows: Vec<ArticleRow>,
    /// Whether there is one before it, and one behind; `None` where the order is not shown whole.
    pub moves: Option<(bool, bool)>,
}

/// An article in the list. Form: `…/place` with `to` (`up`, `down`).
#[derive(Clone, Debug, Default)]
pub struct ArticleRow {
    /// Its page at the desk.
    pub href: String,
    /// Its title.
    pub title: String,
    /// Whether customers do not see it yet.
    pub draft: bool,
    /// Who wrote it.
    pub author: Chip,
    /// When it last changed.
    pub updated: When,
    /// Whether there is one before it, and one behind, to change places with; `None` where the order is not shown whole.
    pub moves: Option<(bool, bool)>,
}

/// `/articles/{id}` and `/articles/{id}/history`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "articles/article.html")]
pub struct ArticlePage {
    /// What stands around it; the title is the article's.
    pub shell: Shell,
    /// The page's own address.
    pub href: String,
    /// The form's guard.
    pub guard: Guard,
    /// The section that it stands in.
    pub section: String,
    /// Whether customers do not see it yet.
    pub draft: bool,
    /// Who wrote it.
    pub author: Chip,
    /// When it was begun.
    pub created: When,
    /// When it last changed.
    pub updated: When,
    /// Where it is read as customers do.
    pub public: String,
    /// The text.
    pub body: Prose,
    /// What changed, in the place of the text.
    pub history: Option<ItemHistory>,
}

/// `/articles/new` and `/articles/{id}/edit`. Fields: `title`, `section`, `body`, and `step` (`preview`, `draft`,
/// `publish`, `save`).
#[derive(Clone, Debug, Default, Template)]
#[template(path = "articles/edit.html")]
pub struct EditArticle {
    /// What stands around it.
    pub shell: Shell,
    /// Where it posts to.
    pub action: String,
    /// Where "Cancel" leads.
    pub cancel: String,
    /// The form's guard, at the version of what is edited.
    pub guard: Guard,
    /// Why it was not saved.
    pub error: Option<String>,
    /// What others changed since the form was opened.
    pub meanwhile: Vec<String>,
    /// Whether the article is yet to be made.
    pub is_new: bool,
    /// The last change that the form knows of.
    pub since: String,
    /// The title.
    pub title: Field,
    /// What it was when the form was opened, as of the others.
    pub was_title: String,
    /// The section.
    pub section: Field,
    /// What it was.
    pub was_section: String,
    /// Sections that there are.
    pub sections: Vec<String>,
    /// The text.
    pub body: Field,
    /// What it was, or the digest of that.
    pub was_body: String,
    /// How long the text may be.
    pub most: usize,
    /// Under which name a browser keeps what is half written.
    pub draft: String,
    /// What the text looks like.
    pub preview: Option<Prose>,
}
