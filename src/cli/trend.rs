//! `frontierd trend`: is a cost on the cost-decline curve?

use clap::{Subcommand, ValueEnum};

use super::Failure;
use super::args::{Basis, Connection, Past};
#[cfg(feature = "plot")]
use super::output::print;
use super::output::{Format, answer};
use super::screen::Screen;
use super::trend_text;
use crate::proto::v1::{
    AssessTrendRequest, CostRange, DeclaredCurve, FitSelection, GetTrendRequest, TrendSide,
    YearsRange,
};

/// Judge a cost against the historical decline of costs
#[derive(clap::Args, Debug)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "Examples:\n  frontierd trend mmlu-price-history --threshold 86\n  frontierd trend gpqa-diamond --model deepseek/v3 --basis training\n  frontierd trend mmlu-price-history --threshold 86 --plot\n  frontierd trend assess --subject-cost 5.576e6 --reference-cost 30e6 --years 1 --gap 2"
)]
pub(super) struct Args {
    #[command(subcommand)]
    assess: Option<Command>,
    /// Benchmark id
    #[arg(required = true)]
    board: Option<String>,
    /// The model to judge [default: none, curves only]
    #[arg(
        long,
        value_name = "MODEL",
        default_value = "",
        hide_default_value = true
    )]
    model: String,
    /// Cost basis [default: the board's]
    #[arg(long)]
    basis: Option<Basis>,
    /// Compare with this model instead of the best earlier offer
    #[arg(
        long,
        value_name = "MODEL",
        default_value = "",
        hide_default_value = true
    )]
    reference: String,
    /// How many times less capable than that reference the model is
    #[arg(long, requires = "reference")]
    gap: Option<f64>,
    /// Which standings to fit [default: all]
    #[arg(long)]
    selection: Option<Selection>,
    /// Score for the price to reach a score [default: the model's score]
    #[arg(long, value_name = "SCORE", allow_negative_numbers = true)]
    threshold: Option<f64>,
    /// Draw date against cost, with the trend, above the figures
    #[cfg(feature = "plot")]
    #[arg(long)]
    plot: bool,
    #[command(flatten)]
    curve: Curve,
    #[command(flatten)]
    past: Past,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Subcommand, Debug)]
enum Command {
    Assess(Box<Assess>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Selection {
    /// All standings with a cost, a date and a normalised score
    All,
    /// Those on the frontier on the day they appeared
    FrontierAtRelease,
}

/// The declared curve.
#[derive(clap::Args, Debug)]
struct Curve {
    /// Cost of a fixed capability falls by this factor a year [default: the benchmark's, else 4]
    #[arg(long, value_name = "R")]
    annual_factor: Option<f64>,
    /// Slower end of that factor
    #[arg(long, value_name = "R")]
    annual_factor_low: Option<f64>,
    /// Faster end of that factor
    #[arg(long, value_name = "R")]
    annual_factor_high: Option<f64>,
    /// On trend within this factor [default: the benchmark's, else 1.25]
    #[arg(long, value_name = "K")]
    tolerance: Option<f64>,
}

impl Curve {
    fn message(&self) -> Option<DeclaredCurve> {
        let curve = DeclaredCurve {
            annual_factor: self.annual_factor,
            annual_factor_low: self.annual_factor_low,
            annual_factor_high: self.annual_factor_high,
            tolerance: self.tolerance,
        };
        (curve != DeclaredCurve::default()).then_some(curve)
    }
}

/// Compare two costs on the declared curve: numbers, or models whose facts are filled in
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  frontierd trend assess --subject-cost 5.576e6 --reference-cost 30e6 --years 1 --gap 2\n  frontierd trend assess --subject deepseek/v3 --reference claude-3.5-sonnet --gap 2"
)]
struct Assess {
    /// Model that is judged
    #[arg(
        long,
        value_name = "MODEL",
        default_value = "",
        hide_default_value = true
    )]
    subject: String,
    /// Its cost in USD
    #[arg(long, value_name = "USD")]
    subject_cost: Option<f64>,
    /// Its date
    #[arg(
        long,
        value_name = "YYYY-MM-DD",
        default_value = "",
        hide_default_value = true
    )]
    subject_date: String,
    /// Model it is compared with
    #[arg(
        long,
        value_name = "MODEL",
        default_value = "",
        hide_default_value = true
    )]
    reference: String,
    /// Cost of the reference in USD
    #[arg(long, value_name = "USD")]
    reference_cost: Option<f64>,
    /// Lower end of the reference's cost
    #[arg(long, value_name = "USD")]
    reference_cost_low: Option<f64>,
    /// Upper end of the reference's cost
    #[arg(long, value_name = "USD")]
    reference_cost_high: Option<f64>,
    /// Date of the reference
    #[arg(
        long,
        value_name = "YYYY-MM-DD",
        default_value = "",
        hide_default_value = true
    )]
    reference_date: String,
    /// Years between them, instead of dates
    #[arg(long, value_name = "YEARS")]
    years: Option<f64>,
    /// Shortest time between them
    #[arg(long, value_name = "YEARS", requires = "years")]
    years_low: Option<f64>,
    /// Longest time between them
    #[arg(long, value_name = "YEARS", requires = "years")]
    years_high: Option<f64>,
    /// How many times less capable the subject is [default: 1]
    #[arg(long)]
    gap: Option<f64>,
    /// Cost reduction, instead of both costs
    #[arg(long, value_name = "FACTOR")]
    reduction: Option<f64>,
    /// Basis of costs looked up by model [default: training]
    #[arg(long)]
    basis: Option<Basis>,
    /// Benchmark, for costs per task and for its curve
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    benchmark: String,
    #[command(flatten)]
    curve: Curve,
    #[command(flatten)]
    connection: Connection,
}

