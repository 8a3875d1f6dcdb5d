//! Facts of the log and the catalog, with their state.

use super::enums::ToWire;
use super::parts::{self, strings, timestamp};
use super::standing::{basis_cost, interval};
use crate::board::answer::{BasisCost, Interval, ModelFacts, ModelInfo};
use crate::model::{
    Benchmark, Claim, Model, Price, ResultFacts, Revision, Statement, Status, Text, Timestamp,
    Tokens, TrainingCost, TrainingDate, Uncertainty,
};
use crate::proto::v1;

/// State of a benchmark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BenchmarkState {
    /// Revision of the newest change.
    pub revision: Revision,
    /// Results of any status.
    pub result_count: u64,
    /// Standings on its board.
    pub standing_count: u32,
}

/// `Benchmark`.
pub fn benchmark(facts: &Benchmark, state: BenchmarkState) -> v1::Benchmark {
    let Benchmark {
        id,
        title,
        description,
        unit,
        higher_is_better,
        minimum,
        maximum,
        chance,
        perfect,
        questions,
        counting_rule,
        preferred_relationships,
        tags,
        curve,
        blend_input_weight,
        blend_output_weight,
        supersedes,
        exclude_from_overall,
        source_url,
    } = facts;
    let BenchmarkState {
        revision,
        result_count,
        standing_count,
    } = state;
    v1::Benchmark {
        id: id.to_string(),
        title: not_empty(title),
        description: not_empty(description),
        unit: not_empty(unit),
        higher_is_better: Some(*higher_is_better),
        minimum: *minimum,
        maximum: *maximum,
        chance: *chance,
        perfect: *perfect,
        questions: questions.map(|count| count as i64),
        counting_rule: counting_rule.wire(),
        preferred_relationships: preferred_relationships.iter().map(|r| r.wire()).collect(),
        tags: strings(tags),
        trend: Some(parts::declared_curve(*curve)),
        blend_input_weight: Some(*blend_input_weight),
        blend_output_weight: Some(*blend_output_weight),
        supersedes: supersedes.as_ref().map(ToString::to_string),
        exclude_from_overall: Some(*exclude_from_overall),
        source_url: not_empty(source_url),
        revision: revision as i64,
        result_count: result_count as i64,
        standing_count: standing_count as i32,
    }
}

/// An empty text is answered as absent.
fn not_empty(text: &Text) -> Option<String> {
    (!text.is_empty()).then(|| text.to_string())
}

/// `Model`, inherited facts filled in from `info`. The model's own facts give what is never inherited.
pub fn model(info: &ModelInfo, own: &Model, revision: Revision) -> v1::Model {
    let ModelInfo { id, facts } = info;
    let ModelFacts {
        title,
        organization,
        release_date,
        open_weights,
        license,
        tags,
        preferred_provider,
        source_url,
        inherited,
    } = &**facts;
    v1::Model {
        id: id.to_string(),
        title: not_empty(title),
        organization: not_empty(organization),
        release_date: release_date.map(|date| date.to_string()),
        open_weights: *open_weights,
        license: not_empty(license),
        tags: strings(tags),
        preferred_provider: preferred_provider.as_ref().map(ToString::to_string),
        aliases: strings(&own.aliases),
        source_url: not_empty(source_url),
        revision: revision as i64,
        inherited: strings(inherited),
    }
}

/// State of a price.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PriceState {
    /// Revision of its newest statement.
    pub revision: Revision,
    /// No later price of the provider has come into force.
    pub in_force: bool,
    /// It is that of the model without `@variant`.
    pub inherited: bool,
}

/// `Price`.
pub fn price(facts: &Price, state: PriceState) -> v1::Price {
    let Price {
        model,
        provider,
        effective,
        input,
        cache_read,
        cache_write,
        output,
        source_url,
        withdrawn,
    } = facts;
    let PriceState {
        revision,
        in_force,
        inherited,
    } = state;
    v1::Price {
        model: model.to_string(),
        provider: provider.to_string(),
        effective_date: effective.to_string(),
        input_usd_per_mtok: *input,
        cache_read_usd_per_mtok: *cache_read,
        cache_write_usd_per_mtok: *cache_write,
        output_usd_per_mtok: *output,
        source_url: source_url.to_string(),
        withdrawn: *withdrawn,
        revision: revision as i64,
        in_force,
        inherited,
    }
}

/// One change of a status, as the log has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusEntry {
    /// Its revision.
    pub revision: Revision,
    /// The new status.
    pub status: Status,
    /// Why.
    pub reason: Text,
    /// Who changed it.
    pub author: Text,
    /// When the daemon received it.
    pub received: Timestamp,
}

/// `StatusChange`.
pub fn status_change(change: &StatusEntry) -> v1::StatusChange {
    let StatusEntry {
        revision,
        status,
        reason,
        author,
        received,
    } = change;
    v1::StatusChange {
        revision: *revision as i64,
        status: status.wire(),
        reason: reason.to_string(),
        author: author.to_string(),
        received_time: Some(timestamp(*received)),
    }
}

