//! What is judged and not yet durable.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::board::Answered;
use crate::board::catalog::{PriceRecord, Prices};
use crate::model::{
    Benchmark, BenchmarkId, Body, Claim, Date, Entry, Model, ModelId, ProviderId, Revision, Status,
    Text,
};

use super::Known;

/// A claim not yet durable, or a durable one with a pending change.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ClaimState {
    pub(super) status: Option<Status>,
    pub(super) pinned: Option<bool>,
    pub(super) changed: Option<Revision>,
}

/// An overlay on the board, forgotten once its entries are durable and applied.
#[derive(Clone, Debug, Default)]
pub struct Pending {
    benchmarks: BTreeMap<BenchmarkId, (Arc<Benchmark>, Revision)>,
    models: BTreeMap<ModelId, (Model, Revision)>,
    /// None = taken away from its model.
    aliases: BTreeMap<Text, Option<ModelId>>,
    prices: BTreeMap<(ModelId, ProviderId, Date), PriceRecord>,
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
            let answered = Answered::new(revision, &request);
            self.requests.insert(request.scope, answered);
        }
        match &entry.body {
            Body::Benchmark(benchmark) => {
                let record = (Arc::new((**benchmark).clone()), revision);
                self.benchmarks.insert(benchmark.id.clone(), record);
            }
            Body::Model(model) => self.absorb_model(board, model, revision),
            Body::Price(price) => {
                let key = (price.model.clone(), price.provider.clone(), price.effective);
                let record = PriceRecord {
                    price: (**price).clone(),
                    revision,
                    pending: price.effective > entry.received.date(),
                };
                self.prices.insert(key, record);
            }
            Body::PriceInForce {
                model,
                provider,
                effective,
            } => self.absorb_due(board, model, provider, *effective),
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
                state.changed = Some(revision);
                if *pinned == Some(true) {
                    self.unpin_others(board, *claim);
                }
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

    fn absorb_due(
        &mut self,
        board: &super::Board,
        model: &ModelId,
        provider: &ProviderId,
        effective: Date,
    ) {
        let known = Known {
            board,
            pending: self,
        };
        if let Some(record) = known.price(model, provider, effective) {
            let record = PriceRecord {
                pending: false,
                ..record.clone()
            };
            let key = (model.clone(), provider.clone(), effective);
            self.prices.insert(key, record);
        }
    }

    /// At most one claim of a kind is pinned.
    fn unpin_others(&mut self, board: &super::Board, claim: Revision) {
        let known = Known {
            board,
            pending: self,
        };
        let Some(pinned) = known.claim(claim) else {
            return;
        };
        let rivals: Vec<Revision> = known
            .claims_of(&pinned.model)
            .iter()
            .filter(|(other, _)| other.statement.same_kind(&pinned.statement))
            .map(|(_, revision)| *revision)
            .filter(|revision| *revision != claim)
            .collect();
        for rival in rivals {
            self.claim_states.entry(rival).or_default().pinned = Some(false);
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
        let catalog = self.board.catalog();
        let pending = self.pending.benchmarks.keys();
        let new = pending.filter(|id| catalog.benchmark_key(id).is_none());
        catalog.benchmarks().len() + new.count()
    }

    pub(super) fn has_results(&self, id: &BenchmarkId) -> bool {
        let durable = self
            .board
            .catalog()
            .benchmark_key(id)
            .is_some_and(|key| self.board.view(key).board().result_count() > 0);
        durable || self.pending.results.values().any(|other| other == id)
    }

    pub(super) fn model(&self, id: &ModelId) -> Option<(Cow<'a, Model>, Revision)> {
        if let Some((model, revision)) = self.pending.models.get(id) {
            return Some((Cow::Borrowed(model), *revision));
        }
        let catalog = self.board.catalog();
        let record = catalog.model(catalog.model_key(id)?);
        Some((record.model(), record.revision()))
    }

    /// The id that a name stands for, where it stands for one.
    pub(super) fn resolve(&self, name: &str) -> Option<ModelId> {
        match self.pending.aliases.get(name) {
            Some(Some(id)) => return Some(id.clone()),
            Some(None) => {}
            None => {
                if let Some(key) = self.board.catalog().alias(name) {
                    return Some(self.board.catalog().id(key).clone());
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
    ) -> Option<&'a PriceRecord> {
        let key = (model.clone(), provider.clone(), effective);
        if let Some(record) = self.pending.prices.get(&key) {
            return Some(record);
        }
        let catalog = self.board.catalog();
        let record = catalog.model(catalog.model_key(model)?);
        record.prices().get(provider, effective)
    }

    /// Number of prices of a model, withdrawn ones included.
    pub(super) fn price_count(&self, model: &ModelId) -> usize {
        let catalog = self.board.catalog();
        let durable = catalog
            .model_key(model)
            .map(|key| catalog.model(key).prices());
        let pending = self.pending.prices.keys().filter(|(owner, provider, day)| {
            let known = durable.and_then(|prices| prices.get(provider, *day));
            owner == model && known.is_none()
        });
        durable.map_or(0, Prices::len) + pending.count()
    }

    fn claim(&self, claim: Revision) -> Option<&'a Claim> {
        match self.board.catalog().claim(claim) {
            Some((_, record)) => Some(&record.claim),
            None => self.pending.claims.get(&claim),
        }
    }

    pub(super) fn claims_of(&self, model: &ModelId) -> Vec<(&'a Claim, Revision)> {
        let catalog = self.board.catalog();
        let durable = catalog
            .model_key(model)
            .map_or(&[][..], |key| catalog.model(key).claims());
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
            change.and_then(|c| c.changed).unwrap_or(durable),
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
        let status = self.board.fact(result)?.status();
        let newest = self.board.history(result).last().copied();
        Some((status, newest.unwrap_or(result)))
    }
}
