//! What is known of one benchmark, model or claim.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::prices::{PriceRecord, Prices};
use super::{BenchmarkKey, ModelKey};
use crate::board::answer::ModelInfo;
use crate::model::{Benchmark, Claim, Model, ModelId, Revision, Status};

/// A benchmark with the revision of its newest change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BenchmarkRecord {
    /// The definition.
    pub benchmark: Arc<Benchmark>,
    /// Revision of the newest change.
    pub revision: Revision,
}

/// A claim with its state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClaimRecord {
    /// The claim.
    pub claim: Claim,
    /// Its id.
    pub revision: Revision,
    /// Its status now.
    pub status: Status,
    /// Counts before any other of its kind.
    pub pinned: bool,
}

/// A model with all that is known of it. A million of them are held in memory, of most of which a result is all that
/// was ever said: these take 40 bytes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ModelRecord {
    id: ModelId,
    revision: Revision,
    details: Option<Box<Details>>,
    /// Derived: the model without `@variant`.
    #[serde(skip)]
    pub(super) base: MaybeKey,
    /// Derived: the least of the benchmarks with results of it.
    #[serde(skip)]
    first_benchmark: MaybeKey,
}

/// What more is known of a model.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Details {
    /// Its facts, where they were ever put.
    pub(super) model: Option<Box<Model>>,
    pub(super) prices: Prices,
    /// Oldest first.
    pub(super) claims: Vec<ClaimRecord>,
    /// Derived: further benchmarks with results of it, in order.
    #[serde(skip)]
    benchmarks: Vec<BenchmarkKey>,
    /// Derived: its facts with inherited ones filled in; none where there are none.
    #[serde(skip)]
    pub(super) info: Option<Arc<ModelInfo>>,
}

/// A key or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MaybeKey(u32);

impl MaybeKey {
    pub(super) const NONE: Self = Self(u32::MAX);

    pub(super) fn get(self) -> Option<u32> {
        (self != Self::NONE).then_some(self.0)
    }
}

impl Default for MaybeKey {
    fn default() -> Self {
        Self::NONE
    }
}

impl From<Option<ModelKey>> for MaybeKey {
    fn from(key: Option<ModelKey>) -> Self {
        key.map_or(Self::NONE, Self)
    }
}

impl ModelRecord {
    pub(super) fn new(id: ModelId, revision: Revision) -> Self {
        Self {
            id,
            revision,
            details: None,
            base: MaybeKey::NONE,
            first_benchmark: MaybeKey::NONE,
        }
    }

    /// Its id.
    pub fn id(&self) -> &ModelId {
        &self.id
    }

    /// Revision of the newest change to its facts; of the entry that created the model where they were never put.
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// The model's own facts.
    pub fn model(&self) -> Cow<'_, Model> {
        match self.put_model() {
            Some(model) => Cow::Borrowed(model),
            None => Cow::Owned(Model::new(self.id.clone())),
        }
    }

    /// The model's own facts where they were ever put.
    pub(super) fn put_model(&self) -> Option<&Model> {
        self.details.as_deref()?.model.as_deref()
    }

    /// Its own prices.
    pub fn prices(&self) -> &Prices {
        self.details()
            .map_or(Prices::NONE, |details| &details.prices)
    }

    /// Claims, oldest first.
    pub fn claims(&self) -> &[ClaimRecord] {
        self.details().map_or(&[], |details| &details.claims)
    }

    /// Benchmarks with results of it, in order.
    pub fn benchmarks(&self) -> impl Iterator<Item = BenchmarkKey> {
        let further = self.details().map_or(&[][..], |d| &d.benchmarks);
        let first = self.first_benchmark.get().into_iter();
        first.chain(further.iter().copied())
    }

    /// Whether it has results on a benchmark.
    pub(super) fn has_results_on(&self, benchmark: BenchmarkKey) -> bool {
        let further = self.details().map_or(&[][..], |d| &d.benchmarks);
        self.first_benchmark.get() == Some(benchmark) || further.binary_search(&benchmark).is_ok()
    }

    /// Whether no facts, prices or claims of its own are known.
    pub(super) fn is_bare(&self) -> bool {
        self.details().is_none_or(|details| {
            let Details {
                model,
                prices,
                claims,
                benchmarks: _,
                // Its own facts and those of its base.
                info: _,
            } = details;
            model.is_none() && prices.is_empty() && claims.is_empty()
        })
    }

    pub(super) fn details(&self) -> Option<&Details> {
        self.details.as_deref()
    }

    /// To be changed; made where there are none.
    pub(super) fn details_mut(&mut self) -> &mut Details {
        self.details.get_or_insert_default()
    }

    pub(super) fn set_model(&mut self, mut model: Model, revision: Revision) {
        // One text for all who name the model.
        model.id = self.id.clone();
        self.details_mut().model = Some(Box::new(model));
        self.revision = revision;
    }

    pub(super) fn set_price(&mut self, mut record: PriceRecord) {
        record.price.model = self.id.clone();
        self.details_mut().prices.insert(record);
    }

    pub(super) fn push_claim(&mut self, mut record: ClaimRecord) {
        record.claim.model = self.id.clone();
        self.details_mut().claims.push(record);
    }

    pub(super) fn set_info(&mut self, info: Option<Arc<ModelInfo>>) {
        if info.is_some() || self.details.is_some() {
            self.details_mut().info = info;
        }
    }

    pub(super) fn note_results(&mut self, benchmark: BenchmarkKey) {
        let Some(first) = self.first_benchmark.get() else {
            self.first_benchmark = MaybeKey(benchmark);
            return;
        };
        if first == benchmark {
            return;
        }
        self.first_benchmark = MaybeKey(first.min(benchmark));
        let further = first.max(benchmark);
        let benchmarks = &mut self.details_mut().benchmarks;
        if let Err(at) = benchmarks.binary_search(&further) {
            benchmarks.insert(at, further);
        }
    }

    /// After loading: one text for all who name the model, and for each provider.
    pub(super) fn share_texts(&mut self) {
        let Some(details) = self.details.as_deref_mut() else {
            return;
        };
        if let Some(model) = &mut details.model {
            model.id = self.id.clone();
        }
        details.prices.share_texts(&self.id);
        for record in &mut details.claims {
            record.claim.model = self.id.clone();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_model_is_small() {
        assert_eq!(size_of::<ModelRecord>(), 40);
    }

    #[test]
    fn benchmarks_are_noted_once_in_order() {
        let id = ModelId::parse("maker/model", "id").expect("an id");
        let mut record = ModelRecord::new(id, 1);
        assert_eq!(record.benchmarks().count(), 0);
        for benchmark in [5, 5, 9, 2, 9, 7, 2, 5] {
            record.note_results(benchmark);
            assert!(record.has_results_on(benchmark));
        }
        assert!(!record.has_results_on(3));
        assert_eq!(record.benchmarks().collect::<Vec<_>>(), [2, 5, 7, 9]);
    }
}
