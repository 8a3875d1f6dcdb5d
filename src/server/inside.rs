//! Calls from inside the process: the daemon's own, which need neither an address nor a token.

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;

use hyper_util::rt::TokioIo;
use tokio::io::DuplexStream;
use tonic::transport::{Channel, Endpoint, Error};
use tower::service_fn;

/// A way to call the daemon from inside its process. Clones share it.
#[derive(Clone)]
pub struct Inside {
    connect: Arc<dyn Fn() -> DuplexStream + Send + Sync>,
}

impl fmt::Debug for Inside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Inside(..)")
    }
}

impl Inside {
    pub(super) fn new(connect: impl Fn() -> DuplexStream + Send + Sync + 'static) -> Self {
        Self {
            connect: Arc::new(connect),
        }
    }

    /// A bare connection, for bytes of one's own.
    pub fn stream(&self) -> DuplexStream {
        (self.connect)()
    }

    /// A channel on which every call may do everything.
    ///
    /// # Errors
    /// When the daemon has ended.
    pub async fn channel(&self) -> Result<Channel, Error> {
        let connect = Arc::clone(&self.connect);
        let connector = service_fn(move |_: http::Uri| {
            let stream = TokioIo::new(connect());
            std::future::ready(Ok::<_, Infallible>(stream))
        });
        Endpoint::from_static("http://inside")
            .connect_with_connector(connector)
            .await
    }
}
