//! Random sequences of operations by random actors.

use domain::role::Role;
use proptest::prelude::*;

/// Who does an operation. Numbers choose among those who are there, round and round.
#[derive(Debug, Clone, Copy)]
pub(crate) enum By {
    /// An active administrator or the owner.
    Leader(u8),
    /// Anybody: member, deactivated, invited, customer.
    Anyone(u8),
    /// Somebody whose account no longer exists.
    Gone,
    /// The machine.
    Cli,
    /// A job.
    Job,
}

/// How an activation gets its license.
#[derive(Debug, Clone, Copy)]
pub(crate) enum WayChoice {
    Free,
    Add,
    Swap(u8),
}

#[derive(Debug, Clone)]
pub(crate) enum Op {
    Wait { seconds: u32 },
    Expire,
    Invite { existing: Option<u8>, role: Role, add: bool },
    SendAgain { target: u8, add: bool },
    Accept { target: u8 },
    Withdraw { target: u8 },
    Delete { target: u8 },
    Deactivate { target: u8, review_in: Option<i8> },
    Activate { target: u8, way: WayChoice },
    Review { target: u8, review_in: Option<i8> },
    Undo { step: u8 },
    ChangeRole { target: u8, role: Role },
    Transfer { target: u8 },
    Own { owned: i64 },
    Join { target: u8, team: u8 },
    Leave { target: u8, team: u8 },
    Rename { target: u8 },
}

impl Op {
    /// The operation's name, to count what a walk has reached.
    pub(crate) fn name(&self) -> String {
        let text = format!("{self:?}");
        let name = text.split([' ', '{']).next().unwrap_or_default();
        match self {
            Self::Activate { way, .. } => format!("{name} {}", &format!("{way:?}")[..3]),
            _ => name.to_owned(),
        }
    }
}

fn by() -> impl Strategy<Value = By> {
    prop_oneof![
        8 => any::<u8>().prop_map(By::Leader),
        3 => any::<u8>().prop_map(By::Anyone),
        1 => Just(By::Gone),
        1 => Just(By::Cli),
        1 => Just(By::Job),
    ]
}

fn role() -> impl Strategy<Value = Role> {
    prop_oneof![
        4 => Just(Role::Member),
        4 => Just(Role::Administrator),
        1 => Just(Role::Owner),
    ]
}

fn way() -> impl Strategy<Value = WayChoice> {
    prop_oneof![Just(WayChoice::Free), Just(WayChoice::Add), any::<u8>().prop_map(WayChoice::Swap),]
}

fn op() -> impl Strategy<Value = Op> {
    let t = any::<u8>;
    prop_oneof![
        2 => (1_u32..600).prop_map(|seconds| Op::Wait { seconds }),
        1 => (1_u32..12 * 86_400).prop_map(|seconds| Op::Wait { seconds }),
        5 => Just(Op::Expire),
        5 => (prop::option::weighted(0.2, t()), role(), any::<bool>())
            .prop_map(|(existing, role, add)| Op::Invite { existing, role, add }),
        3 => (t(), any::<bool>()).prop_map(|(target, add)| Op::SendAgain { target, add }),
        3 => t().prop_map(|target| Op::Accept { target }),
        2 => t().prop_map(|target| Op::Withdraw { target }),
        2 => t().prop_map(|target| Op::Delete { target }),
        8 => (t(), prop::option::weighted(0.3, -1_i8..90))
            .prop_map(|(target, review_in)| Op::Deactivate { target, review_in }),
        12 => (t(), way()).prop_map(|(target, way)| Op::Activate { target, way }),
        3 => (t(), prop::option::weighted(0.7, -1_i8..90))
            .prop_map(|(target, review_in)| Op::Review { target, review_in }),
        6 => (0_u8..4).prop_map(|step| Op::Undo { step }),
        4 => (t(), role()).prop_map(|(target, role)| Op::ChangeRole { target, role }),
        3 => t().prop_map(|target| Op::Transfer { target }),
        2 => (0_i64..14).prop_map(|owned| Op::Own { owned }),
        3 => (t(), t()).prop_map(|(target, team)| Op::Join { target, team }),
        2 => (t(), t()).prop_map(|(target, team)| Op::Leave { target, team }),
        1 => t().prop_map(|target| Op::Rename { target }),
    ]
}

/// A workspace's spare licenses, and what is done in it by whom.
#[derive(Debug, Clone)]
pub(crate) struct Walk {
    pub(crate) spare: i64,
    pub(crate) steps: Vec<(By, Op)>,
}

pub(crate) fn walk() -> impl Strategy<Value = Walk> {
    (0_i64..3, prop::collection::vec((by(), op()), 1..60)).prop_map(|(spare, steps)| Walk { spare, steps })
}
