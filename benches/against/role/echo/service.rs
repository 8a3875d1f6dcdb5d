//! One method, SubmitResult.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use frontierd::proto::v1::{SubmitResultRequest, SubmitResultResponse};
use tonic::body::Body;
use tonic::codegen::Service;
use tonic::server::{Grpc, NamedService, UnaryService};
use tonic::{Request, Response, Status};

use super::Writer;
use super::codec::Echoed;

type Answer<T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send>>;

#[derive(Clone)]
pub struct Echo {
    answer: Arc<SubmitResultResponse>,
    writer: Option<Writer>,
}

impl Echo {
    pub fn new(answer: Arc<SubmitResultResponse>, writer: Option<Writer>) -> Self {
        Self { answer, writer }
    }
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
        let method = Submit(self.clone());
        Box::pin(async move { Ok(Grpc::new(Echoed).unary(method, request).await) })
    }
}

struct Submit(Echo);

impl UnaryService<SubmitResultRequest> for Submit {
    type Response = Arc<SubmitResultResponse>;
    type Future = Answer<Response<Self::Response>, Status>;

    fn call(&mut self, _: Request<SubmitResultRequest>) -> Self::Future {
        let Echo { answer, writer } = self.0.clone();
        Box::pin(async move {
            if let Some(writer) = writer {
                let committed = writer.commit().await;
                committed.map_err(|error| Status::unavailable(error.to_string()))?;
            }
            Ok(Response::new(answer))
        })
    }
}