fn cost(low: Option<f64>, central: Option<f64>, high: Option<f64>) -> Option<CostRange> {
    let range = CostRange {
        low_usd: low,
        central_usd: central,
        high_usd: high,
        ..CostRange::default()
    };
    (range != CostRange::default()).then_some(range)
}

impl Assess {
    fn request(&self) -> AssessTrendRequest {
        let side = |model: &str, cost, date: &str| TrendSide {
            model: model.to_owned(),
            cost,
            date: date.to_owned(),
            ..TrendSide::default()
        };
        let reference_cost = cost(
            self.reference_cost_low,
            self.reference_cost,
            self.reference_cost_high,
        );
        let subject_cost = cost(None, self.subject_cost, None);
        AssessTrendRequest {
            subject: Some(side(&self.subject, subject_cost, &self.subject_date)),
            reference: Some(side(&self.reference, reference_cost, &self.reference_date)),
            cost_basis: Basis::wire(self.basis),
            benchmark: self.benchmark.clone(),
            gap: self.gap,
            elapsed_years: self.years.map(|central| YearsRange {
                low: self.years_low,
                central,
                high: self.years_high,
            }),
            curve: self.curve.message(),
            observed_reduction: self.reduction,
        }
    }

    async fn run(self, format: Format) -> Result<(), Failure> {
        let request = self.request();
        let assessed = self
            .connection
            .client()
            .await?
            .assess_trend(request)
            .await?;
        answer(
            format,
            "AssessTrendResponse",
            &assessed,
            trend_text::assessed,
        )
    }
}

impl Args {
    pub(super) async fn run(self, format: Format) -> Result<(), Failure> {
        if let Some(Command::Assess(assess)) = self.assess {
            return assess.run(format).await;
        }
        let selection = match self.selection {
            None => FitSelection::Unspecified,
            Some(Selection::All) => FitSelection::All,
            Some(Selection::FrontierAtRelease) => FitSelection::FrontierAtRelease,
        };
        let request = GetTrendRequest {
            board: self.board.unwrap_or_default(),
            model: self.model,
            cost_basis: Basis::wire(self.basis),
            reference: self.reference,
            gap: self.gap,
            selection: selection.into(),
            threshold: self.threshold,
            as_of: self.past.message(),
            curve: self.curve.message(),
        };
        let trend = self.connection.client().await?.get_trend(request).await?;
        #[cfg(feature = "plot")]
        if self.plot {
            super::plot::must_be_human(format)?;
            print(&super::plot::trend(&trend, Screen::of_stdout()))?;
        }
        answer(format, "GetTrendResponse", &trend, |trend| {
            trend_text::board(trend, Screen::of_stdout())
        })
    }
}
