//! Benchmarks and models: upserts to drafts.

use super::enums;
use super::parts;
use super::request_key;
use crate::intake::{self, Clearing, Context, Field};
use crate::limits::{NAME_BYTES_MAX, PRICE_DAYS_AHEAD_MAX, TITLE_BYTES_MAX, URL_BYTES_MAX};
use crate::model::{
    BenchmarkId, BenchmarkPatch, Change, Draft, ModelPatch, ProviderId, Reason, Refusal,
    Relationship, Revision, Text,
};
use crate::proto::v1;

/// Fields of a benchmark that `clear` may name.
const BENCHMARK_FIELDS: [&str; 18] = [
    "title",
    "description",
    "unit",
    "higher_is_better",
    "minimum",
    "maximum",
    "chance",
    "perfect",
    "questions",
    "counting_rule",
    "preferred_relationships",
    "tags",
    "trend",
    "blend_input_weight",
    "blend_output_weight",
    "supersedes",
    "exclude_from_overall",
    "source_url",
];

/// Fields of a model that `clear` may name.
const MODEL_FIELDS: [&str; 9] = [
    "title",
    "organization",
    "release_date",
    "open_weights",
    "license",
    "tags",
    "preferred_provider",
    "aliases",
    "source_url",
];

/// A message that may not be left out.
pub(super) fn required<T>(message: Option<T>, field: &str) -> Result<T, Refusal> {
    message.ok_or_else(|| Field::from(field).refuse(Reason::FieldRequired, "is missing"))
}

/// The revision that an upsert is conditional on.
pub(super) fn expected(revision: Option<i64>) -> Result<Option<Revision>, Refusal> {
    revision
        .map(|revision| intake::non_negative(revision, "expected_revision"))
        .transpose()
}

/// A check for a text of bounded length.
fn bounded(bytes_max: usize) -> impl Fn(&str, Field<'_>) -> Result<Text, Refusal> {
    move |value, field| intake::text(value, bytes_max, field)
}

/// A finite number, where one is given.
fn number(value: Option<f64>, name: &str) -> Result<Option<f64>, Refusal> {
    value
        .map(|value| intake::finite(value, Field::of("benchmark", name)))
        .transpose()
}

/// Repeated fields cannot be absent: an empty one stays as it is.
fn given<T>(values: Vec<T>) -> Option<Vec<T>> {
    (!values.is_empty()).then_some(values)
}

/// `PutBenchmarkRequest`.
///
/// # Errors
/// Whatever `intake` refuses about a field.
pub fn put_benchmark(
    message: v1::PutBenchmarkRequest,
    context: &Context,
) -> Result<Draft, Refusal> {
    let content = v1::PutBenchmarkRequest {
        request_id: String::new(),
        ..message.clone()
    };
    let v1::PutBenchmarkRequest {
        benchmark,
        clear,
        request_id,
        expected_revision,
    } = message;
    let clearing = Clearing::new(&clear, &BENCHMARK_FIELDS, "benchmark")?;
    let patch = benchmark_patch(
        required(benchmark, "benchmark")?,
        &clearing,
        expected(expected_revision)?,
    )?;
    Ok(Draft {
        author: context.author.clone(),
        request: request_key(&request_id, "PutBenchmark", &content, context)?,
        change: Change::PutBenchmark(Box::new(patch)),
    })
}

