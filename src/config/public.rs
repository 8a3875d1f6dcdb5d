//! What must hold before others can reach the daemon.

use std::net::SocketAddr;

use super::check::{ConfigError, bad};
use super::{AccessSettings, Anonymous};

/// Who can reach the daemon, and what protects it.
pub(super) struct Exposure<'a> {
    pub(super) listen: &'a [SocketAddr],
    pub(super) tls: bool,
    pub(super) access: &'a AccessSettings,
    pub(super) insecure_public: bool,
}

impl Exposure<'_> {
    /// Refuses what would let anybody in, or show tokens to whoever listens on the way.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let has_tokens = self.access.tokens.is_some();
        if !has_tokens && self.access.anonymous != Anonymous::Nothing {
            return bad(
                "`anonymous` says what callers without a token may do, and there are no tokens: \
                 add `--tokens FILE`, or leave it out: then everybody may do everything",
            );
        }
        let public = self
            .listen
            .iter()
            .find(|addr| !addr.ip().to_canonical().is_loopback());
        let Some(addr) = public else { return Ok(()) };
        let encrypted = self.tls || self.access.behind_proxy;
        if has_tokens && !encrypted {
            return bad(format!(
                "tokens would come to `{addr}` in the clear, for anybody on the way to read: set up TLS \
                 (`--tls-cert` and `--tls-key`), or say `--behind-proxy` if a proxy in front does that, \
                 or listen on loopback (`127.0.0.1:{}`)",
                addr.port()
            ));
        }
        if !has_tokens && !self.insecure_public {
            return bad(format!(
                "listening on `{addr}` would let anybody who reaches it read and write: \
                 listen on loopback (`127.0.0.1:{}`), or set up TLS and tokens (`--tls-cert`, `--tls-key`, `--tokens`), \
                 or say `--insecure-public` if that is wanted",
                addr.port()
            ));
        }
        Ok(())
    }
}
