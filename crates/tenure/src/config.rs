//! The configuration: typed, checked before anything starts, from a TOML file, the environment and flags, the
//! later winning over the earlier. What an administrator may change while the server runs is not here but in
//! the workspace's settings.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use crate::limits::Limits;
use crate::password::{self, Cost};
use crate::rate::Rates;

pub(crate) mod setting;
mod values;

use setting::{Key, Setting, any, lasting, section, within};
pub use values::{
    AuditKeyText, DatabaseUrl, Endings, LogFormat, LogLevel, MetricsListen, Network, Networks, PublicUrl,
};

section! {
    /// Where the server listens, what it is called and where it keeps its data.
    pub struct Server {
        /// The address and port to listen on. Put a proxy with TLS before it, or keep it on this machine.
        listen: std::net::SocketAddr = std::net::SocketAddr::from(([127, 0, 0, 1], 8080)),
            any("an IP address and a port, such as 127.0.0.1:8080 or [::]:8080");
        /// The address that people type, without a path. Links in invitations begin with it; with https,
        /// cookies are Secure and browsers are told to stay with https.
        public_url: PublicUrl = PublicUrl::default(),
            any("an address such as https://desk.example.org, without a path");
        /// Allows a `public_url` with http beyond this machine. Passwords then cross the network readable.
        allow_http: bool = false, any("true or false");
        /// The folder for the database, the audit key and pictures.
        data: PathBuf = "data".into(), setting::folder();
        /// A PostgreSQL database, such as `postgres://tenure@db.example.org/tenure`. Empty for the embedded one in
        /// the data folder. It may hold a password: better set it as `TENURE_DATABASE_URL`.
        database_url: DatabaseUrl = DatabaseUrl::default(),
            any("empty, or an address that begins with postgres:// or postgresql://");
        /// The address and port at which Prometheus reads `GET /metrics`, apart from everybody else, or off. Keep it
        /// where only Prometheus reaches it: it tells how many people and licenses each workspace has.
        metrics_listen: MetricsListen = MetricsListen::default(),
            any("off, or an IP address and a port, such as 127.0.0.1:9464");
        /// Proxies whose X-Forwarded-For is believed, as addresses or networks, separated by commas. Name only
        /// proxies that set it themselves: whoever is believed can claim any address.
        trusted_proxies: Networks = Networks::default(),
            any("addresses or networks separated by commas, such as 127.0.0.1, 10.0.0.0/8, 2001:db8::/32");
    }
}

section! {
    /// How passwords are hashed.
    pub struct Passwords {
        /// The work of one hash: standard (Argon2id, 19 MiB, two passes) or strong (64 MiB, three passes). After a
        /// change each password is hashed anew when its owner next signs in. The third, test, protects
        /// nothing and is refused unless `public_url` is on this machine.
        cost: Cost = Cost::Standard, any("standard, strong or test");
        /// How many are hashed at once; 0 is one for each processor core. Each takes its memory meanwhile.
        concurrency: usize = 0, within(0..=1_024);
        /// How many may wait for that before others are asked to try again in a moment.
        queue: usize = 64, within(0..=100_000);
    }
}

section! {
    /// Where the key is that seals the audit log.
    pub struct Audit {
        /// The file with the key, made at the first start. Empty is audit.key in the data folder. It must not be
        /// kept where a backup or a dump of the database is kept.
        key_file: PathBuf = PathBuf::new(), any("a file, or empty");
        /// The key itself as 64 hexadecimal digits, instead of a file. All servers on one PostgreSQL need the same
        /// key. Better set it as `TENURE_AUDIT_KEY`.
        key: AuditKeyText = AuditKeyText::default(), any("64 hexadecimal digits, or empty");
    }
}

section! {
    /// What is logged, to standard error. Secrets, passwords and bodies never are.
    pub struct Log {
        /// text for people, json for machines.
        format: LogFormat = LogFormat::Text, any("text or json");
        /// The least that is logged.
        level: LogLevel = LogLevel::Info, any("error, warn, info, debug or trace");
    }
}

