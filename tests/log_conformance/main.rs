//! What every log backend must do, and what the sled backend, the codec and checkpoints do besides.

mod backup;
mod checkpoint;
mod codec;
mod damage;
mod kill;
mod on_sled;
mod samples;
mod suite;
mod support;

/// Runs every test of the suite on every backend.
macro_rules! on_every_backend {
    ($($test:ident),* $(,)?) => {
        mod memory_backend {
            $(#[test] fn $test() { crate::suite::$test(crate::support::Pair::memory()); })*
        }
        mod sled_backend {
            $(#[test] fn $test() { crate::suite::$test(crate::support::Pair::sled()); })*
        }
    };
}

on_every_backend!(
    an_empty_log_has_the_empty_head_and_shows_nothing,
    what_was_appended_reads_back_at_every_revision,
    appending_nothing_changes_nothing,
    chunks_start_where_the_one_holding_the_revision_starts,
    an_iteration_ends_at_the_head_of_its_call,
    a_second_writer_in_between_is_a_conflict,
    wrong_expected_revisions_are_conflicts,
    misnumbered_entries_are_refused_whole,
    an_entry_of_the_largest_size_fits_and_one_byte_more_does_not,
    thousands_of_entries_fill_bounded_chunks,
    the_chain_verifies_and_knows_its_heads,
    chunks_move_to_another_log_as_they_are,
    foreign_chunks_do_not_append,
    appended_bytes_are_counted,
);
