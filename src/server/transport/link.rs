//! What is known of a connection.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use http::Extensions;

/// A connection, as each of its requests carries it.
#[derive(Debug)]
pub(in crate::server) struct Link {
    /// None: inside this process.
    peer: Option<SocketAddr>,
    open: AtomicU32,
    /// Whether a call began since somebody looked.
    used: AtomicBool,
}

impl Link {
    /// A connection to a peer.
    pub(in crate::server) fn to(peer: SocketAddr) -> Self {
        Self {
            peer: Some(peer),
            ..Self::inside()
        }
    }

    /// A connection inside this process: the daemon's own, which needs no token.
    pub(in crate::server) fn inside() -> Self {
        Self {
            peer: None,
            open: AtomicU32::new(0),
            used: AtomicBool::new(false),
        }
    }

    /// The connection that a request came on.
    pub(in crate::server) fn of(extensions: &Extensions) -> Option<&Arc<Self>> {
        extensions.get()
    }

    /// Where it comes from; none = inside this process.
    pub(in crate::server) fn peer(&self) -> Option<SocketAddr> {
        self.peer
    }

    /// Whether no call is open and none began since this was asked last.
    pub(super) fn is_idle(&self) -> bool {
        let used = self.used.swap(false, Ordering::Relaxed);
        !used && self.open.load(Ordering::Relaxed) == 0
    }
}

/// A call on a connection; while it lives the connection is in use.
#[derive(Debug)]
pub(in crate::server) struct OpenCall(Arc<Link>);

impl OpenCall {
    /// A call that begins.
    pub(in crate::server) fn on(link: &Arc<Link>) -> Self {
        link.open.fetch_add(1, Ordering::Relaxed);
        link.used.store(true, Ordering::Relaxed);
        Self(Arc::clone(link))
    }
}

impl Drop for OpenCall {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_idle_after_a_while_without_a_call() {
        let link = Arc::new(Link::inside());
        assert!(link.is_idle());
        let call = OpenCall::on(&link);
        assert!(!link.is_idle() && !link.is_idle(), "a call is open");
        drop(call);
        assert!(link.is_idle());
        drop(OpenCall::on(&link));
        assert!(!link.is_idle(), "a call came in between");
        assert!(link.is_idle());
    }
}
