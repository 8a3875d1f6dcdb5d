//! Generated code: the public API `frontier.v1` and the private disk record `store.v1`.

#[cfg(feature = "cli")]
pub mod json;

/// The public API: messages and clients.
#[allow(missing_docs, clippy::all, clippy::pedantic, unreachable_pub)]
pub mod v1 {
    tonic::include_proto!("frontier.v1");
}

/// Server traits of the public API.
#[allow(missing_docs, clippy::all, clippy::pedantic, unreachable_pub)]
pub mod server {
    include!(concat!(env!("OUT_DIR"), "/server/frontier.v1.rs"));
}

/// The private disk record.
#[allow(missing_docs, clippy::all, clippy::pedantic, unreachable_pub)]
pub(crate) mod store {
    include!(concat!(env!("OUT_DIR"), "/store.v1.rs"));
}

/// The file descriptor set of the public API, for reflection and JSON.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/frontier.v1.bin"));
