//! Lets browsers have the dashboard. It stands before gRPC-Web, which answers 400 to whatever is not gRPC.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::header::CONTENT_TYPE;
use http::{Method, Request, Response};
use http_body_util::Full;
use pin_project_lite::pin_project;
use tonic::body::Body;
use tower::{Layer, Service};

use crate::dashboard;

/// Answers GET and HEAD requests that are not gRPC; everything else goes on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pages;

impl<S> Layer<S> for Pages {
    type Service = WithPages<S>;

    fn layer(&self, inner: S) -> WithPages<S> {
        WithPages { inner }
    }
}

/// A service beside the dashboard.
#[derive(Clone, Debug)]
pub(super) struct WithPages<S> {
    inner: S,
}

/// A browser that looks: gRPC is POST, and says so in its content type.
fn is_for_a_page<B>(request: &Request<B>) -> bool {
    matches!(*request.method(), Method::GET | Method::HEAD)
        && !request
            .headers()
            .get(CONTENT_TYPE)
            .is_some_and(|kind| kind.as_bytes().starts_with(b"application/grpc"))
}

impl<S, B> Service<Request<B>> for WithPages<S>
where
    S: Service<Request<B>, Response = Response<Body>>,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = PageFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        if is_for_a_page(&request) {
            let page = dashboard::answer(request.method(), request.uri().path(), request.headers());
            let page = page.map(|bytes| Body::new(Full::new(bytes)));
            return PageFuture::Page { page: Some(page) };
        }
        PageFuture::Call {
            answer: self.inner.call(request),
        }
    }
}

pin_project! {
    /// A page at once, or the answer to a call.
    #[project = PageProjection]
    pub(super) enum PageFuture<F> {
        Call { #[pin] answer: F },
        Page { page: Option<Response<Body>> },
    }
}

impl<F, E> Future for PageFuture<F>
where
    F: Future<Output = Result<Response<Body>, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        match self.project() {
            PageProjection::Call { answer } => answer.poll(cx),
            PageProjection::Page { page } => page
                .take()
                .map_or(Poll::Pending, |page| Poll::Ready(Ok(page))),
        }
    }
}
