//! Random histories: a few models and benchmarks, few scores, costs and dates, so that ties are frequent.

use frontierd::board::judge::{Decision, Judged, Pending, judge};
use frontierd::board::{Board, Want};
use frontierd::model::{
    BenchmarkId, Body, Date, Draft, Entry, Refusal, RequestKey, Revision, Timestamp,
};

use super::drafts;

/// What one step is made of; every byte picks something.
pub(crate) type Step = [u8; 16];

/// Who takes part.
#[derive(Clone, Debug)]
pub(crate) struct Cast {
    pub(crate) models: Vec<String>,
    pub(crate) benchmarks: usize,
    /// Prices are halved every four months, and most steps are prices and results.
    pub(crate) trending: bool,
    /// Many different scores and dates, and better models cost more: large frontiers.
    pub(crate) fine: bool,
}

impl Cast {
    /// Five kinds of benchmark, models with variants and an alias.
    pub(crate) fn mixed() -> Self {
        let models = [
            "a/one",
            "a/one@high",
            "a/one@low",
            "b/two@max",
            "b/two",
            "c/three",
            "uno",
        ];
        Self {
            models: models.map(str::to_owned).to_vec(),
            benchmarks: 5,
            trending: false,
            fine: false,
        }
    }

    /// A dozen models on one benchmark, for curves.
    pub(crate) fn crowd() -> Self {
        Self::named(12, false)
    }

    /// More models on one benchmark than a leaf of a tree holds.
    pub(crate) fn multitude() -> Self {
        Self::named(400, true)
    }

    fn named(count: usize, fine: bool) -> Self {
        // Every fifth is a variant of the one before it.
        let name = |at: usize| match at % 5 {
            4 => format!("v{}/m{}@max", (at - 1) % 7, at - 1),
            _ => format!("v{}/m{at}", at % 7),
        };
        Self {
            models: (0..count).map(name).collect(),
            benchmarks: 1,
            trending: true,
            fine,
        }
    }
}

/// First day of all histories.
pub(crate) const FIRST_DAY: Date = Date::from_days(19_700);

/// A log as it grows: drafts are judged in batches before the batch is applied, as the daemon does.
#[derive(Debug)]
pub(crate) struct History {
    pub(crate) cast: Cast,
    pub(crate) entries: Vec<Entry>,
    /// Everything that is durable.
    pub(crate) board: Board,
    /// Everything that is judged, durable or not.
    pub(crate) ahead: Board,
    pub(crate) pending: Pending,
    pub(crate) today: Date,
    pub(crate) refused: Vec<(Draft, Refusal)>,
}

impl History {
    /// A log that defines the benchmarks and goes on with some steps, in batches.
    pub(crate) fn of(cast: &Cast, steps: &[Step], batch: usize) -> Self {
        let mut history = Self::begin(cast);
        for (at, step) in steps.iter().enumerate() {
            history.today = history
                .today
                .plus_days(i32::from(step[0] % if cast.fine { 3 } else { 24 }));
            let draft = drafts::draft(&history, step);
            history.tell(&draft);
            if at.is_multiple_of(batch.max(1)) {
                history.flush();
            }
        }
        history.flush();
        history
    }

    pub(crate) fn begin(cast: &Cast) -> Self {
        let mut history = Self {
            cast: cast.clone(),
            entries: Vec::new(),
            board: Board::new(),
            ahead: Board::new(),
            pending: Pending::default(),
            today: FIRST_DAY.plus_days(300),
            refused: Vec::new(),
        };
        let models = cast.models.iter().filter(|_| cast.trending);
        let models: Vec<Draft> = models.map(|name| drafts::new_model(name)).collect();
        for draft in drafts::benchmarks(cast.benchmarks).iter().chain(&models) {
            history.tell(draft);
        }
        history
    }

    /// Judges a draft twice, which must come to the same: with the overlay, and on the board with all applied.
    pub(crate) fn tell(&mut self, draft: &Draft) -> Option<Revision> {
        let judged = judge(&self.board, &self.pending, draft, self.today);
        let again = judge(&self.ahead, &Pending::default(), draft, self.today);
        let plain = |judged: &Result<Judged, Refusal>| {
            judged
                .clone()
                .map_err(|refusal| (refusal.reason, refusal.field))
        };
        assert_eq!(plain(&judged), plain(&again), "{draft:?}");
        let body = match judged {
            Ok(Judged {
                decision: Decision::Append(body),
                ..
            }) => body,
            Ok(_) => return None,
            Err(refusal) => {
                self.refused.push((draft.clone(), refusal));
                return None;
            }
        };
        Some(self.append(draft.request, body))
    }

    fn append(&mut self, request: Option<RequestKey>, body: Body) -> Revision {
        let entry = Entry {
            revision: self.entries.len() as Revision + 1,
            received: Timestamp::from_micros(i64::from(self.today.days()) * 86_400_000_000 + 1),
            author: "tester".into(),
            request,
            body,
        };
        self.pending.absorb(&self.board, &entry);
        self.ahead.apply(&entry, Want::State);
        let revision = entry.revision;
        self.entries.push(entry);
        revision
    }

    /// Makes the batch durable.
    pub(crate) fn flush(&mut self) {
        for entry in &self.entries[self.board.revision() as usize..] {
            self.board.apply(entry, Want::State);
        }
        self.pending = Pending::default();
    }
}

/// The benchmarks of a cast.
pub(crate) fn benchmark_ids(cast: &Cast) -> Vec<BenchmarkId> {
    let names = drafts::BENCHMARKS.iter().take(cast.benchmarks);
    names
        .map(|name| BenchmarkId::parse(name, "benchmark").unwrap())
        .collect()
}
