//! Keeps other people's web pages out.
//!
//! A daemon on localhost is reachable by every page that a browser on that machine shows: a page may send requests to
//! `localhost`, or have its own name resolve to 127.0.0.1 (DNS rebinding) and read the answers too. A browser cannot
//! speak plain gRPC over HTTP/2, and it always says which host it believes to talk to, and for writes which page asks.
//! So everything but plain gRPC needs a `Host` that is ours and an `Origin` that is absent or the same as the host.

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock};
use std::task::{Context, Poll};

use http::header::{CONTENT_TYPE, HOST, HeaderMap, ORIGIN};
use http::{HeaderValue, Request, Response, StatusCode, Version};
use pin_project_lite::pin_project;
use tonic::body::Body;
use tower::{Layer, Service};

/// Host names of this machine that no resolver outside it decides on.
const LOCAL_NAMES: [&str; 1] = ["localhost"];

/// Which hosts are ours. Clones share the list.
#[derive(Clone, Debug)]
pub struct Guard {
    allowed: Arc<Allowed>,
}

#[derive(Debug)]
struct Allowed {
    listen: Vec<SocketAddr>,
    named: RwLock<Vec<(String, Option<u16>)>>,
}

impl Guard {
    /// Lets in requests for the bound addresses, and for `HOST` (any port) or `HOST:PORT` of `--allowed-host`.
    pub fn new(listen: &[SocketAddr], allowed_hosts: &[String]) -> Self {
        Self {
            allowed: Arc::new(Allowed {
                listen: listen.to_vec(),
                named: RwLock::new(named(allowed_hosts)),
            }),
        }
    }

    /// From now on these are the values of `--allowed-host`.
    pub fn allow(&self, allowed_hosts: &[String]) {
        let held = self.allowed.named.write();
        *held.unwrap_or_else(PoisonError::into_inner) = named(allowed_hosts);
    }

    /// Judges a request by its head.
    ///
    /// # Errors
    /// A text for whoever sent it: what was refused and the way out.
    pub fn admit<B>(&self, request: &Request<B>) -> Result<(), String> {
        let headers = request.headers();
        if request.version() == Version::HTTP_2
            && is_plain_grpc(headers)
            && !headers.contains_key(ORIGIN)
        {
            return Ok(());
        }
        let authority = request.uri().authority().map(http::uri::Authority::as_str);
        let mut hosts = authority
            .into_iter()
            .chain(headers.get_all(HOST).iter().map(as_text));
        let Some(host) = hosts.next() else {
            return Err(
                "no host is named: send a `Host` header with the address you connect to".to_owned(),
            );
        };
        // More than one is a smuggling attempt unless all are ours.
        for host in std::iter::once(host).chain(hosts) {
            if !split_authority(host).is_some_and(|host| self.allowed.contains(&host)) {
                return Err(format!(
                    "host {} is not served here: connect by the address the daemon listens on, or start it with `--allowed-host`",
                    shown(host)
                ));
            }
        }
        for origin in &headers.get_all(ORIGIN) {
            let origin = as_text(origin);
            if !is_same_origin(origin, host) {
                return Err(format!(
                    "origin {} is not host {}: pages of other sites may not use this daemon",
                    shown(origin),
                    shown(host)
                ));
            }
        }
        Ok(())
    }
}

fn named(allowed_hosts: &[String]) -> Vec<(String, Option<u16>)> {
    let hosts = allowed_hosts.iter();
    hosts.filter_map(|host| split_authority(host)).collect()
}

impl Allowed {
    fn contains(&self, (name, port): &(String, Option<u16>)) -> bool {
        let named = self.named.read().unwrap_or_else(PoisonError::into_inner);
        named
            .iter()
            .any(|(ours, wanted)| ours == name && (wanted.is_none() || wanted == port))
            || self
                .listen
                .iter()
                .any(|addr| is_port(*port, addr.port()) && names(addr.ip(), name))
    }
}

/// A host without a port means the default one of HTTP or HTTPS.
fn is_port(given: Option<u16>, port: u16) -> bool {
    given.map_or(port == 80 || port == 443, |given| given == port)
}

