//! Watches.

use tokio::sync::watch;
use tonic::Status;

use super::convert::WatchAsk;
use super::frame::Frame;
use crate::commit::Commit;

/// Watches.
pub struct Watches {}

impl Watches {
    /// New.
    pub fn new(_commit: Commit, _closing: watch::Receiver<bool>) -> Self {
        Self {}
    }

    /// Open watches.
    pub fn watchers(&self) -> usize {
        0
    }

    /// Distinct views.
    pub fn views(&self) -> usize {
        0
    }

    /// Watch.
    ///
    /// # Errors
    /// Always.
    #[allow(clippy::unused_async)]
    pub async fn watch(
        &self,
        _ask: WatchAsk,
    ) -> Result<
        impl tokio_stream::Stream<Item = Result<Frame, Status>> + Send + 'static + use<>,
        Status,
    > {
        Err::<tokio_stream::Empty<Result<Frame, Status>>, _>(Status::unimplemented("watch"))
    }
}
