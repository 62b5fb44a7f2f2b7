//! Where a trial takes place: a folder that is gone afterwards, and the programs.

use std::{
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

use rig::failure::{During as _, Result};

static NUMBER: AtomicU32 = AtomicU32::new(1);

/// A folder that is gone when this is dropped.
#[derive(Debug)]
pub(crate) struct Folder(PathBuf, u32);

impl Folder {
    /// Makes one.
    pub(crate) fn make() -> Result<Self> {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("tenure-faults-{}-{number}", std::process::id()));
        // Not one that is there: it could be somebody else's.
        std::fs::DirBuilder::new().mode(0o755).create(&path).during(path.display())?;
        Ok(Self(path, number))
    }

    /// A folder in it, which is made.
    pub(crate) fn sub(&self, name: &str) -> Result<PathBuf> {
        let path = self.0.join(name);
        std::fs::create_dir(&path).during(path.display())?;
        Ok(path)
    }

    /// Its number among those of this program.
    pub(crate) fn number(&self) -> u32 {
        self.1
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            eprintln!("faults: {} is left: {error}", self.0.display());
        }
    }
}
