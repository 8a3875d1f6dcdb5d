//! The codec of one entry: `model::Entry` <-> the private disk record `store.v1.Entry`.
//!
//! Every message is taken apart field by field, so that a field added to the schema or to the model does not compile
//! until it is handled here. Decoding never panics and never accepts a number that this format does not know.

mod catalog;
mod claim;
mod result;

use std::fmt;

use prost::Message;

use crate::model::{
    Body, Date, Entry, ModelId, ProviderId, Refusal, RequestKey, Status, Text, Timestamp,
};
use crate::proto::store as disk;

/// Why bytes are not an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryError {
    /// Not a protobuf message of the schema.
    Protobuf(String),
    /// A field that is always written is absent.
    Missing(&'static str),
    /// A number that this format does not define.
    Unknown {
        /// The field.
        field: &'static str,
        /// Its value.
        value: u32,
    },
    /// A value that the model refuses.
    Malformed {
        /// The field.
        field: &'static str,
        /// What is wrong with it.
        problem: String,
    },
}

impl fmt::Display for EntryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Protobuf(problem) => write!(f, "not a protobuf entry: {problem}"),
            Self::Missing(field) => write!(f, "field `{field}` is missing"),
            Self::Unknown { field, value } => {
                write!(f, "field `{field}` has the undefined value `{value}`")
            }
            Self::Malformed { field, problem } => write!(f, "field `{field}`: {problem}"),
        }
    }
}

impl std::error::Error for EntryError {}

/// Appends the bytes of an entry, without framing.
pub(super) fn encode(entry: &Entry, bytes: &mut Vec<u8>) {
    // A vector has room for everything.
    let _ = disk::Entry::from(entry).encode(bytes);
}

/// The entry in `bytes`.
///
/// # Errors
/// [`EntryError`] when the bytes are not an entry of this format.
pub(super) fn decode(bytes: &[u8]) -> Result<Entry, EntryError> {
    disk::Entry::decode(bytes)
        .map_err(|error| EntryError::Protobuf(error.to_string()))?
        .try_into()
}

impl From<&Entry> for disk::Entry {
    fn from(entry: &Entry) -> Self {
        let Entry {
            revision,
            received,
            author,
            request,
            body,
        } = entry;
        Self {
            revision: *revision,
            received_micros: received.micros(),
            author: string(author),
            request_scope: request.map_or_else(Vec::new, |key| key.scope.to_vec()),
            request_content: request.map_or_else(Vec::new, |key| key.content.to_vec()),
            body: Some(body.into()),
        }
    }
}

impl TryFrom<disk::Entry> for Entry {
    type Error = EntryError;

    fn try_from(entry: disk::Entry) -> Result<Self, EntryError> {
        let disk::Entry {
            revision,
            received_micros,
            author,
            request_scope,
            request_content,
            body,
        } = entry;
        Ok(Self {
            revision,
            received: Timestamp::from_micros(received_micros),
            author: author.into(),
            request: request_key(&request_scope, &request_content)?,
            body: always("body", body)?.try_into()?,
        })
    }
}

fn request_key(scope: &[u8], content: &[u8]) -> Result<Option<RequestKey>, EntryError> {
    if scope.is_empty() && content.is_empty() {
        return Ok(None);
    }
    let sixteen = |field, bytes: &[u8]| {
        <[u8; 16]>::try_from(bytes).map_err(|_| EntryError::Malformed {
            field,
            problem: format!("`{}` bytes where 16 are written", bytes.len()),
        })
    };
    Ok(Some(RequestKey {
        scope: sixteen("request_scope", scope)?,
        content: sixteen("request_content", content)?,
    }))
}

