//! Costs: greater than zero, in order, with a figure to compute with.

use super::field::Field;
use super::number::{at_least, finite};
use super::text::text;
use crate::limits::{COST_USD_MIN, MAGNITUDE_MAX, TAG_BYTES_MAX};
use crate::model::{Cost, CostKind, Reason, Refusal, TrainingCost, TrainingScope};

/// A cost as typed.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CostFigures {
    /// Lower end, USD.
    pub low: Option<f64>,
    /// The figure to compute with, USD.
    pub central: Option<f64>,
    /// Upper end, USD.
    pub high: Option<f64>,
    /// How it came to be known; none = not said.
    pub kind: Option<CostKind>,
}

impl CostFigures {
    fn is_blank(&self) -> bool {
        self.low.is_none() && self.central.is_none() && self.high.is_none()
    }
}

/// A cost with its range. A missing central figure is the geometric mean of the ends, marked ESTIMATED.
///
/// # Errors
/// [`Reason::CostNotPositive`], [`Reason::NotFinite`] and [`Reason::OutOfRange`] for each figure;
/// [`Reason::FieldRequired`] where neither a central figure nor both ends are given; [`Reason::FieldConflict`] unless
/// low <= central <= high; [`Reason::FieldMalformed`] for the kind DERIVED, which only the daemon gives.
pub fn cost(figures: CostFigures, parent: &str) -> Result<Cost, Refusal> {
    let CostFigures {
        low,
        central,
        high,
        kind,
    } = figures;
    let read = |value: Option<f64>, name| {
        value
            .map(|usd| positive(usd, Field::of(parent, name)))
            .transpose()
    };
    let low = read(low, "low_usd")?;
    let high = read(high, "high_usd")?;
    let given = read(central, "central_usd")?;
    let (central, kind) = match (given, low, high) {
        (Some(central), _, _) => (central, given_kind(kind, parent)?),
        (None, Some(low), Some(high)) => (geometric_mean(low, high), CostKind::Estimated),
        (None, _, _) => {
            return Err(Field::of(parent, "central_usd").refuse(
                Reason::FieldRequired,
                "is missing: give it, or both `low_usd` and `high_usd`; leave the whole cost unset if it is unknown",
            ));
        }
    };
    if low.is_some_and(|low| low > central) || high.is_some_and(|high| high < central) {
        let word = |end: Option<f64>| end.map_or_else(|| "none".to_owned(), |end| end.to_string());
        return Err(Field::of(parent, "central_usd").refuse(
            Reason::FieldConflict,
            format_args!(
                "is `{central}` with low `{}` and high `{}`: expected low <= central <= high",
                word(low),
                word(high)
            ),
        ));
    }
    Ok(Cost {
        low,
        central,
        high,
        kind,
    })
}

/// A list price in USD per million tokens; zero is a price.
///
/// # Errors
/// [`Reason::NotFinite`], or [`Reason::OutOfRange`] below zero.
pub fn price_figure<'a>(
    value: Option<f64>,
    field: impl Into<Field<'a>>,
) -> Result<Option<f64>, Refusal> {
    let field = field.into();
    value.map(|usd| at_least(usd, 0.0, field)).transpose()
}

/// What training cost, as typed.
#[derive(Clone, Copy, Debug, Default)]
pub struct TrainingFigures<'a> {
    /// The figure.
    pub cost: Option<CostFigures>,
    /// Accelerator, may be empty.
    pub accelerator: &'a str,
    /// Number of accelerators.
    pub accelerator_count: Option<i64>,
    /// Accelerator hours in all.
    pub accelerator_hours: Option<f64>,
    /// USD per accelerator hour.
    pub usd_per_hour: Option<f64>,
    /// What is included.
    pub scope: TrainingScope,
}

