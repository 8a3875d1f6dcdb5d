//! Runs of HELM: the directory of a run, of which `run_spec.json` and `stats.json` are read.
//!
//! A row is one statistic. Skipped are: rows with a perturbation, other splits than `test` (`valid` where there is no
//! test), and all metrics but one: `--metric`, else the one HELM ranks the scenario by ([`RANKED`]), else the first of
//! [`PREFERRED`] that is there. `count` counts training trials, so that `stddev` is no error over instances: the
//! uncertainty follows from `num_instances`. The benchmark is scenario, arguments and metric.

use serde_json::Value;

use super::json::{self, Look, plain};
use super::names::slug;
use super::{Draft, Found, Options, Row, Sink, Unreadable};
use crate::proto::v1::{Benchmark, Result as ResultMessage, TokenUsage};

/// File with the statistics of a run.
pub const STATS: &str = "stats.json";
/// File that says what was run.
pub const RUN_SPEC: &str = "run_spec.json";

/// Metrics by which HELM ranks its scenarios.
pub const RANKED: [(&str, &str); 17] = [
    ("boolq", "quasi_exact_match"),
    ("civil_comments", "quasi_exact_match"),
    ("commonsense", "exact_match"),
    ("gsm", "final_number_exact_match"),
    ("hellaswag", "exact_match"),
    ("imdb", "quasi_exact_match"),
    ("legalbench", "quasi_exact_match"),
    ("math", "math_equiv_chain_of_thought"),
    ("med_qa", "quasi_exact_match"),
    ("mmlu", "exact_match"),
    ("narrative_qa", "f1_score"),
    ("natural_qa", "f1_score"),
    ("openbookqa", "exact_match"),
    ("quac", "f1_score"),
    ("raft", "quasi_exact_match"),
    ("truthful_qa", "exact_match"),
    ("wmt_14", "bleu_4"),
];
/// Metrics to rank other scenarios by, most wanted first.
pub const PREFERRED: [&str; 9] = [
    "exact_match",
    "quasi_exact_match",
    "final_number_exact_match",
    "math_equiv_chain_of_thought",
    "math_equiv",
    "f1_score",
    "rouge_l",
    "rouge_2",
    "bleu_4",
];

/// Reads a run.
///
/// # Errors
/// [`Unreadable`] when either file is not JSON, or not what HELM writes.
pub fn read(
    run_spec: &[u8],
    stats: &[u8],
    options: &Options,
    out: Sink<'_>,
) -> Result<(), Unreadable> {
    let spec = json::document(run_spec)?;
    let stats = json::document(stats)?;
    if spec.object(&["adapter_spec"]).is_none() || spec.text(&["name"]).is_none() {
        return Err(Unreadable::format(
            "helm: `run_spec.json` has no `name` or no `adapter_spec`",
        ));
    }
    let stats = stats.as_array().filter(|stats| {
        stats
            .iter()
            .all(|stat| stat.text(&["name", "name"]).is_some())
    });
    let stats = stats.ok_or_else(|| {
        Unreadable::format("helm: `stats.json` is not a list of named statistics")
    })?;
    let run = Run::of(&spec, stats, options);
    for stat in stats {
        let name = stat.text(&["name", "name"]).unwrap_or_default();
        let split = stat.text(&["name", "split"]).unwrap_or_default();
        let perturbation = stat.at(&["name", "perturbation"]).map(|perturbation| {
            format!(" {}", perturbation.text(&["name"]).unwrap_or("perturbed"))
        });
        let at = format!(
            "stats {name} {split}{}",
            perturbation.as_deref().unwrap_or_default()
        );
        if !out(Row {
            at,
            found: run.found(stat, name, split, options),
        }) {
            break;
        }
    }
    Ok(())
}

struct Run<'a> {
    spec: &'a Value,
    stats: &'a [Value],
    split: &'static str,
    ranked: Option<String>,
}

fn plain_stat<'a>(stats: &'a [Value], name: &str, split: &str) -> Option<&'a Value> {
    stats.iter().find(|stat| {
        stat.text(&["name", "name"]) == Some(name)
            && stat.text(&["name", "split"]) == Some(split)
            && stat.at(&["name", "perturbation"]).is_none()
            && stat.at(&["name", "sub_split"]).is_none()
    })
}

