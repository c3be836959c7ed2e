//! A page of 20, again and again: CPU time of one call, and calls per second with 32 at once.

use std::time::{Duration, Instant};

use tokio::runtime::Runtime;

use super::Settings;
use crate::cpu::cpu_clock;
use crate::fetch::{self, Both, Fetch, Shape, make};
use crate::rounds::{Rounds, take_turns};
use crate::server::Server;
use crate::table::Row;
use crate::{Error, Result};

/// Calls that are under way at the same time.
const AT_ONCE: usize = 32;
/// Threads that work on them.
const WORKERS: usize = 2;

pub(super) fn run(settings: Settings) -> Result<Vec<Row>> {
    let server = Server::start()?;
    let base = server.address();
    let mut rows = rows(Shape::Deployments, settings, &fetch::deployments(base)?)?;
    rows.extend(self::rows(
        Shape::Servers,
        settings,
        &fetch::servers(base)?,
    )?);
    Ok(rows)
}

fn rows(shape: Shape, settings: Settings, both: &Both<impl Fetch, impl Fetch>) -> Result<Vec<Row>> {
    let name = shape.name();
    let cpu = cpu_time(settings, both)?;
    let throughput = throughput(settings, both)?;
    Ok(vec![
        Row::new(
            format!("20 {name}: CPU time of a call"),
            micros(cpu.ours),
            micros(cpu.raw),
        )
        .ratio(cpu.ratio)
        .bar("≤ 1.00", cpu.ratio <= 1.0),
        Row::new(
            format!("20 {name}: calls per second, {AT_ONCE} at once"),
            per_second(throughput.ours),
            per_second(throughput.raw),
        )
        .ratio(1.0 / throughput.ratio)
        .bar("≥ 0.97", 1.0 / throughput.ratio >= 0.97),
    ])
}

/// CPU time of this process for one call, the calls made one after the other on one thread.
fn cpu_time(settings: Settings, both: &Both<impl Fetch, impl Fetch>) -> Result<Rounds> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let calls = settings.size(200, 10);
    take_turns(
        settings.size(25, 3),
        || cpu_time_of(&runtime, &both.ours, calls),
        || cpu_time_of(&runtime, &both.raw, calls),
    )
}

fn cpu_time_of(runtime: &Runtime, fetch: &impl Fetch, calls: usize) -> Result<Duration> {
    let before = cpu_clock();
    runtime.block_on(make(fetch, calls))?;
    let calls = u32::try_from(calls)?;
    Ok((cpu_clock() - before) / calls)
}

/// Time of one call while 32 are under way.
fn throughput(settings: Settings, both: &Both<impl Fetch, impl Fetch>) -> Result<Rounds> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .enable_all()
        .build()?;
    let each = settings.size(40, 3);
    take_turns(
        settings.size(15, 3),
        || runtime.block_on(time_of_many(&both.ours, each)),
        || runtime.block_on(time_of_many(&both.raw, each)),
    )
}

async fn time_of_many(fetch: &impl Fetch, each: usize) -> Result<Duration> {
    let started = Instant::now();
    let tasks: Vec<_> = (0..AT_ONCE)
        .map(|_| {
            let fetch = fetch.clone();
            tokio::spawn(async move { make(&fetch, each).await })
        })
        .collect();
    for task in tasks {
        task.await??;
    }
    Ok(started.elapsed() / u32::try_from(AT_ONCE * each).map_err(Error::from)?)
}

fn micros(time: Duration) -> String {
    format!("{:.1} µs", time.as_secs_f64() * 1e6)
}

fn per_second(time: Duration) -> String {
    format!("{:.0}/s", 1.0 / time.as_secs_f64())
}
