//! A watch that outlives connections: reconnects with backoff, resumes where it was, folds what comes.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

use tonic::{Code, Streaming};

use super::{Applied, Client, ClientError, Fold, FoldError, Refused};
use crate::proto::v1::{WatchAfter, WatchLeaderboardRequest, WatchLeaderboardResponse};

/// First pause before connecting again.
const BACKOFF_MIN: Duration = Duration::from_millis(100);
/// Longest pause: a restarted daemon is found again within this.
const BACKOFF_MAX: Duration = Duration::from_secs(10);

/// What a watch has to tell.
#[derive(Clone, Debug, PartialEq)]
pub enum Update {
    /// A frame was applied to the fold.
    Frame {
        /// The frame as it came.
        frame: Box<WatchLeaderboardResponse>,
        /// What it did.
        applied: Applied,
    },
    /// The connection broke; the watch goes on after the pause, resuming where it was.
    Disconnected {
        /// What broke it.
        why: String,
        /// The pause before the next attempt.
        pause: Duration,
    },
    /// The daemon cannot continue from what was held (another store, or too old): a fresh snapshot follows.
    Restarted {
        /// What the daemon said.
        why: String,
    },
}

/// A folding watch. Dropping it ends the stream.
#[derive(Debug)]
pub struct Watch {
    client: Client,
    request: WatchLeaderboardRequest,
    fold: Fold,
    /// The caller would rather fail than be given a fresh snapshot.
    strict: bool,
    stream: Option<Streaming<WatchLeaderboardResponse>>,
    failures: u32,
    pause: Option<Duration>,
}

impl Watch {
    /// A watch that is not connected yet. `request.after` names where to start; absent = with a snapshot. With `after`
    /// and without its `resnapshot` the watch fails where it cannot continue, instead of starting over.
    pub fn new(client: Client, request: WatchLeaderboardRequest) -> Self {
        let fold = request.after.as_ref().map_or_else(Fold::new, |after| {
            Fold::after(after.store_id.clone(), after.revision)
        });
        let strict = request
            .after
            .as_ref()
            .is_some_and(|after| !after.resnapshot);
        Self {
            client,
            request,
            fold,
            strict,
            stream: None,
            failures: 0,
            pause: None,
        }
    }

    /// What is held now.
    pub fn fold(&self) -> &Fold {
        &self.fold
    }

    /// The next thing to tell. Never ends by itself; safe to drop while waiting.
    ///
    /// # Errors
    /// [`ClientError::Refused`] when the daemon refuses the watch for good, [`ClientError::Fold`] when a frame breaks
    /// the promise of a watch. Called again after an error, the watch starts over with a snapshot.
    pub async fn next(&mut self) -> Result<Update, ClientError> {
        if let Some(pause) = self.pause {
            tokio::time::sleep(pause).await;
            self.pause = None;
        }
        if self.stream.is_none() {
            match self.client.watch_leaderboard(self.resuming()).await {
                Ok(stream) => self.stream = Some(stream),
                Err(error) => return self.broken(error),
            }
        }
        let received = match &mut self.stream {
            Some(stream) => stream.message().await,
            None => Ok(None),
        };
        match received {
            Ok(Some(frame)) => self.apply(frame),
            Ok(None) => Ok(self.disconnected("the daemon ended the stream".to_owned())),
            Err(status) => self.broken(ClientError::from(status)),
        }
    }

    fn apply(&mut self, frame: WatchLeaderboardResponse) -> Result<Update, ClientError> {
        match self.fold.apply(&frame) {
            Ok(applied) => {
                self.failures = 0;
                Ok(Update::Frame {
                    frame: Box::new(frame),
                    applied,
                })
            }
            // The daemon came back with another store between two frames of ours.
            Err(FoldError::StoreChanged { given, .. }) => {
                self.start_over();
                Ok(Update::Restarted {
                    why: format!("the daemon now serves store `{given}`"),
                })
            }
            Err(error) => {
                self.start_over();
                Err(error.into())
            }
        }
    }

    fn broken(&mut self, error: ClientError) -> Result<Update, ClientError> {
        self.stream = None;
        let Some(refused) = error.refused() else {
            return Err(error);
        };
        if cannot_resume(refused) && !self.strict && self.fold.revision().is_some() {
            self.start_over();
            return Ok(Update::Restarted {
                why: refused.to_string(),
            });
        }
        if is_passing(refused.code) {
            return Ok(self.disconnected(refused.to_string()));
        }
        self.start_over();
        Err(error)
    }

