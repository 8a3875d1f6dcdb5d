//! A board: cost against score, with the frontier as a staircase.

use ratatui::style::Color;

use super::axis::{Axis, Scale};
use super::{Chart, Layer, Name, Shape, spelled};
use crate::cli::board_table::{cost_on, footnotes, head, is_mean};
use crate::cli::format::basis_head;
use crate::cli::screen::Screen;
use crate::cli::table::printable;
use crate::proto::v1::{GetLeaderboardResponse, Standing};

/// Names beyond the frontier's are written on boards of at most this many points.
const NAMED_MAX: usize = 24;

/// A row with its cost and score.
type Offer<'a> = (&'a Standing, (f64, f64));

/// The chart of a board, or why there is none.
pub(in crate::cli) fn leaderboard(board: &GetLeaderboardResponse, screen: Screen) -> String {
    let basis = board.cost_basis();
    let offers: Vec<Offer<'_>> = board
        .rows
        .iter()
        .filter_map(|row| Some((row, (cost_on(row, basis)?.central_usd, row.score))))
        .collect();
    let costs = offers.iter().map(|(_, (cost, _))| *cost);
    let scores = offers.iter().map(|(_, (_, score))| *score);
    let cost_title = format!("{} in USD, log scale", basis_head(basis));
    let axes = Axis::around(cost_title, Scale::Dollars, costs).zip(Axis::around(
        score_title(board),
        Scale::Linear,
        scores,
    ));
    let mut text = head(board);
    let missing = board.rows.len() - offers.len();
    let Some((x, y)) = axes else {
        let none =
            "nothing to plot: no standing has a cost on this basis; `--basis` names another\n";
        text.push_str(none);
        return text;
    };
    let layers = layers(&offers, x.high);
    let names = names(offers);
    text.push_str(
        &Chart {
            x,
            y,
            layers,
            names,
        }
        .draw(screen),
    );
    if missing > 0 {
        let note = format!("{missing} more without a {}\n", basis_head(basis));
        text.push_str(&note);
    }
    // What a star means in the table, the legend says here.
    let notes = footnotes(board);
    let notes = notes.lines().filter(|line| !line.starts_with('*'));
    text.extend(notes.map(|line| format!("{line}\n")));
    spelled(text, screen)
}

fn score_title(board: &GetLeaderboardResponse) -> String {
    if is_mean(&board.board) {
        return "mean win rate".to_owned();
    }
    let better = if board.higher_is_better {
        "higher"
    } else {
        "lower"
    };
    format!("score in {}, {better} is better", printable(&board.unit))
}

fn is_on_frontier(row: &Standing) -> bool {
    row.on_frontier == Some(true)
}

