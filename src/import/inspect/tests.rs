//! Logs of Inspect AI.

use std::io::Write;

use super::*;

const LOG: &str = r#"{"version": 2, "status": "success", "eval": {"task": "pkg/arc_easy", "model": "openai/gpt-4o-mini",
    "dataset": {"samples": 10}, "config": {"epochs": 2}, "packages": {"inspect_ai": "0.3.1"}},
  "results": {"total_samples": 20, "completed_samples": 20, "scores": [
    {"name": "choice", "scorer": "choice", "metrics": {"accuracy": {"value": 0.75}, "stderr": {"value": 0.1}, "f1": {"value": NaN}}}]},
  "stats": {"completed_at": "2025-10-21T00:40:53+02:00", "model_usage": {
    "openai/gpt-4o-mini": {"input_tokens": 100, "output_tokens": 50, "input_tokens_cache_read": 7, "reasoning_tokens": 20},
    "openai/gpt-4o": {"input_tokens": 9999, "output_tokens": 9999}}},
  "samples": [{"messages": ["NaN"], "score": NaN}]}"#;

fn rows(bytes: &[u8], options: &Options) -> Result<Vec<Found>, Unreadable> {
    let mut rows = Vec::new();
    read(bytes, options, &mut |row| {
        rows.push(row.found);
        true
    })?;
    Ok(rows)
}

fn archive(name: &str, method: CompressionMethod) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(method);
    zip.start_file(name, options).expect("an entry");
    zip.write_all(LOG.as_bytes()).expect("memory");
    zip.finish().expect("an archive").into_inner()
}

#[test]
fn usage_is_the_evaluated_models_and_epochs_are_repeats() {
    let found = rows(LOG.as_bytes(), &Options::default()).expect("a log");
    let Found::Result(draft) = &found[0] else {
        panic!("{found:?}")
    };
    let tokens = TokenUsage {
        input_tokens: 100,
        output_tokens: 50,
        cache_read_tokens: 7,
        cache_write_tokens: 0,
    };
    assert_eq!(draft.result.tokens, Some(tokens));
    assert_eq!(
        (draft.result.sample_count, draft.result.repeats),
        (Some(10), Some(2))
    );
    assert_eq!(
        (draft.result.score, draft.result.standard_error),
        (Some(0.75), Some(0.1))
    );
    assert_eq!(draft.result.observed_date, "2025-10-20", "the day in UTC");
    assert_eq!(draft.benchmark.id, "arc_easy-accuracy");
    assert!(
        matches!(found[1], Found::Skipped("OTHER_METRIC", _)),
        "{found:?}"
    );
}

#[test]
fn grading_by_the_same_model_leaves_the_tokens_out() {
    let text = LOG.replace(r#""scorer": "choice""#, r#""scorer": "model_graded_fact""#);
    let alone = text.replace(r#""openai/gpt-4o": {"#, r#""openai/gpt-4o-mini": {"#);
    let found = rows(alone.as_bytes(), &Options::default()).expect("a log");
    assert!(
        matches!(&found[0], Found::Result(draft) if draft.result.tokens.is_none() && draft.notes == ["GRADER_TOKENS"])
    );
    let found = rows(text.as_bytes(), &Options::default()).expect("a log");
    assert!(
        matches!(&found[0], Found::Result(draft) if draft.result.tokens.is_some()),
        "another model graded"
    );
}

#[test]
fn only_finished_whole_and_valid_logs_count() {
    for (from, to, reason) in [
        (
            r#""status": "success""#,
            r#""status": "cancelled""#,
            "NOT_FINISHED",
        ),
        (r#""version": 2"#, r#""invalidated": true"#, "INVALIDATED"),
        (r#""samples": 10"#, r#""samples": 2376"#, "PARTIAL_RUN"),
        (r#""scores": ["#, r#""scores": [], "x": ["#, "NO_SCORES"),
    ] {
        let found = rows(LOG.replace(from, to).as_bytes(), &Options::default()).expect("a log");
        assert!(
            matches!(found[0], Found::Skipped(given, _) if given == reason),
            "{reason}: {found:?}"
        );
    }
}

#[test]
fn archives_are_read_and_damaged_ones_named() {
    let whole = archive(HEADER, CompressionMethod::DEFLATE);
    assert!(matches!(
        rows(&whole, &Options::default()).expect("read")[0],
        Found::Result(_)
    ));
    let reason = |bytes: &[u8]| {
        rows(bytes, &Options::default())
            .expect_err("damaged")
            .reason
    };
    assert_eq!(reason(&whole[..whole.len() - 30]), "ZIP_DAMAGED");
    assert_eq!(
        reason(&archive("other.json", CompressionMethod::STORE)),
        "NOT_FINISHED"
    );
    let mut flipped = whole.clone();
    flipped[60..80].fill(0xff);
    assert!(rows(&flipped, &Options::default()).is_err());
}

/// `LOG` as Python's `zipfile` compresses it by method 93, Zstandard at level 19.
const ZSTD: &[u8] = include_bytes!("../../../tests/fixtures/inspect-zstd.eval");

#[test]
fn an_archive_in_zstandard_is_what_the_deflated_one_is() {
    let read = |bytes: &[u8]| rows(bytes, &Options::default()).expect("an archive");
    assert_eq!(
        read(ZSTD),
        read(&archive(HEADER, CompressionMethod::DEFLATE))
    );
}

/// A digit that flipped was a digit still: nothing held what Zstandard gave against the checksum of the archive.
#[test]
fn a_flipped_bit_of_a_compressed_log_is_noticed() {
    let deflated = archive(HEADER, CompressionMethod::DEFLATE);
    for whole in [ZSTD, &deflated] {
        let sound = rows(whole, &Options::default()).expect("an archive");
        let content = 30 + HEADER.len();
        let end = whole.len() - (46 + HEADER.len()) - 22;
        let mut damaged = whole.to_vec();
        for bit in content * 8..end * 8 {
            damaged[bit / 8] ^= 1 << (bit % 8);
            if let Ok(found) = rows(&damaged, &Options::default()) {
                assert_eq!(found, sound, "bit {bit}");
            }
            damaged[bit / 8] ^= 1 << (bit % 8);
        }
    }
}

#[test]
fn a_header_too_large_to_read_is_not_called_cut_short() {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    zip.start_file(HEADER, options).expect("an entry");
    let space = vec![b' '; 1 << 20];
    for _ in 0..=DOCUMENT_BYTES_MAX >> 20 {
        zip.write_all(&space).expect("memory");
    }
    let bytes = zip.finish().expect("an archive").into_inner();
    let refused = rows(&bytes, &Options::default()).expect_err("too large");
    assert_eq!(refused.reason, "TOO_LARGE");
}

#[test]
fn truncated_and_other_json_are_named() {
    let reason = |bytes: &[u8]| {
        rows(bytes, &Options::default())
            .expect_err("refused")
            .reason
    };
    assert_eq!(reason(&LOG.as_bytes()[..LOG.len() - 3]), "TRUNCATED");
    assert_eq!(reason(br#"{"a": 1}"#), "WRONG_FORMAT");
    assert_eq!(reason(b"[1]"), "WRONG_FORMAT");
    assert_eq!(reason(b"\xff"), "NOT_JSON");
}
