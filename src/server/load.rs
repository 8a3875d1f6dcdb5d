//! So many calls at once and no more, and none for ever.
//!
//! Counted is a call until its handler has answered, or begun to: what comes after is a stream, and streams have bounds of
//! their own. Health, reflection and the admin service have places kept for them, so that an operator is answered when
//! nobody else is.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use http::{HeaderMap, Request, Response};
use pin_project_lite::pin_project;
use tokio::time::Sleep;
use tonic::Status;
use tonic::body::Body;
use tower::{Layer, Service};

use crate::limits::{CALL_SECONDS_MAX, MAX_OPEN_CALLS, RESERVED_CALLS};
use crate::model::{Reason, Refusal};

/// Counts open calls. Clones share the count.
#[derive(Clone, Debug, Default)]
pub(super) struct Load {
    open: Arc<AtomicUsize>,
}

/// An open call.
#[derive(Debug)]
pub(super) struct Open(Arc<AtomicUsize>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Load {
    fn admit(&self, path: &str) -> Result<Open, Refusal> {
        let kept_for =
            !path.starts_with("/frontier.v1.") || path.starts_with("/frontier.v1.AdminService/");
        let most = MAX_OPEN_CALLS + if kept_for { RESERVED_CALLS } else { 0 };
        let open = Open(Arc::clone(&self.open));
        if self.open.fetch_add(1, Ordering::Relaxed) >= most {
            return Err(Refusal::new(
                Reason::Overloaded,
                "",
                format!(
                    "`{most}` calls are in work already, which is all that is taken: wait a moment"
                ),
            ));
        }
        Ok(open)
    }
}

impl<S> Layer<S> for Load {
    type Service = Loaded<S>;

    fn layer(&self, inner: S) -> Loaded<S> {
        Loaded {
            load: self.clone(),
            inner,
        }
    }
}

/// A service of which so much is asked at once and no more.
#[derive(Clone, Debug)]
pub(super) struct Loaded<S> {
    load: Load,
    inner: S,
}

impl<S, B> Service<Request<B>> for Loaded<S>
where
    S: Service<Request<B>, Response = Response<Body>>,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = LoadFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        match self.load.admit(request.uri().path()) {
            Err(refusal) => LoadFuture::Refused {
                refusal: Some(refusal),
            },
            Ok(open) => LoadFuture::Admitted {
                bound: bound(request.headers()),
                answer: self.inner.call(request),
                timer: None,
                open,
            },
        }
    }
}

/// How long a call may take: what its caller waits, and no longer than the bound.
fn bound(headers: &HeaderMap) -> Duration {
    let most = Duration::from_secs(CALL_SECONDS_MAX);
    let asked = headers.get("grpc-timeout").and_then(|value| {
        let text = value.to_str().ok()?;
        timeout(text)
    });
    asked.map_or(most, |asked| asked.min(most))
}

/// Reads a timeout as gRPC writes it: at most eight digits and a unit.
fn timeout(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let count: u64 = digits.parse().ok()?;
    Some(match unit {
        "H" => Duration::from_secs(count * 3_600),
        "M" => Duration::from_secs(count * 60),
        "S" => Duration::from_secs(count),
        "m" => Duration::from_millis(count),
        "u" => Duration::from_micros(count),
        "n" => Duration::from_nanos(count),
        _ => return None,
    })
}

pin_project! {
    /// The answer of a [`Loaded`] service.
    #[project = LoadProjection]
    pub(super) enum LoadFuture<F> {
        Admitted {
            #[pin]
            answer: F,
            bound: Duration,
            // Made when the answer does not come at once: many do.
            timer: Option<Pin<Box<Sleep>>>,
            open: Open,
        },
        Refused { refusal: Option<Refusal> },
    }
}

impl<F, E> Future for LoadFuture<F>
where
    F: Future<Output = Result<Response<Body>, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project() {
            LoadProjection::Admitted {
                answer,
                bound,
                timer,
                ..
            } => {
                if let Poll::Ready(answered) = answer.poll(cx) {
                    return Poll::Ready(answered);
                }
                let timer = timer.get_or_insert_with(|| Box::pin(tokio::time::sleep(*bound)));
                timer
                    .as_mut()
                    .poll(cx)
                    .map(|()| Ok(too_late(*bound).into_http()))
            }
            LoadProjection::Refused { refusal } => match refusal.take() {
                Some(refusal) => Poll::Ready(Ok(Status::from(refusal).into_http())),
                None => Poll::Pending,
            },
        }
    }
}

fn too_late(bound: Duration) -> Status {
    Status::deadline_exceeded(format!(
        "no answer within {bound:?}: what was submitted may be there nevertheless; retry with the same request_id"
    ))
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use tower::{ServiceExt, service_fn};

    use super::*;

    #[test]
    fn timeouts_are_read_as_grpc_writes_them() {
        for (text, expected) in [
            ("1H", Duration::from_secs(3_600)),
            ("2M", Duration::from_secs(120)),
            ("3S", Duration::from_secs(3)),
            ("250m", Duration::from_millis(250)),
            ("99999999u", Duration::from_micros(99_999_999)),
            ("7n", Duration::from_nanos(7)),
        ] {
            assert_eq!(timeout(text), Some(expected), "{text}");
        }
        for text in ["", "S", "1", "1s", "-1S", "+1S", "999999999S", "1é", "1.5S"] {
            assert_eq!(timeout(text), None, "{text}");
        }
    }

    #[test]
    fn the_operator_is_answered_when_nobody_else_is() {
        let load = Load::default();
        let submit = "/frontier.v1.LeaderboardService/SubmitResult";
        let held: Vec<Open> = (0..MAX_OPEN_CALLS)
            .map(|_| load.admit(submit).expect("a place"))
            .collect();
        let refused = load.admit(submit).expect_err("full");
        assert_eq!(refused.reason, Reason::Overloaded);
        let kept: Vec<Open> = [
            "/grpc.health.v1.Health/Check",
            "/frontier.v1.AdminService/GetStatus",
        ]
        .iter()
        .map(|path| load.admit(path).expect("kept for it"))
        .collect();
        drop((held, kept));
        assert!(load.admit(submit).is_ok());
        assert_eq!(load.open.load(Ordering::Relaxed), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_takes_too_long_is_answered_and_counted_no_more() {
        let load = Load::default();
        let never = service_fn(|_: Request<()>| std::future::pending::<Result<_, Infallible>>());
        let request = Request::builder()
            .header("grpc-timeout", "30m")
            .body(())
            .expect("a request");
        let response = load.layer(never).oneshot(request).await.expect("answered");
        let status = Status::from_header_map(response.headers()).expect("a status");
        assert_eq!(status.code(), tonic::Code::DeadlineExceeded);
        assert_eq!(load.open.load(Ordering::Relaxed), 0);
    }
}
