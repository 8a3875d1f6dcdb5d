//! Every subcommand against a real daemon.

mod shell;

use std::process::Command;

use serde_json::Value;

use crate::daemon::{Daemon, Process, cleared, frontierd};
use shell::{Shell, run};

const PUTS: [&[&str]; 9] = [
    &["put", "benchmark", "our-bench", "--questions", "200"],
    &[
        "put",
        "model",
        "big/pro",
        "--organization",
        "Big",
        "--release-date",
        "2024-06-01",
        "--alias",
        "pro",
    ],
    &[
        "put",
        "model",
        "small/mini",
        "--organization",
        "Small",
        "--open-weights",
        "--release-date",
        "2025-01-10",
    ],
    &[
        "put",
        "price",
        "pro",
        "--from",
        "2024-06-01",
        "--input",
        "10",
        "--output-price",
        "30",
    ],
    &[
        "put",
        "price",
        "small/mini",
        "--from",
        "2025-01-10",
        "--input",
        "0.5",
        "--output-price",
        "1.5",
    ],
    &[
        "put",
        "claim",
        "small/mini",
        "--claimant",
        "Small",
        "--cost",
        "5e6",
        "--scope",
        "final-run",
    ],
    &[
        "submit",
        "our-bench",
        "pro",
        "70",
        "--cost",
        "40",
        "--task-count",
        "200",
        "--date",
        "2024-06-10",
    ],
    &[
        "submit",
        "our-bench",
        "small/mini",
        "69",
        "--cost",
        "2",
        "--task-count",
        "200",
        "--date",
        "2025-01-20",
        "--evaluator",
        "our-lab",
    ],
    &[
        "submit",
        "our-bench",
        "other/slow",
        "30",
        "--date",
        "2025-01-20",
    ],
];

/// A daemon with what [`PUTS`] puts, each of which says its revision.
fn filled() -> Shell {
    let shell = Shell::new();
    for (args, revision) in PUTS.iter().zip(1..) {
        let said = shell.ok(args);
        assert!(
            said.contains(&format!("revision {revision}")),
            "{args:?}: {said}"
        );
    }
    shell
}

#[test]
fn what_is_put_and_submitted_can_be_listed_ranked_and_compared() {
    let shell = filled();
    let results = shell.ok(&["results", "--model", "small/mini"]);
    for part in ["our-bench", "69", "our-lab", "2025-01-20"] {
        assert!(results.contains(part), "{part}: {results}");
    }
    let board = shell.ok(&["leaderboard", "our-bench"]);
    let models = ["big/pro", "small/mini", "other/slow"].map(|model| board.find(model));
    assert!(
        models.iter().all(Option::is_some) && models.is_sorted(),
        "{board}"
    );
    assert!(board.contains("overpay"), "{board}");
    let cheapest = shell.ok(&["cheapest", "our-bench", "--min-score", "60"]);
    let cheap = cheapest.find("small/mini").expect("it is listed");
    assert!(
        cheapest.find("big/pro").is_some_and(|dear| cheap < dear),
        "{cheapest}"
    );
    assert!(!cheapest.contains("other/slow"), "{cheapest}");
    let trend = shell.ok(&["trend", "our-bench", "--model", "small/mini"]);
    assert!(trend.contains("big/pro"), "the reference is named: {trend}");
    let assessed = [
        "trend",
        "assess",
        "--subject-cost",
        "5.576e6",
        "--reference-cost",
        "30e6",
    ];
    let assessed = shell.ok(&[&assessed[..], &["--years", "1", "--gap", "2"]].concat());
    assert!(assessed.contains("BEHIND"), "{assessed}");
    let checked = shell.ok(&["healthcheck"]);
    assert_eq!(checked.trim(), "serving");
}

