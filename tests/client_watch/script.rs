//! A server that answers each watch with the next turn of a script. Spoken without generated server code, so that a
//! change of the server's side does not matter here.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use frontierd::proto::v1::watch_leaderboard_response::Frame;
use frontierd::proto::v1::{
    BoardDelta, BoardSize, Delta, Progress, SnapshotChunk, SnapshotEnd, Standing, WatchAfter,
    WatchLeaderboardRequest, WatchLeaderboardResponse,
};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::body::Body;
use tonic::server::{Grpc, NamedService, ServerStreamingService};
use tonic::{Code, Request, Response, Status};
use tonic_types::{ErrorDetails, StatusExt};

/// What the server does with one call.
pub(crate) enum Turn {
    /// Sends these and ends the stream.
    Frames(Vec<WatchLeaderboardResponse>),
    /// Refuses the call.
    Refuse(Status),
}

/// The requests that came.
#[derive(Clone, Default)]
pub(crate) struct Seen(Arc<Mutex<Vec<WatchLeaderboardRequest>>>);

impl Seen {
    /// Where each of them wanted to start.
    pub(crate) fn after(&self) -> Vec<Option<WatchAfter>> {
        let seen = self.0.lock().expect("not poisoned");
        seen.iter().map(|request| request.after.clone()).collect()
    }
}

#[derive(Clone)]
struct Script {
    turns: Arc<Mutex<std::vec::IntoIter<Turn>>>,
    seen: Seen,
}

impl NamedService for Script {
    const NAME: &'static str = "frontier.v1.LeaderboardService";
}

type Answer = tokio_stream::Iter<std::vec::IntoIter<Result<WatchLeaderboardResponse, Status>>>;

impl ServerStreamingService<WatchLeaderboardRequest> for Script {
    type Response = WatchLeaderboardResponse;
    type ResponseStream = Answer;
    type Future = std::future::Ready<Result<Response<Answer>, Status>>;

    fn call(&mut self, request: Request<WatchLeaderboardRequest>) -> Self::Future {
        self.seen
            .0
            .lock()
            .expect("not poisoned")
            .push(request.into_inner());
        let turn = self.turns.lock().expect("not poisoned").next();
        std::future::ready(match turn {
            Some(Turn::Frames(frames)) => {
                let frames: Vec<_> = frames.into_iter().map(Ok).collect();
                Ok(Response::new(tokio_stream::iter(frames)))
            }
            Some(Turn::Refuse(status)) => Err(status),
            None => Err(Status::unavailable("the script is over")),
        })
    }
}

impl tower::Service<http::Request<Body>> for Script {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future =
        std::pin::Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let script = self.clone();
        Box::pin(async move {
            let codec = tonic_prost::ProstCodec::default();
            Ok(Grpc::new(codec).server_streaming(script, request).await)
        })
    }
}

/// Serves a script on a free port.
pub(crate) async fn serve(turns: Vec<Turn>) -> (String, Seen) {
    let seen = Seen::default();
    let script = Script {
        turns: Arc::new(Mutex::new(turns.into_iter())),
        seen: seen.clone(),
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let addr = listener.local_addr().expect("an address");
    let server = tonic::transport::Server::builder().add_service(script);
    tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
    (format!("http://{addr}"), seen)
}

/// A refusal as the daemon gives it.
pub(crate) fn refusal(code: Code, reason: &str) -> Status {
    let details =
        ErrorDetails::with_error_info(reason, "frontierd", std::collections::HashMap::new());
    Status::with_error_details(code, "no", details)
}

fn frame(revision: i64, frame: Frame) -> WatchLeaderboardResponse {
    WatchLeaderboardResponse {
        store_id: "s1".into(),
        revision,
        frame: Some(frame),
    }
}

fn rows(models: &[&str]) -> Vec<Standing> {
    let row = |model: &&str| Standing {
        model: (*model).into(),
        ..Standing::default()
    };
    models.iter().map(row).collect()
}

/// A first chunk of the board `mmlu`.
pub(crate) fn row_chunk(revision: i64, models: &[&str]) -> WatchLeaderboardResponse {
    let chunk = SnapshotChunk {
        board: "mmlu".into(),
        first: true,
        rows: rows(models),
    };
    frame(revision, Frame::Snapshot(chunk))
}

/// The end of a snapshot of that board.
pub(crate) fn end(revision: i64, row_count: i32) -> WatchLeaderboardResponse {
    let boards = vec![BoardSize {
        board: "mmlu".into(),
        row_count,
    }];
    frame(revision, Frame::SnapshotEnd(SnapshotEnd { boards }))
}

/// A change of that board.
pub(crate) fn delta(
    from: i64,
    to: i64,
    changed: &[&str],
    left: &[&str],
) -> WatchLeaderboardResponse {
    let change = BoardDelta {
        board: "mmlu".into(),
        rows: rows(changed),
        left: left.iter().map(ToString::to_string).collect(),
        ..BoardDelta::default()
    };
    let delta = Delta {
        from_revision: from,
        boards: vec![change],
    };
    frame(to, Frame::Delta(delta))
}

/// A heartbeat.
pub(crate) fn progress(revision: i64) -> WatchLeaderboardResponse {
    frame(revision, Frame::Progress(Progress {}))
}
