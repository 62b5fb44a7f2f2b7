//! A disk that is lost, full or broken when it is told to be.
//!
//! What a program reads is what it wrote. What is there after a power cut is what was flushed: the bytes of a file as of its
//! last `fsync`, and the names of a folder as of its own last `fsync`, or, of a file's own name, as of the file's (as ext4
//! does). A `fsync` that fails has lost what it should have flushed: the program reads on, the disk will never have it.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::{OsStr, OsString},
    sync::{Mutex, MutexGuard, PoisonError},
};

use fuser::Errno;

use crate::chance::Chance;

/// The number of the outermost folder.
pub(crate) const ROOT: u64 = 1;
/// What reaches a disk whole or not at all.
const PAGE: usize = 4096;

/// How the disk does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weather {
    /// Well.
    Fair,
    /// There is room for so many bytes.
    Full(usize),
    /// One write or flush in so many fails.
    Failing(usize),
    /// There is no power: everything fails.
    Off,
}

/// What of a file was not flushed survives a power cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Survives {
    /// Nothing.
    Nothing,
    /// Some pages, whichever the disk had got to.
    Some,
}

#[derive(Clone, Debug)]
enum Change {
    Write(usize, Vec<u8>),
    Length(usize),
}

#[derive(Clone, Debug, Default)]
struct Bytes {
    now: Vec<u8>,
    safe: Vec<u8>,
    pending: Vec<Change>,
}

#[derive(Clone, Debug, Default)]
struct Names {
    now: BTreeMap<OsString, u64>,
    safe: BTreeMap<OsString, u64>,
}

#[derive(Clone, Debug)]
enum Body {
    File(Bytes),
    Folder(Names),
}

#[derive(Clone, Debug)]
struct Node {
    body: Body,
    mode: u16,
}

/// What is told of a file or a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Look {
    /// Its number.
    pub(crate) number: u64,
    /// Its length in bytes.
    pub(crate) length: u64,
    /// Whether it is a folder.
    pub(crate) folder: bool,
    /// Its permissions.
    pub(crate) mode: u16,
}

struct State {
    nodes: BTreeMap<u64, Node>,
    next: u64,
    weather: Weather,
    chance: Chance,
}

/// See the module.
pub(crate) struct Disk(Mutex<State>);

/// What comes of a request to the disk.
pub(crate) type Done<T> = Result<T, Errno>;

