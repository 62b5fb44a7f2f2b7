//! Where a webhook may lead: names are looked up here, and a connection goes to the address that was looked at. An address
//! of the server's own network is refused (server-side request forgery, ASVS 5.0 1.3.6), whatever its name.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::Arc,
};

use domain::webhook::{Address, Host, is_public};

use super::http::Failure;
use crate::config::Networks;

/// A name that is being looked up.
pub type Found = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;

/// Looks names up.
pub trait Resolver: Send + Sync {
    /// The addresses of a name.
    fn look_up(&self, name: String, port: u16) -> Found;
}

/// As the machine looks names up.
#[derive(Debug, Clone, Copy)]
pub struct System;

impl Resolver for System {
    fn look_up(&self, name: String, port: u16) -> Found {
        Box::pin(async move { Ok(tokio::net::lookup_host((name, port)).await?.collect()) })
    }
}

/// Says which addresses may be connected to.
#[derive(Clone)]
pub struct Guard {
    resolver: Arc<dyn Resolver>,
    allowed: Networks,
}

impl Guard {
    /// Public addresses, and those networks.
    #[must_use]
    pub fn new(resolver: Arc<dyn Resolver>, allowed: Networks) -> Self {
        Self { resolver, allowed }
    }

    fn allows(&self, ip: IpAddr) -> bool {
        is_public(ip.to_canonical()) && is_public(ip) || self.allowed.contains(ip)
    }

    /// The addresses to connect to. One that may not be connected to is enough to refuse all: who is honest has none.
    pub(super) async fn addresses(&self, to: &Address) -> Result<Vec<SocketAddr>, Failure> {
        let found = match &to.host {
            Host::Ip(ip) => vec![SocketAddr::new(*ip, to.port)],
            Host::Name(name) => {
                self.resolver.look_up(name.clone(), to.port).await.map_err(|_| Failure::NameNotFound)?
            }
        };
        if found.is_empty() {
            return Err(Failure::NameNotFound);
        }
        if found.iter().all(|address| self.allows(address.ip())) {
            Ok(found)
        } else {
            Err(Failure::PrivateAddress)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::setting::Setting as _;

    /// Answers these in turn, then the last of them for ever.
    struct Says(std::sync::Mutex<Vec<Vec<&'static str>>>);

    impl Resolver for Says {
        fn look_up(&self, _: String, port: u16) -> Found {
            let mut turns = self.0.lock().expect("answers");
            let now = if turns.len() > 1 { turns.remove(0) } else { turns[0].clone() };
            let found = now.iter().map(|ip| SocketAddr::new(ip.parse().expect("an address"), port)).collect();
            Box::pin(async move { Ok(found) })
        }
    }

    async fn asked(
        answers: Vec<Vec<&'static str>>,
        allowed: &str,
        url: &str,
    ) -> Result<Vec<SocketAddr>, Failure> {
        let allowed = Networks::parse(allowed).expect("networks");
        let guard = Guard::new(Arc::new(Says(std::sync::Mutex::new(answers))), allowed);
        guard.addresses(&Address::parse(url).expect("an address")).await
    }

    #[tokio::test]
    async fn asvs_1_3_6_what_a_name_leads_to_is_refused_when_any_of_it_is_private() {
        for bad in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "192.0.0.8",
            "192.0.2.1",
            "198.51.100.7",
            "203.0.113.9",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "240.0.0.1",
            "::1",
            "::",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:8.8.8.8",
            "::7f00:1",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
            "2002:7f00:1::",
            "2001::1",
            "2001:db8::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "100::1",
            "3fff::1",
            "5f00::1",
        ] {
            let alone = asked(vec![vec![bad]], "", "https://hooks.example/").await;
            assert_eq!(alone, Err(Failure::PrivateAddress), "{bad}");
            let beside = asked(vec![vec!["93.184.215.14", bad]], "", "https://hooks.example/").await;
            assert_eq!(beside, Err(Failure::PrivateAddress), "{bad} beside a public one");
            let figures =
                if bad.contains(':') { format!("https://[{bad}]/") } else { format!("https://{bad}/") };
            assert_eq!(asked(vec![vec![]], "", &figures).await, Err(Failure::PrivateAddress), "{figures}");
        }
        for good in
            ["93.184.215.14", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450::1"]
        {
            let found = asked(vec![vec![good]], "", "https://hooks.example:8443/").await.expect(good);
            assert_eq!(found, [SocketAddr::new(good.parse().expect("an address"), 8443)]);
        }
    }

    #[tokio::test]
    async fn a_network_is_reached_where_the_configuration_says_so_and_no_other() {
        let allowed = "10.20.0.0/16, 127.0.0.1";
        for (ip, reached) in
            [("10.20.3.4", true), ("::ffff:10.20.3.4", true), ("10.21.0.1", false), ("127.0.0.2", false)]
        {
            let found = asked(vec![vec![ip]], allowed, "https://inside.example/").await;
            assert_eq!(found.is_ok(), reached, "{ip}");
        }
    }

    /// What is connected to is what this answers: nobody asks a second time (DNS rebinding).
    #[tokio::test]
    async fn a_name_that_changes_its_mind_is_judged_by_each_answer() {
        let answers = vec![vec!["93.184.215.14"], vec!["127.0.0.1"]];
        let guard = Guard::new(Arc::new(Says(std::sync::Mutex::new(answers))), Networks::default());
        let to = Address::parse("https://rebind.example/").expect("an address");
        let first = guard.addresses(&to).await.expect("public at first");
        assert_eq!(first, ["93.184.215.14:443".parse().expect("an address")]);
        assert_eq!(guard.addresses(&to).await, Err(Failure::PrivateAddress));
    }

    #[tokio::test]
    async fn figures_in_disguise_are_no_address() {
        for odd in [
            "https://127.1/",
            "https://0x7f.0.0.1/",
            "https://2130706433/",
            "https://0177.0.0.1/",
            "https://[::1%25lo]/",
        ] {
            assert!(Address::parse(odd).is_err(), "{odd}");
        }
    }
}
