//! `frontierd put claim`.

use clap::{ArgGroup, ValueEnum};

use super::outcome;
use crate::cli::Failure;
use crate::cli::args::{Connection, Kind, RequestId};
use crate::cli::output::{Format, answer};
use crate::proto::v1::claim::Statement;
use crate::proto::v1::{
    Claim, CostRange, PutClaimRequest, Status, TrainingCost, TrainingDate, TrainingScope,
};

/// Record a dated, sourced statement about a model: training cost, training date, or derived-from
#[derive(clap::Args, Debug)]
#[command(
    group = ArgGroup::new("statement").required(true).multiple(true)
        .args(["cost", "cost_low", "cost_high", "accelerator_hours", "central", "earliest", "latest", "derived_from"]),
    after_help = "Examples:\n  frontierd put claim deepseek/v3 --claimant DeepSeek --date 2024-12-27 --accelerator H800 --accelerator-hours 2788000 --usd-per-hour 2 --scope final-run\n  frontierd put claim deepseek/v3 --claimant 'an analyst' --trained-earliest 2024-11-01 --trained-latest 2024-12-31"
)]
pub(in crate::cli) struct Args {
    /// Model id or alias
    model: String,
    /// Who says so
    #[arg(long, value_name = "NAME")]
    claimant: String,
    /// When it was said [default: today, UTC]
    #[arg(
        long,
        value_name = "YYYY-MM-DD",
        default_value = "",
        hide_default_value = true
    )]
    date: String,
    /// Where it was said
    #[arg(
        long,
        value_name = "URL",
        default_value = "",
        hide_default_value = true
    )]
    source_url: String,
    /// Context
    #[arg(long, default_value = "", hide_default_value = true)]
    note: String,
    /// Record it as disputed: it does not count
    #[arg(long)]
    disputed: bool,
    #[command(flatten)]
    training: Training,
    #[command(flatten)]
    trained: Trained,
    /// Model id it is said to be derived from
    #[arg(long, value_name = "MODEL", conflicts_with_all = ["Training", "Trained"])]
    derived_from: Option<String>,
    #[command(flatten)]
    request_id: RequestId,
    #[command(flatten)]
    connection: Connection,
}

/// What training cost: a figure, or accelerator hours and their price.
#[derive(clap::Args, Debug)]
#[command(next_help_heading = "Training cost")]
#[group(multiple = true, conflicts_with = "Trained")]
struct Training {
    /// The figure in USD
    #[arg(long = "cost", value_name = "USD")]
    cost: Option<f64>,
    /// Lower end
    #[arg(long, value_name = "USD")]
    cost_low: Option<f64>,
    /// Upper end
    #[arg(long, value_name = "USD")]
    cost_high: Option<f64>,
    /// How the figure is known [default: reported]
    #[arg(long, value_name = "KIND")]
    cost_kind: Option<Kind>,
    /// Accelerator, such as `H800`
    #[arg(long, value_name = "NAME")]
    accelerator: Option<String>,
    /// Number of accelerators
    #[arg(long, value_name = "N")]
    accelerator_count: Option<i64>,
    /// Accelerator hours in all
    #[arg(long, value_name = "HOURS", requires = "usd_per_hour")]
    accelerator_hours: Option<f64>,
    /// USD per accelerator hour
    #[arg(long, value_name = "USD")]
    usd_per_hour: Option<f64>,
    /// What is included
    #[arg(long)]
    scope: Option<Scope>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Scope {
    /// The final run only
    FinalRun,
    /// Research, failed runs and all
    WholeProgram,
}

/// When the training run took place.
#[derive(clap::Args, Debug)]
#[command(next_help_heading = "Training date")]
#[group(multiple = true)]
struct Trained {
    /// The day to compute with [default: the middle of earliest and latest]
    #[arg(long = "trained", value_name = "YYYY-MM-DD")]
    central: Option<String>,
    /// Earliest day
    #[arg(long = "trained-earliest", value_name = "YYYY-MM-DD")]
    earliest: Option<String>,
    /// Latest day
    #[arg(long = "trained-latest", value_name = "YYYY-MM-DD")]
    latest: Option<String>,
}

impl Training {
    fn message(self) -> TrainingCost {
        let scope = match self.scope {
            None => TrainingScope::Unspecified,
            Some(Scope::FinalRun) => TrainingScope::FinalRun,
            Some(Scope::WholeProgram) => TrainingScope::WholeProgram,
        };
        let figure = [self.cost, self.cost_low, self.cost_high]
            .iter()
            .any(Option::is_some);
        TrainingCost {
            cost: figure.then(|| CostRange {
                low_usd: self.cost_low,
                central_usd: self.cost,
                high_usd: self.cost_high,
                kind: Kind::wire(self.cost_kind),
            }),
            accelerator: self.accelerator.unwrap_or_default(),
            accelerator_count: self.accelerator_count,
            accelerator_hours: self.accelerator_hours,
            usd_per_hour: self.usd_per_hour,
            scope: scope.into(),
        }
    }
}

impl Trained {
    fn message(self) -> Option<TrainingDate> {
        let date = TrainingDate {
            earliest: self.earliest.unwrap_or_default(),
            central: self.central.unwrap_or_default(),
            latest: self.latest.unwrap_or_default(),
        };
        (date != TrainingDate::default()).then_some(date)
    }
}

impl Args {
    pub(super) async fn run(self, format: Format) -> Result<(), Failure> {
        let what = format!("claim about `{}`", self.model);
        let statement = match (self.derived_from, self.trained.message()) {
            (Some(model), _) => Statement::DerivedFrom(model),
            (None, Some(date)) => Statement::TrainingDate(date),
            (None, None) => Statement::TrainingCost(self.training.message()),
        };
        let status = if self.disputed {
            Status::Disputed
        } else {
            Status::Active
        };
        let claim = Claim {
            model: self.model,
            statement: Some(statement),
            claimant: self.claimant,
            date: self.date,
            source_url: self.source_url,
            note: self.note,
            status: status.into(),
            ..Claim::default()
        };
        let request = PutClaimRequest {
            claim: Some(claim),
            request_id: self.request_id.request_id,
        };
        let done = self.connection.client().await?.put_claim(request).await?;
        answer(format, "PutClaimResponse", &done, |done| {
            outcome(
                &what,
                done.revision,
                done.replayed,
                done.unchanged,
                &done.warnings,
            )
        })
    }
}
