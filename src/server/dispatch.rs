//! Which service a call is for.
//!
//! Our own services are found by their name, without a router: at tens of thousands of calls a second a router with its
//! boxes and copies costs as much as reading the message.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::{Request, Response};
use pin_project_lite::pin_project;
use tonic::body::Body;
use tonic::codegen::{BoxFuture, Service};
use tonic::server::NamedService;
use tonic::service::Routes;

use crate::api::Api;
use crate::limits::MESSAGE_BYTES_MAX;
use crate::proto::server::admin_service_server::AdminServiceServer;
use crate::proto::server::catalog_service_server::CatalogServiceServer;
use crate::proto::server::leaderboard_service_server::LeaderboardServiceServer;
use crate::proto::server::trend_service_server::TrendServiceServer;

type RoutesFuture = <Routes as Service<Request<Body>>>::Future;

/// Our services, and the routes of everybody else's.
#[derive(Clone)]
pub(super) struct Dispatch {
    leaderboard: LeaderboardServiceServer<Api>,
    catalog: CatalogServiceServer<Api>,
    trend: TrendServiceServer<Api>,
    admin: AdminServiceServer<Api>,
    others: Routes,
}

impl Dispatch {
    pub(super) fn new(api: &Api, others: Routes) -> Self {
        let limited = MESSAGE_BYTES_MAX;
        Self {
            leaderboard: LeaderboardServiceServer::new(api.clone())
                .max_decoding_message_size(limited),
            catalog: CatalogServiceServer::new(api.clone()).max_decoding_message_size(limited),
            trend: TrendServiceServer::new(api.clone()).max_decoding_message_size(limited),
            admin: AdminServiceServer::new(api.clone()).max_decoding_message_size(limited),
            others: others.prepare(),
        }
    }
}

/// Whether a path is `/SERVICE/METHOD` of a service.
fn is_of<S: NamedService>(path: &str) -> bool {
    path.strip_prefix('/')
        .and_then(|path| path.strip_prefix(S::NAME))
        .is_some_and(|rest| rest.starts_with('/'))
}

impl Service<Request<Body>> for Dispatch {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Dispatched;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // Every service here is always ready.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Dispatched {
        let path = request.uri().path();
        let ours = if is_of::<LeaderboardServiceServer<Api>>(path) {
            self.leaderboard.call(request)
        } else if is_of::<CatalogServiceServer<Api>>(path) {
            self.catalog.call(request)
        } else if is_of::<TrendServiceServer<Api>>(path) {
            self.trend.call(request)
        } else if is_of::<AdminServiceServer<Api>>(path) {
            self.admin.call(request)
        } else {
            return Dispatched::Others {
                answer: self.others.call(request),
            };
        };
        Dispatched::Ours { answer: ours }
    }
}

pin_project! {
    /// The answer of whichever service was called.
    #[project = DispatchedProjection]
    pub(super) enum Dispatched {
        Ours { answer: BoxFuture<Response<Body>, Infallible> },
        Others { #[pin] answer: RoutesFuture },
    }
}

impl Future for Dispatched {
    type Output = Result<Response<Body>, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project() {
            DispatchedProjection::Ours { answer } => answer.as_mut().poll(cx),
            DispatchedProjection::Others { answer } => answer.poll(cx),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_belongs_to_the_service_that_it_names_and_to_no_longer_or_shorter_name() {
        type Leaderboard = LeaderboardServiceServer<Api>;
        assert!(is_of::<Leaderboard>(
            "/frontier.v1.LeaderboardService/SubmitResult"
        ));
        assert!(is_of::<Leaderboard>(
            "/frontier.v1.LeaderboardService/NoSuchMethod"
        ));
        for other in [
            "/frontier.v1.LeaderboardService",
            "/frontier.v1.LeaderboardServices/SubmitResult",
            "/frontier.v1.TrendService/GetTrend",
            "frontier.v1.LeaderboardService/SubmitResult",
            "//frontier.v1.LeaderboardService/SubmitResult",
            "/",
        ] {
            assert!(!is_of::<Leaderboard>(other), "{other}");
        }
    }
}
