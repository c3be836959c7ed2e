//! Operations: what they write, what is known of them, how they are stopped.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::stream;
use serde_json::{Value, json};

use super::super::errors::{Answer, refusal};
use super::input::Input;
use super::state::{Event, State};
use super::{Call, TsuruV1};
use crate::reply::Reply;
use crate::sync::lock;

/// Go's "never".
const NEVER: &str = "0001-01-01T00:00:00Z";

/// How an operation is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Telling {
    /// JSON lines; an `Error` in the last one.
    Json,
    /// Text; `OK` or the error in the last line.
    Text,
}

impl TsuruV1 {
    /// An operation that begins now.
    pub(super) fn event(
        &self,
        call: &Call<'_>,
        kind: &str,
        target: (&str, &str),
        takes: Duration,
    ) -> Event {
        let clock = self.context.clock();
        Event {
            id: String::new(),
            target: (target.0.to_owned(), target.1.to_owned()),
            kind: kind.to_owned(),
            owner: call.user.to_owned(),
            at: clock.now(),
            begun: clock.instant(),
            takes: clock.scaled(takes),
            ended: None,
            fails: None,
            error: String::new(),
            lines: Vec::new(),
            cancel: None,
            deploy: None,
        }
    }

    /// A short operation on an app or another thing, told in JSON lines.
    pub(super) fn operation(
        self: &Arc<Self>,
        state: &mut State,
        call: &Call<'_>,
        kind: &str,
        target: (&str, &str),
        said: &str,
    ) -> Answer {
        let mut event = self.event(call, kind, target, self.knobs.operation);
        event.lines = vec![format!(" ---> {said}"), " ---> done".to_owned()];
        if target.0 == "app" && state.failing > 0 {
            state.failing -= 1;
            event.fails = Some("the unit did not answer".to_owned());
        }
        let id = state.begin(event.clone())?;
        Ok(self.tell(id, event, Telling::Json))
    }

    /// The output of an operation, written while it goes on. It goes on without a reader, too.
    pub(super) fn tell(self: &Arc<Self>, id: String, event: Event, telling: Telling) -> Reply {
        let server = Arc::clone(self);
        let pieces = event.lines.len() + 1;
        let pause = event.takes / u32::try_from(pieces).unwrap_or(1);
        let wanted = id.clone();
        let output = stream::unfold(0usize, move |at| {
            let (server, event, id) = (Arc::clone(&server), event.clone(), wanted.clone());
            async move {
                if at > pieces {
                    return None;
                }
                if at == 0 {
                    // Something at once, as servers do that keep the connection open.
                    let alive = if telling == Telling::Json {
                        "\n"
                    } else {
                        "please wait...\n"
                    };
                    return Some((Ok(Bytes::from_static(alive.as_bytes())), 1));
                }
                let clock = server.context.clock();
                clock.sleep_until(clock.instant() + pause).await;
                let now = server.context.clock().now();
                let cancelled = lock(&server.state)
                    .events
                    .iter()
                    .any(|known| known.id == id && known.cancel.is_some());
                if cancelled {
                    let failure = telling.failure("canceled by user request", now);
                    return Some((Ok(Bytes::from(failure)), pieces + 1));
                }
                if let Some(line) = event.lines.get(at - 1) {
                    return Some((Ok(Bytes::from(telling.line(line, now))), at + 1));
                }
                // Clients that look at the end see that it is over.
                let clock = server.context.clock();
                clock.sleep_until(event.begun + event.takes).await;
                let now = server.context.clock().now();
                lock(&server.state).settle(now, clock.instant());
                let end = match &event.fails {
                    Some(error) => telling.failure(error, now),
                    None => telling.success(),
                };
                Some((Ok(Bytes::from(end)), pieces + 1))
            }
        });
        match telling {
            Telling::Json => Reply::stream(200, "application/x-json-stream", output),
            // Not a media type, and yet what the servers send.
            Telling::Text => Reply::stream(200, "text", output).header("x-tsuru-eventid", id),
        }
    }

    pub(super) fn cancel(
        &self,
        state: &mut State,
        id: &str,
        input: &Input,
        call: &Call<'_>,
    ) -> Answer {
        let reason = input.required("reason")?;
        let now = self.context.clock().now();
        let event = state.events.iter_mut().find(|event| event.id == id);
        let event = event.ok_or_else(|| refusal(404, "uuid not found"))?;
        if event.ended.is_some() {
            return Err(refusal(400, "event is not cancelable"));
        }
        event.cancel = Some((call.user.to_owned(), reason, now));
        Ok(Reply::empty(204))
    }
}

impl Telling {
    fn line(self, line: &str, now: jiff::Timestamp) -> String {
        match self {
            Self::Json => {
                let message = json!({"Message": format!("{line}\n"), "Timestamp": now.to_string()});
                format!("{message}\n")
            }
            Self::Text => format!("{line}\n"),
        }
    }

    fn failure(self, error: &str, now: jiff::Timestamp) -> String {
        match self {
            Self::Json => {
                let message = json!({"Message": "", "Timestamp": now.to_string(), "Error": error});
                format!("{message}\n")
            }
            Self::Text => format!("\n{error}\n"),
        }
    }

    fn success(self) -> String {
        match self {
            Self::Json => String::new(),
            Self::Text => "\nOK\n".to_owned(),
        }
    }
}

impl State {
    /// Events that a filter names, newest first.
    pub(super) fn list_events(&self, input: &Input) -> Answer {
        let (kind, name) = (
            input.get("target")["type"].as_str(),
            input.get("target")["value"].as_str(),
        );
        let kinds = input.texts("kindname");
        let running = input.text("running");
        let wanted = |event: &&Event| {
            kind.is_none_or(|kind| event.target.0 == kind)
                && name.is_none_or(|name| event.target.1 == name)
                && (kinds.is_empty() || kinds.contains(&event.kind))
                && (running.is_empty() || (running == "true") == event.ended.is_none())
                && (!input.flag("erroronly") || !event.error.is_empty())
        };
        let skip = usize::try_from(input.number("skip").unwrap_or(0)).unwrap_or(0);
        let limit = usize::try_from(input.number("limit").unwrap_or(100)).unwrap_or(100);
        let found = self.events.iter().rev().filter(wanted);
        super::list(
            found
                .skip(skip)
                .take(limit.min(100))
                .map(Event::view)
                .collect(),
        )
    }
}

impl Event {
    pub(super) fn view(&self) -> Value {
        let ended = self.ended.map_or(NEVER.to_owned(), |at| at.to_string());
        let log: String = self.lines.iter().map(|line| format!("{line}\n")).collect();
        let (by, why, at) = self.cancel.clone().map_or_else(
            || (String::new(), String::new(), NEVER.to_owned()),
            |(by, why, at)| (by, why, at.to_string()),
        );
        json!({
            "UniqueID": self.id,
            "Target": {"Type": self.target.0, "Value": self.target.1},
            "ExtraTargets": null,
            "Kind": {"Type": "permission", "Name": self.kind},
            "Owner": {"Type": "user", "Name": self.owner},
            "StartTime": self.at.to_string(),
            "EndTime": ended,
            "Error": self.error,
            "Log": if self.ended.is_some() { log } else { String::new() },
            "Cancelable": self.deploy.is_some(),
            "Running": self.ended.is_none(),
            "CancelInfo": {
                "Owner": by, "Reason": why, "StartTime": at, "AckTime": NEVER,
                "Asked": self.cancel.is_some(), "Canceled": self.cancel.is_some() && self.ended.is_some(),
            },
        })
    }
}
