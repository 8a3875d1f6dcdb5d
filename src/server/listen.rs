//! Binding the addresses to listen on.

use std::io;
use std::net::SocketAddr;

use tokio::net::TcpListener;

/// Why the daemon does not listen: the system refused an address.
#[derive(Debug)]
pub struct ListenError {
    addr: SocketAddr,
    error: io::Error,
}

impl std::fmt::Display for ListenError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "cannot listen on `{}`: {}; choose another address, or port `0` for any free one",
            self.addr, self.error
        )
    }
}

impl std::error::Error for ListenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}

/// Binds every address; port 0 takes any free port, which the answered address names.
///
/// # Errors
/// [`ListenError`] for the first address that the system refuses.
pub async fn bind(addrs: &[SocketAddr]) -> Result<Vec<(TcpListener, SocketAddr)>, ListenError> {
    let mut bound = Vec::with_capacity(addrs.len());
    for addr in addrs {
        let refused = |error| ListenError { addr: *addr, error };
        let listener = TcpListener::bind(addr).await.map_err(refused)?;
        let actual = listener.local_addr().map_err(refused)?;
        bound.push((listener, actual));
    }
    Ok(bound)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addr(text: &str) -> SocketAddr {
        text.parse().expect("an address")
    }

    #[tokio::test]
    async fn port_zero_is_answered_with_the_port_taken() {
        let bound = bind(&[addr("127.0.0.1:0")]).await.expect("a free port");
        let taken = bound[0].1;
        assert_ne!(taken.port(), 0);

        let again = bind(&[taken]).await.expect_err("taken");
        assert!(again.to_string().contains(&taken.to_string()));
    }
}
