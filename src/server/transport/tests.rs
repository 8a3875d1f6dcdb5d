//! Connections to a server that answers anything, on a clock that jumps.

use std::future::ready;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;
use tower::service_fn;

use super::*;

/// How a client of HTTP/2 begins: the preface and empty SETTINGS.
const HELLO: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

/// One end of a connection to a server that answers anything, and what keeps that server.
fn connected() -> (DuplexStream, impl Send) {
    let answer = service_fn(|_: Request<Body>| ready(Ok::<_, Infallible>(Response::default())));
    let settings = Settings {
        tls: None,
        tally: Arc::default(),
        behind_proxy: false,
    };
    let (closing, closed) = watch::channel(false);
    let (connections, running, ended) = Connections::new(answer, settings, closed);
    let far = connections.inside(Link::inside());
    (far, (closing, running, ended))
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_answers_no_ping_is_let_go() {
    let (mut far, _server) = connected();
    far.write_all(HELLO).await.expect("sent");
    let mut said = Vec::new();
    let wait = seconds(KEEPALIVE_SECONDS + KEEPALIVE_TIMEOUT_SECONDS + 5);
    let ended = timeout(wait, far.read_to_end(&mut said)).await;
    assert!(ended.is_ok(), "the connection is still open");
}

#[tokio::test(start_paused = true)]
async fn a_connection_without_a_call_ends_and_one_with_calls_goes_on() {
    let (far, _server) = connected();
    let (requests, connection) = h2::client::handshake(far).await.expect("HTTP/2");
    let mut connection = tokio::spawn(connection);
    let early = timeout(seconds(IDLE_SECONDS_MAX - 5), &mut connection).await;
    assert!(early.is_err(), "it ended too early");
    let wait = seconds(IDLE_SECONDS_MAX + LAST_ANSWERS_SECONDS);
    let ended = timeout(wait, connection).await.expect("it ends");
    ended.expect("no panic").expect("with a goodbye");
    drop(requests);
}

#[tokio::test(start_paused = true)]
async fn a_head_that_does_not_end_is_waited_for_no_longer_than_the_bound() {
    let (mut far, _server) = connected();
    far.write_all(b"GET / HTTP/1.1\r\nx-slow: ")
        .await
        .expect("sent");
    let mut said = Vec::new();
    let ended = timeout(seconds(HEADERS_SECONDS + 5), far.read_to_end(&mut said)).await;
    assert!(ended.is_ok(), "the connection is still open");
}

#[tokio::test]
async fn the_server_has_ended_when_its_connections_have() {
    let (far, _unused) = connected();
    drop(far);
    let settings = Settings {
        tls: None,
        tally: Arc::default(),
        behind_proxy: false,
    };
    let (closing, closed) = watch::channel(false);
    let answer = service_fn(|_: Request<Body>| ready(Ok::<_, Infallible>(Response::default())));
    let (connections, running, ended) = Connections::new(answer, settings, closed);
    let mut far = connections.inside(Link::inside());
    far.write_all(HELLO).await.expect("sent");
    // It is under way before the server is to end.
    let mut said = [0; 64];
    far.read_exact(&mut said[..9]).await.expect("SETTINGS");
    closing.send_replace(true);
    drop(running);
    drop(far);
    ended.wait().await;
    let mut late = connections.inside(Link::inside());
    assert_eq!(late.read(&mut said).await.expect("an end"), 0);
}
