//! Single cases: what once went wrong, and what random histories do not come across.

use frontierd::board::judge::{Pending, judge};
use frontierd::board::query::BoardName;
use frontierd::board::{Board, Want};
use frontierd::model::{
    Change, CostBasis, Draft, ModelId, ModelPatch, Patch, ProviderId, Reason, Relationship,
    ResultDraft,
};

use super::changes::Folded;
use super::drafts::{BENCHMARKS, list_price, new_model, plain, result};
use super::history::{Cast, History};

fn submit(draft: ResultDraft) -> Draft {
    plain(Change::SubmitResult(Box::new(draft)))
}

fn price(history: &History, model: &str, days_ahead: i32, usd: f64) -> Draft {
    let effective = history.today.plus_days(days_ahead);
    plain(Change::PutPrice(Box::new(list_price(
        model, effective, usd,
    ))))
}

fn token_price(board: &Board, model: &str) -> Option<f64> {
    let name = BoardName::parse(BENCHMARKS[0], "board").unwrap();
    let standing = board
        .standing(&name, model, Some(CostBasis::TokenPrice))
        .unwrap();
    standing.costs.iter().next().map(|cost| cost.cost.central)
}

/// A price that lies ahead made its seller, or the variant it was listed for, the one whose prices count, and so took
/// away the price in force. Now nothing changes before it is in force.
#[test]
fn a_price_that_lies_ahead_changes_nothing() {
    let mut history = History::begin(&Cast::mixed());
    history.tell(&new_model("a/one"));
    history.tell(&submit(result(&history, BENCHMARKS[0], "a/one", 50.0)));
    history.tell(&submit(result(&history, BENCHMARKS[0], "a/one@high", 60.0)));
    history.tell(&price(&history, "a/one", -10, 2.0));
    history.tell(&price(&history, "a/one@high", 10, 1.0));
    let mut elsewhere = list_price("a/one", history.today.plus_days(10), 1.0);
    elsewhere.provider = Some(ProviderId::parse("z", "provider").unwrap());
    history.tell(&plain(Change::PutPrice(Box::new(elsewhere))));
    let Change::PutModel(mut patch) = new_model("a/one").change else {
        panic!("a model");
    };
    patch.expected_revision = None;
    patch.preferred_provider = Patch::Set(ProviderId::parse("z", "provider").unwrap());
    history.tell(&plain(Change::PutModel(Box::new(ModelPatch { ..*patch }))));
    history.flush();
    assert_eq!(token_price(&history.board, "a/one"), Some(2.0));
    assert_eq!(token_price(&history.board, "a/one@high"), Some(2.0));
}

/// A result of a less preferred evaluator does not count but is listed with the standing; watchers were not told, so that
/// their rows differed from the listing. Now the row is in the change.
#[test]
fn a_result_that_does_not_count_is_told_to_watchers() {
    let mut history = History::begin(&Cast::mixed());
    for (evaluator, relationship) in [
        ("third", Relationship::ThirdParty),
        ("other", Relationship::Other),
    ] {
        let mut draft = result(&history, BENCHMARKS[4], "a/one", 50.0);
        draft.evaluator = evaluator.into();
        draft.relationship = relationship;
        history.tell(&submit(draft));
    }
    let (mut live, mut folded) = (Board::new(), Folded::default());
    for entry in &history.entries {
        let before = live.clone();
        let change = live.apply(entry, Want::Changes);
        folded.fold(&change, &before, &live);
    }
    let change = Board::replay(&history.entries[..6]).apply(&history.entries[6], Want::Changes);
    let row = change.boards[0].rows[0].after.clone().unwrap();
    assert_eq!(row.counting.as_ref().map(|c| c.others_count), Some(1));
}

/// Two askings for one due price in one batch both entered the log. Now the second finds it in force.
#[test]
fn a_due_price_comes_into_force_once_in_a_batch() {
    let mut history = History::begin(&Cast::mixed());
    history.tell(&new_model("a/one"));
    history.tell(&price(&history, "a/one", 1, 2.0));
    history.flush();
    history.today = history.today.plus_days(1);
    let due = plain(Change::PriceDue {
        model: ModelId::parse("a/one", "model").unwrap(),
        provider: ProviderId::parse("a", "provider").unwrap(),
        effective: history.today,
    });
    assert!(history.tell(&due).is_some());
    assert_eq!(history.tell(&due), None);
    history.flush();
    assert_eq!(history.tell(&due), None);
}

#[test]
fn what_cannot_be_ranked_is_refused() {
    let mut history = History::begin(&Cast::mixed());
    history.flush();
    let reason = |draft: ResultDraft| {
        let draft = submit(draft);
        let judged = judge(&history.board, &Pending::default(), &draft, history.today);
        judged
            .map(|judged| judged.warnings.len())
            .map_err(|refusal| refusal.reason)
    };
    let plain = |score: f64| result(&history, BENCHMARKS[0], "a/one", score);
    assert_eq!(reason(plain(100.5)), Err(Reason::ScoreOutOfRange));
    assert_eq!(reason(plain(-0.5)), Err(Reason::ScoreOutOfRange));
    let in_unit = |unit: &str, score: f64| ResultDraft {
        unit: Some(unit.into()),
        ..plain(score)
    };
    assert_eq!(reason(in_unit("SECONDS", 5.0)), Err(Reason::UnitMismatch));
    assert_eq!(
        reason(in_unit("fraction", 1.5)),
        Err(Reason::ScoreOutOfRange)
    );
    assert_eq!(reason(in_unit("fraction", 0.5)), Ok(1), "the model is new");
    assert_eq!(
        reason(plain(0.5)),
        Ok(2),
        "the model is new, the score looks like a fraction"
    );
    let elsewhere = ResultDraft {
        benchmark: "percents".into(),
        ..plain(50.0)
    };
    assert_eq!(reason(elsewhere), Err(Reason::UnknownBenchmark));
    let known_only = ResultDraft {
        require_known_model: true,
        ..plain(50.0)
    };
    assert_eq!(reason(known_only), Err(Reason::UnknownModel));
}