impl<'a> Run<'a> {
    fn of(spec: &'a Value, stats: &'a [Value], options: &Options) -> Self {
        let has_test = stats
            .iter()
            .any(|stat| stat.text(&["name", "split"]) == Some("test"));
        let split = if has_test { "test" } else { "valid" };
        let base = spec.text(&["name"]).unwrap_or_default();
        let group = spec
            .at(&["groups"])
            .and_then(Value::as_array)
            .and_then(|groups| groups.first()?.as_str());
        let names = [group.unwrap_or_default(), base];
        let listed = RANKED
            .iter()
            .find(|(scenario, _)| names.iter().any(|name| name.starts_with(scenario)));
        let ranked = match &options.metric {
            Some(metric) => Some(metric.clone()),
            None => listed
                .map(|(_, metric)| *metric)
                .into_iter()
                .chain(PREFERRED)
                .find(|metric| {
                    plain_stat(stats, metric, split)
                        .is_some_and(|stat| stat.number(&["mean"]).is_some())
                })
                .map(str::to_owned),
        };
        Self {
            spec,
            stats,
            split,
            ranked,
        }
    }

    fn found(&self, stat: &Value, name: &str, split: &str, options: &Options) -> Found {
        if stat.at(&["name", "perturbation"]).is_some() {
            return Found::Skipped("PERTURBATION", "the score on changed questions".to_owned());
        }
        if split != self.split {
            return Found::Skipped(
                "OTHER_SPLIT",
                format!("`{}` is the split that counts", self.split),
            );
        }
        let is_ranked = self.ranked.as_deref() == Some(name);
        if stat.at(&["name", "sub_split"]).is_some()
            || !(is_ranked || options.all_metrics && PREFERRED.contains(&name))
        {
            let ranked = self.ranked.as_deref().unwrap_or("none");
            return Found::Skipped(
                "OTHER_METRIC",
                format!("`{ranked}` is ranked; `--metric` chooses another"),
            );
        }
        self.result(stat, name)
    }

    fn mean(&self, name: &str) -> Option<f64> {
        plain_stat(self.stats, name, self.split)?.number(&["mean"])
    }

    fn result(&self, stat: &Value, name: &str) -> Found {
        let Some(score) = stat.number(&["mean"]) else {
            return Found::Refused("NO_VALUE", format!("`{name}` has no mean"));
        };
        let adapter = |key: &str| self.spec.text(&["adapter_spec", key]);
        let model = adapter("model").or_else(|| adapter("model_deployment"));
        let instances = self.mean("num_instances").filter(|count| *count >= 1.0);
        let share = PREFERRED.contains(&name)
            || name.starts_with("quasi_")
            || name.starts_with("prefix_")
            || name.contains("exact_match");
        // Of a choice between as many references as every question has, one is right by chance.
        let references = self
            .mean("num_references")
            .filter(|count| *count >= 2.0 && count.fract() == 0.0);
        let choice = adapter("method").is_some_and(|method| method.starts_with("multiple_choice"))
            && name.contains("exact_match");
        let unit = if share {
            "FRACTION".to_owned()
        } else {
            slug(name)
                .chars()
                .take(crate::limits::UNIT_BYTES_MAX)
                .collect()
        };
        let benchmark = Benchmark {
            id: self.benchmark(name),
            unit: Some(unit.clone()),
            higher_is_better: share.then_some(true),
            chance: references.filter(|_| choice).map(|count| 1.0 / count),
            ..Benchmark::default()
        };
        let result = ResultMessage {
            score: Some(score),
            unit,
            sample_count: instances.map(|count| count.round() as i64),
            tokens: instances.and_then(|count| self.tokens(count)),
            harness: "helm".to_owned(),
            ..ResultMessage::default()
        };
        Found::Result(Box::new(Draft {
            model: model.unwrap_or_default().to_owned(),
            result,
            benchmark,
            ..Draft::default()
        }))
    }