fn layers(offers: &[Offer<'_>], end: f64) -> Vec<Layer> {
    let points = |on_frontier: bool| -> Vec<(f64, f64)> {
        let wanted = offers
            .iter()
            .filter(|(row, _)| is_on_frontier(row) == on_frontier);
        wanted.map(|(_, at)| *at).collect()
    };
    let (frontier, beaten) = (points(true), points(false));
    let said = |points: &[(f64, f64)], what: &str| match points {
        [] => String::new(),
        _ => what.to_owned(),
    };
    vec![
        Layer {
            what: String::new(),
            points: stairs(frontier.clone(), end),
            shape: Shape::Line('-'),
            color: Color::Green,
        },
        Layer {
            what: said(&beaten, "something as good costs less"),
            points: beaten,
            shape: Shape::Marks('○', 'o'),
            color: Color::Reset,
        },
        Layer {
            what: said(&frontier, "frontier"),
            points: frontier,
            shape: Shape::Marks('●', '*'),
            color: Color::Green,
        },
    ]
}

/// The best score for at most each cost: level from one point to the cost of the next, then to its score.
fn stairs(mut points: Vec<(f64, f64)>, end: f64) -> Vec<(f64, f64)> {
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut stairs: Vec<(f64, f64)> = Vec::new();
    for (cost, score) in points {
        if let Some((_, before)) = stairs.last() {
            stairs.push((cost, *before));
        }
        stairs.push((cost, score));
    }
    if let Some((_, score)) = stairs.last() {
        stairs.push((end, *score));
    }
    stairs
}

/// Those of the frontier first; the others only where there are few.
fn names(mut offers: Vec<Offer<'_>>) -> Vec<Name> {
    let few = offers.len() <= NAMED_MAX;
    offers.retain(|(row, _)| few || is_on_frontier(row));
    offers.sort_by_key(|(row, _)| !is_on_frontier(row));
    offers
        .into_iter()
        .map(|(row, at)| Name {
            at,
            text: printable(&row.model),
            color: if is_on_frontier(row) {
                Color::Green
            } else {
                Color::DarkGray
            },
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::v1::{BasisCost, CostBasis, Order};

    fn row(model: &str, score: f64, cost: Option<f64>, on_frontier: bool) -> Standing {
        let cost = cost.map(|central_usd| BasisCost {
            basis: CostBasis::Task.into(),
            central_usd,
            ..BasisCost::default()
        });
        Standing {
            model: model.into(),
            score,
            on_frontier: cost.as_ref().map(|_| on_frontier),
            costs: cost.into_iter().collect(),
            ..Standing::default()
        }
    }

    fn board(rows: Vec<Standing>) -> GetLeaderboardResponse {
        GetLeaderboardResponse {
            board: "a-bench".into(),
            standing_count: rows.len() as i32,
            rows,
            revision: 9,
            cost_basis: CostBasis::Task.into(),
            order: Order::Score.into(),
            unit: "PERCENT".into(),
            higher_is_better: true,
            ..GetLeaderboardResponse::default()
        }
    }

    fn six() -> GetLeaderboardResponse {
        board(vec![
            row("openai/o1@high", 61.7, Some(0.8), true),
            row("deepseek/r1", 56.9, Some(0.024), true),
            row("anthropic/sonnet", 51.6, Some(0.064), false),
            row("deepseek/v3", 48.4, Some(0.0015), true),
            row("openai/gpt-4o", 23.1, Some(0.031), false),
            row("x/unpriced", 70.0, None, false),
        ])
    }

    #[test]
    fn the_frontier_is_a_staircase_with_its_names_in_unicode_and_in_ascii() {
        let screen = Screen {
            width: Some(80),
            ..Screen::UNBOUNDED
        };
        let ascii = Screen {
            unicode: false,
            ..screen
        };
        let ascii = leaderboard(&six(), ascii);
        assert!(ascii.is_ascii(), "{ascii}");
        let both = format!("{}{ascii}", leaderboard(&six(), screen));
        assert_eq!(both, include_str!("tests/board.txt"));
    }

    #[test]
    fn every_width_is_kept_and_colour_moves_nothing() {
        for width in [40, 60, 80, 120, 200] {
            let screen = Screen {
                width: Some(width),
                ..Screen::UNBOUNDED
            };
            let plain = leaderboard(&six(), screen);
            let chart = plain.lines().skip(1).take(22);
            assert!(
                chart
                    .into_iter()
                    .all(|line| line.chars().count() <= width.max(40)),
                "{plain}"
            );
            let coloured = leaderboard(
                &six(),
                Screen {
                    color: true,
                    ..screen
                },
            );
            let mut stripped = coloured;
            for code in ["32", "33", "36", "90", "0"] {
                stripped = stripped.replace(&format!("\u{1b}[{code}m"), "");
            }
            assert_eq!(stripped, plain);
        }
    }

    #[test]
    fn names_never_cover_each_other() {
        let rows = (0..24).map(|n| {
            row(
                &format!("vendor/model-{n}"),
                f64::from(n % 3),
                Some(1.0),
                true,
            )
        });
        let text = leaderboard(&board(rows.collect()), Screen::UNBOUNDED);
        assert!(text.contains("names did not fit"), "{text}");
        let written = (0..24).filter(|n| {
            text.split(|letter: char| !letter.is_ascii_graphic())
                .any(|word| word == format!("vendor/model-{n}"))
        });
        let missing: usize = text
            .lines()
            .find_map(|line| line.split_once(" names did not fit"))
            .and_then(|(count, _)| count.parse().ok())
            .expect("a count");
        assert_eq!(written.count() + missing, 24, "{text}");
    }

    #[test]
    fn a_board_without_costs_says_so() {
        let text = leaderboard(
            &board(vec![row("a/b", 1.0, None, false)]),
            Screen::UNBOUNDED,
        );
        assert!(text.contains("nothing to plot"), "{text}");
    }
}
