//! The fixture harness of all services. For each fixture it proves three things:
//!
//! 1. **sent exactly**: the typed call sends the fixture's method, path, query, headers and body, and nothing
//!    more;
//! 2. **read whole**: what was decoded, serialized again, holds every value of the fixture's answer; an error
//!    keeps its status and body;
//! 3. **covered**: every row of the table has an answered fixture, and every fixture belongs to a row.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "shared by tests, which may panic"
)]

pub mod bend;
mod compare;
mod made;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use deploykit::core::dispatch::Dispatch;
use deploykit::core::memory::{self, Memory};
use deploykit::core::{Endpoint, HttpResponse};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

use compare::{read_whole, sent_exactly};
#[allow(unused_imports, reason = "each service needs some of them")]
pub use made::{Replayed, call, page, send, value};

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fixture {
    #[serde(skip)]
    pub name: String,
    pub operation: String,
    pub documented: String,
    #[serde(default)]
    pub note: Option<String>,
    pub request: Sent,
    pub response: Answer,
    #[serde(skip)]
    endpoint: Option<&'static Endpoint>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sent {
    pub method: String,
    pub path: String,
    #[serde(default)]
    pub query: BTreeMap<String, String>,
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    #[serde(default)]
    pub body: Value,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    pub status: u16,
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    #[serde(default)]
    pub body: Value,
}

impl Fixture {
    /// The row that it belongs to.
    pub fn endpoint(&self) -> &'static Endpoint {
        self.endpoint.expect("set when loaded")
    }

    /// What the row takes and gives.
    pub fn dispatch(&self) -> &'static Dispatch {
        self.endpoint().dispatch.expect("the feature is on")
    }

    fn succeeds(&self) -> bool {
        self.endpoint().succeeds_with(self.response.status)
    }

    /// A path argument by its placeholder's name, decoded.
    pub fn arg(&self, name: &str) -> String {
        let endpoint = self.endpoint();
        let of_template: Vec<_> = endpoint.template.split('/').collect();
        let position = |name: &str| {
            let placeholder = format!("{{{name}}}");
            let mut segments = of_template.iter();
            segments.position(|segment| segment.contains(&placeholder))
        };
        let at = position(name)
            .unwrap_or_else(|| panic!("{}: no {name} in {}", self.name, endpoint.template));
        let path: Vec<_> = self.request.path.split('/').collect();
        let more = path.len().checked_sub(of_template.len());
        let more = more.unwrap_or_else(|| panic!("{}: is too short", self.name));
        // One value may be several segments; else the base URL has some before the template's.
        let (first, last) = match endpoint.slashes.and_then(position) {
            Some(wide) if at == wide => (at, at + more),
            Some(wide) if at < wide => (at, at),
            _ => (at + more, at + more),
        };
        let segment = path[first..=last].join("/");
        let placeholder = format!("{{{name}}}");
        let (before, after) = of_template[at].split_once(&placeholder).unwrap();
        let value = &segment[before.len()..segment.len() - after.len()];
        let pairs = format!("x={}", value.replace('+', "%2B"));
        url::form_urlencoded::parse(pairs.as_bytes())
            .next()
            .unwrap()
            .1
            .into_owned()
    }

    /// A value of the query.
    pub fn query_value(&self, name: &str) -> Option<&str> {
        self.request.query.get(name).map(String::as_str)
    }

    /// The body as a request type, taken out of the endpoint's envelope.
    pub fn body<T: DeserializeOwned>(&self) -> T {
        let body = match self.endpoint().body_envelope {
            Some(key) => self.request.body[key].clone(),
            None => self.request.body.clone(),
        };
        serde_json::from_value(body).unwrap_or_else(|error| panic!("{}: body: {error}", self.name))
    }

    /// The body of a form or text request, as it is sent.
    pub fn text(&self) -> &str {
        self.request
            .body
            .as_str()
            .unwrap_or_else(|| panic!("{}: the body is no text", self.name))
    }

    /// The answer's text.
    pub fn text_of_answer(&self) -> &str {
        self.response.body.as_str().unwrap_or_default()
    }

    /// What the decoded value is compared with.
    fn expected(&self) -> Value {
        let body = &self.response.body;
        match self.endpoint().envelope {
            Some(key) if body.is_object() => match self.endpoint().nested {
                Some(list) if body[key].is_object() => body[key][list].clone(),
                _ => body[key].clone(),
            },
            _ => body.clone(),
        }
    }
}

/// Where a client of the tests sends to.
#[derive(Clone)]
pub struct Server {
    pub url: String,
    /// In place of the network.
    pub transport: Option<Memory>,
}

impl Server {
    fn in_memory(transport: Memory) -> Self {
        Self {
            url: "http://memory".to_owned(),
            transport: Some(transport),
        }
    }
}

/// Connects a service's builder to a server of the tests: without retries and quotas.
#[macro_export]
macro_rules! connected {
    ($builder:expr, $server:expr) => {{
        let builder = $builder
            .base_url(&$server.url)
            .retry(deploykit::RetryPolicy::never())
            .without_quotas();
        match $server.transport.clone() {
            Some(transport) => builder.transport(transport),
            None => builder,
        }
        .build()
        .unwrap()
    }};
}

