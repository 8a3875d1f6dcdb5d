//! One seed: what happens, in which order, and what goes wrong.

use std::sync::{Arc, Mutex};

use frontierd::board::Board;
use frontierd::board::judge::{Decision, Pending, judge};
use frontierd::clock::Clock;
use frontierd::commit::Settings;
use frontierd::log::{Chunk, Log, MemoryLog};
use frontierd::model::{Entry, Timestamp};

use crate::bugs::Bug;
use crate::daemon::{Answer, Daemon};
use crate::disk::{Disk, frame};
use crate::drafts::{BENCHMARKS, FIRST_DAY, Wish};
use crate::gate::{Order, STORE_ID, Stage, held};
use crate::ledger::{Ledger, Record, entries};
use crate::random::Random;
use crate::watchers::Watchers;

const DAY_MICROS: i64 = 86_400_000_000;

/// How rough this seed is. Each seed draws its own weather, so that some faults are frequent in some seeds and absent
/// from others.
struct Weather {
    steps: usize,
    clients: usize,
    watchers: usize,
    ring: usize,
    fails: usize,
    dies: usize,
    foreign: usize,
    kills: usize,
    fills: usize,
    retries: usize,
}

impl Weather {
    fn draw(random: &mut Random) -> Self {
        Self {
            steps: 20 + random.below(60),
            clients: 1 + random.below(6),
            watchers: random.below(4),
            ring: random.pick(&[3, 8, 1_000]),
            fails: random.pick(&[0, 2, 10]),
            dies: random.pick(&[0, 2, 10]),
            foreign: random.pick(&[0, 0, 4, 10]),
            kills: random.pick(&[0, 1, 4]),
            fills: random.pick(&[0, 0, 2]),
            retries: random.pick(&[0, 5, 15]),
        }
    }
}

/// What is restarted after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Kill,
    PowerLoss,
    Close,
}

pub(crate) struct World {
    random: Random,
    weather: Weather,
    bug: Bug,
    disk: Arc<Mutex<Disk>>,
    clock: Clock,
    daemon: Option<Daemon>,
    ledger: Ledger,
    watchers: Watchers,
    /// The wish of each attempt.
    attempts: Vec<usize>,
    pub(crate) history: Vec<String>,
}

impl World {
    pub(crate) fn new(seed: u64, bug: Bug) -> Self {
        let mut random = Random::new(seed);
        let weather = Weather::draw(&mut random);
        let noon = Timestamp::from_micros((i64::from(FIRST_DAY.days()) * 2 + 1) * DAY_MICROS / 2);
        Self {
            random,
            weather,
            bug,
            disk: Arc::new(Mutex::new(Disk::new(bug))),
            clock: Clock::fixed(noon),
            daemon: None,
            ledger: Ledger::new(),
            watchers: Watchers::new(bug),
            attempts: Vec::new(),
            history: Vec::new(),
        }
    }

    pub(crate) fn run(&mut self) {
        self.start();
        for benchmark in BENCHMARKS {
            let number = self.ledger.records.len();
            self.record(Wish::benchmark(number, benchmark));
            self.attempt(number);
            self.finish();
        }
        for _ in 0..self.weather.steps {
            self.step();
            self.look();
            if self.daemon().failed {
                let end = self.draw_end();
                self.restart(if end == End::Close { End::Kill } else { end });
            }
        }
        self.calm_down();
    }

    fn note(&mut self, line: String) {
        self.history.push(line);
    }

    fn daemon(&mut self) -> &mut Daemon {
        self.daemon.as_mut().expect("it runs")
    }

    fn settings(&self) -> Settings {
        Settings {
            ring_revisions_max: self.weather.ring,
            clock: self.clock.clone(),
            ..Settings::default()
        }
    }

    fn start(&mut self) {
        let daemon = Daemon::start(&self.disk, self.settings(), self.bug);
        let head = daemon.commit.log().head();
        self.note(format!("start at {head}"));
        self.daemon = Some(daemon);
        self.look();
    }

    fn step(&mut self) {
        let roll = self.random.below(100);
        let in_flight = self.daemon().stage.is_some();
        if self.random.percent(self.weather.kills) {
            let end = self.draw_end();
            self.restart(end);
        } else if self.random.percent(self.weather.foreign) {
            self.somebody_else_appends();
        } else if self.random.percent(self.weather.fills) {
            self.fill_or_free();
        } else if self.random.percent(self.weather.retries) {
            self.retry();
        } else if roll < 45 && in_flight {
            let order = self.draw_order();
            self.order(order);
        } else if roll < 60 {
            self.watch();
        } else if roll < 63 {
            let hours = self.random.below(30) as i64;
            let now = self.clock.now().micros() + hours * DAY_MICROS / 24;
            self.clock.set(Timestamp::from_micros(now));
        } else {
            self.wish();
        }
    }

