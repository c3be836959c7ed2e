//! Measures deploykit against what one would write by hand, and prints the ratios.
//!
//! Both sides run in one process, in turns, against one local server that runs in another. See the README for
//! how to start it and how to read what it prints.

mod alloc;
mod args;
mod cpu;
mod fetch;
mod measures;
mod raw;
mod redis;
mod rounds;
mod server;
mod table;

use std::process::ExitCode;
use std::time::Duration;

pub use alloc::count_allocations;

type Error = Box<dyn std::error::Error + Send + Sync>;
type Result<T> = std::result::Result<T, Error>;

/// What both sides send as their credential.
const TOKEN: &str = "bench-token";
/// The application that is asked for.
const APP: &str = "example-app";
/// Items on a page.
const PAGE_SIZE: usize = 20;
/// Pages of the long list.
const PAGES: usize = 100;
/// How long the server takes for a page of the long list.
const LATENCY: Duration = Duration::from_millis(20);

/// Does what the command line asks for.
pub fn run() -> ExitCode {
    let done = args::Args::read(std::env::args().skip(1)).and_then(args::Args::carry_out);
    report(done)
}

fn report(done: Result<ExitCode>) -> ExitCode {
    match done {
        Ok(code) => code,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stderr, reason = "a program's error goes there")]
fn complain(error: &Error) {
    eprintln!("error: {error}");
}
