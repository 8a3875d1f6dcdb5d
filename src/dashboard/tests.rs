//! What is served is what was built, with its headers.

use super::*;

fn get(path: &str, headers: &[(HeaderName, &str)]) -> Response<Bytes> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(name, HeaderValue::from_str(value).expect("a header"));
    }
    answer(&Method::GET, path, &map)
}

fn header<'a>(response: &'a Response<Bytes>, name: &str) -> &'a str {
    let value = response.headers().get(name);
    value.map_or("", |value| value.to_str().expect("text"))
}

fn script() -> &'static File {
    let is_script = |file: &&File| file.kind.starts_with("text/javascript");
    let mut scripts = FILES.iter().filter(is_script);
    scripts.next().expect("a script")
}

#[test]
fn the_front_page_names_only_files_that_are_there() {
    let page = get("/", &[]);
    assert_eq!(page.status(), StatusCode::OK);
    assert_eq!(header(&page, "content-type"), "text/html; charset=utf-8");
    let html = std::str::from_utf8(page.body()).expect("text");
    let named: Vec<&str> = html
        .split('"')
        .filter(|part| part.starts_with(HASHED))
        .collect();
    assert!(named.len() >= 2, "a script and a style: {html}");
    for path in named {
        assert_eq!(get(path, &[]).status(), StatusCode::OK, "{path}");
    }
}

#[test]
fn nothing_in_the_page_is_inline_or_of_another_origin() {
    let page = get("/", &[]);
    let html = std::str::from_utf8(page.body()).expect("text");
    assert!(!html.contains("<style"), "{html}");
    assert!(!html.contains("<script>"), "{html}");
    assert!(!html.contains(" style="), "{html}");
    assert!(!html.contains("://"), "{html}");
}

#[test]
fn the_page_is_asked_for_again_and_its_files_are_kept() {
    let page = get("/", &[]);
    assert_eq!(header(&page, "cache-control"), ASK_AGAIN);
    let tag = header(&page, "etag").to_owned();
    for held in [
        tag.clone(),
        tag.replace("W/", ""),
        format!("\"other\", {tag}"),
        "*".to_owned(),
    ] {
        let again = get("/", &[(IF_NONE_MATCH, &held)]);
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{held}");
        assert!(again.body().is_empty());
        assert_eq!(header(&again, "etag"), tag);
    }
    assert_eq!(
        get("/", &[(IF_NONE_MATCH, "\"other\"")]).status(),
        StatusCode::OK
    );
    let file = get(script().path, &[]);
    assert_eq!(header(&file, "cache-control"), FOR_EVER);
}

#[test]
fn files_are_compressed_for_whoever_takes_gzip() {
    let path = script().path;
    for (accepted, compressed) in [
        ("gzip, deflate, br, zstd", true),
        ("br;q=1.0, GZIP;q=0.2", true),
        ("*", true),
        ("", false),
        ("br", false),
        ("gzip;q=0", false),
        ("*, gzip;q=0", false),
        ("gzip; q=0.000", false),
    ] {
        let file = get(path, &[(ACCEPT_ENCODING, accepted)]);
        assert_eq!(
            header(&file, "content-encoding") == "gzip",
            compressed,
            "{accepted}"
        );
        assert_eq!(
            file.body().starts_with(&[0x1f, 0x8b]),
            compressed,
            "{accepted}"
        );
        assert_eq!(header(&file, "vary"), "accept-encoding");
        assert_eq!(
            header(&file, "content-length"),
            file.body().len().to_string()
        );
    }
}

#[test]
fn the_whole_page_is_small_on_the_wire() {
    let bytes: usize = FILES.iter().map(|file| file.bytes.len()).sum();
    assert!(bytes <= 200 * 1024, "{bytes} bytes");
}

#[test]
fn every_answer_carries_the_security_headers() {
    for path in ["/", script().path, "/nothing"] {
        let response = get(path, &[]);
        for (name, value) in SECURITY {
            assert_eq!(header(&response, name), value, "{path}");
        }
    }
}

#[test]
fn an_unknown_path_is_said_to_be_one_in_the_form_asked_for() {
    let page = get("/nothing", &[(ACCEPT, "text/html,application/xhtml+xml")]);
    assert_eq!(page.status(), StatusCode::NOT_FOUND);
    assert!(page.body().starts_with(b"<!doctype html>"));
    let text = get("/assets/../../etc/passwd", &[(ACCEPT, "*/*")]);
    assert_eq!(text.status(), StatusCode::NOT_FOUND);
    assert!(text.body().starts_with(b"nothing is here"));
}

#[test]
fn head_has_the_length_and_no_body_and_a_post_is_refused() {
    let head = answer(&Method::HEAD, "/", &HeaderMap::new());
    assert_eq!(head.status(), StatusCode::OK);
    assert!(head.body().is_empty());
    assert_eq!(
        header(&head, "content-length"),
        get("/", &[]).body().len().to_string()
    );
    let post = answer(&Method::POST, "/", &HeaderMap::new());
    assert_eq!(post.status(), StatusCode::METHOD_NOT_ALLOWED);
}
