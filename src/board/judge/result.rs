//! Results and their status.

use crate::board::answer::Warning;
use crate::model::{
    Benchmark, BenchmarkId, Body, Date, GivenInterval, ModelId, Reason, Refusal, ResultDraft,
    ResultFacts, Revision, Status, Text, Uncertainty, proportion_scale,
};

use super::{Decision, Judged, Known, suggest};

impl Known<'_> {
    pub(super) fn submit_result(
        &self,
        draft: &ResultDraft,
        today: Date,
    ) -> Result<Judged, Refusal> {
        let benchmark = self.known_benchmark(&draft.benchmark, "result.benchmark")?;
        let (model, creates_model) = self.named_model(draft)?;
        let factor = conversion(draft, benchmark)?;
        let score = draft.score * factor;
        in_range(score, draft, benchmark)?;
        let mut warnings = Vec::new();
        if creates_model {
            warnings.push(Warning {
                reason: "MODEL_CREATED",
                message: format!("model `{model}` was not known and is created with its id alone"),
            });
        }
        notice(draft, benchmark, today, &mut warnings);
        let facts = ResultFacts {
            benchmark: benchmark.id.clone(),
            model,
            score,
            uncertainty: convert(draft.uncertainty, factor),
            run_cost: draft.run_cost,
            tokens: draft.tokens,
            task_count: draft.task_count,
            repeats: draft.repeats,
            observed: draft.observed,
            evaluator: draft.evaluator.clone(),
            relationship: draft.relationship,
            harness: draft.harness.clone(),
            harness_version: draft.harness_version.clone(),
            source_url: draft.source_url.clone(),
            labels: draft.labels.clone(),
        };
        Ok(Judged {
            decision: Decision::Append(Body::Result(Box::new(facts))),
            warnings,
            creates_model,
        })
    }

    fn known_benchmark(&self, name: &str, field: &str) -> Result<&Benchmark, Refusal> {
        let id = BenchmarkId::parse(name, field).map_err(|malformed| {
            // A near miss of a known name is more use than the pattern.
            let unknown = suggest::unknown_benchmark(self.board.catalog(), name, field);
            if unknown.message.contains("did you mean") {
                unknown
            } else {
                malformed
            }
        })?;
        self.benchmark(&id)
            .map(|(benchmark, _)| benchmark)
            .ok_or_else(|| suggest::unknown_benchmark(self.board.catalog(), name, field))
    }

    fn named_model(&self, draft: &ResultDraft) -> Result<(ModelId, bool), Refusal> {
        if let Some(id) = self.resolve(&draft.model) {
            return Ok((id, false));
        }
        if draft.require_known_model {
            return Err(suggest::unknown_model(
                self.board.catalog(),
                &draft.model,
                "result.model",
            ));
        }
        ModelId::parse(&draft.model, "result.model").map(|id| (id, true))
    }

    pub(super) fn set_result_status(
        &self,
        result: Revision,
        status: Status,
        reason: &Text,
    ) -> Result<Judged, Refusal> {
        let Some((current, newest)) = self.result_state(result) else {
            return Err(Refusal::new(
                Reason::UnknownResult,
                "revision",
                format!(
                    "revision `{result}` is not a result: use the revision that SubmitResult answered, or find it with ListResults"
                ),
            ));
        };
        if current == status {
            return Ok(Judged::plain(Decision::Unchanged(newest)));
        }
        Ok(Judged::plain(Decision::Append(Body::ResultStatus {
            result,
            status,
            reason: reason.clone(),
        })))
    }
}

/// What a score in the draft's unit is multiplied with.
fn conversion(draft: &ResultDraft, benchmark: &Benchmark) -> Result<f64, Refusal> {
    let Some(unit) = &draft.unit else {
        return Ok(1.0);
    };
    if unit.eq_ignore_ascii_case(&benchmark.unit) {
        return Ok(1.0);
    }
    let given = proportion_scale(&unit.to_ascii_uppercase());
    match (given, benchmark.proportion_scale()) {
        (Some(given), Some(wanted)) => Ok(wanted / given),
        _ => Err(Refusal::new(
            Reason::UnitMismatch,
            "result.unit",
            format!(
                "unit `{unit}` does not convert to `{}`, the unit of benchmark `{}`: only PERCENT and FRACTION convert into each other; convert the score, or leave unit unset",
                benchmark.unit, benchmark.id
            ),
        )),
    }
}

fn in_range(score: f64, draft: &ResultDraft, benchmark: &Benchmark) -> Result<(), Refusal> {
    let low = benchmark.minimum.is_some_and(|minimum| score < minimum);
    let high = benchmark.maximum.is_some_and(|maximum| score > maximum);
    if !low && !high {
        return Ok(());
    }
    let end = |end: Option<f64>| end.map_or_else(|| "unbounded".to_owned(), |end| end.to_string());
    Err(Refusal::new(
        Reason::ScoreOutOfRange,
        "result.score",
        format!(
            "score `{}` is outside {} .. {} of benchmark `{}` (unit {}): check the unit, or set result.unit",
            draft.score,
            end(benchmark.minimum),
            end(benchmark.maximum),
            benchmark.id,
            benchmark.unit
        ),
    ))
}

fn convert(given: Uncertainty, factor: f64) -> Uncertainty {
    Uncertainty {
        interval: given.interval.map(|interval| GivenInterval {
            low: interval.low * factor,
            high: interval.high * factor,
            level: interval.level,
        }),
        standard_error: given.standard_error.map(|error| error * factor),
        sample_count: given.sample_count,
    }
}

fn notice(draft: &ResultDraft, benchmark: &Benchmark, today: Date, warnings: &mut Vec<Warning>) {
    let percent = benchmark.proportion_scale() == Some(100.0);
    if percent && draft.unit.is_none() && draft.score > 0.0 && draft.score <= 1.0 {
        warnings.push(Warning {
            reason: "LOOKS_LIKE_FRACTION",
            message: format!(
                "score `{}` on benchmark `{}` is read as percent: if it is a fraction, retract this result and set unit FRACTION",
                draft.score, benchmark.id
            ),
        });
    }
    let has_cost = draft.run_cost.is_some() || draft.tokens.is_some();
    if has_cost && draft.task_count.is_none() && draft.uncertainty.sample_count.is_none() {
        warnings.push(Warning {
            reason: "NO_TASK_COUNT",
            message: "the run's cost has no cost per task: set task_count or sample_count"
                .to_owned(),
        });
    }
    if draft.observed > today {
        warnings.push(Warning {
            reason: "OBSERVED_TOMORROW",
            message: format!(
                "observed_date `{}` is ahead of `{today}` (UTC)",
                draft.observed
            ),
        });
    }
}
