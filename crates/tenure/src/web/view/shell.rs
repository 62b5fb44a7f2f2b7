//! What stands around every page.

use super::chip::Chip;
use super::naming::{CUSTOMERS, Naming, USERS};
use super::{Guard, Keep, Link};
use domain::item::ItemKind;

use crate::web::{assets, side::Side};

/// The colours a person has chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the device says.
    #[default]
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

impl Theme {
    /// The value of `data-theme`, or `None` to follow the device.
    #[must_use]
    pub fn attribute(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }
}

/// Where everything is searched, and what that is.
pub const EVERYWHERE: (&str, &str) = ("/search", "people and work");

/// The places that the rail leads to, and the person's own pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// What the reader works on.
    MyWork,
    /// The tickets.
    Tickets,
    /// The tasks.
    Tasks,
    /// The projects.
    Projects,
    /// The articles of the help centre.
    Help,
    /// The customers grid.
    Customers,
    /// The customers' organizations.
    Organizations,
    /// The users grid.
    #[default]
    Users,
    /// The teams.
    Teams,
    /// The license ledger.
    Licenses,
    /// The audit log.
    Audit,
    /// The workspace's settings.
    Settings,
    /// The search over everything; not in the rail.
    Search,
    /// One's own profile and sessions; not in the rail.
    Me,
    /// The portal's first page.
    Portal,
}

impl Place {
    /// All the rail can show, in order.
    pub const RAIL: [Self; 12] = [
        Self::MyWork,
        Self::Tickets,
        Self::Tasks,
        Self::Projects,
        Self::Help,
        Self::Customers,
        Self::Organizations,
        Self::Users,
        Self::Teams,
        Self::Licenses,
        Self::Audit,
        Self::Settings,
    ];

    /// The app of people of this kind.
    #[must_use]
    pub fn of(app: &Naming) -> Self {
        if app.is_users() { Self::Users } else { Self::Customers }
    }

    /// The place of the items of a kind.
    #[must_use]
    pub const fn of_items(kind: ItemKind) -> Self {
        match kind {
            ItemKind::Ticket => Self::Tickets,
            ItemKind::Task => Self::Tasks,
        }
    }

    /// What one looks for from here: where it is sent, and what is searched.
    #[must_use]
    pub fn search(self) -> (&'static str, &'static str) {
        match self {
            Self::MyWork => ("/mine", "my work"),
            Self::Tickets => ("/tickets", "tickets"),
            Self::Tasks => ("/tasks", "tasks"),
            Self::Customers => (CUSTOMERS.path, CUSTOMERS.many),
            Self::Users => (USERS.path, USERS.many),
            _ => EVERYWHERE,
        }
    }

    /// What is made new from here: where, what the button says, and whether it is for administrators.
    #[must_use]
    pub fn add(self) -> (String, &'static str, bool) {
        match self {
            Self::MyWork | Self::Tickets | Self::Search => ("/tickets/new".into(), "New ticket", false),
            Self::Tasks => ("/tasks/new".into(), "New task", false),
            Self::Projects => ("/projects/new".into(), "New project", false),
            Self::Help => ("/articles/new".into(), "New article", false),
            Self::Customers | Self::Organizations => (CUSTOMERS.add_path(), CUSTOMERS.add, true),
            _ => (USERS.add_path(), USERS.add, true),
        }
    }

    /// Whether a member may see it, too.
    #[must_use]
    pub fn is_for_members(self) -> bool {
        matches!(
            self,
            Self::MyWork
                | Self::Tickets
                | Self::Tasks
                | Self::Projects
                | Self::Help
                | Self::Customers
                | Self::Users
        )
    }

    /// Whether it keeps its place where the rail is a bar on a phone, which has room for four and for the way to
    /// the rest.
    #[must_use]
    pub fn is_on_bar(self) -> bool {
        matches!(self, Self::MyWork | Self::Tickets | Self::Customers | Self::Users)
    }

