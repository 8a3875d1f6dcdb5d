//! frontierd: a benchmark leaderboard with costs.

pub mod api;
pub mod catalog_defaults;
pub mod client;
pub mod config;
pub mod demo;
pub mod limits;
pub mod model;
pub mod proto;
pub mod server;
