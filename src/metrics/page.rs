//! One page of metrics in the OpenMetrics text format.

use std::fmt;

use prometheus_client::encoding::{DescriptorEncoder, EncodeCounterValue, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::exemplar::Exemplar;
use prometheus_client::registry::Unit;

use crate::measure::Reading;

/// A metric without its numbers.
#[derive(Clone, Copy)]
pub(super) struct About {
    /// Its name, without the unit and the `_total` of counters.
    pub(super) name: &'static str,
    pub(super) help: &'static str,
    pub(super) unit: Option<&'static Unit>,
}

pub(super) const SECONDS: Option<&Unit> = Some(&Unit::Seconds);
pub(super) const BYTES: Option<&Unit> = Some(&Unit::Bytes);

pub(super) fn about(name: &'static str, help: &'static str) -> About {
    About {
        name,
        help,
        unit: None,
    }
}

impl About {
    pub(super) fn in_unit(self, unit: Option<&'static Unit>) -> Self {
        Self { unit, ..self }
    }
}

/// Labels: names and values.
pub(super) type Labels<'a> = Vec<(&'static str, &'a str)>;

const NO_EXEMPLAR: Option<&Exemplar<NoLabelSet, u64>> = None;

/// What metrics are written to.
pub(super) struct Page<'a>(pub(super) DescriptorEncoder<'a>);

impl Page<'_> {
    pub(super) fn gauge(&mut self, about: About, value: f64) -> fmt::Result {
        let mut metric = self.describe(about, MetricType::Gauge)?;
        metric.encode_gauge(&value)
    }

    /// A gauge that is left out where it is not known.
    pub(super) fn known(&mut self, about: About, value: Option<f64>) -> fmt::Result {
        value.map_or(Ok(()), |value| self.gauge(about, value))
    }

    pub(super) fn gauges<'l>(
        &mut self,
        about: About,
        values: impl IntoIterator<Item = (Labels<'l>, f64)>,
    ) -> fmt::Result {
        let mut metric = self.describe(about, MetricType::Gauge)?;
        for (labels, value) in values {
            metric.encode_family(&labels)?.encode_gauge(&value)?;
        }
        Ok(())
    }

    pub(super) fn counter(&mut self, about: About, value: &impl EncodeCounterValue) -> fmt::Result {
        let mut metric = self.describe(about, MetricType::Counter)?;
        metric.encode_counter(value, NO_EXEMPLAR)
    }

    pub(super) fn counters<'l>(
        &mut self,
        about: About,
        values: impl IntoIterator<Item = (Labels<'l>, u64)>,
    ) -> fmt::Result {
        let mut metric = self.describe(about, MetricType::Counter)?;
        for (labels, value) in values {
            metric
                .encode_family(&labels)?
                .encode_counter(&value, NO_EXEMPLAR)?;
        }
        Ok(())
    }

    pub(super) fn histogram(&mut self, about: About, read: &Reading) -> fmt::Result {
        let mut metric = self.describe(about, MetricType::Histogram)?;
        metric.encode_histogram::<NoLabelSet>(read.sum, read.count, &read.buckets, None)
    }

    pub(super) fn histograms<'l>(
        &mut self,
        about: About,
        values: impl IntoIterator<Item = (Labels<'l>, Reading)>,
    ) -> fmt::Result {
        let mut metric = self.describe(about, MetricType::Histogram)?;
        for (labels, read) in values {
            metric
                .encode_family(&labels)?
                .encode_histogram::<NoLabelSet>(read.sum, read.count, &read.buckets, None)?;
        }
        Ok(())
    }

    pub(super) fn info(&mut self, about: About, labels: &[(&'static str, &str)]) -> fmt::Result {
        let mut metric = self.describe(about, MetricType::Info)?;
        metric.encode_info(&labels)
    }

    fn describe(
        &mut self,
        about: About,
        kind: MetricType,
    ) -> Result<prometheus_client::encoding::MetricEncoder<'_>, fmt::Error> {
        self.0
            .encode_descriptor(about.name, about.help, about.unit, kind)
    }
}