section! {
    /// Where webhooks may be sent, and how.
    pub struct Webhooks {
        /// Allows webhooks with http. What they tell then crosses the network readable.
        allow_http: bool = false, any("true or false");
        /// Private networks that webhooks may be sent to, separated by commas. All others are refused, and so are this machine
        /// and the addresses of clouds, also when a name leads there: whoever sets up a webhook could look into your network.
        allowed_networks: Networks = Networks::default(),
            any("addresses or networks separated by commas, such as 10.20.0.0/16, 127.0.0.1, ::1");
        /// How long a receiver may take to answer.
        answer_time: Duration = Duration::from_secs(15), lasting(Duration::from_secs(1)..=Duration::from_mins(2));
        /// How many are sent at once by one server.
        at_once: usize = 64, within(1..=1_000);
    }
}

/// The whole configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// Keys without a section.
    pub server: Server,
    /// `[password]`.
    pub password: Passwords,
    /// `[audit]`.
    pub audit: Audit,
    /// `[log]`.
    pub log: Log,
    /// `[rates]`.
    pub rates: Rates,
    /// `[webhooks]`.
    pub webhooks: Webhooks,
    /// `[limits]`.
    pub limits: Limits,
}

/// Where a value came from, for messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The configuration file.
    File(PathBuf),
    /// This variable.
    Environment(String),
    /// This flag.
    Flag(String),
    /// More than one value, which do not go together.
    Together,
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => write!(f, "in {}", path.display()),
            Self::Environment(name) => write!(f, "in the environment variable {name}"),
            Self::Flag(name) => write!(f, "in the flag {name}"),
            Self::Together => f.write_str("in the configuration"),
        }
    }
}

/// Why the configuration cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The file is not there or cannot be read.
    #[error("cannot read the configuration {}: {why}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        why: String,
    },
    /// The file is not TOML.
    #[error("{} is not TOML: {why}", path.display())]
    NotToml {
        /// The file.
        path: PathBuf,
        /// Line, column and reason.
        why: String,
    },
    /// A key that does not exist.
    #[error("{key} {origin} is not a key of the configuration{}", did_you_mean(nearest.as_deref()))]
    Unknown {
        /// The key.
        key: String,
        /// Where it stands.
        origin: Origin,
        /// The key that was perhaps meant.
        nearest: Option<String>,
    },
    /// A value that is not allowed.
    #[error("{key} = {value} {origin} is not allowed: give {allowed}")]
    Value {
        /// The key.
        key: String,
        /// The value; `…` for one that is secret.
        value: String,
        /// What is allowed.
        allowed: String,
        /// Where it stands.
        origin: Origin,
    },
}

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map(|key| format!("; did you mean {key}?")).unwrap_or_default()
}

/// What the configuration is read from.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The file; without one, defaults stand.
    pub file: Option<PathBuf>,
    /// The environment: names and values. Names without `TENURE_` are left alone.
    pub environment: Vec<(String, String)>,
    /// Flags: dotted keys and values.
    pub flags: Vec<(String, String)>,
}

/// Keys whose values are not shown in messages.
const SECRET: &[&str] = &["database_url", "audit.key"];

impl Config {
    /// Reads and checks everything. The warnings name variables that look like ours but are none: an error would
    /// be too much, since orchestrators set such (`TENURE_PORT`) on their own.
    pub fn load(sources: &Sources) -> Result<(Self, Vec<String>), ConfigError> {
        let mut config = Self::default();
        if let Some(path) = &sources.file {
            config.read_file(path)?;
        }
        let warnings = config.read_environment(&sources.environment)?;
        for (key, value) in &sources.flags {
            config.set(key, value, &Origin::Flag(format!("--{}", key.replace(['.', '_'], "-"))))?;
        }
        config.check_together()?;
        Ok((config, warnings))
    }

