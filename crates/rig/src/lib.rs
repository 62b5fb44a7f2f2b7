//! What a program needs that tries the server from outside: the server as a process, a client, a PostgreSQL of its
//! own, the clock, and errors in words. It knows nothing of the server's code, only of its doors.

pub mod clock;
pub mod failure;
pub mod http;
pub mod postgres;
pub mod program;
pub mod server;