    fn disconnected(&mut self, why: String) -> Update {
        self.stream = None;
        self.fold.disconnected();
        let pause = backoff(self.failures);
        self.failures = self.failures.saturating_add(1);
        self.pause = Some(pause);
        Update::Disconnected { why, pause }
    }

    fn start_over(&mut self) {
        self.stream = None;
        self.fold = Fold::new();
        self.request.after = None;
    }

    fn resuming(&self) -> WatchLeaderboardRequest {
        let mut request = self.request.clone();
        if let Some(revision) = self.fold.revision() {
            request.after = Some(WatchAfter {
                revision,
                store_id: self.fold.store_id().to_owned(),
                // A watch of events has no rows to send again: a gap must be told.
                resnapshot: !self.strict && !request.events_only,
            });
        }
        request
    }
}

/// What was held is no longer of use to this daemon, though a fresh start would be.
fn cannot_resume(refused: &Refused) -> bool {
    matches!(
        refused.reason.as_str(),
        "STORE_MISMATCH" | "REVISION_COMPACTED" | "REVISION_IN_FUTURE"
    )
}

/// Codes that a restart, a proxy or a moment of load produces; the others stay as they are however often one asks.
fn is_passing(code: Code) -> bool {
    matches!(
        code,
        Code::Unavailable
            | Code::Unknown
            | Code::Internal
            | Code::Cancelled
            | Code::Aborted
            | Code::DeadlineExceeded
            | Code::ResourceExhausted
    )
}

/// Doubles from 100 ms to 10 s; between half and all of it, so that many watchers do not come back at once.
fn backoff(failures: u32) -> Duration {
    let full = BACKOFF_MIN
        .saturating_mul(1_u32 << failures.min(10))
        .min(BACKOFF_MAX);
    let half = full / 2;
    let random = RandomState::new().build_hasher().finish();
    half + half.mul_f64((random % 1_000) as f64 / 1_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_doubles_and_stays_bounded() {
        for failures in 0..200 {
            let pause = backoff(failures);
            let full = Duration::from_millis(100 * (1 << failures.min(10))).min(BACKOFF_MAX);
            assert!(pause >= full / 2 && pause <= full, "{failures}: {pause:?}");
        }
    }

    fn watch(request: WatchLeaderboardRequest) -> Watch {
        let channel = tonic::transport::Endpoint::from_static("http://127.0.0.1:1").connect_lazy();
        Watch::new(Client::over(channel), request)
    }

    fn progress(revision: i64) -> WatchLeaderboardResponse {
        use crate::proto::v1::Progress;
        use crate::proto::v1::watch_leaderboard_response::Frame;
        WatchLeaderboardResponse {
            store_id: "s1".into(),
            revision,
            frame: Some(Frame::Progress(Progress {})),
        }
    }

    fn refused(code: Code, reason: &str) -> ClientError {
        ClientError::Refused(Refused {
            code,
            reason: reason.into(),
            field: String::new(),
            message: "no".into(),
        })
    }

    #[tokio::test]
    async fn it_resumes_after_the_revision_held() {
        let mut watch = watch(WatchLeaderboardRequest::default());
        assert_eq!(watch.resuming().after, None);
        watch.apply(progress(7)).expect("a valid frame");
        watch.disconnected("gone".into());
        let after = WatchAfter {
            revision: 7,
            store_id: "s1".into(),
            resnapshot: true,
        };
        assert_eq!(watch.resuming().after, Some(after));
    }

    #[tokio::test]
    async fn another_store_starts_over_and_a_refusal_for_good_ends() {
        let mut watch = watch(WatchLeaderboardRequest::default());
        watch.apply(progress(7)).expect("a valid frame");
        let update = watch.broken(refused(Code::FailedPrecondition, "STORE_MISMATCH"));
        assert!(matches!(update, Ok(Update::Restarted { .. })), "{update:?}");
        assert_eq!(watch.resuming().after, None);
        let update = watch.broken(refused(Code::Unavailable, ""));
        assert!(
            matches!(update, Ok(Update::Disconnected { .. })),
            "{update:?}"
        );
        let update = watch.broken(refused(Code::NotFound, "UNKNOWN_BOARD"));
        assert!(matches!(update, Err(ClientError::Refused(_))), "{update:?}");
    }

    #[tokio::test]
    async fn connecting_to_nobody_is_told_and_tried_again() {
        let mut watch = watch(WatchLeaderboardRequest::default());
        for _ in 0..2 {
            let update = watch.next().await;
            assert!(
                matches!(update, Ok(Update::Disconnected { .. })),
                "{update:?}"
            );
        }
    }
}
