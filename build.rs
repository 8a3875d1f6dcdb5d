//! Compiles proto/ with protox: no protoc needed. Packs the built files of the dashboard: no npm needed.

#[cfg(feature = "dashboard")]
#[path = "src/dashboard/pack.rs"]
mod pack;

use std::path::Path;
use std::process::Command;
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
    describe_build(out);

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

/// Tells the program what it is built from: `FRONTIERD_COMMIT` where a packager says it, else what git says. Development
/// builds do not ask, so that a commit does not make them build everything again.
fn describe_build(out: &Path) {
    println!("cargo:rerun-if-env-changed=FRONTIERD_COMMIT");
    let said = env::var("FRONTIERD_COMMIT").ok();
    let released = env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let commit = said.or_else(|| released.then(git_commit).flatten());
    let commit = commit.unwrap_or_else(|| "unknown".to_owned());
    println!("cargo:rustc-env=FRONTIERD_BUILD_COMMIT={commit}");
    // target/PROFILE/build/frontierd-HASH/out: `PROFILE` itself knows only debug and release.
    let profile = out.ancestors().nth(3).and_then(Path::file_name);
    let profile = profile.map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    println!("cargo:rustc-env=FRONTIERD_BUILD_PROFILE={profile}");
    let mut features: Vec<String> = env::vars()
        .filter_map(|(name, _)| Some(name.strip_prefix("CARGO_FEATURE_")?.to_lowercase()))
        .filter(|name| name != "default")
        .collect();
    features.sort();
    println!(
        "cargo:rustc-env=FRONTIERD_BUILD_FEATURES={}",
        features.join(",")
    );
}

fn git_commit() -> Option<String> {
    let git = |args: &[&str]| {
        let output = Command::new("git").args(args).output().ok()?;
        let text = output.status.success().then_some(output.stdout)?;
        Some(String::from_utf8(text).ok()?.trim().to_owned())
    };
    for path in ["HEAD", "refs/heads"] {
        println!(
            "cargo:rerun-if-changed={}",
            git(&["rev-parse", "--git-path", path])?
        );
    }
    git(&["rev-parse", "--short=12", "HEAD"])
}
