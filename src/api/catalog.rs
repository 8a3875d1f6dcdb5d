//! CatalogService.

use tonic::{Request, Response, Status};

use super::page::Page;
use super::permit::permit_pin;
use super::{Api, UPSERT, convert, query_bytes};
use crate::board::Board;
use crate::board::catalog::{BenchmarkKey, ClaimRecord, ModelKey, PriceRecord};
use crate::board::query::{AsOf, Selection};
use crate::model::{Body, Change, Reason, Refusal, Revision, Text};
use crate::proto::server::catalog_service_server::CatalogService;
use crate::proto::v1;

#[tonic::async_trait]
impl CatalogService for Api {
    async fn put_benchmark(
        &self,
        request: Request<v1::PutBenchmarkRequest>,
    ) -> Result<Response<v1::PutBenchmarkResponse>, Status> {
        let caller = self.caller(&request)?;
        let draft = convert::put_benchmark(request.into_inner(), &self.context(&caller))?;
        let id = match &draft.change {
            Change::PutBenchmark(patch) => Some(patch.id.clone()),
            _ => None,
        };
        let accepted = self.commit().submit(draft, UPSERT).await?;
        let board = self.commit().board();
        let key = id.and_then(|id| board.catalog().benchmark_key(&id));
        Ok(Response::new(v1::PutBenchmarkResponse {
            revision: accepted.revision as i64,
            benchmark: key.map(|key| benchmark(&board, key)),
            replayed: accepted.replayed,
            unchanged: accepted.unchanged,
        }))
    }

    async fn get_benchmark(
        &self,
        request: Request<v1::GetBenchmarkRequest>,
    ) -> Result<Response<v1::GetBenchmarkResponse>, Status> {
        let id = convert::get_benchmark(request.get_ref())?;
        let board = self.commit().board();
        board.view_by_id(&id, "id")?;
        let key = board.catalog().benchmark_key(&id);
        Ok(Response::new(v1::GetBenchmarkResponse {
            benchmark: key.map(|key| benchmark(&board, key)),
            revision: board.revision() as i64,
        }))
    }

    async fn list_benchmarks(
        &self,
        request: Request<v1::ListBenchmarksRequest>,
    ) -> Result<Response<v1::ListBenchmarksResponse>, Status> {
        Ok(Response::new(self.benchmarks(request.into_inner()).await?))
    }

    async fn put_model(
        &self,
        request: Request<v1::PutModelRequest>,
    ) -> Result<Response<v1::PutModelResponse>, Status> {
        let caller = self.caller(&request)?;
        let draft = convert::put_model(request.into_inner(), &self.context(&caller))?;
        let name = match &draft.change {
            Change::PutModel(patch) => patch.name.clone(),
            _ => "".into(),
        };
        let accepted = self.commit().submit(draft, UPSERT).await?;
        let put = self.model_put(&name, accepted.revision).await?;
        let board = self.commit().board();
        let key = board.catalog().resolve(&put);
        Ok(Response::new(v1::PutModelResponse {
            revision: accepted.revision as i64,
            model: key.map(|key| model(&board, key)),
            replayed: accepted.replayed,
            unchanged: accepted.unchanged,
        }))
    }

    async fn get_model(
        &self,
        request: Request<v1::GetModelRequest>,
    ) -> Result<Response<v1::GetModelResponse>, Status> {
        let name = convert::get_model(request.get_ref())?;
        let (mut answer, claims) = {
            let board = self.commit().board();
            let key = board.resolve(&name, "id")?;
            let catalog = board.catalog();
            let boards = catalog.model(key).benchmarks();
            let answer = v1::GetModelResponse {
                model: Some(model(&board, key)),
                prices: catalog
                    .all_prices(key)
                    .into_iter()
                    .map(|(record, inherited)| price(&board, key, record, inherited))
                    .collect(),
                claims: Vec::new(),
                boards: boards
                    .filter(|b| board.view(*b).has(key))
                    .map(|b| catalog.benchmark(b).benchmark.id.to_string())
                    .collect(),
                revision: board.revision() as i64,
            };
            (answer, claims(&board, key))
        };
        answer.claims = self.claims(claims).await?;
        Ok(Response::new(answer))
    }

    async fn list_models(
        &self,
        request: Request<v1::ListModelsRequest>,
    ) -> Result<Response<v1::ListModelsResponse>, Status> {
        Ok(Response::new(self.models(request.into_inner()).await?))
    }