    /// What the rail calls it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::MyWork => "My work",
            Self::Tickets => "Tickets",
            Self::Tasks => "Tasks",
            Self::Projects => "Projects",
            Self::Help => "Help centre",
            Self::Customers => "Customers",
            Self::Organizations => "Organizations",
            Self::Users => "Users",
            Self::Teams => "Teams",
            Self::Licenses => "Licenses",
            Self::Audit => "Audit log",
            Self::Settings => "Settings",
            Self::Search => "Search",
            Self::Me => "Your profile",
            Self::Portal => "Home",
        }
    }

    /// Where it is.
    #[must_use]
    pub fn href(self) -> &'static str {
        match self {
            Self::MyWork => "/mine",
            Self::Tickets => "/tickets",
            Self::Tasks => "/tasks",
            Self::Projects => "/projects",
            Self::Help => "/articles",
            Self::Customers => CUSTOMERS.path,
            Self::Organizations => CUSTOMERS.groups_path,
            Self::Users => USERS.path,
            Self::Teams => "/teams",
            Self::Licenses => "/licenses",
            Self::Audit => "/audit",
            Self::Settings => "/settings",
            Self::Search => "/search",
            Self::Me => "/me",
            Self::Portal => "/portal",
        }
    }

    /// The name of its icon in the sprite.
    #[must_use]
    pub fn icon(self) -> &'static str {
        match self {
            Self::MyWork => "mine",
            Self::Tickets => "ticket",
            Self::Tasks => "task",
            Self::Projects => "project",
            Self::Help => "help",
            Self::Customers => CUSTOMERS.icon,
            Self::Organizations => "organization",
            Self::Users => USERS.icon,
            Self::Teams => "teams",
            Self::Licenses => "license",
            Self::Audit => "audit",
            Self::Settings => "settings",
            Self::Search => "search",
            Self::Me | Self::Portal => "person",
        }
    }
}

/// A place in the rail.
#[derive(Clone, Debug)]
pub struct Stop {
    /// Which.
    pub place: Place,
    /// How many people or requests there wait for an administrator: "3", "99+".
    pub mark: Option<String>,
}

/// What the settings' tabs say of what waits for an administrator behind them.
#[derive(Clone, Debug, Default)]
pub struct SettingsMarks {
    /// How many syncs the brake stopped.
    pub syncs: Option<String>,
    /// At how many webhooks nothing arrives.
    pub webhooks: Option<String>,
}

/// Licenses used of licenses owned, always in sight of administrators.
#[derive(Clone, Debug, Default)]
pub struct Meter {
    /// Held by invited and active users.
    pub used: u64,
    /// What the workspace owns.
    pub owned: u64,
}

impl Meter {
    /// "8 of 10 licenses".
    #[must_use]
    pub fn text(&self) -> String {
        let noun = if self.owned == 1 { "license" } else { "licenses" };
        format!("{} of {} {noun}", super::number(self.used), super::number(self.owned))
    }

    /// What can still be given.
    #[must_use]
    pub fn free(&self) -> u64 {
        self.owned.saturating_sub(self.used)
    }

    /// The class of its emphasis: full, or room.
    #[must_use]
    pub fn state(&self) -> &'static str {
        if self.free() == 0 { "full" } else { "room" }
    }
}

/// How a toast is coloured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// It was done.
    #[default]
    Done,
    /// Nothing changed, or a word to know.
    Note,
    /// It was refused.
    Refused,
}

/// The way back from the step that a toast tells of.
#[derive(Clone, Debug, Default)]
pub struct Undo {
    /// `/undo/{step}`.
    pub action: String,
    /// The form's guard.
    pub guard: Guard,
    /// "until 14:32".
    pub until: String,
}

/// What happened, told once on the page after it.
#[derive(Clone, Debug, Default)]
pub struct Toast {
    /// "Ada Lovelace is deactivated."
    pub title: String,
    /// The receipt, line by line.
    pub lines: Vec<String>,
    /// How it is coloured.
    pub tone: Tone,
    /// The way back, while there is one.
    pub undo: Option<Undo>,
    /// What was made, to be looked at.
    pub link: Option<Link>,
}

impl Toast {
    pub(crate) fn tone_class(&self) -> &'static str {
        match self.tone {
            Tone::Done => "done",
            Tone::Note => "note",
            Tone::Refused => "refused",
        }
    }
}

