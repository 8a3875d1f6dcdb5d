//! The disk record of results and costs.

use super::{EntryError, always, malformed, model_id, string};
use crate::model::{
    BenchmarkId, Cost, CostKind, Date, GivenInterval, Relationship, ResultFacts, Tokens,
    Uncertainty,
};
use crate::proto::store as disk;

impl From<&ResultFacts> for disk::Result {
    fn from(facts: &ResultFacts) -> Self {
        let ResultFacts {
            benchmark,
            model,
            score,
            uncertainty:
                Uncertainty {
                    interval,
                    standard_error,
                    sample_count,
                },
            run_cost,
            tokens,
            task_count,
            repeats,
            observed,
            evaluator,
            relationship,
            harness,
            harness_version,
            source_url,
            labels,
        } = facts;
        Self {
            benchmark: benchmark.to_string(),
            model: model.to_string(),
            score: Some(*score),
            interval: interval.map(Into::into),
            standard_error: *standard_error,
            sample_count: *sample_count,
            run_cost: run_cost.map(Into::into),
            tokens: tokens.map(Into::into),
            task_count: *task_count,
            repeats: *repeats,
            observed_date: observed.days(),
            evaluator: string(evaluator),
            relationship: relationship_number(*relationship),
            harness: string(harness),
            harness_version: string(harness_version),
            source_url: string(source_url),
            labels: labels
                .iter()
                .map(|(key, value)| (string(key), string(value)))
                .collect(),
        }
    }
}

impl TryFrom<disk::Result> for ResultFacts {
    type Error = EntryError;

    fn try_from(result: disk::Result) -> Result<Self, EntryError> {
        let disk::Result {
            benchmark,
            model,
            score,
            interval,
            standard_error,
            sample_count,
            run_cost,
            tokens,
            task_count,
            repeats,
            observed_date,
            evaluator,
            relationship,
            harness,
            harness_version,
            source_url,
            labels,
        } = result;
        Ok(Self {
            benchmark: benchmark_id("result.benchmark", &benchmark)?,
            model: model_id("result.model", &model)?,
            score: always("result.score", score)?,
            uncertainty: Uncertainty {
                interval: interval.map(TryInto::try_into).transpose()?,
                standard_error,
                sample_count,
            },
            run_cost: run_cost.map(TryInto::try_into).transpose()?,
            tokens: tokens.map(Into::into),
            task_count,
            repeats,
            observed: Date::from_days(observed_date),
            evaluator: evaluator.into(),
            relationship: relationship_of("result.relationship", relationship)?,
            harness: harness.into(),
            harness_version: harness_version.into(),
            source_url: source_url.into(),
            labels: labels
                .into_iter()
                .map(|(key, value)| (key.into(), value.into()))
                .collect(),
        })
    }
}

impl From<GivenInterval> for disk::Interval {
    fn from(interval: GivenInterval) -> Self {
        let GivenInterval { low, high, level } = interval;
        Self {
            low: Some(low),
            high: Some(high),
            confidence_level: Some(level),
        }
    }
}

impl TryFrom<disk::Interval> for GivenInterval {
    type Error = EntryError;

    fn try_from(interval: disk::Interval) -> Result<Self, EntryError> {
        let disk::Interval {
            low,
            high,
            confidence_level,
        } = interval;
        Ok(Self {
            low: always("interval.low", low)?,
            high: always("interval.high", high)?,
            level: always("interval.confidence_level", confidence_level)?,
        })
    }
}

impl From<Tokens> for disk::Tokens {
    fn from(tokens: Tokens) -> Self {
        let Tokens {
            input,
            output,
            cache_read,
            cache_write,
        } = tokens;
        Self {
            input,
            output,
            cache_read,
            cache_write,
        }
    }
}

impl From<disk::Tokens> for Tokens {
    fn from(tokens: disk::Tokens) -> Self {
        let disk::Tokens {
            input,
            output,
            cache_read,
            cache_write,
        } = tokens;
        Self {
            input,
            output,
            cache_read,
            cache_write,
        }
    }
}

impl From<Cost> for disk::Cost {
    fn from(cost: Cost) -> Self {
        let Cost {
            low,
            central,
            high,
            kind,
        } = cost;
        Self {
            low,
            central: Some(central),
            high,
            kind: match kind {
                CostKind::Measured => 1,
                CostKind::Reported => 2,
                CostKind::Estimated => 3,
                CostKind::Derived => 4,
            },
        }
    }
}

impl TryFrom<disk::Cost> for Cost {
    type Error = EntryError;

    fn try_from(cost: disk::Cost) -> Result<Self, EntryError> {
        let disk::Cost {
            low,
            central,
            high,
            kind,
        } = cost;
        Ok(Self {
            low,
            central: always("cost.central", central)?,
            high,
            kind: match kind {
                1 => CostKind::Measured,
                2 => CostKind::Reported,
                3 => CostKind::Estimated,
                4 => CostKind::Derived,
                value => {
                    let field = "cost.kind";
                    return Err(EntryError::Unknown { field, value });
                }
            },
        })
    }
}

pub(super) fn relationship_number(relationship: Relationship) -> u32 {
    match relationship {
        Relationship::FirstParty => 1,
        Relationship::ThirdParty => 2,
        Relationship::Collaborative => 3,
        Relationship::Other => 4,
    }
}

pub(super) fn relationship_of(field: &'static str, value: u32) -> Result<Relationship, EntryError> {
    match value {
        1 => Ok(Relationship::FirstParty),
        2 => Ok(Relationship::ThirdParty),
        3 => Ok(Relationship::Collaborative),
        4 => Ok(Relationship::Other),
        _ => Err(EntryError::Unknown { field, value }),
    }
}

pub(super) fn benchmark_id(field: &'static str, text: &str) -> Result<BenchmarkId, EntryError> {
    BenchmarkId::parse(text, field).map_err(|refusal| malformed(field, &refusal))
}
