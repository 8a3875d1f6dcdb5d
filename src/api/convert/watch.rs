//! What to watch and from where.

use std::time::Duration;

use super::enums;
use super::parts;
use super::query::board_name;
use crate::board::query::{BoardName, Detail, Order, RowFilter};
use crate::intake::{self, Field};
use crate::limits::{MAX_WATCH_BOARDS, MAX_WATCH_MODELS, WATCH_TOP_MAX};
use crate::model::{CostBasis, Reason, Refusal, Revision, Text};
use crate::proto::v1;

/// A watch asked for. Lists are sorted and each item stands once, so that equal views are equal values.
#[derive(Clone, Debug, PartialEq)]
pub struct WatchAsk {
    /// Which boards; empty = all benchmarks.
    pub boards: Vec<BoardName>,
    /// Only rows of these, ids or aliases; empty = all.
    pub models: Vec<Text>,
    /// Order of the window.
    pub order: Order,
    /// Cost basis; none = each board's default.
    pub basis: Option<CostBasis>,
    /// Rows of the window; none = all. Always given with FULL.
    pub top: Option<u32>,
    /// Rows to select.
    pub rows: RowFilter,
    /// How much of each row.
    pub detail: Detail,
    /// Where to start; none = with a snapshot.
    pub after: Option<WatchAfter>,
    /// One of 0, 100 ms, 1 s and 10 s; at least 1 s with a computed board.
    pub min_interval: Duration,
    /// No rows, events only.
    pub events_only: bool,
}

/// Resume after what the client holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchAfter {
    /// The newest revision held; 0 = the empty board.
    pub revision: Revision,
    /// The store of that revision; empty = not checked.
    pub store_id: String,
    /// Send a fresh snapshot when the revision is too old.
    pub resnapshot: bool,
}

/// Intervals that deltas are folded over.
const INTERVALS_MS: [u64; 4] = [0, 100, 1_000, 10_000];

/// `WatchLeaderboardRequest`.
///
/// # Errors
/// Whatever `intake` refuses about a field; [`Reason::FieldRequired`] for FULL without `top`;
/// [`Reason::FieldConflict`] for all boards with FULL or `top`.
pub fn watch_leaderboard(message: v1::WatchLeaderboardRequest) -> Result<WatchAsk, Refusal> {
    let v1::WatchLeaderboardRequest {
        boards,
        models,
        order,
        cost_basis,
        top,
        row_filter,
        detail,
        after,
        min_interval,
        events_only,
    } = message;
    let mut boards = listed(&boards, MAX_WATCH_BOARDS, "boards", board_name)?;
    let mut models = listed(&models, MAX_WATCH_MODELS, "models", |name| {
        intake::name(name, "models")
    })?;
    boards.sort_unstable();
    boards.dedup();
    models.sort_unstable();
    models.dedup();
    let detail = enums::detail(detail, Detail::Intrinsic, "detail")?;
    let top = window(top, detail, boards.is_empty())?;
    let min_interval = interval(min_interval, boards.iter().any(BoardName::is_computed))?;
    Ok(WatchAsk {
        boards,
        models,
        order: enums::order(order, "order")?,
        basis: enums::cost_basis(cost_basis, "cost_basis")?,
        top,
        rows: parts::row_filter(row_filter, "row_filter")?,
        detail,
        after: after.map(watch_after).transpose()?,
        min_interval,
        events_only,
    })
}

fn listed<T>(
    values: &[String],
    max: usize,
    field: &str,
    read: impl Fn(&str) -> Result<T, Refusal>,
) -> Result<Vec<T>, Refusal> {
    if values.len() > max {
        return Err(Field::from(field).refuse(
            Reason::FieldTooLong,
            format_args!(
                "has `{}` items: at most `{max}` in one watch; open another one",
                values.len()
            ),
        ));
    }
    values.iter().map(|value| read(value)).collect()
}

