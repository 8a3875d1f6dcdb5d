//! frontierd: a benchmark leaderboard with costs.

pub mod api;
pub mod board;
pub mod clock;
pub mod commit;
pub mod hub;
pub mod intake;
pub mod limits;
pub mod log;
pub mod model;
pub mod proto;
pub mod server;
