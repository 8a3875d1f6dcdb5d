//! The index answers what looking through all results answers.

use proptest::prelude::*;

use super::*;
use crate::model::{BenchmarkId, Uncertainty};

const RELATIONSHIPS: [Relationship; 4] = [
    Relationship::FirstParty,
    Relationship::ThirdParty,
    Relationship::Collaborative,
    Relationship::Other,
];

fn fact(
    revision: Revision,
    (score, day, who, relationship, source): (u8, u8, u8, usize, u8),
) -> Fact {
    Fact {
        revision,
        score: f64::from(score),
        uncertainty: Uncertainty::default(),
        run_cost: None,
        tokens: None,
        tasks: None,
        observed: Date::from_days(i32::from(day)),
        evaluator: format!("lab-{who}").into(),
        relationship: RELATIONSHIPS[relationship],
        harness: "".into(),
        source: u64::from(source),
        status: Status::Active,
    }
}

/// The same results, never indexed.
fn plain(results: &Results) -> Results {
    Results {
        facts: results.facts.clone(),
        eligible: None,
    }
}

proptest! {
    #[test]
    fn an_index_answers_what_a_scan_answers(
        facts in prop::collection::vec((0u8..4, 0u8..5, 0u8..3, 0usize..4, 0u8..2), 1..40),
        statuses in prop::collection::vec((0usize..40, 0usize..3), 0..40),
        best in any::<bool>(),
        higher_is_better in any::<bool>(),
        preferred in prop::collection::vec(0usize..4, 0..3),
        undisputed_only in any::<bool>(),
        until in prop::option::of(0i32..5),
    ) {
        let mut benchmark = Benchmark::new(BenchmarkId::parse("b", "id").expect("an id"));
        benchmark.higher_is_better = higher_is_better;
        benchmark.preferred_relationships = preferred.iter().map(|at| RELATIONSHIPS[*at]).collect();
        if best {
            benchmark.counting_rule = CountingRule::Best;
        }
        let mut selection = Selection { date: until.map(Date::from_days), ..Selection::default() };
        selection.results.undisputed_only = undisputed_only;
        let reading = Reading { benchmark: &benchmark, selection: &selection };
        let mut results = Results::default();
        let mut statuses = statuses.into_iter();
        for (at, drawn) in facts.into_iter().enumerate() {
            results.push(fact(at as Revision + 1, drawn), reading);
            if let Some((which, status)) = statuses.next() {
                let status = [Status::Active, Status::Disputed, Status::Retracted][status];
                results.set_status(which as Revision % (at as Revision + 1) + 1, status, reading);
            }
            let plain = plain(&results);
            prop_assert_eq!(results.counting(reading), plain.counting(reading));
            if let Some((counting, _)) = results.counting(reading) {
                prop_assert_eq!(results.others(counting, reading), plain.others(counting, reading));
            }
        }
        let mut anew = plain(&results);
        anew.index(reading);
        prop_assert_eq!(anew.counting(reading), results.counting(reading));
    }
}
