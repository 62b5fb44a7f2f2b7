//! Work that the server does by itself.
//!
//! What is due is told by rows of the database, never by a clock that the server kept: one that was down catches
//! up at its next start, and several nodes can run the same jobs, since each step is safe to do twice.

mod bulk;
mod departures;
mod expire_invitations;
mod purge;
mod runner;
mod seal_audit;

pub use bulk::first_piece;
pub use runner::{Runner, start};
