//! Secrets and signatures of webhooks (Standard Webhooks 1.0, "Signature scheme": HMAC-SHA256 over id, time and body).

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use sha2::Sha256;

use crate::{
    seal::AuditKey,
    secret,
    store::webhooks::{Salt, Webhook},
};

/// What a receiver checks signatures with. `Debug` hides it (ASVS 5.0 16.2.5).
#[derive(Clone)]
pub struct SigningSecret([u8; 32]);

impl SigningSecret {
    /// The secret of this salt. The database holds the salt, and the key is outside: a stolen database signs nothing.
    #[must_use]
    pub fn of(key: &AuditKey, salt: &Salt) -> Self {
        Self(key.derive("webhook secret", salt))
    }

    /// The text form: `whsec_` and the bytes in base64. Give it to who receives, and to nobody else.
    #[must_use]
    pub fn reveal(&self) -> String {
        format!("whsec_{}", secret::base64(&self.0))
    }

    /// The signature of what is sent.
    fn sign(&self, id: &str, seconds: i64, body: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        mac.update(format!("{id}.{seconds}.{body}").as_bytes());
        format!("v1,{}", secret::base64(&mac.finalize().into_bytes()))
    }
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningSecret(…)")
    }
}

/// The three fields that a receiver verifies by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// `webhook-id`: the same for each repeat.
    pub id: String,
    /// `webhook-timestamp`: when this attempt was made, in seconds since 1970.
    pub timestamp: String,
    /// `webhook-signature`: one for each secret that counts now, with a space between them.
    pub signature: String,
}

/// Signs what is sent now.
#[must_use]
pub fn sign(key: &AuditKey, webhook: &Webhook, (id, body): (&str, &str), now: Timestamp) -> Signed {
    let seconds = now.as_second();
    let former = webhook.former.filter(|(_, until)| now < *until).map(|(salt, _)| salt);
    let signatures: Vec<String> = std::iter::once(webhook.salt)
        .chain(former)
        .map(|salt| SigningSecret::of(key, &salt).sign(id, seconds, body))
        .collect();
    Signed { id: id.to_owned(), timestamp: seconds.to_string(), signature: signatures.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made with `standardwebhooks` 1.1.1 of npm: the tests in `browser/` call the library itself.
    #[test]
    fn a_signature_is_what_the_library_of_the_specification_makes() {
        let secret = SigningSecret(*b"0123456789abcdef0123456789abcdef");
        assert_eq!(secret.reveal(), "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=");
        let body = r#"{"type":"person.deactivated","timestamp":"2026-03-02T09:00:00Z","data":{}}"#;
        assert_eq!(
            secret.sign("01a00000-0000-7000-8000-000000000001", 1_772_442_000, body),
            "v1,fzx83saJzJCyDo37rDuKa+VKQSSDvZlkykVetHaqsT0="
        );
        assert!(!format!("{secret:?}").contains("0123"));
    }
}
