//! (b) the fitted curve and (c) the price to reach a score, by textbook formulas on lists of points.

use frontierd::board::answer::FitSelection;
use frontierd::model::{CostBasis, Date};
use statrs::distribution::{ContinuousCDF, StudentsT};

use super::rows::Row;

/// A dated offer of a score.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Offer<'a> {
    pub(crate) row: &'a Row,
    pub(crate) date: Date,
    pub(crate) effective: Date,
    pub(crate) cost: f64,
    /// The standing's own cost, not a past price.
    pub(crate) current: bool,
}

/// A least-squares plane ln cost = a + b years + beta logit.
#[derive(Clone, Debug)]
pub(crate) struct Plane {
    pub(crate) slope: f64,
    pub(crate) beta: f64,
    pub(crate) annual_factor: (f64, f64, f64),
    pub(crate) residual_sd: f64,
    pub(crate) r_squared: f64,
    quantile: f64,
    count: f64,
    mean: (f64, f64, f64),
    /// Centred sums xx, xz, zz.
    sums: (f64, f64, f64),
}

/// Every dated offer of a basis, by date.
pub(crate) fn offers(rows: &[Row], basis: CostBasis) -> Vec<Offer<'_>> {
    let mut all = Vec::new();
    for row in rows {
        if basis == CostBasis::TokenPrice {
            all.extend(row.prices.iter().map(|price| Offer {
                row,
                date: price.date,
                effective: price.effective,
                cost: price.cost,
                current: price.current,
            }));
        } else if let (Some(cost), Some(date)) = (row.cost(basis), row.date(basis)) {
            all.push(Offer {
                row,
                date,
                effective: date,
                cost,
                current: true,
            });
        }
    }
    all.sort_by_key(|offer| (offer.date, offer.row.order, offer.effective));
    all
}

/// Offers on the frontier on the day they appeared, at what every model cost that day; `all` come by date.
pub(crate) fn frontier_at_release<'a>(all: &[Offer<'a>]) -> Vec<Offer<'a>> {
    let mut kept = Vec::new();
    for day in all.chunk_by(|a, b| a.date == b.date) {
        // The newest offer of each model so far.
        let mut in_force: Vec<Offer> = Vec::new();
        for offer in all.iter().filter(|offer| offer.date <= day[0].date) {
            in_force.retain(|other| other.row.order != offer.row.order);
            in_force.push(*offer);
        }
        kept.extend(day.iter().filter(|offer| {
            let own = in_force
                .iter()
                .any(|o| o.row.order == offer.row.order && o.effective == offer.effective);
            let beaten = in_force.iter().any(|other| {
                let (better, cheaper) = (other.row.good > offer.row.good, other.cost < offer.cost);
                other.row.good >= offer.row.good && other.cost <= offer.cost && (better || cheaper)
            });
            own && !beaten
        }));
    }
    kept
}

/// The points of a fit: those that may be used for a subject, or all of them.
pub(crate) fn fit_points<'a>(
    rows: &'a [Row],
    basis: CostBasis,
    selection: FitSelection,
    subject: Option<&Offer>,
) -> Vec<Offer<'a>> {
    let mut points = offers(rows, basis);
    if selection == FitSelection::FrontierAtRelease {
        points = frontier_at_release(&points);
    }
    points.retain(|point| point.row.normalised.is_some());
    if let Some(subject) = subject {
        points.retain(|point| point.date < subject.date && point.row.model != subject.row.model);
    }
    points
}

pub(crate) fn logit(normalised: f64) -> f64 {
    let p = normalised.clamp(0.005, 0.995);
    (p / (1.0 - p)).ln()
}

