//! Answers with every mixture of what may be absent.

use std::sync::Arc;

use crate::board::answer::{
    BasisCost, BasisDate, Candidates, CountingResult, Coverage, DateRule, DeclaredTrend, Economics,
    FitSelection, FittedSubject, FittedTrend, Interval, IntervalSource, Intrinsic, Listing,
    ModelFacts, ModelInfo, OtherResult, PriceToReach, Relative, Standing, SubmitOutcome,
    TrendPoint, Warning,
};
use crate::board::trend::{self, Assessment, Fit, FitPoint, FitSums, Verdict};
use crate::model::{
    Cost, CostBasis, CostKind, Curve, Date, ModelId, ProviderId, Relationship, Status, Text,
};

use super::super::Accepted;

/// A deterministic source of values.
pub(super) struct Draw {
    state: u64,
    /// Everything is there and nothing has its default value.
    all: bool,
}

impl Draw {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
            all: false,
        }
    }

    pub(super) fn everything() -> Self {
        Self {
            all: true,
            ..Self::new(1)
        }
    }

    fn below(&mut self, end: u64) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state % end
    }

    fn flag(&mut self) -> bool {
        self.all || self.below(2) == 0
    }

    fn maybe<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.flag().then(|| make(self))
    }

    fn list<T>(&mut self, make: impl Fn(&mut Self) -> T) -> Vec<T> {
        let count = self.below(4) + u64::from(self.all);
        (0..count).map(|_| make(self)).collect()
    }

    fn of<T: Copy>(&mut self, values: &[T]) -> T {
        values[self.below(values.len() as u64) as usize]
    }

    /// Of one to five bytes as a varint.
    fn count(&mut self) -> u32 {
        let bits = self.below(32);
        let count = self.below(1 << bits) as u32;
        count + u32::from(self.all)
    }

    fn number(&mut self) -> f64 {
        let number = self.below(1 << 40) as f64 / 1024.0 + 0.5;
        if self.all {
            return number;
        }
        self.of(&[
            0.0,
            -0.0,
            1.0,
            1e300,
            f64::INFINITY,
            f64::NAN,
            -number,
            number,
        ])
    }

    fn text(&mut self) -> Text {
        let long = "x".repeat(150);
        let texts = ["", "a", "Ω mega", long.as_str()];
        let from = usize::from(self.all);
        self.of(&texts[from..]).into()
    }

    fn date(&mut self) -> Date {
        Date::from_days(self.below(60_000) as i32 - 20_000)
    }

    fn model(&mut self) -> ModelId {
        let id = format!("lab/model-{}", self.below(100));
        ModelId::parse(&id, "model").expect("an id")
    }

    fn basis(&mut self) -> CostBasis {
        self.of(&CostBasis::ALL)
    }

    fn status(&mut self) -> Status {
        self.of(&[Status::Active, Status::Disputed])
    }

    fn verdict(&mut self) -> Verdict {
        self.of(&[
            Verdict::Ahead,
            Verdict::OnTrend,
            Verdict::NoCost,
            Verdict::NotOnFrontier,
        ])
    }

    fn cost(&mut self) -> Cost {
        Cost {
            low: self.maybe(Self::number),
            central: self.number(),
            high: self.maybe(Self::number),
            kind: self.of(&[CostKind::Measured, CostKind::Derived]),
        }
    }

    fn basis_date(&mut self) -> BasisDate {
        BasisDate {
            date: self.date(),
            rule: self.of(&[DateRule::TrainingDate, DateRule::Given]),
            range: self.maybe(|draw| (draw.date(), draw.date())),
        }
    }

    fn basis_cost(&mut self) -> BasisCost {
        BasisCost {
            basis: self.basis(),
            cost: self.cost(),
            date: self.maybe(Self::basis_date),
            provider: self
                .maybe(|_| ProviderId::parse("deepseek", "provider").expect("a provider")),
            cache_price_missing: self.flag(),
            not_a_cost_proxy: self.flag(),
        }
    }

    fn info(&mut self) -> ModelInfo {
        ModelInfo {
            id: self.model(),
            facts: Arc::new(ModelFacts {
                title: self.text(),
                organization: self.text(),
                release_date: self.maybe(Self::date),
                license: self.text(),
                source_url: self.text(),
                ..ModelFacts::default()
            }),
        }
    }

    fn other(&mut self) -> OtherResult {
        OtherResult {
            revision: u64::from(self.count()),
            score: self.number(),
            evaluator: self.text(),
            harness: self.text(),
            observed: self.date(),
            status: self.status(),
        }
    }

    fn counting(&mut self) -> CountingResult {
        CountingResult {
            revision: u64::from(self.count()),
            observed: self.date(),
            evaluator: self.text(),
            relationship: self.of(&[Relationship::FirstParty, Relationship::Other]),
            harness: self.text(),
            status: self.status(),
            attempts: self.count(),
            biased_upward: self.flag(),
            others: self.list(Self::other),
            others_count: self.count(),
            spread: self.maybe(|draw| (draw.number(), draw.number())),
        }
    }

    fn intrinsic(&mut self) -> Intrinsic {
        Intrinsic {
            model: Arc::new(self.info()),
            score: self.number(),
            normalised: self.maybe(Self::number),
            interval: self.maybe(|draw| Interval {
                low: draw.number(),
                high: draw.number(),
                source: IntervalSource::Derived,
            }),
            costs: self.list(Self::basis_cost).into_iter().collect(),
            counting: self.maybe(Self::counting),
            coverage: self.maybe(|draw| Coverage {
                benchmarks: draw.count(),
                share: draw.number(),
            }),
        }
    }

    pub(super) fn standing(&mut self) -> Standing {
        Standing {
            own: Arc::new(self.intrinsic()),
            relative: self.maybe(|draw| Box::new(draw.relative())),
        }
    }

    fn relative(&mut self) -> Relative {
        Relative {
            rank: self.count(),
            rank_interval: self.maybe(|draw| (draw.count(), draw.count())),
            basis: self.basis(),
            economics: self.maybe(|draw| Economics {
                value: draw.maybe(Self::number),
                value_rank: draw.maybe(Self::count),
                on_frontier: draw.flag(),
                dominated_by: draw.list(Self::model),
                dominated_by_count: draw.count(),
                cost_to_match: draw.number(),
                overpay: draw.number(),
            }),
            trend: self.maybe(Self::declared),
        }
    }

    fn point(&mut self) -> TrendPoint {
        TrendPoint {
            model: self.maybe(Self::model),
            score: self.maybe(Self::number),
            normalised: self.maybe(Self::number),
            cost: self.maybe(Self::cost),
            date: self.maybe(Self::basis_date),
        }
    }

    fn curve(&mut self) -> Curve {
        Curve {
            annual_factor: self.number(),
            annual_factor_low: self.maybe(Self::number),
            annual_factor_high: self.maybe(Self::number),
            tolerance: self.number(),
        }
    }

    fn assessment(&mut self) -> Assessment {
        Assessment {
            verdict: self.verdict(),
            verdict_at_worst: self.verdict(),
            verdict_at_best: self.verdict(),
            q: self.number(),
            q_low: self.number(),
            q_high: self.number(),
            q_low_with_dates: self.maybe(Self::number),
            q_high_with_dates: self.maybe(Self::number),
            q_at_factor_low: self.maybe(Self::number),
            q_at_factor_high: self.maybe(Self::number),
            observed_reduction: self.number(),
            expected_reduction: self.number(),
            annualised: self.number(),
            months_ahead: self.number(),
            halving_months: self.maybe(Self::number),
            break_even_subject: self.maybe(Self::number),
            break_even_reference: self.maybe(Self::number),
            break_even_gap: self.number(),
        }
    }

    fn declared(&mut self) -> DeclaredTrend {
        DeclaredTrend {
            verdict: self.verdict(),
            basis: self.basis(),
            assessment: self.maybe(Self::assessment),
            years: self.maybe(|draw| (draw.number(), draw.number(), draw.number())),
            gap: self.number(),
            curve: self.curve(),
            subject: self.point(),
            reference: self.maybe(Self::point),
            candidates: self.maybe(|draw| Candidates {
                count: draw.count(),
                q_median: draw.maybe(Self::number),
                verdict: draw.maybe(Self::verdict),
            }),
            uncosted: self.list(Self::model),
        }
    }

    fn fit(&mut self) -> Fit {
        let mut sums = FitSums::default();
        for at in 0..12 {
            sums.add(&FitPoint {
                date: Date::from_days(19_000 + 100 * at),
                normalised: f64::from(at * at % 7 + 1) / 10.0,
                ln_cost: f64::from(at % 5),
            });
        }
        let solved = sums.solve(Date::from_days(19_000), Date::from_days(20_100));
        let mut fit = solved.expect("a fit");
        fit.annual_factor = self.number();
        fit.annual_factor_low = self.number();
        fit.annual_factor_high = self.number();
        fit.beta = self.number();
        fit.intercept = self.number();
        fit.r_squared = self.maybe(Self::number);
        fit.residual_sd = self.number();
        fit
    }

    fn fitted(&mut self) -> FittedTrend {
        FittedTrend {
            verdict: self.maybe(Self::verdict),
            missing: self.text().to_string(),
            selection: self.of(&[FitSelection::All, FitSelection::FrontierAtRelease]),
            points: self.count(),
            models: self.count(),
            clipped: self.count(),
            span_days: 1 + self.below(3) as i32,
            basis: self.basis(),
            fit: self.maybe(Self::fit),
            subject: self.maybe(|draw| FittedSubject {
                expected: draw.number(),
                low: draw.number(),
                high: draw.number(),
                q: draw.number(),
                extrapolated: draw.flag(),
            }),
            extent: None,
        }
    }

    fn price_to_reach(&mut self) -> PriceToReach {
        PriceToReach {
            threshold: self.number(),
            missing: self.text().to_string(),
            basis: self.basis(),
            record_lows: self.list(Self::point),
            decline: self.maybe(|draw| trend::PriceToReach {
                n: 4,
                span_days: 400,
                annual_factor: draw.number(),
                annual_factor_low: draw.number(),
                annual_factor_high: draw.number(),
                r_squared: draw.maybe(Self::number),
            }),
            span_days: 1 + self.below(3) as i32,
        }
    }

    pub(super) fn outcome(&mut self) -> SubmitOutcome {
        SubmitOutcome {
            standing: self.maybe(Self::standing),
            previous: self.maybe(Self::standing),
            displaced: self.list(Self::model),
            displaced_count: self.count(),
            frontier_entered: self.list(Self::model),
            frontier_left: self.list(Self::model),
            fitted: self.maybe(Self::fitted),
            price_to_reach: self.maybe(Self::price_to_reach),
            counting: self.flag(),
        }
    }

    pub(super) fn accepted(&mut self) -> Accepted {
        Accepted {
            revision: u64::from(self.count()),
            replayed: self.flag(),
            warnings: self.list(|draw| Warning {
                reason: "MODEL_CREATED",
                message: draw.text().to_string(),
            }),
        }
    }

    pub(super) fn listing(&mut self) -> Listing {
        Listing {
            revision: u64::from(self.count()),
            basis: self.basis(),
            rows: self.list(Self::standing),
            next: None,
            row_count: self.count(),
            unranked_count: self.count(),
            standing_count: self.count(),
            unit: self.text(),
            higher_is_better: self.flag(),
        }
    }
}
