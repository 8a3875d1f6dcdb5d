//! AdminService.

use std::pin::Pin;

use tokio::sync::mpsc;
use tokio_stream::Stream;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};

use super::{Api, convert, place};
use crate::board::BOARD_VERSION;
use crate::build;
use crate::limits::{MAX_EXPORTS, WATCH_QUEUE_FRAMES};
use crate::model::{Reason, Refusal};
use crate::proto::server::admin_service_server::AdminService;
use crate::proto::v1;

#[tonic::async_trait]
impl AdminService for Api {
    async fn get_status(
        &self,
        _request: Request<v1::GetStatusRequest>,
    ) -> Result<Response<v1::GetStatusResponse>, Status> {
        let commit = self.commit();
        let head = commit.log().head();
        let scrubbed = commit.scrubbed();
        let counts = commit.counts();
        let (ring_revisions, ring_bytes) = commit.hub().size();
        let uptime = self.now().micros() - self.inner().started.micros();
        let features = build::FEATURES.split(',').filter(|name| !name.is_empty());
        let board = commit.board();
        Ok(Response::new(v1::GetStatusResponse {
            store_id: self.store_id(),
            head_revision: head.revision as i64,
            head_hash: hex(&head.hash),
            durable_lag: commit.durable_lag() as i32,
            watchers: self.inner().watches.watchers() as i32,
            watch_views: self.inner().watches.views() as i32,
            oldest_resumable_revision: commit.hub().oldest() as i64,
            version: build::VERSION.to_owned(),
            started_time: Some(convert::timestamp(self.inner().started)),
            benchmarks: board.catalog().benchmarks().len() as i32,
            models: board.catalog().model_count() as i32,
            results: board.result_count() as i64,
            checkpoint_revision: commit.checkpoint_revision() as i64,
            board_version: BOARD_VERSION as i32,
            scrubbed_revision: scrubbed.revision as i64,
            scrubbed_time: scrubbed.finished.map(convert::timestamp),
            log_fault: scrubbed.fault.unwrap_or_default(),
            uptime_seconds: uptime.max(0) as f64 / 1e6,
            ring_revisions: ring_revisions as i32,
            ring_bytes: ring_bytes as i64,
            checkpoint_time: counts.checkpoint_time().map(convert::timestamp),
            replay_seconds: counts.replay.took.as_secs_f64(),
            replayed_entries: counts.replay.entries as i64,
            queued_drafts: commit.queued() as i32,
            read_only: commit.is_poisoned(),
            build_commit: build::COMMIT.to_owned(),
            build_profile: build::PROFILE.to_owned(),
            build_features: features.map(str::to_owned).collect(),
        }))
    }

    type ExportLogStream =
        Pin<Box<dyn Stream<Item = Result<v1::ExportLogResponse, Status>> + Send + 'static>>;

    async fn export_log(
        &self,
        request: Request<v1::ExportLogRequest>,
    ) -> Result<Response<Self::ExportLogStream>, Status> {
        let from = convert::export_log(request.into_inner())?;
        let place = place(&self.inner().exporting, MAX_EXPORTS, "exports")?;
        let (sender, receiver) = mpsc::channel(WATCH_QUEUE_FRAMES);
        let log = self.commit().log().clone();
        tokio::task::spawn_blocking(move || {
            let _place = place;
            let mut store_id = log.store_id().to_owned();
            for chunk in log.chunks(from.max(1)) {
                let answer = match chunk {
                    Ok(chunk) => Ok(v1::ExportLogResponse {
                        store_id: std::mem::take(&mut store_id),
                        first_revision: chunk.first as i64,
                        last_revision: chunk.last as i64,
                        chunk: chunk.bytes.to_vec(),
                    }),
                    Err(error) => Err(Refusal::new(
                        Reason::ReadOnly,
                        "",
                        format!("the log cannot be read: {error}; run `frontierd verify`"),
                    )
                    .into()),
                };
                let broken = answer.is_err();
                // A slow reader holds back only this thread; one that has gone ends it.
                if sender.blocking_send(answer).is_err() || broken {
                    return;
                }
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(receiver))))
    }

    async fn create_checkpoint(
        &self,
        _request: Request<v1::CreateCheckpointRequest>,
    ) -> Result<Response<v1::CreateCheckpointResponse>, Status> {
        let (revision, bytes) = self
            .commit()
            .checkpoint()
            .await
            .map_err(|why| Refusal::new(Reason::StatusNotPossible, "", why))?;
        Ok(Response::new(v1::CreateCheckpointResponse {
            revision: revision as i64,
            bytes: bytes as i64,
        }))
    }
}

fn hex(bytes: &[u8; 32]) -> String {
    blake3::Hash::from_bytes(*bytes).to_hex().to_string()
}
