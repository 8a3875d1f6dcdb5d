//! A line for every refused credential, never with the secret.

use http::Request;
use tracing::warn;

use crate::access::{Rate, RateSetting};
use crate::limits::{AUDIT_LINES_BURST, AUDIT_LINES_PER_SECOND};
use crate::server::transport::Link;
use std::sync::atomic::{AtomicU64, Ordering};

/// Writes to the log target `audit`, at most so many lines a second: whoever sends wrong tokens must not fill a disk.
#[derive(Debug)]
pub(super) struct Audit {
    rate: Rate,
    unsaid: AtomicU64,
    behind_proxy: bool,
}

impl Audit {
    pub(super) fn new(behind_proxy: bool) -> Self {
        let setting = RateSetting {
            per_second: AUDIT_LINES_PER_SECOND,
            burst: AUDIT_LINES_BURST,
        };
        Self {
            rate: Rate::new(setting),
            unsaid: AtomicU64::new(0),
            behind_proxy,
        }
    }

    /// Says who was refused what, and how many refusals went unsaid before.
    pub(super) fn refused<B>(&self, request: &Request<B>, reason: &str, token: Option<&str>) {
        if self.rate.take().is_err() {
            self.unsaid.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let unsaid = self.unsaid.swap(0, Ordering::Relaxed);
        let peer = Link::of(request.extensions()).and_then(|link| link.peer());
        // Anybody can send this header: it says something only where a proxy sets it.
        let forwarded = self
            .behind_proxy
            .then(|| request.headers().get("x-forwarded-for"))
            .flatten()
            .map(|value| shortened(&String::from_utf8_lossy(value.as_bytes())));
        warn!(
            target: "audit",
            reason,
            method = %shortened(request.uri().path()),
            peer = peer.map(tracing::field::display),
            forwarded_for = forwarded.map(tracing::field::debug),
            token = token.map(tracing::field::display),
            unsaid,
            "credential refused"
        );
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(128).collect()
}
