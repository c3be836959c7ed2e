//! What a request carries: JSON, a form in Go's dialect, or a form with files.

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
            input.read_parts(request.body(), boundary.trim_matches('"'));
        } else {
            for (name, value) in request.form() {
                input.set(&name, &value);
            }
        }
        Ok(input)
    }

    fn read_parts(&mut self, body: &[u8], boundary: &str) {
        // A character a byte, so that what is no text keeps its size.
        let body: String = body.iter().map(|byte| char::from(*byte)).collect();
        let decoded = |text: &str| {
            let bytes: Vec<u8> = text
                .chars()
                .filter_map(|byte| u8::try_from(byte).ok())
                .collect();
            String::from_utf8_lossy(&bytes).into_owned()
        };
        for part in body.split(&format!("--{boundary}")) {
            let Some((head, content)) = part.split_once("\r\n\r\n") else {
                continue;
            };
            let content = content.strip_suffix("\r\n").unwrap_or(content);
            let name = head
                .split("name=\"")
                .nth(1)
                .and_then(|rest| rest.split('"').next());
            match name {
                Some("file") if head.contains("filename=") => {
                    self.file = Some(content.chars().count())
                }
                Some(name) => self.set(name, &decoded(content)),
                None => {}
            }
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
        input.read_parts(&body, "b");
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
