//! A real server in this process: on a free port, over a store in a directory of its own, with a clock that stands still.

use std::net::SocketAddr;
use std::path::Path;

use frontierd::client::{Authorized, Client};
use frontierd::clock::Clock;
use frontierd::config::{CheckpointSettings, Config};
use frontierd::model::{Date, Timestamp};
use frontierd::proto::v1;
use frontierd::proto::v1::catalog_service_client::CatalogServiceClient;
use frontierd::proto::v1::leaderboard_service_client::LeaderboardServiceClient;
use frontierd::proto::v1::trend_service_client::TrendServiceClient;
use frontierd::server::{self, Ready, ServeError};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tonic::transport::Channel;

/// The day that every server begins on.
pub(crate) const TODAY: &str = "2025-03-01";

/// A running server. End it with [`Server::stop`].
pub(crate) struct Server {
    /// The clock it stamps entries with.
    pub(crate) clock: Clock,
    /// Where it listens.
    pub(crate) addr: SocketAddr,
    /// A connection to it.
    pub(crate) client: Client,
    config: Config,
    data: TempDir,
    shutdown: oneshot::Sender<()>,
    running: JoinHandle<Result<(), ServeError>>,
}

impl Server {
    /// A server with an empty store.
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// A server with an empty store and settings of one's own.
    pub(crate) async fn start_with(settings: impl FnOnce(&mut Config)) -> Self {
        let data = tempfile::tempdir().expect("a temporary directory");
        let mut config = Config {
            data_dir: data.path().join("data"),
            cache_bytes: 1024 * 1024,
            checkpoint: CheckpointSettings {
                enabled: true,
                log_bytes_min: u64::MAX / 2,
            },
            worker_threads: 1,
            ..Config::default()
        };
        settings(&mut config);
        let today: Date = TODAY.parse().expect("a date");
        Self::serve(config, data, Clock::fixed(noon(today))).await
    }

    /// A server with the demo's data set.
    pub(crate) async fn demo() -> Self {
        let mut server = Self::start().await;
        let steps = frontierd::demo::steps().expect("the data set");
        let newest = frontierd::demo::load(&mut server.client, steps).await;
        newest.expect("the data set is accepted");
        server
    }

