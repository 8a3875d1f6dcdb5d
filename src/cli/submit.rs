//! `frontierd submit`: one result.

use super::Failure;
use super::args::{Basis, Connection, Kind, Relationship, RequestId};
use super::board_table::rows;
use super::output::{Format, answer};
use super::screen::Screen;
use super::table::printable;
use crate::proto::v1::{
    BasisCost, CostBasis, CostRange, Result as ResultMessage, ScoreInterval, SubmitResultRequest,
    SubmitResultResponse, TokenUsage,
};

/// Submit a result: it is durable when the answer is printed
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  frontierd submit gpqa-diamond deepseek/v3 59.1 --cost 0.42 --task-count 198 --date 2024-12-26 --evaluator our-lab\n  frontierd submit gpqa-diamond openai/gpt-5@high 80 --input-tokens 200000 --output-tokens 900000 --validate-only"
)]
pub(super) struct Args {
    /// Benchmark id
    benchmark: String,
    /// Model id or alias
    model: String,
    /// The score, in the benchmark's unit unless `--unit` says otherwise
    #[arg(allow_negative_numbers = true)]
    score: f64,
    /// Unit of score and uncertainty; PERCENT and FRACTION convert
    #[arg(long, default_value = "", hide_default_value = true)]
    unit: String,
    #[command(flatten)]
    uncertainty: Uncertainty,
    #[command(flatten)]
    cost: Cost,
    #[command(flatten)]
    provenance: Provenance,
    /// Answer what would happen and write nothing
    #[arg(long)]
    validate_only: bool,
    /// Refuse an unknown model instead of creating it
    #[arg(long)]
    require_known_model: bool,
    /// Cost basis of the answer [default: the board's]
    #[arg(long)]
    basis: Option<Basis>,
    #[command(flatten)]
    request_id: RequestId,
    #[command(flatten)]
    connection: Connection,
}

#[derive(clap::Args, Debug)]
#[command(next_help_heading = "Uncertainty")]
struct Uncertainty {
    /// Lower end of an interval around the score
    #[arg(
        long,
        value_name = "SCORE",
        requires = "high",
        allow_negative_numbers = true
    )]
    low: Option<f64>,
    /// Upper end of the interval
    #[arg(
        long,
        value_name = "SCORE",
        requires = "low",
        allow_negative_numbers = true
    )]
    high: Option<f64>,
    /// Level of the interval [default: 0.95]
    #[arg(long, value_name = "LEVEL", requires = "low")]
    confidence_level: Option<f64>,
    /// Standard error of the score
    #[arg(long, value_name = "SCORE")]
    standard_error: Option<f64>,
    /// Questions answered
    #[arg(long, value_name = "N")]
    sample_count: Option<i64>,
}

#[derive(clap::Args, Debug)]
#[command(next_help_heading = "Cost (leave it out if it is unknown: a missing cost is not zero)")]
struct Cost {
    /// Cost of the whole run in USD
    #[arg(long = "cost", value_name = "USD", allow_negative_numbers = true)]
    central: Option<f64>,
    /// Lower end of the cost
    #[arg(
        id = "cost_low",
        long = "cost-low",
        value_name = "USD",
        allow_negative_numbers = true
    )]
    low: Option<f64>,
    /// Upper end of the cost
    #[arg(
        id = "cost_high",
        long = "cost-high",
        value_name = "USD",
        allow_negative_numbers = true
    )]
    high: Option<f64>,
    /// How the cost is known [default: reported]
    #[arg(id = "cost_kind", long = "cost-kind", value_name = "KIND")]
    kind: Option<Kind>,
    /// Input tokens of the whole run, without cached ones
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    input_tokens: i64,
    /// Output tokens of the whole run, with reasoning
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    output_tokens: i64,
    /// Input tokens read from a cache
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    cache_read_tokens: i64,
    /// Input tokens written to a cache
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    cache_write_tokens: i64,
    /// Tasks in the run [default: the sample count]
    #[arg(long, value_name = "N")]
    task_count: Option<i64>,
    /// Attempts per task [default: 1]
    #[arg(long, value_name = "N")]
    repeats: Option<i32>,
}

#[derive(clap::Args, Debug)]
#[command(next_help_heading = "Provenance")]
struct Provenance {
    /// When it was measured [default: today, UTC]
    #[arg(
        long,
        value_name = "YYYY-MM-DD",
        default_value = "",
        hide_default_value = true
    )]
    date: String,
    /// Who ran it
    #[arg(
        long,
        value_name = "NAME",
        default_value = "",
        hide_default_value = true
    )]
    evaluator: String,
    /// The evaluator's relationship to the maker of the model [default: other]
    #[arg(long)]
    relationship: Option<Relationship>,
    /// Evaluation harness
    #[arg(
        long,
        value_name = "NAME",
        default_value = "",
        hide_default_value = true
    )]
    harness: String,
    /// Version of the harness
    #[arg(
        long,
        value_name = "VERSION",
        default_value = "",
        hide_default_value = true
    )]
    harness_version: String,
    /// Where it is stated
    #[arg(
        long,
        value_name = "URL",
        default_value = "",
        hide_default_value = true
    )]
    source_url: String,
    /// A free label; repeat for several
    #[arg(long = "label", value_name = "KEY=VALUE", value_parser = label)]
    labels: Vec<(String, String)>,
}

