//! The cookie that signs a person in (ASVS 5.0 3.3). Desk and portal have one each, so that one browser can hold
//! both.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};

use super::side::Side;
use crate::secret::{Kind, Secret};

/// Name and attributes of the session cookie, which follow from how people reach the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionCookie {
    https: bool,
    side: Side,
}

impl SessionCookie {
    /// `https` is [`crate::config::PublicUrl::is_https`].
    #[must_use]
    pub const fn new(https: bool, side: Side) -> Self {
        Self { https, side }
    }

    /// With https `__Host-tenure`: browsers then take it only over TLS, for exactly this host (ASVS 5.0 3.3.1,
    /// 3.3.3). Over plain http, on one's own machine, they would not take that name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match (self.side, self.https) {
            (Side::Desk, true) => "__Host-tenure",
            (Side::Desk, false) => "tenure",
            (Side::Portal, true) => "__Host-tenure-portal",
            (Side::Portal, false) => "tenure-portal",
        }
    }

    /// The `Set-Cookie` value that hands the browser a session. `lasts` is the longest that the session can
    /// last; the server ends it in time, whatever the browser thinks.
    ///
    /// `SameSite=Lax` (3.3.2) sends it along when someone follows a link from mail; what changes anything is a
    /// POST, and [`crate::web::security::check_origin`] sees where that comes from. Scripts never see it (3.3.4).
    ///
    /// # Panics
    /// Never: a secret's letters are letters of a header.
    #[must_use]
    pub fn set(self, secret: &Secret, lasts: Duration) -> HeaderValue {
        let attributes = format!("={}; Max-Age={}; {}", secret.reveal(), lasts.as_secs(), self.attributes());
        let mut value =
            HeaderValue::from_str(&(self.name().to_owned() + &attributes)).expect("letters of a header");
        value.set_sensitive(true);
        value
    }

    /// The `Set-Cookie` value that takes it back.
    ///
    /// # Panics
    /// Never, as for [`SessionCookie::set`].
    #[must_use]
    pub fn clear(self) -> HeaderValue {
        let value = format!("{}=; Max-Age=0; {}", self.name(), self.attributes());
        HeaderValue::from_str(&value).expect("letters of a header")
    }

    const fn attributes(self) -> &'static str {
        if self.https { "Path=/; Secure; HttpOnly; SameSite=Lax" } else { "Path=/; HttpOnly; SameSite=Lax" }
    }

    /// The session secret that a request carries. Two cookies of the name are none: one was planted, and
    /// choosing would let it win half the time.
    #[must_use]
    pub fn read(self, headers: &HeaderMap) -> Option<Secret> {
        let fields = headers.get_all(header::COOKIE).iter().filter_map(|field| field.to_str().ok());
        let pairs = fields.flat_map(|field| field.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let mut values = pairs.filter(|(name, _)| *name == self.name()).map(|(_, value)| value);
        let value = values.next()?;
        if values.next().is_some() {
            return None;
        }
        Secret::parse(Kind::Session, value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::Sys;

    fn carrying(fields: &[&str]) -> HeaderMap {
        let value = |field: &&str| (header::COOKIE, HeaderValue::from_str(field).expect("a header"));
        fields.iter().map(value).collect()
    }

    #[test]
    fn asvs_3_3_with_https_the_cookie_is_bound_to_host_and_tls_and_hidden_from_scripts() {
        let secret = Secret::new(&Sys::real(), Kind::Session);
        let value = SessionCookie::new(true, Side::Desk).set(&secret, Duration::from_hours(720));
        let expected = format!(
            "__Host-tenure={}; Max-Age=2592000; Path=/; Secure; HttpOnly; SameSite=Lax",
            secret.reveal()
        );
        assert_eq!(value.to_str().expect("text"), expected);
        assert!(!format!("{value:?}").contains("ts_"), "it does not show in logs");
    }

    #[test]
    fn on_plain_http_the_cookie_has_a_name_that_browsers_take() {
        let value = SessionCookie::new(false, Side::Desk)
            .set(&Secret::new(&Sys::real(), Kind::Session), Duration::from_mins(1));
        let text = value.to_str().expect("text");
        assert!(
            text.starts_with("tenure=ts_") && text.ends_with("; Path=/; HttpOnly; SameSite=Lax"),
            "{text}"
        );
    }

    #[test]
    fn taking_it_back_has_the_same_name_and_attributes() {
        let value = SessionCookie::new(true, Side::Desk).clear();
        assert_eq!(value, "__Host-tenure=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax");
    }

    #[test]
    fn the_cookie_is_found_among_others_and_only_under_its_own_name() {
        let secret = Secret::new(&Sys::real(), Kind::Session);
        let text = secret.reveal();
        let cookie = SessionCookie::new(true, Side::Desk);
        let finds = |fields: &[&str]| {
            cookie.read(&carrying(fields)).is_some_and(|found| found.matches(&secret.digest()))
        };
        assert!(finds(&[&format!("a=b; __Host-tenure={text};c=d")]));
        assert!(finds(&["a=b", &format!("__Host-tenure={text}")]));
        assert!(!finds(&[&format!("tenure={text}")]), "a name that plain http could set");
        assert!(!finds(&[&format!("__Host-tenure={text}x")]));
        assert!(!finds(&[&format!("__Host-tenure={text}; __Host-tenure={text}")]), "two are none");
        assert!(!finds(&[]) && !finds(&["__Host-tenure"]) && !finds(&[""]));
    }

    #[test]
    fn what_was_set_is_read_back() {
        for (https, side) in
            [(true, Side::Desk), (false, Side::Desk), (true, Side::Portal), (false, Side::Portal)]
        {
            let (cookie, secret) =
                (SessionCookie::new(https, side), Secret::new(&Sys::real(), Kind::Session));
            let set = cookie.set(&secret, Duration::from_mins(1));
            let pair = set.to_str().expect("text").split(';').next().expect("a pair");
            assert!(cookie.read(&carrying(&[pair])).expect("read").matches(&secret.digest()));
            let other = SessionCookie::new(https, side.other());
            assert!(other.read(&carrying(&[pair])).is_none(), "one door's cookie is not the other's");
        }
    }
}
