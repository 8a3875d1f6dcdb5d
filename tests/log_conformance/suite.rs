//! The suite: each test gets two writers of one empty log.

use frontierd::limits::{CHUNK_BYTES_MAX, ENTRY_BYTES_MAX};
use frontierd::log::{AppendError, Expectation, Head, Log, MemoryLog, verify};

use crate::support::{Pair, chunks, entries, entry, grow, replay};

pub(crate) fn an_empty_log_has_the_empty_head_and_shows_nothing(mut pair: Pair) {
    let reader = pair.first.reader();
    assert_eq!(pair.first.head(), Head::EMPTY);
    assert_eq!(reader.head(), Head::EMPTY);
    assert_eq!(reader.store_id(), pair.first.store_id());
    for from in [0, 1, 2, u64::MAX] {
        assert!(chunks(&reader, from).is_empty(), "{from}");
        assert_eq!(reader.entry(from), Ok(None), "{from}");
    }
    assert_eq!(reader.head_at(0), Ok(Some(Head::EMPTY)));
    assert!(replay(&reader).is_empty());
    assert_eq!(grow(&mut *pair.first, 1, 0), reader.head());
}

pub(crate) fn what_was_appended_reads_back_at_every_revision(mut pair: Pair) {
    // Commits of one, several chunks, and one again, interleaved between the writers.
    let mut expected = Vec::new();
    for (turn, count) in [1, 200, 1, 1, 37, 500, 1].into_iter().enumerate() {
        let log = if turn % 2 == 0 {
            &mut pair.first
        } else {
            &mut pair.second
        };
        let from = log.head().revision;
        let batch = entries(from + 1..=from + count, turn * 13);
        let head = log.append(from, &batch).expect("an append");
        assert_eq!(head.revision, from + count);
        assert_eq!(log.head(), head);
        expected.extend(batch);
    }
    let reader = pair.first.reader();
    assert_eq!(replay(&reader), expected);
    for entry in &expected {
        assert_eq!(
            reader.entry(entry.revision).as_ref(),
            Ok(&Some(entry.clone()))
        );
    }
    assert_eq!(reader.entry(expected.len() as u64 + 1), Ok(None));
    assert_eq!(reader.entry(u64::MAX), Ok(None));
}

pub(crate) fn appending_nothing_changes_nothing(mut pair: Pair) {
    assert_eq!(pair.first.append(0, &[]), Ok(Head::EMPTY));
    let head = grow(&mut *pair.first, 3, 0);
    assert_eq!(pair.first.append(3, &[]), Ok(head));
    assert_eq!(pair.first.append(2, &[]), Err(AppendError::Conflict(head)));
}

pub(crate) fn chunks_start_where_the_one_holding_the_revision_starts(mut pair: Pair) {
    for _ in 0..4 {
        grow(&mut *pair.first, 10, 0);
    }
    let reader = pair.first.reader();
    for from in 1..=40 {
        let found = chunks(&reader, from);
        assert_eq!(found[0].first, (from - 1) / 10 * 10 + 1);
        assert_eq!(found.len() as u64, 4 - (from - 1) / 10);
        assert!(
            found
                .windows(2)
                .all(|pair| pair[0].last + 1 == pair[1].first)
        );
    }
    assert_eq!(chunks(&reader, 0), chunks(&reader, 1));
    assert!(chunks(&reader, 41).is_empty());
}

pub(crate) fn an_iteration_ends_at_the_head_of_its_call(mut pair: Pair) {
    grow(&mut *pair.first, 10, 0);
    let reader = pair.first.reader();
    let mut before = reader.chunks(1);
    grow(&mut *pair.first, 10, 0);
    assert_eq!(before.next().expect("a chunk").expect("readable").last, 10);
    assert!(before.next().is_none());
    assert_eq!(reader.head().revision, 20);
}

pub(crate) fn a_second_writer_in_between_is_a_conflict(mut pair: Pair) {
    let known = grow(&mut *pair.first, 2, 0);
    let head = grow(&mut *pair.second, 3, 0);
    let mine = entries(3..=3, 7);
    assert_eq!(
        pair.first.append(known.revision, &mine),
        Err(AppendError::Conflict(head))
    );
    assert_eq!(pair.first.head(), head);
    let foreign = pair.first.reader().entry(3).expect("readable");
    assert_eq!(foreign, Some(entry(3, 0)));
    let again = entries(6..=6, 7);
    let after = pair.first.append(head.revision, &again).expect("an append");
    assert_eq!(after.revision, 6);
    assert_eq!(replay(&pair.second.reader()).len(), 6);
}

pub(crate) fn wrong_expected_revisions_are_conflicts(mut pair: Pair) {
    assert_eq!(
        pair.first.append(7, &entries(8..=8, 0)),
        Err(AppendError::Conflict(Head::EMPTY))
    );
    let head = grow(&mut *pair.first, 5, 0);
    for expected in [0, 4, 6, u64::MAX] {
        let given = entries(1..=2, 0);
        let answer = pair.first.append(expected, &given);
        assert_eq!(answer, Err(AppendError::Conflict(head)), "{expected}");
    }
    assert_eq!(replay(&pair.first.reader()), entries(1..=5, 0));
}

pub(crate) fn misnumbered_entries_are_refused_whole(mut pair: Pair) {
    let head = grow(&mut *pair.first, 5, 0);
    let mut batch = entries(6..=300, 100);
    batch[250].revision = 1;
    assert_eq!(
        pair.first.append(5, &batch),
        Err(AppendError::Misnumbered {
            expected: 256,
            given: 1
        })
    );
    assert_eq!(pair.first.head(), head);
    assert_eq!(replay(&pair.first.reader()), entries(1..=5, 0));
}

