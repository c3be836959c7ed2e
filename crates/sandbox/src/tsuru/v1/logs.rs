//! Logs.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::stream;
use serde_json::{Value, json};

use super::super::errors::{Answer, refusal};
use super::input::Input;
use super::state::{Entry, State};
use super::{Call, TsuruV1, done};
use crate::reply::Reply;
use crate::sync::lock;

/// How often a log that is followed is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// What entries a reader wants.
#[derive(Debug, Clone)]
struct Wanted {
    source: String,
    invert: bool,
    units: Vec<String>,
}

impl Wanted {
    fn takes(&self, entry: &Entry) -> bool {
        (self.source.is_empty() || (entry.source == self.source) != self.invert)
            && (self.units.is_empty() || self.units.contains(&entry.unit))
    }
}

impl TsuruV1 {
    pub(super) fn logs(
        self: &Arc<Self>,
        state: &mut State,
        operation: &str,
        input: &Input,
        call: &Call<'_>,
    ) -> Option<Answer> {
        let name = call.stars.first().copied().unwrap_or_default();
        Some(match operation {
            "AppLog" | "appLogInstance" => self.read_log(state, input, name),
            "JobLog" => super::things::thing(state, "jobs", name)
                .map(|_| Reply::bytes(200, "application/x-json-stream", "null\n")),
            "addLog" => state.app(name).and_then(|app| {
                let source = match input.text("source") {
                    source if source.is_empty() => "app".to_owned(),
                    source => source,
                };
                for message in input.texts("message") {
                    app.log.push(Entry {
                        at: self.context.clock().now(),
                        message,
                        source: source.clone(),
                        unit: input.text("unit"),
                    });
                }
                done()
            }),
            _ => return None,
        })
    }

    fn read_log(self: &Arc<Self>, state: &mut State, input: &Input, name: &str) -> Answer {
        let lines = input
            .number("lines")
            .and_then(|lines| usize::try_from(lines).ok());
        let lines = lines.ok_or_else(|| refusal(400, "Parameter \"lines\" is mandatory."))?;
        let wanted = Wanted {
            source: input.text("source"),
            invert: input.flag("invert-source"),
            units: input.texts("unit"),
        };
        let app = state.app(name)?;
        let known: Vec<_> = app.log.iter().filter(|entry| wanted.takes(entry)).collect();
        let last = known[known.len().saturating_sub(lines)..].iter();
        let first: Vec<Value> = last.map(|entry| view(name, entry)).collect();
        let first = if first.is_empty() {
            Value::Null
        } else {
            first.into()
        };
        let first = Bytes::from(format!("{first}\n"));
        if !input.flag("follow") {
            return Ok(Reply::bytes(200, "application/x-json-stream", first));
        }
        let (server, name, seen) = (Arc::clone(self), name.to_owned(), app.log.len());
        let follow = stream::unfold((Some(first), seen), move |(first, seen)| {
            let (server, name, wanted) = (Arc::clone(&server), name.clone(), wanted.clone());
            async move {
                if let Some(first) = first {
                    return Some((Ok(first), (None, seen)));
                }
                loop {
                    let found = match lock(&server.state).apps.get(&name) {
                        Some(app) => app.log.get(seen).cloned(),
                        None => return None,
                    };
                    match found {
                        Some(entry) => {
                            let frame = match wanted.takes(&entry) {
                                true => format!("{}\n", json!([view(&name, &entry)])),
                                false => "\n".to_owned(),
                            };
                            return Some((Ok(Bytes::from(frame)), (None, seen + 1)));
                        }
                        None => tokio::time::sleep(LOOK).await,
                    }
                }
            }
        });
        Ok(Reply::stream(200, "application/x-json-stream", follow))
    }
}

fn view(app: &str, entry: &Entry) -> Value {
    json!({
        "Date": entry.at.to_string(), "Message": entry.message, "Source": entry.source, "Name": app,
        "Type": "app", "Unit": entry.unit,
    })
}
