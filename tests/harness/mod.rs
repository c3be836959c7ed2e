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

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use deploykit::core::dispatch::Dispatch;
use deploykit::core::memory::{self, Memory};
use deploykit::core::{self, Call, Endpoint, Error, HttpResponse, Pages, RawResponse, Text, Time};
use futures::future::BoxFuture;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers::any};

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
    fn endpoint(&self) -> &'static Endpoint {
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
        let template = self.endpoint().template;
        let placeholder = format!("{{{name}}}");
        let at = template
            .split('/')
            .position(|segment| segment.contains(&placeholder))
            .unwrap_or_else(|| panic!("{}: no {placeholder} in {template}", self.name));
        // The base URL may put segments of its own before the template's.
        let path: Vec<_> = self.request.path.split('/').collect();
        let before = path.len() - template.split('/').count();
        let pattern: Vec<_> = template
            .split('/')
            .nth(at)
            .unwrap()
            .split(&placeholder)
            .collect();
        let segment = path[before + at];
        let value = &segment[pattern[0].len()..segment.len() - pattern[1].len()];
        let pairs = format!("x={}", value.replace('+', "%2B"));
        url::form_urlencoded::parse(pairs.as_bytes())
            .next()
            .unwrap()
            .1
            .into_owned()
    }

    /// A numeric path argument.
    pub fn id(&self, name: &str) -> u64 {
        self.arg(name)
            .parse()
            .unwrap_or_else(|_| panic!("{}: {name} is no number", self.name))
    }

    /// A value of the query.
    pub fn query_value(&self, name: &str) -> Option<&str> {
        self.request.query.get(name).map(String::as_str)
    }

    /// The query as a request type.
    pub fn query<T: DeserializeOwned>(&self) -> T {
        let pairs: String = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&self.request.query)
            .finish();
        let error = match serde_urlencoded::from_str(&pairs) {
            Ok(query) => return query,
            Err(error) => error,
        };
        // A query has texts alone, and a type that is only ever sent reads no number from one.
        let fields = self.request.query.iter().map(|(name, text)| {
            let plain = serde_json::from_str(text).unwrap_or_else(|_| Value::from(text.as_str()));
            (name.clone(), plain)
        });
        serde_json::from_value(Value::Object(fields.collect()))
            .unwrap_or_else(|_| panic!("{}: query {pairs}: {error}", self.name))
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

pub type Replayed = BoxFuture<'static, Result<Value, Error>>;

/// Awaits a call and serializes its value.
pub fn value<T: Serialize + 'static>(call: Call<T>) -> Replayed {
    Box::pin(async { Ok(serde_json::to_value(call.await?).expect("serializable")) })
}

/// Awaits a call without a value.
pub fn unit(call: Call<()>) -> Replayed {
    Box::pin(async { call.await.map(|()| Value::Null) })
}

/// Awaits a call for text.
pub fn text(call: Call<Text>) -> Replayed {
    Box::pin(async { Ok(Value::String(call.await?.0)) })
}

/// Awaits one page of a list, as the fixture's query asks for it.
pub fn page<T: Serialize + Send + 'static>(fixture: &Fixture, pages: Pages<T>) -> Replayed {
    let mut pages = pages;
    for (name, value) in fixture.request.query.clone() {
        pages = pages.map_request(|request| request.query_pair(&name, &value));
    }
    Box::pin(async { Ok(serde_json::to_value(pages.await?.items).expect("serializable")) })
}

