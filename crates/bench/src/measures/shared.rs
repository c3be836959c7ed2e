//! Programs that share a limit in Redis: all calls must get through, in time, and none be refused; and what a turn
//! costs.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use deploykit_core::memory::{Memory, reply};
use deploykit_core::{Call, Client, Endpoint, LimitStore, Method, Quota, Text};
use deploykit_redis::RedisLimits;
use futures::future::join_all;
use tokio::runtime::Runtime;

use super::Settings;
use crate::raw::Raw;
use crate::redis::Redis;
use crate::rounds::take_turns;
use crate::server::Server;
use crate::table::Row;
use crate::{Result, TOKEN};

/// Argument that makes this program one of several that share a limit.
pub(crate) const PROGRAM: &str = "--program";

const PROGRAMS: usize = 8;

const PER_SECOND: Quota = Quota::new("per second", 40, Duration::from_secs(1));
const LIMITED: Endpoint = Endpoint::new("limited", Method::GET, "/limited").quota(&PER_SECOND);

/// So large that no call waits for more than the question.
const WIDE: Quota = Quota::new("wide", 1_000_000, Duration::from_secs(1));
const FREE: Endpoint = Endpoint::new("free", Method::GET, "/free").quota(&WIDE);

pub(super) fn run(settings: Settings) -> Result<Vec<Row>> {
    if Redis::start()?.is_none() {
        let why = "redis-server is not installed";
        return Ok(vec![Row::skipped("a limit shared in Redis", why)]);
    }
    Ok(vec![
        all_at_once(settings.size(100, 25))?,
        without_redis(settings.size(100, 50))?,
        cost("one after the other", 1, settings.size(3000, 300))?,
        cost("32 at once", 32, settings.size(300, 30))?,
    ])
}

/// What one program does: all its calls at once, when it is told to. Says how many succeeded.
pub(crate) fn make_calls(redis: &str, calls: usize, address: &str) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let client = Client::builder(address)
        .limits_of(&TOKEN.into())
        .limits_in(RedisLimits::builder(redis).build()?)
        .build()?;
    crate::table::line("ready");
    std::io::stdin().read_line(&mut String::new())?;
    let calls = (0..calls).map(|_| {
        let call: Call<Text> = client.call(client.request(&LIMITED));
        call.into_future()
    });
    let answers = runtime.block_on(join_all(calls));
    let succeeded = answers.iter().filter(|it| it.is_ok()).count();
    crate::table::line(&succeeded.to_string());
    // One that ends at once has no time to tell of its last calls: they would count for longer.
    runtime.block_on(async { tokio::time::sleep(Duration::from_millis(100)).await });
    Ok(())
}

/// The programs, and what they say; they end with this.
struct Programs(Vec<(Child, BufReader<ChildStdout>)>);

impl Programs {
    /// Starts them all, and lets them go when the last is ready.
    fn start(redis: &Redis, server: &Server, calls: usize) -> Result<Self> {
        let mut programs = Self(Vec::new());
        for _ in 0..PROGRAMS {
            let mut program = Command::new(std::env::current_exe()?)
                .args([PROGRAM, &redis.url(), &calls.to_string(), server.address()])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()?;
            let said = program.stdout.take().ok_or("it has no output")?;
            programs.0.push((program, BufReader::new(said)));
        }
        for (_, said) in &mut programs.0 {
            said.read_line(&mut String::new())?;
        }
        for (program, _) in &mut programs.0 {
            // Its end is the signal.
            drop(program.stdin.take());
        }
        Ok(programs)
    }

    /// How many calls succeeded.
    fn succeeded(mut self) -> Result<usize> {
        let mut all = 0;
        for (_, said) in &mut self.0 {
            let mut succeeded = String::new();
            said.read_line(&mut succeeded)?;
            all += succeeded.trim().parse::<usize>()?;
        }
        Ok(all)
    }
}

impl Drop for Programs {
    fn drop(&mut self) {
        for (program, _) in &mut self.0 {
            // Either fails only if it has ended already.
            let _ = program.kill();
            let _ = program.wait();
        }
    }
}

