//! frontierd: a benchmark leaderboard with costs.

pub mod api;
pub mod board;
pub mod catalog_defaults;
pub mod cli;
pub mod client;
pub mod clock;
pub mod commit;
pub mod config;
pub mod demo;
pub mod hub;
pub mod intake;
pub mod limits;
pub mod log;
pub mod model;
pub mod proto;
pub mod server;
