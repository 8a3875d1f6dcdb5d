//! The rows of a board as a table.

use super::format::{
    basis_head, cost, kind, margin, mark, optional, score_decimals, short, times, verdict,
};
use super::screen::Screen;
use super::table::{Align, Table};
use crate::proto::v1::{BasisCost, CostBasis, GetLeaderboardResponse, Order, Standing, Status};

/// A board with a line above that says what it shows, and lines below that explain its marks.
pub(super) fn render(board: &GetLeaderboardResponse, screen: Screen) -> String {
    let mut text = head(board);
    if board.rows.is_empty() {
        text.push_str("no standings\n");
    } else {
        text.push_str(&rows(
            &board.rows,
            board.cost_basis(),
            is_mean(&board.board),
            screen,
        ));
        text.push_str(&footnotes(board));
    }
    text
}

pub(super) fn is_mean(board: &str) -> bool {
    board == "overall" || board.starts_with("suite/")
}

pub(super) fn head(board: &GetLeaderboardResponse) -> String {
    let better = if board.higher_is_better {
        "higher"
    } else {
        "lower"
    };
    let order = short(board.order().as_str_name(), "ORDER_").to_lowercase();
    let order = match board.order() {
        Order::Unspecified => String::new(),
        _ => format!(", by {order}"),
    };
    format!(
        "{}: {} of {} standings at revision {}, {}, {better} is better{order}\n",
        board.board,
        board.rows.len(),
        board.standing_count,
        board.revision,
        board.unit,
    )
}

/// What a narrow screen can do without, first to go first; overpay goes with value.
const SPARE: [&str; 8] = [
    "kind",
    "95 %",
    "benchmarks",
    "±",
    "verdict",
    "value",
    "overpay",
    "frontier",
];

/// The table alone. A mean over benchmarks has neither value nor trend; it has the number of its benchmarks.
pub(super) fn rows(rows: &[Standing], basis: CostBasis, mean: bool, screen: Screen) -> String {
    let mut columns = vec![
        ("rank", Align::Right),
        ("95 %", Align::Left),
        ("model", Align::Left),
        ("score", Align::Right),
        ("±", Align::Left),
        (basis_head(basis), Align::Right),
        ("kind", Align::Left),
    ];
    let before_overpay = if mean { "benchmarks" } else { "value" };
    columns.extend([
        (before_overpay, Align::Right),
        ("overpay", Align::Right),
        ("frontier", Align::Left),
    ]);
    if !mean {
        columns.push(("verdict", Align::Left));
    }
    let decimals = score_decimals(rows.iter().map(|row| row.score));
    let mut table = Table::new(columns);
    for row in rows {
        table.row(cells(row, basis, mean, decimals));
    }
    table.show(screen, &SPARE)
}

fn cells(row: &Standing, basis: CostBasis, mean: bool, decimals: usize) -> Vec<String> {
    let on_basis = cost_on(row, basis);
    let mut cells = vec![
        row.rank.map_or_else(String::new, |rank| rank.to_string()),
        match (row.rank_best, row.rank_worst) {
            (Some(best), Some(worst)) => format!("{best}-{worst}"),
            _ => String::new(),
        },
        match row.status() {
            Status::Disputed => format!("{} (disputed)", row.model),
            _ => row.model.clone(),
        },
        format!("{:.decimals$}", row.score),
        margin(row.score, row.interval.as_ref(), decimals),
        on_basis.map_or_else(String::new, cost),
        on_basis.map_or_else(String::new, |cost| kind(cost.kind())),
        if mean {
            row.benchmark_count.to_string()
        } else {
            optional(row.value)
        },
        row.overpay.map_or_else(String::new, times),
        mark(row.on_frontier),
    ];
    if !mean {
        let trend = row.trend.as_ref();
        cells.push(trend.map_or_else(String::new, |trend| verdict(trend.verdict())));
    }
    cells
}

/// The cost of a row on a basis.
pub(super) fn cost_on(row: &Standing, basis: CostBasis) -> Option<&BasisCost> {
    row.costs.iter().find(|cost| cost.basis() == basis)
}

