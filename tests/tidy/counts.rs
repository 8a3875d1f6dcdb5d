//! The comparison of instruction counts with their baseline. Benches run no tests of their own.

#[allow(dead_code, reason = "only the comparison is tested")]
#[path = "../../benches/instructions/baseline.rs"]
mod baseline;

use baseline::Baseline;

const COUNTS: [(&str, u64); 4] = [
    ("apply_changes_1e3", 10_000),
    ("apply_changes_1e4", 15_000),
    ("apply_outcome_1e3", 10_000),
    ("apply_outcome_1e4", 15_000),
];

fn baseline(change: impl FnOnce(&mut Baseline)) -> Baseline {
    let counts = COUNTS.map(|(name, count)| (name.to_owned(), count));
    let mut baseline = Baseline {
        rustc: "1.95.0".to_owned(),
        target: "here".to_owned(),
        instructions: counts.into(),
    };
    change(&mut baseline);
    baseline
}

/// What is said of a baseline and counts, and whether it fails.
fn found(then: impl FnOnce(&mut Baseline), now: impl FnOnce(&mut Baseline)) -> (String, bool) {
    let (notes, failed) = baseline(then).compare(&baseline(now));
    (notes.join("\n"), failed)
}

fn count(name: &str, count: u64) -> impl FnOnce(&mut Baseline) {
    move |baseline: &mut Baseline| {
        baseline.instructions.insert(name.to_owned(), count);
    }
}

#[test]
fn a_rise_above_the_tolerance_fails_and_a_fall_is_said_loudly() {
    for (now, fails, loud) in [
        (10_500, false, false),
        (10_501, true, false),
        (9_500, false, false),
        (9_499, false, true),
    ] {
        let (said, failed) = found(|_| {}, count("apply_changes_1e3", now));
        assert_eq!(
            (failed, said.contains("!!!")),
            (fails, loud),
            "{now}: {said}"
        );
    }
}

#[test]
fn another_compiler_gets_more_room_and_another_target_is_not_compared() {
    let other = |baseline: &mut Baseline| baseline.rustc = "1.96.0".to_owned();
    let (said, failed) = found(other, count("apply_changes_1e3", 12_999));
    assert!(!failed && said.contains("COMPARED LOOSELY"), "{said}");
    assert!(found(other, count("apply_changes_1e3", 13_001)).1);
    let elsewhere = |baseline: &mut Baseline| baseline.target = "there".to_owned();
    let (said, failed) = found(elsewhere, count("apply_outcome_1e3", 14_999));
    assert!(!failed && said.contains("NOT COMPARED"), "{said}");
}

#[test]
fn growth_above_log_squared_fails_on_every_target() {
    let elsewhere = |baseline: &mut Baseline| baseline.target = "there".to_owned();
    assert!(!found(elsewhere, count("apply_outcome_1e4", 17_777)).1);
    let (said, failed) = found(elsewhere, count("apply_outcome_1e4", 17_778));
    assert!(
        failed && said.contains("apply_outcome_1e4 takes 1.78"),
        "{said}"
    );
}

#[test]
fn cases_and_baseline_are_the_same_set() {
    assert!(found(|_| {}, count("new", 1)).1);
    assert!(found(count("gone", 1), |_| {}).1);
}
