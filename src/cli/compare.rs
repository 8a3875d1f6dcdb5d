//! `frontierd compare`: two models on the benchmarks they share.

use clap::ValueEnum;

use super::Failure;
use super::args::{Basis, Connection, Past};
use super::failure::say;
use super::format::{basis_head, number, times, usd};
use super::output::{Format, answer};
use super::screen::Screen;
use super::table::{Align, Table, printable};
use crate::proto::v1::{BenchmarkComparison, CompareModelsRequest, CompareModelsResponse};

/// Compare two models on the benchmarks they share
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  frontierd compare sonnet-1022 deepseek/v3\n  frontierd compare sonnet-1022 deepseek/v3 --fail-if cheaper && echo keep sonnet-1022"
)]
pub(super) struct Args {
    /// A: model id or alias, such as the one in production
    a: String,
    /// B: model id or alias, such as the one that might replace it
    b: String,
    /// Basis of the cost ratio [default: each board's]
    #[arg(long)]
    basis: Option<Basis>,
    /// Only benchmarks with this tag
    #[arg(
        long,
        value_name = "TAG",
        default_value = "",
        hide_default_value = true
    )]
    tag: String,
    /// Exit with 1 when this holds
    #[arg(long, value_name = "WHAT")]
    fail_if: Option<FailIf>,
    #[command(flatten)]
    past: Past,
    #[command(flatten)]
    connection: Connection,
}

/// A condition for exit code 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FailIf {
    /// B costs less than A on some shared benchmark, more on none, and A is better than B, by more than the
    /// uncertainty, on none
    Cheaper,
}

impl Args {
    pub(super) async fn run(self, format: Format) -> Result<(), Failure> {
        let request = CompareModelsRequest {
            a: self.a,
            b: self.b,
            cost_basis: Basis::wire(self.basis),
            tag: self.tag,
            as_of: self.past.message(),
        };
        let comparison = self
            .connection
            .client()
            .await?
            .compare_models(request)
            .await?;
        answer(format, "CompareModelsResponse", &comparison, |found| {
            render(found, Screen::of_stdout())
        })?;
        match self.fail_if {
            Some(FailIf::Cheaper) if is_cheaper(&comparison) => {
                say(&format!(
                    "`{}` costs less than `{}` and is nowhere clearly worse",
                    comparison.b, comparison.a
                ));
                Err(Failure::Condition)
            }
            _ => Ok(()),
        }
    }
}

/// Whether B is an alternative to A that costs less.
fn is_cheaper(comparison: &CompareModelsResponse) -> bool {
    // Without an uncertainty a better score has to be taken at its word.
    let a_clearly_better =
        |row: &BenchmarkComparison| row.better == comparison.a && row.separated != Some(false);
    let ratios = || {
        comparison
            .benchmarks
            .iter()
            .filter_map(|row| row.cost_ratio)
    };
    ratios().any(|ratio| ratio > 1.0)
        && ratios().all(|ratio| ratio >= 1.0)
        && !comparison.benchmarks.iter().any(a_clearly_better)
}

fn render(comparison: &CompareModelsResponse, screen: Screen) -> String {
    let bases: std::collections::BTreeSet<i32> = comparison
        .benchmarks
        .iter()
        .map(|row| row.cost_basis)
        .collect();
    let head = match comparison.benchmarks.first() {
        Some(row) if bases.len() == 1 => basis_head(row.cost_basis()),
        _ => "cost",
    };
    let (cost_a, cost_b) = (format!("{head} A"), format!("{head} B"));
    let mut table = Table::new([
        ("benchmark", Align::Left),
        ("A", Align::Right),
        ("B", Align::Right),
        ("A - B", Align::Right),
        ("±", Align::Right),
        ("better", Align::Left),
        ("separated", Align::Left),
        (&cost_a, Align::Right),
        (&cost_b, Align::Right),
        ("A/B", Align::Right),
    ]);
    for row in &comparison.benchmarks {
        table.row(cells(comparison, row));
    }
    format!(
        "A = {}, B = {}, at revision {}\n{}{}\n",
        printable(&comparison.a),
        printable(&comparison.b),
        comparison.revision,
        table.show(screen, &["separated", "±", "A - B"]),
        printable(&comparison.summary)
    )
}

fn cells(comparison: &CompareModelsResponse, row: &BenchmarkComparison) -> Vec<String> {
    let better = match row.better.as_str() {
        "" => "tied",
        better if better == comparison.a => "A",
        _ => "B",
    };
    let dollars = |cost: Option<f64>| cost.map_or_else(String::new, usd);
    vec![
        row.benchmark.clone(),
        number(row.score_a),
        number(row.score_b),
        number(row.difference),
        row.difference_margin.map_or_else(String::new, number),
        better.to_owned(),
        match row.separated {
            Some(true) => "yes".to_owned(),
            Some(false) => "no".to_owned(),
            None => String::new(),
        },
        dollars(row.cost_a_usd),
        dollars(row.cost_b_usd),
        row.cost_ratio.map_or_else(String::new, times),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(better: &str, separated: Option<bool>, cost_ratio: Option<f64>) -> BenchmarkComparison {
        BenchmarkComparison {
            benchmark: "mmlu".into(),
            better: better.into(),
            separated,
            cost_ratio,
            ..BenchmarkComparison::default()
        }
    }

    fn cheaper(rows: &[BenchmarkComparison]) -> bool {
        is_cheaper(&CompareModelsResponse {
            a: "x/a".into(),
            b: "x/b".into(),
            benchmarks: rows.to_vec(),
            ..CompareModelsResponse::default()
        })
    }

    #[test]
    fn cheaper_means_less_for_nothing_clearly_worse() {
        assert!(cheaper(&[row("x/b", Some(true), Some(8.0))]));
        assert!(
            cheaper(&[row("x/a", Some(false), Some(8.0))]),
            "not separated"
        );
        assert!(cheaper(&[row("", None, Some(8.0)), row("x/b", None, None)]));
        assert!(
            !cheaper(&[row("x/a", Some(true), Some(8.0))]),
            "clearly worse"
        );
        assert!(
            !cheaper(&[row("x/a", None, Some(8.0))]),
            "worse, uncertainty unknown"
        );
        assert!(!cheaper(&[row("x/b", Some(true), None)]), "no costs");
        assert!(
            !cheaper(&[row("x/b", None, Some(8.0)), row("x/b", None, Some(0.5))]),
            "dearer somewhere"
        );
        assert!(!cheaper(&[row("x/b", None, Some(1.0))]), "as dear");
        assert!(!cheaper(&[]));
    }

    #[test]
    fn the_table_names_both_and_leaves_out_what_is_not_known() {
        let comparison = CompareModelsResponse {
            a: "x/a".into(),
            b: "x/b".into(),
            revision: 4,
            benchmarks: vec![row("x/b", None, None)],
            summary: "x/b beats x/a on 1 of 1".into(),
            ..CompareModelsResponse::default()
        };
        let text = render(&comparison, Screen::UNBOUNDED);
        assert!(
            text.starts_with("A = x/a, B = x/b, at revision 4\n"),
            "{text}"
        );
        assert!(text.contains("B       -"), "{text}");
        assert!(text.ends_with("x/b beats x/a on 1 of 1\n"), "{text}");
    }
}
