//! The dashboard in a real browser, against a real daemon.
//!
//! Chromium is driven by playwright-core from Node; what is tested is in the `.mjs` files beside this one. Missing
//! programs skip the test loudly, and fail it where `CI=true`. `npm ci` in this directory installs what Node needs.

use std::path::Path;
use std::process::{Command, Stdio};

/// Where Debian puts it; `CHROMIUM` names another one.
const CHROMIUM: &str = "/usr/bin/chromium";

fn chromium() -> String {
    std::env::var("CHROMIUM").unwrap_or_else(|_| CHROMIUM.to_owned())
}

/// Whether everything is there that the tests drive.
fn available(dir: &Path) -> bool {
    let runs = |program: &str| {
        let status = Command::new(program)
            .arg("--version")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        status.is_ok_and(|status| status.success())
    };
    let missing = if !runs("node") {
        "`node`".to_owned()
    } else if !runs(&chromium()) {
        format!("`{}`", chromium())
    } else if !dir.join("node_modules/playwright-core").is_dir() {
        "tests/browser/node_modules (run `npm ci` in tests/browser)".to_owned()
    } else {
        return true;
    };
    assert!(
        std::env::var("CI").as_deref() != Ok("true"),
        "{missing} is missing, and CI must not skip it"
    );
    eprintln!("SKIPPED, NOT TESTED: {missing} is missing");
    false
}

#[test]
fn the_dashboard_holds_what_it_promises_in_a_real_browser() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
    if !cfg!(feature = "dashboard") || !available(&dir) {
        return;
    }
    let output = Command::new("node")
        .arg(dir.join("run.mjs"))
        .env("FRONTIERD", env!("CARGO_BIN_EXE_frontierd"))
        .env("CHROMIUM", chromium())
        .stdin(Stdio::null())
        .output()
        .expect("node runs");
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{complained}");
}