#[test]
fn compare_can_fail_a_pipeline() {
    let shell = filled();
    let compared = shell.run(&["compare", "pro", "small/mini"]);
    assert_eq!(compared.code, Some(0));
    assert!(compared.stdout.contains("our-bench"), "{}", compared.stdout);
    // The cheaper one is not clearly worse: 69 against 70 of 200 questions.
    let failed = shell.run(&["compare", "pro", "small/mini", "--fail-if", "cheaper"]);
    assert_eq!(failed.code, Some(1), "{}", failed.stderr);
    assert!(
        failed.stderr.contains("costs less than"),
        "{}",
        failed.stderr
    );
    let held = shell.run(&["compare", "small/mini", "pro", "--fail-if", "cheaper"]);
    assert_eq!(held.code, Some(0), "{}", held.stderr);
}

#[test]
fn a_status_changes_what_is_ranked() {
    let shell = filled();
    let disputed = shell.ok(&["status", "8", "dispute", "--reason", "leaked"]);
    assert!(disputed.contains("revision 10"), "{disputed}");
    let again = shell.ok(&["status", "8", "dispute", "--reason", "leaked"]);
    assert!(again.contains("already"), "{again}");
    assert!(
        shell
            .ok(&["leaderboard", "our-bench"])
            .contains("small/mini")
    );
    shell.ok(&[
        "status",
        "8",
        "retract",
        "--reason",
        "withdrawn by its maker",
    ]);
    assert!(
        !shell
            .ok(&["leaderboard", "our-bench"])
            .contains("small/mini")
    );
    let results = shell.ok(&["results", "--model", "small/mini"]);
    assert!(results.contains("withdrawn by its maker"), "{results}");
    shell.ok(&["status", "8", "restore", "--reason", "a mistake"]);
    assert!(
        shell
            .ok(&["leaderboard", "our-bench"])
            .contains("small/mini")
    );
    let claim = shell.ok(&["status", "6", "dispute", "--claim", "--reason", "no source"]);
    assert!(claim.contains("does not count"), "{claim}");
}

#[test]
fn json_output_is_json_everywhere() {
    let shell = filled();
    let commands: [&[&str]; 14] = [
        &["put", "benchmark", "another"],
        &["put", "model", "big/pro", "--title", "Pro"],
        &[
            "put",
            "price",
            "pro",
            "--from",
            "2025-01-01",
            "--input",
            "5",
            "--output-price",
            "15",
        ],
        &["put", "claim", "pro", "--claimant", "Big", "--cost", "1e8"],
        &["submit", "another", "pro", "50"],
        &["status", "7", "dispute", "--reason", "why"],
        &["results", "--benchmark", "our-bench"],
        &["leaderboard", "overall"],
        &["leaderboard", "our-bench", "--order", "value"],
        &["cheapest", "our-bench", "--min-score", "1"],
        &["compare", "pro", "small/mini"],
        &["trend", "our-bench"],
        &[
            "trend",
            "assess",
            "--subject-cost",
            "1",
            "--reference-cost",
            "8",
            "--years",
            "1",
        ],
        &["healthcheck"],
    ];
    for args in commands {
        let said = shell.ok(&[args, &["--output", "json"]].concat());
        let value: Value =
            serde_json::from_str(&said).unwrap_or_else(|error| panic!("{args:?}: {error}: {said}"));
        assert!(
            value.as_object().is_some_and(|fields| !fields.is_empty()),
            "{args:?}: {said}"
        );
    }
}

