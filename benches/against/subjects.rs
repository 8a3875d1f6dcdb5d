//! What can be measured: one thing of one server.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::Failure;
use crate::args::Settings;
use crate::meter::Measured;
use crate::peers::{Daemon, Lab};
use crate::process::{SERVER_CORE, Server, measured, role};
use crate::resp::KEY;

/// Callers of the peak rates; the better one counts, for every server.
const CALLERS: [&str; 2] = ["--callers=64", "--callers=256"];
/// Different submissions to boards of any size: enough to touch a large one all over.
const SCALE_REQUESTS: u64 = 65_536;
/// Messages that may be ahead of the slowest subscriber; the best one counts, for both servers.
pub const WINDOWS: [&str; 3] = ["--window=16", "--window=64", "--window=256"];

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// frontierd: SubmitResult
    Submit,
    /// tonic, one fdatasync for all that wait
    CommitEcho,
    /// tonic, no disk
    Echo,
    /// Redis: ZADD, appendfsync always
    Zadd,
    /// frontierd: SubmitResult at half its peak rate
    HalfRate,
    /// tonic, one fdatasync for all that wait, at the same rate
    EchoHalfRate,
    /// The disk: append 4 KiB and fdatasync
    Disk,
    /// frontierd: SubmitResults, brief answers
    Stream,
    /// frontierd: SubmitResults, full answers
    StreamFull,
    /// tonic: SubmitResults, brief answers, one fdatasync for all that wait
    StreamEcho,
    /// Redis: ZADD, 16 at a time
    ZaddPipelined,
    /// frontierd: SubmitResult on a board of a thousand
    Small,
    /// frontierd: SubmitResult on a board of a million
    Large,
    /// frontierd: GetStanding
    Standing,
    /// tonic: GetStanding
    StandingEcho,
    /// Redis: ZREVRANK and ZSCORE
    Rank,
    /// frontierd: deltas of a thousand watchers
    Watchers,
    /// Redis: messages of a thousand subscribers
    Subscribers,
}

/// What a turn has measured.
pub type Turn = BTreeMap<Subject, Measured>;

impl Subject {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Submit => "frontierd SubmitResult",
            Self::CommitEcho => "tonic echo with fdatasync",
            Self::Echo => "tonic echo without a disk",
            Self::Zadd => "Redis ZADD",
            Self::HalfRate => "frontierd SubmitResult at half its peak",
            Self::EchoHalfRate => "tonic echo with fdatasync at the same rate",
            Self::Disk => "append 4 KiB and fdatasync",
            Self::Stream => "frontierd SubmitResults, brief",
            Self::StreamFull => "frontierd SubmitResults, full",
            Self::StreamEcho => "tonic echo of SubmitResults with fdatasync",
            Self::ZaddPipelined => "Redis ZADD, 16 at a time",
            Self::Small => "frontierd SubmitResult, small board",
            Self::Large => "frontierd SubmitResult, large board",
            Self::Standing => "frontierd GetStanding",
            Self::StandingEcho => "tonic echo of GetStanding",
            Self::Rank => "Redis ZREVRANK and ZSCORE",
            Self::Watchers => "frontierd deltas, 1,000 watchers",
            Self::Subscribers => "Redis messages, 1,000 subscribers",
        }
    }

    /// What must have been measured in the same turn.
    pub fn needs(self) -> Option<Self> {
        match self {
            Self::HalfRate | Self::EchoHalfRate => Some(Self::Submit),
            // Messages are as long as deltas.
            Self::Subscribers => Some(Self::Watchers),
            _ => None,
        }
    }

    /// Whether the server is driven as hard as it goes: then the client must not be what limits it.
    pub fn is_peak(self) -> bool {
        !matches!(self, Self::HalfRate | Self::EchoHalfRate | Self::Disk)
    }

    /// Whether Redis is asked.
    pub fn is_redis(self) -> bool {
        matches!(
            self,
            Self::Zadd | Self::ZaddPipelined | Self::Rank | Self::Subscribers
        )
    }

    pub fn measure(self, lab: &Lab, turn: &Turn) -> Result<Measured, Failure> {
        let settings = lab.settings();
        match self {
            Self::Submit => best(settings, lab.small().map(|daemon| &daemon.server)?),
            Self::CommitEcho => best(settings, lab.commit_echo()?),
            Self::Echo => best(settings, lab.echo()?),
            Self::Zadd => lab.redis()?.zadd(settings, 1),
            Self::HalfRate => half_rate(settings, &lab.small()?.server, turn),
            Self::EchoHalfRate => half_rate(settings, lab.commit_echo()?, turn),
            Self::Disk => disk(lab),
            Self::Stream => lab.small()?.server.load(settings, &["stream"]),
            Self::StreamFull => {
                let words = ["stream", "--full"];
                lab.small()?.server.load(settings, &words)
            }
            Self::ZaddPipelined => lab.redis()?.zadd(settings, 16),
            Self::Small => scale(settings, lab.small()?),
            Self::Large => scale(settings, lab.large()?),
            Self::StreamEcho => lab.commit_echo()?.load(settings, &["stream"]),
            Self::Standing => standing(settings, &lab.small()?.server),
            Self::StandingEcho => standing(settings, lab.echo()?),
            Self::Rank => rank(lab),
            Self::Watchers => best_of(&WINDOWS, |window| {
                lab.small()?.server.load(settings, &["watch", window])
            }),
            Self::Subscribers => {
                let watched = turn.get(&Self::Watchers).ok_or("no delta is known")?;
                let bytes = format!("--bytes={:.0}", watched.bytes);
                best_of(&WINDOWS, |window| {
                    let words = ["subscribe", window, &bytes];
                    lab.redis()?.server.load_with(settings, &words, None)
                })
            }
        }
    }
}

