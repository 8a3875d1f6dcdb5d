//! What is judged and not yet durable.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::board::Answered;
use crate::model::{
    Benchmark, BenchmarkId, Body, Claim, Date, Entry, Model, ModelId, Price, ProviderId, Revision,
    Status, Text,
};

use super::Known;

/// A claim not yet durable, or a durable one with a pending change.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ClaimState {
    pub(super) status: Option<Status>,
    pub(super) pinned: Option<bool>,
    pub(super) changed: Revision,
}

/// An overlay on the board, forgotten once its entries are durable and applied.
#[derive(Clone, Debug, Default)]
pub struct Pending {
    benchmarks: BTreeMap<BenchmarkId, (Arc<Benchmark>, Revision)>,
    models: BTreeMap<ModelId, (Model, Revision)>,
    /// None = taken away from its model.
    aliases: BTreeMap<Text, Option<ModelId>>,
    prices: BTreeMap<(ModelId, ProviderId, Date), (Price, Revision)>,
    claims: BTreeMap<Revision, Claim>,
    claim_states: BTreeMap<Revision, ClaimState>,
    /// Results not yet durable.
    results: BTreeMap<Revision, BenchmarkId>,
    statuses: BTreeMap<Revision, (Status, Revision)>,
    requests: BTreeMap<[u8; 16], Answered>,
}

impl Pending {
    /// Notes an entry that is on its way into the log.
    pub fn absorb(&mut self, board: &super::Board, entry: &Entry) {
        let revision = entry.revision;
        if let Some(request) = entry.request {
            let content = request.content;
            self.requests
                .insert(request.scope, Answered { revision, content });
        }
        match &entry.body {
            Body::Benchmark(benchmark) => {
                let record = (Arc::new((**benchmark).clone()), revision);
                self.benchmarks.insert(benchmark.id.clone(), record);
            }
            Body::Model(model) => self.absorb_model(board, model, revision),
            Body::Price(price) => {
                let key = (price.model.clone(), price.provider.clone(), price.effective);
                self.prices.insert(key, ((**price).clone(), revision));
            }
            Body::PriceInForce { .. } => {}
            Body::Claim(claim) => {
                self.claims.insert(revision, (**claim).clone());
            }
            Body::ClaimStatus {
                claim,
                status,
                pinned,
                reason: _,
            } => {
                let state = self.claim_states.entry(*claim).or_default();
                state.status = status.or(state.status);
                state.pinned = pinned.or(state.pinned);
                state.changed = revision;
            }
            Body::Result(result) => {
                self.results.insert(revision, result.benchmark.clone());
                let known = Known {
                    board,
                    pending: self,
                };
                if known.model(&result.model).is_none() {
                    let model = Model::new(result.model.clone());
                    self.models.insert(result.model.clone(), (model, revision));
                }
            }
            Body::ResultStatus { result, status, .. } => {
                self.statuses.insert(*result, (*status, revision));
            }
        }
    }

    fn absorb_model(&mut self, board: &super::Board, model: &Model, revision: Revision) {
        let known = Known {
            board,
            pending: self,
        };
        let before = known
            .model(&model.id)
            .map(|(before, _)| before.aliases.clone());
        for alias in before.into_iter().flatten() {
            self.aliases.insert(alias, None);
        }
        for alias in &model.aliases {
            self.aliases.insert(alias.clone(), Some(model.id.clone()));
        }
        self.models
            .insert(model.id.clone(), (model.clone(), revision));
    }

    /// What a request id is about to be answered with.
    pub(super) fn answered(&self, scope: &[u8; 16]) -> Option<Answered> {
        self.requests.get(scope).copied()
    }
}

impl<'a> Known<'a> {
    pub(super) fn benchmark(&self, id: &BenchmarkId) -> Option<(&'a Benchmark, Revision)> {
        if let Some((benchmark, revision)) = self.pending.benchmarks.get(id) {
            return Some((benchmark, *revision));
        }
        let key = self.board.catalog().benchmark_key(id)?;
        let record = self.board.catalog().benchmark(key);
        Some((&record.benchmark, record.revision))
    }

