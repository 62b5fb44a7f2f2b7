//! The disk of [`crate::disk`] as a folder of this machine, by FUSE.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use fuser::{
    BackgroundSession, BsdFileFlags, Config, Errno, FileAttr, FileHandle, FileType, Filesystem, FopenFlags,
    Generation, INodeNo, LockOwner, MountOption, OpenFlags, RenameFlags, ReplyAttr, ReplyCreate, ReplyData,
    ReplyDirectory, ReplyEmpty, ReplyEntry, ReplyStatfs, ReplyWrite, Request, TimeOrNow, WriteFlags,
};
use rig::failure::{During as _, Result};

use crate::disk::{Disk, Done, Look, ROOT};

/// Nothing is remembered: what a power cut takes must not be left in the kernel.
const TTL: Duration = Duration::ZERO;

/// A mounted disk. It is unmounted when this is dropped.
pub(crate) struct Mounted {
    session: Option<BackgroundSession>,
    live: Arc<AtomicBool>,
    folder: PathBuf,
}

impl Mounted {
    /// Mounts a disk at a folder that is there.
    pub(crate) fn mount(disk: Arc<Disk>, folder: &Path) -> Result<Self> {
        let live = Arc::new(AtomicBool::new(true));
        let mut config = Config::default();
        config.mount_options = vec![MountOption::FSName("faults".into()), MountOption::NoAtime];
        let files = Files { disk, live: live.clone() };
        let session = fuser::spawn_mount(files, folder, &config).during("mounting the disk of the trial")?;
        Ok(Self { session: Some(session), live, folder: folder.into() })
    }

    /// Why no disk can be mounted here, if none can.
    pub(crate) fn missing() -> Option<&'static str> {
        if !Path::new("/dev/fuse").exists() {
            return Some("there is no /dev/fuse");
        }
        let me = std::fs::metadata("/proc/self").ok();
        let root = me.is_some_and(|me| std::os::unix::fs::MetadataExt::uid(&me) == 0);
        (!root).then_some("mounting needs root")
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        // What the kernel still had in hand is lost with the rest.
        self.live.store(false, Ordering::Relaxed);
        if let Some(session) = self.session.take()
            && let Err(error) = session.umount_and_join()
        {
            // A command that was broken off may still have a file open.
            let detached = std::process::Command::new("umount").arg("--lazy").arg(&self.folder).status();
            if !detached.is_ok_and(|status| status.success()) {
                eprintln!("faults: {} is still mounted: {error}", self.folder.display());
            }
        }
    }
}

struct Files {
    disk: Arc<Disk>,
    live: Arc<AtomicBool>,
}

impl Files {
    fn disk(&self) -> Done<&Disk> {
        if self.live.load(Ordering::Relaxed) { Ok(&self.disk) } else { Err(Errno::EIO) }
    }
}

fn attributes(look: &Look) -> FileAttr {
    FileAttr {
        ino: INodeNo(look.number),
        size: look.length,
        blocks: look.length.div_ceil(512),
        atime: UNIX_EPOCH,
        mtime: UNIX_EPOCH,
        ctime: UNIX_EPOCH,
        crtime: UNIX_EPOCH,
        kind: if look.folder { FileType::Directory } else { FileType::RegularFile },
        perm: look.mode,
        nlink: if look.folder { 2 } else { 1 },
        uid: 0,
        gid: 0,
        rdev: 0,
        flags: 0,
        blksize: 4096,
    }
}

fn permissions(mode: u32) -> u16 {
    u16::try_from(mode & 0o7777).unwrap_or(0o600)
}

fn entry(made: Done<Look>, reply: ReplyEntry) {
    match made {
        Ok(look) => reply.entry(&TTL, &attributes(&look), Generation(0)),
        Err(error) => reply.error(error),
    }
}

fn attr(made: Done<Look>, reply: ReplyAttr) {
    match made {
        Ok(look) => reply.attr(&TTL, &attributes(&look)),
        Err(error) => reply.error(error),
    }
}

fn empty(done: Done<()>, reply: ReplyEmpty) {
    match done {
        Ok(()) => reply.ok(),
        Err(error) => reply.error(error),
    }
}

impl Filesystem for Files {
    fn lookup(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        entry(self.disk().and_then(|disk| disk.lookup(parent.0, name)), reply);
    }

    fn getattr(&self, _: &Request, ino: INodeNo, _: Option<FileHandle>, reply: ReplyAttr) {
        attr(self.disk().and_then(|disk| disk.look(ino.0)), reply);
    }