impl From<&Body> for disk::entry::Body {
    fn from(body: &Body) -> Self {
        match body {
            Body::Benchmark(benchmark) => Self::Benchmark((&**benchmark).into()),
            Body::Model(model) => Self::Model((&**model).into()),
            Body::Price(price) => Self::Price((&**price).into()),
            Body::PriceInForce {
                model,
                provider,
                effective,
            } => Self::PriceInForce(disk::PriceInForce {
                model: model.to_string(),
                provider: provider.to_string(),
                effective_date: effective.days(),
            }),
            Body::Claim(claim) => Self::Claim((&**claim).into()),
            Body::ClaimStatus {
                claim,
                status,
                pinned,
                reason,
            } => Self::ClaimStatus(disk::ClaimStatus {
                claim: *claim,
                status: status.map_or(0, status_number),
                pinned: *pinned,
                reason: string(reason),
            }),
            Body::Result(result) => Self::Result((&**result).into()),
            Body::ResultStatus {
                result,
                status,
                reason,
            } => Self::ResultStatus(disk::ResultStatus {
                result: *result,
                status: status_number(*status),
                reason: string(reason),
            }),
        }
    }
}

impl TryFrom<disk::entry::Body> for Body {
    type Error = EntryError;

    fn try_from(body: disk::entry::Body) -> Result<Self, EntryError> {
        use disk::entry::Body as Disk;
        Ok(match body {
            Disk::Benchmark(benchmark) => Self::Benchmark(Box::new(benchmark.try_into()?)),
            Disk::Model(model) => Self::Model(Box::new(model.try_into()?)),
            Disk::Price(price) => Self::Price(Box::new(price.try_into()?)),
            Disk::PriceInForce(disk::PriceInForce {
                model,
                provider,
                effective_date,
            }) => Self::PriceInForce {
                model: model_id("price_in_force.model", &model)?,
                provider: provider_id("price_in_force.provider", &provider)?,
                effective: Date::from_days(effective_date),
            },
            Disk::Claim(claim) => Self::Claim(Box::new(claim.try_into()?)),
            Disk::ClaimStatus(disk::ClaimStatus {
                claim,
                status,
                pinned,
                reason,
            }) => Self::ClaimStatus {
                claim,
                status: match status {
                    0 => None,
                    given => Some(status_of("claim_status.status", given)?),
                },
                pinned,
                reason: reason.into(),
            },
            Disk::Result(result) => Self::Result(Box::new(result.try_into()?)),
            Disk::ResultStatus(disk::ResultStatus {
                result,
                status,
                reason,
            }) => Self::ResultStatus {
                result,
                status: status_of("result_status.status", status)?,
                reason: reason.into(),
            },
        })
    }
}

/// A field that is always written, whatever its value.
fn always<T>(field: &'static str, value: Option<T>) -> Result<T, EntryError> {
    value.ok_or(EntryError::Missing(field))
}

fn status_number(status: Status) -> u32 {
    match status {
        Status::Active => 1,
        Status::Disputed => 2,
        Status::Retracted => 3,
    }
}

fn status_of(field: &'static str, value: u32) -> Result<Status, EntryError> {
    match value {
        1 => Ok(Status::Active),
        2 => Ok(Status::Disputed),
        3 => Ok(Status::Retracted),
        _ => Err(EntryError::Unknown { field, value }),
    }
}

fn string(text: &Text) -> String {
    text.as_ref().to_owned()
}

fn strings(texts: &[Text]) -> Vec<String> {
    texts.iter().map(string).collect()
}

fn texts(strings: Vec<String>) -> Vec<Text> {
    strings.into_iter().map(Text::from).collect()
}

fn model_id(field: &'static str, text: &str) -> Result<ModelId, EntryError> {
    ModelId::parse(text, field).map_err(|refusal| malformed(field, &refusal))
}

fn provider_id(field: &'static str, text: &str) -> Result<ProviderId, EntryError> {
    ProviderId::parse(text, field).map_err(|refusal| malformed(field, &refusal))
}

fn malformed(field: &'static str, refusal: &Refusal) -> EntryError {
    EntryError::Malformed {
        field,
        problem: refusal.to_string(),
    }
}
