//! The client that the subcommands use, and Rust users: typed errors, and a watch that resumes and folds.

mod error;
mod fold;
mod watch;

pub use error::{ClientError, Refused};
pub use fold::{Applied, Fold, FoldError, Rows};
pub use watch::{Update, Watch};

use std::time::Duration;

use tonic::Streaming;
use tonic::transport::{Channel, Endpoint};

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

/// How long a connection may take to come up: a host that drops packets must not hang a shell.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How often an otherwise silent connection is probed, so that a watch notices a host that vanished.
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(20);
/// How long a probe may go unanswered.
const KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(10);
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
    leaderboard: LeaderboardServiceClient<Channel>,
    catalog: CatalogServiceClient<Channel>,
    trend: TrendServiceClient<Channel>,
    admin: AdminServiceClient<Channel>,
}

fn endpoint(addr: &str) -> Result<Endpoint, ClientError> {
    let url = if addr.contains("://") {
        addr.to_owned()
    } else {
        format!("http://{addr}")
    };
    let unusable = |why: String| ClientError::Address {
        addr: addr.to_owned(),
        why,
    };
    if url.starts_with("https://") {
        return Err(unusable("TLS is not supported yet".to_owned()));
    }
    let endpoint = Endpoint::from_shared(url).map_err(|error| unusable(error.to_string()))?;
    if endpoint.uri().host().is_none_or(str::is_empty) {
        return Err(unusable("it names no host".to_owned()));
    }
    Ok(endpoint
        .connect_timeout(CONNECT_TIMEOUT)
        .http2_keep_alive_interval(KEEP_ALIVE_INTERVAL)
        .keep_alive_timeout(KEEP_ALIVE_TIMEOUT)
        .keep_alive_while_idle(true)
        .tcp_nodelay(true))
}

/// The innermost cause, which is the one that says something: `connection refused`.
fn cause(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

impl Client {
    /// Connects to a daemon at `http://HOST:PORT`, or `HOST:PORT`.
    ///
    /// # Errors
    /// [`ClientError::Address`] when `addr` is not one, [`ClientError::Connect`] when nobody answers within 5 s.
    pub async fn connect(addr: &str) -> Result<Self, ClientError> {
        let channel = endpoint(addr)?
            .connect()
            .await
            .map_err(|error| ClientError::Connect {
                addr: addr.to_owned(),
                why: cause(&error),
            })?;
        Ok(Self::over(channel))
    }

    /// A client over a channel that exists already.
    pub fn over(channel: Channel) -> Self {
        Self {
            leaderboard: LeaderboardServiceClient::new(channel.clone())
                .max_decoding_message_size(ANSWER_BYTES_MAX),
            catalog: CatalogServiceClient::new(channel.clone())
                .max_decoding_message_size(ANSWER_BYTES_MAX),
            trend: TrendServiceClient::new(channel.clone())
                .max_decoding_message_size(ANSWER_BYTES_MAX),
            admin: AdminServiceClient::new(channel.clone())
                .max_decoding_message_size(ANSWER_BYTES_MAX),
            channel,
        }
    }

    /// The channel, for services that this client does not wrap.
    pub fn channel(&self) -> Channel {
        self.channel.clone()
    }

    /// The raw leaderboard service, for `SubmitResults` and for what is not wrapped.
    pub fn leaderboard_service(&self) -> LeaderboardServiceClient<Channel> {
        self.leaderboard.clone()
    }

    /// The raw admin service, for `ExportLog`.
    pub fn admin_service(&self) -> AdminServiceClient<Channel> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_need_no_scheme_and_unusable_ones_say_why() {
        for addr in ["http://127.0.0.1:50051", "localhost:50051", "[::1]:1"] {
            assert!(endpoint(addr).is_ok(), "{addr}");
        }
        for addr in ["", "http://", "https://example.org", "a b"] {
            let error = endpoint(addr).expect_err(addr);
            assert!(
                matches!(error, ClientError::Address { .. }),
                "{addr}: {error}"
            );
        }
    }
}