/// What stands around a page of someone signed in.
#[derive(Clone, Debug, Default)]
pub struct Shell {
    /// Desk or portal: the portal's shell has no rail, search or meter.
    pub side: Side,
    /// The page's name, first in the window's title.
    pub title: String,
    /// The workspace's name.
    pub workspace: String,
    /// BCP 47 tag of the page's language.
    pub lang: String,
    /// The colours the person has chosen.
    pub theme: Theme,
    /// The person signed in, without link.
    pub me: Chip,
    /// Their address.
    pub email: String,
    /// What the role is called.
    pub role: String,
    /// Where this page belongs.
    pub place: Place,
    /// What the rail shows: only what the role may see.
    pub rail: Vec<Stop>,
    /// What waits behind the settings' tabs.
    pub settings: SettingsMarks,
    /// The license meter, for administrators.
    pub meter: Option<Meter>,
    /// Whether it is offered to add somebody.
    pub may_invite: bool,
    /// Where the search is sent, what it searches, and whether it is of this page: where that is not as usual for the
    /// place.
    pub search_in: Option<(String, &'static str, bool)>,
    /// What stands in the search field.
    pub search: String,
    /// What the search hands on (view, filters, sort), on the grids only.
    pub search_keeps: Vec<Keep>,
    /// What happened just before.
    pub toasts: Vec<Toast>,
    /// The guard of the sign-out form.
    pub sign_out: Guard,
    /// Where the pages for customers lead.
    pub ways: Vec<Signpost>,
    /// What stands in the corner of a page for customers in the place of one's own menu: for who has none there.
    pub corner: Option<Link>,
}

/// A way in the head of the pages for customers.
#[derive(Clone, Copy, Debug)]
pub struct Signpost {
    /// What is read.
    pub label: &'static str,
    /// Where it leads.
    pub href: &'static str,
    /// Whether one is there.
    pub is_here: bool,
}

impl Shell {
    /// The scripts of the page: the portal has no grid and no dialogs.
    pub(crate) fn scripts(&self) -> &'static [&'static str] {
        if self.side.is_portal() { assets::PORTAL_SCRIPTS } else { assets::SCRIPTS }
    }

    /// What the rail leads to from behind one button, where it is a bar on a phone.
    pub(crate) fn beside_bar(&self) -> Vec<&Stop> {
        self.rail.iter().filter(|stop| !stop.place.is_on_bar()).collect()
    }

    /// Whether the page is one of those behind that button.
    pub(crate) fn is_beside_bar(&self) -> bool {
        self.beside_bar().iter().any(|stop| stop.place == self.place)
    }

    /// Whether something there waits for an administrator.
    pub(crate) fn waits_beside_bar(&self) -> bool {
        self.beside_bar().iter().any(|stop| stop.mark.is_some())
    }

    /// Where the search is sent.
    pub(crate) fn search_path(&self) -> &str {
        self.search_in.as_ref().map_or_else(|| self.place.search().0, |(path, ..)| path)
    }

    /// What is searched.
    pub(crate) fn searches(&self) -> &'static str {
        self.search_in.as_ref().map_or_else(|| self.place.search().1, |(_, what, _)| *what)
    }

    /// The search for the same over everything, from a list that was searched.
    pub(crate) fn everywhere(&self) -> Option<String> {
        let (path, _) = EVERYWHERE;
        let asked = !self.search.trim().is_empty() && self.search_path() != path;
        let query =
            || form_urlencoded::Serializer::new(String::new()).append_pair("q", &self.search).finish();
        asked.then(|| format!("{path}?{}", query()))
    }

    /// The button that makes something new, if the reader may.
    pub(crate) fn add(&self) -> Option<Link> {
        let (href, label, administrators) = self.place.add();
        (self.may_invite || !administrators).then(|| Link::new(label, href))
    }

    /// Whether this is the page of the search over everything: it begins in the field.
    pub(crate) fn is_search(&self) -> bool {
        self.place == Place::Search
    }

    /// Whether the search field searches the page it stands on, so that it may do so as one types.
    pub(crate) fn searches_here(&self) -> bool {
        let lists = matches!(
            self.place,
            Place::Users | Place::Customers | Place::MyWork | Place::Tickets | Place::Tasks | Place::Search
        );
        self.search_in.as_ref().map_or(lists, |(.., here)| *here)
    }
}

/// What stands around a page of someone not signed in, and around errors.
#[derive(Clone, Debug, Default)]
pub struct Bare {
    /// The page's name, first in the window's title.
    pub title: String,
    /// The workspace's name; empty when none is known.
    pub workspace: String,
    /// BCP 47 tag of the page's language.
    pub lang: String,
    /// The colours, when the person is known.
    pub theme: Theme,
    /// Desk or portal.
    pub side: Side,
}
