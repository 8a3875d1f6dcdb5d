//! Connections: who gets one, how long it may take to say something, when it ends.
//!
//! tonic's own server is not used, because it bounds none of this: not how many connections there are, not how many one
//! peer has, not how long one says nothing, not how much is buffered for a reader that does not read.

mod count;
mod link;

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tonic::body::Body;
use tower::{Service, ServiceExt};
use tracing::debug;

use super::connections::Counted;
use super::tls::{Tls, TlsStream};
use super::together::Together;
use crate::limits::{
    CONNECTION_WINDOW_BYTES, FIRST_BYTES_SECONDS, HANDSHAKE_SECONDS, HEADER_BYTES_MAX,
    HEADERS_SECONDS, IDLE_SECONDS_MAX, KEEPALIVE_SECONDS, KEEPALIVE_TIMEOUT_SECONDS,
    LAST_ANSWERS_SECONDS, MAX_CONCURRENT_STREAMS, MAX_HEADERS, MAX_PENDING_RESETS,
    SEND_BUFFER_BYTES, STREAM_WINDOW_BYTES,
};
use count::{Count, Refused};

pub(super) use link::{Link, OpenCall};

/// Pause after the system refused to accept: it is out of descriptors, and closing connections takes a moment.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// A connection whose peer has said something.
enum Shaken {
    Plain(Counted),
    Tls(Box<TlsStream>),
}

/// How connections are served.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    /// None: plaintext.
    pub(super) tls: Option<Tls>,
    /// Counts for metrics.
    pub(super) tally: Arc<crate::metrics::Connections>,
    /// Whether all callers may come from one peer, a proxy.
    pub(super) behind_proxy: bool,
}

/// Serves connections with clones of a service.
#[derive(Clone)]
pub(super) struct Connections<S> {
    service: S,
    builder: Arc<Builder<TokioExecutor>>,
    settings: Settings,
    count: Arc<Count>,
    closed: watch::Receiver<bool>,
    running: mpsc::WeakSender<Infallible>,
}

/// Held by whatever must end before the server has ended.
#[derive(Clone, Debug)]
pub(super) struct Running(#[expect(dead_code, reason = "it is held")] mpsc::Sender<Infallible>);

/// Waits for all connections to end.
#[derive(Debug)]
pub(super) struct Ended(mpsc::Receiver<Infallible>);

impl Ended {
    /// Returns once nothing is served any more.
    pub(super) async fn wait(mut self) {
        // Nobody sends; the channel closes when the last sender is dropped.
        let _ = self.0.recv().await;
    }
}

impl<S> Connections<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>
        + Clone
        + Send
        + 'static,
    S::Future: Send + 'static,
{
    /// Nothing is served yet. When `closed` turns true no more connections are taken, and those there are end with their
    /// open calls.
    pub(super) fn new(
        service: S,
        settings: Settings,
        closed: watch::Receiver<bool>,
    ) -> (Self, Running, Ended) {
        let (running, ended) = mpsc::channel(1);
        let connections = Self {
            service,
            builder: Arc::new(builder()),
            count: Arc::new(Count::new(settings.behind_proxy)),
            settings,
            closed,
            running: running.downgrade(),
        };
        (connections, Running(running), Ended(ended))
    }

    /// Serves what comes to a listener.
    pub(super) fn listen(&self, listener: TcpListener, running: Running) {
        tokio::spawn(self.clone().accept(listener, running));
    }

    /// Serves one end of a connection inside this process; returns the other end, which is closed once the server ended.
    pub(super) fn inside(&self, link: Link) -> DuplexStream {
        let (near, far) = tokio::io::duplex(STREAM_WINDOW_BYTES as usize);
        if let Some(running) = self.running.upgrade() {
            let connections = self.clone();
            tokio::spawn(async move {
                connections.serve(near, Arc::new(link)).await;
                drop(running);
            });
        }
        far
    }

    async fn accept(mut self, listener: TcpListener, running: Running) {
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                // A sender that is gone has nothing more to serve either.
                _ = self.closed.wait_for(|closing| *closing) => return,
            };
            match accepted {
                Ok((stream, peer)) => self.take(stream, peer, &running),
                Err(error) => {
                    if is_out_of_descriptors(&error) {
                        self.count.refused(Refused::Descriptors);
                        tokio::time::sleep(ACCEPT_PAUSE).await;
                    } else {
                        debug!(%error, "a connection ended before it was accepted");
                    }
                }
            }
        }
    }

    fn take(&self, stream: TcpStream, peer: SocketAddr, running: &Running) {
        // Closed at once: waiting for a place would keep the descriptor, which is what there is too little of.
        let place = match self.count.place(peer.ip()) {
            Ok(place) => place,
            Err(refused) => return self.count.refused(refused),
        };
        // It works without, only later.
        let _ = stream.set_nodelay(true);
        let stream = Counted::new(stream, &self.settings.tally);
        let (connections, running) = (self.clone(), running.clone());
        tokio::spawn(async move {
            let mut closed = connections.closed.clone();
            let shaken = tokio::select! {
                shaken = shake_hands(connections.settings.tls.clone(), stream, peer) => shaken,
                _ = closed.wait_for(|closing| *closing) => None,
            };
            let link = Arc::new(Link::to(peer));
            match shaken {
                Some(Shaken::Plain(stream)) => connections.serve(Together::new(stream), link).await,
                Some(Shaken::Tls(stream)) => connections.serve(Together::new(stream), link).await,
                None => {}
            }
            drop((place, running));
        });
    }

    async fn serve<I>(mut self, io: I, link: Arc<Link>)
    where
        I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let linked = Arc::clone(&link);
        let service = self
            .service
            .clone()
            .map_request(move |request: Request<Incoming>| {
                let mut request = request.map(Body::new);
                request.extensions_mut().insert(Arc::clone(&linked));
                request
            });
        let builder = Arc::clone(&self.builder);
        let connection =
            builder.serve_connection(TokioIo::new(io), TowerToHyperService::new(service));
        tokio::pin!(connection);
        let idle = tokio::time::sleep(Duration::from_secs(IDLE_SECONDS_MAX));
        tokio::pin!(idle);
        let mut ending = false;
        loop {
            tokio::select! {
                ended = connection.as_mut() => {
                    if let Err(error) = ended {
                        debug!(%error, "a connection broke");
                    }
                    return;
                }
                _ = self.closed.wait_for(|closing| *closing), if !ending => {
                    ending = true;
                    connection.as_mut().graceful_shutdown();
                    // The server's own drain has the deadline.
                    idle.set(tokio::time::sleep(Duration::from_secs(3_600)));
                }
                () = &mut idle => {
                    if ending {
                        debug!("a peer does not let an idle connection end");
                        return;
                    }
                    let wait = if link.is_idle() {
                        ending = true;
                        connection.as_mut().graceful_shutdown();
                        LAST_ANSWERS_SECONDS
                    } else {
                        IDLE_SECONDS_MAX
                    };
                    idle.set(tokio::time::sleep(Duration::from_secs(wait)));
                }
            }
        }
    }
}