fn connections(settings: &Settings) -> String {
    format!("--connections={}", settings.connections)
}

/// Submissions at the peak rate: the better of two numbers of callers.
fn best(settings: &Settings, server: &Server) -> Result<Measured, Failure> {
    best_of(&CALLERS, |callers| {
        let words = ["submit", callers, &connections(settings)];
        server.load(settings, &words)
    })
}

/// The one with the greatest rate.
pub fn best_of(
    choices: &[&str],
    measure: impl Fn(&str) -> Result<Measured, Failure>,
) -> Result<Measured, Failure> {
    let mut best: Option<Measured> = None;
    for choice in choices {
        let measured = measure(choice)?;
        if best.is_none_or(|best| best.rate() < measured.rate()) {
            best = Some(measured);
        }
    }
    best.ok_or_else(|| "nothing was measured".into())
}

/// Submissions on a schedule, at half of frontierd's peak.
fn half_rate(settings: &Settings, server: &Server, turn: &Turn) -> Result<Measured, Failure> {
    let peak = turn.get(&Subject::Submit).ok_or("the peak is not known")?;
    let rate = format!("--rate={}", peak.rate() / 2.0);
    let words = ["submit", &rate, &connections(settings)];
    server.load(settings, &words)
}

fn disk(lab: &Lab) -> Result<Measured, Failure> {
    let mut command = role(SERVER_CORE, &["sync-probe", "--file"])?;
    command
        .arg(lab.path("sync-probe"))
        .args(lab.settings().span());
    measured(command)
}

/// Submissions to a board of any size, of models drawn from all of it.
fn scale(settings: &Settings, daemon: &Daemon) -> Result<Measured, Failure> {
    let models = daemon.mix.models.to_string();
    let requests = format!("--requests={SCALE_REQUESTS}");
    let words = [
        "submit",
        "--callers=64",
        &requests,
        "--models",
        &models,
        &connections(settings),
    ];
    daemon.server.load(settings, &words)
}

fn standing(settings: &Settings, server: &Server) -> Result<Measured, Failure> {
    let words = ["standing", "--callers", "64", &connections(settings)];
    server.load(settings, &words)
}

/// The better of two ways to ask: both commands in one write, as a client that wants one answer would, or each by
/// Redis's own load client, one after the other.
fn rank(lab: &Lab) -> Result<Measured, Failure> {
    let settings = lab.settings();
    let redis = lab.redis()?;
    let both = redis.server.load_with(settings, &["rank"], None)?;
    let rank = redis.benchmark(settings, 1, &["ZREVRANK", KEY, "member:__rand_int__"])?;
    let score = redis.benchmark(settings, 1, &["ZSCORE", KEY, "member:__rand_int__"])?;
    let apart = Measured {
        count: rank.count,
        seconds: rank.seconds + rank.count as f64 / score.rate(),
        ..rank
    };
    Ok(if both.rate() > apart.rate() {
        both
    } else {
        apart
    })
}