pub(crate) fn an_entry_of_the_largest_size_fits_and_one_byte_more_does_not(mut pair: Pair) {
    // A two-byte length prefix of the text on both sides of the sizes tried.
    grow(&mut *pair.first, 1, 1000);
    let reader = pair.first.reader();
    let framed = chunks(&reader, 1)[0].bytes.len();
    let around = framed - 1000 - (1 + 32 + 2 + 8);
    let fitting = ENTRY_BYTES_MAX - around;

    let largest = entries(2..=4, fitting);
    pair.first.append(1, &largest).expect("the largest entry");
    assert_eq!(reader.entry(3), Ok(Some(entry(3, fitting))));

    let mut batch = entries(5..=6, 0);
    batch.push(entry(7, fitting + 1));
    assert_eq!(
        pair.first.append(4, &batch),
        Err(AppendError::TooLarge {
            index: 2,
            bytes: ENTRY_BYTES_MAX + 1
        })
    );
    assert_eq!(reader.head().revision, 4);
}

pub(crate) fn thousands_of_entries_fill_bounded_chunks(mut pair: Pair) {
    grow(&mut *pair.first, 5_000, 120);
    let reader = pair.first.reader();
    let found = chunks(&reader, 1);
    assert!(
        found
            .iter()
            .all(|chunk| chunk.bytes.len() <= CHUNK_BYTES_MAX)
    );
    // Nothing but the last chunk has room for one more entry.
    let full = &found[..found.len() - 1];
    assert!(
        full.iter()
            .all(|chunk| chunk.bytes.len() > CHUNK_BYTES_MAX - 200)
    );
    assert_eq!(replay(&reader), entries(1..=5_000, 120));
    for revision in (1..=5_000).step_by(7) {
        assert_eq!(reader.entry(revision), Ok(Some(entry(revision, 120))));
    }
}

pub(crate) fn the_chain_verifies_and_knows_its_heads(mut pair: Pair) {
    let early = grow(&mut *pair.first, 10, 0);
    let head = grow(&mut *pair.first, 500, 50);
    let reader = pair.first.reader();
    let mut reached = Vec::new();
    let found = verify(&*reader, None, &mut |revision| reached.push(revision));
    assert!(found.is_sound());
    assert_eq!((found.head, found.entries), (head, 510));
    assert_eq!(found.chunks as usize, reached.len());
    assert_eq!(reached.last(), Some(&510));

    let outcome = |revision, hash| {
        let found = verify(&*reader, Some((revision, hash)), &mut |_| {});
        assert_eq!(found.fault, None);
        found.expectation
    };
    assert_eq!(outcome(0, Head::EMPTY.hash), Some(Expectation::Met));
    assert_eq!(outcome(10, early.hash), Some(Expectation::Met));
    assert_eq!(outcome(510, head.hash), Some(Expectation::Met));
    assert_eq!(
        outcome(10, head.hash),
        Some(Expectation::Differs { found: early })
    );
    assert_eq!(
        outcome(7, early.hash),
        Some(Expectation::InsideChunk { first: 1, last: 10 })
    );
    assert_eq!(outcome(511, head.hash), Some(Expectation::BeyondHead));

    assert_eq!(reader.head_at(10), Ok(Some(early)));
    assert_eq!(reader.head_at(510), Ok(Some(head)));
    assert_eq!(reader.head_at(7), Ok(None));
    assert_eq!(reader.head_at(511), Ok(None));
    assert_eq!(early.to_string().parse(), Ok(early));
}

pub(crate) fn chunks_move_to_another_log_as_they_are(mut pair: Pair) {
    let mut origin = MemoryLog::new("origin");
    grow(&mut origin, 1, 0);
    grow(&mut origin, 700, 40);
    let moved = chunks(&origin.reader(), 1);
    let (some, rest) = moved.split_at(3);
    let middle = pair.first.append_chunks(0, some).expect("an append");
    let head = pair
        .first
        .append_chunks(middle.revision, rest)
        .expect("an append");
    assert_eq!(head, origin.head());
    assert_eq!(chunks(&pair.second.reader(), 1), moved);
}

pub(crate) fn foreign_chunks_do_not_append(mut pair: Pair) {
    let mut origin = MemoryLog::new("origin");
    grow(&mut origin, 5, 1);
    grow(&mut origin, 5, 1);
    let foreign = chunks(&origin.reader(), 1);
    let head = grow(&mut *pair.first, 5, 0);
    // The revisions continue, the chain does not.
    assert!(matches!(
        pair.first.append_chunks(5, &foreign[1..]),
        Err(AppendError::Misnumbered {
            expected: 6,
            given: 6
        })
    ));
    assert!(matches!(
        pair.first.append_chunks(5, &foreign),
        Err(AppendError::Misnumbered {
            expected: 6,
            given: 1
        })
    ));
    assert_eq!(pair.first.head(), head);
}

pub(crate) fn appended_bytes_are_counted(mut pair: Pair) {
    let reader = pair.first.reader();
    assert_eq!(reader.bytes_appended(), 0);
    grow(&mut *pair.first, 100, 0);
    grow(&mut *pair.second, 100, 0);
    let stored: usize = chunks(&reader, 1)
        .iter()
        .map(|chunk| chunk.bytes.len())
        .sum();
    assert_eq!(reader.bytes_appended(), stored as u64);
}