impl Disk {
    /// An empty one.
    pub(crate) fn new(chance: Chance) -> Self {
        let root = Node { body: Body::Folder(Names::default()), mode: 0o755 };
        let nodes = BTreeMap::from([(ROOT, root)]);
        Self(Mutex::new(State { nodes, next: ROOT + 1, weather: Weather::Fair, chance }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says how it does from now on.
    pub(crate) fn set(&self, weather: Weather) {
        self.state().weather = weather;
    }

    /// What is there now stays.
    pub(crate) fn settle(&self) {
        for node in self.state().nodes.values_mut() {
            match &mut node.body {
                Body::File(bytes) => bytes.flush(),
                Body::Folder(names) => names.safe = names.now.clone(),
            }
        }
    }

    /// The power was cut, and is back.
    pub(crate) fn cut(&self, survives: Survives) {
        let mut state = self.state();
        let mut chance = state.chance.clone();
        for node in state.nodes.values_mut() {
            match &mut node.body {
                Body::File(bytes) => bytes.cut(survives, &mut chance),
                Body::Folder(names) => names.now = names.safe.clone(),
            }
        }
        state.chance = chance;
        state.weather = Weather::Fair;
        state.sweep();
    }

    /// A name in a folder.
    pub(crate) fn lookup(&self, folder: u64, name: &OsStr) -> Done<Look> {
        let state = self.state();
        let number = *state.names(folder)?.now.get(name).ok_or(Errno::ENOENT)?;
        state.look(number)
    }

    /// A file or folder by its number.
    pub(crate) fn look(&self, number: u64) -> Done<Look> {
        self.state().look(number)
    }

    /// The names in a folder.
    pub(crate) fn list(&self, folder: u64) -> Done<Vec<(OsString, Look)>> {
        let state = self.state();
        let names = state.names(folder)?;
        names.now.iter().map(|(name, number)| Ok((name.clone(), state.look(*number)?))).collect()
    }

    /// Makes a file or a folder; of a file that is there, that one.
    pub(crate) fn make(&self, parent: u64, name: &OsStr, folder: bool, mode: u16) -> Done<Look> {
        let mut state = self.state();
        if let Some(number) = state.names(parent)?.now.get(name).copied() {
            return if folder { Err(Errno::EEXIST) } else { state.look(number) };
        }
        state.spend(PAGE)?;
        let number = state.next;
        state.next += 1;
        let body = if folder { Body::Folder(Names::default()) } else { Body::File(Bytes::default()) };
        state.nodes.insert(number, Node { body, mode });
        state.names_mut(parent)?.now.insert(name.to_owned(), number);
        state.look(number)
    }

    /// Takes a name away.
    pub(crate) fn remove(&self, parent: u64, name: &OsStr) -> Done<()> {
        let mut state = self.state();
        state.is_on()?;
        let number = *state.names(parent)?.now.get(name).ok_or(Errno::ENOENT)?;
        if state.names(number).is_ok_and(|names| !names.now.is_empty()) {
            return Err(Errno::ENOTEMPTY);
        }
        state.names_mut(parent)?.now.remove(name);
        Ok(())
    }

    /// Gives something another name.
    pub(crate) fn rename(&self, from: (u64, &OsStr), to: (u64, &OsStr)) -> Done<()> {
        let mut state = self.state();
        state.is_on()?;
        let number = state.names_mut(from.0)?.now.remove(from.1).ok_or(Errno::ENOENT)?;
        state.names_mut(to.0)?.now.insert(to.1.to_owned(), number);
        Ok(())
    }

    /// Gives a file one name more.
    pub(crate) fn link(&self, number: u64, parent: u64, name: &OsStr) -> Done<Look> {
        let mut state = self.state();
        state.spend(PAGE)?;
        if state.names(parent)?.now.contains_key(name) {
            return Err(Errno::EEXIST);
        }
        state.names_mut(parent)?.now.insert(name.to_owned(), number);
        state.look(number)
    }

    /// Reads.
    pub(crate) fn read(&self, number: u64, at: u64, length: u32) -> Done<Vec<u8>> {
        let mut state = self.state();
        state.is_on()?;
        let bytes = &state.bytes_mut(number)?.now;
        let from = usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
        let to = from.saturating_add(length as usize).min(bytes.len());
        Ok(bytes[from..to].to_vec())
    }

    /// Writes.
    pub(crate) fn write(&self, number: u64, at: u64, data: &[u8]) -> Done<u32> {
        let mut state = self.state();
        state.spend(data.len())?;
        let at = usize::try_from(at).map_err(|_| Errno::EFBIG)?;
        state.bytes_mut(number)?.change(Change::Write(at, data.to_vec()));
        u32::try_from(data.len()).map_err(|_| Errno::EINVAL)
    }

    /// Changes length or permissions.
    pub(crate) fn alter(&self, number: u64, length: Option<u64>, mode: Option<u16>) -> Done<Look> {
        let mut state = self.state();
        if let Some(length) = length {
            let length = usize::try_from(length).map_err(|_| Errno::EFBIG)?;
            let growth = length.saturating_sub(state.bytes_mut(number)?.now.len());
            state.spend(growth)?;
            state.bytes_mut(number)?.change(Change::Length(length));
        }
        if let Some(mode) = mode {
            state.node_mut(number)?.mode = mode & 0o7777;
        }
        state.look(number)
    }

    /// Flushes a file and its name, or the names of a folder.
    pub(crate) fn flush(&self, number: u64) -> Done<()> {
        let mut state = self.state();
        if let Err(error) = state.luck() {
            if let Ok(bytes) = state.bytes_mut(number) {
                bytes.pending.clear();
            }
            return Err(error);
        }
        match &mut state.node_mut(number)?.body {
            Body::Folder(names) => names.safe = names.now.clone(),
            Body::File(bytes) => {
                bytes.flush();
                state.flush_name(number);
            }
        }
        Ok(())
    }

    /// How many files and folders it holds.
    #[cfg(test)]
    fn count(&self) -> usize {
        self.state().nodes.len()
    }
}

impl State {
    fn node_mut(&mut self, number: u64) -> Done<&mut Node> {
        self.nodes.get_mut(&number).ok_or(Errno::ENOENT)
    }

    fn names(&self, number: u64) -> Done<&Names> {
        match &self.nodes.get(&number).ok_or(Errno::ENOENT)?.body {
            Body::Folder(names) => Ok(names),
            Body::File(_) => Err(Errno::ENOTDIR),
        }
    }

    fn names_mut(&mut self, number: u64) -> Done<&mut Names> {
        match &mut self.node_mut(number)?.body {
            Body::Folder(names) => Ok(names),
            Body::File(_) => Err(Errno::ENOTDIR),
        }
    }

    fn bytes_mut(&mut self, number: u64) -> Done<&mut Bytes> {
        match &mut self.node_mut(number)?.body {
            Body::File(bytes) => Ok(bytes),
            Body::Folder(_) => Err(Errno::EISDIR),
        }
    }

    fn look(&self, number: u64) -> Done<Look> {
        let node = self.nodes.get(&number).ok_or(Errno::ENOENT)?;
        let (length, folder) = match &node.body {
            Body::File(bytes) => (bytes.now.len() as u64, false),
            Body::Folder(_) => (0, true),
        };
        Ok(Look { number, length, folder, mode: node.mode })
    }

    fn is_on(&self) -> Done<()> {
        if self.weather == Weather::Off { Err(Errno::EIO) } else { Ok(()) }
    }

    /// Whether a write or a flush works.
    fn luck(&mut self) -> Done<()> {
        self.is_on()?;
        match self.weather {
            Weather::Failing(times) if self.chance.one_in(times) => Err(Errno::EIO),
            _ => Ok(()),
        }
    }

    /// Takes room for so many bytes.
    fn spend(&mut self, bytes: usize) -> Done<()> {
        self.luck()?;
        if let Weather::Full(left) = &mut self.weather {
            if bytes > *left {
                *left = 0;
                return Err(Errno::ENOSPC);
            }
            *left -= bytes;
        }
        Ok(())
    }

    fn flush_name(&mut self, number: u64) {
        for node in self.nodes.values_mut() {
            if let Body::Folder(names) = &mut node.body {
                let of_it: Vec<_> = names.now.iter().filter(|(_, one)| **one == number).collect();
                let of_it: Vec<_> = of_it.into_iter().map(|(name, number)| (name.clone(), *number)).collect();
                names.safe.extend(of_it);
            }
        }
    }

    /// Forgets what no name leads to.
    fn sweep(&mut self) {
        let (mut reached, mut ways) = (BTreeSet::from([ROOT]), vec![ROOT]);
        while let Some(number) = ways.pop() {
            if let Ok(names) = self.names(number) {
                let inside = names.now.values().chain(names.safe.values()).copied();
                ways.extend(inside.filter(|inner| reached.insert(*inner)).collect::<Vec<_>>());
            }
        }
        self.nodes.retain(|number, _| reached.contains(number));
    }
}

impl Bytes {
    fn change(&mut self, change: Change) {
        apply(&mut self.now, &change);
        self.pending.push(change);
    }

    fn flush(&mut self) {
        for change in self.pending.drain(..) {
            apply(&mut self.safe, &change);
        }
    }

    fn cut(&mut self, survives: Survives, chance: &mut Chance) {
        for change in std::mem::take(&mut self.pending) {
            if survives == Survives::Nothing {
                continue;
            }
            for piece in pieces(change) {
                if chance.one_in(2) {
                    apply(&mut self.safe, &piece);
                }
            }
        }
        self.now.clone_from(&self.safe);
    }
}

fn apply(to: &mut Vec<u8>, change: &Change) {
    match change {
        Change::Length(length) => to.resize(*length, 0),
        Change::Write(at, data) => {
            let end = at + data.len();
            if to.len() < end {
                to.resize(end, 0);
            }
            to[*at..end].copy_from_slice(data);
        }
    }
}

/// A write as the pages that it touches.
fn pieces(change: Change) -> Vec<Change> {
    let Change::Write(mut at, data) = change else { return vec![change] };
    let (mut rest, mut pieces) = (data.as_slice(), Vec::new());
    while !rest.is_empty() {
        let (piece, behind) = rest.split_at(rest.len().min(PAGE - at % PAGE));
        pieces.push(Change::Write(at, piece.to_vec()));
        at += piece.len();
        rest = behind;
    }
    pieces
}

#[cfg(test)]
mod tests;
