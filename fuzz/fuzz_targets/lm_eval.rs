//! Results of lm-evaluation-harness.

#![no_main]

mod reader;

use frontierd::import::{Format, lm_eval};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    reader::check_bytes(Format::LmEval, data, |data, options, out| lm_eval::read(data, options, out));
});
