//! One span, one log line and one count per request.
//!
//! A request that succeeded is logged at debug (at warn when it was slow), a refused one at info, one that failed by the daemon's fault at warn:
//! at tens of thousands of submissions a second a line for each would cost more than the submission.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{Extensions, HeaderMap, Request, Response, StatusCode};
use http_body::{Body as HttpBody, Frame, SizeHint};
use pin_project_lite::pin_project;
use tonic::Code;
use tonic::body::Body;
use tower::{Layer, Service};
use tracing::{Span, debug, debug_span, field, info, warn};

use super::transport::{Link, OpenCall};
use crate::call::{self, Notes};
use crate::clock::Stopwatch;
use crate::limits::SLOW_CALL_MILLIS;
use crate::metrics::{Calls, Method};

/// Observes every request. Clones share the counts and what is slow.
#[derive(Clone, Debug)]
pub struct Trace {
    calls: Arc<Calls>,
    slow_micros: Arc<AtomicU64>,
}

impl Trace {
    /// Counts in `calls`.
    pub fn new(calls: Arc<Calls>) -> Self {
        let trace = Self {
            calls,
            slow_micros: Arc::default(),
        };
        trace.set_slow(Duration::from_millis(SLOW_CALL_MILLIS));
        trace
    }

    /// From now on calls are slow that take this long, streams apart.
    pub fn set_slow(&self, slow: Duration) {
        self.slow_micros
            .store(slow.as_micros() as u64, Ordering::Relaxed);
    }
}

impl<S> Layer<S> for Trace {
    type Service = Traced<S>;

    fn layer(&self, inner: S) -> Traced<S> {
        Traced {
            trace: self.clone(),
            inner,
        }
    }
}

/// A service whose requests are observed.
#[derive(Clone, Debug)]
pub struct Traced<S> {
    trace: Trace,
    inner: S,
}

impl<S, B, R> Service<Request<B>> for Traced<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    R: HttpBody<Data = Bytes> + Send + 'static,
    R::Error: Into<tonic::codegen::StdError>,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = TracedFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let exchange = Exchange::start(&self.trace, &request);
        let inner = {
            let _entered = exchange.span.enter();
            self.inner.call(request)
        };
        TracedFuture {
            inner,
            exchange: Some(exchange),
        }
    }
}

/// One request and its answer; ends when it is dropped, which is when the answer is complete or nobody wants it.
#[derive(Debug)]
struct Exchange {
    trace: Trace,
    path: Option<PathAndQuery>,
    peer: Option<SocketAddr>,
    span: Span,
    watch: Stopwatch,
    notes: Notes,
    /// None until the answer says; a client that leaves first has cancelled.
    code: Option<Code>,
    /// Keeps the connection from being idle.
    #[expect(dead_code, reason = "it is held")]
    call: Option<OpenCall>,
}

impl Exchange {
    fn start<B>(trace: &Trace, request: &Request<B>) -> Self {
        let number = trace.calls.begin();
        let path = request.uri().path_and_query().cloned();
        let method = path.as_ref().map_or("/", PathAndQuery::path);
        let span = debug_span!("request", method, number);
        Self {
            trace: trace.clone(),
            path,
            peer: peer(request.extensions()),
            call: Link::of(request.extensions()).map(OpenCall::on),
            span,
            watch: Stopwatch::start(),
            notes: Notes::default(),
            code: None,
        }
    }

    /// Keeps what the handler noted while it was polled.
    fn take_notes(&mut self) {
        if let Some(notes) = call::take() {
            self.notes = notes;
        }
    }
}

/// The address at the other end.
fn peer(extensions: &Extensions) -> Option<SocketAddr> {
    Link::of(extensions)?.peer()
}

/// One line with everything that is known about a call.
macro_rules! tell {
    ($level:ident, $call:expr, $method:expr, $code:expr, $duration_us:expr, $text:literal) => {
        $level!(
            method = $method,
            code = ?$code,
            duration_us = $duration_us,
            peer = $call.peer.map(field::display),
            author = named(&$call.notes.author),
            request_id = named(&$call.notes.request_id),
            $text
        )
    };
}

fn named(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

impl Drop for Exchange {
    fn drop(&mut self) {
        let code = self.code.unwrap_or(Code::Cancelled);
        let took = self.watch.elapsed();
        let path = self.path.as_ref().map_or("/", PathAndQuery::path);
        let method = Method::of(path);
        self.trace.calls.end(method, code as usize, took);
        let duration_us = took.as_micros() as u64;
        let slow = duration_us >= self.trace.slow_micros.load(Ordering::Relaxed);
        let _entered = self.span.enter();
        match code {
            // Starting and shutting down answer UNAVAILABLE; a failed write has an error of its own in the log.
            Code::Unknown | Code::Internal | Code::DataLoss => {
                tell!(warn, self, path, code, duration_us, "failed");
            }
            _ if slow && !method.is_streaming() => {
                tell!(warn, self, path, code, duration_us, "slow");
            }
            Code::Ok | Code::Cancelled => tell!(debug, self, path, code, duration_us, "answered"),
            _ => tell!(info, self, path, code, duration_us, "refused"),
        }
    }
}

pin_project! {
    /// The answer of a [`Traced`] service.
    #[derive(Debug)]
    pub struct TracedFuture<F> {
        #[pin]
        inner: F,
        exchange: Option<Exchange>,
    }
}

impl<F, R, E> Future for TracedFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
    R: HttpBody<Data = Bytes> + Send + 'static,
    R::Error: Into<tonic::codegen::StdError>,
{
    type Output = Result<Response<Body>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let entered = this.exchange.as_ref().map(|exchange| exchange.span.enter());
        // What a task beside noted on this thread is not about this call.
        let _ = call::take();
        let outcome = this.inner.poll(cx);
        drop(entered);
        if let Some(exchange) = this.exchange.as_mut() {
            exchange.take_notes();
        }
        let outcome = ready!(outcome);
        let Some(mut exchange) = this.exchange.take() else {
            return Poll::Pending;
        };
        Poll::Ready(match outcome {
            Ok(response) => {
                exchange.code = head_code(&response);
                Ok(response.map(|inner| Body::new(TracedBody { inner, exchange })))
            }
            Err(error) => {
                exchange.code = Some(Code::Internal);
                Err(error)
            }
        })
    }
}

