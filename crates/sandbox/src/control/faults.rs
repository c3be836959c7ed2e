//! Faults as JSON.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::asked::{Answer, Asked, Problem, done, ok};
use super::{Remote, Stands};
use crate::faults::{Faults, Rule, Strike};
use crate::reply::Reply;

/// The longest delay that can be set.
const LONGEST: u64 = 24 * 3600 * 1000;

/// How many faults a service can have.
const MOST: usize = 1000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    #[serde(default = "any")]
    method: String,
    #[serde(default = "anywhere")]
    path: String,
    times: Option<u64>,
    #[serde(default)]
    always: bool,
    #[serde(default)]
    after: u64,
    every: Option<u64>,
    // What goes wrong: one of these.
    status: Option<u16>,
    html_error: Option<u16>,
    delay_ms: Option<u64>,
    reset: Option<Reset>,
    #[serde(default)]
    truncate: bool,
    drop_after_frames: Option<u64>,
    // With `status` only.
    headers: Option<BTreeMap<String, String>>,
    body: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Reset {
    Before,
    After,
}

fn any() -> String {
    "*".to_owned()
}

fn anywhere() -> String {
    "/**".to_owned()
}

const KINDS: &str = "status (with headers and body), html_error, delay_ms, reset (\"before\" or \"after\"), \
                     truncate, drop_after_frames";

impl Order {
    fn check(&self) -> Result<(), Problem> {
        let kinds = [
            self.status.is_some(),
            self.html_error.is_some(),
            self.delay_ms.is_some(),
            self.reset.is_some(),
            self.truncate,
            self.drop_after_frames.is_some(),
        ];
        let problem = match kinds.iter().filter(|kind| **kind).count() {
            0 => format!("nothing goes wrong: say one of {KINDS}"),
            1 => String::new(),
            _ => format!(
                "too much goes wrong at once: say one of {KINDS}, and set further faults for the others"
            ),
        };
        let status = self.status.or(self.html_error);
        let problem = match () {
            () if !problem.is_empty() => problem,
            () if status.is_some_and(|status| !(200..=599).contains(&status)) => {
                "a status is a number from 200 to 599".to_owned()
            }
            () if self.status.is_none() && (self.headers.is_some() || self.body.is_some()) => {
                "headers and body go with status only".to_owned()
            }
            () if self.delay_ms.is_some_and(|delay| delay > LONGEST) => {
                format!("{LONGEST} ms is the longest delay")
            }
            () if !self.path.starts_with('/') => {
                format!(
                    "the path \"{}\" doesn't begin with a slash; /v1/apps/* and /** do",
                    self.path
                )
            }
            () if self.times.is_some() && self.always => {
                "times and always exclude each other".to_owned()
            }
            () if self.every == Some(0) => "every counts from 1".to_owned(),
            () => self.wrong_header().unwrap_or_default(),
        };
        match problem.is_empty() {
            true => Ok(()),
            false => Err(Problem::bad(problem)),
        }
    }

    fn wrong_header(&self) -> Option<String> {
        let headers = self.headers.iter().flatten();
        let is_wrong = |(name, value): &(&String, &String)| {
            http::HeaderName::try_from(name.as_str()).is_err()
                || http::HeaderValue::try_from(value.as_str()).is_err()
        };
        let (name, value) = headers.into_iter().find(is_wrong)?;
        Some(format!("HTTP allows no header \"{name}: {value}\""))
    }

    fn set(self, faults: &Faults) -> u64 {
        let mut plan = faults.on(&self.method, &self.path).after(self.after);
        if let Some(every) = self.every {
            plan = plan.every(every);
        }
        if let Some(times) = self.times {
            plan = plan.times(times);
        }
        if self.always {
            plan = plan.always();
        }
        for (name, value) in self.headers.iter().flatten() {
            plan = plan.header(name, value);
        }
        plan = match self.body {
            None => plan,
            Some(Value::String(text)) => plan.body(text),
            Some(json) => plan.body(json.to_string()),
        };
        let fault = match (
            self.status,
            self.html_error,
            self.delay_ms,
            self.reset,
            self.drop_after_frames,
        ) {
            (Some(status), ..) => plan.status(status),
            (_, Some(status), ..) => plan.html_error(status),
            (_, _, Some(delay), ..) => plan.delay(Duration::from_millis(delay)),
            (_, _, _, Some(Reset::Before), _) => plan.reset_before(),
            (_, _, _, Some(Reset::After), _) => plan.reset_after(),
            (.., Some(frames)) => plan.drop_after(frames),
            _ => plan.truncated_body(),
        };
        fault.id()
    }
}

/// As it was asked for, and what became of it.
fn view(rule: &Rule) -> Value {
    let mut view = json!({
        "id": rule.id, "method": rule.method, "path": rule.pattern(), "after": rule.skip, "every": rule.every,
        "left": rule.left, "hits": rule.hits(),
    });
    match &rule.strike {
        Strike::Reply {
            status,
            headers,
            body,
        } => {
            view["status"] = json!(status);
            let headers: BTreeMap<_, _> = headers.iter().cloned().collect();
            view["headers"] = json!(headers);
            view["body"] = json!(body);
        }
        Strike::Delay(delay) => {
            view["delay_ms"] = json!(u64::try_from(delay.as_millis()).unwrap_or(u64::MAX))
        }
        Strike::ResetBefore => view["reset"] = json!("before"),
        Strike::ResetAfter => view["reset"] = json!("after"),
        Strike::TruncatedBody => view["truncate"] = json!(true),
        Strike::DropAfter(frames) => view["drop_after_frames"] = json!(frames),
    }
    view
}

pub(super) fn list(stands: &Stands, asked: &Asked) -> Answer {
    let faults = stands.named(asked)?.faults().all();
    ok(json!({"faults": faults.iter().map(view).collect::<Vec<_>>()}))
}

fn find(remote: &dyn Remote, asked: &Asked) -> Result<Rule, Problem> {
    let id = asked.argument("fault");
    let all = remote.faults().all();
    let found = all.into_iter().find(|rule| rule.id.to_string() == id);
    found.ok_or_else(|| Problem::missing(format!("there is no fault {id}")))
}

pub(super) fn get(stands: &Stands, asked: &Asked) -> Answer {
    let rule = find(stands.named(asked)?, asked)?;
    ok(json!({"fault": view(&rule)}))
}

pub(super) fn set(stands: &Stands, asked: &Asked) -> Answer {
    let remote = stands.named(asked)?;
    let order: Order = asked.body()?;
    order.check()?;
    if remote.faults().all().len() >= MOST {
        return Err(Problem::bad(format!(
            "there are {MOST} faults already: take some back first"
        )));
    }
    let id = order.set(remote.faults());
    let set = remote.faults().all().into_iter().find(|rule| rule.id == id);
    Ok(Reply::json(201, json!({"fault": set.as_ref().map(view)})))
}

pub(super) fn remove(stands: &Stands, asked: &Asked) -> Answer {
    let remote = stands.named(asked)?;
    let rule = find(remote, asked)?;
    remote.faults().remove(rule.id);
    done()
}

pub(super) fn clear(stands: &Stands, asked: &Asked) -> Answer {
    stands.named(asked)?.faults().clear();
    done()
}
