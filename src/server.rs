//! The server: who may connect, what is logged.

pub mod guard;
pub mod listen;
pub mod trace;
