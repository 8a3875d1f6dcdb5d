//! TrendService.

use tonic::{Request, Response, Status};

use super::{Api, convert};
use crate::board::query::{AsOf, BoardName};
use crate::proto::server::trend_service_server::TrendService;
use crate::proto::v1;

#[tonic::async_trait]
impl TrendService for Api {
    async fn assess_trend(
        &self,
        request: Request<v1::AssessTrendRequest>,
    ) -> Result<Response<v1::AssessTrendResponse>, Status> {
        let query = convert::assess_trend(request.into_inner())?;
        let board = self.commit().board();
        let trend = board.assess(&query)?;
        Ok(Response::new(v1::AssessTrendResponse {
            revision: board.revision() as i64,
            trend: Some(convert::declared_trend(trend)),
        }))
    }

    async fn get_trend(
        &self,
        request: Request<v1::GetTrendRequest>,
    ) -> Result<Response<v1::GetTrendResponse>, Status> {
        let query = convert::get_trend(request.into_inner())?;
        let only = match &query.board {
            BoardName::Benchmark(id) => Some(id),
            _ => None,
        };
        let as_of: &AsOf = &query.as_of;
        let answer = self
            .commit()
            .read(as_of, only, |board| {
                let answer = board.trend(&query)?;
                Ok(convert::trend_response(board.revision(), answer))
            })
            .await?;
        Ok(Response::new(answer))
    }
}
