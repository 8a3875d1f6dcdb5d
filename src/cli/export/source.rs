//! The log that is exported: a running daemon's, or a store's that no daemon serves.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;

use crate::cli::Failure;
use crate::cli::args::Connection;
use crate::client::Client;
use crate::config::store_dir;
use crate::log::{Chunk, Head, Log, LogReader, ReadError, SledLog, SledOptions};
use crate::model::Revision;
use crate::proto::v1::{ExportLogRequest, GetStatusRequest};

/// A log, and where it ended when it was first looked at.
pub(super) struct Source {
    log: Access,
    head: Head,
}

enum Access {
    Running {
        client: Box<Client>,
        store_id: String,
    },
    Stopped(Arc<dyn LogReader>),
}

impl Source {
    /// The log of a running daemon.
    pub(super) async fn running(connection: &Connection) -> Result<Self, Failure> {
        let mut client = connection.client().await?;
        let status = client.get_status(GetStatusRequest {}).await?;
        let head = format!("{}:{}", status.head_revision, status.head_hash);
        let head = head.parse().map_err(|error| {
            Failure::Failed(format!("the daemon answered `{head}` as its head: {error}"))
        })?;
        let client = Box::new(client);
        let store_id = status.store_id;
        Ok(Self {
            log: Access::Running { client, store_id },
            head,
        })
    }

    /// The log in the data directory of a stopped daemon.
    pub(super) fn stopped(data_dir: &Path) -> Result<Self, Failure> {
        let options = SledOptions {
            create: false,
            ..SledOptions::default()
        };
        let (log, _) = SledLog::open(&store_dir(data_dir), options)
            .map_err(|error| Failure::Failed(error.to_string()))?;
        Ok(Self {
            head: log.head(),
            log: Access::Stopped(log.reader()),
        })
    }

    /// Where the log ended when it was first looked at.
    pub(super) fn head(&self) -> Head {
        self.head
    }

    /// The revision asked for, which the log must have; none = its head.
    pub(super) fn revision(&self, asked: Option<i64>) -> Result<Revision, Failure> {
        let Some(asked) = asked else {
            return Ok(self.head.revision);
        };
        u64::try_from(asked)
            .ok()
            .filter(|asked| (1..=self.head.revision).contains(asked))
            .ok_or_else(|| {
                Failure::Usage(format!(
                    "`--as-of-revision {asked}`: the log has the revisions 1 to {}",
                    self.head.revision
                ))
            })
    }

    /// The chunk that holds a revision of the log.
    pub(super) async fn chunk_with(&mut self, revision: Revision) -> Result<Chunk, Failure> {
        let mut found = None;
        self.walk(revision, |chunk| {
            found = Some(chunk);
            Ok(false)
        })
        .await?;
        found.ok_or_else(|| Failure::Failed(ReadError::Missing { first: revision }.to_string()))
    }

    /// Gives each chunk from the one that holds `from` to `take`, until that answers false or the log ends.
    pub(super) async fn walk(
        &mut self,
        from: Revision,
        mut take: impl FnMut(Chunk) -> Result<bool, Failure>,
    ) -> Result<(), Failure> {
        let unreadable = |error: ReadError| Failure::Failed(error.to_string());
        match &mut self.log {
            Access::Stopped(reader) => {
                for chunk in reader.chunks(from) {
                    if !take(chunk.map_err(unreadable)?)? {
                        break;
                    }
                }
            }
            Access::Running { client, store_id } => {
                let request = ExportLogRequest {
                    from_revision: from as i64,
                };
                let answered = client.admin_service().export_log(request).await;
                let mut chunks = answered
                    .map_err(crate::client::ClientError::from)?
                    .into_inner();
                while let Some(answer) = chunks
                    .message()
                    .await
                    .map_err(crate::client::ClientError::from)?
                {
                    if !answer.store_id.is_empty() && answer.store_id != *store_id {
                        return Err(Failure::Failed(
                            "the daemon serves another store than a moment ago: try again"
                                .to_owned(),
                        ));
                    }
                    let first = answer.first_revision.max(0) as Revision;
                    let chunk = Chunk::parse(first, Bytes::from(answer.chunk));
                    if !take(chunk.map_err(unreadable)?)? {
                        break;
                    }
                }
            }
        }
        Ok(())
    }
}
