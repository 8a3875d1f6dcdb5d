//! Messages of `frontier.v1` as canonical proto3 JSON, and from any format with tables.

use std::fmt;
use std::sync::LazyLock;

use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor};
use serde::Deserializer;

/// A message that does not convert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonError(String);

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for JsonError {}

static POOL: LazyLock<Result<DescriptorPool, String>> =
    LazyLock::new(|| DescriptorPool::decode(super::DESCRIPTORS).map_err(|error| error.to_string()));

fn descriptor(name: &str) -> Result<MessageDescriptor, JsonError> {
    let pool = POOL.as_ref().map_err(|error| JsonError(error.clone()))?;
    pool.get_message_by_name(&format!("frontier.v1.{name}"))
        .ok_or_else(|| JsonError(format!("there is no message `frontier.v1.{name}`")))
}

/// Canonical JSON of the message `frontier.v1.NAME`: lowerCamelCase names, 64-bit integers as strings, absent fields
/// left out, as grpcurl prints it.
///
/// # Errors
/// [`JsonError`] when `name` is not the message's.
pub fn to_value<M: Message>(name: &str, message: &M) -> Result<serde_json::Value, JsonError> {
    let mut dynamic = DynamicMessage::new(descriptor(name)?);
    dynamic
        .transcode_from(message)
        .map_err(|error| JsonError(error.to_string()))?;
    serde_json::to_value(&dynamic).map_err(|error| JsonError(error.to_string()))
}

/// The message `frontier.v1.NAME` from tables with its fields, in `snake_case` or lowerCamelCase, enums by name.
///
/// # Errors
/// [`JsonError`] naming the unknown field or the value of another type.
pub fn from_tables<'de, M, D>(name: &str, tables: D) -> Result<M, JsonError>
where
    M: Message + Default,
    D: Deserializer<'de>,
{
    let dynamic = DynamicMessage::deserialize(descriptor(name)?, tables)
        .map_err(|error| JsonError(error.to_string()))?;
    dynamic
        .transcode_to()
        .map_err(|error| JsonError(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::v1::{CostKind, CostRange, Result};

    #[test]
    fn json_is_canonical() {
        let result = Result {
            benchmark: "mmlu".into(),
            score: Some(88.5),
            sample_count: Some(14_042),
            run_cost: Some(CostRange {
                central_usd: Some(0.5),
                kind: CostKind::Measured.into(),
                ..CostRange::default()
            }),
            ..Result::default()
        };
        let json = to_value("Result", &result).expect("a message").to_string();
        assert_eq!(
            json,
            r#"{"benchmark":"mmlu","score":88.5,"sampleCount":"14042","runCost":{"centralUsd":0.5,"kind":"COST_KIND_MEASURED"}}"#
        );
    }

    #[test]
    fn tables_become_messages_and_unknown_fields_are_refused() {
        let table: toml::Table = "benchmark = \"mmlu\"\nscore = 88\n".parse().expect("TOML");
        let result: Result = from_tables("Result", table).expect("a result");
        assert_eq!(
            (result.score, result.benchmark.as_str()),
            (Some(88.0), "mmlu")
        );
        let table: toml::Table = "scores = 1".parse().expect("TOML");
        let error = from_tables::<Result, _>("Result", table).expect_err("unknown");
        assert!(error.to_string().contains("scores"), "{error}");
    }
}
