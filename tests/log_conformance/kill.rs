//! Killing a process that appends, with SIGKILL, again and again on one store.

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use frontierd::log::Log;

use crate::support::{entry, grow, open, place, replay};

const STORE: &str = "FRONTIERD_TEST_STORE";
const MARK: &str = "durable ";

/// The process that is killed; it says every head that an append has answered. Run as a test without a store named, by
/// anybody but `a_killed_process_loses_nothing_it_answered`, it has nothing to do.
#[test]
fn appends_until_killed() {
    let Some(store) = env::var_os(STORE).map(PathBuf::from) else {
        return;
    };
    let mut out = std::io::stdout();
    writeln!(out, "\n{MARK}").expect("a listener");
    let mut log = open(&store);
    for count in [1, 30, 1, 200, 7].into_iter().cycle() {
        let head = grow(&mut log, count, 100);
        // The reader is gone when the test has failed.
        if writeln!(out, "\n{MARK}{head}").is_err() {
            return;
        }
    }
}

#[test]
fn a_killed_process_loses_nothing_it_answered() {
    let (_dir, store) = place();
    let mut answered = 0;
    // Killed after so many answers; 0 = while it opens the store.
    for answers in [0, 0, 1, 0, 2, 0, 5, 0, 0, 13, 0, 1, 0, 40, 0, 3, 0, 100, 0] {
        let mut child = Command::new(env::current_exe().expect("this binary"))
            .args(["--exact", "kill::appends_until_killed", "--nocapture"])
            .env(STORE, &store)
            .stdout(Stdio::piped())
            .spawn()
            .expect("a child");
        let out = BufReader::new(child.stdout.take().expect("its output"));
        let lines = out.lines().map_while(Result::ok);
        let said = lines.filter_map(|line| line.strip_prefix(MARK).map(str::to_owned));
        // The first line says that it is about to open the store.
        let said: Vec<_> = said.take(1 + answers).collect();
        assert_eq!(said.len(), 1 + answers, "the child ended by itself");
        child.kill().expect("a kill");
        child.wait().expect("its end");
        if let [_, .., last] = &said[..] {
            let head: frontierd::log::Head = last.parse().expect("a head");
            answered = head.revision;
        }

        let log = open(&store);
        let head = log.head().revision;
        assert!(head >= answered, "answered {answered}, found {head}");
        let found = replay(&log.reader());
        assert_eq!(found.len() as u64, head);
        assert!(
            (1..)
                .zip(&found)
                .all(|(revision, found)| *found == entry(revision, 100))
        );
        answered = head;
    }
}
