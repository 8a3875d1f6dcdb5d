//! Rows to the daemon: one `SubmitResults` stream with many results in flight, answers in order.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Streaming;

use super::Rules;
use super::catalog::{Catalog, Create, PutPrice};
use super::report::{Outcome, Place, Report};
use super::sources::{Event, Inputs};
use crate::cli::Failure;
use crate::client::{Client, ClientError};
use crate::import::names::{Named, resolve};
use crate::import::{Draft, Format, Found, Priced, Row, Submission, finish, price_id};
use crate::proto::v1::submit_results_response::Outcome as Answer;
use crate::proto::v1::{
    AnswerDetail, SetResultStatusRequest, Status, SubmitResultsRequest, SubmitResultsResponse,
};

/// Results that may be unanswered: below what the daemon takes of one stream, so that sending never waits for an answer.
const IN_FLIGHT: usize = 512;
const _: () = assert!(IN_FLIGHT < crate::limits::MAX_STREAM_IN_FLIGHT);
/// Rows read ahead.
const READ_AHEAD: usize = 1_024;

/// A result that was sent and not yet answered.
struct Sent {
    place: Place,
    disputed: Option<String>,
    request_id: String,
}

struct Stream {
    client: Client,
    requests: mpsc::Sender<SubmitResultsRequest>,
    answers: Streaming<SubmitResultsResponse>,
    sent: VecDeque<Sent>,
    catalog: Catalog,
}

/// Takes rows and tells the report what became of each.
pub(super) struct Submitter {
    rules: Rules,
    report: Report,
    file: Arc<str>,
    format: Format,
    /// None = nothing is connected or written.
    stream: Option<Stream>,
}

impl Submitter {
    /// One that connects to nothing.
    pub(super) fn dry(rules: Rules, mut report: Report) -> Self {
        report.dry = true;
        Self {
            rules,
            report,
            file: "".into(),
            format: Format::Jsonl,
            stream: None,
        }
    }

    /// One that submits through a client.
    pub(super) async fn over(
        client: Client,
        rules: Rules,
        report: Report,
    ) -> Result<Self, Failure> {
        let (requests, receiver) = mpsc::channel(IN_FLIGHT);
        let answers = client
            .leaderboard_service()
            .submit_results(ReceiverStream::new(receiver))
            .await;
        let answers = answers.map_err(ClientError::from)?.into_inner();
        let stream = Stream {
            client,
            requests,
            answers,
            sent: VecDeque::new(),
            catalog: Catalog::default(),
        };
        Ok(Self {
            rules,
            report,
            file: "".into(),
            format: Format::Jsonl,
            stream: Some(stream),
        })
    }

    /// Submits everything that the inputs hold.
    ///
    /// # Errors
    /// [`Failure`] when the daemon is lost; what was done until then is printed before.
    pub(super) async fn run(mut self, inputs: Inputs) -> Result<Report, Failure> {
        let (sender, mut events) = mpsc::channel(READ_AHEAD);
        let options = self.rules.options.clone();
        let position = Arc::clone(&inputs.position);
        let reader = tokio::task::spawn_blocking(move || inputs.read(&options, &sender));
        let done = loop {
            match self.step(&mut events).await {
                Ok(true) => self.report.progress(&position),
                Ok(false) => break Ok(()),
                Err(failure) => break Err(failure),
            }
        };
        // The reader ends when nobody listens.
        drop(events);
        let ended = reader
            .await
            .map_err(|error| Failure::Failed(format!("reading ended: {error}")));
        if let Err(failure) = done.and(ended) {
            self.report.summarise()?;
            if let Some(stream) = &self.stream
                && !stream.sent.is_empty()
            {
                let message = format!(
                    "{} results were sent and not answered: run the same command again, nothing is added twice",
                    stream.sent.len()
                );
                crate::cli::failure::say(&message);
            }
            return Err(failure);
        }
        Ok(self.report)
    }

