//! Instructions of one call, counted by valgrind: the figure that no noise disturbs.

use std::io::ErrorKind;
use std::process::{Command, Stdio};

use super::Settings;
use crate::Result;
use crate::fetch::{self, Fetch, Shape, Side, make};
use crate::server::Server;
use crate::table::Row;

/// Argument that makes this program one side of a call, and nothing else.
pub(crate) const SIDE: &str = "--callgrind-side";

/// The difference between the two is what so many calls take; start and end cancel out.
const FEW: usize = 10;
const MANY: usize = 60;

pub(super) fn run(settings: Settings) -> Result<Vec<Row>> {
    let probe = Command::new("valgrind")
        .arg("--version")
        .stdout(Stdio::null())
        .status();
    if probe.is_err_and(|error| error.kind() == ErrorKind::NotFound) {
        return Ok(vec![Row::skipped(
            "instructions of a call",
            "no valgrind here",
        )]);
    }
    let server = Server::start()?;
    let many = settings.size(MANY, FEW + 5);
    Shape::ALL
        .into_iter()
        .map(|shape| {
            let ours = per_call(Side::Ours, shape, many, server.address())?;
            let raw = per_call(Side::Raw, shape, many, server.address())?;
            let ratio = ours / raw;
            Ok(Row::new(
                format!("20 {}: instructions of a call", shape.name()),
                thousands(ours),
                thousands(raw),
            )
            .ratio(ratio)
            .bar("≤ 1.00", ratio <= 1.0))
        })
        .collect()
}

fn per_call(side: Side, shape: Shape, many: usize, address: &str) -> Result<f64> {
    let few = count(side, shape, FEW, address)?;
    let more = count(side, shape, many, address)?;
    Ok((more - few) / (many - FEW) as f64)
}

fn count(side: Side, shape: Shape, calls: usize, address: &str) -> Result<f64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe()?)
        .args([SIDE, side.name(), shape.name(), "--calls"])
        .args([&calls.to_string(), address])
        .output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    let collected = said
        .lines()
        .find_map(|line| line.split_once("Collected :"))
        .and_then(|(_, count)| count.trim().parse().ok());
    match collected {
        Some(count) if output.status.success() => Ok(count),
        _ => Err(format!("valgrind counted nothing: {said}").into()),
    }
}

/// What the process does whose instructions are counted: so many calls, one after the other on one thread.
pub(crate) fn make_calls(side: Side, shape: Shape, calls: usize, base: &str) -> Result<()> {
    match (side, shape) {
        (Side::Ours, Shape::Deployments) => block_on(&fetch::deployments(base)?.ours, calls),
        (Side::Ours, Shape::Servers) => block_on(&fetch::servers(base)?.ours, calls),
        (Side::Raw, Shape::Deployments) => block_on(&fetch::deployments(base)?.raw, calls),
        (Side::Raw, Shape::Servers) => block_on(&fetch::servers(base)?.raw, calls),
    }
}

fn block_on(fetch: &impl Fetch, calls: usize) -> Result<()> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(make(fetch, calls))
}

fn thousands(count: f64) -> String {
    format!("{:.0} k", count / 1e3)
}