#[test]
fn a_refused_call_exits_with_64_and_its_code() {
    let shell = filled();
    let not_found = 64 + 5;
    let invalid = 64 + 3;
    let exists = 64 + 6;
    let precondition = 64 + 9;
    shell.ok(&["submit", "our-bench", "pro", "71", "--request-id", "once"]);
    let cases: [(&[&str], i32, &str); 7] = [
        (&["leaderboard", "our-bensh"], not_found, "our-bensh"),
        (
            &["submit", "our-bensh", "pro", "1"],
            not_found,
            "did you mean",
        ),
        (&["submit", "our-bench", "pro", "170"], invalid, "170"),
        (
            &["submit", "our-bench", "pro", "70", "--cost", "0"],
            invalid,
            "leave cost unset",
        ),
        (
            &["submit", "our-bench", "pro", "72", "--request-id", "once"],
            exists,
            "request_id",
        ),
        (
            &["put", "benchmark", "our-bench", "--unit", "USD"],
            precondition,
            "unit",
        ),
        (&["watch", "our-bensh"], not_found, "our-bensh"),
    ];
    for (args, code, part) in cases {
        let refused = shell.run(args);
        assert_eq!(refused.code, Some(code), "{args:?}: {}", refused.stderr);
        assert!(
            refused.stderr.contains(part),
            "{args:?}: {}",
            refused.stderr
        );
        assert_eq!(refused.stdout, "", "{args:?}");
    }
    let nobody = run(frontierd().args(["healthcheck", "--addr", "http://127.0.0.1:1"]));
    assert_eq!(nobody.code, Some(1), "{}", nobody.stderr);
}

#[test]
fn a_repeated_submission_is_recorded_once() {
    let shell = filled();
    let submit = [
        "submit",
        "our-bench",
        "pro",
        "72",
        "--request-id",
        "nightly-1",
    ];
    assert!(shell.ok(&submit).contains("recorded as revision 10"));
    assert!(shell.ok(&submit).contains("recorded before as revision 10"));
    let validated = shell.ok(&["submit", "our-bench", "pro", "73", "--validate-only"]);
    assert!(
        validated.contains("would become revision 11"),
        "{validated}"
    );
    assert!(
        shell
            .ok(&["submit", "our-bench", "pro", "74"])
            .contains("recorded as revision 11")
    );
}

