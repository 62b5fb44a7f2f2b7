//! The key of the seal: outside the database, made once, readable by the server alone.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use hmac::Mac as _;

use super::{from_hex, keyed, to_hex};
use crate::sys::Sys;

/// The key that seals the audit log. `Debug` shows only its [`AuditKey::id`].
#[derive(Clone)]
pub struct AuditKey([u8; 32]);

/// Where the key comes from.
#[derive(Clone, PartialEq, Eq)]
pub enum KeySource {
    /// The configuration or the environment.
    Given([u8; 32]),
    /// A file with 64 hexadecimal digits.
    File(PathBuf),
}

/// The key, and what an administrator should know about it.
#[derive(Clone, Debug)]
pub struct LoadedKey {
    /// The key.
    pub key: AuditKey,
    /// Whether it was made just now.
    pub created: bool,
    /// A reason to look at the file.
    pub warning: Option<String>,
}

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file is gone although entries are sealed with it. Another key would not verify them.
    #[error("the audit key {} is missing. Bring it back from where it was kept; a new one cannot verify the log", .0.display())]
    Missing(PathBuf),
    /// The file holds something else.
    #[error("{} does not hold an audit key: 64 hexadecimal digits", .0.display())]
    NotAKey(PathBuf),
    /// The system refused.
    #[error("the audit key {}: {why}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        why: io::Error,
    },
}

impl AuditKey {
    /// The key with these bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Loads the key. When there is no file yet, one is made if `may_create`: pass whether nothing has been
    /// sealed so far. Two servers that start at once agree on one key.
    pub fn load(source: &KeySource, sys: &Sys, may_create: bool) -> Result<LoadedKey, KeyError> {
        let path = match source {
            KeySource::Given(bytes) => {
                return Ok(LoadedKey { key: Self(*bytes), created: false, warning: None });
            }
            KeySource::File(path) => path,
        };
        let created = match read(path)? {
            Some(found) => return Ok(found),
            None if !may_create => return Err(KeyError::Missing(path.clone())),
            None => create(path, sys).map_err(|why| KeyError::Io { path: path.clone(), why })?,
        };
        let loaded = read(path)?.ok_or_else(|| KeyError::Missing(path.clone()))?;
        Ok(LoadedKey { created, ..loaded })
    }

    /// Names the key without giving it away: 16 hexadecimal digits. Kept in the database, they tell whether a
    /// server was started with another key before it seals anything.
    #[must_use]
    pub fn id(&self) -> String {
        to_hex(&keyed(self).chain_update(b"tenure audit key id").finalize().into_bytes()[..8])
    }

    /// A secret of another kind that is made of this key and a salt in the database: whoever has only one of the two has
    /// nothing. The purpose is no prefix of any other.
    #[must_use]
    pub fn derive(&self, purpose: &'static str, salt: &[u8; 32]) -> [u8; 32] {
        keyed(self)
            .chain_update(b"tenure derived ")
            .chain_update(purpose)
            .chain_update(salt)
            .finalize()
            .into_bytes()
            .into()
    }

    pub(super) const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

fn read(path: &Path) -> Result<Option<LoadedKey>, KeyError> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            return Err(KeyError::NotAKey(path.to_owned()));
        }
        Err(why) => return Err(KeyError::Io { path: path.to_owned(), why }),
    };
    let key = AuditKey(from_hex(text.trim()).ok_or_else(|| KeyError::NotAKey(path.to_owned()))?);
    Ok(Some(LoadedKey { key, created: false, warning: too_open(path) }))
}

/// A warning rather than a refusal: orchestrators mount secrets with modes of their own.
#[cfg(unix)]
fn too_open(path: &Path) -> Option<String> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = fs::metadata(path).ok()?.permissions().mode() & 0o777;
    let says = || {
        format!(
            "others on this machine can read the audit key {} (mode {mode:03o}); chmod 600 it",
            path.display()
        )
    };
    (mode & 0o077 != 0).then(says)
}

#[cfg(not(unix))]
const fn too_open(_: &Path) -> Option<String> {
    None
}

/// Writes a new key beside its place and links it there, so that no reader ever finds half a key and the first
/// of two wins. Whether it was this one.
fn create(path: &Path, sys: &Sys) -> io::Result<bool> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let draft = path.with_extension(format!("{}.new", sys.uuid7().simple()));
    let result = write_new(&draft, &format!("{}\n", to_hex(&sys.bytes::<32>())))
        .and_then(|()| fs::hard_link(&draft, path));
    let removed = fs::remove_file(&draft);
    match result {
        Ok(()) => {
            removed?;
            // Else a power cut could leave sealed entries without their key.
            File::open(folder)?.sync_all()?;
            Ok(true)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

impl std::fmt::Debug for AuditKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AuditKey({})", self.id())
    }
}

impl std::fmt::Debug for KeySource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Given(_) => f.write_str("Given(…)"),
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
        }
    }
}
