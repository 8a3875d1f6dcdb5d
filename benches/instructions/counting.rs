//! Counting: a case runs in a process of its own under callgrind, which counts in one function only.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::cases::{CASES, Case};

/// The hidden argument with which a case runs, counted or not.
pub(crate) const RUN: &str = "--run";

/// Counting starts and ends with this function. Its name, which nothing else may have in its own, is what callgrind
/// is told.
#[inline(never)]
fn counted_region(run: &mut dyn FnMut()) {
    run();
}

const REGION: &str = "*counted_region*";

/// Prepares a case and runs it. The process ends without taking anything down.
pub(crate) fn run(name: &str) -> ! {
    let case = CASES.iter().find(|case| case.name == name);
    let mut work = (case.expect("the name of a case").prepare)();
    counted_region(&mut *work.run);
    println!("{}", work.operations);
    std::process::exit(0)
}

/// Instructions per operation of a case, and the file with the profile.
pub(crate) fn count(case: &Case, dir: &Path) -> Result<(u64, PathBuf), String> {
    let profile = dir.join(format!("callgrind.{}.out", case.name));
    let mut out = OsString::from("--callgrind-out-file=");
    out.push(&profile);
    let program = env::current_exe().map_err(|error| error.to_string())?;
    let output = Command::new("valgrind")
        .arg("--tool=callgrind")
        .arg(format!("--toggle-collect={REGION}"))
        .arg(out)
        .arg(program)
        .args([RUN, case.name])
        // Allocation and logging follow the environment; a count must not.
        .env_clear()
        .env("PATH", env::var_os("PATH").unwrap_or_default())
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("valgrind does not start, install it: {error}"))?;
    let failed = |what: &str| {
        let said = String::from_utf8_lossy(&output.stderr);
        format!("case `{}`: {what}\n{said}", case.name)
    };
    if !output.status.success() {
        return Err(failed("failed under valgrind"));
    }
    let operations = String::from_utf8_lossy(&output.stdout);
    let operations: u64 = (operations.trim().parse()).map_err(|_| failed("did not run"))?;
    let profiled = fs::read_to_string(&profile).map_err(|error| failed(&error.to_string()))?;
    let total = total(&profiled).filter(|total| *total > 0);
    let total = total.ok_or_else(|| failed("counted nothing: is the release profile stripped?"))?;
    Ok((total / operations, profile))
}

/// The line `totals: N` of a profile.
fn total(profile: &str) -> Option<u64> {
    let mut lines = profile.lines();
    let total = lines.find_map(|line| line.strip_prefix("totals:"))?;
    total.trim().parse().ok()
}

/// Prints a profile by function.
pub(crate) fn annotate(profile: &Path) -> Result<(), String> {
    let annotated = Command::new("callgrind_annotate")
        .arg("--threshold=90")
        .arg(profile)
        .stdin(Stdio::null())
        .status();
    match annotated {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("callgrind_annotate ended with {status}")),
        Err(error) => Err(format!("callgrind_annotate does not start: {error}")),
    }
}
