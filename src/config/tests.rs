//! Where settings come from, and which are refused.

use clap::Parser;

use super::check::parse;
use super::size::Size;
use super::*;

#[derive(Parser)]
struct Flags {
    #[command(flatten)]
    typed: Typed,
}

fn flags(args: &[&str]) -> Typed {
    Flags::parse_from([&["frontierd"], args].concat()).typed
}

fn message(typed: Typed) -> String {
    resolve(typed).expect_err("a bad setting").to_string()
}

#[test]
fn nothing_typed_means_the_defaults() {
    assert_eq!(resolve(flags(&[])), Ok(Config::default()));
    assert_eq!(LISTEN_DEFAULT.to_string(), "127.0.0.1:50051");
}

#[test]
fn flags_go_before_the_file_and_the_file_before_defaults() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("frontierd.toml");
    let text = "listen = \"127.0.0.1:1\"\ncache_bytes = \"16MiB\"\nring_bytes_max = 1048576\nstrict_models = true\n";
    std::fs::write(&path, text).expect("written");
    let path = path.to_str().expect("a text");
    let config = resolve(flags(&["--config", path, "--cache-bytes", "32MiB"])).expect("valid");
    let expected = Config {
        listen: vec!["127.0.0.1:1".parse().expect("an address")],
        cache_bytes: 32 << 20,
        ring_bytes_max: 1 << 20,
        strict_models: true,
        ..Config::default()
    };
    assert_eq!(config, expected);
    let config = resolve(flags(&["--config", path, "--strict-models=false"])).expect("valid");
    assert!(
        !config.strict_models,
        "a flag can take back what the file says"
    );
}

#[test]
fn every_setting_of_the_file_is_read() {
    let text = r#"
        listen = ["127.0.0.1:0", "[::1]:0"]
        data_dir = "/srv/frontierd"
        log_level = "debug"
        log_format = "json"
        cache_bytes = 8388608
        ring_bytes_max = "1MiB"
        strict_models = true
        allowed_hosts = ["Boards.example.org"]
        insecure_public = true
        checkpoints = false
        checkpoint_log_bytes_min = "1MiB"
        worker_threads = 2
    "#;
    let typed = parse(text).expect("valid");
    assert_eq!(typed.cache_bytes, Some(Size(8 << 20)));
    let config = resolve(typed).expect("valid");
    assert_eq!(config.listen.len(), 2);
    assert_eq!(config.allowed_hosts, ["boards.example.org"]);
    assert_eq!(config.log.format, LogFormat::Json);
    assert!(!config.checkpoint.enabled);
    assert_eq!(config.worker_threads, 2);
}

#[test]
fn an_unknown_or_mistyped_key_is_refused_by_name() {
    let error = parse("cache_byte = 1").expect_err("unknown").to_string();
    assert!(
        error.contains("cache_byte") && error.contains("cache_bytes"),
        "{error}"
    );
    let error = parse("cache_bytes = \"8MB\"")
        .expect_err("no size")
        .to_string();
    assert!(error.contains("`8MB` is not a size"), "{error}");
    assert!(
        parse("config = \"other.toml\"").is_err(),
        "a file names no other file"
    );
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let message = message(flags(&["--config", "/nowhere/frontierd.toml"]));
    assert!(message.contains("`/nowhere/frontierd.toml`"), "{message}");
}

#[test]
fn more_than_loopback_needs_a_word() {
    for addr in [
        "0.0.0.0:50051",
        "[::]:50051",
        "192.168.1.2:1",
        "[::ffff:10.0.0.1]:1",
    ] {
        let message = message(flags(&["--listen", addr]));
        assert!(
            message.contains(addr) && message.contains("--insecure-public"),
            "{message}"
        );
        assert!(resolve(flags(&["--listen", addr, "--insecure-public"])).is_ok());
    }
    for addr in [
        "127.0.0.1:0",
        "127.8.8.8:1",
        "[::1]:0",
        "localhost:0",
        "127.0.0.1:0,[::1]:0",
    ] {
        assert!(resolve(flags(&["--listen", addr])).is_ok(), "{addr}");
    }
}

#[test]
fn bad_values_are_named_with_the_way_out() {
    for (args, parts) in [
        (&["--listen", "50051"][..], ["`50051`", "127.0.0.1:50051"]),
        (
            &["--listen", "example.org:1"],
            ["`example.org:1`", "ADDR:PORT"],
        ),
        (&["--cache-bytes", "1KiB"], ["`cache_bytes`", "at least"]),
        (&["--ring-bytes-max", "0"], ["`ring_bytes_max`", "at least"]),
        (&["--worker-threads", "0"], ["`worker_threads`", "1 to"]),
        (&["--log-level", "a=b=c"], ["`a=b=c`", "`info`"]),
        (
            &["--allowed-host", "http://x/"],
            ["`http://x/`", "without scheme"],
        ),
        (
            &["--data-dir", "/dev/null"],
            ["`/dev/null`", "not a directory"],
        ),
    ] {
        let message = message(flags(args));
        assert!(
            parts.iter().all(|part| message.contains(part)),
            "{args:?}: {message}"
        );
    }
}
