//! Whom Acme serves beside Globex, of which the story tells: more customers in more organizations, by the same ops.

use domain::actor::Actor;

use super::{
    names::made,
    story::{Player, Story, browser},
};
use crate::{
    error::Result,
    ops::{
        customers, invitation,
        organizations::{self, Belonging, Domains},
    },
    store::Tx,
    sys::Sys,
};

/// The organizations, with their domains.
const ORGANIZATIONS: [(&str, &str); 5] = [
    ("Brightwater Museums", "brightwater.example museum.example"),
    ("Fennel & Rye", "fennelrye.example"),
    ("Harbour Clinic", "harbourclinic.example"),
    ("Northwind Freight", "northwind.example"),
    ("Tallow Street School", "tallowstreet.example"),
];
const CUSTOMERS: u64 = 38;
/// The names that the crowd does not use: it counts from zero.
const FROM: u64 = 1_000_000;

/// How somebody came to be a customer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Invited, and joined.
    Joined,
    /// Added without an invitation: never signed in.
    Added,
    /// Invited, and has not joined yet.
    Invited,
}

impl Story<'_> {
    /// Goes through the year again, by a clock of its own.
    pub(super) async fn more_customers(&self, by: Player) -> Result<()> {
        let mut strand = Story {
            app: self.app,
            ws: self.ws,
            hash: self.hash.clone(),
            now: self.now,
            sys: Sys::fixed(self.now),
        };
        strand.move_to(340, 10);
        for (name, domains) in ORGANIZATIONS {
            let domains = Domains::parse(domains, &self.app.config.limits)?;
            let (ctx, name) = (strand.by(by), strand.name(name)?);
            self.app
                .store
                .write(async move |tx| {
                    organizations::create(tx, &ctx, name.clone(), domains.clone()).await.map(drop)
                })
                .await?;
        }
        for number in 0..CUSTOMERS {
            let (way, days_ago) = plan(number);
            strand.move_to(days_ago, 11);
            strand.customer(by, number, way).await?;
        }
        Ok(())
    }

    async fn customer(&self, by: Player, number: u64, way: Way) -> Result<()> {
        let made = made(FROM + number);
        // Each in an organization but every ninth, whose address is their own.
        let index = usize::try_from(number).unwrap_or(0) % ORGANIZATIONS.len();
        let domains = ORGANIZATIONS.get(index).map_or("", |(_, domains)| *domains);
        let domain = domains.split(' ').next().unwrap_or_default();
        let domain = if number % 9 == 8 { "mail.example" } else { domain };
        // So few need no number in their address.
        let local = made.local.rsplit_once('.').map_or(made.local.as_str(), |(name, _)| name);
        let (email, name) = (format!("{local}@{domain}"), self.name(&made.name)?);
        let (ctx, belonging) = (self.by(by), Belonging::ByDomain);
        if way == Way::Added {
            let input = customers::Input { email, name, belonging };
            let add = async move |tx: &mut Tx| customers::add(tx, &ctx, input.clone()).await.map(drop);
            return self.app.store.write(add).await;
        }
        let joining = invitation::Joining::Customer { belonging };
        let input = invitation::Input { email, name: name.clone(), joining, add_license: false };
        let invited =
            self.app.store.write(async move |tx| invitation::invite(tx, &ctx, input.clone()).await).await?;
        if way == Way::Joined {
            let (ctx, hash) = (self.ctx(Actor::Visitor { person: invited.person }), self.hash.clone());
            self.app
                .store
                .write(async move |tx| {
                    invitation::accept(tx, &ctx, &invited.secret, name.clone(), &hash, &browser())
                        .await
                        .map(drop)
                })
                .await?;
        }
        Ok(())
    }
}

/// How and how many days ago somebody came: the last were invited these days.
fn plan(number: u64) -> (Way, i32) {
    let number = i32::try_from(number).unwrap_or(0);
    match number {
        34.. => (Way::Invited, 38 - number),
        number if number % 7 == 5 => (Way::Added, 335 - 9 * number),
        number => (Way::Joined, 335 - 9 * number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_goes_on_from_customer_to_customer() {
        let days: Vec<i32> = (0..CUSTOMERS).map(|number| plan(number).1).collect();
        assert!(days.is_sorted_by(|earlier, later| earlier >= later), "{days:?}");
        assert!(days.iter().all(|days| (1..=340).contains(days)));
    }
}
