//! Trend questions: `AssessTrend`'s arithmetic on numbers or catalog facts, and `GetTrend`'s three views.

use crate::limits::TREND_POINTS_MAX;
use crate::model::{
    Cost, CostBasis, Curve, CurvePatch, Date, Reason, Refusal, Revision, Statement, Text,
};

use super::answer::{DeclaredTrend, FittedTrend, PriceToReach, TrendPoint};
use super::catalog::ModelKey;
use super::query::{AssessQuery, AssessSide, BoardName, TrendQuery};
use super::reference::{range, years_between};
use super::standing::BoardView;
use super::trend::{Range, Verdict, assess_reduction};
use super::{Board, trend};

/// What GetTrend answers.
#[derive(Clone, Debug, PartialEq)]
pub struct TrendAnswer {
    /// Basis of all costs.
    pub basis: CostBasis,
    /// (a), with a subject.
    pub declared: Option<DeclaredTrend>,
    /// (b).
    pub fitted: FittedTrend,
    /// (c), with a threshold or subject.
    pub price_to_reach: Option<PriceToReach>,
    /// Points of (b), by date.
    pub points: Vec<TrendPoint>,
    /// Expected cost with its interval over the span: date, expected, low, high.
    pub curve: Vec<(Date, f64, f64, f64)>,
}

/// Dates drawn along a fitted curve.
const CURVE_STEPS: i32 = 32;

impl Board {
    /// (a)'s arithmetic.
    ///
    /// # Errors
    /// Unknown names, figures that are missing, elapsed time that is not positive.
    pub fn assess(&self, query: &AssessQuery) -> Result<DeclaredTrend, Refusal> {
        let base = match &query.benchmark {
            Some(id) => self.view_by_id(id, "benchmark")?.board.rules.curve,
            None => Curve::default(),
        };
        let curve = patched(base, &query.curve)?;
        let subject = self.side(&query.subject, query, "subject")?;
        let reference = self.side(&query.reference, query, "reference")?;
        let (years, ranged) = match query.years {
            Some((low, central, high)) => (Range { low, central, high }, low != high),
            None => dated(&subject, &reference)?,
        };
        if years.central <= 0.0 {
            return Err(Refusal::new(
                Reason::ElapsedNotPositive,
                "elapsed_years",
                format!(
                    "`{}` years elapsed from the reference to the subject: the reference must be earlier; swap the sides, or set elapsed_years",
                    years.central
                ),
            ));
        }
        let assessment = match query.observed_reduction {
            Some(reduction) => {
                assess_reduction(Range::exact(reduction), years, ranged, query.gap, &curve)
            }
            None => trend::assess(&trend::Inputs {
                subject: range(costed(&subject, "subject")?),
                reference: range(costed(&reference, "reference")?),
                years,
                years_ranged: ranged,
                gap: query.gap,
                curve,
            }),
        };
        Ok(DeclaredTrend {
            verdict: assessment.verdict,
            basis: query.basis,
            assessment: Some(assessment),
            years: Some((years.low, years.central, years.high)),
            gap: query.gap,
            curve,
            subject,
            reference: Some(reference),
            candidates: None,
            uncosted: Vec::new(),
        })
    }

    fn side(
        &self,
        side: &AssessSide,
        query: &AssessQuery,
        field: &str,
    ) -> Result<TrendPoint, Refusal> {
        let mut point = TrendPoint {
            model: None,
            score: None,
            normalised: None,
            cost: None,
            date: None,
        };
        if let Some(name) = &side.model {
            let key = self.resolve(name, &format!("{field}.model"))?;
            point = self.known_point(key, query)?;
            if let Some(claim) = side.training_cost_claim {
                point.cost = Some(self.claimed_cost(key, claim, field)?);
            }
        }
        if side.cost.is_some() {
            point.cost = side.cost;
        }
        if side.date.is_some() {
            point.date = side.date;
        }
        Ok(point)
    }

    fn known_point(&self, key: ModelKey, query: &AssessQuery) -> Result<TrendPoint, Refusal> {
        if let Some(id) = &query.benchmark {
            let view = self.view_by_id(id, "benchmark")?;
            if let Some(row) = view.row(key) {
                return Ok(view.trend_point(&row, query.basis));
            }
        } else if query.basis == CostBasis::Task {
            return Err(Refusal::new(
                Reason::FieldRequired,
                "benchmark",
                "benchmark is empty: a cost per task needs one; name it, or use COST_BASIS_TRAINING or COST_BASIS_TOKEN_PRICE",
            ));
        }
        let (cost, date) = self.model_cost(key, query.basis);
        Ok(TrendPoint {
            model: Some(self.catalog().id(key).clone()),
            score: None,
            normalised: None,
            cost: cost.map(|cost| cost.cost),
            date,
        })
    }

    fn claimed_cost(&self, key: ModelKey, claim: Revision, field: &str) -> Result<Cost, Refusal> {
        let found = self.catalog().claim(claim);
        match found.map(|(owner, record)| (owner, &record.claim.statement)) {
            Some((owner, Statement::TrainingCost(training)))
                if owner == key || self.catalog().base(key) == Some(owner) =>
            {
                Ok(training.cost)
            }
            _ => Err(Refusal::new(
                Reason::UnknownClaim,
                format!("{field}.training_cost_claim"),
                format!(
                    "revision `{claim}` is not a claim on the training cost of `{}`: find it with ListClaims",
                    self.catalog().id(key)
                ),
            )),
        }
    }