    /// One row or one answer; false when there is neither any more.
    async fn step(&mut self, events: &mut mpsc::Receiver<Event>) -> Result<bool, Failure> {
        let Some(stream) = &mut self.stream else {
            return match events.recv().await {
                Some(event) => self.event(event).await.map(|()| true),
                None => Ok(false),
            };
        };
        if stream.sent.len() >= IN_FLIGHT {
            return self.answer().await.map(|()| true);
        }
        if stream.sent.is_empty() {
            return match events.recv().await {
                Some(event) => self.event(event).await.map(|()| true),
                None => Ok(false),
            };
        }
        tokio::select! {
            event = events.recv() => match event {
                Some(event) => self.event(event).await?,
                None => self.answer().await?,
            },
            answer = stream.answers.message() => self.settle(answer).await?,
        }
        Ok(true)
    }

    async fn answer(&mut self) -> Result<(), Failure> {
        let Some(stream) = &mut self.stream else {
            return Ok(());
        };
        let answer = stream.answers.message().await;
        self.settle(answer).await
    }

    async fn settle(
        &mut self,
        answer: Result<Option<SubmitResultsResponse>, tonic::Status>,
    ) -> Result<(), Failure> {
        let Some(stream) = &mut self.stream else {
            return Ok(());
        };
        let answer = answer.map_err(ClientError::from)?;
        let ended = || Failure::Failed("the daemon ended the stream of results".to_owned());
        let answer = answer.and_then(|answer| answer.outcome).ok_or_else(ended)?;
        let Some(sent) = stream.sent.pop_front() else {
            return Err(ended());
        };
        let (revision, replayed) = match answer {
            // The id follows from the content: what else differs is what the daemon filled in, such as today's date.
            Answer::Refused(refused) if refused.reason == "REQUEST_ID_REUSED" => (0, true),
            Answer::Refused(refused) => {
                return self.report.row(
                    &sent.place,
                    Outcome::Refused,
                    &refused.reason,
                    &refused.message,
                );
            }
            Answer::Brief(brief) => (brief.revision, brief.replayed),
            Answer::Accepted(accepted) => (accepted.revision, accepted.replayed),
        };
        if let Some(reason) = sent.disputed
            && revision > 0
        {
            let request = SetResultStatusRequest {
                revision,
                status: Status::Disputed.into(),
                reason,
                // Ids are shared by all methods.
                request_id: format!("{}/d", sent.request_id),
            };
            match stream.client.set_result_status(request).await {
                Ok(_) => {}
                Err(ClientError::Refused(refused)) if !refused.reason.is_empty() => {
                    let message = format!(
                        "submitted as revision {revision}, and not disputed: {}",
                        refused.message
                    );
                    let outcome = Outcome::Refused;
                    return self
                        .report
                        .row(&sent.place, outcome, &refused.reason, &message);
                }
                Err(error) => return Err(error.into()),
            }
        }
        let outcome = if replayed {
            Outcome::AlreadyThere
        } else {
            Outcome::Submitted
        };
        self.report.row(&sent.place, outcome, "", "")
    }

    async fn event(&mut self, event: Event) -> Result<(), Failure> {
        match event {
            Event::File {
                name,
                format,
                recognised,
            } => {
                self.report.file(&name, format.name(), recognised);
                (self.file, self.format) = (name, format);
                Ok(())
            }
            Event::Unreadable { name, found, why } => {
                let skip = found && why.reason == "NOT_RECOGNISED";
                let outcome = if skip {
                    Outcome::Skipped
                } else {
                    Outcome::Refused
                };
                self.report
                    .unreadable(&name, outcome, why.reason, &why.message)
            }
            Event::Row(Row { at, found }) => {
                let place = Place {
                    file: Arc::clone(&self.file),
                    row: at,
                };
                match found {
                    Found::Result(draft) => self.result(place, *draft).await,
                    Found::Price(priced) => self.price(place, *priced).await,
                    Found::Skipped(reason, message) => {
                        self.report.row(&place, Outcome::Skipped, reason, &message)
                    }
                    Found::Refused(reason, message) => {
                        self.report.row(&place, Outcome::Refused, reason, &message)
                    }
                }
            }
        }
    }

