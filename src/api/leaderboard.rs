//! LeaderboardService.

use std::pin::Pin;

use tokio::runtime::Handle;
use tokio_stream::Stream;
use tonic::{Request, Response, Status, Streaming};

use super::convert::{self, LeaderboardAsk};
use super::frame::{Encoded, Frame};
use super::page::Page;
use super::{Api, query_bytes, status_entry};
use crate::board::Board;
use crate::board::describe::ResultState;
use crate::board::query::{AsOf, BoardName, ListingQuery, Selection};
use crate::commit::{Asked, shutting_down};
use crate::limits::LISTING_INLINE_ROWS;
use crate::model::{Body, Change, Entry, Refusal, Revision};
use crate::proto::server::leaderboard_service_server::LeaderboardService;
use crate::proto::v1;

type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send + 'static>>;

#[tonic::async_trait]
impl LeaderboardService for Api {
    async fn submit_result(
        &self,
        request: Request<v1::SubmitResultRequest>,
    ) -> Result<Response<Encoded>, Status> {
        let caller = self.caller(&request)?;
        let answer = self.submit(request.into_inner(), &caller).await?;
        Ok(Response::new(answer))
    }

    type SubmitResultsStream = Answers<Encoded>;

    async fn submit_results(
        &self,
        request: Request<Streaming<v1::SubmitResultsRequest>>,
    ) -> Result<Response<Self::SubmitResultsStream>, Status> {
        let caller = self.caller(&request)?;
        let answers = self.submit_stream(request.into_inner(), caller)?;
        Ok(Response::new(Box::pin(answers)))
    }

    async fn set_result_status(
        &self,
        request: Request<v1::SetResultStatusRequest>,
    ) -> Result<Response<v1::SetResultStatusResponse>, Status> {
        let caller = self.caller(&request)?;
        let draft = convert::set_result_status(request.into_inner(), &self.context(&caller))?;
        let result = match draft.change {
            Change::SetResultStatus { result, .. } => result,
            _ => 0,
        };
        self.permit_status(&caller, result, "revision").await?;
        let accepted = self.commit().submit(draft, Asked::Nothing).await?;
        let board = self.commit().board();
        let standing = board.result_place(result).and_then(|place| {
            let catalog = board.catalog();
            let benchmark = catalog.benchmark(place.benchmark).benchmark.id.clone();
            let model = catalog.id(place.model).as_str();
            let board_name = BoardName::Benchmark(benchmark);
            board.standing(&board_name, model, None).ok()
        });
        Ok(Response::new(convert::set_result_status_response(
            accepted.revision,
            standing,
            accepted.replayed,
            accepted.unchanged,
        )))
    }

    async fn list_results(
        &self,
        request: Request<v1::ListResultsRequest>,
    ) -> Result<Response<v1::ListResultsResponse>, Status> {
        Ok(Response::new(self.results(request.into_inner()).await?))
    }

    async fn get_leaderboard(
        &self,
        request: Request<v1::GetLeaderboardRequest>,
    ) -> Result<Response<Encoded>, Status> {
        Ok(Response::new(self.listing(request.into_inner()).await?))
    }

    async fn get_standing(
        &self,
        request: Request<v1::GetStandingRequest>,
    ) -> Result<Response<Encoded>, Status> {
        let ask = convert::get_standing(request.into_inner())?;
        let only = benchmark_of(&ask.board);
        let (revision, standing) = self
            .commit()
            .read(&ask.as_of, only, |board| {
                let standing = board.standing(&ask.board, &ask.model, ask.basis)?;
                Ok((board.revision(), standing))
            })
            .await?;
        Ok(Response::new(convert::get_standing_response(
            revision, &standing,
        )))
    }

    async fn compare_models(
        &self,
        request: Request<v1::CompareModelsRequest>,
    ) -> Result<Response<v1::CompareModelsResponse>, Status> {
        let ask = convert::compare_models(request.into_inner())?;
        let answer = self
            .commit()
            .read(&ask.as_of, None, |board| {
                let comparison = board.compare(&ask.a, &ask.b, ask.basis, ask.tag.as_ref())?;
                Ok(convert::comparison(board.revision(), comparison))
            })
            .await?;
        Ok(Response::new(answer))
    }

    type WatchLeaderboardStream = Answers<Frame>;

    async fn watch_leaderboard(
        &self,
        request: Request<v1::WatchLeaderboardRequest>,
    ) -> Result<Response<Self::WatchLeaderboardStream>, Status> {
        let ask = convert::watch_leaderboard(request.into_inner())?;
        let frames = self.inner().watches.watch(ask).await?;
        Ok(Response::new(Box::pin(frames)))
    }
}

fn benchmark_of(board: &BoardName) -> Option<&crate::model::BenchmarkId> {
    match board {
        BoardName::Benchmark(id) => Some(id),
        _ => None,
    }
}