    pub(super) fn benchmark_count(&self) -> usize {
        self.board.catalog().benchmarks().len() + self.pending.benchmarks.len()
    }

    pub(super) fn has_results(&self, id: &BenchmarkId) -> bool {
        let durable = self
            .board
            .catalog()
            .benchmark_key(id)
            .is_some_and(|key| self.board.view(key).board().result_count() > 0);
        durable || self.pending.results.values().any(|other| other == id)
    }

    pub(super) fn model(&self, id: &ModelId) -> Option<(&'a Model, Revision)> {
        if let Some((model, revision)) = self.pending.models.get(id) {
            return Some((model, *revision));
        }
        let catalog = self.board.catalog();
        let record = catalog.model(catalog.model_key(id)?);
        Some((&record.model, record.revision))
    }

    /// The id that a name stands for, where it stands for one.
    pub(super) fn resolve(&self, name: &str) -> Option<ModelId> {
        match self.pending.aliases.get(name) {
            Some(Some(id)) => return Some(id.clone()),
            Some(None) => {}
            None => {
                if let Some(key) = self.board.catalog().alias(name) {
                    return Some(self.board.catalog().model(key).model.id.clone());
                }
            }
        }
        let id = ModelId::parse(name, "model").ok()?;
        self.model(&id).map(|_| id)
    }

    pub(super) fn price(
        &self,
        model: &ModelId,
        provider: &ProviderId,
        effective: Date,
    ) -> Option<(&'a Price, Revision)> {
        let key = (model.clone(), provider.clone(), effective);
        if let Some((price, revision)) = self.pending.prices.get(&key) {
            return Some((price, *revision));
        }
        let catalog = self.board.catalog();
        let record = catalog.model(catalog.model_key(model)?);
        let record = record.prices.get(&(provider.clone(), effective))?;
        Some((&record.price, record.revision))
    }

    pub(super) fn is_pending_price(
        &self,
        model: &ModelId,
        provider: &ProviderId,
        effective: Date,
    ) -> bool {
        let catalog = self.board.catalog();
        catalog
            .model_key(model)
            .map(|key| catalog.model(key))
            .and_then(|record| record.prices.get(&(provider.clone(), effective)))
            .is_some_and(|record| record.pending && !record.price.withdrawn)
    }

    pub(super) fn claims_of(&self, model: &ModelId) -> Vec<(&'a Claim, Revision)> {
        let catalog = self.board.catalog();
        let durable = catalog
            .model_key(model)
            .map_or(&[][..], |key| &catalog.model(key).claims);
        let pending = self.pending.claims.iter();
        durable
            .iter()
            .map(|record| (&record.claim, record.revision))
            .chain(
                pending
                    .filter(|(_, claim)| claim.model == *model)
                    .map(|(revision, claim)| (claim, *revision)),
            )
            .collect()
    }

    /// Status, pin and newest change of a claim.
    pub(super) fn claim_state(&self, claim: Revision) -> Option<(Status, bool, Revision)> {
        let (status, pinned) = match self.board.catalog().claim(claim) {
            Some((_, record)) => (record.status, record.pinned),
            None => (self.pending.claims.get(&claim)?.status, false),
        };
        let durable = self.board.history(claim).last().copied().unwrap_or(claim);
        let change = self.pending.claim_states.get(&claim);
        Some((
            change.and_then(|c| c.status).unwrap_or(status),
            change.and_then(|c| c.pinned).unwrap_or(pinned),
            change.map_or(durable, |c| c.changed),
        ))
    }

    /// Status and newest change of a result.
    pub(super) fn result_state(&self, result: Revision) -> Option<(Status, Revision)> {
        if let Some(state) = self.pending.statuses.get(&result) {
            return Some(*state);
        }
        if self.pending.results.contains_key(&result) {
            return Some((Status::Active, result));
        }
        let status = self.board.fact(result)?.status;
        let newest = self.board.history(result).last().copied();
        Some((status, newest.unwrap_or(result)))
    }
}
