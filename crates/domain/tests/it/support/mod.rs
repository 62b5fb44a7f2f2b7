//! People, actors and moments for the tests.

pub(crate) mod model;
pub(crate) mod walk;

use domain::{
    actor::{Actor, Authority, Door},
    id::{PersonId, SessionId, WorkspaceId},
    invitation::VALID_FOR,
    license::Licenses,
    person::{Kind, Person, Status},
    role::Role,
};
use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, date},
};
use uuid::Uuid;

/// The moment at which the tests play.
pub(crate) fn now() -> Timestamp {
    "2026-03-02T09:00:00Z".parse().expect("a moment")
}

/// The day of [`now`] in the workspace's time zone.
pub(crate) fn today() -> Date {
    date(2026, 3, 2)
}

/// A moment some hours before [`now`].
pub(crate) fn hours_ago(hours: i64) -> Timestamp {
    now() - SignedDuration::from_hours(hours)
}

pub(crate) fn person_id(n: u128) -> PersonId {
    PersonId::from_uuid(Uuid::from_u128(n))
}

/// An active user.
pub(crate) fn active(n: u128, role: Role) -> Person {
    Person {
        workspace: WorkspaceId::from_uuid(Uuid::from_u128(1)),
        id: person_id(n),
        kind: Kind::User,
        role,
        status: Status::Active { since: hours_ago(1000) },
        email: format!("Person-{n:05}@example.com"),
        name: format!("Name-{n:05}"),
        version: 1,
    }
}

/// A deactivated user.
pub(crate) fn deactivated(n: u128, role: Role) -> Person {
    Person {
        status: Status::Deactivated {
            since: hours_ago(100),
            by: Some(person_id(999)),
            reason: Some("extended leave".to_owned()),
            review_on: Some(date(2026, 9, 1)),
        },
        ..active(n, role)
    }
}

/// A user whose invitation was made so many hours ago; `expired` as the job left it.
pub(crate) fn invited(n: u128, hours: i64, expired: bool) -> Person {
    Person {
        status: Status::Invited { since: hours_ago(hours), expires: hours_ago(hours) + VALID_FOR, expired },
        ..active(n, Role::Member)
    }
}

/// The same person as a customer.
pub(crate) fn as_customer(person: Person) -> Person {
    Person { kind: Kind::Customer, ..person }
}

/// The person signed in and acting.
pub(crate) fn acting(person: &Person) -> Authority {
    Authority {
        actor: Actor::Person { person: person.id, session: SessionId::from_uuid(Uuid::from_u128(7)) },
        person: Some(person.clone()),
        token: None,
        door: Door::Page,
    }
}

/// The person not signed in, with right credentials or a link.
pub(crate) fn visiting(person: &Person) -> Authority {
    Authority {
        actor: Actor::Visitor { person: person.id },
        person: Some(person.clone()),
        token: None,
        door: Door::Page,
    }
}

/// Somebody at the machine.
pub(crate) fn cli() -> Authority {
    Authority { actor: Actor::Cli { user: "root".to_owned() }, person: None, token: None, door: Door::Cli }
}

/// A job of the server.
pub(crate) fn job() -> Authority {
    Authority { actor: Actor::Job { name: "expire".to_owned() }, person: None, token: None, door: Door::Job }
}

/// An administrator signed in, who is nobody else in the tests.
pub(crate) fn an_administrator() -> Authority {
    acting(&active(500, Role::Administrator))
}

pub(crate) fn licenses(owned: i64, used: i64) -> Licenses {
    Licenses { owned, used, price: None }
}
