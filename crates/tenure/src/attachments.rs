//! The bytes of attachments: one file each, in the data folder, under the attachment's id.
//!
//! A file is whole and on disk before the row that names it is saved, so that no row is without its file. What a crash
//! leaves between the two, and what is left when a row goes, is swept up: a file without a row belongs to nobody.

use std::{
    io,
    path::{Path, PathBuf},
};

use domain::id::{AttachmentId, WorkspaceId};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use tokio::{
    fs::{self, File},
    io::AsyncWriteExt as _,
};

/// The folder in the data folder.
const FOLDER: &str = "attachments";

/// The last of the folders that the files of a workspace are spread over, by the last two digits of their ids.
pub const FOLDERS: u8 = u8::MAX;

/// Where the files are kept.
#[derive(Debug, Clone)]
pub struct Files(PathBuf);

impl Files {
    /// Below this data folder.
    #[must_use]
    pub fn within(data: &Path) -> Self {
        Self(data.join(FOLDER))
    }

    fn folder(&self, ws: WorkspaceId, last: u8) -> PathBuf {
        self.0.join(ws.to_string()).join(format!("{last:02x}"))
    }

    fn path(&self, ws: WorkspaceId, id: AttachmentId) -> PathBuf {
        let last = id.uuid().as_bytes()[15];
        self.folder(ws, last).join(id.to_string())
    }

    /// A new file, for the attachment that will have this id. It goes again unless it is kept.
    pub async fn receive(&self, ws: WorkspaceId, id: AttachmentId) -> io::Result<Receiving> {
        let path = self.path(ws, id);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).await?;
        }
        let file = File::options().write(true).create_new(true).open(&path).await?;
        Ok(Receiving { id, file, path, digest: Sha256::new(), length: 0, head: Vec::new(), kept: false })
    }

    /// An attachment's bytes, to be read piece by piece.
    pub async fn open(&self, ws: WorkspaceId, id: AttachmentId) -> io::Result<File> {
        File::open(self.path(ws, id)).await
    }

    /// The ids of files that were written before a moment, in one of the [`FOLDERS`] of a workspace.
    pub async fn old(&self, ws: WorkspaceId, folder: u8, before: Timestamp) -> io::Result<Vec<AttachmentId>> {
        let mut found = Vec::new();
        let mut entries = match fs::read_dir(self.folder(ws, folder)).await {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(found),
            Err(error) => return Err(error),
        };
        while let Some(entry) = entries.next_entry().await? {
            let written =
                Timestamp::try_from(entry.metadata().await?.modified()?).map_err(io::Error::other)?;
            if let Some(id) = entry.file_name().to_str().and_then(|name| name.parse().ok())
                && written < before
            {
                found.push(id);
            }
        }
        Ok(found)
    }

    /// Removes a file that no row names.
    pub async fn remove(&self, ws: WorkspaceId, id: AttachmentId) -> io::Result<()> {
        match fs::remove_file(self.path(ws, id)).await {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

/// A file that is arriving.
#[derive(Debug)]
pub struct Receiving {
    id: AttachmentId,
    file: File,
    path: PathBuf,
    digest: Sha256,
    length: u64,
    head: Vec<u8>,
    kept: bool,
}

/// How much of a file's beginning is kept, to see what kind of picture it is.
const HEAD: usize = 64 << 10;

impl Receiving {
    /// Takes the next piece.
    pub async fn take(&mut self, piece: &[u8]) -> io::Result<()> {
        self.digest.update(piece);
        self.length += piece.len() as u64;
        let room = HEAD.saturating_sub(self.head.len()).min(piece.len());
        self.head.extend_from_slice(&piece[..room]);
        self.file.write_all(piece).await
    }

    /// How many bytes it has so far.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }

    /// The id that it will have.
    #[must_use]
    pub fn id(&self) -> AttachmentId {
        self.id
    }

    /// Its beginning.
    #[must_use]
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// The SHA-256 of what has arrived, in hexadecimal digits.
    #[must_use]
    pub fn digest(&self) -> String {
        crate::seal::to_hex(&self.digest.clone().finalize())
    }

    /// Writes what is left through to the disk, its name too: a row may name it then.
    pub async fn finish(&mut self) -> io::Result<()> {
        self.file.flush().await?;
        self.file.sync_all().await?;
        // A file is lost with a folder whose entry was not written. All of them may be new: the folder of the digits,
        // of the workspace, of all attachments, and what holds that.
        for folder in self.path.ancestors().skip(1).take(4) {
            File::open(folder).await?.sync_all().await?;
        }
        Ok(())
    }

    /// The row is saved: the file stays.
    pub fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for Receiving {
    fn drop(&mut self) {
        if !self.kept
            && let Err(error) = std::fs::remove_file(&self.path)
        {
            tracing::warn!(%error, "a refused attachment could not be removed; it is swept up later");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u128) -> AttachmentId {
        AttachmentId::from_uuid(uuid::Uuid::from_u128(n))
    }

    fn ws() -> WorkspaceId {
        WorkspaceId::from_uuid(uuid::Uuid::from_u128(7))
    }

    #[tokio::test]
    async fn a_file_stays_when_it_is_kept_and_goes_when_it_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = Files::within(folder.path());
        let mut kept = files.receive(ws(), id(1)).await.expect("a file");
        for piece in ["ab", "c"] {
            kept.take(piece.as_bytes()).await.expect("it is written");
        }
        kept.finish().await.expect("it is on disk");
        assert_eq!((kept.length(), kept.head()), (3, b"abc".as_slice()));
        assert!(kept.digest().starts_with("ba7816bf"), "{}", kept.digest());
        kept.keep();
        drop(files.receive(ws(), id(2)).await.expect("a file"));
        assert!(files.open(ws(), id(1)).await.is_ok());
        assert!(files.open(ws(), id(2)).await.is_err());
        assert!(files.receive(ws(), id(1)).await.is_err(), "nothing is written over");
    }

    #[tokio::test]
    async fn old_files_are_found_in_their_folder_and_removed() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = Files::within(folder.path());
        files.receive(ws(), id(0x1ff)).await.expect("a file").keep();
        let (early, late) = (Timestamp::UNIX_EPOCH, Timestamp::MAX);
        assert_eq!(files.old(ws(), 0xff, late).await.expect("a look"), [id(0x1ff)]);
        assert!(files.old(ws(), 0xff, early).await.expect("a look").is_empty());
        assert!(files.old(ws(), 0x01, late).await.expect("a look").is_empty());
        for _ in 0..2 {
            files.remove(ws(), id(0x1ff)).await.expect("it goes, once and again");
        }
        assert!(files.old(ws(), 0xff, late).await.expect("a look").is_empty());
    }
}
