//! A list of 100 pages from a server that takes 20 ms for each, 8 at once.

use std::time::{Duration, Instant};

use futures::StreamExt as _;

use super::Settings;
use crate::fetch::our_scalingo;
use crate::rounds::median;
use crate::server::Server;
use crate::table::Row;
use crate::{LATENCY, PAGE_SIZE, PAGES, Result};

const AT_ONCE: u32 = 8;

/// 100 pages, 8 at once. (The first page comes alone, as only it tells how many there are; so nobody can do
/// it in less than 14 times the latency.)
const IDEAL: Duration = LATENCY.saturating_mul((PAGES as u32).div_ceil(AT_ONCE));

pub(super) fn run(settings: Settings) -> Result<Vec<Row>> {
    let server = Server::start()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut times = Vec::new();
    for _ in 0..settings.size(7, 1) {
        times.push(runtime.block_on(read_all(server.address()))?.as_secs_f64());
    }
    let time = median(times.into_iter());
    let ratio = time / IDEAL.as_secs_f64();
    Ok(vec![
        Row::new(
            format!("{PAGES} pages at {LATENCY:?}, {AT_ONCE} at once"),
            format!("{:.0} ms, in order", time * 1e3),
            format!("ideal {IDEAL:?}"),
        )
        .ratio(ratio)
        .bar("≤ 1.15", ratio <= 1.15),
    ])
}

async fn read_all(base: &str) -> Result<Duration> {
    let client = our_scalingo(base)?;
    // Connections are opened beforehand, as a program that runs has them; they are no part of the latency.
    futures::future::try_join_all(
        (0..AT_ONCE).map(|_| client.deployments().list(crate::APP).into_future()),
    )
    .await?;
    let started = Instant::now();
    let mut items = client
        .deployments()
        .list("paged")
        .concurrent(AT_ONCE as usize)
        .items();
    let mut count = 0;
    while let Some(item) = items.next().await {
        let item = item?;
        if !item.id.as_str().ends_with(&format!("-{count:012}")) {
            return Err(format!("deployment {} came at place {count}", item.id).into());
        }
        count += 1;
    }
    let time = started.elapsed();
    if count != PAGES * PAGE_SIZE {
        return Err(format!("{count} items are not all").into());
    }
    Ok(time)
}
