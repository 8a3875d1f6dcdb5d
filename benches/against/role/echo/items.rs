//! SubmitResults: brief answers in the order of the items, once each is on the disk.

use std::pin::Pin;

use frontierd::limits::MAX_STREAM_IN_FLIGHT;
use frontierd::proto::v1::submit_results_response::Outcome;
use frontierd::proto::v1::{BriefAnswer, SubmitResultsRequest, SubmitResultsResponse};
use tokio::sync::{mpsc, oneshot};
use tokio_stream::wrappers::ReceiverStream;
use tokio_stream::{Stream, StreamExt};
use tonic::server::StreamingService;
use tonic::{Request, Response, Status, Streaming};

use super::Writer;
use super::service::Answer;

pub struct Items(pub Option<Writer>);

type Durable = Option<oneshot::Receiver<()>>;

impl StreamingService<SubmitResultsRequest> for Items {
    type Response = SubmitResultsResponse;
    type ResponseStream = Pin<Box<dyn Stream<Item = Result<SubmitResultsResponse, Status>> + Send>>;
    type Future = Answer<Response<Self::ResponseStream>, Status>;

    fn call(&mut self, request: Request<Streaming<SubmitResultsRequest>>) -> Self::Future {
        let writer = self.0.clone();
        Box::pin(async move {
            let (sender, receiver) = mpsc::channel(MAX_STREAM_IN_FLIGHT);
            tokio::spawn(take_in(request.into_inner(), writer, sender));
            let mut index = 0;
            let answers = ReceiverStream::new(receiver).then(move |durable: Durable| {
                let answer = answer(index);
                index += 1;
                async move {
                    if let Some(durable) = durable {
                        durable
                            .await
                            .map_err(|_| Status::unavailable("the disk failed"))?;
                    }
                    Ok(answer)
                }
            });
            Ok(Response::new(Box::pin(answers) as Self::ResponseStream))
        })
    }
}

/// Ends with the stream, or with whoever reads the answers.
async fn take_in(
    mut items: Streaming<SubmitResultsRequest>,
    writer: Option<Writer>,
    sender: mpsc::Sender<Durable>,
) {
    while let Ok(Some(_)) = items.message().await {
        let Ok(durable) = writer.as_ref().map(Writer::begin).transpose() else {
            return;
        };
        if sender.send(durable).await.is_err() {
            return;
        }
    }
}

fn answer(index: i64) -> SubmitResultsResponse {
    SubmitResultsResponse {
        index,
        outcome: Some(Outcome::Brief(BriefAnswer {
            revision: index + 1,
            rank: Some(1),
            ..BriefAnswer::default()
        })),
    }
}