    /// All three views of one standing, or of a board.
    ///
    /// # Errors
    /// Unknown names, or a model that does not stand on the board.
    pub fn trend(&self, query: &TrendQuery) -> Result<TrendAnswer, Refusal> {
        let BoardName::Benchmark(id) = &query.board else {
            return Err(Refusal::new(
                Reason::NotOnThisBoard,
                "board",
                format!(
                    "board `{}` has no trend: costs and scores compare over time within one benchmark only; name one",
                    query.board
                ),
            ));
        };
        let view = self.view_by_id(id, "board")?;
        let basis = query.basis.unwrap_or_else(|| view.board.default_basis());
        let row = |name: &Option<Text>, field: &str| match name {
            None => Ok(None),
            Some(name) => {
                let key = self.resolve(name, field)?;
                let row = view.row(key).ok_or_else(|| {
                    let id = self.catalog().id(key);
                    Refusal::new(
                        Reason::NoStanding,
                        field,
                        format!("model `{id}` has no standing on board `{}`", query.board),
                    )
                })?;
                Ok(Some(row))
            }
        };
        let (subject, reference) = (
            row(&query.model, "model")?,
            row(&query.reference, "reference")?,
        );
        let subject = subject.as_ref();
        let curve = patched(view.board.rules.curve, &query.curve)?;
        let declared = subject.map(|subject| match &reference {
            Some(reference) => view.declared_against(subject, basis, reference, query.gap, curve),
            None => view.declared_on(subject, basis, curve),
        });
        let fitted = view.fitted(subject, basis, query.selection);
        let threshold = query.threshold.or(subject.map(|row| row.score));
        let points = view.fit_points(basis, query.selection);
        let skip = points.len().saturating_sub(TREND_POINTS_MAX);
        Ok(TrendAnswer {
            basis,
            declared,
            price_to_reach: threshold.map(|threshold| view.price_to_reach(threshold, basis)),
            points: points[skip..]
                .iter()
                .filter_map(|offer| view.offer_point(offer, basis))
                .collect(),
            curve: drawn(&fitted, subject.and_then(|row| row.normalised)),
            fitted,
        })
    }
}

impl BoardView<'_> {
    /// The declared trend on another curve than the board's: the reference is chosen by that curve, by a scan.
    fn declared_on(&self, row: &super::row::Row, basis: CostBasis, curve: Curve) -> DeclaredTrend {
        if curve == self.board.rules.curve {
            return self.declared(row, basis);
        }
        let mut board = super::BenchBoard::of(self.board.all_results().clone());
        let mut record = self.record.clone();
        let mut benchmark = (*record.benchmark).clone();
        benchmark.curve = curve;
        record.benchmark = std::sync::Arc::new(benchmark);
        board.build(self.catalog, &record, self.selection, &super::in_turn);
        let view = BoardView {
            board: &board,
            record: &record,
            ..*self
        };
        view.declared(row, basis)
    }
}

/// A curve with some parts replaced.
fn patched(base: Curve, patch: &CurvePatch) -> Result<Curve, Refusal> {
    let curve = Curve {
        annual_factor: patch.annual_factor.unwrap_or(base.annual_factor),
        annual_factor_low: patch.annual_factor_low.or(base.annual_factor_low),
        annual_factor_high: patch.annual_factor_high.or(base.annual_factor_high),
        tolerance: patch.tolerance.unwrap_or(base.tolerance),
    };
    let factor = curve.annual_factor;
    let (low, high) = (curve.annual_factor_low, curve.annual_factor_high);
    if low.is_some_and(|low| low > factor) || high.is_some_and(|high| high < factor) {
        let word = |end: Option<f64>| end.map_or_else(|| "none".to_owned(), |end| end.to_string());
        return Err(Refusal::new(
            Reason::OutOfRange,
            "curve.annual_factor",
            format!(
                "annual_factor `{factor}` is not between annual_factor_low `{}` and annual_factor_high `{}`, the benchmark's where not given: give all three",
                word(low),
                word(high)
            ),
        ));
    }
    Ok(curve)
}

fn dated(subject: &TrendPoint, reference: &TrendPoint) -> Result<(Range, bool), Refusal> {
    let date = |point: &TrendPoint, field: &str| {
        point.date.ok_or_else(|| {
            Refusal::new(
                Reason::FigureMissing,
                format!("{field}.date"),
                format!("no date of the {field} is known: set {field}.date or elapsed_years"),
            )
        })
    };
    let (from, to) = (date(reference, "reference")?, date(subject, "subject")?);
    Ok(years_between(from, to))
}

fn costed(point: &TrendPoint, field: &str) -> Result<Cost, Refusal> {
    point.cost.ok_or_else(|| {
        Refusal::new(
            Reason::FigureMissing,
            format!("{field}.cost"),
            format!("no cost of the {field} is known on this basis: set {field}.cost, or record a claim or price"),
        )
    })
}

fn drawn(fitted: &FittedTrend, normalised: Option<f64>) -> Vec<(Date, f64, f64, f64)> {
    let (Some(fit), Some(extent)) = (&fitted.fit, &fitted.extent) else {
        return Vec::new();
    };
    let span = extent.last.days_since(extent.first);
    (0..=CURVE_STEPS)
        .map(|step| {
            let date = extent.first.plus_days(span * step / CURVE_STEPS);
            let at = fit.predict(date, normalised.unwrap_or(0.5));
            (date, at.expected, at.low, at.high)
        })
        .collect()
}

/// True for verdicts that compare a cost with a trend.
pub fn is_judged(verdict: Verdict) -> bool {
    matches!(
        verdict,
        Verdict::Ahead | Verdict::OnTrend | Verdict::Behind | Verdict::WithinInterval
    )
}
