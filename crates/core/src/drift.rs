//! How a service's description (OpenAPI 3, Swagger 2, as JSON) differs from a crate's table and models.
//!
//! Nothing is called. Of each schema instances are built, with every alternative and every known value of an
//! enumeration, and sent through the types of the row.

mod build;
mod compare;
mod program;

use std::collections::BTreeSet;
use std::fmt;

use http::{HeaderMap, StatusCode};
use serde::{Deserialize as _, Serialize};
use serde_json::{Map, Value, json};

use crate::Endpoint;
use crate::answers::raw::RawResponse;
use crate::dispatch::Dispatch;

use build::Builder;
pub use program::program;

/// What kind of difference it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Kind {
    /// The description has an operation that the table lacks.
    New,
    /// The table has an operation that the description lacks.
    Gone,
    /// Method, path, parameters or body are others.
    Changed,
    /// A documented answer can't be read.
    Undecodable,
    /// A field of an answer is read by nobody.
    Dropped,
    /// A documented parameter or field of a body can't be sent.
    Unsendable,
    /// It can't be told: the type is not written as JSON.
    Unchecked,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// What kind of difference it is.
    pub kind: Kind,
    /// The operation's name.
    pub operation: String,
    /// Where in it, such as `200 $.owner`.
    pub place: String,
    /// What differs, in words.
    pub text: String,
    /// Why it is no fault of the crate, if it is excepted.
    pub excepted: Option<String>,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::New => "new",
            Kind::Gone => "gone",
            Kind::Changed => "changed",
            Kind::Undecodable => "can't be read",
            Kind::Dropped => "dropped",
            Kind::Unsendable => "can't be sent",
            Kind::Unchecked => "not checked",
        };
        write!(f, "{kind}: {}", self.operation)?;
        if !self.place.is_empty() {
            write!(f, ", {}", self.place)?;
        }
        write!(f, ": {}", self.text)?;
        match &self.excepted {
            Some(reason) => write!(f, " (excepted: {reason})"),
            None => Ok(()),
        }
    }
}

/// A difference that is known, and why it is no fault of the crate.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Known {
    kind: Kind,
    operation: String,
    place: String,
    reason: String,
}

impl Known {
    /// Excepts findings of this kind, in this operation (`*`: all), whose place has this text at its end.
    pub fn new(
        kind: Kind,
        operation: impl Into<String>,
        place: impl Into<String>,
        reason: impl Into<String>,
    ) -> Self {
        Self {
            kind,
            operation: operation.into(),
            place: place.into(),
            reason: reason.into(),
        }
    }

    fn fits(&self, finding: &Finding) -> bool {
        self.kind == finding.kind
            && (self.operation == "*" || self.operation == finding.operation)
            && finding.place.ends_with(&self.place)
    }
}

/// The report.
#[derive(Debug, Clone, Default, Serialize)]
#[non_exhaustive]
pub struct Drift {
    /// The operations that the description has.
    pub operations: usize,
    /// The answers that were built and read.
    pub answers: usize,
    /// The bodies and queries that were built and sent through their types.
    pub requests: usize,
    /// All differences.
    pub findings: Vec<Finding>,
}

impl Drift {
    /// Whether every difference is excepted.
    pub fn is_clean(&self) -> bool {
        self.faults().next().is_none()
    }

    /// The differences that are not excepted.
    pub fn faults(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|it| it.excepted.is_none())
    }

    fn add(&mut self, kind: Kind, operation: &str, place: &str, text: impl Into<String>) {
        self.findings.push(Finding {
            kind,
            operation: operation.to_owned(),
            place: place.to_owned(),
            text: text.into(),
            excepted: None,
        });
    }
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.findings {
            writeln!(f, "{finding}")?;
        }
        let faults = self.faults().count();
        write!(
            f,
            "{} operations, {} answers and {} requests tried: {faults} differences, {} excepted",
            self.operations,
            self.answers,
            self.requests,
            self.findings.len() - faults,
        )
    }
}

