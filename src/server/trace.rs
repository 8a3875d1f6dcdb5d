//! One span, one log line and one count per request.
//!
//! A request that succeeded is logged at debug, a refused one at info, one that failed by the daemon's fault at warn:
//! at tens of thousands of submissions a second a line for each would cost more than the submission.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body::{Body as HttpBody, Frame, SizeHint};
use pin_project_lite::pin_project;
use tonic::Code;
use tonic::body::Body;
use tower::{Layer, Service};
use tracing::{Span, debug, debug_span, field, info, warn};

use crate::clock::Stopwatch;

/// Number of gRPC codes.
const CODES: usize = 17;

/// Counts of requests since start.
#[derive(Debug, Default)]
pub struct Requests {
    started: AtomicU64,
    ended: [AtomicU64; CODES],
    micros: AtomicU64,
}

impl Requests {
    /// Requests that began.
    pub fn started(&self) -> u64 {
        self.started.load(Ordering::Relaxed)
    }

    /// Requests that ended with a code.
    pub fn ended(&self, code: Code) -> u64 {
        self.ended[code as usize].load(Ordering::Relaxed)
    }

    /// Requests that ended.
    pub fn ended_in_all(&self) -> u64 {
        self.ended.iter().map(|n| n.load(Ordering::Relaxed)).sum()
    }

    /// Time that ended requests took in all, microseconds.
    pub fn micros(&self) -> u64 {
        self.micros.load(Ordering::Relaxed)
    }
}

/// Observes every request. Clones share the counts.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    requests: Arc<Requests>,
}

impl Trace {
    /// Nothing counted yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The counts, for metrics.
    pub fn requests(&self) -> Arc<Requests> {
        Arc::clone(&self.requests)
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
        let exchange = Exchange::start(
            Arc::clone(&self.trace.requests),
            request.uri().path_and_query().cloned(),
        );
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
    requests: Arc<Requests>,
    path: Option<PathAndQuery>,
    span: Span,
    watch: Stopwatch,
    /// None until the answer says; a client that leaves first has cancelled.
    code: Option<Code>,
}

impl Exchange {
    fn start(requests: Arc<Requests>, path: Option<PathAndQuery>) -> Self {
        let number = requests.started.fetch_add(1, Ordering::Relaxed) + 1;
        let method = path.as_ref().map_or("/", PathAndQuery::path);
        let span = debug_span!(
            "request",
            method,
            number,
            code = field::Empty,
            duration_us = field::Empty
        );
        Self {
            requests,
            path,
            span,
            watch: Stopwatch::start(),
            code: None,
        }
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        let code = self.code.unwrap_or(Code::Cancelled);
        let duration_us = self.watch.elapsed().as_micros() as u64;
        self.requests.ended[code as usize].fetch_add(1, Ordering::Relaxed);
        self.requests
            .micros
            .fetch_add(duration_us, Ordering::Relaxed);
        self.span.record("code", field::debug(code));
        self.span.record("duration_us", duration_us);
        let _entered = self.span.enter();
        let method = self.path.as_ref().map_or("/", PathAndQuery::path);
        match code {
            Code::Ok | Code::Cancelled => debug!(method, ?code, duration_us, "answered"),
            // Starting and shutting down answer UNAVAILABLE; a failed write has an error of its own in the log.
            Code::Unknown | Code::Internal | Code::DataLoss => {
                warn!(method, ?code, duration_us, "failed");
            }
            _ => info!(method, ?code, duration_us, "refused"),
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
        let outcome = ready!(this.inner.poll(cx));
        drop(entered);
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
        let trace = Trace::new();
        let frames = vec![
            Frame::data(Bytes::from_static(b"row")),
            Frame::trailers(trailers("0")),
        ];
        let response = call(&trace, HeaderMap::new(), frames).await;
        let requests = trace.requests();
        assert_eq!((requests.started(), requests.ended_in_all()), (1, 0));
        drain(response.into_body()).await;
        assert_eq!(requests.ended(Code::Ok), 1);
    }

    #[tokio::test]
    async fn an_answer_of_trailers_only_has_its_code_in_the_head() {
        let trace = Trace::new();
        let response = call(&trace, trailers("5"), Vec::new()).await;
        drop(response);
        assert_eq!(trace.requests().ended(Code::NotFound), 1);
        assert_eq!(trace.requests().ended_in_all(), 1);
    }

    #[tokio::test]
    async fn a_client_that_leaves_has_cancelled() {
        let trace = Trace::new();
        let frames = vec![Frame::data(Bytes::from_static(b"row"))];
        drop(call(&trace, HeaderMap::new(), frames).await);
        assert_eq!(trace.requests().ended(Code::Cancelled), 1);
    }

    #[tokio::test]
    async fn a_plain_page_ends_well_without_trailers() {
        let trace = Trace::new();
        let frames = vec![Frame::data(Bytes::from_static(b"page"))];
        drain(call(&trace, HeaderMap::new(), frames).await.into_body()).await;
        assert_eq!(trace.requests().ended(Code::Ok), 1);
    }
}
