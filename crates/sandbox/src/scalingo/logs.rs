//! The log of an app: dumped, followed, and what was put away of it. It has an address of its own, which needs no
//! token but that in it.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::Instant;

use super::Scalingo;
use super::apps::App;
use super::errors;
use crate::reply::Reply;
use crate::request::Request;
use crate::socket::Socket;
use crate::sync::lock;

/// Archives of a page.
const PER_PAGE: usize = 10;

impl Scalingo {
    pub(super) fn logs_url(&self, app: &App, request: &Request) -> Reply {
        let address = format!(
            "http://{}/logs/{}?token={}&timestamp=1",
            request.host(),
            app.id,
            token(app)
        );
        Reply::json(
            200,
            json!({"app": {"id": app.id, "name": app.name()}, "logs_url": address}),
        )
    }

    /// Writes lines as a container does.
    pub(super) fn write_log(&self, app: &App, container: &str, lines: &[&str]) {
        let at = self
            .clock()
            .now()
            .strftime("%Y-%m-%d %H:%M:%S.%9f +0000 UTC")
            .to_string();
        let lines = lines
            .iter()
            .map(|line| format!("{at} [{container}] {line}"));
        lock(&app.around).log.extend(lines);
        self.logged.send_replace(());
    }

    pub(super) fn logs(self: Arc<Self>, id: &str, request: &Request) -> Reply {
        let Some(app) = self.app(id) else {
            return errors::not_found("app");
        };
        if request.query("token") != Some(&token(&app)) || request.header("authorization").is_some()
        {
            return errors::unauthorized();
        }
        let filter = request
            .query("filter")
            .unwrap_or_default()
            .split('|')
            .map(str::to_owned);
        let n = request
            .query("n")
            .and_then(|n| n.parse().ok())
            .unwrap_or(100);
        let mut tail = Tail {
            next_ping: self.clock().instant(),
            logged: self.logged.subscribe(),
            service: self,
            app,
            filter: filter.collect(),
            read: 0,
        };
        let lines = tail.new_lines();
        let last = &lines[lines.len().saturating_sub(n)..];
        if request.query("stream") == Some("true") {
            return tail.follow(last, request);
        }
        match last {
            [] => Reply::empty(204),
            last => Reply::text(
                200,
                last.iter()
                    .map(|line| format!("{line}\n"))
                    .collect::<String>(),
            ),
        }
    }

    /// What was put away, newest first: an hour each.
    pub(super) fn logs_archives(&self, app: &App, request: &Request) -> Reply {
        let start = match request.query("cursor") {
            None => Some(0),
            Some(cursor) => cursor
                .parse()
                .ok()
                .filter(|start| *start < self.knobs.logs_archives),
        };
        let Some(start) = start else {
            return Reply::json(400, json!({"error": "invalid cursor"}));
        };
        let end = self.knobs.logs_archives.min(start + PER_PAGE);
        let view = |number: usize| {
            let hour = 23 - number % 24;
            json!({
                "url": format!("http://{}/logs_archives/{}/{number}?X-Sig={}", request.host(), app.id, token(app)),
                "from": format!("Fri Mar 24 {hour:02}:00:00 +0000 UTC 2017"),
                "to": format!("Fri Mar 24 {hour:02}:59:59 +0000 UTC 2017"),
                "size": archive(number).len(),
            })
        };
        let has_more = end < self.knobs.logs_archives;
        Reply::json(
            200,
            json!({
                "archives": (start..end).map(view).collect::<Vec<_>>(),
                "next_cursor": if has_more { end.to_string() } else { String::new() },
                "has_more": has_more,
            }),
        )
    }

    /// The store of archives: it knows nothing of tokens.
    pub(super) fn logs_archive(&self, id: &str, number: &str, request: &Request) -> Reply {
        let signed = self.app(id).map(|app| token(&app));
        let number = number
            .parse()
            .ok()
            .filter(|number| *number < self.knobs.logs_archives);
        let xml = |status, code| {
            Reply::bytes(
                status,
                "application/xml",
                format!("<Error><Code>{code}</Code></Error>"),
            )
        };
        match number {
            _ if request.header("authorization").is_some() => xml(400, "InvalidArgument"),
            Some(number) if request.query("X-Sig") == signed.as_deref() => {
                Reply::bytes(200, "application/gzip", archive(number))
            }
            _ => xml(403, "SignatureDoesNotMatch"),
        }
    }
}

fn token(app: &App) -> String {
    format!("log-{}", app.id)
}

/// What an archive has inside: nothing that can be read.
fn archive(number: usize) -> Vec<u8> {
    let mut bytes = vec![0x1f, 0x8b];
    bytes.extend(
        format!("archive {number} ")
            .bytes()
            .cycle()
            .take(10_000 + number),
    );
    bytes
}

/// A reader of a log.
struct Tail {
    service: Arc<Scalingo>,
    app: Arc<App>,
    filter: Vec<String>,
    read: usize,
    logged: watch::Receiver<()>,
    next_ping: Instant,
}

impl Tail {
    /// The lines that were written since it was asked last.
    fn new_lines(&mut self) -> Vec<String> {
        let around = lock(&self.app.around);
        let new = around.log.get(self.read..).unwrap_or_default();
        self.read = around.log.len();
        let fits = |line: &&String| {
            let of = |name: &String| name.is_empty() || line.contains(&format!("[{name}"));
            self.filter.iter().any(of)
        };
        new.iter().filter(fits).cloned().collect()
    }

    fn follow(mut self, last: &[String], request: &Request) -> Reply {
        self.next_ping = self.ping_after();
        let first = self.frame(last);
        if request.wants_websocket() {
            return Reply::websocket(move |socket| self.serve(first, socket));
        }
        let event = |frame: Value| Ok(Bytes::from(format!("data: {frame}\n\n")));
        let frames = futures::stream::unfold((self, Some(first)), |(mut tail, first)| async {
            let frame = match first.flatten() {
                Some(frame) => frame,
                None => tail.next().await?,
            };
            Some((frame, (tail, None)))
        });
        Reply::stream(
            200,
            "text/event-stream",
            futures::StreamExt::map(frames, event),
        )
    }

    /// As most clients follow a log.
    async fn serve(mut self, first: Option<Value>, mut socket: Socket) {
        let mut frame = first;
        loop {
            if let Some(frame) = frame
                && socket.send_json(&frame).await.is_err()
            {
                return;
            }
            frame = tokio::select! {
                next = self.next() => match next {
                    Some(next) => Some(next),
                    None => return socket.close().await,
                },
                received = socket.receive() => match received {
                    Some(_) => None,
                    None => return,
                },
            };
        }
    }

    /// The next frame: lines as they come, several in one, and a sign of life in between.
    async fn next(&mut self) -> Option<Value> {
        loop {
            self.logged.borrow_and_update();
            let lines = self.new_lines();
            if let Some(frame) = self.frame(&lines) {
                return Some(frame);
            }
            if self.next_ping <= self.service.clock().instant() {
                self.next_ping = self.ping_after();
                return Some(
                    json!({"event": "ping", "timestamp": self.service.clock().now().as_second()}),
                );
            }
            tokio::select! {
                () = self.service.clock().sleep_until(self.next_ping) => {}
                changed = self.logged.changed() => changed.ok()?,
            }
        }
    }

    fn frame(&self, lines: &[String]) -> Option<Value> {
        let text: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
        (!lines.is_empty()).then(|| json!({"event": "log", "log": text}))
    }

    fn ping_after(&self) -> Instant {
        let clock = self.service.clock();
        clock.instant() + clock.scaled(self.service.knobs.stream.ping_every)
    }
}
