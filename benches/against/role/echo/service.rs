//! The methods that are measured: SubmitResult, GetStanding and SubmitResults.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use frontierd::proto::v1::{
    GetStandingRequest, GetStandingResponse, SubmitResultRequest, SubmitResultResponse,
};
use tonic::body::Body;
use tonic::codegen::Service;
use tonic::server::{Grpc, NamedService, UnaryService};
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;

use super::Writer;
use super::codec::Echoed;
use super::items::Items;

pub type Answer<T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send>>;

#[derive(Clone)]
pub struct Echo {
    pub answer: Arc<SubmitResultResponse>,
    pub standing: Arc<GetStandingResponse>,
    pub writer: Option<Writer>,
}

impl NamedService for Echo {
    const NAME: &'static str = "frontier.v1.LeaderboardService";
}

impl Service<http::Request<Body>> for Echo {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Answer<Self::Response, Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let echo = self.clone();
        let method = request.uri().path().rsplit('/').next();
        match method {
            Some("GetStanding") => Box::pin(async move {
                let method = Standing(echo.standing);
                Ok(Grpc::new(Echoed::new()).unary(method, request).await)
            }),
            Some("SubmitResults") => Box::pin(async move {
                let method = Items(echo.writer);
                let codec = ProstCodec::default();
                Ok(Grpc::new(codec).streaming(method, request).await)
            }),
            _ => Box::pin(async move {
                let method = Submit(echo);
                Ok(Grpc::new(Echoed::new()).unary(method, request).await)
            }),
        }
    }
}

struct Submit(Echo);

impl UnaryService<SubmitResultRequest> for Submit {
    type Response = Arc<SubmitResultResponse>;
    type Future = Answer<Response<Self::Response>, Status>;

    fn call(&mut self, _: Request<SubmitResultRequest>) -> Self::Future {
        let Echo { answer, writer, .. } = self.0.clone();
        Box::pin(async move {
            if let Some(writer) = writer {
                let committed = writer.commit().await;
                committed.map_err(|error| Status::unavailable(error.to_string()))?;
            }
            Ok(Response::new(answer))
        })
    }
}

struct Standing(Arc<GetStandingResponse>);

impl UnaryService<GetStandingRequest> for Standing {
    type Response = Arc<GetStandingResponse>;
    type Future = Answer<Response<Self::Response>, Status>;

    fn call(&mut self, _: Request<GetStandingRequest>) -> Self::Future {
        let answer = Arc::clone(&self.0);
        Box::pin(async move { Ok(Response::new(answer)) })
    }
}
