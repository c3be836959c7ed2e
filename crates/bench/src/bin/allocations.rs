//! Counts allocations per call. A program of its own, because counting costs time that the other measures must
//! not pay.

use std::alloc::System;
use std::process::ExitCode;

use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static COUNTED: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() -> ExitCode {
    deploykit_bench::count_allocations(|| {
        let so_far = COUNTED.stats();
        so_far.allocations + so_far.reallocations
    })
}