    fn read_file(&mut self, path: &std::path::Path) -> Result<(), ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| ConfigError::Unreadable { path: path.to_owned(), why: error.to_string() })?;
        let table: toml::Table = text.parse().map_err(|error: toml::de::Error| ConfigError::NotToml {
            path: path.to_owned(),
            why: error.to_string(),
        })?;
        let mut flat = BTreeMap::new();
        flatten("", &toml::Value::Table(table), &mut flat);
        flat.iter().try_for_each(|(key, value)| self.set(key, value, &Origin::File(path.to_owned())))
    }

    fn read_environment(&mut self, environment: &[(String, String)]) -> Result<Vec<String>, ConfigError> {
        let names: BTreeMap<String, String> =
            keys().into_iter().map(|(_, key)| (variable(&key.name), key.name)).collect();
        let mut warnings = Vec::new();
        for (name, value) in environment.iter().filter(|(name, _)| name.starts_with("TENURE_")) {
            match names.get(name) {
                Some(key) => self.set(key, value, &Origin::Environment(name.clone()))?,
                // The first is the flag --config's own; the second is for the project's tests.
                None if name == "TENURE_CONFIG" || name.starts_with("TENURE_TEST_") => {}
                None => {
                    let nearest = nearest(name, names.keys().map(String::as_str));
                    warnings.push(format!("{name} is not a setting{}", did_you_mean(nearest.as_deref())));
                }
            }
        }
        Ok(warnings)
    }

    /// Sets one key, named with its section as in `limits.name`, from its text form.
    pub fn set(&mut self, key: &str, value: &str, origin: &Origin) -> Result<(), ConfigError> {
        let all = keys();
        if !all.iter().any(|(_, known)| known.name == key) {
            let nearest = nearest(key, all.iter().map(|(_, known)| known.name.as_str()));
            return Err(ConfigError::Unknown { key: key.to_owned(), origin: origin.clone(), nearest });
        }
        let text = value.trim();
        let result = match key.split_once('.') {
            None => self.server.set(key, text),
            Some(("password", key)) => self.password.set(key, text),
            Some(("audit", key)) => self.audit.set(key, text),
            Some(("log", key)) => self.log.set(key, text),
            Some(("rates", key)) => self.rates.set(key, text),
            Some(("webhooks", key)) => self.webhooks.set(key, text),
            Some((_, key)) => self.limits.set(key, text),
        };
        result.map_err(|allowed| refused(key, text, allowed, origin))
    }

    /// What each value allows of the others.
    fn check_together(&self) -> Result<(), ConfigError> {
        let refuse = |key: &str, value: &str, allowed: &str| {
            Err(refused(key, value, allowed.to_owned(), &Origin::Together))
        };
        let url = &self.server.public_url;
        if !url.is_https() && !url.is_loopback() && !self.server.allow_http {
            return refuse("public_url", &url.to_string(), "one with https, or set allow_http");
        }
        if self.password.cost == Cost::Test && !url.is_loopback() {
            return refuse(
                "password.cost",
                "test",
                "standard or strong, since public_url is not on this machine",
            );
        }
        if self.server.database_url.get().is_some()
            && self.audit.key.get().is_none()
            && self.audit.key_file.as_os_str().is_empty()
        {
            return refuse(
                "audit.key",
                "",
                "audit.key or audit.key_file (--audit-key FILE) together with database_url, so that all servers on the \
                 database have the same",
            );
        }
        if self.limits.body_bytes > self.limits.upload_bytes {
            let value = self.limits.body_bytes.to_string();
            return refuse("limits.body_bytes", &value, "at most limits.upload_bytes");
        }
        Ok(())
    }

    /// The configuration file with every key, its explanation and its default, all commented out.
    #[must_use]
    pub fn commented_default() -> String {
        let mut text = String::from(
            "# Configuration of Tenure. Every line shows a default; remove the # before a key to change it.\n\
             # Each key can also be set in the environment, named TENURE_ and the key in capitals, with _ for the\n\
             # dot: TENURE_LIMITS_NAME. The environment wins over this file, and a flag over both.\n",
        );
        let mut last = "";
        for (section, key) in keys() {
            if section != last {
                let _ = write!(text, "\n[{section}]\n");
                last = section;
            }
            text.push('\n');
            for line in key.doc {
                let _ = writeln!(text, "#{}", line.replace('`', ""));
            }
            let _ = writeln!(text, "# Allowed: {}.", key.allowed);
            let short = key.name.rsplit('.').next().unwrap_or(&key.name);
            let _ = writeln!(text, "#{short} = {}", key.default);
        }
        text
    }

    /// The settings for the password hasher.
    #[must_use]
    pub const fn hashing(&self) -> password::Settings {
        password::Settings {
            cost: self.password.cost,
            concurrency: self.password.concurrency,
            queue: self.password.queue,
            max_bytes: self.limits.password_bytes,
        }
    }

    /// Where the audit log's key comes from.
    #[must_use]
    pub fn audit_key(&self) -> crate::seal::KeySource {
        match self.audit.key.get() {
            Some(bytes) => crate::seal::KeySource::Given(bytes),
            None if self.audit.key_file.as_os_str().is_empty() => {
                crate::seal::KeySource::File(self.server.data.join("audit.key"))
            }
            None => crate::seal::KeySource::File(self.audit.key_file.clone()),
        }
    }
}

