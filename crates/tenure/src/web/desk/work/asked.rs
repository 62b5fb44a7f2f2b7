//! What a list of items was asked, and the addresses of the same list asked a little differently.

use domain::{id::ProjectId, item::ItemKind};

use crate::{
    error::Result,
    store::{
        grid::Dir,
        item_list::{Assigned, By, Cursor, InProject, ItemQuery, Sort, Statuses},
    },
    web::{
        fields::Fields,
        view::{Keep, shell::Place, work::Words},
    },
};

/// Which list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum At {
    /// Tickets or tasks.
    Kind(ItemKind),
    /// What the reader is assigned.
    Assigned,
    /// What the reader follows.
    Following,
    /// What is in a project.
    Project(ProjectId),
}

impl At {
    /// Where it is.
    pub(super) fn path(self) -> String {
        match self {
            Self::Kind(ItemKind::Ticket) => "/tickets".into(),
            Self::Kind(ItemKind::Task) => "/tasks".into(),
            Self::Assigned | Self::Following => "/mine".into(),
            Self::Project(id) => format!("/projects/{id}"),
        }
    }

    /// To which place of the rail it belongs.
    pub(super) const fn place(self) -> Place {
        match self {
            Self::Kind(kind) => Place::of_items(kind),
            Self::Assigned | Self::Following => Place::MyWork,
            Self::Project(_) => Place::Projects,
        }
    }

    /// Tickets or tasks, where it is of one kind.
    pub(super) const fn kind(self) -> Option<ItemKind> {
        match self {
            Self::Kind(kind) => Some(kind),
            Self::Assigned | Self::Following | Self::Project(_) => None,
        }
    }

    /// What it is called.
    pub(super) fn words(self) -> Words {
        let (one, many) = match self.kind() {
            Some(ItemKind::Ticket) => ("ticket", "tickets"),
            Some(ItemKind::Task) => ("task", "tasks"),
            None => ("item", "items"),
        };
        Words { path: self.path(), one, many, icon: self.place().icon() }
    }

    /// The parameters that are not asked of it, since the list itself says them.
    const fn fixed(self) -> &'static [&'static str] {
        match self {
            Self::Kind(_) => &[],
            Self::Assigned => &["assignee", "sort", "dir"],
            Self::Following => &["follower"],
            Self::Project(_) => &["project"],
        }
    }

    /// What it is asked when nothing is said.
    pub(super) fn plain(self) -> ItemQuery {
        let mut query = ItemQuery::new(self.kind());
        self.fix(&mut query);
        query
    }

    fn fix(self, query: &mut ItemQuery) {
        match self {
            Self::Kind(_) => {}
            Self::Assigned => {
                query.assigned = Some(Assigned::To(By::Me));
                (query.sort, query.dir) = (Sort::Due, Dir::Asc);
            }
            Self::Following => query.follower = Some(By::Me),
            Self::Project(id) => query.project = Some(InProject::In(id)),
        }
    }
}

/// The built-in views of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum View {
    Unfinished,
    Mine,
    Unassigned,
    Held,
    Finished,
    All,
}

impl View {
    /// All of them, in the order of the tabs.
    pub(super) const ALL: [Self; 6] =
        [Self::Unfinished, Self::Mine, Self::Unassigned, Self::Held, Self::Finished, Self::All];
    /// Those of a project.
    pub(super) const OF_PROJECT: [Self; 3] = [Self::Unfinished, Self::Finished, Self::All];

    /// What its tab says.
    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::Unfinished => "Open",
            Self::Mine => "Mine",
            Self::Unassigned => "Unassigned",
            Self::Held => "Held by deactivated people",
            Self::Finished => "Finished",
            Self::All => "All",
        }
    }

    const fn asks(self) -> (Statuses, Option<Assigned>) {
        match self {
            Self::Unfinished => (Statuses::Unfinished, None),
            Self::Mine => (Statuses::Unfinished, Some(Assigned::To(By::Me))),
            Self::Unassigned => (Statuses::Unfinished, Some(Assigned::ToNobody)),
            Self::Held => (Statuses::Unfinished, Some(Assigned::ToDeactivated)),
            Self::Finished => (Statuses::Finished, None),
            Self::All => (Statuses::All, None),
        }
    }

    /// Asks for what it shows.
    pub(super) fn ask(self, query: &mut ItemQuery) {
        (query.statuses, query.assigned) = self.asks();
    }
}

/// A query of a list.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    /// Of which list.
    pub at: At,
    /// What is asked.
    pub query: ItemQuery,
    /// How many rows come before this page, as the link to it said: keyset pages do not know it.
    pub before: i64,
}

/// The names of the filters that the filter form has fields for.
const IN_FORM: &[&str] =
    &["status", "assignee", "team", "project", "due", "requester", "tag", "sort", "dir", "follower"];

impl Asked {
    /// Reads a query string.
    pub(super) fn read(at: At, text: &str) -> Result<Self> {
        let mut kept = form_urlencoded::Serializer::new(String::new());
        if at == At::Assigned {
            // A page's place fits only its own order.
            kept.append_pair("sort", Sort::Due.word());
        }
        let fields = Fields::parse(text.as_bytes())?;
        for (name, value) in fields.iter().filter(|(name, _)| !at.fixed().contains(name)) {
            kept.append_pair(name, value);
        }
        let mut query = ItemQuery::from_query(at.kind(), &kept.finish())?;
        at.fix(&mut query);
        let before = fields.get("at").parse().unwrap_or(0);
        let before = if query.cursor.is_some() { i64::max(before, 0) } else { 0 };
        Ok(Self { at, query, before })
    }

