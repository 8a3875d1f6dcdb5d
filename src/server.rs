//! Placeholder: the server is written elsewhere.

pub mod listen;

use std::future::Future;
use std::net::SocketAddr;

use tokio::net::TcpListener;

use crate::config::Config;

/// What is known once calls are answered.
#[derive(Clone, Debug)]
pub struct Ready {
    /// Addresses bound.
    pub addrs: Vec<SocketAddr>,
    /// Id of the store.
    pub store_id: String,
    /// Newest durable revision.
    pub head_revision: u64,
}

/// Why serving failed.
#[derive(Debug)]
pub struct ServeError(String);

impl std::fmt::Display for ServeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ServeError {}

/// Serves until `shutdown`.
///
/// # Errors
/// Always, for now.
#[allow(clippy::unused_async)]
pub async fn run(
    _config: Config,
    _listeners: Vec<TcpListener>,
    _shutdown: impl Future<Output = ()> + Send + 'static,
    _ready: impl FnOnce(Ready) + Send,
) -> Result<(), ServeError> {
    Err(ServeError(
        "the server is not part of this build".to_owned(),
    ))
}
