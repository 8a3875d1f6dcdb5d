//! The rows of the table, and the run.

use crate::Failure;
use crate::args::Settings;
use crate::curve;
use crate::meter::Measured;
use crate::peers::{Lab, disk};
use crate::peers::{NO_REDIS, redis_is_installed};
use crate::process::can_pin;
use crate::report::{Report, Taken};
use crate::subjects::{Subject, Turn};

/// What a row compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Answers a second; more is better.
    Rate,
    /// The slowest of a hundred; less is better.
    P99,
    /// Server CPU for one answer; less is better.
    Cpu,
}

/// One ratio.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    pub name: &'static str,
    pub what: &'static str,
    pub ours: Subject,
    pub theirs: Subject,
    pub by: By,
    /// Target and stretch; none for what is told for reference only.
    pub targets: Option<[f64; 2]>,
}

const fn row(
    name: &'static str,
    what: &'static str,
    [ours, theirs]: [Subject; 2],
    by: By,
    targets: Option<[f64; 2]>,
) -> Row {
    Row {
        name,
        what,
        ours,
        theirs,
        by,
        targets,
    }
}

/// Every row, those that share a server's measurements side by side.
pub const ROWS: [Row; 13] = [
    row(
        "durable",
        "durable SubmitResult against a tonic echo that group-commits the same bytes",
        [Subject::Submit, Subject::CommitEcho],
        By::Rate,
        Some([0.75, 0.9]),
    ),
    row(
        "redis",
        "durable SubmitResult against ZADD, appendfsync always, 64 clients",
        [Subject::Submit, Subject::Zadd],
        By::Rate,
        Some([0.75, 1.0]),
    ),
    row(
        "redis-floor",
        "the tonic echo that group-commits against the same ZADD: the most that a server on tonic gets there",
        [Subject::CommitEcho, Subject::Zadd],
        By::Rate,
        None,
    ),
    row(
        "echo",
        "durable SubmitResult against a tonic echo without a disk",
        [Subject::Submit, Subject::Echo],
        By::Rate,
        None,
    ),
    row(
        "latency",
        "p99 of SubmitResult at half the peak rate against p99 of append 4 KiB + fdatasync",
        [Subject::HalfRate, Subject::Disk],
        By::P99,
        Some([3.0, 2.0]),
    ),
    row(
        "latency-floor",
        "p99 of the tonic echo that group-commits, at the same rate, against the same: the least that a server on tonic gets there",
        [Subject::EchoHalfRate, Subject::Disk],
        By::P99,
        None,
    ),
    row(
        "stream",
        "SubmitResults, brief answers, against ZADD, appendfsync always, 64 clients, 16 at a time",
        [Subject::Stream, Subject::ZaddPipelined],
        By::Rate,
        Some([1.0, 2.0]),
    ),
    row(
        "stream-floor",
        "a tonic echo of SubmitResults that group-commits against the same: the most that a server on tonic gets there",
        [Subject::StreamEcho, Subject::ZaddPipelined],
        By::Rate,
        None,
    ),
    row(
        "stream-full",
        "SubmitResults, full answers, against the same",
        [Subject::StreamFull, Subject::ZaddPipelined],
        By::Rate,
        None,
    ),
    row(
        "scale",
        "server CPU per SubmitResult on a large board against a small one",
        [Subject::Large, Subject::Small],
        By::Cpu,
        Some([2.0, 1.3]),
    ),
    row(
        "watchers",
        "deliveries of 1,000 watchers on 20 connections against Redis with 1,000 subscribers",
        [Subject::Watchers, Subject::Subscribers],
        By::Rate,
        Some([1.0, 2.0]),
    ),
    row(
        "standing",
        "GetStanding against ZREVRANK + ZSCORE, 64 callers",
        [Subject::Standing, Subject::Rank],
        By::Rate,
        Some([0.5, 1.0]),
    ),
    row(
        "standing-floor",
        "a tonic echo of GetStanding against the same: the most that a server on tonic gets there",
        [Subject::StandingEcho, Subject::Rank],
        By::Rate,
        None,
    ),
];

impl Row {
    /// What is compared of a measurement.
    pub fn value(&self, measured: &Measured) -> f64 {
        match self.by {
            By::Rate => measured.rate(),
            By::P99 => measured.p99_us,
            By::Cpu => measured.server_us(),
        }
    }

