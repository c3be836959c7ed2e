//! The deployment stream of an app: a WebSocket that tells what has happened and what happens.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::Scalingo;
use super::apps::App;
use super::deployments::Deployment;
use super::knobs::{NewFrame, Replay};
use super::timeline::{Event, What};
use crate::socket::{Closed, Socket};

/// How long the server waits for the frame that authenticates.
const PATIENCE: Duration = Duration::from_secs(30);

/// Serves one connection until the client leaves.
pub(super) async fn serve(service: Arc<Scalingo>, app: Arc<App>, host: String, mut socket: Socket) {
    let clock = service.context.clock();
    let first = tokio::time::timeout(clock.scaled(PATIENCE), socket.receive()).await;
    match first {
        Ok(Some(frame)) if service.auth.accepts_frame(&frame, clock) => {}
        _ => return socket.close().await,
    }
    let stream = Stream {
        connected: clock.instant(),
        silent_after: service.silent_after(),
        service: &service,
        app,
        host,
        socket,
        told: Vec::new(),
        sent: 0,
        odd: 0,
    };
    // The client has left, or a fault has struck.
    let _ = stream.run().await;
}

/// One authenticated connection.
struct Stream<'a> {
    service: &'a Scalingo,
    app: Arc<App>,
    host: String,
    socket: Socket,
    connected: Instant,
    /// How many events of each deployment have been told, in the app's order.
    told: Vec<usize>,
    sent: u64,
    silent_after: Option<u64>,
    odd: usize,
}

impl Stream<'_> {
    async fn run(mut self) -> Result<(), Closed> {
        let clock = self.service.context.clock();
        let ping_every = clock.scaled(self.service.knobs.stream.ping_every);
        let mut next_ping = self.connected + ping_every;
        let mut changes = self.service.changes.subscribe();
        loop {
            changes.borrow_and_update();
            let deployments = self.app.deployments();
            self.told.resize(deployments.len(), 0);
            let mut next = self.next(&deployments);
            while let Some((index, at)) = next
                && at <= clock.instant()
            {
                self.tell(&deployments[index], index).await?;
                next = self.next(&deployments);
            }
            if next_ping <= clock.instant() {
                let ts = clock.now().as_second();
                self.feed(json!({"type": "ping", "data": {"ts": ts}}).to_string())
                    .await?;
                next_ping += ping_every;
            }
            self.socket.flush().await?;
            let wake = next.map_or(next_ping, |(_, at)| at.min(next_ping));
            tokio::select! {
                () = clock.sleep_until(wake) => {}
                changed = changes.changed() => changed.map_err(|_| Closed)?,
                received = self.socket.receive() => {
                    received.ok_or(Closed)?;
                }
            }
        }
    }

    /// The earliest event that hasn't been told: whose it is, and when.
    fn next(&self, deployments: &[Arc<Deployment>]) -> Option<(usize, Instant)> {
        let upcoming = |(index, deployment): (usize, &Arc<Deployment>)| {
            let event = deployment.timeline.events.get(self.told[index])?;
            (!deployment.historic).then_some((index, event.at))
        };
        deployments
            .iter()
            .enumerate()
            .filter_map(upcoming)
            .min_by_key(|&(_, at)| at)
    }

    /// Tells the deployment's next event, unless it is one that isn't told.
    async fn tell(&mut self, deployment: &Deployment, index: usize) -> Result<(), Closed> {
        let event = &deployment.timeline.events[self.told[index]];
        self.told[index] += 1;
        if let Some(frame) = self.frame(deployment, event) {
            self.feed(frame.to_string()).await?;
        }
        if self.service.knobs.stream.odd_frames && matches!(event.what, What::Log(_)) {
            self.odd += 1;
            self.feed(odd_frame(self.odd, &deployment.id)).await?;
        }
        Ok(())
    }

    fn frame(&self, deployment: &Deployment, event: &Event) -> Option<Value> {
        let knobs = &self.service.knobs.stream;
        let past = event.at <= self.connected;
        match &event.what {
            What::New if past => None,
            What::New => {
                let shown = match knobs.new_frame? {
                    NewFrame::Id => json!(deployment.id),
                    NewFrame::Object => deployment.view(&self.host, event.at),
                };
                Some(json!({"type": "new", "data": {"deployment": shown}}))
            }
            What::Status(_) if past && knobs.replay != Replay::All => None,
            What::Status(status) => {
                Some(json!({"type": "status", "id": deployment.id, "data": {"status": status}}))
            }
            What::Log(_) if past && knobs.replay == Replay::Nothing => None,
            What::Log(line) => {
                let content = content(line);
                Some(json!({"type": "log", "id": deployment.id, "data": {"content": content}}))
            }
        }
    }

    async fn feed(&mut self, frame: String) -> Result<(), Closed> {
        if self.silent_after.is_some_and(|most| self.sent >= most) {
            return Ok(());
        }
        self.sent += 1;
        self.socket.feed_text(frame).await
    }
}

/// What a frame carries of a line: without its end, except for the carriage returns of a
/// container's own output, which come as they are.
fn content(line: &str) -> &str {
    match line.strip_suffix('\n') {
        Some(cut) if !cut.ends_with('\r') => cut,
        _ => line,
    }
}

/// Frames that a client must survive, in turn.
fn odd_frame(number: usize, id: &str) -> String {
    match number % 5 {
        1 => json!({"type": "metrics", "id": id, "data": {"cpu": 12}}).to_string(),
        2 => json!({"type": "log", "id": id, "data": {"content": 42}}).to_string(),
        3 => format!("{{\"type\":\"log\",\"id\":\"{id}\",\"data\":{{\"con"),
        4 => json!({"type": "status", "id": id, "data": {"status": "warming"}}).to_string(),
        _ => json!({"data": {}}).to_string(),
    }
}