fn folder(service: &str) -> PathBuf {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    fixtures.join(service)
}

/// All fixtures of a service.
pub fn load(service: &str, endpoints: &[&'static Endpoint]) -> Vec<Fixture> {
    let folder = folder(service);
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .collect();
    files.sort();
    let mut fixtures = Vec::new();
    for file in files {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&file).unwrap();
        let raw: Value =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        if raw.is_array() {
            continue; // Frames of a stream: the service's own test reads them.
        }
        let mut fixture: Fixture =
            serde_json::from_value(raw).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(
            name.starts_with(&fixture.operation),
            "{name}: named after another operation"
        );
        fixture.endpoint = endpoints
            .iter()
            .find(|row| row.operation == fixture.operation)
            .copied();
        assert!(
            fixture.endpoint.is_some(),
            "{name}: {} is no row",
            fixture.operation
        );
        fixture.name = name;
        fixtures.push(fixture);
    }
    fixtures
}

/// Proves all fixtures of a service. `connect` makes a client for a server (one that never retries, and without
/// quotas: [`connected!`]); `call` makes the typed call of a fixture.
pub async fn prove<C>(
    service: &str,
    endpoints: &[&'static Endpoint],
    connect: impl Fn(&Server) -> C,
    call: impl Fn(&C, &Fixture) -> Replayed,
) {
    let fixtures = load(service, endpoints);
    let server = MockServer::start().await;
    let client = connect(&Server {
        url: server.uri(),
        transport: None,
    });
    let mut failures = Vec::new();
    let mut answered = BTreeSet::new();
    for fixture in &fixtures {
        server.reset().await;
        Mock::given(any())
            .respond_with(template(fixture))
            .mount(&server)
            .await;
        let result = call(&client, fixture).await;
        let requests = server.received_requests().await.unwrap_or_default();
        let mut problems = sent_exactly(fixture, &requests);
        problems.extend(read_whole(fixture, result));
        if fixture.succeeds() {
            answered.insert(fixture.operation.as_str());
        }
        failures.extend(
            problems
                .into_iter()
                .map(|problem| format!("{}: {problem}", fixture.name)),
        );
    }
    for row in endpoints {
        if !answered.contains(row.operation) {
            failures.push(format!("{}: no fixture of a success", row.operation));
        }
    }
    assert!(
        failures.is_empty(),
        "{} problems\n{}",
        failures.len(),
        failures.join("\n")
    );
    assert!(fixtures.len() >= endpoints.len());
}

/// Proves that the rows are exactly the operations that `operations.txt` beside the fixtures lists from the service's
/// documentation: `name METHOD path`, and what else is known. What is left out, and why, stands there behind a `#`.
pub fn rows_are(service: &str, endpoints: &[&Endpoint]) {
    let list = folder(service).join("operations.txt");
    let list = std::fs::read_to_string(&list)
        .unwrap_or_else(|error| panic!("{}: {error}", list.display()));
    let listed = list.lines().filter(|line| !line.starts_with('#'));
    let documented: BTreeSet<_> = listed
        .map(|line| line.split(' ').take(3).collect::<Vec<_>>().join(" "))
        .collect();
    let rows: BTreeSet<_> = endpoints
        .iter()
        .map(|row| format!("{} {} {}", row.operation, row.method, row.template))
        .collect();
    let missing: Vec<_> = documented.difference(&rows).collect();
    let extra: Vec<_> = rows.difference(&documented).collect();
    assert!(
        missing.is_empty() && extra.is_empty(),
        "missing {missing:#?}, extra {extra:#?}"
    );
    assert_eq!(
        rows.len(),
        endpoints.len(),
        "an operation stands twice in the table"
    );
}

fn template(fixture: &Fixture) -> ResponseTemplate {
    let answer = &fixture.response;
    let template = ResponseTemplate::new(answer.status);
    let template = match content(fixture) {
        Some((body, content_type)) => template.set_body_raw(body, content_type),
        None => template,
    };
    answer
        .headers
        .iter()
        .filter(|(name, _)| *name != "content-type")
        .fold(template, |template, (name, value)| {
            template.append_header(name.as_str(), value.as_str())
        })
}

/// The answer without a network.
fn reply(fixture: &Fixture) -> HttpResponse {
    let (body, content_type) = content(fixture).unwrap_or_default();
    let mut reply = memory::reply(fixture.response.status, body);
    let mut headers = fixture.response.headers.clone();
    headers.insert("content-type".to_owned(), content_type.to_owned());
    for (name, value) in headers {
        let name: http::HeaderName = name.parse().unwrap();
        reply.headers.insert(name, value.parse().unwrap());
    }
    reply
}

/// An answer's body and its type.
fn content(fixture: &Fixture) -> Option<(Vec<u8>, &str)> {
    let answer = &fixture.response;
    let content_type = answer.headers.get("content-type").map(String::as_str);
    match &answer.body {
        Value::Null if content_type.is_none() => None,
        Value::String(text) if content_type != Some("application/json") => Some((
            text.clone().into_bytes(),
            content_type.unwrap_or("text/plain; charset=utf-8"),
        )),
        json => Some((
            json.to_string().into_bytes(),
            content_type.unwrap_or("application/json"),
        )),
    }
}
