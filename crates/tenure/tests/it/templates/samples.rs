//! One sample or more of every page.

mod account;
mod apps;
mod bulk;
mod desk;
mod dialogs;
mod hooks;
mod import;
mod items;
mod people;
mod work;

/// A page drawn, and what must stand in it.
pub(super) struct Sample {
    pub(super) name: String,
    pub(super) html: String,
    pub(super) says: Vec<&'static str>,
}

fn sample<T: askama::Template>(name: &str, page: &T, says: &[&'static str]) -> Sample {
    let html = page.render().expect("a sample draws");
    Sample { name: name.into(), html, says: says.into() }
}

pub(super) fn all() -> Vec<Sample> {
    [
        people::all(),
        bulk::all(),
        dialogs::all(),
        account::all(),
        apps::all(),
        desk::all(),
        hooks::all(),
        import::all(),
        items::all(),
        work::all(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
