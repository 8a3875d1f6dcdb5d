//! The daemon as a process: killed, traced, talked to by other programs, and driven by its own command line.
//!
//! Tools that are missing skip their tests, loudly; where `CI=true` they fail them.

mod command_line;
mod daemon;
mod faults;
mod grpcurl;
mod idle;
#[cfg(feature = "import")]
mod import;
mod kill;
mod lifecycle;
mod lines;
mod one_core;
mod python;
mod strace;
mod survey;
mod tokens;
mod tools;