    fn setattr(
        &self,
        _: &Request,
        ino: INodeNo,
        mode: Option<u32>,
        _: Option<u32>,
        _: Option<u32>,
        size: Option<u64>,
        _: Option<TimeOrNow>,
        _: Option<TimeOrNow>,
        _: Option<SystemTime>,
        _: Option<FileHandle>,
        _: Option<SystemTime>,
        _: Option<SystemTime>,
        _: Option<SystemTime>,
        _: Option<BsdFileFlags>,
        reply: ReplyAttr,
    ) {
        attr(self.disk().and_then(|disk| disk.alter(ino.0, size, mode.map(permissions))), reply);
    }

    fn mkdir(&self, _: &Request, parent: INodeNo, name: &OsStr, mode: u32, _: u32, reply: ReplyEntry) {
        entry(self.disk().and_then(|disk| disk.make(parent.0, name, true, permissions(mode))), reply);
    }

    fn unlink(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        empty(self.disk().and_then(|disk| disk.remove(parent.0, name)), reply);
    }

    fn rmdir(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        empty(self.disk().and_then(|disk| disk.remove(parent.0, name)), reply);
    }

    fn rename(
        &self,
        _: &Request,
        parent: INodeNo,
        name: &OsStr,
        newparent: INodeNo,
        newname: &OsStr,
        _: RenameFlags,
        reply: ReplyEmpty,
    ) {
        empty(self.disk().and_then(|disk| disk.rename((parent.0, name), (newparent.0, newname))), reply);
    }

    fn link(&self, _: &Request, ino: INodeNo, newparent: INodeNo, newname: &OsStr, reply: ReplyEntry) {
        entry(self.disk().and_then(|disk| disk.link(ino.0, newparent.0, newname)), reply);
    }

    fn read(
        &self,
        _: &Request,
        ino: INodeNo,
        _: FileHandle,
        offset: u64,
        size: u32,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyData,
    ) {
        match self.disk().and_then(|disk| disk.read(ino.0, offset, size)) {
            Ok(bytes) => reply.data(&bytes),
            Err(error) => reply.error(error),
        }
    }

    fn write(
        &self,
        _: &Request,
        ino: INodeNo,
        _: FileHandle,
        offset: u64,
        data: &[u8],
        _: WriteFlags,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyWrite,
    ) {
        match self.disk().and_then(|disk| disk.write(ino.0, offset, data)) {
            Ok(length) => reply.written(length),
            Err(error) => reply.error(error),
        }
    }

    fn flush(&self, _: &Request, _: INodeNo, _: FileHandle, _: LockOwner, reply: ReplyEmpty) {
        // Closing a file promises nothing.
        reply.ok();
    }

    fn fsync(&self, _: &Request, ino: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        empty(self.disk().and_then(|disk| disk.flush(ino.0)), reply);
    }

    fn fsyncdir(&self, _: &Request, ino: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        empty(self.disk().and_then(|disk| disk.flush(ino.0)), reply);
    }

    fn readdir(&self, _: &Request, ino: INodeNo, _: FileHandle, offset: u64, mut reply: ReplyDirectory) {
        let listed = self.disk().and_then(|disk| disk.list(ino.0));
        let listed = match listed {
            Ok(listed) => listed,
            Err(error) => return reply.error(error),
        };
        let dots = [(ino.0, FileType::Directory, ".".into()), (ROOT, FileType::Directory, "..".into())];
        let inside = listed.into_iter().map(|(name, look)| {
            (look.number, if look.folder { FileType::Directory } else { FileType::RegularFile }, name)
        });
        let all = dots.into_iter().chain(inside).zip(1..).skip(usize::try_from(offset).unwrap_or(0));
        for ((number, kind, name), next) in all {
            if reply.add(INodeNo(number), next, kind, name) {
                break;
            }
        }
        reply.ok();
    }

    fn create(
        &self,
        _: &Request,
        parent: INodeNo,
        name: &OsStr,
        mode: u32,
        _: u32,
        _: i32,
        reply: ReplyCreate,
    ) {
        match self.disk().and_then(|disk| disk.make(parent.0, name, false, permissions(mode))) {
            Ok(look) => {
                reply.created(&TTL, &attributes(&look), Generation(0), FileHandle(0), FopenFlags::empty());
            }
            Err(error) => reply.error(error),
        }
    }

    fn statfs(&self, _: &Request, _: INodeNo, reply: ReplyStatfs) {
        reply.statfs(1 << 20, 1 << 19, 1 << 19, 1 << 16, 1 << 15, 4096, 255, 4096);
    }
}
