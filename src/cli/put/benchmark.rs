//! `frontierd put benchmark`.

use clap::ValueEnum;

use super::{Upsert, outcome};
use crate::cli::Failure;
use crate::cli::args::{Connection, Relationship};
use crate::cli::output::{Format, answer};
use crate::proto::v1::{
    Benchmark, CountingRule, DeclaredCurve, EvaluatorRelationship, PutBenchmarkRequest,
};

/// Create or change a benchmark
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  frontierd put benchmark our-tasks@2 --title 'Our tasks' --questions 120 --chance 25 --tag internal --supersedes our-tasks"
)]
pub(in crate::cli) struct Args {
    /// `name` or `name@version`
    id: String,
    /// Human name
    #[arg(long)]
    title: Option<String>,
    /// What it measures
    #[arg(long)]
    description: Option<String>,
    /// PERCENT, FRACTION, USD, SECONDS or free text [default: PERCENT]
    #[arg(long)]
    unit: Option<String>,
    /// Whether more is better [default: true]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    higher_is_better: Option<bool>,
    /// Least valid score
    #[arg(long, value_name = "SCORE", allow_negative_numbers = true)]
    minimum: Option<f64>,
    /// Greatest valid score
    #[arg(long, value_name = "SCORE", allow_negative_numbers = true)]
    maximum: Option<f64>,
    /// Score of guessing
    #[arg(long, value_name = "SCORE", allow_negative_numbers = true)]
    chance: Option<f64>,
    /// Score of a flawless answer
    #[arg(long, value_name = "SCORE", allow_negative_numbers = true)]
    perfect: Option<f64>,
    /// Number of questions: gives proportions their uncertainty
    #[arg(long, value_name = "N")]
    questions: Option<i64>,
    /// Which result of a model counts [default: latest]
    #[arg(long, value_name = "RULE")]
    counting_rule: Option<Counting>,
    /// Evaluators to prefer, by relationship; repeat, most preferred first
    #[arg(long = "prefer", value_name = "RELATIONSHIP")]
    preferred: Vec<Relationship>,
    /// Label; makes it part of the board `suite/TAG`; repeat for several
    #[arg(long = "tag", value_name = "TAG")]
    tags: Vec<String>,
    #[command(flatten)]
    policy: Policy,
    /// Id of the version this one replaces
    #[arg(long, value_name = "ID")]
    supersedes: Option<String>,
    /// Leave it out of the board `overall`
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    exclude_from_overall: Option<bool>,
    /// Where it is defined
    #[arg(long, value_name = "URL")]
    source_url: Option<String>,
    #[command(flatten)]
    upsert: Upsert,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Counting {
    /// The newest observed
    Latest,
    /// The best score
    Best,
}

/// How costs are judged.
#[derive(clap::Args, Debug)]
#[command(next_help_heading = "Cost policy")]
struct Policy {
    /// The cost of a fixed capability falls by this factor a year [default: 4]
    #[arg(long, value_name = "R")]
    annual_factor: Option<f64>,
    /// Slower end of that factor
    #[arg(long, value_name = "R")]
    annual_factor_low: Option<f64>,
    /// Faster end of that factor
    #[arg(long, value_name = "R")]
    annual_factor_high: Option<f64>,
    /// On trend within this factor [default: 1.25]
    #[arg(long, value_name = "K")]
    tolerance: Option<f64>,
    /// Weight of the input price in a blended price [default: 3]
    #[arg(long, value_name = "WEIGHT")]
    blend_input_weight: Option<f64>,
    /// Weight of the output price in a blended price [default: 1]
    #[arg(long, value_name = "WEIGHT")]
    blend_output_weight: Option<f64>,
}

impl Policy {
    fn curve(&self) -> Option<DeclaredCurve> {
        let curve = DeclaredCurve {
            annual_factor: self.annual_factor,
            annual_factor_low: self.annual_factor_low,
            annual_factor_high: self.annual_factor_high,
            tolerance: self.tolerance,
        };
        (curve != DeclaredCurve::default()).then_some(curve)
    }
}

impl Args {
    pub(super) async fn run(self, format: Format) -> Result<(), Failure> {
        let counting_rule = match self.counting_rule {
            None => CountingRule::Unspecified,
            Some(Counting::Latest) => CountingRule::Latest,
            Some(Counting::Best) => CountingRule::Best,
        };
        let preferred = self
            .preferred
            .iter()
            .map(|r| EvaluatorRelationship::from(*r).into());
        let benchmark = Benchmark {
            title: self.title,
            description: self.description,
            unit: self.unit,
            higher_is_better: self.higher_is_better,
            minimum: self.minimum,
            maximum: self.maximum,
            chance: self.chance,
            perfect: self.perfect,
            questions: self.questions,
            counting_rule: counting_rule.into(),
            preferred_relationships: preferred.collect(),
            tags: self.tags,
            trend: self.policy.curve(),
            blend_input_weight: self.policy.blend_input_weight,
            blend_output_weight: self.policy.blend_output_weight,
            supersedes: self.supersedes,
            exclude_from_overall: self.exclude_from_overall,
            source_url: self.source_url,
            id: self.id,
            ..Benchmark::default()
        };
        let what = format!("benchmark `{}`", benchmark.id);
        let request = PutBenchmarkRequest {
            benchmark: Some(benchmark),
            clear: self.upsert.clear,
            request_id: self.upsert.request_id.request_id,
            expected_revision: self.upsert.expected_revision,
        };
        let done = self
            .connection
            .client()
            .await?
            .put_benchmark(request)
            .await?;
        answer(format, "PutBenchmarkResponse", &done, |done| {
            outcome(&what, done.revision, done.replayed, done.unchanged, &[])
        })
    }
}