    /// Whether a ratio is as good as a target.
    pub fn meets(&self, ratio: f64, target: f64) -> bool {
        match self.by {
            By::Rate => ratio >= target,
            By::P99 | By::Cpu => ratio <= target,
        }
    }

    /// Whether CPU times say something besides the ratio.
    pub fn compares_cpu(&self) -> bool {
        self.by == By::Rate
    }

    fn subjects(&self) -> impl Iterator<Item = Subject> {
        let pair = [self.ours, self.theirs];
        pair.into_iter()
            .flat_map(|subject| subject.needs().into_iter().chain([subject]))
    }
}

/// Rows that share no subject with the ones before begin a group; the turns of a group are taken together.
fn groups(rows: &[Row]) -> Vec<Vec<Row>> {
    let mut groups: Vec<Vec<Row>> = Vec::new();
    for row in rows {
        let shares = |group: &&mut Vec<Row>| {
            let mut taken = group.iter().flat_map(Row::subjects);
            taken.any(|subject| row.subjects().any(|own| own == subject))
        };
        match groups.last_mut().filter(shares) {
            Some(group) => group.push(*row),
            None => groups.push(vec![*row]),
        }
    }
    groups
}

/// What can be asked for.
fn named() -> impl Iterator<Item = (&'static str, &'static str)> {
    let rows = ROWS.iter().map(|row| (row.name, row.what));
    rows.chain([(curve::NAME, curve::WHAT)])
}

fn chosen(settings: &Settings) -> Result<Vec<Row>, Failure> {
    if settings.rows.is_empty() {
        return Ok(ROWS.to_vec());
    }
    let unknown = settings
        .rows
        .iter()
        .find(|wanted| !named().any(|(name, _)| name == *wanted));
    if let Some(name) = unknown {
        return Err(format!("there is no row `{name}`; see --list").into());
    }
    let wanted = |row: &Row| settings.rows.iter().any(|name| name == row.name);
    Ok(ROWS.into_iter().filter(wanted).collect())
}

/// Rows that can be measured here; says loudly which cannot.
fn possible(rows: Vec<Row>, report: &mut Report) -> Vec<Row> {
    let redis = redis_is_installed();
    let (possible, missing): (Vec<Row>, Vec<Row>) = rows
        .into_iter()
        .partition(|row| redis || !row.subjects().any(Subject::is_redis));
    for row in missing {
        report.skip(row.name, NO_REDIS);
    }
    possible
}

/// Measures and reports.
pub fn run(settings: &Settings) -> Result<(), Failure> {
    if settings.list {
        for (name, what) in named() {
            println!("{name:<15} {what}");
        }
        return Ok(());
    }
    let mut report = Report::begin(settings, &disk(settings), can_pin())?;
    let rows = possible(chosen(settings)?, &mut report);
    let lab = Lab::new(settings)?;
    for group in groups(&rows) {
        match take_turns(&group, &lab, &mut report) {
            Ok(turns) => group.iter().for_each(|row| report.row(row, &turns)),
            Err(failure) => {
                for row in &group {
                    report.fail(row.name, &failure.to_string());
                }
            }
        }
    }
    if settings.rows.iter().any(|name| name == curve::NAME) {
        let measured = curve::measure(&lab, &mut report);
        if let Err(failure) = measured {
            report.fail(curve::NAME, &failure.to_string());
        }
    }
    report.end()
}

/// Measures each subject of a group once a turn.
fn take_turns(group: &[Row], lab: &Lab, report: &mut Report) -> Result<Vec<Turn>, Failure> {
    let mut subjects: Vec<Subject> = Vec::new();
    for subject in group.iter().flat_map(Row::subjects) {
        if !subjects.contains(&subject) {
            subjects.push(subject);
        }
    }
    let mut turns = Vec::new();
    for number in 0..lab.settings().repetitions {
        let mut turn = Turn::new();
        for subject in &subjects {
            let measured = subject.measure(lab, &turn)?;
            report.taken(Taken {
                turn: number,
                subject: *subject,
                measured,
            });
            turn.insert(*subject, measured);
        }
        turns.push(turn);
    }
    Ok(turns)
}
