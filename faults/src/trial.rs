//! What all clients of a trial share, and how it begins.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

use hyper::Method;
use rig::{failure::Result, http::Answer};
use serde_json::{Value, json};
use tokio::sync::RwLock;

use crate::{
    chance::Chance,
    desk::Desk,
    hooks::Receiver,
    journal::Journal,
    stage::Node,
    wire::{Call, Heard, Net, Who, cookie},
};

/// The password of everybody here.
pub(crate) const PASSWORD: &str = "a long way to the harbour";
/// Of the types of events, those that are waited for.
const EVENTS: [&str; 5] =
    ["person.deactivated", "person.activated", "person.deleted", "item.created", "message.added"];

/// A workspace, and how its owner comes in.
#[derive(Clone, Debug)]
pub(crate) struct Workspace {
    /// Its host.
    pub(crate) host: String,
    /// Its name at the command line.
    pub(crate) name: String,
    /// The owner's token, with the scopes `people`, `write` and `webhooks`.
    pub(crate) owner: Who,
    /// The owner's address.
    pub(crate) email: String,
}

/// See the module.
pub(crate) struct Trial {
    /// The desk.
    pub(crate) desk: Desk,
    /// Its nodes.
    pub(crate) net: Net,
    /// What happened.
    pub(crate) journal: Journal,
    /// Clients hold it to read while they do one thing; who looks at everything holds it to write.
    pub(crate) gate: RwLock<()>,
    /// Held to write while something is broken that may go on by itself; who reads what came of a request waits for it.
    pub(crate) storm: RwLock<()>,
    /// The workspace that is tried.
    pub(crate) alpha: Workspace,
    /// Its neighbour, which nothing may happen to.
    pub(crate) beta: Workspace,
    /// Where webhooks are sent to.
    pub(crate) hooks: Receiver,
    /// People whom clients race for, by id.
    pub(crate) shared: Vec<String>,
    /// Names and addresses of whoever was deleted.
    gone: Mutex<Vec<String>>,
    /// Events that must arrive, by subject, in order.
    due: Mutex<BTreeMap<String, Vec<&'static str>>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Trial {
    /// Makes the workspaces of a desk on which no server runs.
    pub(crate) async fn prepare(desk: Desk, journal: &Path, licenses: usize) -> Result<Self> {
        let hooks = Receiver::listen().await?;
        let (alpha, alpha_link) = workspace(&desk, "Alpha", licenses).await?;
        let (beta, beta_link) = workspace(&desk, "Beta", 5).await?;
        let journal = Journal::begin(journal)?;
        let mut trial = Self {
            desk,
            net: Net::default(),
            journal,
            gate: RwLock::new(()),
            storm: RwLock::new(()),
            alpha,
            beta,
            hooks,
            shared: Vec::new(),
            gone: Mutex::default(),
            due: Mutex::default(),
        };
        let Node { server, .. } = trial.desk.serve().await?;
        trial.net.add(server.address);
        let made = trial.furnish([&alpha_link, &beta_link]).await;
        trial.net.remove(server.address);
        server.end().await?;
        made?;
        Ok(trial)
    }

    async fn furnish(&mut self, links: [&str; 2]) -> Result<()> {
        for (workspace, link) in [self.alpha.clone(), self.beta.clone()].iter().zip(links) {
            self.open_link(&workspace.host, link, &[("password", PASSWORD)]).await?;
        }
        let hook =
            json!({ "name": "Trial", "url": format!("http://{}/", self.hooks.address), "events": EVENTS });
        self.must(&self.alpha, Method::POST, "/api/v1/webhooks", Some(hook)).await?;
        self.must(&self.alpha, Method::PUT, "/api/v1/settings/brake", Some(json!({ "on": false }))).await?;
        for number in 0..8 {
            let (name, email) = (format!("Shared {number}"), format!("shared{number}@alpha.example"));
            let id = self.member(&self.alpha, &name, &email).await?;
            self.shared.push(id);
        }
        for number in 0..3 {
            self.member(
                &self.beta,
                &format!("Neighbour {number}"),
                &format!("neighbour{number}@beta.example"),
            )
            .await?;
            let item = json!({ "title": format!("Neighbour's {number}") });
            self.must(&self.beta, Method::POST, "/api/v1/items", Some(item)).await?;
        }
        Ok(())
    }