/// State of a claim.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClaimState {
    /// Its id.
    pub revision: Revision,
    /// Its status now.
    pub status: Status,
    /// It counts before any other of its kind.
    pub pinned: bool,
    /// It is computed with.
    pub counting: bool,
    /// Changes of status, oldest first.
    pub history: Vec<StatusEntry>,
}

/// `Claim`.
pub fn claim(facts: &Claim, state: &ClaimState) -> v1::Claim {
    let Claim {
        model,
        statement: said,
        claimant,
        date,
        source_url,
        note,
        // As it was from the start; the state has it as it is now.
        status: _,
    } = facts;
    let ClaimState {
        revision,
        status,
        pinned,
        counting,
        history,
    } = state;
    v1::Claim {
        model: model.to_string(),
        statement: Some(statement(said)),
        claimant: claimant.to_string(),
        date: date.to_string(),
        source_url: source_url.to_string(),
        note: note.to_string(),
        revision: *revision as i64,
        status: status.wire(),
        pinned: *pinned,
        counting: *counting,
        history: history.iter().map(status_change).collect(),
    }
}

fn statement(said: &Statement) -> v1::claim::Statement {
    match said {
        Statement::TrainingCost(TrainingCost {
            cost,
            accelerator,
            accelerator_count,
            accelerator_hours,
            usd_per_hour,
            scope,
        }) => v1::claim::Statement::TrainingCost(v1::TrainingCost {
            cost: Some(parts::cost_range(*cost)),
            accelerator: accelerator.to_string(),
            accelerator_count: accelerator_count.map(|count| count as i64),
            accelerator_hours: *accelerator_hours,
            usd_per_hour: *usd_per_hour,
            scope: scope.wire(),
        }),
        Statement::TrainingDate(TrainingDate {
            earliest,
            central,
            latest,
        }) => v1::claim::Statement::TrainingDate(v1::TrainingDate {
            earliest: earliest.to_string(),
            central: central.to_string(),
            latest: latest.to_string(),
        }),
        Statement::DerivedFrom(model) => v1::claim::Statement::DerivedFrom(model.to_string()),
    }
}

/// State of a result.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordState {
    /// Its id.
    pub revision: Revision,
    /// When the daemon received it.
    pub received: Timestamp,
    /// Who submitted it.
    pub submitter: Text,
    /// Its status now.
    pub status: Status,
    /// Changes of status, oldest first.
    pub history: Vec<StatusEntry>,
    /// It counts for the model.
    pub counting: bool,
    /// The 95 % interval used.
    pub interval: Option<Interval>,
    /// Its TASK cost.
    pub task_cost: Option<BasisCost>,
    /// Unit of the benchmark.
    pub unit: Text,
}

/// `ResultRecord`.
pub fn result_record(facts: &ResultFacts, state: RecordState) -> v1::ResultRecord {
    let RecordState {
        revision,
        received,
        submitter,
        status,
        history,
        counting,
        interval: used,
        task_cost,
        unit,
    } = state;
    v1::ResultRecord {
        revision: revision as i64,
        result: Some(result(facts, &unit)),
        received_time: Some(timestamp(received)),
        submitter: submitter.to_string(),
        status: status.wire(),
        history: history.iter().map(status_change).collect(),
        counting,
        interval: used.map(interval),
        task_cost: task_cost.map(basis_cost),
    }
}

/// `Result`: as it was submitted, ids resolved, numbers in the benchmark's unit.
pub fn result(facts: &ResultFacts, unit: &Text) -> v1::Result {
    let ResultFacts {
        benchmark,
        model,
        score,
        uncertainty,
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
    let Uncertainty {
        interval,
        standard_error,
        sample_count,
    } = uncertainty;
    v1::Result {
        benchmark: benchmark.to_string(),
        model: model.to_string(),
        score: Some(*score),
        unit: unit.to_string(),
        interval: interval.map(|given| v1::ScoreInterval {
            low: given.low,
            high: given.high,
            source: v1::IntervalSource::Reported as i32,
            confidence_level: Some(given.level),
        }),
        standard_error: *standard_error,
        sample_count: sample_count.map(|count| count as i64),
        run_cost: run_cost.map(parts::cost_range),
        tokens: tokens.map(token_usage),
        task_count: task_count.map(|count| count as i64),
        repeats: repeats.map(|count| count as i32),
        observed_date: observed.to_string(),
        evaluator: evaluator.to_string(),
        relationship: relationship.wire(),
        harness: harness.to_string(),
        harness_version: harness_version.to_string(),
        source_url: source_url.to_string(),
        labels: labels
            .iter()
            .map(|(key, value)| (key.to_string(), value.to_string()))
            .collect(),
    }
}

fn token_usage(tokens: Tokens) -> v1::TokenUsage {
    let Tokens {
        input,
        output,
        cache_read,
        cache_write,
    } = tokens;
    v1::TokenUsage {
        input_tokens: input as i64,
        output_tokens: output as i64,
        cache_read_tokens: cache_read as i64,
        cache_write_tokens: cache_write as i64,
    }
}
