//! The client that the subcommands use, and Rust users: typed errors, and a watch that resumes and folds.

mod connect;
mod error;
mod fold;
mod watch;

pub use connect::{Authorized, Bearer, ConnectOptions};
pub use error::{ClientError, Refused};
pub use fold::{Applied, Fold, FoldError, Rows};
pub use watch::{Update, Watch};

use tonic::Streaming;
use tonic::transport::Channel;

use crate::proto::v1::admin_service_client::AdminServiceClient;
use crate::proto::v1::catalog_service_client::CatalogServiceClient;
use crate::proto::v1::leaderboard_service_client::LeaderboardServiceClient;
use crate::proto::v1::trend_service_client::TrendServiceClient;
use crate::proto::v1::{
    AssessTrendRequest, AssessTrendResponse, CompareModelsRequest, CompareModelsResponse,
    CreateCheckpointRequest, CreateCheckpointResponse, GetBenchmarkRequest, GetBenchmarkResponse,
    GetLeaderboardRequest, GetLeaderboardResponse, GetModelRequest, GetModelResponse,
    GetStandingRequest, GetStandingResponse, GetStatusRequest, GetStatusResponse, GetTrendRequest,
    GetTrendResponse, ListBenchmarksRequest, ListBenchmarksResponse, ListClaimsRequest,
    ListClaimsResponse, ListModelsRequest, ListModelsResponse, ListResultsRequest,
    ListResultsResponse, PutBenchmarkRequest, PutBenchmarkResponse, PutClaimRequest,
    PutClaimResponse, PutModelRequest, PutModelResponse, PutPriceRequest, PutPriceResponse,
    SetClaimStatusRequest, SetClaimStatusResponse, SetResultStatusRequest, SetResultStatusResponse,
    SubmitResultRequest, SubmitResultResponse, WatchLeaderboardRequest, WatchLeaderboardResponse,
};

/// Largest answer accepted: a page of 1,000 full standings is below 4 MiB; a trend with 10,000 points too.
const ANSWER_BYTES_MAX: usize = 16 * 1024 * 1024;

/// A connection to a daemon. Clones share it.
///
/// ```no_run
/// # async fn example() -> Result<(), frontierd::client::ClientError> {
/// use frontierd::client::Client;
/// use frontierd::proto::v1::GetLeaderboardRequest;
///
/// let mut client = Client::connect("http://127.0.0.1:50051").await?;
/// let board = client
///     .get_leaderboard(GetLeaderboardRequest { board: "gpqa-diamond".into(), ..Default::default() })
///     .await?;
/// assert!(board.rows.len() <= 100);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Client {
    channel: Channel,
    leaderboard: LeaderboardServiceClient<Authorized>,
    catalog: CatalogServiceClient<Authorized>,
    trend: TrendServiceClient<Authorized>,
    admin: AdminServiceClient<Authorized>,
}

impl Client {
    /// Connects to a daemon at `http://HOST:PORT`, or `HOST:PORT`.
    ///
    /// # Errors
    /// [`ClientError::Address`] when `addr` is not one, [`ClientError::Connect`] when nobody answers within 5 s.
    pub async fn connect(addr: &str) -> Result<Self, ClientError> {
        Self::connect_with(addr, &ConnectOptions::default()).await
    }

    /// Connects to a daemon at `https://HOST:PORT`, or as [`Client::connect`], with a token or certificates.
    ///
    /// # Errors
    /// As [`Client::connect`], and [`ClientError::Address`] for a token that would travel in the clear to another machine.
    pub async fn connect_with(addr: &str, options: &ConnectOptions) -> Result<Self, ClientError> {
        let channel =
            options
                .endpoint(addr)?
                .connect()
                .await
                .map_err(|error| ClientError::Connect {
                    addr: addr.to_owned(),
                    why: connect::cause(&error),
                })?;
        Ok(Self::authorized(channel, options.bearer(addr)?))
    }

    /// A client over a channel that exists already.
    pub fn over(channel: Channel) -> Self {
        Self::authorized(channel, Bearer::default())
    }

