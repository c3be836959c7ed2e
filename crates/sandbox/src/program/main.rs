//! Serves the stand-ins on fixed ports.

#![cfg_attr(
    not(any(
        feature = "scalingo",
        feature = "tideways",
        feature = "tsuru",
        feature = "edgegap",
        feature = "devopness"
    )),
    allow(unused, reason = "without any service there is nothing to start")
)]

use std::process::ExitCode;

use clap::Parser as _;

mod arguments;
mod end;
mod health;
#[cfg(feature = "record")]
mod records;
mod screen;
mod serve;
mod services;

use arguments::{Arguments, Command};

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match &arguments.command {
        None => serve::serve(&arguments.serve).await,
        Some(Command::Health(asked)) => health::ask(asked),
        #[cfg(feature = "record")]
        Some(Command::Record(asked)) => records::record(asked).await,
        #[cfg(feature = "record")]
        Some(Command::Replay(asked)) => records::replay(asked).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            screen::tell(&format!("error: {problem}"));
            ExitCode::FAILURE
        }
    }
}
