//! frontierd: a benchmark leaderboard with costs.

pub mod api;
pub mod client;
pub mod config;
pub mod limits;
pub mod model;
pub mod proto;
pub mod server;
