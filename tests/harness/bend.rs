//! The rule of all models, tried on all fixtures of a service: what identifies a thing is required, and all else
//! bends. Of each success, each field is left out and set to `null`, one at a time and at every depth; the answer
//! must still be read, and all that is left of it must still be there.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use deploykit::core::memory::Memory;
use deploykit::core::{Endpoint, ErrorKind, HttpResponse};
use serde_json::{Map, Value};

use super::{Fixture, Replayed, Server, load, read_whole};

/// A field that may not be missing, as the end of its path (`id`, `data[].name`), and why.
pub type Exception = (&'static str, &'static str);

/// What became of the answers.
#[derive(Default)]
struct Counts {
    answers: usize,
    fields: usize,
    read: usize,
    refused: BTreeMap<&'static str, usize>,
    failures: Vec<String>,
}

/// Proves the rule for a service. Only the fields under `except` may be refused, and each of them must be.
pub fn prove_bent<C>(
    service: &str,
    endpoints: &[&'static Endpoint],
    except: &[Exception],
    connect: impl Fn(&Server) -> C + Sync,
    call: impl Fn(&C, &Fixture) -> Replayed + Sync,
) {
    let fixtures: Vec<_> = load(service, endpoints)
        .into_iter()
        .filter(|fixture| fixture.succeeds() && fixture.response.body != Value::Null)
        .collect();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let parts = std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads)
            .map(|part| {
                // An operation's fixtures stay together: what two of them share is tried once.
                let mine = fixtures.iter().filter(move |fixture| {
                    let letters = fixture.operation.bytes().map(usize::from);
                    letters.sum::<usize>() % threads == part
                });
                let (connect, call) = (&connect, &call);
                scope.spawn(move || try_all(mine, except, connect, call))
            })
            .collect();
        running
            .into_iter()
            .map(|part| part.join().expect("no panic"))
            .collect::<Vec<_>>()
    });
    let mut all = Counts::default();
    for part in parts {
        all.answers += part.answers;
        all.fields += part.fields;
        all.read += part.read;
        all.failures.extend(part.failures);
        for (name, count) in part.refused {
            *all.refused.entry(name).or_default() += count;
        }
    }
    report(service, &all, except);
}

#[allow(clippy::print_stdout, reason = "the counts are the point")]
fn report(service: &str, all: &Counts, except: &[Exception]) {
    println!(
        "{service}: {} answers, {} fields left out and set to null: {} read, {} refused",
        all.answers,
        all.fields,
        all.read,
        all.refused.values().sum::<usize>(),
    );
    let mut problems = all.failures.clone();
    for (name, reason) in except {
        match all.refused.get(name) {
            Some(count) => println!("  {name}: {count} refused, {reason}"),
            None => problems.push(format!("{name} is excepted and never refused")),
        }
    }
    problems.sort();
    let shown = problems
        .iter()
        .take(200)
        .fold(String::new(), |mut shown, problem| {
            let _ = writeln!(shown, "{problem}");
            shown
        });
    assert!(problems.is_empty(), "{} problems\n{shown}", problems.len());
    assert!(all.read > 0);
}

fn try_all<'a, C>(
    fixtures: impl Iterator<Item = &'a Fixture>,
    except: &[Exception],
    connect: impl Fn(&Server) -> C,
    call: impl Fn(&C, &Fixture) -> Replayed,
) -> Counts {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let answer: Arc<Mutex<Option<HttpResponse>>> = Arc::default();
    let given = answer.clone();
    let client = connect(&Server::in_memory(Memory::new(move |_| {
        let reply = given.lock().unwrap().take();
        async { Ok(reply.expect("set before the call")) }
    })));
    let mut counts = Counts::default();
    let mut seen = BTreeSet::new();
    for fixture in fixtures {
        counts.answers += 1;
        let mut changed = fixture.clone();
        let body = std::mem::take(&mut changed.response.body);
        let envelope = fixture.endpoint().envelope;
        for path in fields(&body) {
            // Without its envelope an answer has no value at all.
            if path.len() == 1
                && matches!(&path[0], Step::Key(key) if Some(key.as_str()) == envelope)
            {
                continue;
            }
            if !seen.insert(signature(fixture, &path)) {
                continue;
            }
            counts.fields += 1;
            for put in [None, Some(Value::Null)] {
                let what = if put.is_some() { "null" } else { "left out" };
                changed.response.body = changed_body(fixture, &body, &path, put);
                *answer.lock().unwrap() = Some(super::reply(&changed));
                let result = runtime.block_on(call(&client, &changed));
                let shown = shown(&path);
                let excepted = except.iter().find(|(name, _)| ends_with(&shown, name));
                let read = result.is_ok();
                let undecodable =
                    matches!(&result, Err(error) if error.kind() == ErrorKind::Decode);
                // A field that is null reads like one that is not there.
                changed.response.body = changed_body(fixture, &body, &path, None);
                let problems = read_whole(&changed, result);
                match excepted {
                    Some((name, _)) if undecodable || (read && !problems.is_empty()) => {
                        *counts.refused.entry(name).or_default() += 1;
                    }
                    _ => {
                        counts.read += usize::from(read);
                        counts.failures.extend(problems.into_iter().map(|problem| {
                            let problem = problem.lines().next().unwrap_or_default().to_owned();
                            format!("{}: {shown} {what}: {problem}", fixture.name)
                        }));
                    }
                }
            }
        }
    }
    counts
}

