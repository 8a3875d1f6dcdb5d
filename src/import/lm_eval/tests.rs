//! Results of lm-evaluation-harness.

use super::*;

fn rows(text: &str, options: &Options) -> Vec<(String, Found)> {
    let mut rows = Vec::new();
    let put = &mut |row: Row| {
        rows.push((row.at, row.found));
        true
    };
    read(text.as_bytes(), options, put).expect("read");
    rows
}

const RUN: &str = r#"{"results": {
    "g": {"alias": "g", "acc,none": 0.6, "acc_stderr,none": 0.1},
    "a": {"alias": " - a", "acc,none": 0.5, "acc_stderr,none": "N/A", "acc_norm,none": 0.55, "acc_norm_stderr,none": 0.0},
    "b": {"exact_match,strict": NaN, "exact_match,flexible-extract": 0.7, "exact_match_stderr,flexible-extract": 0.02},
    "p": {"word_perplexity,none": 12.5, "word_perplexity_stderr,none": "N/A"}},
  "groups": {"g": {"acc,none": 0.6}}, "group_subtasks": {"g": ["a"], "a": []},
  "configs": {"a": {"metric_list": [{"metric": "acc_norm"}, {"metric": "acc"}]}},
  "n-samples": {"b": {"original": 10, "effective": 10}},
  "config": {"model": "hf", "model_args": "pretrained=EleutherAI/pythia-12b,revision=step9", "limit": null},
  "date": 1768964383.85, "lm_eval_version": "0.4.9"}"#;

#[test]
fn one_metric_of_each_task_is_ranked_and_groups_are_not_counted_twice() {
    let rows = rows(RUN, &Options::default());
    let outcome = |found: &Found| match found {
        Found::Result(draft) => draft.benchmark.id.clone(),
        Found::Skipped(reason, _) | Found::Refused(reason, _) => (*reason).to_owned(),
        Found::Price(_) => "price".to_owned(),
    };
    let outcomes: Vec<_> = rows.iter().map(|(_, found)| outcome(found)).collect();
    assert_eq!(
        outcomes,
        [
            "GROUP_TOTAL",
            "OTHER_METRIC",
            "a-acc_norm",
            "NO_VALUE",
            "OTHER_METRIC",
            "p-word_perplexity"
        ]
    );
    let Found::Result(a) = &rows[2].1 else {
        panic!("{rows:?}")
    };
    assert_eq!(
        (
            a.result.score,
            a.result.standard_error,
            a.result.unit.as_str()
        ),
        (Some(0.55), None, "FRACTION")
    );
    assert_eq!(
        (a.model.as_str(), a.variant.as_deref()),
        ("EleutherAI/pythia-12b", Some("step9"))
    );
    assert_eq!(a.result.observed_date, "2026-01-21");
    let Found::Result(p) = &rows[5].1 else {
        panic!("{rows:?}")
    };
    assert_eq!(
        (p.benchmark.higher_is_better, p.result.unit.as_str()),
        (Some(false), "word_perplexity")
    );
}

#[test]
fn flags_choose_metrics_and_groups() {
    let options = Options {
        metric: Some("exact_match,flexible-extract".into()),
        ..Options::default()
    };
    let chosen: Vec<_> = rows(RUN, &options)
        .into_iter()
        .filter_map(|(_, found)| match found {
            Found::Result(draft) => Some(draft),
            _ => None,
        })
        .collect();
    assert_eq!(chosen.len(), 1);
    assert_eq!(chosen[0].benchmark.id, "b-exact_match-flexible-extract");
    assert_eq!(
        (
            chosen[0].result.standard_error,
            chosen[0].result.sample_count
        ),
        (Some(0.02), Some(10))
    );
    let options = Options {
        groups: true,
        ..Options::default()
    };
    let rows = rows(RUN, &options);
    assert!(matches!(&rows[0].1, Found::Result(draft) if draft.benchmark.id == "g-acc"));
    assert!(matches!(&rows[1].1, Found::Skipped("GROUP_PART", _)));
}

#[test]
fn partial_runs_are_skipped_unless_asked_for() {
    let text = RUN.replace("\"limit\": null", "\"limit\": 10");
    let partial = rows(&text, &Options::default())
        .iter()
        .filter(|(_, found)| matches!(found, Found::Skipped("PARTIAL_RUN", _)))
        .count();
    assert_eq!(partial, 5);
    let options = Options {
        partial: true,
        ..Options::default()
    };
    assert!(
        rows(&text, &options)
            .iter()
            .any(|(_, found)| matches!(found, Found::Result(_)))
    );
}