/// Sends a fixture's request by the row's method, made of the fixture's path, query and body.
pub fn send(
    client: &core::Client,
    fixture: &Fixture,
) -> BoxFuture<'static, Result<RawResponse, Error>> {
    let dispatch = fixture.dispatch();
    let mut given = Map::new();
    for part in fixture.endpoint().template.split('{').skip(1) {
        let name = part.split('}').next().unwrap();
        given.insert(name.to_owned(), fixture.arg(name).into());
    }
    if fixture.request.body != Value::Null {
        given.insert("body".to_owned(), fixture.body());
    }
    // Only the paging is taken as it is: the rest of a query must come from the method.
    let (paging, query): (Map<_, _>, Map<_, _>) = fixture
        .request
        .query
        .iter()
        .map(|(name, text)| (name.clone(), Value::from(text.as_str())))
        .partition(|(name, _)| dispatch.pages && matches!(name.as_str(), "page" | "per_page"));
    given.insert("query".to_owned(), query.into());
    let request = (dispatch.request)(client, &given);
    let mut request = request.unwrap_or_else(|error| panic!("{}: {error}", fixture.name));
    for (name, text) in paging {
        request = request.query_pair(&name, &text.as_str().unwrap());
    }
    let client = client.clone();
    Box::pin(async move { core::dispatch::send(&client, request).await })
}

