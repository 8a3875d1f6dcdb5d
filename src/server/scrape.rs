//! `/metrics` on a listener of its own, so that whoever scrapes needs no way to the board, and the other way round.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use http::header::{ALLOW, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tonic::body::Body;
use tracing::{debug, warn};

use super::guard::Guard;
use super::{ServeError, listen};
use crate::config::Config;
use crate::metrics::{self, Metrics};

/// Where the page is.
const PATH: &str = "/metrics";
/// How long a caller may take to say what it wants.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// Pause after the system could not accept a connection, as when all files are open.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Metrics being served; ends when it is dropped.
pub(super) struct Scraping {
    pub(super) addr: SocketAddr,
    pub(super) guard: Guard,
    task: JoinHandle<()>,
}

impl Scraping {
    /// Serves metrics where the settings want it.
    ///
    /// # Errors
    /// [`ServeError::Metrics`] when the system refuses the address.
    pub(super) async fn start(
        config: &Config,
        metrics: &Metrics,
    ) -> Result<Option<Self>, ServeError> {
        let Some(addr) = config.metrics_listen else {
            return Ok(None);
        };
        let bound = listen::bind(&[addr]).await;
        let mut bound = bound.map_err(|error| ServeError::Metrics(error.to_string()))?;
        Ok(bound.pop().map(|(listener, addr)| {
            let guard = Guard::new(&[addr], &config.allowed_hosts);
            let task = tokio::spawn(serve(listener, metrics.clone(), guard.clone()));
            Self { addr, guard, task }
        }))
    }
}

impl Drop for Scraping {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(listener: TcpListener, metrics: Metrics, guard: Guard) {
    let mut connections = tokio::task::JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) if connections.len() < crate::limits::MAX_SCRAPERS => {
                    connections.spawn(answer(stream, metrics.clone(), guard.clone()));
                }
                Ok(_) => debug!("too many scrape at once; one is turned away"),
                Err(error) => {
                    warn!(%error, "no connection for metrics could be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn answer(stream: TcpStream, metrics: Metrics, guard: Guard) {
    let service = service_fn(move |request: Request<hyper::body::Incoming>| {
        let (metrics, guard) = (metrics.clone(), guard.clone());
        async move { Ok::<_, Infallible>(page(&request, metrics, &guard).await) }
    });
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .serve_connection(TokioIo::new(stream), service)
        .await;
    if let Err(error) = served {
        debug!(%error, "a connection for metrics broke");
    }
}

async fn page<B>(request: &Request<B>, metrics: Metrics, guard: &Guard) -> Response<Body> {
    if let Err(refused) = guard.admit(request) {
        return text(StatusCode::FORBIDDEN, refused);
    }
    if request.uri().path() != PATH {
        return text(StatusCode::NOT_FOUND, format!("metrics are at {PATH}"));
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut response = text(StatusCode::METHOD_NOT_ALLOWED, "metrics are read with GET");
        let allowed = HeaderValue::from_static("GET, HEAD");
        response.headers_mut().insert(ALLOW, allowed);
        return response;
    }
    // It looks at the directory of the data.
    let Ok(page) = tokio::task::spawn_blocking(move || metrics.page()).await else {
        return text(StatusCode::INTERNAL_SERVER_ERROR, "the page failed");
    };
    let mut response = Response::new(Body::new(page));
    let kind = HeaderValue::from_static(metrics::CONTENT_TYPE);
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

fn text(status: StatusCode, message: impl Into<String>) -> Response<Body> {
    let mut response = Response::new(Body::new(message.into() + "\n"));
    *response.status_mut() = status;
    let kind = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}