    async fn result(&mut self, place: Place, draft: Draft) -> Result<(), Failure> {
        let (name, variant) = (draft.model.clone(), draft.variant.clone());
        let notes = draft.notes.clone();
        let finished = finish(draft, self.format, &self.rules.mapping, &self.rules.said);
        let Submission {
            result,
            request_id,
            benchmark,
            disputed,
        } = match finished {
            Ok(submission) => submission,
            Err(found) => return self.unfinished(&place, found, &name, variant.as_deref()),
        };
        self.report.note(&notes);
        let Some(stream) = &mut self.stream else {
            return self.report.row(&place, Outcome::Submitted, "", "");
        };
        let create = match (self.rules.create_benchmarks, self.format) {
            (false, _) => Create::Never,
            (true, Format::Csv | Format::Jsonl) => Create::WithDefaults,
            (true, _) => Create::Described,
        };
        match stream
            .catalog
            .benchmark(&mut stream.client, &benchmark, create)
            .await?
        {
            Ok(true) => self.report.created(&benchmark.id),
            Ok(false) => {}
            Err((reason, message)) => {
                return self.report.row(&place, Outcome::Refused, &reason, &message);
            }
        }
        let request = SubmitResultsRequest {
            result: Some(result),
            request_id: request_id.clone(),
            answer_detail: AnswerDetail::Brief.into(),
            ..SubmitResultsRequest::default()
        };
        if stream.requests.send(request).await.is_ok() {
            stream.sent.push_back(Sent {
                place,
                disputed,
                request_id,
            });
            return Ok(());
        }
        // The call is over: its answer says why.
        match stream.answers.message().await {
            Err(status) => Err(ClientError::from(status).into()),
            Ok(_) => Err(Failure::Failed(
                "the daemon ended the stream of results".to_owned(),
            )),
        }
    }

    async fn price(&mut self, place: Place, priced: Priced) -> Result<(), Failure> {
        let finished = price_id(
            priced.clone(),
            self.format,
            &self.rules.mapping,
            &self.rules.said,
        );
        let (price, request_id) = match finished {
            Ok(finished) => finished,
            Err(found) => return self.unfinished(&place, found, &priced.model, None),
        };
        let Some(stream) = &mut self.stream else {
            return self.report.row(&place, Outcome::Submitted, "", "");
        };
        let what = format!(
            "`{}` at `{}` from {}",
            price.model, price.provider, price.effective_date
        );
        match stream
            .catalog
            .price(&mut stream.client, price, request_id, &priced)
            .await?
        {
            PutPrice::Put => self.report.row(&place, Outcome::Submitted, "", ""),
            PutPrice::AlreadyThere => self.report.row(&place, Outcome::AlreadyThere, "", ""),
            PutPrice::Twice => {
                let message = format!("{what} has a price from a row before; the first one stands");
                self.report
                    .row(&place, Outcome::Skipped, "PRICE_TWICE", &message)
            }
            PutPrice::Refused((reason, message)) => {
                self.report.row(&place, Outcome::Refused, &reason, &message)
            }
        }
    }

    fn unfinished(
        &mut self,
        place: &Place,
        found: Found,
        name: &str,
        variant: Option<&str>,
    ) -> Result<(), Failure> {
        let (outcome, reason, message) = match found {
            Found::Skipped(reason, message) => (Outcome::Skipped, reason, message),
            Found::Refused(reason, message) => (Outcome::Refused, reason, message),
            Found::Result(_) | Found::Price(_) => return Ok(()),
        };
        if reason == "MODEL_UNMATCHED"
            && let Named::Unmatched(proposal) = resolve(name, variant, &self.rules.mapping.names)
        {
            self.report.unmatched(name, &proposal);
        }
        self.report.row(place, outcome, reason, &message)
    }
}
