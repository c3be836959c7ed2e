//! Tells how a description of the service differs from this crate: `drift [--json] [--of YYYY-MM] <openapi.json>`.
//!
//! Operations that are newer than the description (`--of`, by default today's) are known to be missing in it, and
//! so are those that the service took away since. Fails if anything else differs.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program")]

mod known;

use std::process::ExitCode;

use deploykit_devopness::ENDPOINTS;
use deploykit_devopness::core::drift;

fn main() -> ExitCode {
    let (mut json, mut of, mut file) = (false, "9999".to_owned(), None);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--json" => json = true,
            "--of" => of = arguments.next().unwrap_or_default(),
            _ => file = Some(argument),
        }
    }
    let Some(file) = file else {
        eprintln!("usage: drift [--json] [--of YYYY-MM] <openapi.json>");
        return ExitCode::from(2);
    };
    let read = std::fs::read(&file).map_err(|error| error.to_string());
    let parse = |bytes: Vec<u8>| serde_json::from_slice(&bytes).map_err(|error| error.to_string());
    let description = match read.and_then(parse) {
        Ok(description) => description,
        Err(error) => {
            eprintln!("{file}: {error}");
            return ExitCode::from(2);
        }
    };
    let drift = drift::report(&description, &ENDPOINTS, &known::known(&of));
    match json {
        true => println!("{}", serde_json::json!(drift)),
        false => println!("{drift}"),
    }
    ExitCode::from(u8::from(!drift.is_clean()))
}
