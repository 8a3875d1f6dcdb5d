//! Everything about the selected model on this board.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::app::App;
use super::screen::{Paint, Tone, put, rule};
use crate::cli::format::{basis_head, kind, number, short, usd, verdict};
use crate::cli::table::printable;
use crate::proto::v1::{BasisCost, DeclaredTrend, EvaluatorRelationship, Standing, Status};

/// Width of the names of facts.
const NAMES: u16 = 11;

pub(super) fn draw(app: &App, paint: Paint, area: Rect, buffer: &mut Buffer) {
    let shown = app.shown();
    let selected = shown.get(app.position(&shown));
    let title = selected.map_or("details", |row| row.model.as_str());
    rule(buffer, area, title, paint);
    let Some(row) = selected else { return };
    let room = usize::from(area.width.saturating_sub(NAMES + 1));
    let lines = facts(row).into_iter().flat_map(|(name, value)| {
        let wrapped = wrap(&printable(&value), room);
        let names = std::iter::once(name).chain(std::iter::repeat(""));
        names.zip(wrapped).collect::<Vec<_>>()
    });
    for (line, (name, value)) in lines
        .take(usize::from(area.height.saturating_sub(1)))
        .enumerate()
    {
        let y = area.y + 1 + line as u16;
        put(
            buffer,
            area.x + 1,
            y,
            usize::from(NAMES) - 1,
            name,
            paint.style(Tone::Faint),
        );
        put(
            buffer,
            area.x + NAMES,
            y,
            room,
            &value,
            paint.style(Tone::Plain),
        );
    }
}

/// Lines of words, each within a width where words are.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let last = lines.len() - 1;
        let line = &mut lines[last];
        if line.is_empty() {
            word.clone_into(line);
        } else if line.chars().count() + 1 + word.chars().count() <= width {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

type Fact = (&'static str, String);

/// What is known, the most wanted first: a small screen shows the beginning.
fn facts(row: &Standing) -> Vec<Fact> {
    let mut facts = vec![("score", score(row))];
    facts.extend(row.costs.iter().map(|cost| ("cost", cost_text(cost))));
    facts.extend(value(row));
    facts.push(("frontier", frontier(row)));
    facts.extend(row.trend.as_ref().map(|trend| ("trend", trend_text(trend))));
    facts.push(("measured", measured(row)));
    if row.other_results_count > 0 {
        facts.push(("others", others(row)));
    }
    facts.push(("model", about_model(row)));
    facts
}

fn score(row: &Standing) -> String {
    let interval = row.interval.as_ref().map_or_else(String::new, |interval| {
        format!(
            ", 95 % {} to {}",
            number(interval.low),
            number(interval.high)
        )
    });
    let ranks = match (row.rank, row.rank_best, row.rank_worst) {
        (Some(rank), Some(best), Some(worst)) => format!("; rank {rank} ({best} to {worst})"),
        (Some(rank), ..) => format!("; rank {rank}"),
        _ => String::new(),
    };
    let marks = [
        (row.status() == Status::Disputed, "; DISPUTED"),
        (row.biased_upward, "; best of several, biased upward"),
    ];
    let marks: String = marks
        .iter()
        .filter(|(on, _)| *on)
        .map(|(_, text)| *text)
        .collect();
    format!("{}{interval}{ranks}{marks}", number(row.score))
}

fn cost_text(cost: &BasisCost) -> String {
    let range = match (cost.low_usd, cost.high_usd) {
        (Some(low), Some(high)) => format!(" ({} to {})", usd(low), usd(high)),
        _ => String::new(),
    };
    let how = kind(cost.kind());
    let how = if how.is_empty() {
        how
    } else {
        format!(", {how}")
    };
    let since = match cost.date.as_str() {
        "" => String::new(),
        date => format!(", {date}"),
    };
    let provider = match cost.provider.as_str() {
        "" => String::new(),
        provider => format!(", {provider}"),
    };
    let proxy = if cost.not_a_cost_proxy {
        ", not a cost proxy †"
    } else {
        ""
    };
    let head = basis_head(cost.basis());
    let per = head
        .strip_prefix("cost")
        .map_or_else(|| format!(" {head}"), str::to_owned);
    format!(
        "{}{per}{range}{how}{provider}{since}{proxy}",
        usd(cost.central_usd)
    )
}

fn value(row: &Standing) -> Option<Fact> {
    let value = row.value?;
    let rank = row
        .value_rank
        .map_or_else(String::new, |rank| format!(", rank {rank}"));
    Some((
        "value",
        format!("{} points per dollar{rank}", number(value)),
    ))
}

fn frontier(row: &Standing) -> String {
    match (row.on_frontier, row.overpay, row.cost_to_match_usd) {
        (Some(true), ..) => "* on it: nothing that costs less is as good".to_owned(),
        (Some(false), Some(overpay), Some(match_usd)) => {
            let by = row.dominated_by.first();
            let by = by.map_or_else(String::new, |by| format!(" ({by})"));
            format!(
                "overpays {}×: {}{by} buys this score",
                number(overpay),
                usd(match_usd)
            )
        }
        _ => "no cost is known on this basis".to_owned(),
    }
}

fn trend_text(trend: &DeclaredTrend) -> String {
    let ratio = trend
        .q
        .map_or_else(String::new, |q| format!(", q {}", number(q)));
    let months = trend.months_ahead.map_or_else(String::new, |months| {
        let side = if months < 0.0 { "behind" } else { "ahead" };
        format!(", {} months {side}", number(months.abs()))
    });
    let against = trend
        .reference
        .as_ref()
        .map_or_else(String::new, |reference| {
            format!(", against {}", reference.model)
        });
    format!("{}{ratio}{months}{against}", verdict(trend.verdict()))
}

fn measured(row: &Standing) -> String {
    if row.result_revision == 0 {
        let coverage = row.coverage.map_or_else(String::new, |share| {
            format!(", {} % of the board's", number(share * 100.0))
        });
        return format!("mean over {} benchmarks{coverage}", row.benchmark_count);
    }
    let relationship = match row.relationship() {
        EvaluatorRelationship::Unspecified => String::new(),
        other => {
            let name = short(other.as_str_name(), "EVALUATOR_RELATIONSHIP_").to_lowercase();
            format!(" ({})", name.replace('_', " "))
        }
    };
    let harness = match row.harness.as_str() {
        "" => String::new(),
        harness => format!(", {harness}"),
    };
    format!(
        "{} by {}{relationship}{harness}, result {}",
        row.observed_date, row.evaluator, row.result_revision
    )
}

fn others(row: &Standing) -> String {
    let spread = match (row.spread_low, row.spread_high) {
        (Some(low), Some(high)) => format!(", from {} to {}", number(low), number(high)),
        _ => String::new(),
    };
    format!("{} more results{spread}", row.other_results_count)
}

fn about_model(row: &Standing) -> String {
    let parts = [
        row.title.clone(),
        row.organization.clone(),
        match row.release_date.as_str() {
            "" => String::new(),
            date => format!("released {date}"),
        },
    ];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    if parts.is_empty() {
        return "nothing but its name is known".to_owned();
    }
    parts.join(", ")
}
