//! The disk record of benchmarks, models and prices.

use super::result::{benchmark_id, relationship_number, relationship_of};
use super::{EntryError, always, model_id, provider_id, string, strings, texts};
use crate::model::{Benchmark, CountingRule, Curve, Date, Model, Price, Relationship, Text};
use crate::proto::store as disk;

impl From<&Benchmark> for disk::Benchmark {
    fn from(benchmark: &Benchmark) -> Self {
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
        } = benchmark;
        let preferred: &[Relationship] = preferred_relationships;
        Self {
            id: id.to_string(),
            title: string(title),
            description: string(description),
            unit: string(unit),
            higher_is_better: *higher_is_better,
            minimum: *minimum,
            maximum: *maximum,
            chance: *chance,
            perfect: *perfect,
            questions: *questions,
            counting_rule: match counting_rule {
                CountingRule::Latest => 0,
                CountingRule::Best => 1,
            },
            preferred_relationships: preferred.iter().copied().map(relationship_number).collect(),
            tags: strings(tags),
            curve: Some((*curve).into()),
            blend_input_weight: Some(*blend_input_weight),
            blend_output_weight: Some(*blend_output_weight),
            supersedes: supersedes
                .as_ref()
                .map_or_else(String::new, ToString::to_string),
            exclude_from_overall: *exclude_from_overall,
            source_url: string(source_url),
        }
    }
}

impl TryFrom<disk::Benchmark> for Benchmark {
    type Error = EntryError;

    fn try_from(benchmark: disk::Benchmark) -> Result<Self, EntryError> {
        let disk::Benchmark {
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
        } = benchmark;
        let supersedes = match supersedes.as_str() {
            "" => None,
            text => Some(benchmark_id("benchmark.supersedes", text)?),
        };
        Ok(Self {
            id: benchmark_id("benchmark.id", &id)?,
            title: title.into(),
            description: description.into(),
            unit: unit.into(),
            higher_is_better,
            minimum,
            maximum,
            chance,
            perfect,
            questions,
            counting_rule: counting_rule_of(counting_rule)?,
            preferred_relationships: preferred_relationships
                .into_iter()
                .map(|number| relationship_of("benchmark.preferred_relationships", number))
                .collect::<Result<_, _>>()?,
            tags: texts(tags),
            curve: always("benchmark.curve", curve)?.try_into()?,
            blend_input_weight: always("benchmark.blend_input_weight", blend_input_weight)?,
            blend_output_weight: always("benchmark.blend_output_weight", blend_output_weight)?,
            supersedes,
            exclude_from_overall,
            source_url: source_url.into(),
        })
    }
}

fn counting_rule_of(value: u32) -> Result<CountingRule, EntryError> {
    match value {
        0 => Ok(CountingRule::Latest),
        1 => Ok(CountingRule::Best),
        _ => {
            let field = "benchmark.counting_rule";
            Err(EntryError::Unknown { field, value })
        }
    }
}

impl From<Curve> for disk::Curve {
    fn from(curve: Curve) -> Self {
        let Curve {
            annual_factor,
            annual_factor_low,
            annual_factor_high,
            tolerance,
        } = curve;
        Self {
            annual_factor: Some(annual_factor),
            annual_factor_low,
            annual_factor_high,
            tolerance: Some(tolerance),
        }
    }
}

impl TryFrom<disk::Curve> for Curve {
    type Error = EntryError;

    fn try_from(curve: disk::Curve) -> Result<Self, EntryError> {
        let disk::Curve {
            annual_factor,
            annual_factor_low,
            annual_factor_high,
            tolerance,
        } = curve;
        Ok(Self {
            annual_factor: always("curve.annual_factor", annual_factor)?,
            annual_factor_low,
            annual_factor_high,
            tolerance: always("curve.tolerance", tolerance)?,
        })
    }
}

impl From<&Model> for disk::Model {
    fn from(model: &Model) -> Self {
        let Model {
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
        } = model;
        Self {
            id: id.to_string(),
            title: title.as_ref().map(string),
            organization: organization.as_ref().map(string),
            release_date: release_date.map(Date::days),
            open_weights: *open_weights,
            license: license.as_ref().map(string),
            tags: strings(tags),
            preferred_provider: preferred_provider.as_ref().map(ToString::to_string),
            aliases: strings(aliases),
            source_url: source_url.as_ref().map(string),
        }
    }
}

impl TryFrom<disk::Model> for Model {
    type Error = EntryError;

    fn try_from(model: disk::Model) -> Result<Self, EntryError> {
        let disk::Model {
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
        } = model;
        Ok(Self {
            id: model_id("model.id", &id)?,
            title: title.map(Text::from),
            organization: organization.map(Text::from),
            release_date: release_date.map(Date::from_days),
            open_weights,
            license: license.map(Text::from),
            tags: texts(tags),
            preferred_provider: preferred_provider
                .map(|text| provider_id("model.preferred_provider", &text))
                .transpose()?,
            aliases: texts(aliases),
            source_url: source_url.map(Text::from),
        })
    }
}

impl From<&Price> for disk::Price {
    fn from(price: &Price) -> Self {
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
        } = price;
        Self {
            model: model.to_string(),
            provider: provider.to_string(),
            effective_date: effective.days(),
            input: *input,
            cache_read: *cache_read,
            cache_write: *cache_write,
            output: *output,
            source_url: string(source_url),
            withdrawn: *withdrawn,
        }
    }
}

impl TryFrom<disk::Price> for Price {
    type Error = EntryError;

    fn try_from(price: disk::Price) -> Result<Self, EntryError> {
        let disk::Price {
            model,
            provider,
            effective_date,
            input,
            cache_read,
            cache_write,
            output,
            source_url,
            withdrawn,
        } = price;
        Ok(Self {
            model: model_id("price.model", &model)?,
            provider: provider_id("price.provider", &provider)?,
            effective: Date::from_days(effective_date),
            input,
            cache_read,
            cache_write,
            output,
            source_url: source_url.into(),
            withdrawn,
        })
    }
}
