//! What a run found: lines while it goes on, a table, JSON.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, thread};

use serde::Serialize;

use crate::Failure;
use crate::args::Settings;
use crate::chart;
use crate::curve::Point;
use crate::meter::Measured;
use crate::rows::{By, Row};
use crate::subjects::{Subject, Turn};

/// Share of its core beyond which a load client adds to the latencies that it measures.
const CALM_CLIENT_MAX: f64 = 0.7;

/// One measurement of a run.
#[derive(Serialize)]
pub struct Taken {
    pub turn: usize,
    pub subject: Subject,
    #[serde(flatten)]
    pub measured: Measured,
}

/// A row with its spread over the turns.
#[derive(Clone, Serialize)]
pub struct Ratio {
    pub row: &'static str,
    pub what: &'static str,
    pub median: f64,
    pub min: f64,
    pub max: f64,
    pub ours_median: f64,
    pub theirs_median: f64,
    pub unit: &'static str,
    /// Server CPU for one of ours / for one of theirs, median. Steadier than rates where other work shares the cores.
    pub cpu: Option<f64>,
    pub less_is_better: bool,
    pub target: Option<f64>,
    pub stretch: Option<f64>,
    pub met: Option<bool>,
}

#[derive(Serialize)]
struct Skipped {
    row: &'static str,
    why: String,
}

/// Where and how it was measured.
#[derive(Serialize)]
struct Setting {
    cores: usize,
    pinned: bool,
    kernel: String,
    cpu: String,
    disk: PathBuf,
    file_system: String,
    seconds: f64,
    warm_up_seconds: f64,
    repetitions: usize,
    connections: usize,
    large_board: u64,
    one_date: bool,
}

/// A run.
#[derive(Serialize)]
pub struct Report {
    setting: Setting,
    rows: Vec<Ratio>,
    skipped: Vec<Skipped>,
    curve: Vec<Point>,
    taken: Vec<Taken>,
    failed: bool,
    #[serde(skip)]
    out: PathBuf,
}

impl Report {
    /// Says where and how it will be measured. Refuses a disk that is none.
    pub fn begin(settings: &Settings, disk: &Path, pinned: bool) -> Result<Self, Failure> {
        fs::create_dir_all(disk)?;
        let file_system = answer("stat", &["-f", "-c", "%T", &disk.to_string_lossy()]);
        if ["tmpfs", "ramfs"].contains(&file_system.as_str()) {
            let way_out = "an fsync there costs nothing; name another directory with --disk";
            return Err(format!("`{}` is on {file_system}: {way_out}", disk.display()).into());
        }
        let cores = thread::available_parallelism().map_or(1, usize::from);
        println!(
            "{cores} cores, {}; stores on {file_system} ({})",
            if pinned {
                "servers on core 0, load on core 1"
            } else {
                "NOT PINNED: two cores and `taskset` (apt-get install util-linux) are wanted"
            },
            disk.display()
        );
        Ok(Self {
            setting: Setting {
                cores,
                pinned,
                kernel: answer("uname", &["-sr"]),
                cpu: cpu(),
                disk: disk.to_owned(),
                file_system,
                seconds: settings.seconds,
                warm_up_seconds: settings.warm_up,
                repetitions: settings.repetitions,
                connections: settings.connections,
                large_board: settings.million,
                one_date: settings.one_date,
            },
            rows: Vec::new(),
            skipped: Vec::new(),
            curve: Vec::new(),
            taken: Vec::new(),
            failed: false,
            out: settings.out.clone().unwrap_or_else(default_out),
        })
    }

    /// Leaves a row out, loudly.
    pub fn skip(&mut self, row: &'static str, why: &str) {
        println!("!!! row `{row}` is NOT measured. {why}");
        self.skipped.push(Skipped {
            row,
            why: why.to_owned(),
        });
    }

    /// Leaves a row out because measuring it failed; so does the run, once the others have been measured.
    pub fn fail(&mut self, row: &'static str, why: &str) {
        self.failed = true;
        self.skip(row, why);
    }

    /// Tells a measurement.
    pub fn taken(&mut self, taken: Taken) {
        let Taken {
            turn,
            subject,
            measured,
        } = &taken;
        let latency = if measured.p50_us > 0.0 {
            format!(
                "p50 {:>7.0} us  p99 {:>7.0} us",
                measured.p50_us, measured.p99_us
            )
        } else {
            String::new()
        };
        println!(
            "  {:>2}  {:<42} {:>9.0}/s  {latency:<28}  server {:>3.0} %, {:>6.1} us each  client {:>3.0} %",
            turn + 1,
            subject.words(),
            measured.rate(),
            100.0 * measured.server_cpu,
            measured.server_us(),
            100.0 * measured.client_cpu,
        );
        if subject.is_peak()
            && measured.client_cpu > measured.server_cpu
            && measured.client_cpu > 0.9
        {
            println!("      warning: the load client was busier than the server");
        }
        if measured.late_p99_us > 0.0 {
            println!(
                "      calls began up to {:.0} us after they were due (99 of 100)",
                measured.late_p99_us
            );
        }
        if !subject.is_peak() && measured.client_cpu > CALM_CLIENT_MAX {
            println!("      warning: the load client was too busy for a sound latency");
        }
        self.taken.push(taken);
    }

