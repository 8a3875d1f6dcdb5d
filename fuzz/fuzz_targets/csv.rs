//! Results as csv.

#![no_main]

mod reader;

use frontierd::import::{Format, csv};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    reader::check_bytes(Format::Csv, data, |data, options, out| csv::read(data, options, out));
});