    /// A client over a channel that exists already, which sends a token with every call.
    pub fn authorized(channel: Channel, bearer: Bearer) -> Self {
        let over = Authorized::new(channel.clone(), bearer);
        let bytes_max = ANSWER_BYTES_MAX;
        Self {
            leaderboard: LeaderboardServiceClient::new(over.clone())
                .max_decoding_message_size(bytes_max),
            catalog: CatalogServiceClient::new(over.clone()).max_decoding_message_size(bytes_max),
            trend: TrendServiceClient::new(over.clone()).max_decoding_message_size(bytes_max),
            admin: AdminServiceClient::new(over).max_decoding_message_size(bytes_max),
            channel,
        }
    }

    /// The channel, for services that this client does not wrap; it sends no token.
    pub fn channel(&self) -> Channel {
        self.channel.clone()
    }

    /// The raw leaderboard service, for `SubmitResults` and for what is not wrapped.
    pub fn leaderboard_service(&self) -> LeaderboardServiceClient<Authorized> {
        self.leaderboard.clone()
    }

    /// The raw admin service, for `ExportLog`.
    pub fn admin_service(&self) -> AdminServiceClient<Authorized> {
        self.admin.clone()
    }

    /// One watch stream as it comes, without resuming or folding; [`Watch`] does both.
    ///
    /// # Errors
    /// [`ClientError::Refused`] as the daemon answers.
    pub async fn watch_leaderboard(
        &mut self,
        request: WatchLeaderboardRequest,
    ) -> Result<Streaming<WatchLeaderboardResponse>, ClientError> {
        Ok(self
            .leaderboard
            .watch_leaderboard(request)
            .await?
            .into_inner())
    }
}

macro_rules! calls {
    ($($service:ident . $method:ident($request:ty) -> $response:ty;)*) => {
        impl Client {
            $(
                #[doc = concat!("Calls `", stringify!($request), "`; see the service in `frontier.v1`.")]
                ///
                /// # Errors
                /// [`ClientError::Refused`] as the daemon answers, or when the connection is lost.
                pub async fn $method(&mut self, request: $request) -> Result<$response, ClientError> {
                    Ok(self.$service.$method(request).await?.into_inner())
                }
            )*
        }
    };
}

calls! {
    leaderboard.submit_result(SubmitResultRequest) -> SubmitResultResponse;
    leaderboard.set_result_status(SetResultStatusRequest) -> SetResultStatusResponse;
    leaderboard.list_results(ListResultsRequest) -> ListResultsResponse;
    leaderboard.get_leaderboard(GetLeaderboardRequest) -> GetLeaderboardResponse;
    leaderboard.get_standing(GetStandingRequest) -> GetStandingResponse;
    leaderboard.compare_models(CompareModelsRequest) -> CompareModelsResponse;
    catalog.put_benchmark(PutBenchmarkRequest) -> PutBenchmarkResponse;
    catalog.get_benchmark(GetBenchmarkRequest) -> GetBenchmarkResponse;
    catalog.list_benchmarks(ListBenchmarksRequest) -> ListBenchmarksResponse;
    catalog.put_model(PutModelRequest) -> PutModelResponse;
    catalog.get_model(GetModelRequest) -> GetModelResponse;
    catalog.list_models(ListModelsRequest) -> ListModelsResponse;
    catalog.put_price(PutPriceRequest) -> PutPriceResponse;
    catalog.put_claim(PutClaimRequest) -> PutClaimResponse;
    catalog.list_claims(ListClaimsRequest) -> ListClaimsResponse;
    catalog.set_claim_status(SetClaimStatusRequest) -> SetClaimStatusResponse;
    trend.assess_trend(AssessTrendRequest) -> AssessTrendResponse;
    trend.get_trend(GetTrendRequest) -> GetTrendResponse;
    admin.get_status(GetStatusRequest) -> GetStatusResponse;
    admin.create_checkpoint(CreateCheckpointRequest) -> CreateCheckpointResponse;
}
