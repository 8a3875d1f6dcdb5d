//! The daemon as a process: killed, traced, talked to by other programs, and driven by its own command line.
//!
//! Tools that are missing skip their tests, loudly; where `CI=true` they fail them.

mod command_line;
mod daemon;
mod example_client;
mod export;
mod faults;
mod grpcurl;
mod http;
mod idle;
#[cfg(feature = "import")]
mod import;
mod kill;
mod lifecycle;
mod lines;
mod logging;
mod manager;
mod metrics;
mod one_core;
mod python;
mod reload;
mod rows;
mod shutdown;
mod strace;
mod survey;
mod terminal;
#[cfg(feature = "tls")]
mod tls;
mod tokens;
mod tools;
