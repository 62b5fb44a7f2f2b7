//! `tenure demo`.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
};

use clap::Args;
use domain::person::Kind;
use serde_json::json;
use tokio::net::TcpListener;

use super::{
    Global,
    answer::{Answer, note},
    failure::Failure,
    place::{Place, load_config, make_folder},
    serve::{self, Server},
};
use crate::demo::{SignIn, add_items, add_people, tell_story};

/// Says that a folder was made by the demo, and whether its data is complete.
const MARK: &str = "demo.txt";
const UNFINISHED: &str = "unfinished\n";
const READY: &str = "Made by `tenure demo`, which may also remove it (--fresh).\n";
const FIRST_PORT: u16 = 8080;
/// How many ports after the first are tried before any is taken.
const NEXT_PORTS: u16 = 20;

/// Open a desk with made-up people, to look around. It is reachable from this machine alone.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tenure demo
  tenure demo --fresh --users 10000 --customers 100000
  tenure demo --fresh --items 10000
  tenure demo --port 0 --json

The data is kept in ./tenure-data (or --data DIR) until --fresh. Sign-ins are printed once, when it is made.")]
pub(super) struct Demo {
    /// The port [default: 8080, or the next that is free]; 0 takes any that is free.
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,
    /// Remove the data of an earlier demo first.
    #[arg(long)]
    fresh: bool,
    /// So many made-up people beside Acme's own, to see the desk at size.
    #[arg(long, value_name = "N", default_value_t = 0, allow_negative_numbers = true, value_parser = clap::value_parser!(u64).range(0..=900_000))]
    users: u64,
    /// So many made-up customers beside Acme's own.
    #[arg(long, value_name = "N", default_value_t = 0, allow_negative_numbers = true, value_parser = clap::value_parser!(u64).range(0..=2_000_000))]
    customers: u64,
    /// So many made-up tickets and tasks beside Acme's own, given to those who are there.
    #[arg(long, value_name = "N", default_value_t = 0, allow_negative_numbers = true, value_parser = clap::value_parser!(u64).range(0..=2_000_000))]
    items: u64,
}

impl Demo {
    pub(super) async fn run(self, global: &Global) -> Result<Answer, Failure> {
        if global.database_url.is_some() {
            return Err(Failure::usage("the demo keeps its data in a folder, not in PostgreSQL")
                .hint("--data DIR names the folder")
                .hint("tenure serve --database-url URL runs a desk on PostgreSQL"));
        }
        let folder = global.data.clone().unwrap_or_else(|| PathBuf::from("tenure-data"));
        let listener = self.listen().await?;
        let address = listener.local_addr().map_err(|error| Failure::failed(error.to_string()))?;
        let flags = [
            ("data", folder.to_string_lossy().into_owned()),
            ("database_url", String::new()),
            ("listen", address.to_string()),
            ("public_url", format!("http://{address}")),
            // A receiver beside it may be tried out: webhooks reach this machine.
            ("webhooks.allow_http", "true".to_owned()),
            ("webhooks.allowed_networks", "127.0.0.1, ::1".to_owned()),
        ];
        let here = Global { data: None, ..global.clone() };
        let config = load_config(&here, &flags)?;
        serve::start_log(&config);
        let make = prepare(&folder, self.fresh)?;
        let _shared = serve::share(&folder)?;
        let place = Place::open_or_create(&here, config).await?;
        let server = Server::new(place).await?;
        let sign_ins = if make { Some(self.make(&server, &folder).await?) } else { None };
        let url = format!("http://{address}");
        let line = match (global.json, &sign_ins) {
            (true, _) => json!({
                "url": url,
                "data": folder,
                "made": make,
                "sign_ins": sign_ins.as_deref().unwrap_or_default(),
            })
            .to_string(),
            (false, Some(sign_ins)) => welcome(&url, sign_ins),
            (false, None) => welcome_back(&url, &folder, self.users + self.customers + self.items),
        };
        server.run(listener, &line).await?;
        Ok(Answer::silent())
    }

