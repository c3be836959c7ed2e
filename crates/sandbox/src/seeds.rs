//! What is to be in the stand-ins from the start, by service.

use std::path::Path;
use std::{fs, io};

use serde_json::{Map, Value};

/// Seeds by the name of their service: the JSON of a file, or what `POST /__sandbox/seed` takes.
///
/// ```
/// use deploykit_sandbox::Seeds;
///
/// let seeds = Seeds::parse(r#"{"scalingo": {"apps": [{"name": "my-app"}]}}"#).unwrap();
/// assert_eq!(seeds.services().collect::<Vec<_>>(), ["scalingo"]);
/// assert!(seeds.of("scalingo").is_some() && seeds.of("tsuru").is_none());
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seeds {
    by_service: Map<String, Value>,
}

impl Seeds {
    /// Reads a file.
    ///
    /// # Errors
    /// When it can't be read, or isn't a JSON object; the text names the file.
    pub fn read(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref();
        let named = |kind, problem: &dyn std::fmt::Display| {
            io::Error::new(kind, format!("{}: {problem}", path.display()))
        };
        let text = fs::read_to_string(path).map_err(|error| named(error.kind(), &error))?;
        Self::parse(&text).map_err(|problem| named(io::ErrorKind::InvalidData, &problem))
    }

    /// Reads a text.
    ///
    /// # Errors
    /// Says in words why it isn't a JSON object.
    pub fn parse(text: &str) -> Result<Self, String> {
        let value = serde_json::from_str(text).map_err(|problem| format!("no JSON: {problem}"))?;
        Self::new(value)
    }

    pub(crate) fn new(value: Value) -> Result<Self, String> {
        match value {
            Value::Object(by_service) => Ok(Self { by_service }),
            _ => Err(
                "seeds are an object with services as its names, such as {\"scalingo\": {\"apps\": []}}"
                    .to_owned(),
            ),
        }
    }

    /// What a service's [`Builder::seed`](crate::Builder::seed) takes.
    pub fn of(&self, service: &str) -> Option<&Value> {
        self.by_service.get(service)
    }

    /// The services that there are seeds for.
    pub fn services(&self) -> impl Iterator<Item = &str> {
        self.by_service.keys().map(String::as_str)
    }
}
