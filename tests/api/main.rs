//! The daemon as its callers see it: every test talks to a server of its own, over the wire.

#[path = "../support/mod.rs"]
mod support;

mod catalog;
mod daemon;
mod demo_board;
mod filters;
mod limits;
mod listings;
#[cfg(feature = "dashboard")]
mod pages;
mod past;
#[cfg(feature = "tls")]
mod rebinding;
mod refusals;
mod request_ids;
mod statuses;
mod streams;
mod submissions;
mod worked_examples;