    /// Invites somebody and has them accept; answers their id.
    async fn member(&self, workspace: &Workspace, name: &str, email: &str) -> Result<String> {
        let body = json!({ "name": name, "email": email });
        let made = self.must(workspace, Method::POST, "/api/v1/users", Some(body)).await?;
        let link = made["link"].as_str().ok_or("no link")?;
        self.open_link(&workspace.host, link, &[("name", name), ("password", PASSWORD)]).await?;
        Ok(made["id"].as_str().ok_or("no id")?.to_owned())
    }

    async fn open_link(&self, host: &str, link: &str, fields: &[(&str, &str)]) -> Result<()> {
        let call = Call::new(Method::POST, host, path_of(link), &Who::Nobody).form(fields);
        match self.net.send(&call, 0).await? {
            Heard::Done(answer) if cookie(&answer).is_some() => Ok(()),
            other => Err(format!("a link: {}", other.words()).into()),
        }
    }

    /// A request of an owner that must succeed, while nothing is broken.
    pub(crate) async fn must(
        &self,
        workspace: &Workspace,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<Value> {
        let mut call = Call::new(method, &workspace.host, path, &workspace.owner);
        if let Some(body) = body {
            call = call.json(body);
        }
        match self.net.send(&call, 0).await? {
            Heard::Done(answer) => answer.json(),
            other => Err(format!("{call}: {}", other.words()).into()),
        }
    }

    /// What an owner reads, however often it takes.
    pub(crate) async fn read(
        &self,
        workspace: &Workspace,
        path: &str,
        chance: &mut Chance,
    ) -> Result<Answer> {
        let call = Call::new(Method::GET, &workspace.host, path, &workspace.owner);
        self.net.read(&call, chance.next()).await
    }

    /// Every person of a kind in a workspace, as a list of the API tells of them.
    pub(crate) async fn people(
        &self,
        workspace: &Workspace,
        kind: &str,
        chance: &mut Chance,
    ) -> Result<Vec<Value>> {
        let (mut people, mut after) = (Vec::new(), String::new());
        loop {
            let path = format!("/api/v1/{kind}?view=all&limit=200{after}");
            let page = self.read(workspace, &path, chance).await?.json()?;
            people.extend(page[kind].as_array().ok_or("no list")?.iter().cloned());
            let Some(next) = page["next"].as_str() else { return Ok(people) };
            after =
                format!("&after={}", form_urlencoded::byte_serialize(next.as_bytes()).collect::<String>());
        }
    }

    /// Somebody was deleted: these words of theirs must be found nowhere.
    pub(crate) fn deleted(&self, words: [&str; 2]) {
        lock(&self.gone).extend(words.map(str::to_owned));
    }

    /// The words of whoever was deleted.
    pub(crate) fn gone(&self) -> Vec<String> {
        lock(&self.gone).clone()
    }

    /// Something was acknowledged of which an event must arrive.
    pub(crate) fn due(&self, subject: &str, event: &'static str) {
        lock(&self.due).entry(subject.to_owned()).or_default().push(event);
    }

    /// The events that must arrive.
    pub(crate) fn all_due(&self) -> BTreeMap<String, Vec<&'static str>> {
        lock(&self.due).clone()
    }
}

/// The path of a link.
pub(crate) fn path_of(link: &str) -> String {
    let rest = link.find("://").map_or(link, |at| &link[at + 3..]);
    rest.find('/').map_or_else(String::new, |at| rest[at..].to_owned())
}

async fn workspace(desk: &Desk, name: &str, licenses: usize) -> Result<(Workspace, String)> {
    let host = format!("{}.example", name.to_lowercase());
    let email = format!("owner@{host}");
    let licenses = licenses.to_string();
    let made = desk
        .run(&["workspace", "create", name, "--owner", &email, "--licenses", &licenses, "--host", &host])
        .await?;
    let scopes = ["--scope", "people", "--scope", "write", "--scope", "webhooks"];
    let args = [&["token", "create", "Trial", "--for", &email, "--workspace", name], &scopes[..]].concat();
    let token = desk.run(&args).await?;
    let link = made["link"].as_str().ok_or("no link")?.to_owned();
    let owner = Who::Token(token["secret"].as_str().ok_or("no secret")?.to_owned());
    Ok((Workspace { host, name: name.into(), owner, email }, link))
}

#[cfg(test)]
mod tests {
    use super::path_of;

    #[test]
    fn the_path_of_a_link_is_all_behind_its_host() {
        assert_eq!(path_of("http://alpha.example:80/password/tp_x"), "/password/tp_x");
        assert_eq!(path_of("http://alpha.example"), "");
    }
}
