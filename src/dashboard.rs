//! The built-in page: what a browser gets from the daemon's own address.
//!
//! Its sources are in `web/`, the built files in `web/dist`; the build script compresses them and they are part of the
//! binary. Whoever does not take gzip gets them unpacked. A page may load and connect to nothing but the daemon it came
//! from (`CONTENT_SECURITY_POLICY`). Files are named by a hash of their content and kept by browsers for ever; only the
//! page itself is asked for again, and answered with 304 unless the daemon was replaced by another version.

use std::io::Read;
use std::sync::LazyLock;

use bytes::Bytes;
use http::header::{
    ACCEPT, ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG,
    HeaderName, IF_NONE_MATCH, VARY,
};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};

/// What a page may do: run our scripts and styles, and talk to us. No inline script, no form, no frame around it.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
     img-src 'self' data:; worker-src 'self'; manifest-src 'none'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'";

/// Sent with every answer.
const SECURITY: [(&str, &str); 6] = [
    ("content-security-policy", CONTENT_SECURITY_POLICY),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "camera=(), geolocation=(), microphone=()",
    ),
];

/// The page itself.
const INDEX: &str = "/index.html";
/// Files below it have a hash of their content in their name.
const HASHED: &str = "/assets/";
const FOR_EVER: &str = "public, max-age=31536000, immutable";
const ASK_AGAIN: &str = "no-cache";

/// A file of the page.
struct File {
    path: &'static str,
    kind: &'static str,
    /// As the binary carries it.
    bytes: &'static [u8],
    /// Compressed with gzip.
    packed: bool,
}

impl File {
    /// The content for whoever does not take gzip, such as a shell.
    fn plain(&self) -> Bytes {
        if !self.packed {
            return Bytes::from_static(self.bytes);
        }
        let mut plain = Vec::new();
        // What the build script compressed can be read again.
        let read = flate2::read::GzDecoder::new(self.bytes).read_to_end(&mut plain);
        debug_assert!(read.is_ok(), "{}: {read:?}", self.path);
        plain.into()
    }
}

static FILES: &[File] = &include!(concat!(env!("OUT_DIR"), "/dashboard.rs"));

/// Weak: compressed or not, it is the same page.
static INDEX_TAG: LazyLock<String> = LazyLock::new(|| {
    let page = find(INDEX).map_or(&[][..], |file| file.bytes);
    format!("W/\"{}\"", &blake3::hash(page).to_hex()[..16])
});

/// Answers a GET or HEAD by its path and headers. Other methods are told which ones there are.
pub fn answer(method: &Method, path: &str, headers: &HeaderMap) -> Response<Bytes> {
    let mut response = match *method {
        Method::GET | Method::HEAD => match find(if path == "/" { INDEX } else { path }) {
            Some(file) => serve(file, headers),
            None => not_found(headers),
        },
        _ => text(
            StatusCode::METHOD_NOT_ALLOWED,
            "only GET and HEAD are answered here\n",
        ),
    };
    let length = HeaderValue::from(response.body().len());
    let head = response.headers_mut();
    for (name, value) in SECURITY {
        head.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    if response.status() != StatusCode::NOT_MODIFIED {
        response.headers_mut().insert(CONTENT_LENGTH, length);
    }
    if *method == Method::HEAD {
        *response.body_mut() = Bytes::new();
    }
    response
}

fn find(path: &str) -> Option<&'static File> {
    FILES.iter().find(|file| file.path == path)
}

fn serve(file: &'static File, headers: &HeaderMap) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    let head = response.headers_mut();
    head.insert(CONTENT_TYPE, HeaderValue::from_static(file.kind));
    let hashed = file.path.starts_with(HASHED);
    let caching = if hashed { FOR_EVER } else { ASK_AGAIN };
    head.insert(CACHE_CONTROL, HeaderValue::from_static(caching));
    if file.packed {
        head.insert(VARY, HeaderValue::from_static("accept-encoding"));
    }
    if !hashed {
        if let Ok(tag) = HeaderValue::from_str(&INDEX_TAG) {
            head.insert(ETAG, tag);
        }
        if is_held(headers) {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return response;
        }
    }
    *response.body_mut() = if file.packed && accepts_gzip(headers) {
        head.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        Bytes::from_static(file.bytes)
    } else {
        file.plain()
    };
    response
}

/// Whether the browser holds this very page.
fn is_held(headers: &HeaderMap) -> bool {
    let tags = list(headers, &IF_NONE_MATCH);
    let opaque = INDEX_TAG.trim_start_matches("W/");
    let is_it = |tag: &str| tag == "*" || tag.trim_start_matches("W/") == opaque;
    tags.into_iter().any(is_it)
}

/// Whether gzip is named with a weight above zero, or, where it is not named, anything is welcome.
fn accepts_gzip(headers: &HeaderMap) -> bool {
    let mut anything = false;
    for coding in list(headers, &ACCEPT_ENCODING) {
        let mut parts = coding.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let refused = parts.any(|part| {
            let weight = part.strip_prefix("q=").or_else(|| part.strip_prefix("Q="));
            weight.is_some_and(|weight| weight.parse().is_ok_and(|weight: f32| weight <= 0.0))
        });
        match name {
            name if name.eq_ignore_ascii_case("gzip") => return !refused,
            "*" => anything = !refused,
            _ => {}
        }
    }
    anything
}

/// The comma-separated parts of a header.
fn list<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Vec<&'a str> {
    let values = headers.get_all(name).iter();
    let texts = values.filter_map(|value| value.to_str().ok());
    texts
        .flat_map(|text| text.split(',').map(str::trim))
        .collect()
}

fn not_found(headers: &HeaderMap) -> Response<Bytes> {
    let wants_page = list(headers, &ACCEPT)
        .iter()
        .any(|kind| kind.starts_with("text/html"));
    if !wants_page {
        return text(
            StatusCode::NOT_FOUND,
            "nothing is here: the dashboard is at /, everything else is gRPC\n",
        );
    }
    let mut response = Response::new(Bytes::from_static(NOT_FOUND.as_bytes()));
    *response.status_mut() = StatusCode::NOT_FOUND;
    let head = response.headers_mut();
    head.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    head.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Plain on purpose: styles come from files, and which files there are is what failed.
const NOT_FOUND: &str = "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
     <meta name=\"color-scheme\" content=\"light dark\"><title>Not found - frontierd</title>\
     <h1>Nothing is here</h1><p>The dashboard is at <a href=\"/\">the front page</a>. Everything else on this address is gRPC.</p></html>\n";

fn text(status: StatusCode, message: &'static str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(message.as_bytes()));
    *response.status_mut() = status;
    let head = response.headers_mut();
    head.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    head.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests;
