//! gRPC handlers: convert, ask, convert. There are no rules here.

mod admin;
mod catalog;
pub mod codec;
pub mod convert;
pub mod frame;
mod leaderboard;
mod page;
mod permit;
pub mod status;
mod submit;
mod trend;
pub mod watch;

use std::sync::{Arc, OnceLock};

use tokio::sync::watch as signal;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::access::Caller;
use crate::commit::{Asked, Commit};
use crate::intake::{Context, UNKNOWN_AUTHOR};
use crate::limits::{MAX_EXPORTS, MAX_SUBMIT_STREAMS};
use crate::model::{Entry, Reason, Refusal, Revision, Timestamp};
use convert::StatusEntry;
use watch::Watches;

/// What all handlers share. It is made before the log is replayed, so that health and reflection can answer; until it is
/// opened the server's gate lets no other call through.
#[derive(Clone, Default)]
pub struct Api {
    inner: Arc<OnceLock<Inner>>,
}

/// Settings of the handlers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Refuse submissions for unknown models.
    pub strict_models: bool,
    /// No tokens are in use: whoever calls may do everything.
    pub open_to_anybody: bool,
}

struct Inner {
    commit: Commit,
    watches: Watches,
    started: Timestamp,
    /// Refuse submissions for unknown models.
    strict_models: bool,
    /// No tokens are in use: a call without a caller is anybody's.
    open_to_anybody: bool,
    /// Streams of submissions that are open.
    submitting: Arc<Semaphore>,
    /// Exports that run.
    exporting: Arc<Semaphore>,
    /// True once the server ends: streams of submissions take no further items.
    closing: signal::Receiver<bool>,
}

impl Api {
    /// Handlers without a writer.
    pub fn unopened() -> Self {
        Self::default()
    }

    /// Gives the handlers their running writer, once. When `closing` becomes true, streams end.
    pub fn open(
        &self,
        commit: Commit,
        watches: Watches,
        rules: Rules,
        closing: signal::Receiver<bool>,
    ) {
        let started = commit.clock().now();
        // A second call changes nothing.
        let _ = self.inner.set(Inner {
            commit,
            watches,
            started,
            strict_models: rules.strict_models,
            open_to_anybody: rules.open_to_anybody,
            submitting: Arc::new(Semaphore::new(MAX_SUBMIT_STREAMS)),
            exporting: Arc::new(Semaphore::new(MAX_EXPORTS)),
            closing,
        });
    }

    fn inner(&self) -> &Inner {
        self.inner
            .get()
            .expect("the gate lets no call through before the handlers are opened")
    }

    fn commit(&self) -> &Commit {
        &self.inner().commit
    }

    fn store_id(&self) -> String {
        self.commit().log().store_id().to_owned()
    }

    fn now(&self) -> Timestamp {
        self.commit().clock().now()
    }

    /// What a request is read against.
    fn context(&self, caller: &Caller) -> Context {
        let today = self.now().date();
        match caller.name() {
            Some(name) => Context::new(today, Arc::clone(name)),
            None => Context::new(today, UNKNOWN_AUTHOR),
        }
    }

    /// Status changes with their texts, read from the log.
    async fn history(&self, revisions: Vec<Revision>) -> Result<Vec<StatusEntry>, Refusal> {
        let entries = self.commit().entries(revisions).await?;
        Ok(entries.iter().filter_map(status_entry).collect())
    }
}

/// A place for one more stream.
fn place(
    places: &Arc<Semaphore>,
    most: usize,
    what: &str,
) -> Result<OwnedSemaphorePermit, Refusal> {
    Arc::clone(places).try_acquire_owned().map_err(|_| {
        Refusal::new(
            Reason::Overloaded,
            "",
            format!(
                "`{most}` {what} are open already, which is all that is taken: wait for one to end"
            ),
        )
    })
}

/// A status change as an entry of the log tells it; none for other entries and changes of a pin alone.
fn status_entry(entry: &Entry) -> Option<StatusEntry> {
    use crate::model::Body;
    let (status, reason) = match &entry.body {
        Body::ResultStatus { status, reason, .. }
        | Body::ClaimStatus {
            status: Some(status),
            reason,
            ..
        } => (*status, reason),
        _ => return None,
    };
    Some(StatusEntry {
        revision: entry.revision,
        status,
        reason: reason.clone(),
        author: entry.author.clone(),
        received: entry.received,
    })
}

/// The content of a query, to bind page tokens to it.
fn query_bytes(method: &str, query: &impl prost::Message) -> Vec<u8> {
    let mut bytes = method.as_bytes().to_vec();
    bytes.push(0);
    bytes.extend_from_slice(&query.encode_to_vec());
    bytes
}

/// Upserts are answered from the board, not from the writer.
const UPSERT: Asked = Asked::Nothing;
