//! Workspaces side by side on one server.

use crate::refusal::Refusal;

/// Whether a workspace may begin beside those that are there, each given with whether a host leads to it. A single
/// one is found at any host; of several, each only by a host of its own. Names may be the same: hosts differ.
pub fn begin<'a>(
    others: impl IntoIterator<Item = (&'a str, bool)>,
    name: &str,
    has_host: bool,
) -> Result<(), Refusal> {
    let mut others = others.into_iter().peekable();
    if others.peek().is_none() {
        return Ok(());
    }
    let mut lost: Vec<String> =
        others.filter(|(_, has_host)| !has_host).map(|(name, _)| name.to_owned()).collect();
    let itself = !has_host;
    if lost.is_empty() && !itself {
        return Ok(());
    }
    if itself {
        lost.push(name.to_owned());
    }
    Err(Refusal::WorkspaceNeedsHost { lost, itself })
}
