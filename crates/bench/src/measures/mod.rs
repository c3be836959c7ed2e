//! The measures, one file each.

mod call;
mod frames;
mod instructions;
mod output;
mod pages;
mod quota;
mod shared;

use crate::Result;
use crate::table::Row;

pub(crate) use instructions::{SIDE, make_calls};
pub(crate) use output::{FOLLOW, follow as follow_output};
pub(crate) use shared::{PROGRAM, make_calls as make_shared_calls};

/// How thoroughly to measure.
#[derive(Clone, Copy, Default)]
pub(crate) struct Settings {
    /// Small sizes: shows that everything works; the figures are rough.
    pub(crate) quick: bool,
}

impl Settings {
    /// One of two sizes.
    fn size<T>(self, full: T, quick: T) -> T {
        if self.quick { quick } else { full }
    }
}

/// A measure: some rows of the table.
pub(crate) struct Measure {
    pub(crate) name: &'static str,
    pub(crate) what: &'static str,
    pub(crate) run: fn(Settings) -> Result<Vec<Row>>,
}

/// All measures, in the order in which they run.
pub(crate) const ALL: &[Measure] = &[
    Measure {
        name: "call",
        what: "CPU time and throughput of a page of 20",
        run: call::run,
    },
    Measure {
        name: "allocations",
        what: "allocations of a page of 20",
        run: crate::alloc::run,
    },
    Measure {
        name: "instructions",
        what: "instructions of a page of 20, counted by valgrind",
        run: instructions::run,
    },
    Measure {
        name: "pages",
        what: "100 pages at 20 ms, 8 at once",
        run: pages::run,
    },
    Measure {
        name: "quota",
        what: "400 calls at once against a limit",
        run: quota::run,
    },
    Measure {
        name: "shared",
        what: "8 programs that share a limit in Redis",
        run: shared::run,
    },
    Measure {
        name: "frames",
        what: "log frames per second",
        run: frames::run,
    },
    Measure {
        name: "output",
        what: "memory while 1 GiB of output is followed",
        run: output::run,
    },
];