fn benchmark_patch(
    message: v1::Benchmark,
    clearing: &Clearing<'_>,
    expected_revision: Option<Revision>,
) -> Result<BenchmarkPatch, Refusal> {
    let v1::Benchmark {
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
        trend,
        blend_input_weight,
        blend_output_weight,
        supersedes,
        exclude_from_overall,
        source_url,
        revision: _,
        result_count: _,
        standing_count: _,
    } = message;
    let curve = match trend {
        Some(trend) => Some(parts::curve_patch(Some(trend), "benchmark.trend")?),
        None => None,
    };
    intake::blend_weights(blend_input_weight, blend_output_weight, "benchmark")?;
    let questions = questions
        .map(|count| intake::count(count, "benchmark.questions"))
        .transpose()?;
    let rule = enums::counting_rule(counting_rule, "benchmark.counting_rule")?;
    let relationships = preferred(&preferred_relationships)?;
    let tags = intake::tags(&tags, "benchmark.tags")?;
    Ok(BenchmarkPatch {
        id: BenchmarkId::parse(&id, "benchmark.id")?,
        expected_revision,
        title: clearing.text("title", title.as_deref(), bounded(TITLE_BYTES_MAX))?,
        description: clearing.text("description", description.as_deref(), |text, field| {
            intake::note(text, field)
        })?,
        unit: clearing.text("unit", unit.as_deref(), |text, field| {
            intake::unit(text, field)
        })?,
        higher_is_better: clearing.patch("higher_is_better", higher_is_better)?,
        minimum: clearing.patch("minimum", number(minimum, "minimum")?)?,
        maximum: clearing.patch("maximum", number(maximum, "maximum")?)?,
        chance: clearing.patch("chance", number(chance, "chance")?)?,
        perfect: clearing.patch("perfect", number(perfect, "perfect")?)?,
        questions: clearing.patch("questions", questions)?,
        counting_rule: clearing.patch("counting_rule", rule)?,
        preferred_relationships: clearing.patch("preferred_relationships", given(relationships))?,
        tags: clearing.patch("tags", given(tags))?,
        curve: clearing.patch("trend", curve)?,
        blend_input_weight: clearing.patch("blend_input_weight", blend_input_weight)?,
        blend_output_weight: clearing.patch("blend_output_weight", blend_output_weight)?,
        supersedes: clearing.text("supersedes", supersedes.as_deref(), |text, field| {
            BenchmarkId::parse(text, &field.to_string())
        })?,
        exclude_from_overall: clearing.patch("exclude_from_overall", exclude_from_overall)?,
        source_url: clearing.text("source_url", source_url.as_deref(), bounded(URL_BYTES_MAX))?,
    })
}

/// Relationships in order of preference, each at most once.
fn preferred(values: &[i32]) -> Result<Vec<Relationship>, Refusal> {
    let field = Field::of("benchmark", "preferred_relationships");
    let relationships = enums::relationships(values, field)?;
    let mut sorted = relationships.clone();
    sorted.sort_unstable();
    intake::distinct(&sorted, field)?;
    Ok(relationships)
}

/// `PutModelRequest`.
///
/// # Errors
/// Whatever `intake` refuses about a field.
pub fn put_model(message: v1::PutModelRequest, context: &Context) -> Result<Draft, Refusal> {
    let content = v1::PutModelRequest {
        request_id: String::new(),
        ..message.clone()
    };
    let v1::PutModelRequest {
        model,
        clear,
        request_id,
        expected_revision,
    } = message;
    let clearing = Clearing::new(&clear, &MODEL_FIELDS, "model")?;
    let patch = model_patch(
        required(model, "model")?,
        &clearing,
        expected(expected_revision)?,
        context,
    )?;
    Ok(Draft {
        author: context.author.clone(),
        request: request_key(&request_id, "PutModel", &content, context)?,
        change: Change::PutModel(Box::new(patch)),
    })
}

fn model_patch(
    message: v1::Model,
    clearing: &Clearing<'_>,
    expected_revision: Option<Revision>,
    context: &Context,
) -> Result<ModelPatch, Refusal> {
    let v1::Model {
        id,
        title,
        organization,
        release_date,
        open_weights,
        license,
        tags,
        preferred_provider,
        aliases,
        source_url,
        revision: _,
        inherited: _,
    } = message;
    let name = intake::name(&id, "model.id")?;
    let tags = intake::tags(&tags, "model.tags")?;
    let aliases = intake::aliases(&aliases, &name, "model.aliases")?;
    Ok(ModelPatch {
        name,
        expected_revision,
        title: clearing.text("title", title.as_deref(), bounded(TITLE_BYTES_MAX))?,
        organization: clearing.text(
            "organization",
            organization.as_deref(),
            bounded(NAME_BYTES_MAX),
        )?,
        // An announced model has its date ahead, as its price may have.
        release_date: clearing.text("release_date", release_date.as_deref(), |text, field| {
            intake::earlier_date(text, PRICE_DAYS_AHEAD_MAX, context, field)
        })?,
        open_weights: clearing.patch("open_weights", open_weights)?,
        license: clearing.text("license", license.as_deref(), bounded(NAME_BYTES_MAX))?,
        tags: clearing.patch("tags", given(tags))?,
        preferred_provider: clearing.text(
            "preferred_provider",
            preferred_provider.as_deref(),
            |text, field| ProviderId::parse(text, &field.to_string()),
        )?,
        aliases: clearing.patch("aliases", given(aliases))?,
        source_url: clearing.text("source_url", source_url.as_deref(), bounded(URL_BYTES_MAX))?,
    })
}
