//! Log frames per second, from a server that sends them as fast as they are taken.

use std::time::{Duration, Instant};

use deploykit_scalingo::{Frame, LiveEvent};
use futures::{SinkExt as _, StreamExt as _};
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use super::Settings;
use crate::cpu::cpu_clock;
use crate::fetch::our_scalingo;
use crate::rounds::take_turns;
use crate::server::{FRAMES, Server};
use crate::table::Row;
use crate::{APP, Result, TOKEN, raw};

pub(super) fn run(settings: Settings) -> Result<Vec<Row>> {
    let server = Server::start()?;
    let base = server.address();
    let stream = format!("{}/live", base.replacen("http", "ws", 1));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let frames = settings.size(100_000, 2 * FRAMES);
    let rounds = settings.size(15, 3);
    let time = take_turns(
        rounds,
        || Ok(runtime.block_on(ours(base, frames))?.time),
        || Ok(runtime.block_on(by_hand(&stream, frames))?.time),
    )?;
    let cpu = take_turns(
        rounds,
        || Ok(runtime.block_on(ours(base, frames))?.cpu),
        || Ok(runtime.block_on(by_hand(&stream, frames))?.cpu),
    )?;
    let rate = |time: Duration| format!("{:.0} k/s", frames as f64 / time.as_secs_f64() / 1e3);
    let nanos = |time: Duration| format!("{:.0} ns", time.as_secs_f64() * 1e9 / frames as f64);
    let ratio = 1.0 / time.ratio;
    Ok(vec![
        Row::new("log frames per second", rate(time.ours), rate(time.raw))
            .ratio(ratio)
            .bar("≥ 1.00", ratio >= 1.0),
        Row::new("CPU time of a log frame", nanos(cpu.ours), nanos(cpu.raw)).ratio(cpu.ratio),
    ])
}

async fn ours(base: &str, frames: usize) -> Result<Taken> {
    let client = our_scalingo(base)?;
    let mut live = client.live(APP);
    let mut clock = Clock::default();
    while clock.count < frames {
        match live.next().await.ok_or("the stream ended")?? {
            LiveEvent::Frame(Frame::Log { content, .. }) => clock.took(&content),
            other => return Err(format!("not a log frame: {other:?}").into()),
        }
    }
    clock.stop()
}

async fn by_hand(stream: &str, frames: usize) -> Result<Taken> {
    let (mut socket, _) = tokio_tungstenite::connect_async(stream).await?;
    let auth = json!({"type": "auth", "data": {"token": TOKEN}});
    socket.send(Message::text(auth.to_string())).await?;
    let mut clock = Clock::default();
    while clock.count < frames {
        if let Message::Text(text) = socket.next().await.ok_or("the stream ended")?? {
            match serde_json::from_str(&text)? {
                raw::Frame::Log { data, .. } => clock.took(&data.content),
                _ => return Err("not a log frame".into()),
            }
        }
    }
    clock.stop()
}

/// What so many frames took.
struct Taken {
    time: Duration,
    cpu: Duration,
}

/// Runs from the first frame on, so that connecting does not count.
#[derive(Default)]
struct Clock {
    count: usize,
    bytes: usize,
    started: Option<(Instant, Duration)>,
}

impl Clock {
    fn took(&mut self, content: &str) {
        self.started
            .get_or_insert_with(|| (Instant::now(), cpu_clock()));
        self.count += 1;
        self.bytes += content.len();
    }

    fn stop(&self) -> Result<Taken> {
        let (started, cpu) = self.started.ok_or("no frame came")?;
        if self.bytes < self.count {
            return Err("the frames are empty".into());
        }
        Ok(Taken {
            time: started.elapsed(),
            cpu: cpu_clock().saturating_sub(cpu),
        })
    }
}
