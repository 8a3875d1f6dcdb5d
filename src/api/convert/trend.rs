//! Questions about trends.

use super::enums;
use super::parts;
use super::query::board_name;
use crate::board::answer::{BasisDate, DateRule};
use crate::board::query::{AssessQuery, AssessSide, TrendQuery};
use crate::intake::{self, Field};
use crate::limits::{ELAPSED_YEARS_MAX, GAP_MAX, MAGNITUDE_MAX};
use crate::model::{BenchmarkId, CostBasis, Reason, Refusal, TrainingDate};
use crate::proto::v1;

/// `AssessTrendRequest`.
///
/// # Errors
/// Whatever `intake` refuses about a field; [`Reason::ElapsedNotPositive`].
pub fn assess_trend(message: v1::AssessTrendRequest) -> Result<AssessQuery, Refusal> {
    let v1::AssessTrendRequest {
        subject,
        reference,
        cost_basis,
        benchmark,
        gap,
        elapsed_years,
        curve,
        observed_reduction,
    } = message;
    Ok(AssessQuery {
        subject: side(subject, "subject")?,
        reference: side(reference, "reference")?,
        basis: enums::cost_basis(cost_basis, "cost_basis")?.unwrap_or(CostBasis::Training),
        benchmark: match benchmark.as_str() {
            "" => None,
            id => Some(BenchmarkId::parse(id, "benchmark")?),
        },
        gap: gap_or_none(gap)?,
        years: elapsed_years.map(years).transpose()?,
        curve: parts::curve_patch(curve, "curve")?,
        observed_reduction: observed_reduction
            .map(|times| {
                intake::within(
                    times,
                    1.0 / MAGNITUDE_MAX,
                    MAGNITUDE_MAX,
                    "observed_reduction",
                )
            })
            .transpose()?,
    })
}

fn side(message: Option<v1::TrendSide>, parent: &str) -> Result<AssessSide, Refusal> {
    let v1::TrendSide {
        model,
        cost,
        date,
        date_earliest,
        date_latest,
        training_cost_claim,
    } = message.unwrap_or_default();
    let names = ["date_earliest", "date", "date_latest"];
    let dates = [date_earliest.as_str(), date.as_str(), date_latest.as_str()];
    let date = intake::date_range(dates, names, parent, |value, field| {
        intake::date(value, field)
    })?;
    Ok(AssessSide {
        model: parts::optional_name(&model, &format!("{parent}.model"))?,
        cost: parts::cost(cost, &format!("{parent}.cost"))?,
        date: date.map(given_date),
        training_cost_claim: training_cost_claim
            .map(|claim| intake::revision(claim, Field::of(parent, "training_cost_claim")))
            .transpose()?,
    })
}

fn given_date(date: TrainingDate) -> BasisDate {
    let TrainingDate {
        earliest,
        central,
        latest,
    } = date;
    BasisDate {
        date: central,
        rule: DateRule::Given,
        range: (earliest != latest).then_some((earliest, latest)),
    }
}

/// The gap, 1 where none is given.
fn gap_or_none(gap: Option<f64>) -> Result<f64, Refusal> {
    gap.map_or(Ok(1.0), |gap| {
        intake::within(gap, 1.0 / GAP_MAX, GAP_MAX, "gap")
    })
}

fn years(message: v1::YearsRange) -> Result<(f64, f64, f64), Refusal> {
    const PARENT: &str = "elapsed_years";
    let v1::YearsRange { low, central, high } = message;
    let read = |years: f64, name| {
        let field = Field::of(PARENT, name);
        let years = intake::finite(years, field)?;
        if years <= 0.0 {
            return Err(field.refuse(
                Reason::ElapsedNotPositive,
                format_args!("is `{years}`: the reference must be earlier than the subject; give years greater than zero"),
            ));
        }
        // Shorter than a second, an annual rate means nothing and overflows.
        intake::within(years, 1e-7, ELAPSED_YEARS_MAX, field)
    };
    let central = read(central, "central")?;
    let low = low.map_or(Ok(central), |low| read(low, "low"))?;
    let high = high.map_or(Ok(central), |high| read(high, "high"))?;
    if low > central || central > high {
        return Err(Field::of(PARENT, "central").refuse(
            Reason::FieldConflict,
            format_args!(
                "is `{central}` with low `{low}` and high `{high}`: expected low <= central <= high"
            ),
        ));
    }
    Ok((low, central, high))
}

