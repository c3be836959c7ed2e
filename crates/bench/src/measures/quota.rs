//! 400 calls at once where a limit is documented: all must get through, in time, and none be refused.

use std::sync::Arc;
use std::time::{Duration, Instant};

use deploykit_core::memory::{Memory, reply};
use deploykit_core::{Call, Client, Endpoint, Method, Quota, Transport};
use futures::future::{join_all, try_join_all};
use serde_json::Value;

use super::Settings;
use crate::Result;
use crate::raw::Raw;
use crate::server::Server;
use crate::server::limit::Limit;
use crate::table::Row;

const CALLS: usize = 400;

const PER_SECOND: Quota = Quota::new("per second", 40, Duration::from_secs(1));
const LIMITED: Endpoint = Endpoint::new("limited", Method::GET, "/limited").quota(&PER_SECOND);

const PER_MINUTE: Quota = Quota::new("per minute", 60, Duration::from_secs(60));
const SLOWER: Endpoint = Endpoint::new("slower", Method::GET, "/slower").quota(&PER_MINUTE);

pub(super) fn run(_: Settings) -> Result<Vec<Row>> {
    Ok(vec![per_second()?, per_minute()?])
}

/// The shortest time in which all calls fit.
fn ideal(quota: Quota) -> Duration {
    let windows = CALLS.div_ceil(quota.calls as usize) - 1;
    quota.window * u32::try_from(windows).unwrap_or(u32::MAX)
}

/// In real time, against the server.
fn per_second() -> Result<Row> {
    let server = Server::start()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let raw = Raw::new(server.address())?;
    let client = Client::builder(server.address()).build()?;
    let (time, refusals, by_hand) = runtime.block_on(async {
        let started = Instant::now();
        all_at_once(&client, &LIMITED).await?;
        let time = started.elapsed();
        let refusals = raw.refusals().await?;
        tokio::time::sleep(PER_SECOND.window).await;
        let by_hand = try_join_all((0..CALLS).map(|_| raw.limited())).await?;
        crate::Result::Ok((time, refusals, by_hand))
    })?;
    let succeeded = by_hand.into_iter().filter(|admitted| *admitted).count();
    let ideal = ideal(PER_SECOND);
    Ok(row("40/s", time, ideal, refusals).raw(format!("{succeeded} succeed")))
}

/// In virtual time, against a limit in memory: an hour takes no longer than the work.
fn per_minute() -> Result<Row> {
    let limit = Arc::new(Limit::new(PER_MINUTE.calls as usize, PER_MINUTE.window));
    let client = Client::builder("http://127.0.0.1")
        .transport(limited_memory(limit.clone()))
        .build()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()?;
    let time = runtime.block_on(async {
        let started = tokio::time::Instant::now();
        all_at_once(&client, &SLOWER).await?;
        crate::Result::Ok(started.elapsed())
    })?;
    let ideal = ideal(PER_MINUTE);
    Ok(row("60/min, virtual", time, ideal, limit.take_refusals()))
}

/// Counts a call some time after it was sent, and answers some time after that.
fn limited_memory(limit: Arc<Limit>) -> impl Transport + 'static {
    const ONE_WAY: Duration = Duration::from_millis(25);
    Memory::new(move |_| {
        let limit = limit.clone();
        async move {
            tokio::time::sleep(ONE_WAY).await;
            let status = if limit.admits() { 200 } else { 429 };
            tokio::time::sleep(ONE_WAY).await;
            Ok(reply(status, "{}"))
        }
    })
}

/// Fails if any call fails.
async fn all_at_once(client: &Client, endpoint: &'static Endpoint) -> Result<()> {
    let calls = (0..CALLS).map(|_| {
        let call: Call<Value> = client.call(client.request(endpoint));
        call.into_future()
    });
    for answer in join_all(calls).await {
        answer?;
    }
    Ok(())
}

fn row(limit: &str, time: Duration, ideal: Duration, refusals: u64) -> Row {
    let ratio = time.as_secs_f64() / ideal.as_secs_f64();
    Row::new(
        format!("{CALLS} calls at once, {limit}"),
        format!("{:.2} s, {refusals} refused", time.as_secs_f64()),
        String::new(),
    )
    .ratio(ratio)
    .bar("≤ 1.033, 0 refused", ratio <= 9.3 / 9.0 && refusals == 0)
}
