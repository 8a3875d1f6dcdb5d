//! The stream that a watcher reads: a loop that runs only when it is read.
//!
//! Nothing is queued for a watcher and no task runs on its behalf: one frame is made when one is asked for. A watcher
//! that reads slowly costs what its loop remembers and nothing else, and one that is gone is gone at once.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use tokio_stream::Stream;
use tonic::Status;

use crate::api::frame::Frame;

/// Where the loop puts the next frame.
#[derive(Clone, Default)]
pub(super) struct Out {
    slot: Arc<Mutex<Option<Frame>>>,
}

impl Out {
    /// Hands a frame out and goes on when the next one is asked for.
    pub(super) async fn send(&self, frame: Frame) {
        self.put(frame);
        std::future::poll_fn(|_| {
            // Whoever polls the loop takes the frame before polling it again, so no waker is needed.
            if self.lock().is_some() {
                Poll::Pending
            } else {
                Poll::Ready(())
            }
        })
        .await;
    }

    fn put(&self, frame: Frame) {
        *self.lock() = Some(frame);
    }

    fn take(&self) -> Option<Frame> {
        self.lock().take()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Frame>> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The frames of a watch. It ends with a status, never without one.
pub struct WatchStream {
    out: Out,
    /// None once it has ended.
    run: Option<Pin<Box<dyn Future<Output = Status> + Send>>>,
}

impl WatchStream {
    /// A stream of what `run` sends, ended by what it returns.
    pub(super) fn new<F>(run: impl FnOnce(Out) -> F) -> Self
    where
        F: Future<Output = Status> + Send + 'static,
    {
        let out = Out::default();
        let run = run(out.clone());
        Self {
            out,
            run: Some(Box::pin(run)),
        }
    }
}

impl Stream for WatchStream {
    type Item = Result<Frame, Status>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(run) = self.run.as_mut() else {
            return Poll::Ready(None);
        };
        match run.as_mut().poll(context) {
            Poll::Ready(status) => {
                self.run = None;
                Poll::Ready(Some(Err(status)))
            }
            Poll::Pending => match self.out.take() {
                Some(frame) => Poll::Ready(Some(Ok(frame))),
                None => Poll::Pending,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio_stream::StreamExt;

    #[tokio::test]
    async fn frames_come_in_order_and_the_end_is_a_status() {
        let mut stream = WatchStream::new(|out| async move {
            for head in ["a", "b"] {
                out.send(Frame {
                    head: head.into(),
                    ..Frame::default()
                })
                .await;
                tokio::task::yield_now().await;
            }
            Status::unavailable("over")
        });
        for head in ["a", "b"] {
            let frame = stream.next().await.expect("open").expect("a frame");
            assert_eq!(frame.head, head);
        }
        let end = stream.next().await.expect("a status");
        assert_eq!(
            end.map_err(|status| status.code()),
            Err(tonic::Code::Unavailable)
        );
        assert!(stream.next().await.is_none());
    }
}