    fn href_of(&self, query: &ItemQuery, before: i64) -> String {
        let text = query.to_query();
        let mut kept = form_urlencoded::Serializer::new(String::new());
        if self.at == At::Following {
            kept.append_pair("tab", "following");
        }
        for (name, value) in form_urlencoded::parse(text.as_bytes()) {
            if !self.at.fixed().contains(&name.as_ref()) {
                kept.append_pair(&name, &value);
            }
        }
        if before > 0 {
            kept.append_pair("at", &before.to_string());
        }
        let text = kept.finish();
        let path = self.at.path();
        if text.is_empty() { path } else { format!("{path}?{text}") }
    }

    /// The query string of its first page: for saved views, and for "all that match".
    pub(super) fn unpaged(&self) -> String {
        self.query.to_query_unpaged()
    }

    /// The first page of the list, asked differently.
    pub(super) fn but(&self, change: impl FnOnce(&mut ItemQuery)) -> String {
        let mut query = ItemQuery { cursor: None, ..self.query.clone() };
        change(&mut query);
        self.href_of(&query, 0)
    }

    /// The page on either side.
    pub(super) fn page(&self, cursor: &Cursor, before: i64) -> String {
        let query = ItemQuery { cursor: Some(cursor.clone()), ..self.query.clone() };
        self.href_of(&query, before.max(0))
    }

    /// Without search and filters; the tab and the order stay.
    pub(super) fn clear(&self, query: &mut ItemQuery) {
        let (sort, dir, limit) = (query.sort, query.dir, query.limit);
        *query = ItemQuery { sort, dir, limit, ..self.at.plain() };
        if let Some(view) = self.view() {
            if self.at.fixed().contains(&"assignee") {
                query.statuses = view.asks().0;
            } else {
                view.ask(query);
            }
        }
    }

    /// The built-in view that is shown, perhaps filtered further.
    pub(super) fn view(&self) -> Option<View> {
        let asked = (self.query.statuses, self.query.assigned);
        View::ALL.into_iter().find(|view| view.asks() == asked)
    }

    /// Whether it is a built-in view as it is.
    pub(super) fn is_builtin(&self) -> bool {
        let Some(view) = self.view() else { return false };
        let mut plain = self.at.plain();
        view.ask(&mut plain);
        plain.to_query_unpaged() == self.unpaged()
    }

    /// Whether more is asked than a built-in view.
    pub(super) fn is_filtered(&self) -> bool {
        let mut cleared = ItemQuery { cursor: None, ..self.query.clone() };
        self.clear(&mut cleared);
        cleared.to_query_unpaged() != self.unpaged()
    }

    /// What the filter form hands on.
    pub(super) fn kept_by_filter(&self) -> Vec<Keep> {
        self.keeps(|name| !IN_FORM.contains(&name))
    }

    /// What the search hands on.
    pub(super) fn kept_by_search(&self) -> Vec<Keep> {
        let mut keeps = self.keeps(|name| name != "q");
        if self.at == At::Following {
            keeps.push(Keep::new("tab", "following"));
        }
        keeps
    }

    fn keeps(&self, kept: impl Fn(&str) -> bool) -> Vec<Keep> {
        let query = self.unpaged();
        let pairs = form_urlencoded::parse(query.as_bytes());
        let ours = |name: &str| !self.at.fixed().contains(&name) && kept(name);
        pairs.filter(|(name, _)| ours(name)).map(|(name, value)| Keep::new(name, value)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tickets(query: &str) -> Asked {
        Asked::read(At::Kind(ItemKind::Ticket), query).expect("a query")
    }

    #[test]
    fn a_tab_is_shown_by_what_it_asks_and_clearing_keeps_it() {
        assert_eq!(tickets("").view(), Some(View::Unfinished));
        assert_eq!(tickets("assignee=deactivated").view(), Some(View::Held));
        assert_eq!(tickets("status=waiting").view(), None);
        let asked = tickets("assignee=me&due=week&q=printer&sort=due");
        assert_eq!(asked.view(), Some(View::Mine));
        assert!(asked.is_filtered() && !asked.is_builtin());
        assert_eq!(asked.but(|query| asked.clear(query)), "/tickets?assignee=me&sort=due");
        assert!(tickets("status=finished").is_builtin() && !tickets("status=finished").is_filtered());
        assert!(!tickets("sort=due").is_builtin() && !tickets("sort=due").is_filtered());
    }

    #[test]
    fn what_the_list_itself_says_is_not_asked_of_it() {
        let asked = Asked::read(At::Assigned, "assignee=none&sort=number&q=x&status=all").expect("a query");
        assert_eq!(asked.query.assigned, Some(Assigned::To(By::Me)));
        assert_eq!(asked.query.sort, Sort::Due);
        assert_eq!(asked.but(|_| {}), "/mine?status=all&q=x");
        let asked = Asked::read(At::Following, "follower=me&q=x").expect("a query");
        assert_eq!(asked.but(|_| {}), "/mine?tab=following&q=x");
        assert_eq!(asked.but(|query| asked.clear(query)), "/mine?tab=following");
        let id = ProjectId::from_uuid(uuid::Uuid::from_u128(7));
        let asked = Asked::read(At::Project(id), "project=none&status=finished").expect("a query");
        assert_eq!(asked.query.project, Some(InProject::In(id)));
        assert_eq!(asked.but(|_| {}), format!("/projects/{id}?status=finished"));
    }

    #[test]
    fn forms_hand_on_what_they_have_no_field_for() {
        let asked = tickets("status=all&q=ink&tag=printer&sort=due&limit=10");
        let names = |keeps: Vec<Keep>| keeps.into_iter().map(|keep| keep.name).collect::<Vec<_>>();
        assert_eq!(names(asked.kept_by_filter()), ["q", "limit"]);
        assert_eq!(names(asked.kept_by_search()), ["status", "tag", "sort", "limit"]);
    }
}