    /// Tells a row once its turns are taken.
    pub fn row(&mut self, row: &Row, turns: &[Turn]) {
        let sides: Vec<(f64, f64)> = turns
            .iter()
            .filter_map(|turn| Some((turn.get(&row.ours)?, turn.get(&row.theirs)?)))
            .map(|(ours, theirs)| (row.value(ours), row.value(theirs)))
            .collect();
        let mut ratios: Vec<f64> = sides.iter().map(|(ours, theirs)| ours / theirs).collect();
        ratios.sort_by(f64::total_cmp);
        let (Some(min), Some(max)) = (ratios.first(), ratios.last()) else {
            return self.skip(row.name, "it was not measured");
        };
        let median = median(&ratios);
        let ratio = Ratio {
            row: row.name,
            what: row.what,
            median,
            min: *min,
            max: *max,
            ours_median: median_of(sides.iter().map(|side| side.0)),
            theirs_median: median_of(sides.iter().map(|side| side.1)),
            unit: match row.by {
                By::Rate => "1/s",
                By::P99 | By::Cpu => "us",
            },
            cpu: row.compares_cpu().then(|| {
                median_of(turns.iter().filter_map(|turn| {
                    Some(turn.get(&row.ours)?.server_us() / turn.get(&row.theirs)?.server_us())
                }))
            }),
            less_is_better: row.by != By::Rate,
            target: row.targets.map(|targets| targets[0]),
            stretch: row.targets.map(|targets| targets[1]),
            met: row.targets.map(|targets| row.meets(median, targets[0])),
        };
        println!("{}", line(&ratio));
        self.rows.push(ratio);
    }

    /// Tells a point of the curve.
    pub fn point(&mut self, point: Point) {
        println!("{point}");
        self.curve.push(point);
    }

    /// The table, and the files.
    pub fn end(self) -> Result<(), Failure> {
        println!();
        for ratio in &self.rows {
            println!("{}", line(ratio));
        }
        for skipped in &self.skipped {
            println!("!!! `{}` is missing. {}", skipped.row, skipped.why);
        }
        fs::create_dir_all(&self.out)?;
        let json = self.out.join("against.json");
        fs::write(&json, serde_json::to_vec_pretty(&self)?)?;
        println!("written: {}", json.display());
        if !self.rows.is_empty() {
            let chart = self.out.join("against.svg");
            chart::ratios(&chart, &self.rows)?;
            println!("written: {}", chart.display());
        }
        if !self.curve.is_empty() {
            let chart = self.out.join("watchers-curve.svg");
            chart::curve(&chart, &self.curve)?;
            println!("written: {}", chart.display());
        }
        if self.failed {
            return Err("not every row could be measured".into());
        }
        Ok(())
    }
}

fn line(ratio: &Ratio) -> String {
    let target = match (ratio.target, ratio.stretch, ratio.met) {
        (Some(target), Some(stretch), Some(met)) => format!(
            "target {target} (stretch {stretch}): {}",
            if met { "met" } else { "MISSED" }
        ),
        _ => "for reference".to_owned(),
    };
    let cpu = ratio
        .cpu
        .map_or_else(String::new, |cpu| format!(", CPU {cpu:.2} times"));
    format!(
        "{:<12} {:>6.3}  [{:.3} .. {:.3}]  {:.1} against {:.1} {}{cpu}  {target}",
        ratio.row,
        ratio.median,
        ratio.min,
        ratio.max,
        ratio.ours_median,
        ratio.theirs_median,
        ratio.unit
    )
}

fn median_of(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    median(&values)
}

/// Of sorted values, at least one.
fn median(values: &[f64]) -> f64 {
    let middle = values.len() / 2;
    if values.len() % 2 == 1 {
        values[middle]
    } else {
        f64::midpoint(values[middle - 1], values[middle])
    }
}

fn default_out() -> PathBuf {
    let beside = Path::new(env!("CARGO_TARGET_TMPDIR"));
    beside.with_file_name("bench-against")
}

/// What a program answers; empty where it is missing.
fn answer(program: &str, words: &[&str]) -> String {
    let output = Command::new(program).args(words).output();
    output.map_or_else(
        |_| String::new(),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    )
}

fn cpu() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = info.lines().find(|line| line.starts_with("model name"));
    line.and_then(|line| line.split_once(": "))
        .map_or_else(String::new, |(_, name)| name.to_owned())
}
