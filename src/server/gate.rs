//! No call reaches a handler before the log is replayed; and refusals that the transport words are said in ours.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use http::{Request, Response};
use pin_project_lite::pin_project;
use tonic::Status;
use tonic::body::Body;
use tower::{Layer, Service};

use crate::api::status::transport;
use crate::model::{Reason, Refusal};

/// What the gate guards. Health and reflection answer before it is opened.
const GUARDED: &str = "/frontier.v1.";

/// Closed until the log is replayed. Clones are one gate.
#[derive(Clone, Debug)]
pub(super) struct Gate {
    open: Arc<AtomicBool>,
}

impl Gate {
    pub(super) fn closed() -> Self {
        Self {
            open: Arc::new(AtomicBool::new(false)),
        }
    }

    pub(super) fn open(&self) {
        self.open.store(true, Ordering::Release);
    }
}

impl<S> Layer<S> for Gate {
    type Service = Gated<S>;

    fn layer(&self, inner: S) -> Gated<S> {
        Gated {
            gate: self.clone(),
            inner,
        }
    }
}

/// A service behind a gate.
#[derive(Clone, Debug)]
pub(super) struct Gated<S> {
    gate: Gate,
    inner: S,
}

impl<S, B> Service<Request<B>> for Gated<S>
where
    S: Service<Request<B>, Response = Response<Body>>,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = GatedFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let open = self.gate.open.load(Ordering::Acquire);
        if !open && request.uri().path().starts_with(GUARDED) {
            return GatedFuture::Refused;
        }
        GatedFuture::Admitted {
            answer: self.inner.call(request),
        }
    }
}

pin_project! {
    /// The answer of a [`Gated`] service.
    #[project = GatedProjection]
    pub(super) enum GatedFuture<F> {
        Admitted { #[pin] answer: F },
        Refused,
    }
}

impl<F, E> Future for GatedFuture<F>
where
    F: Future<Output = Result<Response<Body>, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(match self.project() {
            GatedProjection::Admitted { answer } => ready!(answer.poll(cx)).map(reworded),
            GatedProjection::Refused => Ok(starting().into_http()),
        })
    }
}

fn starting() -> Status {
    Refusal::new(
        Reason::ShuttingDown,
        "",
        "the daemon is starting and replays its log: retry in a moment, or watch grpc.health.v1.Health",
    )
    .into()
}

/// The transport's own refusal of a large message, with our reason and way out.
fn reworded(response: Response<Body>) -> Response<Body> {
    match Status::from_header_map(response.headers()).and_then(|status| transport(&status)) {
        Some(status) => status.into_http(),
        None => response,
    }
}