/// Whether a host names the address `ours`. On an unspecified address any literal address may be ours, and none can be
/// rebound: the page would have to come from that very address.
fn names(ours: IpAddr, host: &str) -> bool {
    let ours = ours.to_canonical();
    match host.parse::<IpAddr>() {
        Ok(literal) => {
            let literal = literal.to_canonical();
            literal == ours
                || ours.is_unspecified()
                || (ours.is_loopback() && literal.is_loopback())
        }
        Err(_) => (ours.is_loopback() || ours.is_unspecified()) && LOCAL_NAMES.contains(&host),
    }
}

/// Lower-case host without brackets and final dot, and the port where one is named.
fn split_authority(authority: &str) -> Option<(String, Option<u16>)> {
    let authority = authority.trim();
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']')?;
            (
                host,
                port.strip_prefix(':').or(port.is_empty().then_some("")),
            )
        }
        None => match authority.rsplit_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, Some("")),
        },
    };
    let port = match port? {
        "" => None,
        port => Some(port.parse().ok()?),
    };
    let host = host.strip_suffix('.').unwrap_or(host);
    let plain = !host.is_empty() && !host.contains(['@', '/', ' ']);
    plain.then(|| (host.to_ascii_lowercase(), port))
}

/// Whether a page of `origin` was served by `host`: same name, same port, default ports filled in by its scheme.
fn is_same_origin(origin: &str, host: &str) -> bool {
    let Some((scheme, authority)) = origin.split_once("://") else {
        return false;
    };
    let default = match scheme {
        "http" => 80,
        "https" => 443,
        _ => return false,
    };
    match (split_authority(authority), split_authority(host)) {
        (Some((page, page_port)), Some((host, host_port))) => {
            page == host && page_port.unwrap_or(default) == host_port.unwrap_or(default)
        }
        _ => false,
    }
}

fn is_plain_grpc(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_TYPE)
        .map(HeaderValue::as_bytes)
        .and_then(|kind| kind.strip_prefix(b"application/grpc"))
        .is_some_and(|rest| matches!(rest.first(), None | Some(b'+' | b';')))
}

/// What is not text is nobody's host.
fn as_text(value: &HeaderValue) -> &str {
    value.to_str().unwrap_or_default()
}

fn shown(text: &str) -> String {
    format!("`{}`", text.chars().take(64).collect::<String>())
}

impl<S> Layer<S> for Guard {
    type Service = Guarded<S>;

    fn layer(&self, inner: S) -> Guarded<S> {
        Guarded {
            guard: self.clone(),
            inner,
        }
    }
}

/// A service behind a [`Guard`].
#[derive(Clone, Debug)]
pub struct Guarded<S> {
    guard: Guard,
    inner: S,
}

impl<S, B> Service<Request<B>> for Guarded<S>
where
    S: Service<Request<B>, Response = Response<Body>>,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = GuardedFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        match self.guard.admit(&request) {
            Ok(()) => GuardedFuture {
                admitted: Some(self.inner.call(request)),
                refused: None,
            },
            Err(message) => GuardedFuture {
                admitted: None,
                refused: Some(forbidden(message)),
            },
        }
    }
}

fn forbidden(message: String) -> Response<Body> {
    let mut response = Response::new(Body::new(message + "\n"));
    *response.status_mut() = StatusCode::FORBIDDEN;
    response.headers_mut().insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    response
}

pin_project! {
    /// The answer of a [`Guarded`] service: the inner one, or a refusal at once.
    #[derive(Debug)]
    pub struct GuardedFuture<F> {
        #[pin]
        admitted: Option<F>,
        refused: Option<Response<Body>>,
    }
}

impl<F, E> Future for GuardedFuture<F>
where
    F: Future<Output = Result<Response<Body>, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        match this.admitted.as_pin_mut() {
            Some(admitted) => admitted.poll(cx),
            None => match this.refused.take() {
                Some(response) => Poll::Ready(Ok(response)),
                None => Poll::Pending,
            },
        }
    }
}

#[cfg(test)]
mod tests;
