//! Submissions: one, or a stream of them.

use prost::Message;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tokio_stream::{Stream, StreamExt};
use tonic::{Status, Streaming};

use super::convert::{self, AnswerDetail, Submission};
use super::frame::Encoded;
use super::status;
use super::{Api, place};
use crate::access::Caller;
use crate::board::answer::SubmitOutcome;
use crate::board::judge::look_alikes;
use crate::board::query::BoardName;
use crate::commit::{Accepted, Asked, Ticket, shutting_down};
use crate::limits::{MAX_STREAM_IN_FLIGHT, MAX_SUBMIT_STREAMS};
use crate::model::{Change, CostBasis, Draft, Refusal, Revision};
use crate::proto::v1;

/// An item on its way.
enum InFlight {
    /// Refused, or answered without the writer.
    Known(Box<Result<Accepted, Refusal>>),
    /// With the writer.
    Queued(Ticket),
    /// The stream itself broke.
    Broken(Status),
}

struct Item {
    index: i64,
    in_flight: InFlight,
    detail: AnswerDetail,
    model: String,
    basis: Option<CostBasis>,
}

impl Api {
    pub(super) async fn submit(
        &self,
        message: v1::SubmitResultRequest,
        caller: &Caller,
    ) -> Result<Encoded, Refusal> {
        let mut submission = convert::submit_result(message, &self.context(caller))?;
        self.permit(caller, &mut submission.draft)?;
        self.be_strict(&mut submission);
        let asked = Asked::Outcome(submission.basis);
        let model = model_of(&submission);
        let basis = submission.basis;
        let accepted = if submission.validate_only {
            self.commit().preview(submission.draft, asked).await?
        } else {
            self.commit().submit(submission.draft, asked).await?
        };
        let (known, outcome) = self.full_answer(accepted, &model, basis);
        Ok(convert::submit_response(&known, &outcome))
    }

