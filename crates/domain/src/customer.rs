//! What is particular to customers (rules 8 and 13): they hold no license, stand in at most one
//! organization, and may become users. All else of their life is [`crate::lifecycle`]'s and
//! [`crate::invitation`]'s, as it is for users.

use jiff::Timestamp;

use crate::{
    actor::Authority,
    invitation::{address_refusal, invited, license_for_one},
    license::Licenses,
    part::may_receive,
    person::{Kind, Person, Status},
    refusal::Refusal,
};

/// Whether a customer may be added without an invitation: active from now on, without a password.
/// `existing` is the person who has the address now.
pub fn add(authority: &Authority, existing: Option<&Person>, now: Timestamp) -> Result<Status, Refusal> {
    authority.may_administer()?;
    match existing {
        Some(person) => Err(address_refusal(person)),
        None => Ok(Status::Active { since: now }),
    }
}

/// Whether somebody may ask for an account in the portal, and the state that follows: invited, with no link made,
/// since nobody has proved yet that the address is theirs. An address that is somebody's changes nothing (`None`),
/// and whoever asked is not told (rule 13).
pub fn register(open: bool, existing: Option<&Person>, now: Timestamp) -> Result<Option<Status>, Refusal> {
    if !open {
        return Err(Refusal::RegistrationClosed);
    }
    Ok(existing.is_none().then(|| invited(now)))
}

/// Providers of mail at whose domains anyone can have an address, as far as one need know: an organization with such a
/// domain is joined by strangers.
const FOR_ANYONE: &[&str] = &[
    "126.com",
    "163.com",
    "aol.com",
    "fastmail.com",
    "free.fr",
    "gmail.com",
    "gmx.at",
    "gmx.ch",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hey.com",
    "hotmail.co.uk",
    "hotmail.com",
    "hotmail.fr",
    "icloud.com",
    "laposte.net",
    "libero.it",
    "live.com",
    "mac.com",
    "mail.com",
    "mail.ru",
    "me.com",
    "msn.com",
    "naver.com",
    "o2.pl",
    "orange.fr",
    "outlook.com",
    "outlook.de",
    "outlook.fr",
    "pm.me",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "seznam.cz",
    "t-online.de",
    "tuta.com",
    "web.de",
    "wp.pl",
    "yahoo.co.jp",
    "yahoo.co.uk",
    "yahoo.com",
    "yahoo.de",
    "yahoo.fr",
    "yandex.com",
    "yandex.ru",
    "ymail.com",
    "zoho.com",
];

/// Whether anyone can have an address at this domain (folded, as an organization keeps it).
#[must_use]
pub fn is_for_anyone(domain: &str) -> bool {
    FOR_ANYONE.binary_search(&domain).is_ok()
}

/// Whether a person may be put into an organization (rule 5: a deactivated one gets nothing new).
pub fn join_organization(authority: &Authority, target: &Person) -> Result<(), Refusal> {
    authority.may_administer()?;
    customers_only(target)?;
    may_receive(target)
}

/// Whether a person may be taken out of an organization; of a deactivated one, too, parts may be
/// removed (rule 2).
pub fn leave_organization(authority: &Authority, target: &Person) -> Result<(), Refusal> {
    authority.may_administer()?;
    customers_only(target)
}

/// Refuses users what only customers are given.
pub fn customers_only(target: &Person) -> Result<(), Refusal> {
    match target.kind {
        Kind::Customer => Ok(()),
        Kind::User => Err(Refusal::CustomersOnly),
    }
}

/// A conversion of a customer to a user that may be saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conversion {
    /// Whether a license is taken: not by somebody whose invitation has expired.
    pub takes_license: bool,
    /// How many licenses are added: 0 or 1.
    pub adds_licenses: i64,
}

/// Whether a customer may become a user. It needs a license for whoever may sign in or is invited;
/// `add` says that one may be added should none be free. A deactivated customer is activated first
/// (rules 5 and 13).
pub fn convert(
    authority: &Authority,
    target: &Person,
    licenses: &Licenses,
    add: bool,
) -> Result<Conversion, Refusal> {
    authority.may_administer()?;
    customers_only(target)?;
    if matches!(target.status, Status::Deactivated { .. }) {
        return Err(Refusal::AddressOfDeactivated {
            person: target.id,
            kind: target.kind,
            name: target.name.clone(),
        });
    }
    let takes_license = target.status.holds_license();
    let adds_licenses = if takes_license { license_for_one(licenses, add)? } else { 0 };
    Ok(Conversion { takes_license, adds_licenses })
}

#[cfg(test)]
mod tests {
    use super::{FOR_ANYONE, is_for_anyone};

    #[test]
    fn domains_for_anyone_are_in_order_and_found() {
        assert!(FOR_ANYONE.is_sorted());
        assert!(FOR_ANYONE.iter().all(|domain| is_for_anyone(domain)));
        assert!(!is_for_anyone("globex.example"));
    }
}
