//! How callers get their answers.

use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};

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

/// Hands a commit's answers to a task of the runtime, which wakes the callers from within it. Waking a task from
/// another thread costs a system call, and on a machine with one core a switch to its thread and back, for every answer.
pub(super) struct Answers {
    /// None = there is no runtime to have a task in. Unbounded, because callers in flight are bounded where they queue.
    task: Option<mpsc::UnboundedSender<Vec<(Reply, Answer)>>>,
}

impl Answers {
    /// Answers for callers in the runtime that this is called in.
    pub(super) fn here() -> Self {
        let task = Handle::try_current().ok().map(|runtime| {
            let (sender, receiver) = mpsc::unbounded_channel();
            runtime.spawn(hand_out(receiver));
            sender
        });
        Self { task }
    }

    /// Gives everybody their answer.
    pub(super) fn give(&self, answers: Vec<(Reply, Answer)>) {
        let left = match &self.task {
            // One caller is woken as cheaply as the task would be.
            Some(task) if answers.len() > 1 => match task.send(answers) {
                Ok(()) => return,
                // The runtime has ended, and its callers with it.
                Err(mpsc::error::SendError(left)) => left,
            },
            _ => answers,
        };
        send_all(left);
    }
}

async fn hand_out(mut commits: mpsc::UnboundedReceiver<Vec<(Reply, Answer)>>) {
    while let Some(answers) = commits.recv().await {
        send_all(answers);
    }
}

fn send_all(answers: Vec<(Reply, Answer)>) {
    for (reply, answer) in answers {
        reply.send(answer);
    }
}
