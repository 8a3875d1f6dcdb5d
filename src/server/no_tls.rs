//! Stands for TLS in a build without it: there is none, and the settings say so before anything is bound.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use super::connections::Counted;
use crate::config::TlsSettings;

/// What there never is.
pub(super) type TlsStream = Counted;

/// What this build never has.
#[derive(Clone, Debug)]
pub(super) struct Tls(Infallible);

impl Tls {
    pub(super) fn load(_: &TlsSettings) -> Result<Self, String> {
        Err("this build has no TLS".to_owned())
    }

    pub(super) fn reload(&self) -> Result<(), String> {
        match self.0 {}
    }

    pub(super) fn files(&self) -> Vec<PathBuf> {
        match self.0 {}
    }

    #[allow(clippy::unused_async, reason = "as with TLS")]
    pub(super) async fn accept(&self, _: Counted) -> io::Result<TlsStream> {
        match self.0 {}
    }

    pub(super) fn refused(&self, _: SocketAddr, _: &io::Error) {
        match self.0 {}
    }
}
