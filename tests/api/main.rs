//! The daemon as its callers see it: every test talks to a server of its own, over the wire.

#[path = "../support/mod.rs"]
mod support;

mod catalog;
mod daemon;
mod demo_board;
mod listings;
mod past;
mod refusals;
mod request_ids;
mod submissions;
mod worked_examples;
