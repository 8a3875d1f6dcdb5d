//! Web pages of others, against a real daemon: DNS rebinding and requests across origins, over HTTP/1.1 and gRPC-Web, in
//! plaintext and over TLS.

use std::net::SocketAddr;
use std::sync::Arc;

use frontierd::config::{Config, TlsSettings};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::support::Server;

const READ: &str = "/frontier.v1.CatalogService/ListBenchmarks";
const WRITE: &str = "/frontier.v1.LeaderboardService/SubmitResult";

/// A gRPC-Web call with an empty message, as a page would send it.
fn grpc_web(path: &str, host: &str, origin: Option<&str>) -> Vec<u8> {
    let origin = origin.map_or_else(String::new, |origin| format!("origin: {origin}\r\n"));
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {host}\r\n{origin}content-type: application/grpc-web+proto\r\n\
         x-grpc-web: 1\r\ncontent-length: 5\r\nconnection: close\r\n\r\n"
    );
    [head.as_bytes(), &[0; 5]].concat()
}

/// The whole answer, as text.
async fn exchange(mut stream: impl AsyncRead + AsyncWrite + Unpin, request: &[u8]) -> String {
    stream.write_all(request).await.expect("sent");
    let mut answer = Vec::new();
    // A peer that closes without TLS's goodbye has said all it had to.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

enum Wire {
    Plain,
    Tls(TlsConnector),
}

impl Wire {
    async fn ask(&self, addr: SocketAddr, request: &[u8]) -> String {
        let stream = TcpStream::connect(addr).await.expect("connected");
        match self {
            Self::Plain => exchange(stream, request).await,
            Self::Tls(connector) => {
                let name = ServerName::try_from("localhost").expect("a name");
                let stream = connector.connect(name, stream).await.expect("shaken hands");
                exchange(stream, request).await
            }
        }
    }
}

async fn check_pages(addr: SocketAddr, wire: &Wire, scheme: &str) {
    let port = addr.port();
    let ours = format!("127.0.0.1:{port}");
    let local = format!("localhost:{port}");
    let own_page = |host: &str| format!("{scheme}://{host}");
    for (host, origin) in [
        (&ours, None),
        (&ours, Some(own_page(&ours))),
        (&local, Some(own_page(&local))),
    ] {
        let answer = wire
            .ask(addr, &grpc_web(READ, host, origin.as_deref()))
            .await;
        assert!(
            answer.starts_with("HTTP/1.1 200"),
            "{host} {origin:?}: {answer}"
        );
        assert!(answer.contains("grpc-status:0"), "{answer}");
    }
    // The page's name resolves to this machine: the browser names the page's host, whatever address it connects to.
    let rebound = format!("rebound.example:{port}");
    let numbers = format!("127.0.0.1.nip.example:{port}");
    for (host, origin) in [
        (&rebound, None),
        (&rebound, Some(own_page(&rebound))),
        (&numbers, Some(own_page(&numbers))),
        (&format!("localhost.example:{port}"), None),
        (&"127.0.0.1:1".to_owned(), None),
        // Another page asks for our address.
        (&ours, Some("https://evil.example".to_owned())),
        (&ours, Some("null".to_owned())),
        (&ours, Some(own_page(&local))),
        (&ours, Some(own_page("127.0.0.1:1"))),
    ] {
        for path in [READ, WRITE, "/", "/index.html"] {
            let answer = wire
                .ask(addr, &grpc_web(path, host, origin.as_deref()))
                .await;
            assert!(
                answer.starts_with("HTTP/1.1 403"),
                "{path} {host} {origin:?}: {answer}"
            );
        }
    }
    // Two hosts, one of them ours; and none.
    let twice =
        format!("GET / HTTP/1.1\r\nhost: {ours}\r\nhost: {rebound}\r\nconnection: close\r\n\r\n");
    let absolute =
        format!("GET {scheme}://{rebound}/ HTTP/1.1\r\nhost: {ours}\r\nconnection: close\r\n\r\n");
    for request in [twice, absolute, "GET / HTTP/1.0\r\n\r\n".to_owned()] {
        let answer = wire.ask(addr, request.as_bytes()).await;
        let refused = ["HTTP/1.1 403", "HTTP/1.0 403", "HTTP/1.1 400"];
        assert!(
            refused.iter().any(|start| answer.starts_with(start)),
            "{request}: {answer}"
        );
    }
}

#[tokio::test]
async fn pages_of_others_get_nothing_over_plaintext() {
    let server = Server::start().await;
    check_pages(server.addr, &Wire::Plain, "http").await;
    server.stop().await;
}

#[tokio::test]
async fn pages_of_others_get_nothing_over_tls() {
    let dir = tempfile::tempdir().expect("a directory");
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let signed = rcgen::generate_simple_self_signed(names).expect("a certificate");
    let (cert, key) = (dir.path().join("cert.pem"), dir.path().join("key.pem"));
    std::fs::write(&cert, signed.cert.pem()).expect("written");
    std::fs::write(&key, signed.signing_key.serialize_pem()).expect("written");
    let mut roots = RootCertStore::empty();
    roots.add(signed.cert.der().clone()).expect("a root");
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let settings = |config: &mut Config| {
        config.tls = Some(TlsSettings {
            cert: cert.clone(),
            key: key.clone(),
            client_ca: None,
        });
    };
    let server = Server::start_with(settings).await;
    let wire = Wire::Tls(TlsConnector::from(Arc::new(config)));
    check_pages(server.addr, &wire, "https").await;
    server.stop().await;
}
