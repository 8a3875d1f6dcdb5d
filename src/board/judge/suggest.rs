//! Look-alikes for names that are not known.

use crate::board::catalog::Catalog;
use crate::limits::LOOKALIKES_MAX;
use crate::model::{Reason, Refusal};

/// Names compared at most: a suggestion is a courtesy, not worth a stall.
const COMPARED_MAX: usize = 2_000;
/// Models from which on only those of the same vendor are compared: a stream may create a thousand a second.
const VENDOR_FROM: usize = 64;
/// Less alike than this is no suggestion.
const LIKENESS_MIN: f64 = 0.75;

/// The known names most like a given one, best first.
fn most_alike<'a>(given: &str, names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let given = given.to_lowercase();
    let mut alike: Vec<(f64, &str)> = names
        .take(COMPARED_MAX)
        .map(|name| (likeness(&given, name), name))
        .filter(|(likeness, _)| *likeness >= LIKENESS_MIN)
        .collect();
    alike.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    alike.truncate(LOOKALIKES_MAX);
    alike.into_iter().map(|(_, name)| name.to_owned()).collect()
}

fn likeness(given: &str, name: &str) -> f64 {
    let tail = name.rsplit('/').next().unwrap_or(name);
    strsim::jaro_winkler(given, name).max(strsim::jaro_winkler(given, tail) * 0.98)
}

/// Ids and aliases most like a model name; in a large catalog only ids of the same vendor.
pub fn look_alikes(catalog: &Catalog, name: &str) -> Vec<String> {
    if catalog.model_count() > VENDOR_FROM {
        let vendor = name.split('/').next().unwrap_or_default();
        return most_alike(name, catalog.ids_of_vendor(vendor, name).take(VENDOR_FROM));
    }
    let ids = catalog.models_by_id(None).map(|(id, _)| id.as_str());
    let names = ids.chain(catalog.aliases()).filter(|known| *known != name);
    most_alike(name, names)
}

fn sentence(alike: &[String], otherwise: &str) -> String {
    if alike.is_empty() {
        otherwise.to_owned()
    } else {
        format!("did you mean `{}`?", alike.join("`, `"))
    }
}

/// Refuses an unknown benchmark.
pub fn unknown_benchmark(catalog: &Catalog, given: &str, field: &str) -> Refusal {
    let names = catalog.benchmarks_by_id().map(|(id, _)| id.as_str());
    let alike = most_alike(given, names);
    Refusal::new(
        Reason::UnknownBenchmark,
        field,
        format!(
            "benchmark `{given}` is not known: {}",
            sentence(
                &alike,
                "list the known ones with CatalogService/ListBenchmarks, or create it with PutBenchmark"
            )
        ),
    )
}

/// Refuses an unknown model.
pub fn unknown_model(catalog: &Catalog, given: &str, field: &str) -> Refusal {
    let alike = look_alikes(catalog, given);
    Refusal::new(
        Reason::UnknownModel,
        field,
        format!(
            "model `{given}` is not known: {}",
            sentence(
                &alike,
                "list the known ones with CatalogService/ListModels, or create it with PutModel"
            )
        ),
    )
}