/// What training cost: the figure, or accelerator hours times USD per hour where none is given.
///
/// # Errors
/// As [`cost`] for every figure; [`Reason::FieldRequired`] where there is neither a figure nor hours with their price.
pub fn training_cost(figures: TrainingFigures<'_>, parent: &str) -> Result<TrainingCost, Refusal> {
    let TrainingFigures {
        cost: given,
        accelerator,
        accelerator_count,
        accelerator_hours,
        usd_per_hour,
        scope,
    } = figures;
    let read = |value: Option<f64>, name| {
        value
            .map(|value| positive(value, Field::of(parent, name)))
            .transpose()
    };
    let accelerator_hours = read(accelerator_hours, "accelerator_hours")?;
    let usd_per_hour = read(usd_per_hour, "usd_per_hour")?;
    let cost_path = Field::of(parent, "cost").to_string();
    let cost = match (given, accelerator_hours, usd_per_hour) {
        (Some(given), _, _) if !given.is_blank() => cost(given, &cost_path)?,
        (given, Some(hours), Some(usd_per_hour)) => {
            let product = CostFigures {
                central: Some(hours * usd_per_hour),
                ..given.unwrap_or_default()
            };
            cost(product, &cost_path)?
        }
        _ => {
            return Err(Field::of(parent, "cost").refuse(
                Reason::FieldRequired,
                "is missing: give it, or both `accelerator_hours` and `usd_per_hour`",
            ));
        }
    };
    Ok(TrainingCost {
        cost,
        accelerator: text(accelerator, TAG_BYTES_MAX, Field::of(parent, "accelerator"))?,
        accelerator_count: accelerator_count
            .map(|count| super::number::count(count, Field::of(parent, "accelerator_count")))
            .transpose()?,
        accelerator_hours,
        usd_per_hour,
        scope,
    })
}

/// A figure greater than zero. Tiny ones are refused too: dividing by them would overflow.
fn positive(value: f64, field: Field<'_>) -> Result<f64, Refusal> {
    let value = finite(value, field)?;
    if value <= 0.0 {
        return Err(field.refuse(
            Reason::CostNotPositive,
            format_args!(
                "is `{value}`: a cost is greater than zero; leave cost unset if it is unknown"
            ),
        ));
    }
    if value < COST_USD_MIN {
        return Err(field.refuse(
            Reason::OutOfRange,
            format_args!("is `{value:e}`: expected `{COST_USD_MIN:e}` to `{MAGNITUDE_MAX:e}`"),
        ));
    }
    Ok(value)
}

fn given_kind(kind: Option<CostKind>, parent: &str) -> Result<CostKind, Refusal> {
    match kind {
        None => Ok(CostKind::Reported),
        Some(CostKind::Derived) => Err(Field::of(parent, "kind").refuse(
            Reason::FieldMalformed,
            "is `COST_KIND_DERIVED`, which only the daemon gives: say `COST_KIND_MEASURED`, `COST_KIND_REPORTED` or `COST_KIND_ESTIMATED`",
        )),
        Some(kind) => Ok(kind),
    }
}