#[derive(Clone)]
enum Step {
    Key(String),
    Index(usize),
}

/// The paths of all fields, at every depth.
fn fields(value: &Value) -> Vec<Vec<Step>> {
    fn walk(value: &Value, at: &mut Vec<Step>, found: &mut Vec<Vec<Step>>) {
        match value {
            Value::Object(fields) => {
                for (key, value) in fields {
                    at.push(Step::Key(key.clone()));
                    found.push(at.clone());
                    walk(value, at, found);
                    at.pop();
                }
            }
            Value::Array(items) => {
                for (index, value) in items.iter().enumerate() {
                    at.push(Step::Index(index));
                    walk(value, at, found);
                    at.pop();
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(value, &mut Vec::new(), &mut found);
    found
}

/// Two fields are tried once if they stand at the same place of the same operation's answer, with the same
/// type of value and the same fields beside them.
fn signature(fixture: &Fixture, path: &[Step]) -> String {
    let mut value = &fixture.response.body;
    let mut beside = Vec::new();
    for step in path {
        value = match (step, value) {
            (Step::Key(key), Value::Object(fields)) => {
                beside = fields.keys().map(String::as_str).collect();
                &fields[key]
            }
            (Step::Index(index), Value::Array(items)) => &items[*index],
            _ => unreachable!("a path of this value"),
        };
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "flag",
        Value::Number(_) => "number",
        Value::String(_) => "text",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    };
    let (operation, status) = (&fixture.operation, fixture.response.status);
    format!(
        "{operation} {status} {} {kind} {}",
        shown(path),
        beside.join(" ")
    )
}

fn shown(path: &[Step]) -> String {
    path.iter().fold("$".to_owned(), |shown, step| match step {
        Step::Key(key) => format!("{shown}.{key}"),
        Step::Index(_) => shown + "[]",
    })
}

/// In any case: servers of different ages spell keys in their own.
fn ends_with(path: &str, name: &str) -> bool {
    let (path, name) = (path.to_lowercase(), name.to_lowercase());
    path == name || path.ends_with(&format!(".{name}"))
}

/// An answer's body with one field left out, or replaced; its envelope stays.
fn changed_body(fixture: &Fixture, body: &Value, path: &[Step], put: Option<Value>) -> Value {
    let mut changed = with(body, path, put);
    if let (Some(key), Value::Object(fields)) = (fixture.endpoint().envelope, &mut changed)
        && !fields.contains_key(key)
    {
        fields.insert(key.to_owned(), body[key].clone());
    }
    changed
}

/// The value with one field left out, or replaced. Of what is around the field's own object only the plain values
/// stay, and of lists on the way the item it is in: what else is there has its own turn.
fn with(value: &Value, path: &[Step], put: Option<Value>) -> Value {
    match (value, path) {
        (Value::Object(fields), [Step::Key(key), rest @ ..]) => {
            let changed = |name: &String, value: &Value| match (name == key, rest) {
                (false, [_, ..]) if value.is_object() || value.is_array() => None,
                (false, _) => Some(value.clone()),
                (true, []) => put.clone(),
                (true, rest) => Some(with(value, rest, put.clone())),
            };
            let fields = fields.iter();
            let fields: Map<_, _> = fields
                .filter_map(|(name, value)| Some((name.clone(), changed(name, value)?)))
                .collect();
            fields.into()
        }
        (Value::Array(items), [Step::Index(index), rest @ ..]) => {
            vec![with(&items[*index], rest, put)].into()
        }
        _ => unreachable!("a path of this value"),
    }
}