    async fn put_price(
        &self,
        request: Request<v1::PutPriceRequest>,
    ) -> Result<Response<v1::PutPriceResponse>, Status> {
        let caller = self.caller(&request)?;
        let draft = convert::put_price(request.into_inner(), &self.context(&caller))?;
        let Change::PutPrice(asked) = &draft.change else {
            return Err(Status::internal("a price was expected"));
        };
        let asked = asked.clone();
        let accepted = self.commit().submit(draft, UPSERT).await?;
        let board = self.commit().board();
        let catalog = board.catalog();
        let found = catalog.resolve(&asked.model).and_then(|key| {
            let record = catalog.model(key);
            let vendor = record.id().vendor();
            let provider = asked.provider.as_ref().map_or(vendor, |p| p.as_str());
            let mut prices = record.prices().iter();
            prices
                .find(|record| {
                    record.price.provider.as_str() == provider
                        && record.price.effective == asked.effective
                })
                .map(|record| price(&board, key, record, false))
        });
        Ok(Response::new(v1::PutPriceResponse {
            revision: accepted.revision as i64,
            price: found,
            replayed: accepted.replayed,
            unchanged: accepted.unchanged,
            warnings: accepted
                .warnings
                .into_iter()
                .map(convert::warning)
                .collect(),
        }))
    }

    async fn put_claim(
        &self,
        request: Request<v1::PutClaimRequest>,
    ) -> Result<Response<v1::PutClaimResponse>, Status> {
        let caller = self.caller(&request)?;
        let mut draft = convert::put_claim(request.into_inner(), &self.context(&caller))?;
        self.permit(&caller, &mut draft)?;
        let accepted = self.commit().submit(draft, UPSERT).await?;
        let claim = self.claim(accepted.revision).await?;
        Ok(Response::new(v1::PutClaimResponse {
            revision: accepted.revision as i64,
            claim,
            replayed: accepted.replayed,
            unchanged: accepted.unchanged,
            warnings: accepted
                .warnings
                .into_iter()
                .map(convert::warning)
                .collect(),
        }))
    }

    async fn list_claims(
        &self,
        request: Request<v1::ListClaimsRequest>,
    ) -> Result<Response<v1::ListClaimsResponse>, Status> {
        let name = convert::list_claims(request.get_ref())?;
        let (revision, claims) = {
            let board = self.commit().board();
            let key = board.resolve(&name, "model")?;
            (board.revision(), claims(&board, key))
        };
        Ok(Response::new(v1::ListClaimsResponse {
            claims: self.claims(claims).await?,
            revision: revision as i64,
        }))
    }

    async fn set_claim_status(
        &self,
        request: Request<v1::SetClaimStatusRequest>,
    ) -> Result<Response<v1::SetClaimStatusResponse>, Status> {
        let caller = self.caller(&request)?;
        let draft = convert::set_claim_status(request.into_inner(), &self.context(&caller))?;
        let id = match draft.change {
            Change::SetClaimStatus { claim, .. } => claim,
            _ => 0,
        };
        permit_pin(&caller, &draft)?;
        self.permit_status(&caller, id, "revision").await?;
        let accepted = self.commit().submit(draft, UPSERT).await?;
        let entries = self.commit().entries(vec![accepted.revision]).await?;
        let received = entries
            .first()
            .map(|entry| convert::timestamp(entry.received));
        Ok(Response::new(v1::SetClaimStatusResponse {
            revision: accepted.revision as i64,
            claim: self.claim(id).await?,
            replayed: accepted.replayed,
            unchanged: accepted.unchanged,
            received_time: received,
        }))
    }
}

fn benchmark(board: &Board, key: BenchmarkKey) -> v1::Benchmark {
    let record = board.catalog().benchmark(key);
    let bench = board.view(key).board();
    convert::benchmark(
        &record.benchmark,
        convert::BenchmarkState {
            revision: record.revision,
            result_count: bench.result_count(),
            standing_count: bench.len() as u32,
        },
    )
}

fn model(board: &Board, key: ModelKey) -> v1::Model {
    let record = board.catalog().model(key);
    let info = board.catalog().info(key);
    convert::model(&info, &record.model(), record.revision())
}

fn price(board: &Board, key: ModelKey, record: &PriceRecord, inherited: bool) -> v1::Price {
    convert::price(
        &record.price,
        convert::PriceState {
            revision: record.revision,
            in_force: board.catalog().is_in_force(key, record),
            inherited,
        },
    )
}

/// A claim with its state; the texts of its history are still in the log.
struct Stated {
    record: ClaimRecord,
    counting: bool,
    history: Vec<Revision>,
}

/// Claims about a model, newest first.
fn claims(board: &Board, key: ModelKey) -> Vec<Stated> {
    let records = board.catalog().model(key).claims().iter().rev();
    records.map(|record| stated(board, key, record)).collect()
}

fn stated(board: &Board, key: ModelKey, record: &ClaimRecord) -> Stated {
    let same_kind =
        |statement: &crate::model::Statement| statement.same_kind(&record.claim.statement);
    let counting = board.catalog().counting_claim(key, same_kind, None);
    Stated {
        record: record.clone(),
        counting: counting.is_some_and(|counting| counting.revision == record.revision),
        history: board.history(record.revision).to_vec(),
    }
}

