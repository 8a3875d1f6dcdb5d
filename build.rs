//! Compiles proto/ with protox: no protoc needed. Packs the built files of the dashboard: no npm needed.

#[cfg(feature = "dashboard")]
#[path = "src/dashboard/pack.rs"]
mod pack;

use std::path::Path;
use std::{env, error::Error, fs};

use prost::Message;

const PUBLIC: [&str; 4] = [
    "frontier/v1/leaderboard.proto",
    "frontier/v1/catalog.proto",
    "frontier/v1/trend.proto",
    "frontier/v1/admin.proto",
];
const STORE: [&str; 1] = ["store/v1/entry.proto"];

const ENCODED: [&str; 4] = [
    ".frontier.v1.SubmitResultResponse",
    ".frontier.v1.SubmitResultsResponse",
    ".frontier.v1.GetLeaderboardResponse",
    ".frontier.v1.GetStandingResponse",
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=proto");
    let out = env::var("OUT_DIR")?;
    let out = Path::new(&out);

    let public = protox::compile(PUBLIC, ["proto"])?;
    fs::write(out.join("frontier.v1.bin"), public.encode_to_vec())?;

    // Messages and clients.
    tonic_prost_build::configure()
        .build_server(false)
        .btree_map(".")
        .out_dir(out)
        .compile_fds(public.clone())?;

    // Servers, over the same messages. The frames of a watch are encoded once and shared as bytes, and the answers that
    // are asked for most are encoded without a message, so the server's side has types of its own for them.
    let servers = out.join("server");
    fs::create_dir_all(&servers)?;
    let mut config = tonic_prost_build::configure()
        .build_client(false)
        .codec_path("crate::api::codec::Codec")
        .extern_path(
            ".frontier.v1.WatchLeaderboardResponse",
            "crate::api::frame::Frame",
        )
        .extern_path(".frontier.v1", "crate::proto::v1");
    for answer in ENCODED {
        config = config.extern_path(answer, "crate::api::frame::Encoded");
    }
    config.out_dir(&servers).compile_fds(public)?;

    let store = protox::compile(STORE, ["proto"])?;
    prost_build_config(out).compile_fds(store)?;

    #[cfg(feature = "dashboard")]
    pack::pack(Path::new("web/dist"), out)?;
    Ok(())
}

fn prost_build_config(out: &Path) -> tonic_prost_build::Config {
    let mut config = tonic_prost_build::Config::new();
    config.out_dir(out).btree_map(["."]);
    config
}
