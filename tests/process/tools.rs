//! Programs that are not ours.

use std::process::{Command, Stdio};

/// Whether a tool runs. Missing: says so, or fails where `CI=true`.
pub(crate) fn available(tool: &str, args: &[&str]) -> bool {
    let status = Command::new(tool)
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    let runs = status.is_ok_and(|status| status.success());
    if !runs {
        let message = format!("`{tool} {}` does not run here", args.join(" "));
        assert!(
            std::env::var("CI").as_deref() != Ok("true"),
            "{message}, and CI must not skip it"
        );
        eprintln!("SKIPPED, NOT TESTED: {message}");
    }
    runs
}
