//! Every answer of a board against the naive model.

use frontierd::board::Board;
use frontierd::board::answer::{FitSelection, FittedTrend, PriceToReach, TrendPoint};
use frontierd::board::query::{
    AsOf, BoardName, Detail, ListingQuery, Order, RowFilter, TrendQuery,
};
use frontierd::board::trend::Verdict;
use frontierd::model::{BenchmarkId, CostBasis, CurvePatch};

use super::curves::{self, Offer};
use super::rows::Row;
use super::same::{assert_same, is_close};
use super::standings::{declared, default_basis, trend_point};
use super::world::World;

/// A listing of all rows.
pub(crate) fn query(board: BoardName, order: Order, basis: Option<CostBasis>) -> ListingQuery {
    ListingQuery {
        board,
        order,
        basis,
        detail: Detail::Full,
        rows: RowFilter::default(),
        min_score: None,
        min_coverage: None,
        offset: 0,
        limit: 1_000,
    }
}

/// Every standing of every board on every basis.
pub(crate) fn check_standings(world: &World, board: &Board) {
    for benchmark in &world.benchmarks {
        let rows = world.rows(&benchmark.id);
        let name = BoardName::Benchmark(benchmark.id.clone());
        for basis in CostBasis::ALL {
            let listing = board.listing(&query(name.clone(), Order::Score, Some(basis)));
            let listing = listing.unwrap();
            assert_eq!(listing.rows.len(), rows.len());
            assert_eq!(listing.revision, world.revision);
            for row in &rows {
                let expected = world.standing(benchmark, &rows, row, basis);
                let found = listing.rows.iter().find(|s| s.model.id == row.model);
                let found = found.expect("a standing");
                let what = format!("{} on {} by {basis:?}", row.model, benchmark.id);
                assert_same(&what, &expected, found);
            }
        }
        let default = board.listing(&query(name, Order::Score, None)).unwrap();
        assert_eq!(default.basis, default_basis(&rows));
    }
}

/// Every order under a filter, page by page.
pub(crate) fn check_listings(
    world: &World,
    board: &Board,
    filter: &RowFilter,
    min_score: Option<f64>,
) {
    let orders = [
        Order::Score,
        Order::Value,
        Order::Overpay,
        Order::Conformance,
        Order::Cost,
    ];
    for benchmark in &world.benchmarks {
        for (order, basis) in orders.into_iter().zip(CostBasis::ALL.into_iter().cycle()) {
            let (models, unranked) = world.listing(&benchmark.id, order, basis, filter, min_score);
            let mut ask = ListingQuery {
                rows: filter.clone(),
                min_score,
                detail: Detail::Intrinsic,
                limit: 2,
                ..query(
                    BoardName::Benchmark(benchmark.id.clone()),
                    order,
                    Some(basis),
                )
            };
            let mut found = Vec::new();
            loop {
                let page = board.listing(&ask).unwrap();
                assert_eq!(page.unranked_count, unranked, "{order:?} {basis:?}");
                assert_eq!(page.row_count as usize, models.len());
                found.extend(page.rows.iter().map(|row| row.model.id.clone()));
                match page.next {
                    Some(next) => ask.offset = next,
                    None => break,
                }
            }
            assert_eq!(found, models, "{} {order:?} {basis:?}", benchmark.id);
        }
    }
}

/// (b) and (c) for every few standings and for none, on every basis.
pub(crate) fn check_curves(world: &World, board: &Board, every: usize) {
    for benchmark in &world.benchmarks {
        let rows = world.rows(&benchmark.id);
        for basis in CostBasis::ALL {
            for selection in [FitSelection::All, FitSelection::FrontierAtRelease] {
                check_curve(board, &benchmark.id, &rows, None, basis, selection);
                for row in rows.iter().step_by(every) {
                    check_curve(board, &benchmark.id, &rows, Some(row), basis, selection);
                }
            }
        }
    }
}

fn check_curve(
    board: &Board,
    id: &BenchmarkId,
    rows: &[Row],
    subject: Option<&Row>,
    basis: CostBasis,
    selection: FitSelection,
) {
    let answer = board.trend(&TrendQuery {
        board: BoardName::Benchmark(id.clone()),
        as_of: AsOf::default(),
        model: subject.map(|row| row.model.as_str().into()),
        basis: Some(basis),
        reference: None,
        gap: 1.0,
        selection,
        threshold: None,
        curve: CurvePatch::default(),
    });
    let answer = answer.unwrap();
    let offers = curves::offers(rows, basis);
    let own = subject.and_then(|row| {
        let mut own = offers
            .iter()
            .filter(|o| o.row.model == row.model && o.current);
        own.next()
    });
    let mut points = curves::fit_points(rows, basis, selection, own);
    if let Some(row) = subject {
        points.retain(|point| point.row.model != row.model);
    }
    check_fit(&answer.fitted, &points);
    if let Some(row) = subject {
        check_verdict(&answer.fitted, &points, row, own, basis, rows);
        let lows = answer.price_to_reach.expect("a threshold");
        check_lows(&lows, &curves::record_lows(rows, basis, row.good), basis);
    }
}