/// `GetTrendRequest`.
///
/// # Errors
/// Whatever `intake` refuses about a field.
pub fn get_trend(message: v1::GetTrendRequest) -> Result<TrendQuery, Refusal> {
    let v1::GetTrendRequest {
        board,
        model,
        cost_basis,
        reference,
        gap,
        selection,
        threshold,
        as_of,
        curve,
    } = message;
    Ok(TrendQuery {
        board: board_name(&board)?,
        model: parts::optional_name(&model, "model")?,
        basis: enums::cost_basis(cost_basis, "cost_basis")?,
        reference: parts::optional_name(&reference, "reference")?,
        gap: gap_or_none(gap)?,
        selection: enums::fit_selection(selection, "selection")?,
        threshold: threshold
            .map(|score| intake::finite(score, "threshold"))
            .transpose()?,
        as_of: parts::as_of(as_of)?,
        curve: parts::curve_patch(curve, "curve")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason<T: std::fmt::Debug>(outcome: Result<T, Refusal>) -> Reason {
        outcome.expect_err("refused").reason
    }

    #[test]
    fn an_assessment_has_defaults() {
        let query = assess_trend(v1::AssessTrendRequest::default()).expect("all defaults");
        assert_eq!((query.gap, query.basis), (1.0, CostBasis::Training));
        assert_eq!(query.subject, AssessSide::default());
        assert_eq!(query.years, None);
    }

    #[test]
    fn elapsed_time_is_positive_and_in_order() {
        let with = |low, central, high| {
            assess_trend(v1::AssessTrendRequest {
                elapsed_years: Some(v1::YearsRange { low, central, high }),
                ..Default::default()
            })
            .map(|query| query.years)
        };
        assert_eq!(with(None, 1.0, Some(2.0)), Ok(Some((1.0, 1.0, 2.0))));
        assert_eq!(reason(with(None, 0.0, None)), Reason::ElapsedNotPositive);
        assert_eq!(
            reason(with(Some(-1.0), 1.0, None)),
            Reason::ElapsedNotPositive
        );
        assert_eq!(reason(with(Some(2.0), 1.0, None)), Reason::FieldConflict);
        assert_eq!(reason(with(None, f64::NAN, None)), Reason::NotFinite);
        assert_eq!(reason(with(None, 1e9, None)), Reason::OutOfRange);
    }

    #[test]
    fn gaps_and_reductions_are_greater_than_zero() {
        let gap = |gap| {
            assess_trend(v1::AssessTrendRequest {
                gap: Some(gap),
                ..Default::default()
            })
        };
        assert_eq!(reason(gap(0.0)), Reason::OutOfRange);
        assert_eq!(reason(gap(f64::INFINITY)), Reason::NotFinite);
        let reduction = v1::AssessTrendRequest {
            observed_reduction: Some(0.0),
            ..Default::default()
        };
        assert_eq!(reason(assess_trend(reduction)), Reason::OutOfRange);
    }

    #[test]
    fn a_side_names_its_fields() {
        let message = v1::AssessTrendRequest {
            reference: Some(v1::TrendSide {
                cost: Some(v1::CostRange {
                    central_usd: Some(0.0),
                    ..Default::default()
                }),
                ..Default::default()
            }),
            ..Default::default()
        };
        let refusal = assess_trend(message).expect_err("no cost");
        assert_eq!(refusal.reason, Reason::CostNotPositive);
        assert_eq!(refusal.field, "reference.cost.central_usd");
    }

    #[test]
    fn a_date_range_has_its_middle() {
        let message = v1::AssessTrendRequest {
            subject: Some(v1::TrendSide {
                date_earliest: "2024-11-01".to_owned(),
                date_latest: "2024-12-31".to_owned(),
                ..Default::default()
            }),
            ..Default::default()
        };
        let date = assess_trend(message).expect("a range").subject.date;
        let date = date.expect("a date");
        assert_eq!(date.date.to_string(), "2024-12-01");
        assert_eq!(date.rule, DateRule::Given);
        assert!(date.range.is_some());
    }
}