fn label(text: &str) -> Result<(String, String), String> {
    text.split_once('=')
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .ok_or_else(|| format!("`{text}` is not KEY=VALUE"))
}

impl Cost {
    fn range(&self) -> Option<CostRange> {
        let given = [self.central, self.low, self.high]
            .iter()
            .any(Option::is_some);
        given.then(|| CostRange {
            low_usd: self.low,
            central_usd: self.central,
            high_usd: self.high,
            kind: Kind::wire(self.kind),
        })
    }

    fn tokens(&self) -> Option<TokenUsage> {
        let usage = TokenUsage {
            input_tokens: self.input_tokens,
            output_tokens: self.output_tokens,
            cache_read_tokens: self.cache_read_tokens,
            cache_write_tokens: self.cache_write_tokens,
        };
        (usage != TokenUsage::default()).then_some(usage)
    }
}

impl Args {
    fn result(&self) -> ResultMessage {
        let interval = self.uncertainty.low.zip(self.uncertainty.high);
        ResultMessage {
            benchmark: self.benchmark.clone(),
            model: self.model.clone(),
            score: Some(self.score),
            unit: self.unit.clone(),
            interval: interval.map(|(low, high)| ScoreInterval {
                low,
                high,
                confidence_level: self.uncertainty.confidence_level,
                ..ScoreInterval::default()
            }),
            standard_error: self.uncertainty.standard_error,
            sample_count: self.uncertainty.sample_count,
            run_cost: self.cost.range(),
            tokens: self.cost.tokens(),
            task_count: self.cost.task_count,
            repeats: self.cost.repeats,
            observed_date: self.provenance.date.clone(),
            evaluator: self.provenance.evaluator.clone(),
            relationship: Relationship::wire(self.provenance.relationship),
            harness: self.provenance.harness.clone(),
            harness_version: self.provenance.harness_version.clone(),
            source_url: self.provenance.source_url.clone(),
            labels: self.provenance.labels.iter().cloned().collect(),
        }
    }

    pub(super) async fn run(self, format: Format) -> Result<(), Failure> {
        let request = SubmitResultRequest {
            result: Some(self.result()),
            request_id: self.request_id.request_id.clone(),
            validate_only: self.validate_only,
            require_known_model: self.require_known_model,
            cost_basis: Basis::wire(self.basis),
        };
        let accepted = self
            .connection
            .client()
            .await?
            .submit_result(request)
            .await?;
        answer(format, "SubmitResultResponse", &accepted, |accepted| {
            render(accepted, self.validate_only)
        })
    }
}

fn render(accepted: &SubmitResultResponse, validate_only: bool) -> String {
    let mut lines = vec![match (validate_only, accepted.replayed) {
        (true, _) => format!(
            "would become revision {}; nothing was written",
            accepted.revision
        ),
        (false, true) => format!("recorded before as revision {}", accepted.revision),
        (false, false) => format!("recorded as revision {}", accepted.revision),
    }];
    if !accepted.counting {
        lines.push("another result of this model counts: it is newer or preferred".to_owned());
    }
    for (what, models, count) in [
        (
            "overtook",
            &accepted.displaced,
            accepted.displaced_count as usize,
        ),
        (
            "entered the frontier",
            &accepted.frontier_entered,
            accepted.frontier_entered.len(),
        ),
        (
            "left the frontier",
            &accepted.frontier_left,
            accepted.frontier_left.len(),
        ),
    ] {
        if !models.is_empty() {
            let more = match count.saturating_sub(models.len()) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            lines.push(format!("{what}: {}{more}", models.join(", ")));
        }
    }
    for warning in &accepted.warnings {
        lines.push(format!("warning: {} ({})", warning.message, warning.reason));
    }
    let mut text: String = lines.iter().map(|line| printable(line) + "\n").collect();
    if let Some(standing) = &accepted.standing {
        let basis = match standing.cost_basis() {
            CostBasis::Unspecified => standing
                .costs
                .first()
                .map_or(CostBasis::Task, BasisCost::basis),
            basis => basis,
        };
        text.push_str(&rows(
            std::slice::from_ref(standing),
            basis,
            false,
            Screen::of_stdout(),
        ));
    }
    text
}