/// The shortest time in which so many calls fit.
fn ideal(calls: usize) -> Duration {
    let windows = calls.div_ceil(PER_SECOND.calls as usize) - 1;
    PER_SECOND.window * u32::try_from(windows).unwrap_or(u32::MAX)
}

fn all_at_once(each: usize) -> Result<Row> {
    let (redis, server) = both()?;
    let programs = Programs::start(&redis, &server, each)?;
    let started = Instant::now();
    let succeeded = programs.succeeded()?;
    let time = started.elapsed().as_secs_f64();
    let refused = refusals(&server)?;
    let calls = PROGRAMS * each;
    let ratio = time / ideal(calls).as_secs_f64();
    Ok(Row::new(
        format!("{PROGRAMS} programs × {each} calls at once, 40/s"),
        format!("{time:.2} s, {refused} refused"),
        String::new(),
    )
    .ratio(ratio)
    .bar(
        "≤ 1.053, 0 refused",
        ratio <= 1.0 / 0.95 && refused == 0 && succeeded == calls,
    ))
}

/// Redis is killed in the middle, and comes back empty.
fn without_redis(each: usize) -> Result<Row> {
    let (mut redis, server) = both()?;
    let programs = Programs::start(&redis, &server, each)?;
    let started = Instant::now();
    thread::sleep(Duration::from_secs(3));
    redis.kill();
    thread::sleep(Duration::from_secs(3));
    redis.restart()?;
    // By then it is known to all.
    thread::sleep(Duration::from_secs(6));
    let during = refusals(&server)?;
    let succeeded = programs.succeeded()?;
    let time = started.elapsed().as_secs_f64();
    let after = refusals(&server)?;
    let calls = PROGRAMS * each;
    let met = succeeded == calls && after == 0 && during * 50 < calls as u64;
    Ok(Row::new(
        format!("the same, Redis killed for 3 s ({calls} calls)"),
        format!("{time:.2} s, {during} + {after} refused"),
        String::new(),
    )
    .ratio(time / ideal(calls).as_secs_f64())
    .bar("all, < 2 % + 0 refused", met))
}

/// What a turn costs beside one in a limit that this program keeps alone: a call that is answered in memory.
fn cost(how: &str, at_once: usize, rounds: usize) -> Result<Row> {
    let (redis, _) = both()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let shared = in_memory(Some(RedisLimits::builder(redis.url()).build()?))?;
    let alone = in_memory(None)?;
    let time = |client: &Client| calls(&runtime, client, at_once, rounds);
    let taken = take_turns(5, || time(&shared), || time(&alone))?;
    let micros = |time: Duration| format!("{:.1} µs", time.as_secs_f64() * 1e6);
    Ok(Row::new(
        format!("a call in a shared limit, {how}"),
        micros(taken.ours),
        format!("alone: {}", micros(taken.raw)),
    )
    .ratio(taken.ratio))
}

fn in_memory(store: Option<Arc<RedisLimits>>) -> Result<Client> {
    let builder = Client::builder("http://127.0.0.1")
        .transport(Memory::new(|_| async { Ok(reply(200, "ok")) }))
        .limits_of(&TOKEN.into());
    Ok(match store {
        Some(store) => builder.limits_in(store as Arc<dyn LimitStore>).build()?,
        None => builder.build()?,
    })
}

/// The time of one call.
fn calls(runtime: &Runtime, client: &Client, at_once: usize, rounds: usize) -> Result<Duration> {
    runtime.block_on(async {
        let started = Instant::now();
        for _ in 0..rounds {
            let calls = (0..at_once).map(|_| {
                let call: Call<Text> = client.call(client.request(&FREE));
                call.into_future()
            });
            for answer in join_all(calls).await {
                answer?;
            }
        }
        let calls = u32::try_from(at_once * rounds)?;
        Ok(started.elapsed() / calls)
    })
}

fn both() -> Result<(Redis, Server)> {
    let redis = Redis::start()?.ok_or("redis-server is not installed any more")?;
    Ok((redis, Server::start()?))
}

/// How many calls the server refused since this was last asked.
fn refusals(server: &Server) -> Result<u64> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(Raw::new(server.address())?.refusals())
}
