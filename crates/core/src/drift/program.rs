//! The report as a program.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program")]

use std::process::ExitCode;

use serde_json::Value;

use super::{Known, report};
use crate::Endpoint;

/// The `main` of a service's example: `drift [--json] [--of YYYY-MM] <openapi.json>...`.
///
/// `known` gives the differences that are known of a description of a date; without `--of`, today's. Ends with 0
/// if nothing else differs, with 1 if something does, and with 2 if a description can't be read.
pub fn program(
    endpoints: &[&'static Endpoint],
    known: impl FnOnce(&str) -> Vec<Known>,
) -> ExitCode {
    let (mut json, mut of, mut files) = (false, "9999".to_owned(), Vec::new());
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--json" => json = true,
            "--of" => of = arguments.next().unwrap_or_default(),
            _ => files.push(argument),
        }
    }
    if files.is_empty() {
        eprintln!("usage: drift [--json] [--of YYYY-MM] <openapi.json>...");
        return ExitCode::from(2);
    }
    let mut descriptions = Vec::new();
    for file in files {
        match read(&file) {
            Ok(description) => descriptions.push(description),
            Err(error) => {
                eprintln!("{file}: {error}");
                return ExitCode::from(2);
            }
        }
    }
    let drift = report(&descriptions, endpoints, &known(&of));
    match json {
        true => println!("{}", serde_json::json!(drift)),
        false => println!("{drift}"),
    }
    ExitCode::from(u8::from(!drift.is_clean()))
}

fn read(file: &str) -> Result<Value, String> {
    let text = std::fs::read(file).map_err(|error| error.to_string())?;
    let description: Value = serde_json::from_slice(&text).map_err(|error| error.to_string())?;
    match description["paths"].is_object() {
        true => Ok(description),
        false => Err("is no description: it has no `paths`".to_owned()),
    }
}