    async fn listen(&self) -> Result<TcpListener, Failure> {
        let here = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        if let Some(port) = self.port {
            return serve::bind(here(port))
                .await
                .map_err(|failure| failure.hint("without --port the demo takes the next that is free"));
        }
        for port in FIRST_PORT..=FIRST_PORT + NEXT_PORTS {
            if let Ok(listener) = TcpListener::bind(here(port)).await {
                return Ok(listener);
            }
        }
        serve::bind(here(0)).await
    }

    async fn make(&self, server: &Server, folder: &Path) -> Result<Vec<SignIn>, Failure> {
        let app = server.app();
        let (ws, sign_ins) = tell_story(app).await?;
        for (kind, count) in [(Kind::User, self.users), (Kind::Customer, self.customers)] {
            if count > 0 {
                add_people(app, ws, kind, count, |done| {
                    if done % 10_000 == 0 || done == count {
                        note(&format!("{done} of {count} {}s", kind.word()));
                    }
                })
                .await?;
            }
        }
        if self.items > 0 {
            add_items(app, ws, self.items, |done| {
                if done % 10_000 == 0 || done == self.items {
                    note(&format!("{done} of {} items", self.items));
                }
            })
            .await?;
        }
        mark(folder, READY)?;
        Ok(sign_ins)
    }
}

fn mark(folder: &Path, text: &str) -> Result<(), Failure> {
    let path = folder.join(MARK);
    fs::write(&path, text)
        .map_err(|error| Failure::failed(format!("cannot write {}: {error}", path.display())))
}

/// Makes the folder ready; answers whether data is to be made. A folder that the demo did not make is left alone.
fn prepare(folder: &Path, fresh: bool) -> Result<bool, Failure> {
    make_folder(folder)?;
    let marked = fs::read_to_string(folder.join(MARK)).ok();
    let used = fs::read_dir(folder)
        .map_err(|error| Failure::failed(format!("cannot look into {}: {error}", folder.display())))?
        .next()
        .is_some();
    match marked.as_deref() {
        None if used => {
            return Err(Failure::refused(
                "not-a-demo",
                format!("{} holds something that the demo did not make", folder.display()),
            )
            .hint("--data DIR names another folder")
            .hint("tenure serve --data DIR runs the server on a folder of your own"));
        }
        Some(text) if text != UNFINISHED && !fresh => return Ok(false),
        // Fresh, or left behind by a demo that was interrupted while it was made.
        Some(_) => empty(folder)?,
        None => {}
    }
    mark(folder, UNFINISHED)?;
    Ok(true)
}

fn empty(folder: &Path) -> Result<(), Failure> {
    let _alone = serve::alone(folder)?;
    for name in ["tenure.db", "tenure.db-wal", "tenure.db-shm", "audit.key", MARK] {
        match fs::remove_file(folder.join(name)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(Failure::failed(format!(
                    "cannot remove {name} in {}: {error}",
                    folder.display()
                )));
            }
            _ => {}
        }
    }
    Ok(())
}

fn welcome(url: &str, sign_ins: &[SignIn]) -> String {
    let rows: Vec<Vec<String>> = sign_ins
        .iter()
        .map(|one| {
            let what = match (one.role, one.status) {
                ("customer", "active") => "customer, at /portal",
                ("customer", _) => "customer, at /portal: refused",
                (role, "active") => role,
                _ => "on leave: refused",
            };
            vec![one.email.clone(), one.password.clone(), what.to_owned()]
        })
        .collect();
    format!(
        "Tenure is at {url}\n\nSign in (shown this once):\n{}\n\nCtrl-C ends it; the data is kept.",
        super::table::table(&["EMAIL", "PASSWORD", "WHO"], &rows)
    )
}

fn welcome_back(url: &str, folder: &Path, users: u64) -> String {
    let more = if users > 0 { "\nThe data is kept as it is; --fresh makes it anew." } else { "" };
    format!(
        "Tenure is at {url}, with the data kept in {}.{more}\n\nFor a new password: tenure user link \
         olivia@acme.example --data {}\nCtrl-C ends it; --fresh begins anew.",
        folder.display(),
        folder.display()
    )
}
