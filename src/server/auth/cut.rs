//! Streams end with the right to them: a watch opened with a token does not outlive it.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body as HttpBody, Frame, SizeHint};
use pin_project_lite::pin_project;
use tokio_stream::Stream;
use tokio_stream::wrappers::WatchStream;
use tonic::Status;
use tonic::body::Body;

use super::reason;
use super::tokens::Tokens;
use crate::access::{Caller, Denied};
use crate::clock::Clock;
use crate::model::Refusal;

/// Knows when a stream must end.
pub(super) struct Cut {
    tokens: Tokens,
    caller: Caller,
    clock: Clock,
    looks: WatchStream<u64>,
}

impl Cut {
    pub(super) fn new(tokens: &Tokens, caller: Caller, clock: Clock) -> Self {
        Self {
            looks: WatchStream::from_changes(tokens.looks()),
            tokens: tokens.clone(),
            caller,
            clock,
        }
    }

    fn poll_denied(&mut self, cx: &mut Context<'_>) -> Poll<Denied> {
        loop {
            // The sender lives as long as `tokens`.
            if ready!(Pin::new(&mut self.looks).poll_next(cx)).is_none() {
                return Poll::Pending;
            }
            if let Err(denied) = self.tokens.still(&self.caller, self.clock.now()) {
                return Poll::Ready(denied);
            }
        }
    }
}

pin_project! {
    /// A body that ends when its caller may no longer have it.
    pub(super) struct CutBody {
        #[pin]
        inner: Body,
        cut: Cut,
        ended: bool,
    }
}

impl CutBody {
    pub(super) fn wrap(inner: Body, cut: Cut) -> Body {
        Body::new(Self {
            inner,
            cut,
            ended: false,
        })
    }
}

impl HttpBody for CutBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = self.project();
        if *this.ended {
            return Poll::Ready(None);
        }
        if let Poll::Ready(denied) = this.cut.poll_denied(cx) {
            *this.ended = true;
            let refusal = Refusal::new(reason(&denied), "", denied.to_string());
            let mut trailers = HeaderMap::new();
            return Poll::Ready(Some(
                match Status::from(refusal).add_header(&mut trailers) {
                    Ok(()) => Ok(Frame::trailers(trailers)),
                    Err(status) => Err(status),
                },
            ));
        }
        this.inner.poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.ended || self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