pub(super) fn footnotes(board: &GetLeaderboardResponse) -> String {
    let basis = board.cost_basis();
    let any = |test: fn(&BasisCost) -> bool| {
        board
            .rows
            .iter()
            .filter_map(|row| cost_on(row, basis))
            .any(test)
    };
    let mut text = String::new();
    if board.rows.iter().any(|row| row.on_frontier == Some(true)) {
        text.push_str("* frontier: nothing that costs less is as good\n");
    }
    if any(|cost| cost.not_a_cost_proxy) {
        text.push_str(
            "† list price of a reasoning model, which uses more tokens: not a cost proxy\n",
        );
    }
    if any(|cost| cost.cache_price_missing) {
        text.push_str("‡ cached tokens are priced as input: no cache price is known\n");
    }
    if board.unranked_count > 0 {
        let omitted = format!(
            "{} more without what this order needs\n",
            board.unranked_count
        );
        text.push_str(&omitted);
    }
    if !board.next_page_token.is_empty() {
        let shown = board.rows.len();
        let cut = format!(
            "{shown} of {} rows shown; `--limit` shows more\n",
            board.row_count
        );
        text.push_str(&cut);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::v1::{CostKind, DeclaredTrend, ScoreInterval, Verdict};

    fn standing(model: &str, score: f64) -> Standing {
        Standing {
            model: model.into(),
            score,
            rank: Some(1),
            ..Standing::default()
        }
    }

    fn costed() -> Standing {
        Standing {
            interval: Some(ScoreInterval {
                low: 50.4,
                high: 63.3,
                ..ScoreInterval::default()
            }),
            rank_best: Some(1),
            rank_worst: Some(3),
            costs: vec![BasisCost {
                basis: CostBasis::Task.into(),
                central_usd: 0.024_085_8,
                kind: CostKind::Measured.into(),
                ..BasisCost::default()
            }],
            value: Some(2_362.4),
            overpay: Some(1.0),
            on_frontier: Some(true),
            trend: Some(DeclaredTrend {
                verdict: Verdict::Ahead.into(),
                ..DeclaredTrend::default()
            }),
            ..standing("deepseek/r1", 56.9)
        }
    }

    #[test]
    fn overpay_stands_beside_value_and_what_is_missing_is_no_zero() {
        let text = rows(
            &[costed(), standing("a/b", 51.0)],
            CostBasis::Task,
            false,
            Screen::UNBOUNDED,
        );
        assert_eq!(
            text,
            "rank  95 %  model        score  ±          cost/task  kind      value  overpay  frontier  verdict\n\
             \x20  1  1-3   deepseek/r1   56.9  +6.4 -6.5   $0.02409  measured   2362       1×  *         AHEAD\n\
             \x20  1  -     a/b           51.0  -                  -  -             -        -  -         -\n"
        );
    }

    #[test]
    fn a_mean_shows_how_many_benchmarks_it_is_over() {
        let mut row = standing("a/b", 0.857_14);
        row.benchmark_count = 7;
        let text = rows(&[row], CostBasis::TokenPrice, true, Screen::UNBOUNDED);
        assert!(
            text.starts_with(
                "rank  95 %  model   score  ±  cost/Mtok  kind  benchmarks  overpay  frontier\n"
            ),
            "{text}"
        );
        assert!(text.contains("0.8571") && text.contains('7'), "{text}");
    }

    #[test]
    fn the_head_and_the_notes_say_what_is_shown() {
        let mut row = costed();
        row.costs[0].not_a_cost_proxy = true;
        let board = GetLeaderboardResponse {
            revision: 9,
            board: "aider-polyglot".into(),
            cost_basis: CostBasis::Task.into(),
            rows: vec![row],
            standing_count: 7,
            unranked_count: 2,
            unit: "PERCENT".into(),
            higher_is_better: true,
            ..GetLeaderboardResponse::default()
        };
        let text = render(&board, Screen::UNBOUNDED);
        assert!(
            text.starts_with(
                "aider-polyglot: 1 of 7 standings at revision 9, PERCENT, higher is better\n"
            ),
            "{text}"
        );
        assert!(
            text.contains("$0.02409†") && text.contains("not a cost proxy"),
            "{text}"
        );
        assert!(
            text.ends_with("2 more without what this order needs\n"),
            "{text}"
        );
        let empty = GetLeaderboardResponse::default();
        assert!(render(&empty, Screen::UNBOUNDED).ends_with("no standings\n"));
    }
}
