//! What every engine must pass, clause by clause.
//!
//! An engine's own tests call [`check`] with a way to make sites. The last clause
//! acts at random out of seeds and compares with the engine in memory; a failing
//! seed is printed and is a complete bug report.

mod clauses;
mod random_acts;

use crate::engine::Engine;

/// A place where one store lives.
pub trait Site {
    /// Opens the store; the first time it is empty, later it holds what was
    /// committed before. Never called while the store is still open.
    fn open(&self) -> Box<dyn Engine>;

    /// Whether a store outlives its engine, so that reopening is part of the
    /// contract.
    fn survives(&self) -> bool;
}

/// Makes a new empty site.
pub type MakeSite<'a> = dyn Fn() -> Box<dyn Site> + 'a;

/// One clause of the contract: its name and its test, which panics when broken.
type Clause = (&'static str, fn(&MakeSite<'_>));

const CLAUSES: &[Clause] = &[
    (
        "what was committed is read",
        clauses::what_was_committed_is_read,
    ),
    (
        "a failed precondition writes nothing",
        clauses::a_failed_precondition_writes_nothing,
    ),
    (
        "preconditions see the state before the batch",
        clauses::preconditions_see_the_state_before_the_batch,
    ),
    (
        "the later of two writes wins",
        clauses::the_later_of_two_writes_wins,
    ),
    (
        "commit numbers count the batches of a shard",
        clauses::commit_numbers_count_the_batches_of_a_shard,
    ),
    (
        "keys of the engine and empty keys are refused",
        clauses::keys_of_the_engine_and_empty_keys_are_refused,
    ),
    (
        "scans go both ways and stop",
        clauses::scans_go_both_ways_and_stop,
    ),
    (
        "a cursor seeks forwards and backwards",
        clauses::a_cursor_seeks_forwards_and_backwards,
    ),
    ("a snapshot stands still", clauses::a_snapshot_stands_still),
    ("spaces do not meet", clauses::spaces_do_not_meet),
    (
        "values of every size survive",
        clauses::values_of_every_size_survive,
    ),
    (
        "of many claimants one wins",
        clauses::of_many_claimants_one_wins,
    ),
    (
        "concurrent changes are never lost",
        clauses::concurrent_changes_are_never_lost,
    ),
    (
        "readers never see half a batch",
        clauses::readers_never_see_half_a_batch,
    ),
    (
        "every batch is answered once",
        clauses::every_batch_is_answered_once,
    ),
    (
        "a closed engine refuses to write",
        clauses::a_closed_engine_refuses_to_write,
    ),
    (
        "a reopened store holds everything",
        clauses::a_reopened_store_holds_everything,
    ),
    (
        "random acts end as in memory",
        random_acts::end_as_in_memory,
    ),
];

/// Checks every clause. Panics at the first that is broken.
pub fn check(make: &MakeSite<'_>) {
    for (name, clause) in CLAUSES {
        println!("clause: {name}");
        clause(make);
    }
}

/// Checks the random acts of one seed: how a failure is seen again.
pub fn check_seed(make: &MakeSite<'_>, seed: u64) {
    random_acts::of_one_seed(make, seed);
}
