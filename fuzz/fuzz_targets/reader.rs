//! What every reader of result files is held to: it answers, and what it finds becomes a submission or a refusal.

#![allow(dead_code, reason = "each target uses one of the two")]

use frontierd::import::{Format, Found, Mapping, Options, Row, Said, Unreadable, detect, finish};

/// Reads with a reader of `format`, in the ways that its options offer.
pub fn check(
    format: Format,
    read: impl Fn(&Options, &mut dyn FnMut(Row) -> bool) -> Result<(), Unreadable>,
) {
    for all_metrics in [false, true] {
        let options = Options {
            all_metrics,
            partial: all_metrics,
            groups: all_metrics,
            today: "2025-03-01".to_owned(),
            ..Options::default()
        };
        let (mapping, said) = (Mapping::default(), Said::default());
        let outcome = read(&options, &mut |row| {
            assert!(!row.at.is_empty(), "a row without a place: {row:?}");
            if let Found::Result(draft) = row.found {
                let _ = finish(*draft, format, &mapping, &said);
            }
            true
        });
        if let Err(unreadable) = outcome {
            assert!(!unreadable.to_string().is_empty());
        }
    }
}

/// The same of a whole file, which must be recognised or not without a panic too.
pub fn check_bytes(
    format: Format,
    data: &[u8],
    read: impl Fn(&[u8], &Options, &mut dyn FnMut(Row) -> bool) -> Result<(), Unreadable>,
) {
    let _ = detect::recognise(data);
    check(format, |options, out| read(data, options, out));
}