    /// Scenario, its arguments in the order of their names, metric.
    fn benchmark(&self, metric: &str) -> String {
        let name = self.spec.text(&["name"]).unwrap_or_default();
        let name = name.split([':', ',']).next().unwrap_or_default();
        let mut arguments: Vec<(&String, String)> = self
            .spec
            .object(&["scenario_spec", "args"])
            .into_iter()
            .flatten()
            .filter_map(|(key, value)| Some((key, plain(value)?)))
            .collect();
        arguments.sort();
        let mut parts = vec![slug(name)];
        parts.extend(arguments.iter().map(|(_, value)| slug(value)));
        parts.push(slug(metric));
        parts.retain(|part| !part.is_empty());
        parts.join("-")
    }

    /// Tokens of all instances, where each is one request.
    fn tokens(&self, instances: f64) -> Option<TokenUsage> {
        let method = self.spec.text(&["adapter_spec", "method"])?;
        if !matches!(method, "generation" | "multiple_choice_joint") {
            return None;
        }
        let total = |name: &str| Some((self.mean(name)? * instances).round() as i64);
        let tokens = TokenUsage {
            input_tokens: total("num_prompt_tokens")?,
            output_tokens: total("num_output_tokens").or_else(|| total("num_completion_tokens"))?,
            ..TokenUsage::default()
        };
        (tokens != TokenUsage::default()).then_some(tokens)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPEC: &str = r#"{"name": "mmlu:subject=law,model=x", "scenario_spec": {"args": {"subject": "law"}},
        "adapter_spec": {"method": "multiple_choice_joint", "model": "openai/gpt2"}, "groups": ["mmlu"]}"#;

    fn stat(name: &str, split: &str, mean: &str, rest: &str) -> String {
        format!(
            r#"{{"name": {{"name": "{name}", "split": "{split}"{rest}}}, "count": 1, "mean": {mean}, "stddev": 0.0}}"#
        )
    }

    #[test]
    fn one_statistic_counts_over_its_instances() {
        let stats = [
            stat("exact_match", "test", "0.5", ""),
            stat("quasi_exact_match", "test", "0.6", ""),
            stat("exact_match", "valid", "0.1", ""),
            stat(
                "exact_match",
                "test",
                "0.2",
                ", \"perturbation\": {\"name\": \"fairness\"}",
            ),
            stat("num_instances", "test", "8.0", ""),
            stat("num_references", "test", "4.0", ""),
            stat("num_prompt_tokens", "test", "100.5", ""),
            stat("num_output_tokens", "test", "1.0", ""),
        ];
        let stats = format!("[{}]", stats.join(","));
        let mut rows = Vec::new();
        let put = &mut |row: Row| {
            rows.push(row.found);
            true
        };
        read(SPEC.as_bytes(), stats.as_bytes(), &Options::default(), put).expect("a run");
        let Found::Result(draft) = &rows[0] else {
            panic!("{rows:?}")
        };
        assert_eq!(draft.benchmark.id, "mmlu-law-exact_match");
        assert_eq!(
            (
                draft.benchmark.chance,
                draft.result.sample_count,
                draft.result.standard_error
            ),
            (Some(0.25), Some(8), None)
        );
        assert_eq!(
            draft
                .result
                .tokens
                .map(|tokens| (tokens.input_tokens, tokens.output_tokens)),
            Some((804, 8))
        );
        let reasons: Vec<_> = rows[1..4]
            .iter()
            .map(|row| match row {
                Found::Skipped(reason, _) => *reason,
                _ => "?",
            })
            .collect();
        assert_eq!(reasons, ["OTHER_METRIC", "OTHER_SPLIT", "PERTURBATION"]);
    }

    #[test]
    fn other_files_are_refused() {
        let reason = |spec: &[u8], stats: &[u8]| {
            read(spec, stats, &Options::default(), &mut |_| true)
                .expect_err("refused")
                .reason
        };
        assert_eq!(reason(b"{}", b"[]"), "WRONG_FORMAT");
        assert_eq!(reason(SPEC.as_bytes(), b"{}"), "WRONG_FORMAT");
        assert_eq!(reason(SPEC.as_bytes(), b"[{}"), "TRUNCATED");
    }
}