#[test]
fn a_watch_prints_frames_as_json_lines_over_a_restart() {
    let mut shell = filled();
    let watch = shell.spawn(&["watch", "our-bench"]);
    watch.stdout.wait_for("snapshotEnd");
    shell.ok(&["submit", "our-bench", "pro", "72"]);
    watch.stdout.wait_for(r#""resultRevision":"10""#);
    let addr = shell.daemon.addr.clone();
    shell.daemon.process.kill();
    shell.daemon = Daemon::start_with(shell.dir.path(), &["--listen", &addr]);
    shell.ok(&["submit", "our-bench", "pro", "73"]);
    watch.stdout.wait_for(r#""resultRevision":"11""#);
    watch.stderr.wait_for("connection lost");
    let said = watch.stdout.so_far();
    let frames: Vec<Value> = said
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    assert!(
        frames
            .iter()
            .all(|frame| frame["storeId"] == *shell.daemon.store_id)
    );
    let snapshots = frames
        .iter()
        .filter(|frame| frame["snapshotEnd"].is_object());
    assert_eq!(snapshots.count(), 1, "it resumed: {said}");
    watch.kill();
}

#[test]
fn a_watch_runs_a_command_for_each_event() {
    let shell = filled();
    let told = shell.dir.path().join("told");
    // `cat` ends what it writes with the event's own line end, so a line is an event.
    let command = format!("cat >> '{0}' && echo handled", told.display());
    let watch = shell.spawn(&["watch", "our-bench", "--model", "pro", "--exec", &command]);
    // Nothing is printed before the first event, so the watch is known to be there by the daemon.
    shell.until_watched();
    shell.ok(&[
        "submit",
        "our-bench",
        "new/best",
        "99",
        "--cost",
        "1",
        "--task-count",
        "200",
    ]);
    watch.stdout.wait_for("handled");
    let text = std::fs::read_to_string(&told).expect("the events");
    let events: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let of_board = |event: &Value| event["board"] == "our-bench" && event["revision"] == "10";
    assert!(!events.is_empty() && events.iter().all(of_board), "{text}");
    watch.stdout.wait("every event", |_| {
        let text = std::fs::read_to_string(&told).ok()?;
        let overtaken = text.contains("EVENT_KIND_OVERTAKEN") && text.contains("new/best");
        let cheaper = text.contains("EVENT_KIND_CHEAPER_ALTERNATIVE");
        (overtaken && cheaper).then_some(())
    });
    watch.kill();
}

#[test]
fn a_watch_tells_people_in_sentences() {
    let shell = filled();
    let watch = shell.spawn(&["watch", "our-bench", "--output", "human"]);
    shell.until_watched();
    shell.ok(&[
        "submit",
        "our-bench",
        "new/best",
        "99",
        "--cost",
        "1",
        "--task-count",
        "200",
    ]);
    watch
        .stdout
        .wait_for("new/best leads, before it was big/pro");
    watch.kill();
}

#[test]
fn verify_needs_the_store_for_itself_and_knows_its_head() {
    let shell = filled();
    let data = shell.dir.path().to_owned();
    let verify = |more: &[&str]| {
        run(frontierd()
            .arg("verify")
            .arg("--data-dir")
            .arg(&data)
            .args(more))
    };
    let busy = verify(&[]);
    assert_eq!(busy.code, Some(1));
    assert!(busy.stderr.contains("another process"), "{}", busy.stderr);
    let Shell { daemon, dir: _dir } = shell;
    daemon.stop();
    let sound = verify(&["--output", "json"]);
    assert_eq!(sound.code, Some(0), "{}", sound.stderr);
    let found: Value = serde_json::from_str(&sound.stdout).expect("JSON");
    assert_eq!(found["entries"], 9, "{found}");
    let head = found["head"].as_str().expect("a head");
    assert_eq!(verify(&["--expect", head]).code, Some(0));
    let other = format!("9:{}", "0".repeat(64));
    let tampered = verify(&["--expect", &other]);
    assert_eq!(tampered.code, Some(1), "{}", tampered.stdout);
}

#[test]
fn defaults_define_known_benchmarks_once() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let daemon = Daemon::start_with(dir.path(), &["--with-catalog"]);
    let board = ["leaderboard", "gpqa-diamond", "--output", "json", "--addr"];
    let listed = run(frontierd().args(board).arg(daemon.url()));
    assert_eq!(listed.code, Some(0), "{}", listed.stderr);
    let revision =
        |said: &str| serde_json::from_str::<Value>(said).expect("JSON")["revision"].clone();
    let before = revision(&listed.stdout);
    daemon.stop();
    let daemon = Daemon::start_with(dir.path(), &["--with-catalog"]);
    let listed = run(frontierd().args(board).arg(daemon.url()));
    assert_eq!(revision(&listed.stdout), before, "nothing is defined twice");
}

#[test]
fn the_hints_of_the_demo_work() {
    let daemon = Daemon::of(frontierd().args(["demo", "--listen", "127.0.0.1:0"]));
    let said = daemon.process.stdout.so_far();
    let hints = said
        .lines()
        .filter_map(|line| line.trim().strip_prefix("frontierd "));
    let hints: Vec<&str> = hints.collect();
    assert!(hints.len() >= 3, "{said}");
    for hint in hints {
        let words = hint.split(' ');
        if hint.starts_with("watch ") {
            let watch = Process::spawn(frontierd().args(words));
            shell::until_watched(&daemon);
            watch.kill();
        } else {
            let outcome = run(frontierd().args(words));
            assert_eq!(outcome.code, Some(0), "{hint}: {}", outcome.stderr);
        }
    }
    let hints = said
        .lines()
        .filter(|line| line.trim().starts_with("grpcurl "));
    for hint in hints.filter(|_| crate::tools::available("grpcurl", &["-version"])) {
        let outcome = run(cleared(Command::new("sh")).args(["-c", hint.trim()]));
        assert_eq!(outcome.code, Some(0), "{hint}: {}", outcome.stderr);
    }
}