fn check_fit(found: &FittedTrend, points: &[Offer]) {
    let clipped = |offer: &&Offer| {
        let normalised = offer.row.normalised.unwrap();
        !(0.005..=0.995).contains(&normalised)
    };
    let mut models: Vec<_> = points.iter().map(|offer| &offer.row.model).collect();
    models.sort();
    models.dedup();
    assert_eq!(found.points as usize, points.len());
    assert_eq!(found.models as usize, models.len());
    assert_eq!(
        found.clipped as usize,
        points.iter().filter(clipped).count()
    );
    assert_eq!(found.span_days, curves::span_days(points));
    let logits = || {
        points
            .iter()
            .map(|offer| curves::logit(offer.row.normalised.unwrap()))
    };
    let extent = found.extent.map(|e| (e.first, e.last));
    assert_eq!(
        extent,
        points
            .first()
            .map(|first| (first.date, points[points.len() - 1].date))
    );
    if let Some(extent) = found.extent {
        let least = logits().fold(f64::INFINITY, f64::min);
        let greatest = logits().fold(f64::NEG_INFINITY, f64::max);
        assert!(is_close(extent.logit_low, least) && is_close(extent.logit_high, greatest));
    }
    let plane = curves::fit(points);
    assert_eq!(
        found.fit.is_some(),
        plane.is_some(),
        "{} {points:?}",
        found.missing
    );
    if let (Some(fit), Some(plane)) = (&found.fit, &plane) {
        let (low, factor, high) = plane.annual_factor;
        let expected = (low, factor, high, plane.beta, plane.residual_sd);
        let found = (
            fit.annual_factor_low,
            fit.annual_factor,
            fit.annual_factor_high,
            fit.beta,
            fit.residual_sd,
        );
        assert_same("fit", &expected, &found);
        if let Some(r_squared) = fit.r_squared.filter(|_| plane.residual_sd > 1e-6) {
            assert_same("R²", &plane.r_squared, &r_squared);
        }
    }
}

fn check_verdict(
    found: &FittedTrend,
    points: &[Offer],
    row: &Row,
    own: Option<&Offer>,
    basis: CostBasis,
    rows: &[Row],
) {
    let verdict = found.verdict.expect("a subject");
    if row.cost(basis).is_none() {
        return assert_eq!(verdict, Verdict::NoCost);
    }
    let Some(own) = own else {
        return assert_eq!(verdict, Verdict::NoDate);
    };
    let all = curves::offers(rows, basis);
    let chosen = curves::frontier_at_release(&all);
    let at_release = chosen
        .iter()
        .any(|offer| offer.row.model == row.model && offer.effective == own.effective);
    if found.selection == FitSelection::FrontierAtRelease && !at_release {
        return assert_eq!(verdict, Verdict::NotOnFrontier);
    }
    let Some(plane) = curves::fit(points) else {
        assert!(!found.missing.is_empty());
        return assert_eq!(verdict, Verdict::InsufficientData);
    };
    let normalised = row
        .normalised
        .expect("fitted boards have normalised scores");
    let (low, expected, high) = plane.predict(own.date, normalised);
    let subject = found.subject.expect("a prediction");
    // Far outside the fit these are exponentials of large numbers, exact to a share of the exponent.
    let expected_four = [expected, low, high, expected / own.cost];
    let found_four = [subject.expected, subject.low, subject.high, subject.q];
    for (expected, found) in expected_four.into_iter().zip(found_four) {
        let tolerance = 1e-9 * expected.ln().abs().max(1.0);
        let off = (expected.ln() - found.ln()).abs();
        assert!(off <= tolerance, "prediction: {expected}, found {found}");
    }
    let within = |a: f64, b: f64| a < b * (1.0 + 1e-8);
    let consistent = match verdict {
        Verdict::Ahead => within(own.cost, low),
        Verdict::Behind => within(high, own.cost),
        Verdict::WithinInterval => within(low, own.cost) && within(own.cost, high),
        _ => false,
    };
    assert!(consistent, "{verdict:?} {low} {} {high}", own.cost);
    let logits = points
        .iter()
        .map(|offer| offer.row.normalised.unwrap().clamp(0.005, 0.995));
    let (mut least, mut greatest) = (f64::INFINITY, f64::NEG_INFINITY);
    for logit in logits {
        least = least.min(logit);
        greatest = greatest.max(logit);
    }
    let clipped = normalised.clamp(0.005, 0.995);
    let outside = own.date > points[points.len() - 1].date || clipped < least || clipped > greatest;
    assert_eq!(subject.extrapolated, outside);
}

