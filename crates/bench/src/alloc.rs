//! Allocations per call.
//!
//! Counting makes each allocation slower, so it is done by a program of its own, `allocations`, that has the
//! counting allocator; this one builds it, if it was itself started by cargo, and starts it.

use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};

use tokio::runtime::Runtime;

use crate::fetch::{self, Both, Fetch, Shape, make};
use crate::measures::Settings;
use crate::server::Server;
use crate::table::Row;
use crate::{Result, report, table};

const PROGRAM: &str = "allocations";

/// Calls that are counted; others before them open the connection and grow what is kept.
const CALLS: usize = 50;

pub(crate) fn run(_: Settings) -> Result<Vec<Row>> {
    let Some(program) = program()? else {
        let why = "not built: use cargo run";
        return Ok(vec![Row::skipped("allocations of a call", why)]);
    };
    let server = Server::start()?;
    let counted = Command::new(program)
        .arg(server.address())
        .stderr(Stdio::inherit())
        .output()?;
    let counted = String::from_utf8(counted.stdout)?;
    let lines: Vec<Vec<&str>> = counted
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    Shape::ALL
        .into_iter()
        .map(|shape| {
            let name = shape.name();
            let counts = lines.iter().find_map(|line| match line[..] {
                [found, ours, raw] if found == name => Some((ours, raw)),
                _ => None,
            });
            let (ours, raw) = counts.ok_or_else(|| format!("{PROGRAM} counted no {name}"))?;
            let (ours, raw): (f64, f64) = (ours.parse()?, raw.parse()?);
            let row = Row::new(
                format!("20 {name}: allocations of a call"),
                format!("{ours:.0}"),
                format!("{raw:.0}"),
            )
            .ratio(ours / raw);
            Ok(match shape {
                Shape::Deployments => row.bar("≤ 1.00", ours <= raw),
                Shape::Servers => row.bar("< 1271", ours < 1271.0),
            })
        })
        .collect()
}

/// The program beside this one, fresh if cargo is at hand.
fn program() -> Result<Option<PathBuf>> {
    if let Some(cargo) = std::env::var_os("CARGO") {
        let mut build = Command::new(cargo);
        build.args(["build", "--quiet", "--package", env!("CARGO_PKG_NAME")]);
        build.args(["--bin", PROGRAM]);
        if !cfg!(debug_assertions) {
            build.arg("--release");
        }
        if !build.status()?.success() {
            return Err("the program that counts allocations cannot be built".into());
        }
    }
    let path = std::env::current_exe()?.with_file_name(PROGRAM);
    Ok(path.exists().then_some(path))
}

/// What the program `allocations` does, given its counter: prints a line for each shape, with the allocations
/// of a call by deploykit and by hand.
pub fn count_allocations(counter: fn() -> usize) -> ExitCode {
    report(print_counts(counter).map(|()| ExitCode::SUCCESS))
}

fn print_counts(counter: fn() -> usize) -> Result<()> {
    let base = std::env::args().nth(1).ok_or("no server was named")?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    for shape in Shape::ALL {
        let (ours, raw) = match shape {
            Shape::Deployments => count_both(&runtime, counter, &fetch::deployments(&base)?)?,
            Shape::Servers => count_both(&runtime, counter, &fetch::servers(&base)?)?,
        };
        table::line(&format!("{} {ours} {raw}", shape.name()));
    }
    Ok(())
}

fn count_both(
    runtime: &Runtime,
    counter: fn() -> usize,
    both: &Both<impl Fetch, impl Fetch>,
) -> Result<(usize, usize)> {
    let ours = count(runtime, counter, &both.ours)?;
    Ok((ours, count(runtime, counter, &both.raw)?))
}

fn count(runtime: &Runtime, counter: fn() -> usize, fetch: &impl Fetch) -> Result<usize> {
    runtime.block_on(make(fetch, 5))?;
    let before = counter();
    runtime.block_on(make(fetch, CALLS))?;
    Ok((counter() - before) / CALLS)
}
