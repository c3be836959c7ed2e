//! Prints the table; see the crate's README.

use std::process::ExitCode;

fn main() -> ExitCode {
    deploykit_bench::run()
}
