//! Results and their status.

use crate::board::answer::Warning;
use crate::model::{
    Benchmark, BenchmarkId, Body, Date, FRACTION, GivenInterval, ModelId, PERCENT, Reason, Refusal,
    ResultDraft, ResultFacts, Revision, Status, Text, Uncertainty,
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
        let convert = conversion(draft, benchmark)?;
        let score = convert(draft.score);
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
            uncertainty: converted(draft.uncertainty, convert),
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

/// From the draft's unit to the benchmark's.
fn conversion(draft: &ResultDraft, benchmark: &Benchmark) -> Result<fn(f64) -> f64, Refusal> {
    let Some(unit) = &draft.unit else {
        return Ok(unchanged);
    };
    if unit.eq_ignore_ascii_case(&benchmark.unit) {
        return Ok(unchanged);
    }
    match (&*unit.to_ascii_uppercase(), &*benchmark.unit) {
        (PERCENT, FRACTION) => Ok(percent_to_fraction),
        (FRACTION, PERCENT) => Ok(fraction_to_percent),
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

fn unchanged(value: f64) -> f64 {
    value
}

fn percent_to_fraction(value: f64) -> f64 {
    as_written(value / 100.0)
}

fn fraction_to_percent(value: f64) -> f64 {
    as_written(value * 100.0)
}

/// The decimal of at most 12 places that a number is, but for the rounding of one multiplication: 0.29 x 100 becomes 29,
/// so that 29 % and 0.29 tie.
fn as_written(value: f64) -> f64 {
    let decimal = (value * DECIMAL_STEPS).round() / DECIMAL_STEPS;
    if (decimal - value).abs() <= 2.0 * f64::EPSILON * value.abs() {
        decimal
    } else {
        value
    }
}

/// Twelve decimal places; a percentage times this is still exact.
const DECIMAL_STEPS: f64 = 1e12;

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

fn converted(given: Uncertainty, convert: fn(f64) -> f64) -> Uncertainty {
    Uncertainty {
        interval: given.interval.map(|interval| GivenInterval {
            low: convert(interval.low),
            high: convert(interval.high),
            level: interval.level,
        }),
        standard_error: given.standard_error.map(convert),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_convert_to_the_decimal_they_are_written_as() {
        for thousandths in 0..=100_000 {
            let percent: f64 = format!("{thousandths}e-3").parse().expect("a number");
            let fraction: f64 = format!("{thousandths}e-5").parse().expect("a number");
            assert_eq!(percent_to_fraction(percent), fraction);
            assert_eq!(fraction_to_percent(fraction), percent);
        }
        assert_eq!(fraction_to_percent(1.0 / 3.0), 1.0 / 3.0 * 100.0);
    }
}