impl Api {
    /// A name that the model put at a revision has now: the upsert may have taken away the alias it was named by.
    async fn model_put(&self, name: &Text, revision: Revision) -> Result<Text, Refusal> {
        if self.commit().board().catalog().resolve(name).is_some() {
            return Ok(name.clone());
        }
        let entries = self.commit().entries(vec![revision]).await?;
        Ok(match entries.first().map(|entry| &entry.body) {
            Some(Body::Model(model)) => model.id.as_str().into(),
            _ => name.clone(),
        })
    }

    async fn claims(&self, stated: Vec<Stated>) -> Result<Vec<v1::Claim>, Refusal> {
        let mut claims = Vec::with_capacity(stated.len());
        for claim in stated {
            let state = convert::ClaimState {
                revision: claim.record.revision,
                status: claim.record.status,
                pinned: claim.record.pinned,
                counting: claim.counting,
                history: self.history(claim.history).await?,
            };
            claims.push(convert::claim(&claim.record.claim, &state));
        }
        Ok(claims)
    }

    async fn claim(&self, revision: Revision) -> Result<Option<v1::Claim>, Refusal> {
        let stated: Vec<Stated> = {
            let board = self.commit().board();
            let found = board.catalog().claim(revision);
            found
                .map(|(key, record)| stated(&board, key, record))
                .into_iter()
                .collect()
        };
        Ok(self.claims(stated).await?.pop())
    }

    async fn benchmarks(
        &self,
        message: v1::ListBenchmarksRequest,
    ) -> Result<v1::ListBenchmarksResponse, Refusal> {
        let query = query_bytes(
            "ListBenchmarks",
            &v1::ListBenchmarksRequest {
                page_size: 0,
                page_token: String::new(),
                ..message.clone()
            },
        );
        let (tag, page) = convert::list_benchmarks(message)?;
        let (as_of, skip) = self.pinned(&page.token, &query)?;
        self.commit()
            .read(&as_of, None, |board| {
                let catalog = board.catalog();
                let tagged = |key: &BenchmarkKey| {
                    let tags = &catalog.benchmark(*key).benchmark.tags;
                    tag.as_ref().is_none_or(|tag| tags.contains(tag))
                };
                let all = catalog
                    .benchmarks_by_id()
                    .map(|(_, key)| key)
                    .filter(tagged);
                let mut keys: Vec<BenchmarkKey> = all.skip(skip).take(page.limit + 1).collect();
                let more = keys.len() > page.limit;
                keys.truncate(page.limit);
                Ok(v1::ListBenchmarksResponse {
                    benchmarks: keys.into_iter().map(|key| benchmark(board, key)).collect(),
                    next_page_token: self.next(more, board, skip + page.limit, &query),
                    revision: board.revision() as i64,
                })
            })
            .await
    }

    async fn models(
        &self,
        message: v1::ListModelsRequest,
    ) -> Result<v1::ListModelsResponse, Refusal> {
        let query = query_bytes(
            "ListModels",
            &v1::ListModelsRequest {
                page_size: 0,
                page_token: String::new(),
                ..message.clone()
            },
        );
        let (filter, page) = convert::list_models(message)?;
        if filter.best_variant_only {
            return Err(Refusal::new(
                Reason::NotOnThisBoard,
                "filter.best_variant_only",
                "a list of models has no scores to tell the best variant by: use it with GetLeaderboard",
            ));
        }
        let (as_of, skip) = self.pinned(&page.token, &query)?;
        self.commit()
            .read(&as_of, None, |board| {
                let catalog = board.catalog();
                let all = catalog.models_by_id(None).map(|(_, key)| key);
                let matching = all.filter(|key| filter.matches(catalog.facts(*key)));
                let mut keys: Vec<ModelKey> = matching.skip(skip).take(page.limit + 1).collect();
                let more = keys.len() > page.limit;
                keys.truncate(page.limit);
                Ok(v1::ListModelsResponse {
                    models: keys.into_iter().map(|key| model(board, key)).collect(),
                    next_page_token: self.next(more, board, skip + page.limit, &query),
                    revision: board.revision() as i64,
                })
            })
            .await
    }

    /// The revision and position that a page token names.
    fn pinned(&self, token: &str, query: &[u8]) -> Result<(AsOf, usize), Refusal> {
        let page = Page::read(token, query, self.now())?;
        let as_of = AsOf {
            revision: page.map(|page| page.revision),
            selection: Selection::default(),
        };
        Ok((as_of, page.map_or(0, |page| page.position as usize)))
    }

    fn next(&self, more: bool, board: &Board, position: usize, query: &[u8]) -> String {
        if !more {
            return String::new();
        }
        let page = Page {
            revision: board.revision(),
            position: position as u64,
        };
        page.token(query, self.now())
    }
}
