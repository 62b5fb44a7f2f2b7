//! The kinds of values that only the configuration has.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use super::setting::{Setting, quoted};

/// Scheme, host and port under which people reach the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    https: bool,
    /// Host, and the port unless it is the scheme's own; in lower case.
    authority: String,
}

impl Default for PublicUrl {
    fn default() -> Self {
        Self { https: false, authority: "localhost:8080".to_owned() }
    }
}

impl PublicUrl {
    /// Whether people reach the server over TLS; cookies are then `Secure` (ASVS 5.0 3.3.1).
    #[must_use]
    pub const fn is_https(&self) -> bool {
        self.https
    }

    /// The host without the port.
    #[must_use]
    pub fn host(&self) -> &str {
        crate::web::security::host_of(&self.authority).unwrap_or(&self.authority)
    }

    /// Whether it names this machine only.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let host = self.host().trim_matches(['[', ']']);
        host == "localhost"
            || host.ends_with(".localhost")
            || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }

    /// An absolute address of a path that begins with `/`.
    #[must_use]
    pub fn join(&self, path: &str) -> String {
        format!("{self}{path}")
    }
}

/// The origin as a browser sends it (RFC 6454, section 6.2), without a slash at the end.
impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", if self.https { "https" } else { "http" }, self.authority)
    }
}

impl Setting for PublicUrl {
    fn parse(text: &str) -> Option<Self> {
        let text = text.to_ascii_lowercase();
        let (scheme, rest) = text.split_once("://")?;
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        let (https, own_port) = match scheme {
            "https" => (true, ":443"),
            "http" => (false, ":80"),
            _ => return None,
        };
        crate::web::security::host_of(authority)?;
        let authority = authority.strip_suffix(own_port).unwrap_or(authority).to_owned();
        Some(Self { https, authority })
    }
    fn toml(&self) -> String {
        quoted(&self.to_string())
    }
}

/// A PostgreSQL address, which may hold a password and so does not show itself.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// The address; `None` for the embedded database.
    #[must_use]
    pub fn get(&self) -> Option<&str> {
        Some(self.0.as_str()).filter(|url| !url.is_empty())
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "DatabaseUrl(none)" } else { "DatabaseUrl(…)" })
    }
}

impl Setting for DatabaseUrl {
    fn parse(text: &str) -> Option<Self> {
        let fine = text.is_empty() || text.starts_with("postgres://") || text.starts_with("postgresql://");
        fine.then(|| Self(text.to_owned()))
    }
    fn toml(&self) -> String {
        quoted(&self.0)
    }
}

/// The audit key in the configuration itself, which does not show itself.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct AuditKeyText(Option<[u8; 32]>);

impl AuditKeyText {
    /// The key.
    #[must_use]
    pub const fn get(&self) -> Option<[u8; 32]> {
        self.0
    }
}

impl fmt::Debug for AuditKeyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_none() { "AuditKeyText(none)" } else { "AuditKeyText(…)" })
    }
}

impl Setting for AuditKeyText {
    fn parse(text: &str) -> Option<Self> {
        if text.is_empty() { Some(Self(None)) } else { Some(Self(Some(crate::seal::from_hex(text)?))) }
    }
    fn toml(&self) -> String {
        quoted(&self.0.map(|key| crate::seal::to_hex(&key)).unwrap_or_default())
    }
}

/// A block of addresses, such as `10.0.0.0/8`; one address is a block of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    base: IpAddr,
    bits: u8,
}

impl Network {
    /// Whether an address is in it. IPv4 in the guise of IPv6 counts as IPv4.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.base, address.to_canonical()) {
            (IpAddr::V4(base), IpAddr::V4(address)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.bits)).unwrap_or(0);
                base.to_bits() & mask == address.to_bits() & mask
            }
            (IpAddr::V6(base), IpAddr::V6(address)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.bits)).unwrap_or(0);
                base.to_bits() & mask == address.to_bits() & mask
            }
            _ => false,
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let (base, bits) = text.split_once('/').map_or((text, None), |(base, bits)| (base, Some(bits)));
        let base: IpAddr = base.parse().ok()?;
        let most = if base.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Some(most), |bits| bits.parse().ok().filter(|bits| *bits <= most))?;
        Some(Self { base, bits })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.base, self.bits)
    }
}

/// Blocks of addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Networks(Vec<Network>);

impl Networks {
    /// Whether the address is in one of them.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }
}

impl Setting for Networks {
    fn parse(text: &str) -> Option<Self> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        parts.map(Network::parse).collect::<Option<_>>().map(Self)
    }
    fn toml(&self) -> String {
        quoted(&self.0.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
    }
}

/// Where metrics are read, if anywhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MetricsListen(pub Option<SocketAddr>);

impl Setting for MetricsListen {
    fn parse(text: &str) -> Option<Self> {
        if text == "off" {
            return Some(Self(None));
        }
        text.parse().ok().map(|address| Self(Some(address)))
    }
    fn toml(&self) -> String {
        quoted(&self.0.map_or_else(|| "off".to_owned(), |address| address.to_string()))
    }
}

/// Endings of file names, compared without case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endings(Vec<String>);

impl Default for Endings {
    fn default() -> Self {
        const RUN: &str = "apk, bat, chm, cmd, com, command, cpl, deb, desktop, dmg, docm, exe, hta, jar, js, jse, lnk, msi, \
                           msp, pif, pkg, pptm, ps1, reg, rpm, scr, sh, vbe, vbs, wsf, wsh, xlsm";
        Self(RUN.split(", ").map(str::to_owned).collect())
    }
}

impl Endings {
    /// Whether a file of this name has one of them. Systems drop blanks and dots at the end of a name.
    #[must_use]
    pub fn names(&self, file: &str) -> bool {
        let name = file.trim_end_matches(['.', ' ']).to_lowercase();
        name.rsplit_once('.').is_some_and(|(_, ending)| self.0.iter().any(|one| one == ending.trim()))
    }
}

impl Setting for Endings {
    fn parse(text: &str) -> Option<Self> {
        let parts = text.split(',').map(|part| part.trim().trim_start_matches('.').to_lowercase());
        let parts: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
        let plain = |part: &String| part.chars().all(char::is_alphanumeric);
        parts.iter().all(plain).then_some(Self(parts))
    }
    fn toml(&self) -> String {
        quoted(&self.0.join(", "))
    }
}

macro_rules! words {
    ($(#[$about:meta])* $Name:ident { $($(#[$doc:meta])* $Variant:ident = $text:literal),* $(,)? }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $Name { $($(#[$doc])* $Variant),* }

        impl Setting for $Name {
            fn parse(text: &str) -> Option<Self> {
                match text {
                    $($text => Some(Self::$Variant),)*
                    _ => None,
                }
            }
            fn toml(&self) -> String {
                quoted(match self { $(Self::$Variant => $text),* })
            }
        }
    };
}

words! {
    /// How a line of the log looks.
    LogFormat {
        /// For people.
        Text = "text",
        /// One JSON object a line.
        Json = "json",
    }
}

words! {
    /// The least that is logged.
    LogLevel {
        /// What failed and needs someone.
        Error = "error",
        /// What is odd.
        Warn = "warn",
        /// What happened.
        Info = "info",
        /// How it happened.
        Debug = "debug",
        /// Every step.
        Trace = "trace",
    }
}
