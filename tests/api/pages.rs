//! The dashboard beside gRPC on one port: over HTTP/1.1 and HTTP/2, behind the guard, in nobody's way.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::Server;

/// Sends a request of HTTP/1.1 and answers the whole response, head and body.
async fn ask(server: &Server, head: &str) -> String {
    let mut stream = TcpStream::connect(server.addr).await.expect("connected");
    let request = format!("{head}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("an answer");
    String::from_utf8_lossy(&answer).into_owned()
}

fn host(server: &Server) -> String {
    format!("Host: {}", server.addr)
}

#[tokio::test]
async fn the_front_page_is_served_over_http_1_and_names_files_that_are_served_too() {
    let server = Server::start().await;
    let host = host(&server);
    let page = ask(&server, &format!("GET / HTTP/1.1\r\n{host}")).await;
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    assert!(
        page.contains("content-security-policy: default-src 'none'"),
        "{page}"
    );
    let script = page
        .split('"')
        .find(|part| {
            part.starts_with("/assets/") && part.contains("index-") && !part.contains("css")
        })
        .expect("a script");
    let script = ask(
        &server,
        &format!("GET {script} HTTP/1.1\r\n{host}\r\nAccept-Encoding: gzip"),
    )
    .await;
    assert!(script.starts_with("HTTP/1.1 200"));
    assert!(script.contains("content-encoding: gzip"));
    assert!(script.contains("immutable"));
    let missing = ask(&server, &format!("GET /favicon.ico HTTP/1.1\r\n{host}")).await;
    assert!(missing.starts_with("HTTP/1.1 404"), "{missing}");
    server.stop().await;
}

#[tokio::test]
async fn pages_of_other_sites_get_neither_page_nor_file() {
    let server = Server::start().await;
    for path in ["/", "/index.html", "/nothing"] {
        let foreign = ask(
            &server,
            &format!("GET {path} HTTP/1.1\r\nHost: evil.example"),
        )
        .await;
        assert!(foreign.starts_with("HTTP/1.1 403"), "{foreign}");
        let framed = format!(
            "GET {path} HTTP/1.1\r\n{}\r\nOrigin: http://evil.example",
            host(&server)
        );
        let framed = ask(&server, &framed).await;
        assert!(framed.starts_with("HTTP/1.1 403"), "{framed}");
    }
    server.stop().await;
}

#[tokio::test]
async fn the_page_is_served_over_http_2_on_the_same_port() {
    let server = Server::start().await;
    let stream = TcpStream::connect(server.addr).await.expect("connected");
    let (mut client, connection) = h2::client::handshake(stream).await.expect("HTTP/2");
    let driving = tokio::spawn(connection);
    let request = http::Request::get(format!("http://{}/", server.addr));
    let request = request.body(()).expect("a request");
    let (response, _) = client.send_request(request, true).expect("sent");
    let response = response.await.expect("an answer");
    assert_eq!(response.status(), http::StatusCode::OK);
    let mut body = response.into_body();
    let mut page = Vec::new();
    while let Some(part) = body.data().await {
        let part = part.expect("a part");
        let _ = body.flow_control().release_capacity(part.len());
        page.extend_from_slice(&part);
    }
    assert!(page.starts_with(b"<!doctype html>"));
    driving.abort();
    server.stop().await;
}

#[tokio::test]
async fn grpc_web_goes_on_beside_the_page() {
    let server = Server::start().await;
    // An empty message: five bytes of frame.
    let call = format!(
        "POST /frontier.v1.CatalogService/ListBenchmarks HTTP/1.1\r\n{}\r\nContent-Type: application/grpc-web+proto\r\nContent-Length: 5",
        host(&server)
    );
    let mut stream = TcpStream::connect(server.addr).await.expect("connected");
    let request = format!("{call}\r\nConnection: close\r\n\r\n\0\0\0\0\0");
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("an answer");
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("grpc-status:0"), "{answer}");
    server.stop().await;
}