    async fn serve(config: Config, data: TempDir, clock: Clock) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let addr = listener.local_addr().expect("an address");
        let (shutdown, stop) = oneshot::channel::<()>();
        let (tell, told) = oneshot::channel::<Ready>();
        let stopped = async {
            // A test that fails drops the sender, which ends the server too.
            let _ = stop.await;
        };
        let ready = move |ready| drop(tell.send(ready));
        let served = server::run_with(
            config.clone(),
            clock.clone(),
            vec![listener],
            stopped,
            ready,
        );
        let running = tokio::spawn(served);
        let ready = told.await.expect("the server comes up");
        assert_eq!(ready.addrs, [addr]);
        let client = match config.tls {
            None => Client::connect(&format!("http://{addr}"))
                .await
                .expect("a connection"),
            // Tests of certificates connect by themselves.
            Some(_) => Client::over(ready.inside.channel().await.expect("a connection")),
        };
        Self {
            clock,
            addr,
            client,
            config,
            data,
            shutdown,
            running,
        }
    }

    /// Ends the server: it drains, and lets go of its store.
    pub(crate) async fn stop(self) {
        drop(self.end().await);
    }

    async fn end(self) -> (Config, TempDir, Clock) {
        self.shutdown.send(()).expect("the server still runs");
        drop(self.client);
        let ended = self.running.await.expect("the server does not panic");
        ended.expect("the server ends well");
        (self.config, self.data, self.clock)
    }

    /// Ends the server and starts another on the same store, with the same clock.
    pub(crate) async fn restart(self) -> Self {
        let (config, data, clock) = self.end().await;
        Self::serve(config, data, clock).await
    }

    /// Directory of the store.
    pub(crate) fn data_dir(&self) -> &Path {
        &self.config.data_dir
    }

    /// Lets the clock go on by some minutes.
    pub(crate) fn pass_minutes(&self, minutes: i64) {
        let now = self.clock.now().micros();
        self.clock
            .set(Timestamp::from_micros(now + minutes * 60_000_000));
    }

    /// Lets the clock go on by some days.
    pub(crate) fn pass_days(&self, days: i64) {
        self.pass_minutes(days * 24 * 60);
    }

    /// The connection, for generated clients.
    pub(crate) fn channel(&self) -> Channel {
        self.client.channel()
    }

    /// The generated client of results and boards, which answers a bare status.
    pub(crate) fn leaderboard(&self) -> LeaderboardServiceClient<Authorized> {
        self.client.leaderboard_service()
    }

    /// The generated client of the catalog.
    pub(crate) fn catalog(&self) -> CatalogServiceClient<Channel> {
        CatalogServiceClient::new(self.channel())
    }

    /// The generated client of trends.
    pub(crate) fn trend(&self) -> TrendServiceClient<Channel> {
        TrendServiceClient::new(self.channel())
    }

    /// What the daemon says of itself.
    pub(crate) async fn status(&self) -> v1::GetStatusResponse {
        let mut client = self.client.clone();
        let status = client.get_status(v1::GetStatusRequest {}).await;
        status.expect("a status")
    }

    /// Newest revision.
    pub(crate) async fn head(&self) -> i64 {
        self.status().await.head_revision
    }

    /// Defines a benchmark of percents.
    pub(crate) async fn benchmark(&mut self, id: &str) -> v1::Benchmark {
        self.put_benchmark(v1::Benchmark {
            id: id.to_owned(),
            ..v1::Benchmark::default()
        })
        .await
    }

    /// Defines a benchmark.
    pub(crate) async fn put_benchmark(&mut self, benchmark: v1::Benchmark) -> v1::Benchmark {
        let request = v1::PutBenchmarkRequest {
            benchmark: Some(benchmark),
            ..v1::PutBenchmarkRequest::default()
        };
        let answer = self.client.put_benchmark(request).await;
        answer.expect("accepted").benchmark.expect("a benchmark")
    }

    /// Defines a model.
    pub(crate) async fn put_model(&mut self, model: v1::Model) -> v1::Model {
        let request = v1::PutModelRequest {
            model: Some(model),
            ..v1::PutModelRequest::default()
        };
        let answer = self.client.put_model(request).await;
        answer.expect("accepted").model.expect("a model")
    }

    /// Defines a model released on a day.
    pub(crate) async fn model(&mut self, id: &str, release_date: &str) -> v1::Model {
        self.put_model(v1::Model {
            id: id.to_owned(),
            release_date: Some(release_date.to_owned()),
            ..v1::Model::default()
        })
        .await
    }

    /// Sets a list price, input and output, at the model's vendor.
    pub(crate) async fn price(&mut self, model: &str, date: &str, input: f64, output: f64) -> i64 {
        let request = v1::PutPriceRequest {
            price: Some(v1::Price {
                model: model.to_owned(),
                effective_date: date.to_owned(),
                input_usd_per_mtok: Some(input),
                output_usd_per_mtok: Some(output),
                ..v1::Price::default()
            }),
            ..v1::PutPriceRequest::default()
        };
        let answer = self.client.put_price(request).await;
        answer.expect("accepted").revision
    }

    /// Submits a result.
    pub(crate) async fn submit(&mut self, result: v1::Result) -> v1::SubmitResultResponse {
        let request = v1::SubmitResultRequest {
            result: Some(result),
            ..v1::SubmitResultRequest::default()
        };
        let answer = self.client.submit_result(request).await;
        answer.expect("accepted")
    }

    /// Changes the status of a result.
    pub(crate) async fn set_status(
        &mut self,
        revision: i64,
        status: v1::Status,
        reason: &str,
    ) -> v1::SetResultStatusResponse {
        let request = v1::SetResultStatusRequest {
            revision,
            status: status.into(),
            reason: reason.to_owned(),
            ..v1::SetResultStatusRequest::default()
        };
        let answer = self.client.set_result_status(request).await;
        answer.expect("accepted")
    }

    /// A board, best score first.
    pub(crate) async fn board(&mut self, board: &str) -> v1::GetLeaderboardResponse {
        self.listing(v1::GetLeaderboardRequest {
            board: board.to_owned(),
            ..v1::GetLeaderboardRequest::default()
        })
        .await
    }

    /// A listing.
    pub(crate) async fn listing(
        &mut self,
        request: v1::GetLeaderboardRequest,
    ) -> v1::GetLeaderboardResponse {
        let answer = self.client.get_leaderboard(request).await;
        answer.expect("a board")
    }

    /// The standing of a model.
    pub(crate) async fn standing(&mut self, board: &str, model: &str) -> v1::Standing {
        let request = v1::GetStandingRequest {
            board: board.to_owned(),
            model: model.to_owned(),
            ..v1::GetStandingRequest::default()
        };
        let answer = self.client.get_standing(request).await;
        answer.expect("a standing").standing.expect("a standing")
    }

    /// Everything submitted on a benchmark, newest first.
    pub(crate) async fn results(&mut self, benchmark: &str) -> Vec<v1::ResultRecord> {
        let request = v1::ListResultsRequest {
            benchmark: benchmark.to_owned(),
            page_size: 1_000,
            ..v1::ListResultsRequest::default()
        };
        let answer = self.client.list_results(request).await;
        answer.expect("results").results
    }
}

/// Noon of a day, UTC.
pub(crate) fn noon(day: Date) -> Timestamp {
    Timestamp::from_micros((i64::from(day.days()) * 86_400 + 43_200) * 1_000_000)
}

/// A result with nothing but its score.
pub(crate) fn result(benchmark: &str, model: &str, score: f64) -> v1::Result {
    v1::Result {
        benchmark: benchmark.to_owned(),
        model: model.to_owned(),
        score: Some(score),
        ..v1::Result::default()
    }
}

/// A cost of so many dollars.
pub(crate) fn usd(central: f64) -> v1::CostRange {
    v1::CostRange {
        central_usd: Some(central),
        ..v1::CostRange::default()
    }
}

/// The models of rows, in order.
pub(crate) fn models(rows: &[v1::Standing]) -> Vec<&str> {
    rows.iter().map(|row| row.model.as_str()).collect()
}

/// The cost of a standing on a basis.
pub(crate) fn cost(standing: &v1::Standing, basis: v1::CostBasis) -> Option<&v1::BasisCost> {
    standing.costs.iter().find(|cost| cost.basis() == basis)
}

/// Asserts equality to as many significant digits as `expected` is given with.
#[track_caller]
pub(crate) fn close(actual: impl Into<Option<f64>>, expected: &str) {
    let actual: f64 = actual.into().expect("a number");
    let digits = expected
        .trim_start_matches(['-', '0', '.'])
        .replace('.', "");
    let expected: f64 = expected.parse().expect("a number");
    let unit = 10_f64.powi(expected.abs().log10().floor() as i32 + 1 - digits.len() as i32);
    assert!(
        (actual - expected).abs() <= 0.500_001 * unit,
        "{actual} is not {expected}"
    );
}