    fn draw_end(&mut self) -> End {
        self.random
            .pick(&[End::Kill, End::PowerLoss, End::PowerLoss, End::Close])
    }

    fn draw_order(&mut self) -> Order {
        let thousandths = self.random.below(1_001);
        if self.random.percent(self.weather.fails) && self.daemon().stage != Some(Stage::Synced) {
            Order::Fail(thousandths)
        } else {
            Order::Go
        }
    }

    fn order(&mut self, order: Order) {
        if self.random.percent(self.weather.dies) {
            let end = self.random.pick(&[End::Kill, End::PowerLoss]);
            return self.restart(end);
        }
        let stage = self.daemon().stage;
        self.note(format!("{order:?} at {stage:?}"));
        let answers = self.daemon().order(order);
        self.take(answers);
    }

    /// Orders on until nothing is in flight.
    fn finish(&mut self) {
        while self.daemon().stage.is_some() {
            let answers = self.daemon().order(Order::Go);
            self.take(answers);
        }
    }

    fn record(&mut self, wish: Wish) -> bool {
        let Ok(draft) = wish.draft() else {
            return false;
        };
        self.ledger.records.push(Record {
            wish,
            draft,
            accepted: None,
            refused: false,
            in_doubt: false,
        });
        true
    }

    fn wish(&mut self) {
        let number = self.ledger.records.len();
        let reused = self.random.percent(8) && number > BENCHMARKS.len();
        let wish = if reused {
            let of = BENCHMARKS.len() + self.random.below(number - BENCHMARKS.len());
            self.ledger.records[of].wish.reusing(number)
        } else {
            let client = self.random.below(self.weather.clients);
            let head = held(&self.disk).head().revision;
            Wish::draw(number, client, head, &mut self.random)
        };
        if self.record(wish) {
            self.attempt(number);
        }
    }

    /// A client asks again: because it was not answered, because it was told to, or because it forgot that it was.
    fn retry(&mut self) {
        let again: Vec<usize> = (self.ledger.records.iter().enumerate())
            .filter(|(_, record)| !record.wish.request_id.is_empty() && !record.refused)
            .map(|(number, _)| number)
            .collect();
        if !again.is_empty() {
            let number = self.random.pick(&again);
            self.attempt(number);
        }
    }

    fn attempt(&mut self, number: usize) {
        let mut draft = self.ledger.records[number].draft.clone();
        if self.bug == Bug::ForgetfulRetry && self.attempts.contains(&number) {
            draft.request = None;
        }
        let attempt = self.attempts.len();
        self.attempts.push(number);
        self.note(format!("attempt {attempt}: {:?}", draft.change));
        let answers = self.daemon().submit(attempt, draft);
        self.take(answers);
    }

    fn take(&mut self, answers: Vec<(usize, Answer)>) {
        let failed = self.daemon().failed;
        for (attempt, answer) in answers {
            self.note(match &answer {
                Ok(it) => format!(
                    "answer {attempt}: {} {:?} replayed {} unchanged {}",
                    it.revision, it.rank, it.replayed, it.unchanged
                ),
                Err(refusal) => format!("answer {attempt}: {:?}", refusal.reason),
            });
            let number = self.attempts[attempt];
            let disk = held(&self.disk);
            self.ledger.answered(number, &answer, failed, &disk);
        }
        self.look();
    }

    /// What the daemon shows right now must be on the platter right now.
    fn look(&mut self) {
        let commit = &self.daemon().commit;
        let board = commit.board().revision();
        let visible = board.max(commit.hub().head());
        let visible = visible.max(commit.log().head().revision);
        let disk = held(&self.disk);
        self.ledger.look(visible, &disk);
    }

    fn watch(&mut self) {
        let daemon = self.daemon.as_ref().expect("it runs");
        let (random, oracle) = (&mut self.random, &self.ledger.oracle);
        let seen = self
            .watchers
            .act(daemon, oracle, self.weather.watchers, random);
        self.note(seen);
    }

    fn fill_or_free(&mut self) {
        let room = self.random.below(600);
        let mut disk = held(&self.disk);
        disk.capacity = match disk.capacity {
            Some(_) => None,
            None => Some(disk.len() + room),
        };
        let capacity = disk.capacity;
        drop(disk);
        self.note(format!("room up to {capacity:?}"));
    }

