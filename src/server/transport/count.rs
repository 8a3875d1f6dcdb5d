//! How many connections there may be, in all and of one peer.

use std::collections::HashMap;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tracing::warn;

use crate::access::{Rate, RateSetting};
use crate::limits::{
    AUDIT_LINES_BURST, AUDIT_LINES_PER_SECOND, MAX_CONNECTIONS, MAX_CONNECTIONS_PER_PEER,
    RESERVED_CONNECTIONS,
};

/// Counts connections.
#[derive(Debug)]
pub(super) struct Count {
    behind_proxy: bool,
    held: Mutex<Held>,
    said: Rate,
    unsaid: AtomicU64,
}

#[derive(Debug, Default)]
struct Held {
    all: usize,
    peers: HashMap<IpAddr, usize>,
}

/// Why a connection is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    All,
    Peer(IpAddr),
    Descriptors,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => write!(f, "all {MAX_CONNECTIONS} connections are in use"),
            Self::Peer(peer) => write!(
                f,
                "`{peer}` has {MAX_CONNECTIONS_PER_PEER} connections already; a proxy needs `--behind-proxy`"
            ),
            Self::Descriptors => f.write_str(
                "the system gives no more file descriptors; raise the limit (`ulimit -n`, `LimitNOFILE=`)",
            ),
        }
    }
}

/// A connection's place among all; given back when dropped.
#[derive(Debug)]
pub(super) struct Place {
    count: Arc<Count>,
    peer: IpAddr,
}

impl Count {
    pub(super) fn new(behind_proxy: bool) -> Self {
        Self {
            behind_proxy,
            held: Mutex::default(),
            said: Rate::new(RateSetting {
                per_second: AUDIT_LINES_PER_SECOND,
                burst: AUDIT_LINES_BURST,
            }),
            unsaid: AtomicU64::new(0),
        }
    }

    /// A place for one more connection. This machine has a few kept for it, so that an operator gets in when nobody else
    /// does.
    pub(super) fn place(self: &Arc<Self>, peer: IpAddr) -> Result<Place, Refused> {
        let is_local = peer.to_canonical().is_loopback();
        let peer = network(peer);
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let all_max = MAX_CONNECTIONS + if is_local { RESERVED_CONNECTIONS } else { 0 };
        if held.all >= all_max {
            return Err(Refused::All);
        }
        let of_peer = held.peers.entry(peer).or_default();
        if !is_local && !self.behind_proxy && *of_peer >= MAX_CONNECTIONS_PER_PEER {
            return Err(Refused::Peer(peer));
        }
        *of_peer += 1;
        held.all += 1;
        Ok(Place {
            count: Arc::clone(self),
            peer,
        })
    }

    /// Says now and then why connections are not taken.
    pub(super) fn refused(&self, refused: Refused) {
        if self.said.take().is_err() {
            self.unsaid.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let unsaid = self.unsaid.swap(0, Ordering::Relaxed);
        warn!(%refused, unsaid, "connection refused");
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut held = self
            .count
            .held
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        held.all -= 1;
        if let Some(of_peer) = held.peers.get_mut(&self.peer) {
            *of_peer -= 1;
            if *of_peer == 0 {
                held.peers.remove(&self.peer);
            }
        }
    }
}

/// Whom connections count for: an IPv4 address, or the /64 that a host has of IPv6, in which it may choose.
fn network(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V4(ip) => IpAddr::V4(ip),
        IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() & !u128::from(u64::MAX))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn a_peer_has_its_bound_and_others_have_theirs() {
        let count = Arc::new(Count::new(false));
        let peer = |n: usize| ip(&format!("2001:db8::{n:x}"));
        let held: Vec<Place> = (0..MAX_CONNECTIONS_PER_PEER)
            .map(|n| count.place(peer(n)).expect("a place"))
            .collect();
        assert!(matches!(count.place(peer(7)), Err(Refused::Peer(_))));
        assert!(count.place(ip("2001:db8:0:1::1")).is_ok());
        assert!(count.place(ip("192.0.2.1")).is_ok());
        drop(held);
        assert!(count.place(peer(7)).is_ok());
        assert!(count.held.lock().expect("sound").peers.is_empty());
    }

    #[test]
    fn a_proxy_may_have_all_and_this_machine_has_some_more() {
        let count = Arc::new(Count::new(true));
        let held: Vec<Place> = (0..MAX_CONNECTIONS)
            .map(|_| count.place(ip("192.0.2.1")).expect("a place"))
            .collect();
        assert_eq!(count.place(ip("192.0.2.1")).err(), Some(Refused::All));
        let local: Vec<_> = (0..RESERVED_CONNECTIONS)
            .map(|_| count.place(ip("::ffff:127.0.0.1")).expect("reserved"))
            .collect();
        assert_eq!(count.place(ip("127.0.0.1")).err(), Some(Refused::All));
        drop((held, local));
        assert_eq!(count.held.lock().expect("sound").all, 0);
    }
}
