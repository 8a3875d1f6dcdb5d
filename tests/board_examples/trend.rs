//! Worked examples of trends.

use frontierd::board::Board;
use frontierd::board::answer::{DeclaredTrend, FitSelection};
use frontierd::board::assess::TrendAnswer;
use frontierd::board::query::{AsOf, AssessQuery, AssessSide, BoardName, TrendQuery};
use frontierd::board::trend::Verdict;
use frontierd::model::{
    Benchmark, Body, Cost, CostBasis, CostKind, CurvePatch, FRACTION, Model, Price, ProviderId,
    Revision, Statement, Status, TrainingCost, TrainingDate, TrainingScope,
};

use super::{Log, R1, SONNET, V3, benchmark, day, model};

/// Equal to four significant digits.
#[track_caller]
fn assert_4_digits(found: f64, expected: f64) {
    let digits = |value: f64| format!("{value:.3e}");
    assert_eq!(digits(found), digits(expected), "{found}");
}

fn trend_of(board: &Board, on: &str, subject: Option<&str>, threshold: Option<f64>) -> TrendAnswer {
    let query = TrendQuery {
        board: BoardName::parse(on, "board").unwrap(),
        as_of: AsOf::default(),
        model: subject.map(Into::into),
        basis: None,
        reference: None,
        gap: 1.0,
        selection: FitSelection::All,
        threshold,
        curve: CurvePatch::default(),
    };
    board.trend(&query).unwrap()
}

#[test]
fn example_9_the_price_of_86_percent_on_mmlu() {
    let mut log = Log::default();
    log.add(Body::Benchmark(Box::new(benchmark("mmlu"))));
    let history = [
        ("2023-03-14", 37.5, 86.0),
        ("2023-11-06", 15.0, 87.0),
        ("2024-05-13", 7.5, 87.0),
        ("2024-05-23", 2.19, 86.0),
        ("2025-02-05", 0.175, 88.0),
    ];
    for (at, (date, usd, score)) in history.iter().enumerate() {
        let id = format!("vendor/m{at}");
        log.add(Body::Model(Box::new(Model {
            release_date: Some(day(date)),
            ..Model::new(model(&id))
        })));
        log.add(Body::Price(Box::new(Price {
            model: model(&id),
            provider: ProviderId::parse("vendor", "provider").unwrap(),
            effective: day(date),
            input: Some(*usd),
            cache_read: None,
            cache_write: None,
            output: Some(*usd),
            source_url: "".into(),
            withdrawn: false,
        })));
        log.score(&id, "mmlu", *score, date, None);
    }
    let answer = trend_of(&log.0, "mmlu", None, Some(86.0));
    assert_eq!(answer.basis, CostBasis::TokenPrice);
    let decline = answer.price_to_reach.unwrap().decline.unwrap();
    assert_eq!(decline.n, 5);
    assert_4_digits(decline.annual_factor, 15.86);
    assert_4_digits(decline.annual_factor_low, 4.086);
    assert_4_digits(decline.annual_factor_high, 61.54);
    assert_4_digits(decline.r_squared.unwrap(), 0.8846);
}

#[test]
fn example_10_a_subject_below_the_fitted_curve() {
    let mut log = Log::default();
    log.add(Body::Benchmark(Box::new(Benchmark {
        unit: FRACTION.into(),
        maximum: Some(1.0),
        perfect: Some(1.0),
        ..benchmark("test")
    })));
    let points = [
        ("2023-01-01", 0.30, 40.0),
        ("2023-04-01", 0.45, 60.0),
        ("2023-07-01", 0.35, 20.0),
        ("2023-10-01", 0.55, 30.0),
        ("2024-01-01", 0.40, 8.0),
        ("2024-04-01", 0.60, 12.0),
        ("2024-07-01", 0.50, 4.0),
        ("2024-10-01", 0.70, 9.0),
        ("2025-01-01", 0.60, 1.5),
    ];
    for (at, (date, score, usd)) in points.iter().enumerate() {
        log.score(&format!("vendor/m{at}"), "test", *score, date, Some(*usd));
    }
    let fitted = trend_of(&log.0, "test", Some("vendor/m8"), None).fitted;
    let (fit, subject) = (fitted.fit.unwrap(), fitted.subject.unwrap());
    assert_eq!((fitted.points, fitted.models), (8, 8));
    assert_4_digits(fit.annual_factor, 9.869);
    assert_4_digits(fit.annual_factor_low, 7.963);
    assert_4_digits(fit.annual_factor_high, 12.23);
    assert_4_digits(fit.beta, 1.387);
    assert_4_digits(fit.residual_sd, 0.1033);
    assert_4_digits(fit.r_squared.unwrap(), 0.9909);
    assert_4_digits(subject.expected, 2.405);
    assert_4_digits(subject.low, 1.825);
    assert_4_digits(subject.high, 3.170);
    assert_4_digits(subject.q, 1.603);
    assert_eq!(fitted.verdict, Some(Verdict::Ahead));
    assert!(subject.extrapolated);
}

