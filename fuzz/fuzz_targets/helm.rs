//! Runs of HELM: two files, here one after the other with a byte 0 between them.

#![no_main]

mod reader;

use frontierd::import::{Format, helm};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let cut = data.iter().position(|byte| *byte == 0).unwrap_or(data.len());
    let (run_spec, stats) = data.split_at(cut);
    let stats = stats.strip_prefix(&[0]).unwrap_or(stats);
    reader::check(Format::Helm, |options, out| {
        helm::read(run_spec, stats, options, out)
    });
});