pub(crate) fn span_days(points: &[Offer]) -> i32 {
    match (points.first(), points.last()) {
        (Some(first), Some(last)) => last.date.days_since(first.date),
        _ => 0,
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn products(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Two-pass least squares; none with fewer than 8 points, less than 365 days, or a singular matrix.
pub(crate) fn fit(points: &[Offer]) -> Option<Plane> {
    if points.len() < 8 || span_days(points) < 365 {
        return None;
    }
    let years: Vec<f64> = points
        .iter()
        .map(|point| f64::from(point.date.days()) / 365.25)
        .collect();
    let logits: Vec<f64> = points
        .iter()
        .map(|point| logit(point.row.normalised.unwrap()))
        .collect();
    let costs: Vec<f64> = points.iter().map(|point| point.cost.ln()).collect();
    let means = (mean(&years), mean(&logits), mean(&costs));
    let centred = |values: &[f64], mean: f64| -> Vec<f64> {
        values.iter().map(|value| value - mean).collect()
    };
    let x = centred(&years, means.0);
    let z = centred(&logits, means.1);
    let y = centred(&costs, means.2);
    let (xx, xz, zz) = (products(&x, &x), products(&x, &z), products(&z, &z));
    let (xy, zy) = (products(&x, &y), products(&z, &y));
    let determinant = xx * zz - xz * xz;
    // Dates and scores in step: 1 - correlation^2 is next to nothing.
    if zz <= 1e-20 || determinant <= 1e-6 * xx * zz {
        return None;
    }
    let slope = (zz * xy - xz * zy) / determinant;
    let beta = (xx * zy - xz * xy) / determinant;
    let count = points.len() as f64;
    let residuals: Vec<f64> = (0..points.len())
        .map(|at| y[at] - slope * x[at] - beta * z[at])
        .collect();
    let residual = products(&residuals, &residuals);
    let residual_sd = (residual / (count - 3.0)).sqrt();
    let quantile = quantile(count - 3.0);
    let half = quantile * residual_sd * (zz / determinant).sqrt();
    Some(Plane {
        slope,
        beta,
        annual_factor: ((-slope - half).exp(), (-slope).exp(), (-slope + half).exp()),
        residual_sd,
        r_squared: 1.0 - residual / products(&y, &y),
        quantile,
        count,
        mean: means,
        sums: (xx, xz, zz),
    })
}

impl Plane {
    /// Expected cost, and the ends of the 90 % prediction interval.
    pub(crate) fn predict(&self, date: Date, normalised: f64) -> (f64, f64, f64) {
        let x = f64::from(date.days()) / 365.25 - self.mean.0;
        let z = logit(normalised) - self.mean.1;
        let expected = self.mean.2 + self.slope * x + self.beta * z;
        let (xx, xz, zz) = self.sums;
        let leverage =
            1.0 / self.count + (zz * x * x - 2.0 * xz * x * z + xx * z * z) / (xx * zz - xz * xz);
        let half = self.quantile * self.residual_sd * (1.0 + leverage).sqrt();
        (
            (expected - half).exp(),
            expected.exp(),
            (expected + half).exp(),
        )
    }
}

fn quantile(freedom: f64) -> f64 {
    StudentsT::new(0.0, 1.0, freedom).unwrap().inverse_cdf(0.95)
}

/// Walk by date; keep what reaches the score and is strictly cheaper than all kept; one a day.
pub(crate) fn record_lows(rows: &[Row], basis: CostBasis, good: f64) -> Vec<Offer<'_>> {
    let mut kept: Vec<Offer> = Vec::new();
    for offer in offers(rows, basis) {
        if offer.row.good < good || kept.iter().any(|low| low.cost <= offer.cost) {
            continue;
        }
        kept.retain(|low| low.date != offer.date);
        kept.push(offer);
    }
    kept
}

/// Annual factor with the ends of its interval, and R²; none with fewer than 4 lows or less than 365 days.
pub(crate) fn decline(lows: &[Offer]) -> Option<((f64, f64, f64), f64)> {
    if lows.len() < 4 || span_days(lows) < 365 {
        return None;
    }
    let days: Vec<f64> = lows.iter().map(|low| f64::from(low.date.days())).collect();
    let logs: Vec<f64> = lows.iter().map(|low| low.cost.log10()).collect();
    let (mean_day, mean_log) = (mean(&days), mean(&logs));
    let x: Vec<f64> = days.iter().map(|day| day - mean_day).collect();
    let y: Vec<f64> = logs.iter().map(|log| log - mean_log).collect();
    let slope = products(&x, &y) / products(&x, &x);
    let residuals: Vec<f64> = x.iter().zip(&y).map(|(x, y)| y - slope * x).collect();
    let residual = products(&residuals, &residuals);
    let freedom = lows.len() as f64 - 2.0;
    let half = quantile(freedom) * (residual / freedom / products(&x, &x)).sqrt();
    let factor = |slope: f64| 10f64.powf(-365.0 * slope);
    Some((
        (factor(slope + half), factor(slope), factor(slope - half)),
        1.0 - residual / products(&y, &y),
    ))
}