fn check_lows(found: &PriceToReach, lows: &[Offer], basis: CostBasis) {
    let shown = |point: &TrendPoint| {
        let cost = point.cost.expect("a price").central;
        (point.model.clone(), point.date.expect("a date").date, cost)
    };
    let expected: Vec<_> = lows
        .iter()
        .map(|low| (Some(low.row.model.clone()), low.date, low.cost))
        .collect();
    let kept: Vec<_> = found.record_lows.iter().map(shown).collect();
    assert_same("record lows", &expected, &kept);
    for (low, point) in lows.iter().zip(&found.record_lows) {
        if low.current {
            assert_same("a current low", &trend_point(low.row, basis), point);
        }
    }
    assert_eq!(found.span_days, curves::span_days(lows));
    let decline = curves::decline(lows);
    assert_eq!(
        found.decline.is_some(),
        decline.is_some(),
        "{}",
        found.missing
    );
    if let (Some(found), Some((factors, r_squared))) = (found.decline, decline) {
        let (low, factor, high) = factors;
        assert_same(
            "decline",
            &(low, factor, high, Some(r_squared), lows.len() as u64),
            &(
                found.annual_factor_low,
                found.annual_factor,
                found.annual_factor_high,
                found.r_squared,
                found.n,
            ),
        );
    }
}

/// (a) by another curve than the board's, and against a named reference with a gap.
pub(crate) fn check_other_declared(world: &World, board: &Board) {
    let curve = CurvePatch {
        annual_factor: Some(2.0),
        annual_factor_low: Some(1.5),
        annual_factor_high: Some(12.0),
        tolerance: Some(3.0),
    };
    for benchmark in &world.benchmarks {
        let rows = world.rows(&benchmark.id);
        let mut other = benchmark.clone();
        other.curve.annual_factor = 2.0;
        other.curve.annual_factor_low = Some(1.5);
        other.curve.annual_factor_high = Some(12.0);
        other.curve.tolerance = 3.0;
        for (row, basis) in rows.iter().zip(CostBasis::ALL.into_iter().cycle()) {
            let mut ask = TrendQuery {
                board: BoardName::Benchmark(benchmark.id.clone()),
                as_of: AsOf::default(),
                model: Some(row.model.as_str().into()),
                basis: Some(basis),
                reference: None,
                gap: 3.0,
                selection: FitSelection::All,
                threshold: None,
                curve,
            };
            let found = board.trend(&ask).unwrap().declared.unwrap();
            assert_same(
                "another curve",
                &declared(&other, &rows, row, basis),
                &found,
            );

            ask.reference = Some(rows[0].model.as_str().into());
            let found = board.trend(&ask).unwrap().declared.unwrap();
            let sides = (row.cost(basis), rows[0].cost(basis));
            let dates = (row.date(basis), rows[0].date(basis));
            let (Some(cost), Some(reference)) = sides else {
                assert_eq!(found.assessment, None);
                continue;
            };
            let years = dates.0.zip(dates.1).map(|(to, from)| to.years_since(from));
            let Some(years) = years.filter(|years| *years > 0.0) else {
                assert_eq!(found.verdict, Verdict::NoDate);
                continue;
            };
            let q = reference / cost / (2f64.powf(years) * 3.0);
            assert_same(
                "a named reference",
                &Some(q),
                &found.assessment.map(|a| a.q),
            );
        }
    }
}

/// Computed boards and comparisons.
pub(crate) fn check_overall(world: &World, board: &Board) {
    for name in [BoardName::Overall, BoardName::Suite("maths".into())] {
        let members = match &name {
            BoardName::Suite(tag) => world.benchmarks.iter().any(|b| b.tags.contains(tag)),
            _ => true,
        };
        let default = world.overall_basis(&name);
        for basis in [None, Some(CostBasis::TokenPrice), Some(CostBasis::Training)] {
            let answer = board.listing(&query(name.clone(), Order::Score, basis));
            let Ok(answer) = answer else {
                assert!(!members, "{name}");
                continue;
            };
            let used = basis.unwrap_or(default);
            assert_eq!(answer.basis, used);
            let expected = world.overall(&name, used, 0.5, None);
            assert_same(&format!("{name}"), &expected, &answer.rows);
            for rate in world.win_rates(&name).0 {
                let own = world.overall(&name, used, 0.5, Some(&rate.model));
                let expected = own.iter().find(|s| s.model.id == rate.model).unwrap();
                let found = board.standing(&name, rate.model.as_str(), basis).unwrap();
                assert_same(&format!("{name}"), expected, &found);
            }
        }
    }
    for pair in world.models.windows(2) {
        let (a, b) = (&pair[0].id, &pair[1].id);
        let found = board.compare(a.as_str(), b.as_str(), None, None).unwrap();
        assert_same("comparison", &world.compare(a, b), &found);
    }
}

/// Two boards that answer alike to the last bit.
pub(crate) fn check_equal(a: &Board, b: &Board) {
    let names = a
        .catalog()
        .benchmarks_by_id()
        .map(|(id, _)| BoardName::Benchmark(id.clone()));
    for name in names.chain([BoardName::Overall]) {
        for basis in [None, Some(CostBasis::TokenPrice), Some(CostBasis::Training)] {
            let ask = query(name.clone(), Order::Score, basis);
            assert_eq!(a.listing(&ask), b.listing(&ask));
        }
    }
}