pin_project! {
    #[derive(Debug)]
    struct TracedBody<R> {
        #[pin]
        inner: R,
        exchange: Exchange,
    }
}

impl<R> HttpBody for TracedBody<R>
where
    R: HttpBody<Data = Bytes>,
{
    type Data = Bytes;
    type Error = R::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, R::Error>>> {
        let this = self.project();
        let polled = {
            let _entered = this.exchange.span.enter();
            ready!(this.inner.poll_frame(cx))
        };
        match &polled {
            Some(Ok(frame)) => {
                if let Some(code) = frame.trailers_ref().and_then(trailer_code) {
                    this.exchange.code = Some(code);
                }
            }
            Some(Err(_)) => this.exchange.code = Some(Code::Internal),
            // The body of a plain page ends without trailers.
            None => {
                this.exchange.code.get_or_insert(Code::Ok);
            }
        }
        Poll::Ready(polled)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// The code that a head already tells: an answer of trailers only, or a plain HTTP error. Other codes come with the end.
fn head_code<R: HttpBody>(response: &Response<R>) -> Option<Code> {
    if let Some(code) = trailer_code(response.headers()) {
        return Some(code);
    }
    match response.status() {
        StatusCode::OK if !response.body().is_end_stream() => None,
        status if status.is_success() || status.is_redirection() => Some(Code::Ok),
        StatusCode::BAD_REQUEST => Some(Code::InvalidArgument),
        StatusCode::UNAUTHORIZED => Some(Code::Unauthenticated),
        StatusCode::FORBIDDEN => Some(Code::PermissionDenied),
        StatusCode::NOT_FOUND => Some(Code::NotFound),
        StatusCode::SERVICE_UNAVAILABLE => Some(Code::Unavailable),
        StatusCode::TOO_MANY_REQUESTS => Some(Code::ResourceExhausted),
        status if status.is_client_error() => Some(Code::InvalidArgument),
        _ => Some(Code::Internal),
    }
}

fn trailer_code(headers: &HeaderMap) -> Option<Code> {
    let value = headers.get("grpc-status")?;
    Some(Code::from_bytes(value.as_bytes()))
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use http::HeaderValue;
    use tower::{ServiceExt, service_fn};

    use super::*;

    /// A body of the frames given, as tonic sends them.
    #[derive(Default)]
    struct Frames(Vec<Frame<Bytes>>);

    impl HttpBody for Frames {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            Poll::Ready((!self.0.is_empty()).then(|| Ok(self.0.remove(0))))
        }
    }

    fn trailers(code: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("grpc-status", HeaderValue::from_static(code));
        headers
    }

    async fn call(trace: &Trace, head: HeaderMap, frames: Vec<Frame<Bytes>>) -> Response<Body> {
        let mut answer = Some((head, frames));
        let inner = service_fn(move |_: Request<()>| {
            let (head, frames) = answer.take().expect("one call");
            let mut response = Response::new(Frames(frames));
            *response.headers_mut() = head;
            std::future::ready(Ok::<_, Infallible>(response))
        });
        let request = Request::builder().uri("/frontier.v1.X/Y").body(());
        let response = trace.layer(inner).oneshot(request.expect("a request"));
        response.await.expect("infallible")
    }

    async fn drain(body: Body) {
        let mut body = std::pin::pin!(body);
        while std::future::poll_fn(|cx| body.as_mut().poll_frame(cx))
            .await
            .is_some()
        {}
    }

    #[tokio::test]
    async fn the_code_of_a_stream_comes_with_its_trailers() {
        let trace = Trace::new(Arc::default());
        let frames = vec![
            Frame::data(Bytes::from_static(b"row")),
            Frame::trailers(trailers("0")),
        ];
        let response = call(&trace, HeaderMap::new(), frames).await;
        let calls = &trace.calls;
        assert_eq!((calls.started(), calls.ended_in_all()), (1, 0));
        drain(response.into_body()).await;
        assert_eq!(calls.ended(Code::Ok as usize), 1);
    }

    #[tokio::test]
    async fn an_answer_of_trailers_only_has_its_code_in_the_head() {
        let trace = Trace::new(Arc::default());
        let response = call(&trace, trailers("5"), Vec::new()).await;
        drop(response);
        assert_eq!(trace.calls.ended(Code::NotFound as usize), 1);
        assert_eq!(trace.calls.ended_in_all(), 1);
    }

    #[tokio::test]
    async fn a_client_that_leaves_has_cancelled() {
        let trace = Trace::new(Arc::default());
        let frames = vec![Frame::data(Bytes::from_static(b"row"))];
        drop(call(&trace, HeaderMap::new(), frames).await);
        assert_eq!(trace.calls.ended(Code::Cancelled as usize), 1);
    }

    #[tokio::test]
    async fn a_plain_page_ends_well_without_trailers() {
        let trace = Trace::new(Arc::default());
        let frames = vec![Frame::data(Bytes::from_static(b"page"))];
        drain(call(&trace, HeaderMap::new(), frames).await.into_body()).await;
        assert_eq!(trace.calls.ended(Code::Ok as usize), 1);
    }
}
