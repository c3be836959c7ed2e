//! The fields of a target: from configuration, or from the environment. Errors name the field.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::core::{Error, Result};

/// Fields that are read one after the other; what is left at the end is unknown.
#[derive(Debug)]
pub(super) struct Fields {
    values: BTreeMap<String, Value>,
    /// What stands before a name in the environment.
    prefix: &'static str,
    known: Vec<&'static str>,
}

impl Fields {
    pub(super) fn of_config(values: BTreeMap<String, Value>) -> Self {
        Self {
            values,
            prefix: "",
            known: Vec::new(),
        }
    }

    /// Those variables whose names begin so.
    pub(super) fn of_variables(
        variables: impl IntoIterator<Item = (String, String)>,
        prefix: &'static str,
    ) -> Self {
        let own = |(name, value): (String, String)| {
            let field = name.strip_prefix(prefix)?.to_ascii_lowercase();
            // As everywhere: a blank variable is not set.
            (!value.trim().is_empty()).then_some((field, Value::String(value)))
        };
        Self {
            values: variables.into_iter().filter_map(own).collect(),
            prefix,
            known: Vec::new(),
        }
    }

    /// An error that names the field as whoever set it knows it.
    pub(super) fn refuse(&self, field: &str, problem: impl std::fmt::Display) -> Error {
        match self.prefix {
            "" => Error::invalid_input(field, problem),
            prefix => {
                let name = [prefix, &field.to_ascii_uppercase()].concat();
                Error::invalid_input(&name, problem)
            }
        }
    }

    pub(super) fn text(&mut self, field: &'static str) -> Result<Option<String>> {
        self.known.push(field);
        match self.values.remove(field) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.trim().is_empty() => {
                Err(self.refuse(field, "is empty"))
            }
            Some(Value::String(text)) => Ok(Some(text)),
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            Some(_) => Err(self.refuse(field, "is no text")),
        }
    }

    pub(super) fn required(&mut self, field: &'static str) -> Result<String> {
        let text = self.text(field)?;
        text.ok_or_else(|| self.refuse(field, "is missing"))
    }

    pub(super) fn number(&mut self, field: &'static str) -> Result<Option<u64>> {
        let text = self.text(field)?;
        let number = |text: String| {
            let number = text.trim().parse();
            number.map_err(|_| self.refuse(field, "is no whole number from 0 on"))
        };
        text.map(number).transpose()
    }

    /// A list; as a text, what stands between white space.
    pub(super) fn list(&mut self, field: &'static str) -> Result<Vec<String>> {
        self.known.push(field);
        let items = match self.values.remove(field) {
            None | Some(Value::Null) => return Ok(Vec::new()),
            Some(Value::String(text)) => text.split_whitespace().map(str::to_owned).collect(),
            Some(Value::Array(items)) => items
                .into_iter()
                .map(|item| match item {
                    Value::String(text) => Ok(text),
                    Value::Number(number) => Ok(number.to_string()),
                    _ => Err(self.refuse(field, "has something that is no text")),
                })
                .collect::<Result<Vec<_>>>()?,
            Some(_) => return Err(self.refuse(field, "is no list")),
        };
        if items.iter().all(|item| item.trim().is_empty()) {
            return Err(self.refuse(field, "is empty"));
        }
        Ok(items)
    }

    /// Exactly one of these, or none if that is allowed: which, and its value.
    pub(super) fn one_of(
        &mut self,
        fields: &[&'static str],
        needed: bool,
    ) -> Result<Option<(&'static str, String)>> {
        let mut found = None;
        for field in fields {
            let Some(text) = self.text(field)? else {
                continue;
            };
            if let Some((other, _)) = found.replace((*field, text)) {
                return Err(self.refuse(field, format_args!("is set beside `{other}`")));
            }
        }
        match (found, fields) {
            (None, [first, ..]) if needed => {
                let problem = format!("is missing (one of {})", fields.join(", "));
                Err(self.refuse(first, problem))
            }
            (found, _) => Ok(found),
        }
    }

    /// Refuses what was not read.
    pub(super) fn finish(self, target: &str) -> Result<()> {
        match self.values.keys().next() {
            None => Ok(()),
            Some(unknown) => {
                let known = self.known.join(", ");
                let problem = format!("is no field of a target of {target} ({known})");
                Err(self.refuse(unknown, problem))
            }
        }
    }
}
