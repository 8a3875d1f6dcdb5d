//! The index answers what looking through all results answers.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::model::{BenchmarkId, Date, ModelId, ResultFacts, Uncertainty};

const RELATIONSHIPS: [Relationship; 4] = [
    Relationship::FirstParty,
    Relationship::ThirdParty,
    Relationship::Collaborative,
    Relationship::Other,
];

/// Voices as many as labs in the test.
fn voices() -> Voices {
    let mut voices = Voices::default();
    for who in 0..3 {
        voices.intern(&format!("lab-{who}").into(), &"".into());
    }
    voices
}

fn fact(
    revision: Revision,
    (score, day, voice, relationship, source): (u8, u8, u8, usize, u8),
) -> Fact {
    let facts = ResultFacts {
        benchmark: BenchmarkId::parse("b", "id").expect("an id"),
        model: ModelId::parse("maker/model", "id").expect("an id"),
        score: f64::from(score),
        uncertainty: Uncertainty::default(),
        run_cost: None,
        tokens: None,
        task_count: None,
        repeats: None,
        observed: Date::from_days(i32::from(day)),
        evaluator: "".into(),
        relationship: RELATIONSHIPS[relationship],
        harness: "".into(),
        harness_version: "".into(),
        source_url: format!("https://example.org/{source}").into(),
        labels: BTreeMap::new(),
    };
    Fact::new(revision, &facts, u32::from(voice))
}

/// The same results, never indexed.
fn plain(results: &Results) -> Results {
    let mut plain = results.clone();
    if let Results::Many(many) = &mut plain {
        Arc::make_mut(many).eligible = None;
    }
    plain
}

proptest! {
    #[test]
    fn an_index_answers_what_a_scan_answers(
        facts in prop::collection::vec((0u8..4, 0u8..5, 0u8..3, 0usize..4, 0u8..5), 1..60),
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
        let voices = voices();
        let reading = Reading { benchmark: &benchmark, selection: &selection, voices: &voices };
        let mut results: Option<Results> = None;
        let mut statuses = statuses.into_iter();
        for (at, drawn) in facts.into_iter().enumerate() {
            let fact = fact(at as Revision + 1, drawn);
            let results = match &mut results {
                Some(results) => {
                    results.push(fact, reading);
                    results
                }
                none => none.insert(Results::new(fact)),
            };
            if let Some((which, status)) = statuses.next() {
                let status = [Status::Active, Status::Disputed, Status::Retracted][status];
                results.set_status(which as Revision % (at as Revision + 1) + 1, status, reading);
            }
            let plain = plain(results);
            prop_assert_eq!(results.counting(reading), plain.counting(reading));
            if let Some((counting, _)) = results.counting(reading) {
                prop_assert_eq!(results.others(counting, reading), plain.others(counting, reading));
            }
        }
        let results = results.expect("at least one result");
        let mut anew = plain(&results);
        anew.index(reading);
        prop_assert_eq!(anew.counting(reading), results.counting(reading));
        let bytes = postcard::to_stdvec(&results).expect("bytes");
        let again: Results = postcard::from_bytes(&bytes).expect("results");
        prop_assert_eq!(again.facts(), results.facts());
    }
}

#[test]
fn one_result_takes_no_more_than_itself() {
    assert_eq!(size_of::<Results>(), size_of::<Fact>());
}
