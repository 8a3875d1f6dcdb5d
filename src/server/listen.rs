//! Where the daemon may listen, and binding there.

use std::io::{self, Write};
use std::net::SocketAddr;

use tokio::net::TcpListener;

/// Why the daemon does not listen.
#[derive(Debug)]
pub enum ListenError {
    /// No address was given.
    Nowhere,
    /// An address that others can reach, without protection.
    Public(SocketAddr),
    /// The system refused an address.
    Bind(SocketAddr, io::Error),
}

impl std::fmt::Display for ListenError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Nowhere => {
                f.write_str("no address to listen on: give one, such as `--listen 127.0.0.1:50051`")
            }
            Self::Public(addr) => write!(
                f,
                "`{addr}` can be reached from other machines, where anybody could write: listen on `127.0.0.1:{port}`, \
                 or set up TLS and tokens, or say `--insecure-public`",
                port = addr.port()
            ),
            Self::Bind(addr, error) => write!(
                f,
                "cannot listen on `{addr}`: {error}; choose another address, or port `0` for any free one"
            ),
        }
    }
}

impl std::error::Error for ListenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Bind(_, error) => Some(error),
            Self::Nowhere | Self::Public(_) => None,
        }
    }
}

/// Refuses addresses that other machines can reach unless `public_allowed`: the operator said `--insecure-public`, or
/// both TLS and tokens are on.
///
/// # Errors
/// [`ListenError::Nowhere`] without addresses, [`ListenError::Public`] for the first one that is not loopback.
pub fn check(addrs: &[SocketAddr], public_allowed: bool) -> Result<(), ListenError> {
    if addrs.is_empty() {
        return Err(ListenError::Nowhere);
    }
    // `::ffff:127.0.0.1` is 127.0.0.1 in IPv6 clothes.
    let public = addrs
        .iter()
        .find(|addr| !addr.ip().to_canonical().is_loopback());
    match public {
        Some(addr) if !public_allowed => Err(ListenError::Public(*addr)),
        _ => Ok(()),
    }
}

/// Binds every address; port 0 takes any free port, which the answered address names.
///
/// # Errors
/// [`ListenError::Bind`] for the first address that the system refuses.
pub async fn bind(addrs: &[SocketAddr]) -> Result<Vec<(TcpListener, SocketAddr)>, ListenError> {
    let mut bound = Vec::with_capacity(addrs.len());
    for addr in addrs {
        let refused = |error| ListenError::Bind(*addr, error);
        let listener = TcpListener::bind(addr).await.map_err(refused)?;
        let actual = listener.local_addr().map_err(refused)?;
        bound.push((listener, actual));
    }
    Ok(bound)
}

/// Writes one line per address, `listening on ADDR:PORT`, for people and for scripts that asked for port 0.
///
/// # Errors
/// As writing to `out`.
pub fn announce(addrs: &[SocketAddr], out: &mut impl Write) -> io::Result<()> {
    for addr in addrs {
        writeln!(out, "listening on {addr}")?;
    }
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addr(text: &str) -> SocketAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn only_loopback_is_open_without_protection() {
        for local in [
            "127.0.0.1:1",
            "127.8.9.1:1",
            "[::1]:1",
            "[::ffff:127.0.0.1]:1",
        ] {
            assert!(check(&[addr(local)], false).is_ok(), "{local}");
        }
        for public in [
            "0.0.0.0:1",
            "[::]:1",
            "192.168.1.2:1",
            "[::ffff:10.0.0.1]:1",
        ] {
            let refused = check(&[addr("127.0.0.1:1"), addr(public)], false);
            let message = refused.expect_err("public").to_string();
            assert!(message.contains("--insecure-public"), "{message}");
            assert!(check(&[addr(public)], true).is_ok(), "{public}");
        }
        assert!(matches!(check(&[], true), Err(ListenError::Nowhere)));
    }

    #[tokio::test]
    async fn port_zero_is_answered_with_the_port_taken() {
        let bound = bind(&[addr("127.0.0.1:0")]).await.expect("a free port");
        let taken = bound[0].1;
        assert_ne!(taken.port(), 0);
        let mut out = Vec::new();
        announce(&[taken], &mut out).expect("memory");
        assert_eq!(out, format!("listening on {taken}\n").into_bytes());

        let again = bind(&[taken]).await.expect_err("taken");
        assert!(again.to_string().contains(&taken.to_string()));
    }
}