fn window(top: Option<i32>, detail: Detail, all_boards: bool) -> Result<Option<u32>, Refusal> {
    let top = match top {
        None => None,
        Some(rows) => match u32::try_from(rows) {
            Ok(rows) if rows >= 1 && rows as usize <= WATCH_TOP_MAX => Some(rows),
            _ => {
                return Err(Field::from("top").refuse(
                    Reason::OutOfRange,
                    format_args!("is `{rows}`: expected `1` to `{WATCH_TOP_MAX}`"),
                ));
            }
        },
    };
    if all_boards && (top.is_some() || detail == Detail::Full) {
        return Err(Field::from("boards").refuse(
            Reason::FieldConflict,
            "is empty, which watches all benchmarks, and so goes only with `DETAIL_INTRINSIC` and without `top`: name the boards",
        ));
    }
    if detail == Detail::Full && top.is_none() {
        return Err(Field::from("top").refuse(
            Reason::FieldRequired,
            format_args!(
                "is missing: `DETAIL_FULL` needs a window of `1` to `{WATCH_TOP_MAX}` rows; or use `DETAIL_INTRINSIC`"
            ),
        ));
    }
    Ok(top)
}

fn watch_after(message: v1::WatchAfter) -> Result<WatchAfter, Refusal> {
    let v1::WatchAfter {
        revision,
        store_id,
        resnapshot,
    } = message;
    Ok(WatchAfter {
        revision: intake::non_negative(revision, "after.revision")?,
        store_id,
        resnapshot,
    })
}

/// Rounds up, so that a client never gets frames faster than it asked for; past the slowest, the slowest.
fn interval(message: Option<prost_types::Duration>, computed: bool) -> Result<Duration, Refusal> {
    let given = Duration::try_from(message.unwrap_or_default()).map_err(|_| {
        Field::from("min_interval").refuse(
            Reason::OutOfRange,
            "is negative: expected `0s`, `0.1s`, `1s` or `10s`",
        )
    })?;
    let least = if computed {
        Duration::from_secs(1)
    } else {
        Duration::ZERO
    };
    let wanted = given.max(least);
    let steps = INTERVALS_MS.map(Duration::from_millis);
    Ok(steps
        .into_iter()
        .find(|step| *step >= wanted)
        .unwrap_or(steps[3]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(change: impl FnOnce(&mut v1::WatchLeaderboardRequest)) -> Result<WatchAsk, Refusal> {
        let mut message = v1::WatchLeaderboardRequest {
            boards: vec!["gpqa-diamond".to_owned()],
            ..Default::default()
        };
        change(&mut message);
        watch_leaderboard(message)
    }

    fn refused(change: impl FnOnce(&mut v1::WatchLeaderboardRequest)) -> Reason {
        ask(change).expect_err("refused").reason
    }

    #[test]
    fn a_full_watch_needs_boards_and_a_window() {
        let full = v1::Detail::Full as i32;
        assert_eq!(refused(|m| m.detail = full), Reason::FieldRequired);
        assert!(
            ask(|m| {
                m.detail = full;
                m.top = Some(500);
            })
            .is_ok()
        );
        assert_eq!(refused(|m| m.top = Some(501)), Reason::OutOfRange);
        assert_eq!(refused(|m| m.top = Some(0)), Reason::OutOfRange);
        assert_eq!(
            refused(|m| {
                m.boards.clear();
                m.top = Some(1);
            }),
            Reason::FieldConflict
        );
        assert!(ask(|m| m.boards.clear()).is_ok());
    }

    #[test]
    fn lists_are_bounded_and_canonical() {
        let twice = ask(|m| m.boards = vec!["b".into(), "a".into(), "b".into()]).expect("boards");
        assert_eq!(twice.boards.len(), 2);
        assert_eq!(
            refused(|m| m.boards = vec!["a".into(); 65]),
            Reason::FieldTooLong
        );
        assert_eq!(
            refused(|m| m.models = vec!["a".into(); 257]),
            Reason::FieldTooLong
        );
        assert_eq!(
            refused(|m| m.boards = vec!["suite/A b".into()]),
            Reason::FieldMalformed
        );
    }

    #[test]
    fn intervals_round_up() {
        let interval = |seconds, nanos, board: &str| {
            ask(|m| {
                m.boards = vec![board.to_owned()];
                m.min_interval = Some(prost_types::Duration { seconds, nanos });
            })
            .map(|ask| ask.min_interval.as_millis())
        };
        assert_eq!(interval(0, 0, "a"), Ok(0));
        assert_eq!(interval(0, 1, "a"), Ok(100));
        assert_eq!(interval(0, 100_000_001, "a"), Ok(1_000));
        assert_eq!(interval(3_600, 0, "a"), Ok(10_000));
        assert_eq!(interval(0, 0, "overall"), Ok(1_000));
        assert!(interval(-1, 0, "a").is_err());
    }
}
