//! How a client reaches a daemon, and who it says it is.

use std::fmt;
use std::time::Duration;

use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};

use super::ClientError;

/// How long a connection may take to come up: a host that drops packets must not hang a shell.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How often an otherwise silent connection is probed, so that a watch notices a host that vanished.
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(20);
/// How long a probe may go unanswered.
const KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(10);

/// A channel whose calls carry a token, where there is one.
pub type Authorized = InterceptedService<Channel, Bearer>;

/// A token that goes with every call. Never printed.
#[derive(Clone, Default)]
pub struct Bearer(Option<MetadataValue<Ascii>>);

impl Bearer {
    /// A token as `frontierd token create` printed it; none where it is not one line of ASCII.
    pub fn new(token: &str) -> Option<Self> {
        let mut value: MetadataValue<Ascii> = format!("Bearer {token}").parse().ok()?;
        value.set_sensitive(true);
        (!token.is_empty()).then_some(Self(Some(value)))
    }
}

impl fmt::Debug for Bearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Some(_) => "Bearer(..)",
            None => "Bearer(none)",
        })
    }
}

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(value) = &self.0 {
            request
                .metadata_mut()
                .insert("authorization", value.clone());
        }
        Ok(request)
    }
}

/// What a connection needs beyond an address.
#[derive(Clone, Default)]
pub struct ConnectOptions {
    /// Token to call with.
    pub token: Option<String>,
    /// CAs in PEM that the daemon's certificate must be of; none = those that the system trusts.
    pub ca: Option<Vec<u8>>,
    /// Certificate chain and private key in PEM, where the daemon asks for one.
    pub identity: Option<(Vec<u8>, Vec<u8>)>,
    /// Send the token although the connection is not encrypted and leaves this machine.
    pub token_in_the_clear: bool,
}

/// Without the token.
impl fmt::Debug for ConnectOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectOptions")
            .field("token", &self.token.as_ref().map(|_| ".."))
            .field("ca", &self.ca.is_some())
            .field("identity", &self.identity.is_some())
            .field("token_in_the_clear", &self.token_in_the_clear)
            .finish()
    }
}

fn unusable(addr: &str, why: impl Into<String>) -> ClientError {
    ClientError::Address {
        addr: addr.to_owned(),
        why: why.into(),
    }
}

fn url(addr: &str) -> String {
    if addr.contains("://") {
        addr.to_owned()
    } else {
        format!("http://{addr}")
    }
}

impl ConnectOptions {
    pub(super) fn endpoint(&self, addr: &str) -> Result<Endpoint, ClientError> {
        let url = url(addr);
        let is_tls = url.starts_with("https://");
        if !is_tls && (self.ca.is_some() || self.identity.is_some()) {
            return Err(unusable(
                addr,
                "certificates are given for a connection without TLS: use `https://`",
            ));
        }
        let endpoint =
            Endpoint::from_shared(url).map_err(|error| unusable(addr, error.to_string()))?;
        if endpoint.uri().host().is_none_or(str::is_empty) {
            return Err(unusable(addr, "it names no host"));
        }
        let endpoint = if is_tls {
            self.encrypted(addr, endpoint)?
        } else {
            endpoint
        };
        Ok(endpoint
            .connect_timeout(CONNECT_TIMEOUT)
            .http2_keep_alive_interval(KEEP_ALIVE_INTERVAL)
            .keep_alive_timeout(KEEP_ALIVE_TIMEOUT)
            .keep_alive_while_idle(true)
            .tcp_nodelay(true))
    }

    #[cfg(feature = "tls")]
    fn encrypted(&self, addr: &str, endpoint: Endpoint) -> Result<Endpoint, ClientError> {
        use tonic::transport::{Certificate, ClientTlsConfig, Identity};
        let mut config = ClientTlsConfig::new();
        config = match &self.ca {
            Some(ca) => config.ca_certificate(Certificate::from_pem(ca)),
            None => config.with_native_roots(),
        };
        if let Some((cert, key)) = &self.identity {
            config = config.identity(Identity::from_pem(cert, key));
        }
        endpoint
            .tls_config(config)
            .map_err(|error| unusable(addr, cause(&error)))
    }

    #[cfg(not(feature = "tls"))]
    #[allow(clippy::unused_self, reason = "a build with TLS uses it")]
    fn encrypted(&self, addr: &str, _: Endpoint) -> Result<Endpoint, ClientError> {
        Err(unusable(
            addr,
            "this build has no TLS: use one with the feature `tls`",
        ))
    }

    /// The token, unless whoever listens on the way would learn it.
    pub(super) fn bearer(&self, addr: &str) -> Result<Bearer, ClientError> {
        let Some(token) = &self.token else {
            return Ok(Bearer::default());
        };
        let is_safe = url(addr).starts_with("https://") || is_loopback(addr);
        if !is_safe && !self.token_in_the_clear {
            return Err(unusable(
                addr,
                "the token would travel in the clear: use `https://`, or say `--token-in-the-clear` where the network is trusted",
            ));
        }
        Bearer::new(token)
            .ok_or_else(|| unusable(addr, "the token to call with is not one line of ASCII"))
    }
}

fn is_loopback(addr: &str) -> bool {
    let Ok(uri) = url(addr).parse::<http::Uri>() else {
        return false;
    };
    let host = uri.host().unwrap_or_default();
    let literal = host.trim_start_matches('[').trim_end_matches(']');
    match literal.parse::<std::net::IpAddr>() {
        Ok(ip) => ip.to_canonical().is_loopback(),
        Err(_) => literal.eq_ignore_ascii_case("localhost"),
    }
}

/// The innermost cause, which is the one that says something: `connection refused`.
pub(super) fn cause(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_need_no_scheme_and_unusable_ones_say_why() {
        let options = ConnectOptions::default();
        for addr in ["http://127.0.0.1:50051", "localhost:50051", "[::1]:1"] {
            assert!(options.endpoint(addr).is_ok(), "{addr}");
        }
        for addr in ["", "http://", "a b"] {
            let error = options.endpoint(addr).expect_err(addr);
            assert!(
                matches!(error, ClientError::Address { .. }),
                "{addr}: {error}"
            );
        }
    }

    #[test]
    fn a_token_does_not_leave_the_machine_in_the_clear_and_is_not_printed() {
        let mut options = ConnectOptions {
            token: Some("frontierd_abc".to_owned()),
            ..ConnectOptions::default()
        };
        assert!(!format!("{options:?}").contains("abc"));
        for addr in [
            "127.0.0.1:1",
            "http://localhost:1",
            "[::1]:1",
            "https://example.org",
        ] {
            let bearer = options.bearer(addr).expect(addr);
            assert!(!format!("{bearer:?}").contains("abc"));
        }
        for addr in ["http://example.org:1", "10.0.0.1:1", "localhost.evil.org:1"] {
            let error = options.bearer(addr).expect_err(addr).to_string();
            assert!(
                error.contains("https://") && !error.contains("abc"),
                "{error}"
            );
        }
        options.token_in_the_clear = true;
        assert!(options.bearer("http://example.org:1").is_ok());
        options.token = Some("a\nb".to_owned());
        assert!(options.bearer("127.0.0.1:1").is_err());
    }
}
