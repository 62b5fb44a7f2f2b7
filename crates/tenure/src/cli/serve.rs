//! `tenure serve`, and what `tenure demo` shares with it.

use std::{
    fs::File,
    net::SocketAddr,
    os::fd::AsFd as _,
    path::Path,
    sync::{Arc, OnceLock},
};

use clap::Args;
use tokio::net::TcpListener;
use tracing::Level;
use tracing_subscriber::fmt::writer::BoxMakeWriter;

use super::{
    Global,
    answer::{Answer, note, out},
    failure::Failure,
    place::{Place, load_config, make_folder},
};
use crate::{
    app::App,
    config::{Config, LogFormat, LogLevel, Origin},
    jobs,
};

/// The file in the data folder that a running server holds.
pub(super) const LOCK: &str = "server.lock";

/// Run the server.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tenure serve --data /var/lib/tenure --listen 127.0.0.1:8080
  tenure serve --config /etc/tenure.toml
  TENURE_DATABASE_URL=postgres://tenure@db/tenure tenure serve --audit-key /etc/tenure/audit.key

It ends on SIGTERM or Ctrl-C, when the requests under way are answered, or limits.drain_time has passed.")]
pub(super) struct Serve {
    /// The address and port to listen on [default: 127.0.0.1:8080].
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// What people type, when it differs: links begin with it [default: where the server listens].
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
}

impl Serve {
    pub(super) async fn run(self, global: &Global) -> Result<Answer, Failure> {
        let mut flags = Vec::new();
        flags.extend(self.listen.map(|listen| ("listen", listen.to_string())));
        flags.extend(self.public_url.clone().map(|url| ("public_url", url)));
        let mut config = load_config(global, &flags)?;
        start_log(&config);
        let listener = bind(config.server.listen).await?;
        follow_port(&mut config, &listener)?;
        let lock = if config.server.database_url.get().is_none() {
            make_folder(&config.server.data)?;
            Some(share(&config.server.data)?)
        } else {
            None
        };
        let place = Place::open_or_create(global, config).await?;
        let url = place.config.server.public_url.to_string();
        let empty = place.all().await?.is_empty();
        let server = Server::new(place).await?;
        let line = if global.json {
            serde_json::json!({ "url": url, "empty": empty }).to_string()
        } else if empty {
            format!(
                "Tenure listens at {url}, and has no workspace yet. Begin one, while the server runs or not:\n  \
                 tenure workspace create NAME --owner EMAIL --licenses N"
            )
        } else {
            format!("Tenure listens at {url}")
        };
        server.run(listener, &line).await?;
        drop(lock);
        Ok(Answer::silent())
    }
}

/// Without a public address of its own, the server is reached where it listens.
fn follow_port(config: &mut Config, listener: &TcpListener) -> Result<(), Failure> {
    let given = config.server.public_url != crate::config::Config::default().server.public_url;
    let address = listener.local_addr().map_err(|error| Failure::failed(error.to_string()))?;
    if given || !address.ip().is_loopback() {
        return Ok(());
    }
    let url = format!("http://{address}");
    config.set("public_url", &url, &Origin::Flag("--listen".into()))?;
    Ok(())
}

/// Listens at the address, or says who does.
pub(super) async fn bind(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        Failure::failed(format!("cannot listen on {address}: {error}"))
            .hint("--listen ADDRESS:PORT chooses another; port 0 takes any that is free")
    })
}

/// Shows that a server works on this folder, for as long as the file is held.
pub(super) fn share(folder: &Path) -> Result<File, Failure> {
    let file = open_lock(folder)?;
    file.try_lock_shared().map_err(|_| {
        Failure::failed(format!("the folder {} is being replaced by another command", folder.display()))
    })?;
    Ok(file)
}

/// Takes the folder for oneself; refused while a server works on it.
pub(super) fn alone(folder: &Path) -> Result<File, Failure> {
    let file = open_lock(folder)?;
    file.try_lock().map_err(|_| {
        Failure::refused("server-running", format!("a server works on the folder {}", folder.display()))
            .hint("stop it first")
    })?;
    Ok(file)
}

fn open_lock(folder: &Path) -> Result<File, Failure> {
    let path = folder.join(LOCK);
    let opened = File::options().create(true).truncate(false).write(true).open(&path);
    opened.map_err(|error| Failure::failed(format!("cannot open {}: {error}", path.display())))
}