/// Compares the descriptions of a service with its table. Findings that are `known` are excepted.
///
/// Some services describe themselves in several documents: an operation is [gone](Kind::Gone) if none has it.
pub fn report(descriptions: &[Value], endpoints: &[&'static Endpoint], known: &[Known]) -> Drift {
    let mut drift = Drift::default();
    let mut seen = BTreeSet::new();
    for description in descriptions {
        seen.extend(compare_with(&mut drift, description, endpoints));
    }
    for row in endpoints {
        if !seen.contains(&identity(row)) {
            let text = format!("{} {}", row.method, row.template);
            drift.add(Kind::Gone, row.operation, "", text);
        }
    }
    for finding in &mut drift.findings {
        finding.excepted = known
            .iter()
            .find(|known| known.fits(finding))
            .map(|known| known.reason.clone());
    }
    drift.findings.sort();
    // Several instances lead to the same: the first one tells it.
    drift
        .findings
        .dedup_by(|a, b| (a.kind, &a.operation, &a.place) == (b.kind, &b.operation, &b.place));
    drift
}

type Identity = (&'static str, &'static str, &'static str);

fn identity(row: &Endpoint) -> Identity {
    (row.operation, row.method.as_str(), row.template)
}

/// Compares one description with the rows that it describes; returns those.
fn compare_with(
    drift: &mut Drift,
    description: &Value,
    endpoints: &[&'static Endpoint],
) -> Vec<Identity> {
    let mut seen = Vec::new();
    let builder = Builder::new(description);
    let base = base_path(description);
    let paths = description["paths"].as_object();
    for (path, item) in paths.into_iter().flatten() {
        for method in ["get", "post", "put", "patch", "delete"] {
            let Some(operation) = item.get(method) else {
                continue;
            };
            drift.operations += 1;
            let method = method.to_ascii_uppercase();
            let name = operation["operationId"].as_str().unwrap_or_default();
            let whole = format!("{base}{path}");
            let by_path = |row: &&&Endpoint, path: &str| {
                row.method.as_str() == method && same_path(row.template, path)
            };
            let by_name = |row: &&&Endpoint| !name.is_empty() && row.operation == name;
            let find = |fits: &dyn Fn(&&&'static Endpoint) -> bool| endpoints.iter().find(fits);
            let row = find(&|row| by_name(row) && by_path(row, path))
                .or_else(|| find(&|row| by_path(row, &whole)))
                .or_else(|| find(&|row| by_path(row, path)))
                .or_else(|| find(&by_name));
            let Some(row) = row else {
                let name = if name.is_empty() { path } else { name };
                drift.add(Kind::New, name, "", format!("{method} {path}"));
                continue;
            };
            seen.push(identity(row));
            if !by_path(&row, path) {
                let text = format!("is {method} {path}, was {} {}", row.method, row.template);
                drift.add(Kind::Changed, row.operation, "", text);
            }
            let parameters = parameters(&builder, item, operation);
            match row.dispatch {
                Some(dispatch) => {
                    request(drift, &builder, row, dispatch, operation, &parameters);
                    answers(drift, &builder, row, dispatch, operation);
                }
                None => drift.add(Kind::Unchecked, row.operation, "", "has no method"),
            }
        }
    }
    seen
}

/// What stands before all paths.
fn base_path(description: &Value) -> &str {
    let server = description["servers"][0]["url"].as_str();
    let path = server.map(|url| match url.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("", |at| &rest[at..]),
        None => url,
    });
    let path = path.or_else(|| description["basePath"].as_str());
    path.unwrap_or_default().trim_end_matches('/')
}

/// Whether two templates are the same but for the names of placeholders and what stands before them (a base path).
fn same_path(row: &str, documented: &str) -> bool {
    let segments = |path: &str| -> Vec<String> {
        path.split('/')
            .filter(|segment| !segment.is_empty())
            .map(|segment| match segment.starts_with('{') {
                true => "{}".to_owned(),
                false => segment.to_owned(),
            })
            .collect()
    };
    let (row, documented) = (segments(row), segments(documented));
    !documented.is_empty() && row.ends_with(&documented) && row.len() - documented.len() <= 1
}

/// The parameters of an operation and of its path.
fn parameters<'a>(builder: &Builder<'a>, item: &'a Value, operation: &'a Value) -> Vec<&'a Value> {
    [item, operation]
        .into_iter()
        .flat_map(|place| place["parameters"].as_array().into_iter().flatten())
        .map(|parameter| builder.resolve(parameter))
        .collect()
}

/// The schema of a body or answer: below its JSON type, or (Swagger 2) directly.
fn schema_of(place: &Value) -> Option<(&Value, Option<&Value>)> {
    let content = place["content"].as_object();
    let json = content
        .into_iter()
        .flatten()
        .find(|(media, _)| media.contains("json"));
    match json {
        Some((_, json)) => Some((&json["schema"], Some(json))),
        None => place.get("schema").map(|schema| (schema, None)),
    }
}

fn request(
    drift: &mut Drift,
    builder: &Builder<'_>,
    row: &Endpoint,
    dispatch: &Dispatch,
    operation: &Value,
    parameters: &[&Value],
) {
    let stated = builder.resolve(&operation["requestBody"]);
    let body = parameters.iter().find(|it| it["in"] == "body").copied();
    let form = form(parameters);
    let schema = match &form {
        Some(form) => Some(form),
        None => schema_of(body.unwrap_or(stated)).map(|(schema, _)| schema),
    };
    let argument = dispatch.argument("body").or(dispatch.argument("form"));
    match (schema, argument) {
        (Some(schema), Some(through)) => {
            for instance in builder.instances(schema) {
                let instance = match row.body_envelope {
                    Some(key) => instance[key].clone(),
                    None => instance,
                };
                drift.requests += 1;
                sent(drift, row, "body", &instance, through(&instance));
            }
        }
        (Some(_), None) => {
            let others = ["text", "yaml"];
            if !others.iter().any(|name| dispatch.argument(name).is_some()) {
                drift.add(Kind::Changed, row.operation, "body", "takes a body now");
            }
        }
        (None, Some(_)) => drift.add(Kind::Changed, row.operation, "body", "takes no body"),
        (None, None) => {}
    }

    let paging = |name: &str| dispatch.pages && ["page", row.per_page, "cursor"].contains(&name);
    let mut query = Map::new();
    for parameter in parameters.iter().filter(|it| it["in"] == "query") {
        let name = parameter["name"].as_str().unwrap_or_default();
        if paging(name) {
            continue;
        }
        // Swagger 2 has the schema in the parameter itself.
        let schema = parameter.get("schema").unwrap_or(parameter);
        let value = parameter.get("example").cloned();
        let value = value
            .or_else(|| builder.full(schema))
            .unwrap_or(json!("text"));
        match value {
            Value::Object(fields) => query.extend(
                fields
                    .into_iter()
                    .map(|(field, value)| (format!("{name}[{field}]"), value)),
            ),
            value => drop(query.insert(name.to_owned(), value)),
        }
    }
    if query.is_empty() {
        return;
    }
    match dispatch.argument("query") {
        Some(through) => {
            drift.requests += 1;
            let query = Value::Object(query);
            let read = through(&query).map(|read| read.map(|read| named(&query, read)));
            sent(drift, row, "query", &query, read);
        }
        None => {
            for name in query.keys() {
                let place = format!("query $.{name}");
                drift.add(Kind::Unsendable, row.operation, &place, "is new");
            }
        }
    }
}

/// A query that was read as pairs, as the object that it was.
fn named(query: &Value, read: Value) -> Value {
    let Ok(pairs) = Vec::<(String, Value)>::deserialize(&read) else {
        return read;
    };
    let pairs = pairs.into_iter().map(|(name, value)| {
        let many = query[&name].is_array();
        (name, if many { json!([value]) } else { value })
    });
    pairs.collect()
}

/// Swagger 2 has the fields of a form among the parameters. One with a file is not built.
fn form(parameters: &[&Value]) -> Option<Value> {
    let fields = || parameters.iter().filter(|it| it["in"] == "formData");
    let has_file = fields().any(|it| it["type"] == "file");
    let fields: Map<_, _> = fields()
        .filter_map(|it| Some((it["name"].as_str()?.to_owned(), (*it).clone())))
        .collect();
    let is_form = !fields.is_empty() && !has_file;
    is_form.then(|| json!({"type": "object", "properties": fields}))
}

/// What became of an instance of a body or query.
fn sent(
    drift: &mut Drift,
    row: &Endpoint,
    place: &str,
    instance: &Value,
    through: Option<serde_json::Result<Value>>,
) {
    match through {
        Some(Ok(sent)) => {
            for (path, text) in compare::lost(instance, &sent) {
                drift.add(
                    Kind::Unsendable,
                    row.operation,
                    &format!("{place} {path}"),
                    text,
                );
            }
        }
        Some(Err(error)) => {
            drift.add(Kind::Unsendable, row.operation, place, error.to_string());
        }
        None => drift.add(
            Kind::Unchecked,
            row.operation,
            place,
            "its type is not read",
        ),
    }
}

fn answers(
    drift: &mut Drift,
    builder: &Builder<'_>,
    row: &'static Endpoint,
    dispatch: &Dispatch,
    operation: &Value,
) {
    let answers = operation["responses"].as_object();
    for (code, answer) in answers.into_iter().flatten() {
        let Ok(status) = code.parse() else { continue };
        if !row.succeeds_with(status) {
            continue;
        }
        let answer = builder.resolve(answer);
        let mut bodies = Vec::new();
        match schema_of(answer) {
            Some((schema, media)) => {
                bodies.extend(media.into_iter().flat_map(build::examples));
                bodies.extend(builder.instances(schema));
            }
            None => bodies.push(Value::Null),
        }
        for body in bodies {
            drift.answers += 1;
            read(drift, row, dispatch, code, status, &body);
        }
    }
}

fn read(
    drift: &mut Drift,
    row: &'static Endpoint,
    dispatch: &Dispatch,
    code: &str,
    status: u16,
    body: &Value,
) {
    let Ok(status) = StatusCode::from_u16(status) else {
        return;
    };
    let text = match body {
        Value::Null => String::new(),
        body => body.to_string(),
    };
    let response = RawResponse::new(row, status, HeaderMap::new(), text);
    let undescribed = body.is_null();
    match (dispatch.read)(&response) {
        Ok(Some(read)) => {
            let wanted = match row.envelope {
                Some(key) => match body.get(key) {
                    Some(inner) => row.nested.and_then(|list| inner.get(list)).unwrap_or(inner),
                    // Nothing is in it.
                    None => return,
                },
                None => body,
            };
            // A text that has no JSON is read as it is.
            if matches!((&read, wanted), (Value::String(_), Value::Null)) {
                return;
            }
            for (path, text) in compare::lost(wanted, &read) {
                drift.add(
                    Kind::Dropped,
                    row.operation,
                    &format!("{code} {path}"),
                    text,
                );
            }
        }
        Ok(None) if undescribed => {}
        Ok(None) => drift.add(
            Kind::Unchecked,
            row.operation,
            code,
            "its type is not written",
        ),
        Err(_) if undescribed => {
            let text = "its answer is not described";
            drift.add(Kind::Unchecked, row.operation, code, text);
        }
        Err(error) => {
            let (at, text) = why(&error);
            drift.add(
                Kind::Undecodable,
                row.operation,
                &format!("{code} {at}"),
                text,
            );
        }
    }
}

/// Where in the answer an error is, and what it says.
fn why(error: &dyn std::error::Error) -> (String, String) {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    let text = last.to_string();
    let at = text
        .rsplit_once("(at ")
        .and_then(|(_, at)| at.strip_suffix(')'));
    (at.unwrap_or("$").to_owned(), text.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_may_be_called_otherwise() {
        assert!(same_path("/v1/apps/{app}", "/v1/apps/{app_name}"));
        assert!(same_path("/v1/apps/{app}", "/apps/{name}"));
        assert!(!same_path("/v1/apps/{app}", "/apps"));
        assert!(!same_path("/apps", "/v1/apps"));
    }
}