/// All fixtures of a service.
pub fn load(service: &str, endpoints: &[&'static Endpoint]) -> Vec<Fixture> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(service);
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

/// Proves that the rows are exactly the operations that the service's page lists as (method, path).
pub fn rows_are(endpoints: &[&Endpoint], documented: &[(&str, &str)]) {
    let rows: BTreeSet<_> = endpoints
        .iter()
        .map(|row| (row.method.as_str().to_owned(), row.template.to_owned()))
        .collect();
    let documented: BTreeSet<_> = documented
        .iter()
        .map(|(method, path)| ((*method).to_owned(), (*path).to_owned()))
        .collect();
    let missing: Vec<_> = documented.difference(&rows).collect();
    let extra: Vec<_> = rows.difference(&documented).collect();
    assert!(
        missing.is_empty() && extra.is_empty(),
        "missing {missing:?}, extra {extra:?}"
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

fn sent_exactly(fixture: &Fixture, requests: &[Request]) -> Vec<String> {
    let [request] = requests else {
        return vec![format!("sent {} requests instead of one", requests.len())];
    };
    let mut problems = Vec::new();
    let mut differ = |what: &str, wanted: &dyn std::fmt::Debug, got: &dyn std::fmt::Debug| {
        problems.push(format!("{what}: wanted {wanted:?}, sent {got:?}"));
    };
    let wanted = &fixture.request;
    if request.method.as_str() != wanted.method {
        differ("method", &wanted.method, &request.method);
    }
    if request.url.path() != wanted.path {
        differ("path", &wanted.path, &request.url.path());
    }
    let query: BTreeMap<_, _> = request.url.query_pairs().into_owned().collect();
    if query != wanted.query {
        differ("query", &wanted.query, &query);
    }
    for (name, value) in &wanted.headers {
        let sent = request
            .headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .map(|value| value.split("; boundary=").next().unwrap_or(value));
        if sent != Some(value) {
            differ(name, value, &sent);
        }
    }
    const ALWAYS: [&str; 4] = ["host", "user-agent", "content-length", "accept"];
    for name in request.headers.keys() {
        if !ALWAYS.contains(&name.as_str()) && !wanted.headers.contains_key(name.as_str()) {
            differ("headers", &"nothing more", name);
        }
    }
    match &wanted.body {
        Value::Null if request.body.is_empty() => {}
        Value::String(text) => {
            let sent = framed(request);
            let is_yaml = wanted.headers.values().any(|value| value.contains("yaml"));
            // How values are quoted is the writer's choice.
            let same = if is_yaml {
                same_yaml(&sent, text)
            } else {
                sent == *text
            };
            if !same {
                differ("body", text, &sent);
            }
        }
        json => {
            let sent = serde_json::from_slice::<Value>(&request.body).ok();
            if sent.as_ref() != Some(json) {
                differ("body", json, &sent);
            }
        }
    }
    problems
}

/// A body as text; the boundary of a form with files, which is another one each time, by a name of its own.
fn framed(request: &Request) -> String {
    let body = String::from_utf8_lossy(&request.body).into_owned();
    let content_type = request.headers.get("content-type");
    let content_type = content_type.and_then(|value| value.to_str().ok());
    match content_type.and_then(|value| value.split_once("; boundary=")) {
        Some((_, boundary)) => body.replace(boundary, "BOUNDARY").replace("\r\n", "\n"),
        None => body,
    }
}

fn same_yaml(one: &str, other: &str) -> bool {
    let read = |text| serde_yaml_ng::from_str::<Value>(text).expect("YAML");
    read(one) == read(other)
}

fn read_whole(fixture: &Fixture, result: Result<Value, Error>) -> Vec<String> {
    let status = fixture.response.status;
    let mut problems = Vec::new();
    match (fixture.succeeds(), result) {
        (true, Ok(Value::Null)) => {} // Nothing to read.
        (true, Ok(got)) => compare(&fixture.expected(), &got, "$", &mut problems),
        (true, Err(error)) => problems.push(format!("failed: {}", error.report())),
        (false, Ok(_)) => problems.push(format!("{status} was taken for a success")),
        (false, Err(error)) => {
            if error.status() != Some(status) {
                problems.push(format!("status: wanted {status}, got {:?}", error.status()));
            }
            let body = &fixture.response.body;
            let kept = error.body().unwrap_or_default();
            let whole = match body {
                Value::Null => true,
                Value::String(text) if !kept.starts_with('"') => kept == text,
                json => serde_json::from_str::<Value>(kept).ok().as_ref() == Some(json),
            };
            if !whole {
                problems.push(format!("body: wanted {body}, kept {kept}"));
            }
            let message = error.api().and_then(|api| api.message().map(str::to_owned));
            let said = body
                .get("message")
                .or_else(|| body.get("error"))
                .and_then(Value::as_str);
            if let Some(said) = said
                && message.as_deref()
                    != Some(
                        said.split_whitespace()
                            .collect::<Vec<_>>()
                            .join(" ")
                            .as_str(),
                    )
            {
                problems.push(format!("message: wanted {said:?}, got {message:?}"));
            }
        }
    }
    problems
}

/// Fields of request types that answers repeat: `null` is not set there.
const NULL_IS_UNSET: [&str; 1] = ["default_value"];

/// Every value that was answered must be there; what was not answered may only be empty.
fn compare(wanted: &Value, got: &Value, path: &str, problems: &mut Vec<String>) {
    match (wanted, got) {
        (Value::Null, got) if is_empty(got) => {}
        (Value::Object(wanted), Value::Object(got)) => {
            for (key, value) in wanted {
                match got.get(key) {
                    Some(found) => compare(value, found, &format!("{path}.{key}"), problems),
                    None if value.is_null() && NULL_IS_UNSET.contains(&key.as_str()) => {}
                    None => problems.push(format!("{path}.{key}: {value} was dropped")),
                }
            }
            for (key, value) in got {
                if !wanted.contains_key(key) && !is_empty(value) {
                    problems.push(format!("{path}.{key}: {value} came out of nowhere"));
                }
            }
        }
        (Value::Array(wanted), Value::Array(got)) if wanted.len() == got.len() => {
            for (index, (wanted, got)) in wanted.iter().zip(got).enumerate() {
                compare(wanted, got, &format!("{path}[{index}]"), problems);
            }
        }
        (wanted, got) if is_empty(wanted) && is_empty(got) => {}
        (wanted, got) if same_scalar(wanted, got) => {}
        _ => problems.push(format!("{path}: wanted {wanted}, got {got}")),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.values().all(is_empty),
        _ => false,
    }
}

/// Equal, or another spelling of the same: a number as text, a date in another notation.
fn same_scalar(wanted: &Value, got: &Value) -> bool {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    if wanted == got || (wanted.is_number() != got.is_number() && text(wanted) == text(got)) {
        return true;
    }
    match (wanted, got) {
        (Value::Number(wanted), Value::Number(got)) => wanted.as_f64() == got.as_f64(),
        (Value::String(wanted), Value::String(got)) => {
            let (wanted, got) = (Time::parse(wanted), Time::parse(got));
            wanted.timestamp().is_some() && wanted.timestamp() == got.timestamp()
        }
        _ => false,
    }
}