/// Rounding may leave the ends by one unit; the mean of two ends lies between them.
fn geometric_mean(low: f64, high: f64) -> f64 {
    (low * high).sqrt().min(high).max(low)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(low: Option<f64>, central: Option<f64>, high: Option<f64>) -> CostFigures {
        CostFigures {
            low,
            central,
            high,
            kind: None,
        }
    }

    fn reason<T: std::fmt::Debug>(outcome: Result<T, Refusal>) -> Reason {
        outcome.expect_err("refused").reason
    }

    #[test]
    fn a_missing_cost_is_not_zero() {
        for zero in [0.0, -0.0, -3.0] {
            let refusal =
                cost(figures(None, Some(zero), None), "result.run_cost").expect_err("not positive");
            assert_eq!(refusal.reason, Reason::CostNotPositive);
            assert_eq!(refusal.field, "result.run_cost.central_usd");
            assert!(
                refusal
                    .message
                    .contains("leave cost unset if it is unknown")
            );
        }
        let blank = cost(CostFigures::default(), "result.run_cost");
        assert_eq!(reason(blank), Reason::FieldRequired);
    }

    #[test]
    fn figures_are_finite_in_range_and_in_order() {
        let refused = |low, central, high| reason(cost(figures(low, central, high), "cost"));
        assert_eq!(refused(None, Some(f64::NAN), None), Reason::NotFinite);
        assert_eq!(
            refused(Some(f64::INFINITY), Some(1.0), None),
            Reason::NotFinite
        );
        assert_eq!(refused(None, Some(1e16), None), Reason::OutOfRange);
        assert_eq!(
            refused(None, Some(f64::MIN_POSITIVE), None),
            Reason::OutOfRange
        );
        assert_eq!(refused(Some(2.0), Some(1.0), None), Reason::FieldConflict);
        assert_eq!(refused(None, Some(2.0), Some(1.0)), Reason::FieldConflict);
        assert_eq!(refused(Some(2.0), None, Some(1.0)), Reason::FieldConflict);
        assert_eq!(refused(Some(2.0), None, None), Reason::FieldRequired);
    }

    #[test]
    fn without_a_central_figure_the_geometric_mean_is_an_estimate() {
        let range = cost(figures(Some(20e6), None, Some(50e6)), "cost").expect("a range");
        assert!((range.central - 31_622_776.6).abs() < 0.1);
        assert_eq!(range.kind, CostKind::Estimated);
        let point = cost(figures(Some(0.1), None, Some(0.1)), "cost").expect("a point");
        assert_eq!(point.central, 0.1);
    }

    #[test]
    fn nobody_else_derives_a_cost() {
        let mut given = figures(None, Some(1.0), None);
        assert_eq!(cost(given, "cost").map(|c| c.kind), Ok(CostKind::Reported));
        given.kind = Some(CostKind::Derived);
        assert_eq!(reason(cost(given, "cost")), Reason::FieldMalformed);
    }

    #[test]
    fn prices_may_be_zero_but_not_below() {
        assert_eq!(price_figure(Some(0.0), "price"), Ok(Some(0.0)));
        assert_eq!(price_figure(None, "price"), Ok(None));
        assert_eq!(
            reason(price_figure(Some(-0.1), "price")),
            Reason::OutOfRange
        );
        assert_eq!(
            reason(price_figure(Some(f64::NAN), "price")),
            Reason::NotFinite
        );
    }

    #[test]
    fn accelerator_hours_are_multiplied_out() {
        // Worked example 6: pre-training, context extension and post-training of DeepSeek-V3.
        let given = TrainingFigures {
            accelerator: "H800",
            accelerator_hours: Some(2_664e3 + 119e3 + 5e3),
            usd_per_hour: Some(2.0),
            ..TrainingFigures::default()
        };
        let training = training_cost(given, "claim.training_cost").expect("hours");
        assert_eq!(training.cost.central, 5.576e6);
        assert_eq!(training.cost.kind, CostKind::Reported);

        let half = TrainingFigures {
            usd_per_hour: None,
            ..given
        };
        assert_eq!(reason(training_cost(half, "claim")), Reason::FieldRequired);
        let zero = TrainingFigures {
            usd_per_hour: Some(0.0),
            ..given
        };
        assert_eq!(
            reason(training_cost(zero, "claim")),
            Reason::CostNotPositive
        );
        let none = TrainingFigures {
            accelerator_count: Some(0),
            ..given
        };
        assert_eq!(reason(training_cost(none, "claim")), Reason::OutOfRange);
    }

    #[test]
    fn a_stated_training_cost_goes_before_the_product() {
        let given = TrainingFigures {
            cost: Some(figures(None, Some(6e6), None)),
            accelerator_hours: Some(1e6),
            usd_per_hour: Some(2.0),
            ..TrainingFigures::default()
        };
        let training = training_cost(given, "claim.training_cost").expect("a figure");
        assert_eq!(training.cost.central, 6e6);
    }
}