/// Waits for a peer to say something, and to prove who it is where that is asked.
async fn shake_hands(tls: Option<Tls>, stream: Counted, peer: SocketAddr) -> Option<Shaken> {
    let Some(tls) = tls else {
        let wait = Duration::from_secs(FIRST_BYTES_SECONDS);
        let first = tokio::time::timeout(wait, stream.readable()).await;
        if matches!(first, Ok(Ok(()))) {
            return Some(Shaken::Plain(stream));
        }
        debug!(%peer, "nothing was said on a connection");
        return None;
    };
    let wait = Duration::from_secs(HANDSHAKE_SECONDS);
    match tokio::time::timeout(wait, tls.accept(stream)).await {
        Ok(Ok(stream)) => return Some(Shaken::Tls(Box::new(stream))),
        Ok(Err(error)) => tls.refused(peer, &error),
        Err(_) => debug!(%peer, "a TLS handshake took too long"),
    }
    None
}

fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(HEADERS_SECONDS))
        .max_headers(MAX_HEADERS)
        .max_buf_size(HEADER_BYTES_MAX as usize);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(MAX_CONCURRENT_STREAMS)
        .max_header_list_size(HEADER_BYTES_MAX)
        .max_pending_accept_reset_streams(MAX_PENDING_RESETS)
        .max_local_error_reset_streams(MAX_PENDING_RESETS)
        .initial_stream_window_size(STREAM_WINDOW_BYTES)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
        .max_send_buf_size(SEND_BUFFER_BYTES)
        .keep_alive_interval(Duration::from_secs(KEEPALIVE_SECONDS))
        .keep_alive_timeout(Duration::from_secs(KEEPALIVE_TIMEOUT_SECONDS));
    builder
}

fn is_out_of_descriptors(error: &io::Error) -> bool {
    /// Of this process, of the system.
    const TOO_MANY_FILES: [i32; 2] = [24, 23];
    error
        .raw_os_error()
        .is_some_and(|code| TOO_MANY_FILES.contains(&code))
}

#[cfg(test)]
mod tests;
