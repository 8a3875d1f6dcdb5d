//! The seven promises of a watch as seven validators, run over what real clients recorded of a real daemon that is
//! killed, restarted, read slowly, resumed at random revisions, and whose ring overflows.
//!
//! `FRONTIERD_WATCH_LIVES=200 cargo test --release --test robustness recorded -- --nocapture` is a long run.

#[path = "../process/daemon.rs"]
#[allow(
    dead_code,
    reason = "shared with the tests of the process, which use more of it"
)]
mod daemon;
mod doctored;
mod history;
#[path = "../process/lines.rs"]
#[allow(
    dead_code,
    reason = "shared with the tests of the process, which use more of it"
)]
mod lines;
#[path = "../watch/oracle.rs"]
#[allow(
    dead_code,
    reason = "shared with the tests of watches, which use more of it"
)]
mod oracle;
mod record;
#[path = "../process/survey.rs"]
mod survey;
mod validate;
