//! How callers get their answers.

use tokio::sync::oneshot;

use super::{Accepted, outcome_unknown};
use crate::model::Refusal;

/// A caller's answer.
pub(super) type Answer = Result<Accepted, Refusal>;

/// The writer's side of a [`super::Ticket`].
pub(super) struct Reply(Option<oneshot::Sender<Answer>>);

impl Reply {
    /// A reply and where it arrives.
    pub(super) fn new() -> (Self, oneshot::Receiver<Answer>) {
        let (sender, receiver) = oneshot::channel();
        (Self(Some(sender)), receiver)
    }

    /// Answers. The caller may have gone; what it submitted stays.
    pub(super) fn send(mut self, answer: Answer) {
        if let Some(sender) = self.0.take() {
            let _ = sender.send(answer);
        }
    }
}

impl Drop for Reply {
    /// A writer that panics leaves its callers without knowing how far it came.
    fn drop(&mut self) {
        if let (Some(sender), true) = (self.0.take(), std::thread::panicking()) {
            let _ = sender.send(Err(outcome_unknown("the writer panicked")));
        }
    }
}