impl Api {
    async fn listing(&self, message: v1::GetLeaderboardRequest) -> Result<Encoded, Refusal> {
        let query = query_bytes(
            "GetLeaderboard",
            &v1::GetLeaderboardRequest {
                page_size: 0,
                page_token: String::new(),
                ..message.clone()
            },
        );
        let mut ask = convert::get_leaderboard(message)?;
        if let Some(page) = Page::read(&ask.page_token, &query, self.now())? {
            ask.as_of.revision = Some(page.revision);
            ask.listing.offset = page.position as usize;
        }
        if !self.is_large(&ask.listing) {
            return self.page(ask, query).await;
        }
        // Reading takes a while then: the workers have others to serve.
        let (api, runtime) = (self.clone(), Handle::current());
        tokio::task::spawn_blocking(move || runtime.block_on(api.page(ask, query)))
            .await
            .map_err(|_| shutting_down())?
    }

    fn is_large(&self, query: &ListingQuery) -> bool {
        let board = self.commit().board();
        let Some(id) = benchmark_of(&query.board) else {
            return true;
        };
        let view = board.catalog().benchmark_key(id).map(|key| board.view(key));
        view.is_some_and(|view| view.rows_read(query) > LISTING_INLINE_ROWS)
    }

    async fn page(&self, ask: LeaderboardAsk, query: Vec<u8>) -> Result<Encoded, Refusal> {
        let only = benchmark_of(&ask.listing.board);
        let listing = self
            .commit()
            .read(&ask.as_of, only, |board| self.list(board, &ask.listing))
            .await?;
        let next = listing.next.map(|position| Page {
            revision: listing.revision,
            position: position as u64,
        });
        let answer = convert::ListingAnswer {
            board: ask.listing.board,
            order: ask.listing.order,
            store_id: self.store_id(),
            next_page_token: next.map_or_else(String::new, |page| page.token(&query, self.now())),
        };
        Ok(convert::leaderboard(&listing, &answer))
    }

    /// A live computed board is computed once a revision, however many ask.
    fn list(
        &self,
        board: &Board,
        query: &ListingQuery,
    ) -> Result<crate::board::answer::Listing, Refusal> {
        if query.board.is_computed() && *board.selection() == Selection::default() {
            let overall = self.commit().overall(board, &query.board, query.basis)?;
            return overall.listing(board.revision(), query);
        }
        board.listing(query)
    }

    async fn results(
        &self,
        message: v1::ListResultsRequest,
    ) -> Result<v1::ListResultsResponse, Refusal> {
        let query = query_bytes(
            "ListResults",
            &v1::ListResultsRequest {
                page_size: 0,
                page_token: String::new(),
                ..message.clone()
            },
        );
        let ask = convert::list_results(message)?;
        let page = Page::read(&ask.page.token, &query, self.now())?;
        let as_of = AsOf {
            revision: page.map(|page| page.revision),
            selection: Selection::default(),
        };
        let before = page.map_or(Revision::MAX, |page| page.position);
        let (revision, mut states) = self
            .commit()
            .read(&as_of, None, |board| {
                let benchmark = match &ask.benchmark {
                    None => None,
                    Some(id) => {
                        board.view_by_id(id, "benchmark")?;
                        board.catalog().benchmark_key(id)
                    }
                };
                let model = match &ask.model {
                    None => None,
                    Some(name) => Some(board.resolve(name, "model")?),
                };
                let found = board.results_before(benchmark, model, before, ask.page.limit + 1);
                let states: Vec<ResultState> = found
                    .into_iter()
                    .filter_map(|r| board.describe(r))
                    .collect();
                Ok((board.revision(), states))
            })
            .await?;
        let more = states.len() > ask.page.limit;
        states.truncate(ask.page.limit);
        let last = states.last().map(|state| state.revision);
        let next_page_token = match last.filter(|_| more) {
            Some(position) => Page { revision, position }.token(&query, self.now()),
            None => String::new(),
        };
        Ok(v1::ListResultsResponse {
            results: self.records(states).await?,
            next_page_token,
            revision: revision as i64,
        })
    }

    /// Results with their texts, read from the log.
    async fn records(&self, states: Vec<ResultState>) -> Result<Vec<v1::ResultRecord>, Refusal> {
        let revisions: Vec<Revision> = states
            .iter()
            .flat_map(|state| std::iter::once(state.revision).chain(state.history.clone()))
            .collect();
        let mut entries = self.commit().entries(revisions).await?.into_iter();
        let mut records = Vec::with_capacity(states.len());
        for state in states {
            let entry = entries.next();
            let history: Vec<Entry> = entries.by_ref().take(state.history.len()).collect();
            let Some((entry, facts)) = entry.as_ref().and_then(|entry| match &entry.body {
                Body::Result(facts) => Some((entry, facts)),
                _ => None,
            }) else {
                continue;
            };
            let state = convert::RecordState {
                revision: state.revision,
                received: entry.received,
                submitter: entry.author.clone(),
                status: state.status,
                history: history.iter().filter_map(status_entry).collect(),
                counting: state.counting,
                interval: state.interval,
                task_cost: state.task_cost,
                unit: state.unit,
            };
            records.push(convert::result_record(facts, state));
        }
        Ok(records)
    }
}
