//! What a request carries: JSON, a form in Go's dialect, or a form with files.

use std::io::{self, BufRead, BufReader, Read as _};

use serde_json::{Map, Value};

use super::super::errors::{Refusal, refusal};
use crate::request::Request;

/// Fields in lower case: servers don't tell cases apart.
#[derive(Debug, Default)]
pub(super) struct Input {
    fields: Map<String, Value>,
    /// The body as it was sent, if it was JSON.
    pub(super) json: Value,
    /// Size of the file that came with it.
    pub(super) file: Option<usize>,
}

/// How much of a form is looked at at once.
const LINE: u64 = 64 * 1024;

/// How much of a field is kept.
const FIELD: usize = 1024 * 1024;

/// A part of a form with files.
#[derive(Default)]
struct Part {
    head: Vec<u8>,
    content: Vec<u8>,
    /// Bytes of the content, kept or not, with the line's end after it.
    size: usize,
    in_content: bool,
    is_file: bool,
}

impl Part {
    fn add(&mut self, line: &[u8]) {
        match (self.in_content, line) {
            (false, b"\r\n") => {
                self.in_content = true;
                self.is_file = String::from_utf8_lossy(&self.head).contains("filename=");
            }
            (false, _) => self.head.extend(line.iter().take(FIELD - self.head.len())),
            (true, _) => {
                self.size += line.len();
                if !self.is_file {
                    let room = FIELD - self.content.len();
                    self.content.extend(line.iter().take(room));
                }
            }
        }
    }
}

impl Input {
    pub(super) fn read(request: &Request) -> Result<Self, Refusal> {
        let mut input = Self::default();
        for (name, value) in request.queries() {
            input.set(name, value);
        }
        let content_type = request.header("content-type").unwrap_or_default();
        if content_type.starts_with("application/json") && !request.body().is_empty() {
            input.json = request
                .json()
                .map_err(|error| refusal(400, format!("unable to parse as json: {error}")))?;
            if let Value::Object(fields) = lower(&input.json) {
                input.fields.extend(fields);
            }
        } else if let Some((_, boundary)) = content_type.split_once("boundary=") {
            let mut body = BufReader::new(request.content().reader());
            let read = input.read_parts(&mut body, boundary.trim_matches('"'));
            read.map_err(|error| refusal(500, error.to_string()))?;
        } else {
            for (name, value) in request.form() {
                input.set(&name, &value);
            }
        }
        Ok(input)
    }

    /// Reads a form with files piece by piece: of a file, only the size is kept.
    fn read_parts(&mut self, body: &mut dyn BufRead, boundary: &str) -> io::Result<()> {
        let delimiter = format!("--{boundary}").into_bytes();
        let mut part = Part::default();
        let mut line = Vec::new();
        let mut at_start = true;
        loop {
            line.clear();
            body.take(LINE).read_until(b'\n', &mut line)?;
            if line.is_empty() {
                return Ok(());
            }
            if at_start && line.starts_with(&delimiter) {
                self.take(std::mem::take(&mut part));
            } else {
                part.add(&line);
            }
            at_start = line.ends_with(b"\n");
        }
    }

    fn take(&mut self, part: Part) {
        // The line's end before the boundary belongs to it.
        let content = part.content.strip_suffix(b"\r\n").unwrap_or(&part.content);
        let head = String::from_utf8_lossy(&part.head);
        let name = head.split("name=\"").nth(1);
        match name.and_then(|rest| rest.split('"').next()) {
            Some("file") if part.is_file => self.file = Some(part.size.saturating_sub(2)),
            Some(name) => self.set(name, &String::from_utf8_lossy(content)),
            None => {}
        }
    }

    /// A form field, `Envs.0.Name` style; one that comes again makes a list.
    fn set(&mut self, name: &str, value: &str) {
        let name = name.to_lowercase();
        let mut parts = name.split('.').peekable();
        let Some(first) = parts.next() else { return };
        let mut at = self.fields.entry(first).or_insert(Value::Null);
        for part in parts {
            at = match part.parse::<usize>() {
                Ok(index) if index < 1000 => {
                    if !at.is_array() {
                        *at = Value::Array(Vec::new());
                    }
                    let Value::Array(list) = at else { return };
                    if list.len() <= index {
                        list.resize(index + 1, Value::Null);
                    }
                    &mut list[index]
                }
                _ => {
                    if !at.is_object() {
                        *at = Value::Object(Map::new());
                    }
                    &mut at[part]
                }
            };
        }
        *at = match at.take() {
            Value::Null => value.into(),
            Value::Array(mut list) => {
                list.push(value.into());
                list.into()
            }
            first => Value::Array(vec![first, value.into()]),
        };
    }

    pub(super) fn get(&self, name: &str) -> &Value {
        self.fields.get(name).unwrap_or(&Value::Null)
    }

    pub(super) fn text(&self, name: &str) -> String {
        text(self.get(name))
    }

    pub(super) fn texts(&self, name: &str) -> Vec<String> {
        match self.get(name) {
            Value::Null => Vec::new(),
            Value::Array(list) => list.iter().map(text).collect(),
            one => vec![text(one)],
        }
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        matches!(self.text(name).as_str(), "true" | "1")
    }

    pub(super) fn number(&self, name: &str) -> Option<i64> {
        self.text(name).parse().ok()
    }

    /// A text that must be there.
    pub(super) fn required(&self, name: &str) -> Result<String, Refusal> {
        match self.text(name) {
            text if text.is_empty() => Err(refusal(400, format!("You must provide the {name}"))),
            text => Ok(text),
        }
    }
}

pub(super) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Array(list) => list.first().map(text).unwrap_or_default(),
        other => other.to_string(),
    }
}

fn lower(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| (name.to_lowercase(), lower(value)))
            .collect(),
        Value::Array(list) => list.iter().map(lower).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_keeps_its_size() {
        let mut body =
            b"--b\r\nContent-Disposition: form-data; name=\"message\"\r\n\r\n\xc3\xa9\r\n--b\r\n\
            Content-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n"
                .to_vec();
        body.extend([0x1f, 0x8b, 0xff]);
        body.extend(b"\r\n--b--\r\n");
        let mut input = Input::default();
        input.read_parts(&mut body.as_slice(), "b").unwrap();
        assert_eq!(
            (input.file, input.text("message")),
            (Some(3), "é".to_owned())
        );
    }

    #[test]
    fn gos_dialect_of_forms_is_read() {
        let mut input = Input::default();
        for (name, value) in [
            ("Envs.0.Name", "A"),
            ("Envs.0.Value", "1"),
            ("Envs.1.Name", "B"),
            ("Plan.Memory", "64"),
            ("tag", "x"),
            ("tag", "y"),
        ] {
            input.set(name, value);
        }
        assert_eq!(input.get("envs")[1]["name"], "B");
        assert_eq!(input.get("plan")["memory"], "64");
        assert_eq!(input.texts("tag"), ["x", "y"]);
    }
}