/// Logs to standard error as the configuration says.
pub(super) fn start_log(config: &Config) {
    let level = match config.log.level {
        LogLevel::Error => Level::ERROR,
        LogLevel::Warn => Level::WARN,
        LogLevel::Info => Level::INFO,
        LogLevel::Debug => Level::DEBUG,
        LogLevel::Trace => Level::TRACE,
    };
    // A line that cannot be written is lost: told to the same place, it would take the request with it.
    let log =
        tracing_subscriber::fmt().with_max_level(level).with_writer(log_writer()).log_internal_errors(false);
    let began = match config.log.format {
        LogFormat::Text => {
            let colours = std::io::IsTerminal::is_terminal(&std::io::stderr());
            log.with_ansi(colours).try_init()
        }
        LogFormat::Json => log.json().try_init(),
    };
    if let Err(error) = began {
        note(&format!("warning: cannot log: {error}"));
    }
}

/// Standard error without the lock that the threads of the runtime would wait for: a line is written by one call of the
/// system, which keeps it whole.
fn log_writer() -> BoxMakeWriter {
    match std::io::stderr().as_fd().try_clone_to_owned() {
        Ok(own) => BoxMakeWriter::new(Arc::new(File::from(own))),
        Err(_) => BoxMakeWriter::new(std::io::stderr),
    }
}

/// A server that is ready to answer.
pub(super) struct Server {
    app: App,
    metrics: Option<TcpListener>,
}

impl Server {
    pub(super) async fn new(place: Place) -> Result<Self, Failure> {
        let key = place.key().await?;
        if let Some(warning) = key.warning {
            tracing::warn!("{warning}");
        }
        place.fits(&key.key).await?;
        let metrics = match place.config.server.metrics_listen.0 {
            Some(address) => Some(bind(address).await?),
            None => None,
        };
        Ok(Self { app: App::new(place.store, place.sys, place.config, key.key)?, metrics })
    }

    pub(super) const fn app(&self) -> &App {
        &self.app
    }

    /// Prints `line`, serves until it is told to end, and leaves nothing half done.
    pub(super) async fn run(self, listener: TcpListener, line: &str) -> Result<(), Failure> {
        let Self { app, metrics } = self;
        let end = told_to_end().map_err(|error| Failure::failed(format!("cannot catch signals: {error}")))?;
        let metrics = metrics.map(|listener| tokio::spawn(crate::web::serve_metrics(app.clone(), listener)));
        let jobs = jobs::start(&app);
        // The port is open since it was bound: whoever reads this line gets an answer.
        out(&format!("{line}\n"));
        tracing::info!(
            version = env!("CARGO_PKG_VERSION"),
            listen = listener.local_addr().map(tracing::field::display).ok(),
            url = %app.config.server.public_url,
            engine = %app.store.engine(),
            "started"
        );
        let why = Arc::new(OnceLock::new());
        let told = Arc::clone(&why);
        let end = async move {
            let signal = end.await;
            tracing::info!(signal, "ending: no new requests, those under way finish");
            // It is set here alone, and once.
            let _ = told.set(signal);
        };
        let result = crate::web::serve(app.clone(), listener, end).await;
        jobs.stop().await;
        if let Some(metrics) = metrics {
            metrics.abort();
        }
        app.store.close().await;
        app.uploads.clear();
        match &result {
            Ok(()) => tracing::info!(why = why.get().copied().unwrap_or("nothing more came"), "ended"),
            Err(error) => tracing::error!(%error, "ended: the server failed"),
        }
        result.map_err(|error| Failure::failed(format!("the server failed: {error}")))
    }
}

/// The number of the signal that a write beyond a limit of file size brings, on Linux and the BSDs.
#[cfg(unix)]
const SIGXFSZ: i32 = 25;

/// SIGTERM, as service managers send it, or Ctrl-C. They are caught from this call on, not only once the answer is
/// awaited: a signal in between would end the program with work half done.
#[cfg(unix)]
fn told_to_end() -> std::io::Result<impl Future<Output = &'static str>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    // A file at its limit of size (`LimitFSIZE=` of a service) fails like a full disk, and does not end the server.
    let too_large = signal(SignalKind::from_raw(SIGXFSZ))?;
    Ok(async move {
        let _caught = too_large;
        tokio::select! {
            _ = interrupt.recv() => "SIGINT",
            _ = terminate.recv() => "SIGTERM",
        }
    })
}

/// Ctrl-C.
#[cfg(windows)]
fn told_to_end() -> std::io::Result<impl Future<Output = &'static str>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        interrupt.recv().await;
        "Ctrl-C"
    })
}