fn training_cost(cost: Cost, hours: Option<f64>) -> Statement {
    Statement::TrainingCost(TrainingCost {
        cost,
        accelerator: "".into(),
        accelerator_count: None,
        accelerator_hours: hours,
        usd_per_hour: hours.map(|hours| cost.central / hours),
        scope: TrainingScope::FinalRun,
    })
}

fn training_date(earliest: &str, central: &str, latest: &str) -> Statement {
    Statement::TrainingDate(TrainingDate {
        earliest: day(earliest),
        central: day(central),
        latest: day(latest),
    })
}

/// The claims about two training runs; also the revisions of the maker's and the newspaper's claim.
fn claims() -> (Log, Revision, Revision) {
    let mut log = Log::default();
    for id in [V3, SONNET] {
        log.add(Body::Model(Box::new(Model::new(model(id)))));
    }
    let report = Cost::exact(2_788e3 * 2.0, CostKind::Reported);
    log.claim(V3, training_cost(report, Some(2_788e3)), Status::Active);
    log.claim(
        V3,
        training_date("2024-11-01", "2024-12-01", "2024-12-31"),
        Status::Active,
    );
    let range = Cost {
        low: Some(20e6),
        central: 30e6,
        high: Some(50e6),
        kind: CostKind::Estimated,
    };
    let maker = log.claim(SONNET, training_cost(range, None), Status::Active);
    let newspaper = Cost::exact(10e6, CostKind::Reported);
    let newspaper = log.claim(SONNET, training_cost(newspaper, None), Status::Active);
    log.claim(
        SONNET,
        training_date("2024-01-31", "2024-03-16", "2024-04-30"),
        Status::Active,
    );
    (log, maker, newspaper)
}

fn assess(board: &Board, claim: Option<Revision>, years: Option<f64>) -> DeclaredTrend {
    let side = |id: &str, training_cost_claim| AssessSide {
        model: Some(id.into()),
        training_cost_claim,
        ..AssessSide::default()
    };
    let query = AssessQuery {
        subject: side(V3, None),
        reference: side(SONNET, claim),
        basis: CostBasis::Training,
        benchmark: None,
        gap: 2.0,
        years: years.map(|years| (years, years, years)),
        curve: CurvePatch::default(),
        observed_reduction: None,
    };
    board.assess(&query).unwrap()
}

#[test]
fn the_argument_about_training_costs_by_claims() {
    let (mut log, maker, newspaper) = claims();
    log.pin(maker);
    let answer = assess(&log.0, None, None);
    let found = answer.assessment.unwrap();
    assert_eq!(answer.subject.cost.map(|cost| cost.central), Some(5.576e6));
    assert_4_digits(found.q, 1.003);
    assert_4_digits(found.q_low, 0.6685);
    assert_4_digits(found.q_high, 1.671);
    assert_4_digits(found.q_low_with_dates.unwrap(), 0.5029);
    assert_4_digits(found.q_high_with_dates.unwrap(), 2.222);
    let verdicts = (found.verdict, found.verdict_at_worst, found.verdict_at_best);
    assert_eq!(
        verdicts,
        (Verdict::OnTrend, Verdict::Behind, Verdict::Ahead)
    );

    for (years, central, low, high) in [(0.75, 0.9511, 0.6341, 1.585), (1.0, 0.6725, 0.4484, 1.121)]
    {
        let found = assess(&log.0, None, Some(years)).assessment.unwrap();
        assert_4_digits(found.q, central);
        assert_4_digits(found.q_low, low);
        assert_4_digits(found.q_high, high);
    }

    // The other claim, whether named in the question or pinned in its turn.
    let named = assess(&log.0, Some(newspaper), None).assessment.unwrap();
    log.pin(newspaper);
    let pinned = assess(&log.0, None, None).assessment.unwrap();
    for found in [named, pinned] {
        assert_4_digits(found.q, 0.3343);
        assert_eq!(found.verdict, Verdict::Behind);
    }
}

/// A model's date on TRAINING was left out where it had no training claim at all, though the release date stands in for
/// it. Now a given cost goes with the date that the catalog knows.
#[test]
fn a_given_cost_goes_with_the_release_date() {
    let (mut log, maker, _) = claims();
    log.pin(maker);
    log.add(Body::Model(Box::new(Model {
        release_date: Some(day("2024-12-26")),
        ..Model::new(model(R1))
    })));
    let query = AssessQuery {
        subject: AssessSide {
            model: Some(R1.into()),
            cost: Some(Cost::exact(1e6, CostKind::Estimated)),
            ..AssessSide::default()
        },
        reference: AssessSide {
            model: Some(SONNET.into()),
            ..AssessSide::default()
        },
        basis: CostBasis::Training,
        benchmark: None,
        gap: 1.0,
        years: None,
        curve: CurvePatch::default(),
        observed_reduction: None,
    };
    let answer = log.0.assess(&query).unwrap();
    assert_eq!(
        answer.subject.date.map(|date| date.date),
        Some(day("2024-12-26"))
    );
}
