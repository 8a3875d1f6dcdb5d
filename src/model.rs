//! Validated value types: ids, dates, costs, results, drafts, entries. No protobuf, no IO, no async.

mod catalog;
mod cost;
mod date;
mod draft;
mod entry;
mod id;
mod refusal;
mod result;

pub use catalog::{
    Benchmark, Claim, CountingRule, Curve, FRACTION, Model, PERCENT, Price, Relationship,
    Statement, Status, TrainingCost, TrainingDate, TrainingScope, proportion_scale,
};
pub use cost::{Cost, CostBasis, CostKind, Tokens};
pub use date::{DAYS_PER_YEAR, Date, DateError, Timestamp};
pub use draft::{
    BenchmarkPatch, Change, ClaimDraft, CurvePatch, Draft, ModelPatch, Patch, PriceDraft,
    ResultDraft, StatementDraft,
};
pub use entry::{Body, Entry, RequestKey};
pub use id::{BenchmarkId, ModelId, ProviderId, Revision, Text};
pub use refusal::{Reason, Refusal};
pub use result::{GivenInterval, ResultFacts, Uncertainty};