    /// Answers items in their order. A refused item is answered and the stream goes on.
    pub(super) fn submit_stream(
        &self,
        inbound: Streaming<v1::SubmitResultsRequest>,
        caller: Caller,
    ) -> Result<impl Stream<Item = Result<Encoded, Status>> + Send + 'static, Refusal> {
        let place = place(
            &self.inner().submitting,
            MAX_SUBMIT_STREAMS,
            "streams of submissions",
        )?;
        let (sender, receiver) = mpsc::channel(MAX_STREAM_IN_FLIGHT);
        let taking = self.clone().take_in(inbound, caller, sender);
        tokio::spawn(async move {
            taking.await;
            drop(place);
        });
        let api = self.clone();
        Ok(ReceiverStream::new(receiver).then(move |item| {
            let api = api.clone();
            async move { api.answer_item(item).await }
        }))
    }

    async fn take_in(
        self,
        mut inbound: Streaming<v1::SubmitResultsRequest>,
        caller: Caller,
        sender: mpsc::Sender<Item>,
    ) {
        let mut closing = self.inner().closing.clone();
        for index in 0.. {
            let mut item = Item {
                index,
                in_flight: InFlight::Broken(Status::cancelled("the stream ended")),
                detail: AnswerDetail::Full,
                model: String::new(),
                basis: None,
            };
            let received = tokio::select! {
                received = next_in_turn(&mut inbound, &caller) => received,
                // Everything taken in is answered; the rest is the caller's to send again.
                _ = closing.wait_for(|closing| *closing) => Err(shutting_down().into()),
            };
            match received {
                Ok(Some(message)) => self.queue(message, &caller, &mut item).await,
                Ok(None) => return,
                Err(broken) => {
                    let status = status::transport(&broken).unwrap_or(broken);
                    item.in_flight = InFlight::Broken(status);
                    // The client may have gone; what it submitted stays.
                    let _ = sender.send(item).await;
                    return;
                }
            }
            if sender.send(item).await.is_err() {
                return;
            }
        }
    }

    async fn queue(&self, message: v1::SubmitResultsRequest, caller: &Caller, item: &mut Item) {
        let known = |answer| InFlight::Known(Box::new(answer));
        let submission = convert::submit_results(message, &self.context(caller));
        let permitted = submission.and_then(|mut submission| {
            self.permit(caller, &mut submission.draft)?;
            Ok(submission)
        });
        item.in_flight = match permitted {
            Err(refusal) => known(Err(refusal)),
            Ok(mut submission) => {
                self.be_strict(&mut submission);
                item.detail = submission.detail;
                item.model = model_of(&submission);
                item.basis = submission.basis;
                let asked = match submission.detail {
                    AnswerDetail::Brief => Asked::Rank,
                    AnswerDetail::Full => Asked::Outcome(submission.basis),
                };
                if submission.validate_only {
                    known(self.preview_in_turn(submission.draft, asked).await)
                } else {
                    match self.commit().enqueue(submission.draft, asked).await {
                        Ok(ticket) => InFlight::Queued(ticket),
                        Err(refusal) => known(Err(refusal)),
                    }
                }
            }
        };
    }

    /// What would happen to a draft after all that the stream has queued before it.
    async fn preview_in_turn(&self, draft: Draft, asked: Asked) -> Result<Accepted, Refusal> {
        self.commit().settled().await?;
        self.commit().preview(draft, asked).await
    }

    async fn answer_item(&self, item: Item) -> Result<Encoded, Status> {
        use v1::submit_results_response::Outcome;
        let answer = match item.in_flight {
            InFlight::Known(answer) => *answer,
            InFlight::Queued(ticket) => ticket.answer().await,
            InFlight::Broken(status) => return Err(status),
        };
        let outcome = match answer {
            Err(refusal) => Outcome::Refused(status::refusal(refusal)),
            Ok(accepted) if item.detail == AnswerDetail::Brief => {
                let rank = accepted
                    .rank
                    .or_else(|| self.commit().board().rank_of_result(accepted.revision));
                Outcome::Brief(convert::brief_answer(&noted(accepted).0, rank))
            }
            Ok(accepted) => {
                let (known, outcome) = self.full_answer(accepted, &item.model, item.basis);
                return Ok(convert::accepted_item(item.index, &known, &outcome));
            }
        };
        let message = v1::SubmitResultsResponse {
            index: item.index,
            outcome: Some(outcome),
        };
        Ok(Encoded::new(message.encode_to_vec()))
    }

    /// What the writer answered; for a replayed request the current standing.
    fn full_answer(
        &self,
        mut accepted: Accepted,
        model: &str,
        basis: Option<CostBasis>,
    ) -> (convert::Accepted, Box<SubmitOutcome>) {
        if accepted.creates_model {
            self.suggest(&mut accepted, model);
        }
        let (known, outcome) = noted(accepted);
        let outcome = outcome.unwrap_or_else(|| Box::new(self.current(known.revision, basis)));
        (known, outcome)
    }

    fn suggest(&self, accepted: &mut Accepted, model: &str) {
        let alike = look_alikes(self.commit().board().catalog(), model);
        let created = accepted
            .warnings
            .iter_mut()
            .find(|warning| warning.reason == "MODEL_CREATED");
        if let (Some(created), false) = (created, alike.is_empty()) {
            created.message.push_str("; did you mean `");
            created.message.push_str(&alike.join("`, `"));
            created
                .message
                .push_str("`? Then retract this result and submit it for that model");
        }
    }

    /// The standing of a result's model as it is now.
    fn current(&self, result: Revision, basis: Option<CostBasis>) -> SubmitOutcome {
        let board = self.commit().board();
        let standing = board.result_place(result).and_then(|place| {
            let catalog = board.catalog();
            let benchmark = catalog.benchmark(place.benchmark).benchmark.id.clone();
            let model = catalog.id(place.model);
            board
                .standing(&BoardName::Benchmark(benchmark), model.as_str(), basis)
                .ok()
        });
        let counting = board.describe(result).is_some_and(|state| state.counting);
        SubmitOutcome {
            standing,
            previous: None,
            displaced: Vec::new(),
            displaced_count: 0,
            frontier_entered: Vec::new(),
            frontier_left: Vec::new(),
            fitted: None,
            price_to_reach: None,
            counting,
        }
    }

    fn be_strict(&self, submission: &mut Submission) {
        if let (true, Change::SubmitResult(result)) =
            (self.inner().strict_models, &mut submission.draft.change)
        {
            result.require_known_model = true;
        }
    }
}

/// The next item, no sooner than the caller's rate allows: flow control slows the client down.
async fn next_in_turn(
    inbound: &mut Streaming<v1::SubmitResultsRequest>,
    caller: &Caller,
) -> Result<Option<v1::SubmitResultsRequest>, Status> {
    if let Some(rate) = caller.submissions() {
        while let Err(wait) = rate.take() {
            tokio::time::sleep(wait).await;
        }
    }
    inbound.message().await
}

fn model_of(submission: &Submission) -> String {
    match &submission.draft.change {
        Change::SubmitResult(result) => result.model.to_string(),
        _ => String::new(),
    }
}

/// The writer's answer in the words of the messages.
fn noted(accepted: Accepted) -> (convert::Accepted, Option<Box<SubmitOutcome>>) {
    let Accepted {
        revision,
        replayed,
        unchanged: _,
        warnings,
        creates_model: _,
        rank: _,
        outcome,
    } = accepted;
    let known = convert::Accepted {
        revision,
        replayed,
        warnings,
    };
    (known, outcome)
}
