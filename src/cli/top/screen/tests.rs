//! Screens as texts, compared with the files beside this one. `FRONTIERD_RECORD=1 cargo test --lib top` writes them anew;
//! look at what changed before committing it.

use std::path::Path;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::*;
use crate::cli::top::app::{BoardInfo, View};
use crate::cli::top::keys::{Act, press};
use crate::client::{Applied, Fold, Update};
use crate::proto::v1::watch_leaderboard_response::Frame;
use crate::proto::v1::{
    BasisCost, BoardDelta, BoardSize, CostKind, DeclaredTrend, Delta, EvaluatorRelationship, Event,
    EventKind, Progress, ScoreInterval, SnapshotChunk, SnapshotEnd, Standing, Status, Verdict,
    WatchLeaderboardResponse,
};

const BOARD: &str = "gpqa-diamond";

/// Model, rank, score, cost, frontier, verdict.
type Facts = (&'static str, i32, f64, Option<f64>, bool, Verdict);

const FACTS: [Facts; 6] = [
    (
        "openai/o1",
        1,
        75.7,
        Some(26.25),
        true,
        Verdict::FirstToReach,
    ),
    ("deepseek/r1", 2, 71.5, Some(0.96), true, Verdict::Ahead),
    (
        "anthropic/claude-3.5-sonnet@1022",
        3,
        65.0,
        Some(6.0),
        false,
        Verdict::OnTrend,
    ),
    ("deepseek/v3", 4, 59.1, Some(0.175), true, Verdict::Ahead),
    ("meta/llama-3.1-405b", 5, 51.1, None, false, Verdict::NoCost),
    (
        "openai/gpt-4o@0513",
        6,
        49.9,
        Some(7.5),
        false,
        Verdict::Behind,
    ),
];

fn standing((model, rank, score, cost, on_frontier, verdict): Facts) -> Standing {
    let costs = cost.map(|central_usd| BasisCost {
        basis: CostBasis::TokenPrice.into(),
        central_usd,
        kind: CostKind::Reported.into(),
        date: "2025-01-20".into(),
        provider: "first-party".into(),
        not_a_cost_proxy: model == "openai/o1",
        ..BasisCost::default()
    });
    Standing {
        model: model.into(),
        title: model
            .split('/')
            .next_back()
            .unwrap_or_default()
            .to_uppercase(),
        organization: model.split('/').next().unwrap_or_default().into(),
        release_date: "2024-12-26".into(),
        score,
        interval: Some(ScoreInterval {
            low: score - 6.7,
            high: score + 6.2,
            ..ScoreInterval::default()
        }),
        rank: Some(rank),
        rank_best: Some((rank - 1).max(1)),
        rank_worst: Some((rank + 1).min(6)),
        cost_basis: CostBasis::TokenPrice.into(),
        costs: costs.into_iter().collect(),
        value: cost.map(|cost| score / cost),
        value_rank: cost.map(|_| 7 - rank),
        overpay: cost.map(|cost| if on_frontier { 1.0 } else { cost / 0.96 }),
        on_frontier: cost.map(|_| on_frontier),
        cost_to_match_usd: cost.map(|cost| if on_frontier { cost } else { 0.96 }),
        dominated_by: if on_frontier {
            vec![]
        } else {
            vec!["deepseek/r1".into()]
        },
        trend: Some(DeclaredTrend {
            verdict: verdict.into(),
            q: cost.map(|cost| 4.0 / cost),
            months_ahead: cost.map(|cost| 3.0 - cost),
            ..DeclaredTrend::default()
        }),
        result_revision: i64::from(rank) + 10,
        observed_date: "2025-01-22".into(),
        evaluator: "DeepSeek".into(),
        relationship: EvaluatorRelationship::FirstParty.into(),
        status: if rank == 6 {
            Status::Disputed
        } else {
            Status::Active
        }
        .into(),
        ..Standing::default()
    }
}

fn frame(revision: i64, frame: Frame) -> WatchLeaderboardResponse {
    WatchLeaderboardResponse {
        store_id: "s1".into(),
        revision,
        frame: Some(frame),
    }
}

/// The app with what a watch told it.
struct Watched {
    app: App,
    fold: Fold,
}

impl Watched {
    fn new(rows: Vec<Standing>) -> Self {
        let info = |id: &str, title: &str| BoardInfo {
            id: id.into(),
            title: title.into(),
            unit: "PERCENT".into(),
            higher_is_better: true,
            tags: vec!["reasoning".into()],
        };
        let view = View {
            board: BOARD.into(),
            ..View::default()
        };
        let boards = vec![info(BOARD, "GPQA Diamond"), info("mmlu", "MMLU")];
        let mut watched = Self {
            app: App::new(view, boards),
            fold: Fold::new(),
        };
        let row_count = rows.len() as i32;
        watched.tell(frame(
            42,
            Frame::Snapshot(SnapshotChunk {
                board: BOARD.into(),
                first: true,
                rows,
            }),
        ));
        watched.tell(frame(
            42,
            Frame::SnapshotEnd(SnapshotEnd {
                boards: vec![BoardSize {
                    board: BOARD.into(),
                    row_count,
                }],
            }),
        ));
        watched
    }

    fn full() -> Self {
        Self::new(FACTS.into_iter().map(standing).collect())
    }

    fn tell(&mut self, frame: WatchLeaderboardResponse) {
        self.fold.apply(&frame).expect("it continues");
        self.app.take_rows(&self.fold);
        self.app.take(Update::Frame {
            frame: Box::new(frame),
            applied: Applied::Delta,
        });
    }

    /// DeepSeek R1 overtakes o1.
    fn overtaken(&mut self) {
        let mut first = standing(FACTS[1]);
        first.score = 80.0;
        first.rank = Some(1);
        let mut second = standing(FACTS[0]);
        second.rank = Some(2);
        let event = Event {
            kind: EventKind::LeaderChanged.into(),
            revision: 43,
            model: "deepseek/r1".into(),
            other_model: "openai/o1".into(),
            ..Event::default()
        };
        self.tell(frame(
            43,
            Frame::Delta(Delta {
                from_revision: 42,
                boards: vec![BoardDelta {
                    board: BOARD.into(),
                    rows: vec![first, second],
                    events: vec![event],
                    ..BoardDelta::default()
                }],
            }),
        ));
    }

    fn keys(&mut self, keys: &str) -> Act {
        let mut act = Act::Nothing;
        for key in keys.chars() {
            let code = match key {
                '\n' => KeyCode::Enter,
                '\u{1b}' => KeyCode::Esc,
                '↓' => KeyCode::Down,
                '→' => KeyCode::Right,
                other => KeyCode::Char(other),
            };
            act = press(&mut self.app, KeyEvent::new(code, KeyModifiers::NONE));
        }
        act
    }

    /// The screen as text.
    fn screen(&self, (width, height): (u16, u16), paint: Paint) -> String {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("memory");
        let drawn = terminal.draw(|frame| {
            let area = frame.area();
            draw(&self.app, paint, area, frame.buffer_mut());
        });
        let buffer = drawn.expect("memory").buffer;
        let mut text = String::new();
        for y in 0..height {
            let line: String = (0..width).map(|x| buffer[(x, y)].symbol()).collect();
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

const SMALL: (u16, u16) = (80, 24);
const LARGE: (u16, u16) = (160, 50);

fn compare(name: &str, screen: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src/cli/top/screen")
        .join(format!("{name}.txt"));
    if std::env::var_os("FRONTIERD_RECORD").is_some() {
        std::fs::write(&path, screen).expect("written");
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(screen == expected, "{name}, as it is now:\n{screen}");
}

fn plain() -> Paint {
    Paint::new(false)
}

#[test]
fn a_board_fits_a_small_and_a_large_screen() {
    let mut watched = Watched::full();
    compare("small", &watched.screen(SMALL, plain()));
    compare("large", &watched.screen(LARGE, plain()));
    watched.keys("↓↓\n");
    compare("small_detail", &watched.screen(SMALL, plain()));
    watched.keys("\np");
    compare("small_plot", &watched.screen(SMALL, plain()));
}

#[test]
fn what_happened_is_marked_and_told() {
    let mut watched = Watched::full();
    watched.overtaken();
    let screen = watched.screen(SMALL, plain());
    compare("small_change", &screen);
    assert!(
        screen.contains("deepseek/r1 leads, before it was openai/o1"),
        "{screen}"
    );
    for _ in 0..8 {
        watched.app.tick();
    }
    let later = watched.screen(SMALL, plain());
    assert!(screen.contains('▲') && screen.contains('▼'), "{screen}");
    assert!(!later.contains('▲') && !later.contains('▼'), "{later}");
}

#[test]
fn a_lost_daemon_is_said_and_so_is_its_return() {
    let mut watched = Watched::full();
    for _ in 0..3 {
        watched.app.take(Update::Disconnected {
            why: "connection refused".into(),
            pause: std::time::Duration::from_secs(1),
        });
    }
    let screen = watched.screen(SMALL, plain());
    assert!(
        screen.contains("RECONNECTING, shown: revision 42"),
        "{screen}"
    );
    // Once, however often it is tried.
    assert_eq!(screen.matches("connection lost").count(), 1, "{screen}");
    assert!(screen.contains("deepseek/r1"), "{screen}");
    watched.tell(frame(45, Frame::Progress(Progress {})));
    let screen = watched.screen(SMALL, plain());
    assert!(screen.contains("live revision 45"), "{screen}");
    assert!(screen.contains("reconnected, at revision 45"), "{screen}");
}

#[test]
fn keys_search_choose_and_help() {
    let mut watched = Watched::full();
    watched.keys("/deep\n");
    let screen = watched.screen(SMALL, plain());
    assert!(screen.contains("2 of 6 models with `deep`"), "{screen}");
    assert!(!screen.contains("openai/o1"), "{screen}");
    watched.keys("\u{1b}?");
    compare("small_help", &watched.screen(SMALL, plain()));
    watched.keys("xb");
    compare("small_boards", &watched.screen(SMALL, plain()));
    assert_eq!(watched.keys("mml\n"), Act::Watch);
    assert_eq!(watched.app.view.board, "mmlu");
    assert_eq!(watched.keys("o"), Act::Watch);
    assert_eq!(watched.app.view.order, Order::Value);
    // A mean has no value: its own order it is then.
    watched.keys("b\n");
    assert_eq!(
        (watched.app.view.board.as_str(), watched.app.view.order),
        ("overall", Order::Unspecified)
    );
    assert_eq!(watched.keys("q"), Act::Leave);
}

#[test]
fn an_order_is_that_of_the_listing() {
    let mut watched = Watched::full();
    let models = |watched: &Watched| -> Vec<String> {
        let rows = watched.app.rows.iter();
        rows.map(|row| row.model.clone()).collect()
    };
    assert_eq!(models(&watched)[0], "openai/o1");
    for (order, first) in [
        (Order::Value, "openai/gpt-4o@0513"),
        (Order::Overpay, "deepseek/r1"),
        (Order::Conformance, "deepseek/v3"),
    ] {
        watched.app.view.order = order;
        watched.app.take_rows(&watched.fold);
        let without_cost = "meta/llama-3.1-405b".to_owned();
        let listed: Vec<String> = models(&watched)
            .into_iter()
            .filter(|model| *model != without_cost)
            .collect();
        assert_eq!(listed[0], first, "{order:?}");
    }
}

#[test]
fn colours_are_only_where_they_are_wanted() {
    let coloured = |paint: Paint| {
        let watched = Watched::full();
        let area = Rect::new(0, 0, 80, 24);
        let mut buffer = Buffer::empty(area);
        draw(&watched.app, paint, area, &mut buffer);
        buffer.content.iter().any(|cell| cell.fg != Color::Reset)
    };
    assert!(coloured(Paint::new(true)));
    assert!(!coloured(plain()));
}

#[test]
fn no_size_and_no_board_is_too_odd() {
    let many = (0..500).map(|i| Standing {
        model: format!("lab/model-with-a-rather-long-name-{i}@variant-{i}"),
        rank: Some(i + 1),
        score: f64::from(500 - i) / 7.0,
        ..Standing::default()
    });
    for mut watched in [
        Watched::full(),
        Watched::new(Vec::new()),
        Watched::new(many.collect()),
    ] {
        for keys in ["", "↓↓↓", "\n", "p", "G", "?", "xb", "/zzz"] {
            watched.keys(keys);
            for width in [1, 20, 39, 40, 60, 80, 129, 130, 131, 250] {
                for height in [1, 7, 8, 9, 12, 24, 29, 30, 50] {
                    watched.screen((width, height), plain());
                }
            }
        }
    }
}

#[test]
fn an_empty_board_says_how_to_fill_it() {
    let watched = Watched::new(Vec::new());
    let screen = watched.screen(SMALL, plain());
    assert!(screen.contains("frontierd submit gpqa-diamond"), "{screen}");
    let nothing = Watched {
        app: App::new(View::default(), Vec::new()),
        fold: Fold::new(),
    };
    let screen = nothing.screen(SMALL, plain());
    assert!(screen.contains("frontierd put benchmark"), "{screen}");
}