fn refused(key: &str, value: &str, allowed: String, origin: &Origin) -> ConfigError {
    let value = match value {
        "" if SECRET.contains(&key) => "(nothing)".to_owned(),
        _ if SECRET.contains(&key) => "…".to_owned(),
        value => setting::quoted(value),
    };
    ConfigError::Value { key: key.to_owned(), value, allowed, origin: origin.clone() }
}

/// Every key with its section, in the order of the file.
fn keys() -> Vec<(&'static str, Key)> {
    let of = |section, keys: Vec<Key>| keys.into_iter().map(move |key| (section, key));
    of("", Server::keys(""))
        .chain(of("password", Passwords::keys("password.")))
        .chain(of("audit", Audit::keys("audit.")))
        .chain(of("log", Log::keys("log.")))
        .chain(of("rates", Rates::keys("rates.")))
        .chain(of("webhooks", Webhooks::keys("webhooks.")))
        .chain(of("limits", Limits::keys("limits.")))
        .collect()
}

fn variable(key: &str) -> String {
    format!("TENURE_{}", key.replace('.', "_").to_uppercase())
}

/// Dotted keys and text forms; a list becomes its parts with commas.
fn flatten(prefix: &str, value: &toml::Value, into: &mut BTreeMap<String, String>) {
    let text = match value {
        toml::Value::Table(table) => {
            for (key, value) in table {
                let name = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
                flatten(&name, value, into);
            }
            return;
        }
        toml::Value::Array(parts) => parts.iter().map(scalar).collect::<Vec<_>>().join(","),
        other => scalar(other),
    };
    into.insert(prefix.to_owned(), text);
}

/// The text form; of a kind that no key has, one that no key can read.
fn scalar(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Integer(number) => number.to_string(),
        toml::Value::Boolean(yes) => yes.to_string(),
        toml::Value::Float(number) => number.to_string(),
        toml::Value::Datetime(moment) => moment.to_string(),
        toml::Value::Array(_) | toml::Value::Table(_) => "a list within a list".to_owned(),
    }
}

/// The known name that takes the fewest edits, if few do.
fn nearest<'a>(typed: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    let near = known.map(|name| (edits(typed, name), name)).min()?;
    (near.0 <= 1 + typed.len() / 4).then(|| near.1.to_owned())
}

/// Levenshtein's distance in bytes.
fn edits(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.bytes().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, b) in other.bytes().enumerate() {
            let changed = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[other.len()]
}

impl Setting for Cost {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "standard" => Some(Self::Standard),
            "strong" => Some(Self::Strong),
            "test" => Some(Self::Test),
            _ => None,
        }
    }
    fn toml(&self) -> String {
        setting::quoted(match self {
            Self::Standard => "standard",
            Self::Strong => "strong",
            Self::Test => "test",
        })
    }
}

#[cfg(test)]
#[path = "config/tests.rs"]
mod tests;
