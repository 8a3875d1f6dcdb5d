//! Numbers and names as cells.

use crate::proto::v1::{BasisCost, CostBasis, CostKind, ScoreInterval, Verdict};

/// Significant digits of costs and ratios.
const DIGITS: i32 = 4;
/// Most decimals of a score.
const SCORE_DECIMALS_MAX: usize = 4;

/// A number with four significant digits, without trailing zeros.
pub(super) fn number(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return format!("{value}");
    }
    let magnitude = value.abs().log10().floor();
    if !(-9.0..15.0).contains(&magnitude) {
        return format!("{value:.3e}");
    }
    let decimals = (DIGITS - 1 - magnitude as i32).max(0) as usize;
    trim(format!("{value:.decimals$}"))
}

fn trim(text: String) -> String {
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// A number that may be absent: then empty.
pub(super) fn optional(value: Option<f64>) -> String {
    value.map_or_else(String::new, number)
}

/// US dollars: `$0.02409`, `$15`, `$5.576M`.
pub(super) fn usd(value: f64) -> String {
    let (scaled, suffix) = match value.abs() {
        x if x >= 1e9 => (value / 1e9, "B"),
        x if x >= 1e6 => (value / 1e6, "M"),
        _ => (value, ""),
    };
    format!("${}{suffix}", number(scaled))
}

/// A ratio: `1.795×`.
pub(super) fn times(value: f64) -> String {
    format!("{}×", number(value))
}

/// Decimals that show all given scores, at most four.
pub(super) fn score_decimals(scores: impl IntoIterator<Item = f64>) -> usize {
    scores
        .into_iter()
        .map(|score| {
            let text = trim(format!("{score:.SCORE_DECIMALS_MAX$}"));
            text.split_once('.')
                .map_or(0, |(_, decimals)| decimals.len())
        })
        .max()
        .unwrap_or(0)
}

/// The 95 % interval as distances from the score: `±1.7`, or `+5.8 -6.6` where it leans to one side.
pub(super) fn margin(score: f64, interval: Option<&ScoreInterval>, decimals: usize) -> String {
    let Some(interval) = interval else {
        return String::new();
    };
    let decimals = decimals.max(1);
    let up = format!("{:.decimals$}", interval.high - score);
    let down = format!("{:.decimals$}", score - interval.low);
    if up == down {
        format!("±{up}")
    } else {
        format!("+{up} -{down}")
    }
}

/// `TASK` of `COST_BASIS_TASK`: a name without the prefix of its enum.
pub(super) fn short<'a>(name: &'a str, prefix: &str) -> &'a str {
    name.strip_prefix(prefix).unwrap_or(name)
}

/// Name of a verdict; empty = none.
pub(super) fn verdict(verdict: Verdict) -> String {
    match verdict {
        Verdict::Unspecified => String::new(),
        other => short(other.as_str_name(), "VERDICT_").to_owned(),
    }
}

/// How a cost came to be known, in lower case; empty = not said.
pub(super) fn kind(kind: CostKind) -> String {
    match kind {
        CostKind::Unspecified => String::new(),
        other => short(other.as_str_name(), "COST_KIND_").to_lowercase(),
    }
}

/// What a cost basis measures, as the head of a column.
pub(super) fn basis_head(basis: CostBasis) -> &'static str {
    match basis {
        CostBasis::Unspecified => "cost",
        CostBasis::Task => "cost/task",
        CostBasis::TokenPrice => "cost/Mtok",
        CostBasis::Training => "training cost",
    }
}

/// A cost with the marks of its footnotes: † a list price that is no cost proxy, ‡ a missing cache price.
pub(super) fn cost(cost: &BasisCost) -> String {
    let mut text = usd(cost.central_usd);
    if cost.not_a_cost_proxy {
        text.push('†');
    }
    if cost.cache_price_missing {
        text.push('‡');
    }
    text
}

/// A flag as a mark; absent stays absent.
pub(super) fn mark(value: Option<bool>) -> String {
    match value {
        Some(true) => "*".to_owned(),
        Some(false) => "·".to_owned(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_four_significant_digits() {
        for (value, text) in [
            (0.0, "0"),
            (1.0, "1"),
            (0.02409, "0.02409"),
            (0.024_085_6, "0.02409"),
            (1.7953, "1.795"),
            (99_999.0, "99999"),
            (123_456.7, "123457"),
            (9.999_99, "10"),
            (-0.934_51, "-0.9345"),
            (1e-12, "1.000e-12"),
            (1e16, "1.000e16"),
        ] {
            assert_eq!(number(value), text, "{value}");
        }
    }

    #[test]
    fn dollars_have_scales() {
        assert_eq!(usd(5.576e6), "$5.576M");
        assert_eq!(usd(0.001_497), "$0.001497");
        assert_eq!(usd(2.5e9), "$2.5B");
        assert_eq!(usd(37.5), "$37.5");
    }

    #[test]
    fn scores_share_their_decimals_and_lean_where_the_interval_does() {
        assert_eq!(score_decimals([71.5, 65.0]), 1);
        assert_eq!(score_decimals([0.856_28, 0.9]), 4);
        assert_eq!(score_decimals([]), 0);
        let interval = ScoreInterval {
            low: 64.9,
            high: 77.3,
            ..ScoreInterval::default()
        };
        assert_eq!(margin(71.5, Some(&interval), 1), "+5.8 -6.6");
        assert_eq!(margin(71.1, Some(&interval), 1), "±6.2");
        assert_eq!(margin(71.1, None, 1), "");
    }
}
