//! Which hosts and origins come through.

use std::convert::Infallible;

use tower::{ServiceExt, service_fn};

use super::*;

const LISTEN: &str = "127.0.0.1:50051";

fn guard(listen: &str, allowed: &[&str]) -> Guard {
    let allowed: Vec<String> = allowed.iter().map(|host| (*host).to_owned()).collect();
    Guard::new(&[listen.parse().expect("an address")], &allowed)
}

fn request(version: Version, headers: &[(&str, &str)]) -> Request<()> {
    let mut request = Request::builder().version(version).uri("/");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(()).expect("a request")
}

/// What an in-memory service behind the guard answers.
async fn send(guard: Guard, request: Request<()>) -> StatusCode {
    let inner =
        service_fn(|_: Request<()>| async { Ok::<_, Infallible>(Response::new(Body::empty())) });
    let response = guard.layer(inner).oneshot(request).await;
    response.expect("infallible").status()
}

async fn get(headers: &[(&str, &str)]) -> StatusCode {
    send(guard(LISTEN, &[]), request(Version::HTTP_11, headers)).await
}

#[tokio::test]
async fn a_rebound_name_is_refused() {
    // A page of evil.example whose name was made to resolve to 127.0.0.1 sends its own name as host.
    let rebound = get(&[
        ("host", "evil.example:50051"),
        ("origin", "http://evil.example:50051"),
    ]);
    assert_eq!(rebound.await, StatusCode::FORBIDDEN);
    assert_eq!(
        get(&[("host", "evil.example:50051")]).await,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        get(&[("host", "localhost.evil.example:50051")]).await,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn a_page_of_another_site_is_refused() {
    for origin in [
        "http://evil.example",
        "http://localhost:8080",
        "http://localhost",
        "null",
        "",
        "file://localhost:50051",
    ] {
        let answer = get(&[("host", "localhost:50051"), ("origin", origin)]).await;
        assert_eq!(answer, StatusCode::FORBIDDEN, "{origin}");
    }
}

#[tokio::test]
async fn our_own_page_and_tools_pass() {
    for host in [
        "localhost:50051",
        "LOCALHOST:50051",
        "127.0.0.1:50051",
        "[::1]:50051",
        "localhost.:50051",
    ] {
        assert_eq!(get(&[("host", host)]).await, StatusCode::OK, "{host}");
    }
    let own = get(&[
        ("host", "localhost:50051"),
        ("origin", "http://localhost:50051"),
    ]);
    assert_eq!(own.await, StatusCode::OK);
}

#[tokio::test]
async fn host_and_port_are_both_needed() {
    assert_eq!(get(&[]).await, StatusCode::FORBIDDEN);
    for host in [
        "localhost",
        "localhost:80",
        "localhost:port",
        "",
        ":50051",
        "user@localhost:50051",
        "[::1",
        "192.168.1.2:50051",
    ] {
        assert_eq!(
            get(&[("host", host)]).await,
            StatusCode::FORBIDDEN,
            "{host}"
        );
    }
    let two = get(&[("host", "localhost:50051"), ("host", "evil.example:50051")]);
    assert_eq!(two.await, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn plain_grpc_passes_and_grpc_web_is_judged() {
    let grpc = |kind: &'static str| {
        request(
            Version::HTTP_2,
            &[("host", "board.lan"), ("content-type", kind)],
        )
    };
    for kind in [
        "application/grpc",
        "application/grpc+proto",
        "application/grpc;x=y",
    ] {
        assert_eq!(
            send(guard(LISTEN, &[]), grpc(kind)).await,
            StatusCode::OK,
            "{kind}"
        );
    }
    for kind in [
        "application/grpc-web",
        "application/grpc-web+proto",
        "application/grpc-web-text",
        "application/json",
    ] {
        assert_eq!(
            send(guard(LISTEN, &[]), grpc(kind)).await,
            StatusCode::FORBIDDEN,
            "{kind}"
        );
    }
    let from_page = request(
        Version::HTTP_2,
        &[
            ("host", "board.lan"),
            ("content-type", "application/grpc"),
            ("origin", "https://evil.example"),
        ],
    );
    assert_eq!(
        send(guard(LISTEN, &[]), from_page).await,
        StatusCode::FORBIDDEN
    );
    // HTTP/1.1 is never plain gRPC, whatever it calls itself.
    let old = request(
        Version::HTTP_11,
        &[
            ("host", "evil.example"),
            ("content-type", "application/grpc"),
        ],
    );
    assert_eq!(send(guard(LISTEN, &[]), old).await, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_authority_of_http_2_is_a_host() {
    let request = |uri: &str| {
        Request::builder()
            .version(Version::HTTP_2)
            .uri(uri)
            .body(())
            .expect("a request")
    };
    assert_eq!(
        send(guard(LISTEN, &[]), request("http://localhost:50051/")).await,
        StatusCode::OK
    );
    assert_eq!(
        send(guard(LISTEN, &[]), request("http://evil.example:50051/")).await,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn allowed_hosts_are_those_of_a_proxy() {
    let behind = |host: &'static str, origin: &'static str| {
        let guard = guard("0.0.0.0:50051", &["board.example", "other.example:8443"]);
        send(
            guard,
            request(Version::HTTP_11, &[("host", host), ("origin", origin)]),
        )
    };
    assert_eq!(
        behind("board.example", "https://board.example").await,
        StatusCode::OK
    );
    assert_eq!(
        behind("board.example:443", "https://board.example").await,
        StatusCode::OK
    );
    assert_eq!(
        behind("other.example:8443", "https://other.example:8443").await,
        StatusCode::OK
    );
    assert_eq!(
        behind("other.example", "https://other.example").await,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        behind("board.example", "https://evil.example").await,
        StatusCode::FORBIDDEN
    );
    // Any literal address may be ours when listening on all, and cannot be rebound.
    assert_eq!(
        behind("192.168.1.2:50051", "http://192.168.1.2:50051").await,
        StatusCode::OK
    );
}

#[test]
fn a_refusal_says_what_and_the_way_out() {
    let refused = guard(LISTEN, &[])
        .admit(&request(Version::HTTP_11, &[("host", "evil.example")]))
        .expect_err("foreign");
    assert!(
        refused.contains("`evil.example`") && refused.contains("--allowed-host"),
        "{refused}"
    );
}
