//! Prices of LiteLLM.

#![no_main]

mod reader;

use frontierd::import::{Format, prices::litellm};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    reader::check_bytes(Format::PricesLitellm, data, |data, options, out| litellm::read(data, options, out));
});
