//! A daemon driven step by step: its threads run, but only ever one of them has something to do.
//!
//! The writer and the log's thread are real. What makes a run repeatable is *when* the driver acts: only while the
//! daemon is still, which is when an append waits for an order and the writer waits for that append, or when nothing
//! is in flight and everybody is answered. What is queued meanwhile becomes the next commit, whole.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{JoinHandle, Thread};
use std::time::{Duration, Instant};

use frontierd::api::watch::Watches;
use frontierd::commit::{Accepted, Asked, Commit, Opened, Settings, Ticket};
use frontierd::model::{Draft, Refusal};
use tokio::sync::watch;

use crate::bugs::Bug;
use crate::disk::Disk;
use crate::gate::{self, Event, Keeper, Order, Stage};

pub(crate) type Answer = Result<Accepted, Refusal>;

/// Nothing in a simulation takes as long, however busy the machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A ticket, with what the driver calls it.
struct Waiting {
    attempt: usize,
    answer: Pin<Box<dyn Future<Output = Answer>>>,
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// One life of the daemon.
pub(crate) struct Daemon {
    pub(crate) commit: Commit,
    pub(crate) watches: Watches,
    /// Watches end when it is dropped.
    _open: watch::Sender<bool>,
    writer: Option<JoinHandle<()>>,
    keeper: Keeper,
    /// Where the append in flight is; none = nothing is in flight.
    pub(crate) stage: Option<Stage>,
    /// A write failed.
    pub(crate) failed: bool,
    in_flight: Vec<Waiting>,
    queued: Vec<Waiting>,
    answered: Vec<(usize, Answer)>,
}

impl Daemon {
    pub(crate) fn start(disk: &Arc<Mutex<Disk>>, settings: Settings, bug: Bug) -> Self {
        let (log, keeper) = gate::open(disk, bug);
        let opened = Commit::open(Box::new(log), settings, |_, _| {});
        let Opened { commit, writer } = opened.expect("a log that was written opens");
        let (open, closing) = watch::channel(false);
        Self {
            watches: Watches::new(commit.clone(), closing),
            commit,
            _open: open,
            writer: Some(writer),
            keeper,
            stage: None,
            failed: false,
            in_flight: Vec::new(),
            queued: Vec::new(),
            answered: Vec::new(),
        }
    }

    /// Queues a draft. Answers what has been answered by then, in order of attempts.
    pub(crate) fn submit(&mut self, attempt: usize, draft: Draft) -> Vec<(usize, Answer)> {
        let commit = self.commit.clone();
        let enqueued = commit.enqueue(draft, Asked::Rank);
        let enqueued = std::pin::pin!(enqueued);
        match enqueued.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Ok(ticket)) => self.queued.push(waiting(attempt, ticket)),
            Poll::Ready(Err(refusal)) => self.answered.push((attempt, Err(refusal))),
            Poll::Pending => panic!("the queue is full"),
        }
        if self.stage.is_none() && !self.failed {
            self.take_queue();
        }
        self.take_answers()
    }

    /// Orders the append in flight on, and waits until the daemon is still again.
    pub(crate) fn order(&mut self, order: Order) -> Vec<(usize, Answer)> {
        self.stage = None;
        self.keeper.orders.send(order).expect("an append waits");
        match self.next_event() {
            Event::At(stage) => self.stage = Some(stage),
            Event::Answered => {
                self.wait(|daemon| daemon.in_flight.is_empty().then_some(()));
                self.take_queue();
            }
            Event::Conflict => self.judged_again(),
            Event::Failed => {
                self.failed = true;
                self.wait(|daemon| {
                    (daemon.in_flight.is_empty() && daemon.queued.is_empty()).then_some(())
                });
                self.wait(|daemon| daemon.commit.is_poisoned().then_some(()));
            }
        }
        self.take_answers()
    }

    /// After a conflict the batch comes again, or all of it was answered by what somebody else appended.
    fn judged_again(&mut self) {
        let again = self.wait(|daemon| {
            let event = daemon.keeper.events.try_recv().ok();
            event
                .map(Some)
                .or(daemon.in_flight.is_empty().then_some(None))
        });
        let Some(event) = again else {
            return self.take_queue();
        };
        self.stage = Some(arrival(event));
        self.poll();
        if self.in_flight.is_empty() {
            // It is what was queued behind.
            self.in_flight = std::mem::take(&mut self.queued);
        }
    }

    /// The writer takes what is queued: an append arrives, or nothing of it needs one.
    fn take_queue(&mut self) {
        if self.queued.is_empty() {
            return;
        }
        let event = self.wait(|daemon| {
            let event = daemon.keeper.events.try_recv().ok();
            event.map(Some).or(daemon.queued.is_empty().then_some(None))
        });
        if let Some(event) = event {
            self.stage = Some(arrival(event));
            // Whoever came after a close is answered before the append arrives.
            self.poll();
            self.in_flight = std::mem::take(&mut self.queued);
        }
    }

    fn next_event(&mut self) -> Event {
        self.wait(|daemon| daemon.keeper.events.try_recv().ok())
    }

    /// Waits for something that will happen without anybody's doing.
    fn wait<T>(&mut self, mut look: impl FnMut(&mut Self) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            self.poll();
            if let Some(seen) = look(self) {
                return seen;
            }
            assert!(Instant::now() < deadline, "STALLED: nobody moves");
            std::thread::park_timeout(Duration::from_millis(100));
        }
    }

    fn poll(&mut self) {
        let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
        let mut context = Context::from_waker(&waker);
        for list in [&mut self.in_flight, &mut self.queued] {
            list.retain_mut(|waiting| match waiting.answer.as_mut().poll(&mut context) {
                Poll::Ready(answer) => {
                    self.answered.push((waiting.attempt, answer));
                    false
                }
                Poll::Pending => true,
            });
        }
    }

    fn take_answers(&mut self) -> Vec<(usize, Answer)> {
        let mut answered = std::mem::take(&mut self.answered);
        answered.sort_by_key(|(attempt, _)| *attempt);
        answered
    }

    /// Ends the process as a kill does. Answers the attempts that nobody will answer.
    pub(crate) fn kill(mut self, thousandths: usize) -> Vec<usize> {
        let lost = [&self.in_flight, &self.queued];
        let lost = lost.into_iter().flatten().map(|waiting| waiting.attempt);
        let mut lost: Vec<usize> = lost.collect();
        lost.sort_unstable();
        self.in_flight.clear();
        self.queued.clear();
        if self.stage.is_some() {
            self.keeper
                .orders
                .send(Order::Die(thousandths))
                .expect("an append waits");
        } else if !self.failed {
            self.ask_to_close();
        }
        self.join();
        lost
    }

    /// Tells the writer to end after what is queued.
    pub(crate) fn ask_to_close(&self) {
        let close = std::pin::pin!(self.commit.close());
        let closed = close.poll(&mut Context::from_waker(Waker::noop()));
        assert!(closed.is_ready(), "there is room in the queue");
    }

    /// Waits for the writer's end. Nothing is in flight.
    pub(crate) fn join(&mut self) {
        let writer = self.writer.take().expect("joined once");
        writer.join().expect("the writer does not panic");
    }
}

fn waiting(attempt: usize, ticket: Ticket) -> Waiting {
    Waiting {
        attempt,
        answer: Box::pin(ticket.answer()),
    }
}

fn arrival(event: Event) -> Stage {
    assert_eq!(event, Event::At(Stage::Arrived));
    Stage::Arrived
}
