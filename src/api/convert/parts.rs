//! Parts that several messages share.

use super::enums::{self, ToWire};
use crate::board::answer::BasisDate;
use crate::board::query::{AsOf, ResultFilter, RowFilter, Selection};
use crate::intake::{self, CostFigures, Field};
use crate::limits::{HARNESS_BYTES_MAX, NAME_BYTES_MAX};
use crate::model::{Cost, Curve, CurvePatch, Date, Refusal, Text, Timestamp};
use crate::proto::v1;

/// Rows to select; lists are sorted, so that equal filters are equal values.
pub(super) fn row_filter(
    message: Option<v1::RowFilter>,
    parent: &str,
) -> Result<RowFilter, Refusal> {
    let Some(message) = message else {
        return Ok(RowFilter::default());
    };
    let v1::RowFilter {
        organizations,
        open_weights,
        model_tags,
        released_since,
        best_variant_only,
    } = message;
    let field = Field::of(parent, "organizations");
    let mut names = organizations
        .iter()
        .map(|name| intake::text(name, NAME_BYTES_MAX, field).map(|name| name.to_lowercase()))
        .collect::<Result<Vec<String>, Refusal>>()?;
    names.sort_unstable();
    names.dedup();
    Ok(RowFilter {
        organizations: names,
        open_weights,
        tags: intake::tags(&model_tags, Field::of(parent, "model_tags"))?,
        released_since: intake::optional_date(
            &released_since,
            Field::of(parent, "released_since"),
        )?,
        best_variant_only,
    })
}

fn result_filter(message: v1::ResultFilter) -> Result<ResultFilter, Refusal> {
    let v1::ResultFilter {
        evaluators,
        relationships,
        harnesses,
        undisputed_only,
    } = message;
    let texts = |values: &[String], bytes_max, name| {
        let field = Field::of("result_filter", name);
        let mut texts = values
            .iter()
            .map(|value| intake::text(value, bytes_max, field))
            .collect::<Result<Vec<Text>, Refusal>>()?;
        texts.sort_unstable();
        texts.dedup();
        Ok::<_, Refusal>(texts)
    };
    let field = Field::of("result_filter", "relationships");
    let mut relationships = enums::relationships(&relationships, field)?;
    relationships.sort_unstable();
    relationships.dedup();
    Ok(ResultFilter {
        evaluators: texts(&evaluators, NAME_BYTES_MAX, "evaluators")?,
        relationships,
        harnesses: texts(&harnesses, HARNESS_BYTES_MAX, "harnesses")?,
        undisputed_only,
    })
}

/// A point in the past.
pub(super) fn as_of(message: Option<v1::AsOf>) -> Result<AsOf, Refusal> {
    selected(message, None, "")
}

/// A point in the past, and what else makes the board differ from the live one.
pub(super) fn selected(
    message: Option<v1::AsOf>,
    results: Option<v1::ResultFilter>,
    reprice_at: &str,
) -> Result<AsOf, Refusal> {
    let v1::AsOf { revision, date } = message.unwrap_or_default();
    Ok(AsOf {
        revision: revision
            .map(|revision| intake::revision(revision, "as_of.revision"))
            .transpose()?,
        selection: Selection {
            date: intake::optional_date(&date, "as_of.date")?,
            results: results.map(result_filter).transpose()?.unwrap_or_default(),
            reprice_at: intake::optional_date(reprice_at, "reprice_at")?,
        },
    })
}

/// Parts of a declared curve.
pub(super) fn curve_patch(
    message: Option<v1::DeclaredCurve>,
    parent: &str,
) -> Result<CurvePatch, Refusal> {
    let v1::DeclaredCurve {
        annual_factor,
        annual_factor_low,
        annual_factor_high,
        tolerance,
    } = message.unwrap_or_default();
    let given = CurvePatch {
        annual_factor,
        annual_factor_low,
        annual_factor_high,
        tolerance,
    };
    intake::curve(given, parent)
}

/// A declared curve.
pub(super) fn declared_curve(curve: Curve) -> v1::DeclaredCurve {
    let Curve {
        annual_factor,
        annual_factor_low,
        annual_factor_high,
        tolerance,
    } = curve;
    v1::DeclaredCurve {
        annual_factor: Some(annual_factor),
        annual_factor_low,
        annual_factor_high,
        tolerance: Some(tolerance),
    }
}

/// A cost as typed.
pub(super) fn cost_figures(message: v1::CostRange, parent: &str) -> Result<CostFigures, Refusal> {
    let v1::CostRange {
        low_usd,
        central_usd,
        high_usd,
        kind,
    } = message;
    Ok(CostFigures {
        low: low_usd,
        central: central_usd,
        high: high_usd,
        kind: enums::cost_kind(kind, Field::of(parent, "kind"))?,
    })
}

/// A checked cost, where one is given.
pub(super) fn cost(message: Option<v1::CostRange>, parent: &str) -> Result<Option<Cost>, Refusal> {
    message
        .map(|message| intake::cost(cost_figures(message, parent)?, parent))
        .transpose()
}

/// A cost with its range.
pub(super) fn cost_range(cost: Cost) -> v1::CostRange {
    let Cost {
        low,
        central,
        high,
        kind,
    } = cost;
    v1::CostRange {
        low_usd: low,
        central_usd: Some(central),
        high_usd: high,
        kind: kind.wire(),
    }
}

/// A date as text; empty = none.
pub(super) fn date_text(date: Option<Date>) -> String {
    date.map_or_else(String::new, |date| date.to_string())
}

/// Date, rule, earliest and latest as the API writes them.
pub(super) fn basis_date(date: Option<BasisDate>) -> (String, i32, String, String) {
    let Some(BasisDate { date, rule, range }) = date else {
        return Default::default();
    };
    (
        date.to_string(),
        rule.wire(),
        date_text(range.map(|(earliest, _)| earliest)),
        date_text(range.map(|(_, latest)| latest)),
    )
}

/// An instant.
pub fn timestamp(instant: Timestamp) -> prost_types::Timestamp {
    let micros = instant.micros();
    prost_types::Timestamp {
        seconds: micros.div_euclid(1_000_000),
        nanos: micros.rem_euclid(1_000_000) as i32 * 1_000,
    }
}

/// Texts of a list.
pub(super) fn strings<T: ToString>(values: &[T]) -> Vec<String> {
    values.iter().map(ToString::to_string).collect()
}

/// A name that may be left out.
pub(super) fn optional_name(value: &str, field: &str) -> Result<Option<Text>, Refusal> {
    match value {
        "" => Ok(None),
        _ => intake::name(value, field).map(Some),
    }
}
