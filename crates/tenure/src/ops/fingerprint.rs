//! What stands for a preview: a form that confirms sends it back, and where it would be another now, nothing is done.

use sha2::{Digest, Sha256};

/// Gathers what a preview says.
#[derive(Debug, Default)]
pub(crate) struct Fingerprint(Sha256);

impl Fingerprint {
    /// One more thing that it says.
    pub(crate) fn add(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.update(bytes);
    }

    /// Stands for all of it: 32 hexadecimal digits.
    pub(crate) fn finish(self) -> String {
        let mut first = [0; 16];
        first.copy_from_slice(&self.0.finalize()[..16]);
        format!("{:032x}", u128::from_be_bytes(first))
    }
}
