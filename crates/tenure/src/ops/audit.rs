//! Sealing the audit log in the background, verifying it, and making checkpoints (rule 11).

use domain::id::WorkspaceId;

use crate::{
    error::{Error, Result},
    seal::{AuditKey, Canonical, Checkpoint, Hash, Personal, Sealed, Verdict, Verifier, Why},
    store::{
        self, Rx, Store, Tx,
        audit::{self, Entry, Head},
        people,
    },
};

/// The number of the list of fields below.
const FORM: u32 = 1;

/// The digest of what an entry says.
fn digest(ws: WorkspaceId, entry: &Entry) -> Hash {
    Canonical::new(FORM)
        .id(ws.uuid())
        .id(entry.id.uuid())
        .number(store::time::micros(entry.at))
        .text(&entry.actor)
        .maybe(entry.actor_id, |form, id| form.id(id.uuid()))
        .text(&entry.actor_label)
        .text(&entry.action)
        .maybe(entry.person, |form, id| form.id(id.uuid()))
        .text(&entry.subject)
        .text(&entry.before)
        .text(&entry.after)
        .text(&entry.door)
        .id(entry.request)
        .maybe(entry.personal_hash.as_ref(), |form, hash| form.bytes(hash))
        .digest()
}

fn hash(bytes: &[u8], column: &'static str) -> Result<Hash> {
    bytes.try_into().map_err(|_| store::Error::Value(column).into())
}

/// Seals up to 500 waiting entries, in the order of their ids; answers how many. Another sealer at work
/// is left alone.
pub async fn seal(tx: &mut Tx, ws: WorkspaceId, key: &AuditKey) -> Result<usize> {
    seal_some(tx, ws, key, false).await
}

async fn seal_some(tx: &mut Tx, ws: WorkspaceId, key: &AuditKey, wait: bool) -> Result<usize> {
    let Some(head) = audit::lock_head(tx, ws, wait).await? else {
        return Ok(0);
    };
    let mut at = checkpoint(&head)?;
    if at.seq == 0 && at != Checkpoint::genesis(key, ws.uuid()) {
        // Sealed with another key than it began with, the log would never verify.
        return Err(Error::Internal("the audit key is not the one that this workspace began with".into()));
    }
    if !at.has_tag(key, ws.uuid(), &head.tag) {
        // Going on from here would seal over what was cut.
        return Err(Error::Internal("the end of the audit log was moved without its key".into()));
    }
    let entries = audit::unsealed(tx, ws).await?;
    let mut sealed = Vec::with_capacity(entries.len());
    for entry in &entries {
        at = at.next(key, &digest(ws, entry));
        sealed.push((entry.id, seq(at)?, at.mac.to_vec()));
    }
    audit::seal(tx, ws, &sealed)?;
    if !entries.is_empty() {
        let tag = at.tag(key, ws.uuid()).to_vec();
        let head = Head { seq: seq(at)?, mac: at.mac.to_vec(), tag };
        audit::set_head(tx, ws, &head).await?;
    }
    Ok(entries.len())
}

fn seq(at: Checkpoint) -> Result<i64> {
    i64::try_from(at.seq).map_err(|_| Error::Internal("the audit chain is too long".into()))
}

fn checkpoint(head: &Head) -> Result<Checkpoint> {
    Ok(Checkpoint {
        seq: u64::try_from(head.seq).map_err(|_| store::Error::Value("audit_heads.seq"))?,
        mac: hash(&head.mac, "audit_heads.mac")?,
    })
}

/// Seals everything that waits.
pub async fn seal_all(store: &Store, ws: WorkspaceId, key: &AuditKey) -> Result<()> {
    loop {
        let key = key.clone();
        let sealed = store.write(async move |tx| seal_some(tx, ws, &key, true).await).await?;
        if sealed == 0 {
            return Ok(());
        }
    }
}

/// How far the chain is: to be kept away from the server.
pub async fn head(rx: &mut Rx, ws: WorkspaceId) -> Result<Checkpoint> {
    let head = audit::head(rx, ws).await?;
    checkpoint(&head.ok_or(Error::NotFound("audit log"))?)
}

/// Whether this is the key that the workspace's log is sealed with: told by its first entry, so it is
/// quick however long the log is.
pub async fn key_fits(rx: &mut Rx, ws: WorkspaceId, key: &AuditKey) -> Result<bool> {
    let genesis = Checkpoint::genesis(key, ws.uuid());
    let Some(first) = audit::sealed(rx, ws, 0).await?.into_iter().next() else {
        return Ok(head(rx, ws).await? == genesis);
    };
    let next = genesis.next(key, &digest(ws, &first));
    Ok(first.mac.as_deref() == Some(next.mac.as_slice()))
}

/// Verifies the whole chain of a workspace, against the head beside it and checkpoints kept outside.
pub async fn verify(
    rx: &mut Rx,
    ws: WorkspaceId,
    key: &AuditKey,
    outside: Vec<Checkpoint>,
) -> Result<Verdict> {
    let kept = audit::head(rx, ws).await?.ok_or(Error::NotFound("audit log"))?;
    let end = checkpoint(&kept)?;
    let mut checkpoints = outside;
    checkpoints.push(end);
    let genesis = Checkpoint::genesis(key, ws.uuid());
    let mut verifier = Verifier::new(key, genesis, checkpoints);
    let mut after = 0;
    loop {
        let entries = audit::sealed(rx, ws, after).await?;
        let Some(last) = entries.last() else {
            return Ok(match verifier.finish() {
                Verdict::Verified { .. } if !end.has_tag(key, ws.uuid(), &kept.tag) => {
                    Verdict::Broken { seq: end.seq, why: Why::EndMoved }
                }
                verdict => verdict,
            });
        };
        after = last.seq.unwrap_or(i64::MAX);
        for entry in &entries {
            if let Some(seq) = missing(rx, ws, entry).await? {
                return Ok(Verdict::Broken { seq, why: Why::PersonalMissing });
            }
            if !verifier.push(&sealed(ws, entry)?) {
                return Ok(verifier.finish());
            }
        }
    }
}

/// The place of an entry whose personal values are gone while their person is still there: only a deletion
/// erases them.
async fn missing(rx: &mut Rx, ws: WorkspaceId, entry: &Entry) -> Result<Option<u64>> {
    let (Some(_), None, Some(owner)) =
        (&entry.personal_hash, &entry.personal, entry.person.or(entry.actor_id))
    else {
        return Ok(None);
    };
    let there = people::load(rx, ws, owner).await?.is_some();
    Ok(there.then(|| entry.seq.and_then(|seq| u64::try_from(seq).ok()).unwrap_or(0)))
}

fn sealed(ws: WorkspaceId, entry: &Entry) -> Result<Sealed> {
    let personal = match (&entry.personal_hash, &entry.personal) {
        (None, _) => Personal::None,
        (Some(_), None) => Personal::Erased,
        (Some(digest), Some((salt, json))) => Personal::Kept {
            digest: hash(digest, "audit.personal_hash")?,
            salt: hash(salt, "audit_personal.salt")?,
            json: json.clone(),
        },
    };
    let mac = entry.mac.as_deref().unwrap_or_default();
    Ok(Sealed {
        seq: u64::try_from(entry.seq.unwrap_or(0)).unwrap_or(0),
        entry: digest(ws, entry),
        mac: hash(mac, "audit.mac")?,
        personal,
    })
}
