//! Entries of the log: what happened, in order.

use serde::{Deserialize, Serialize};

use super::catalog::{Benchmark, Claim, Model, Price, Status};
use super::date::{Date, Timestamp};
use super::id::{ModelId, ProviderId, Revision, Text};
use super::result::ResultFacts;

/// A request id, hashed: the scope is the submitter and the id, the content is what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RequestKey {
    /// BLAKE3 of submitter and request id, first 16 bytes.
    pub scope: [u8; 16],
    /// BLAKE3 of the request's content, first 16 bytes.
    pub content: [u8; 16],
}

impl RequestKey {
    /// Hashes a submitter's request id and the content it stands for.
    pub fn new(submitter: &str, request_id: &str, content: &[u8]) -> Self {
        let mut scope = blake3::Hasher::new();
        scope.update(&(submitter.len() as u64).to_le_bytes());
        scope.update(submitter.as_bytes());
        scope.update(request_id.as_bytes());
        Self {
            scope: first_16(&scope.finalize()),
            content: first_16(&blake3::hash(content)),
        }
    }
}

fn first_16(hash: &blake3::Hash) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.as_bytes()[..16]);
    bytes
}

/// One entry of the log. Time and revision are assigned once, before it is written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Its position.
    pub revision: Revision,
    /// When the daemon received it.
    pub received: Timestamp,
    /// Authenticated submitter, else `unknown`.
    pub author: Text,
    /// The request id, where one was given.
    pub request: Option<RequestKey>,
    /// What happened.
    pub body: Body,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Body {
    /// A benchmark as it is from here on.
    Benchmark(Box<Benchmark>),
    /// A model as it is from here on.
    Model(Box<Model>),
    /// A dated price.
    Price(Box<Price>),
    /// A future price fell due.
    PriceInForce {
        /// Whose price.
        model: ModelId,
        /// At which provider.
        provider: ProviderId,
        /// The price's effective date.
        effective: Date,
    },
    /// A statement about a model.
    Claim(Box<Claim>),
    /// A claim's status or pin changed.
    ClaimStatus {
        /// The claim.
        claim: Revision,
        /// Its new status; none = unchanged.
        status: Option<Status>,
        /// Its new pin; none = unchanged.
        pinned: Option<bool>,
        /// Why.
        reason: Text,
    },
    /// A result.
    Result(Box<ResultFacts>),
    /// A result's status changed.
    ResultStatus {
        /// The result.
        result: Revision,
        /// Its new status.
        status: Status,
        /// Why.
        reason: Text,
    },
}