    /// Another daemon over the same log accepts a wish: one of its own, or one that a client gave to both.
    fn somebody_else_appends(&mut self) {
        let writable = matches!(self.daemon().stage, None | Some(Stage::Arrived));
        let disk = held(&self.disk);
        if !writable || !disk.is_clean() || disk.capacity.is_some() {
            return;
        }
        let chunks: Vec<Chunk> = disk.durable().cloned().collect();
        drop(disk);
        let number = self.ledger.records.len();
        let known = self.random.below(number);
        let safe = !self.ledger.records[known].wish.request_id.is_empty();
        let number = if self.random.percent(50) && safe {
            known
        } else {
            let wish = Wish::draw(number, 9, chunks.len() as u64, &mut self.random);
            if !self.record(wish) {
                return;
            }
            number
        };
        let Some(entry) = self.judged(number, &entries(chunks.iter())) else {
            return;
        };
        self.note(format!("somebody else appends {}", entry.revision));
        let record = &mut self.ledger.records[number];
        record.accepted = Some((entry.revision, false));
        let mut disk = held(&self.disk);
        for chunk in continued(&chunks, &entry) {
            disk.write(&frame(&chunk)).expect("there is room");
        }
        disk.sync();
    }

    fn judged(&self, number: usize, found: &[Entry]) -> Option<Entry> {
        let draft = &self.ledger.records[number].draft;
        let board = Board::replay(found);
        let received = found
            .last()
            .map_or(self.clock.now(), |entry| entry.received);
        let received = received.max(self.clock.now());
        let judged = judge(&board, &Pending::default(), draft, received.date()).ok()?;
        let Decision::Append(body) = judged.decision else {
            return None;
        };
        Some(Entry {
            revision: board.revision() + 1,
            received,
            author: draft.author.clone(),
            request: draft.request,
            body,
        })
    }

    fn restart(&mut self, end: End) {
        self.note(format!("{end:?}"));
        let mut daemon = self.daemon.take().expect("it runs");
        if end == End::Close && !daemon.failed {
            daemon.ask_to_close();
            self.daemon = Some(daemon);
            if self.random.percent(50) {
                // Too late.
                self.wish();
            }
            self.finish();
            daemon = self.daemon.take().expect("it runs");
            daemon.join();
        } else {
            let thousandths = self.random.below(1_001);
            for attempt in daemon.kill(thousandths) {
                let number = self.attempts[attempt];
                self.ledger.records[number].in_doubt = true;
            }
        }
        if end == End::PowerLoss {
            held(&self.disk).power_loss(&mut self.random);
        }
        if self.random.percent(20) {
            // A start that is cut short.
            let mut disk = held(&self.disk);
            disk.open();
            disk.power_loss(&mut self.random);
        }
        self.start();
        let found = self.ledger.restarted(&held(&self.disk));
        let daemon = self.daemon.as_ref().expect("it runs");
        Ledger::compare_boards(&daemon.commit.board(), &found);
        let seen = self.watchers.come_back(daemon, &self.ledger.oracle);
        self.note(seen);
    }

    /// No more faults: everybody gets an answer, and everything agrees.
    fn calm_down(&mut self) {
        held(&self.disk).capacity = None;
        self.restart(End::PowerLoss);
        for number in 0..self.ledger.records.len() {
            let record = &self.ledger.records[number];
            let open = record.accepted.is_none() && !record.refused;
            if open && !record.wish.request_id.is_empty() {
                self.attempt(number);
                self.finish();
                let record = &self.ledger.records[number];
                let answered = record.accepted.is_some() || record.refused;
                assert!(answered, "ONCE: no answer for {:?}", record.wish);
            }
        }
        let daemon = self.daemon.as_ref().expect("it runs");
        let seen = self.watchers.catch_up(daemon, &self.ledger.oracle);
        self.note(seen);
        self.restart(End::Close);
        let daemon = self.daemon.as_ref().expect("it runs");
        let seen = self.watchers.catch_up(daemon, &self.ledger.oracle);
        self.note(seen);
        let head = self.daemon().commit.log().head();
        let lost = self.daemon.take().expect("it runs").kill(0);
        assert!(lost.is_empty(), "ONCE: somebody was not answered");
        self.note(format!("end at {head}"));
    }
}

/// The chunks that another writer makes of an entry.
fn continued(chunks: &[Chunk], entry: &Entry) -> Vec<Chunk> {
    let mut log = MemoryLog::new(STORE_ID);
    log.append_chunks(0, chunks).expect("a sound chain");
    let expected = entry.revision - 1;
    log.append(expected, std::slice::from_ref(entry))
        .expect("it fits");
    let reader = log.reader();
    let new = reader.chunks(entry.revision);
    new.map(|chunk| chunk.expect("in memory")).collect()
}
