//! Instances of a schema.

use std::cell::Cell;

use serde_json::{Map, Value, json};

/// How many instances of a schema are built at the most, to meet all alternatives.
const MOST: usize = 64;

/// How deep instances are; below, what may be missing is left out.
const DEEPEST: usize = 12;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fill {
    /// What is required, with nothing in lists.
    Minimal,
    /// Everything, with the n-th of all alternatives.
    Full(usize),
    /// Everything, and `null` where that may be.
    Nulls,
}

/// Builds instances of a description's schemas.
pub(super) struct Builder<'a> {
    description: &'a Value,
    /// The most alternatives that were met at one place.
    alternatives: Cell<usize>,
}

impl<'a> Builder<'a> {
    pub(super) fn new(description: &'a Value) -> Self {
        Self {
            description,
            alternatives: Cell::new(1),
        }
    }

    /// What a `$ref` names; else the value itself.
    pub(super) fn resolve<'v>(&self, value: &'v Value) -> &'v Value
    where
        'a: 'v,
    {
        let mut value: &'v Value = value;
        for _ in 0..DEEPEST {
            let Some(name) = value["$ref"].as_str() else {
                break;
            };
            let target = name
                .strip_prefix('#')
                .and_then(|at| self.description.pointer(at));
            match target {
                Some(target) => value = target,
                None => break,
            }
        }
        value
    }

    /// A minimal instance, one with nulls, and full ones until every alternative and enumerated value was there.
    pub(super) fn instances(&self, schema: &Value) -> Vec<Value> {
        let mut all = Vec::new();
        all.extend(self.build(schema, Fill::Minimal, &mut Vec::new()));
        all.extend(self.build(schema, Fill::Nulls, &mut Vec::new()));
        self.alternatives.set(1);
        let mut choice = 0;
        while choice < self.alternatives.get().min(MOST) {
            all.extend(self.build(schema, Fill::Full(choice), &mut Vec::new()));
            choice += 1;
        }
        all.dedup();
        all
    }

    /// The first full instance.
    pub(super) fn full(&self, schema: &Value) -> Option<Value> {
        self.build(schema, Fill::Full(0), &mut Vec::new())
    }

    /// An instance; `None` where it would have itself inside.
    fn build(&self, schema: &Value, fill: Fill, above: &mut Vec<String>) -> Option<Value> {
        let Some(name) = schema["$ref"].as_str() else {
            return self.value(schema, fill, above);
        };
        if above.iter().any(|it| it == name) || above.len() > DEEPEST {
            return None;
        }
        above.push(name.to_owned());
        let value = self.build(self.resolve(schema), fill, above);
        above.pop();
        value
    }

    fn value(&self, schema: &Value, fill: Fill, above: &mut Vec<String>) -> Option<Value> {
        if fill == Fill::Nulls && schema["nullable"] == true && !above.is_empty() {
            return Some(Value::Null);
        }
        if let Some(parts) = schema["allOf"].as_array() {
            let mut whole = Map::new();
            for part in parts {
                match self.build(part, fill, above)? {
                    Value::Object(fields) => whole.extend(fields),
                    Value::Null => return Some(Value::Null),
                    other => return Some(other),
                }
            }
            whole.extend(self.fields(schema, fill, above)?);
            return Some(Value::Object(whole));
        }
        for key in ["oneOf", "anyOf"] {
            if let Some(parts) = schema[key].as_array().filter(|parts| !parts.is_empty()) {
                return self.build(self.pick(parts, fill), fill, above);
            }
        }
        if let Some(values) = schema["enum"]
            .as_array()
            .filter(|values| !values.is_empty())
        {
            return match (fill, schema.get("example")) {
                (Fill::Full(0) | Fill::Minimal | Fill::Nulls, Some(example)) => {
                    self.pick(values, fill);
                    Some(example.clone())
                }
                _ => Some(self.pick(values, fill).clone()),
            };
        }
        if schema.get("properties").is_some() {
            return self.fields(schema, fill, above).map(Value::Object);
        }
        if let Some(items) = schema.get("items") {
            if let (None, Some(Value::Array(example))) = (items.get("$ref"), schema.get("example"))
            {
                return Some(Value::Array(example.clone()));
            }
            let item = match fill {
                Fill::Minimal => None,
                _ => self.item(items, fill, above),
            };
            return Some(item.into_iter().collect());
        }
        let example = schema.get("example").or_else(|| schema.get("default"));
        match example {
            None | Some(Value::Null) => {}
            // Descriptions give numbers as examples of texts: what the type says is meant.
            Some(Value::Number(number)) if type_of(schema) == "string" => {
                return Some(number.to_string().into());
            }
            Some(example) => return Some(example.clone()),
        }
        let kind = match type_of(schema) {
            "" if schema["additionalProperties"].is_object() => "object",
            kind => kind,
        };
        Some(match kind {
            "object" => match &schema["additionalProperties"] {
                Value::Object(_) if fill != Fill::Minimal => {
                    json!({"key": self.build(&schema["additionalProperties"], fill, above)?})
                }
                _ => json!({}),
            },
            "array" => json!([]),
            "integer" => schema.get("minimum").cloned().unwrap_or(json!(1)),
            "number" => json!(1.5),
            "boolean" => json!(true),
            // Any value: what it is, only the service knows.
            "" => return None,
            _ => match schema["format"].as_str() {
                Some("date-time") => json!("2026-01-02T03:04:05Z"),
                Some("date") => json!("2026-01-02"),
                Some("uri" | "url") => json!("https://example.com/"),
                _ => json!("text"),
            },
        })
    }

    /// An item of a list, which is not `null` even if its type may be.
    fn item(&self, schema: &Value, fill: Fill, above: &mut Vec<String>) -> Option<Value> {
        let value = self.build(schema, fill, above)?;
        if !value.is_null() {
            return Some(value);
        }
        let name = schema["$ref"].as_str().unwrap_or_default();
        let mut schema = self.resolve(schema).clone();
        schema["nullable"] = Value::Bool(false);
        above.push(name.to_owned());
        let value = self.build(&schema, fill, above);
        above.pop();
        value
    }

    /// An enumeration beside alternatives often says which of them it is: where the alternative's name has one of
    /// the values in it, that value goes with it.
    fn pair(&self, properties: &Map<String, Value>, fill: Fill, fields: &mut Map<String, Value>) {
        let letters = |text: &str| -> String {
            let letters = text.chars().filter(|it| it.is_alphanumeric());
            letters.collect::<String>().to_lowercase()
        };
        for (name, property) in properties {
            let schema = self.resolve(property);
            let alternatives = schema.get("oneOf").or_else(|| schema.get("anyOf"));
            let Some(parts) = alternatives.and_then(Value::as_array) else {
                continue;
            };
            if !fields.get(name).is_some_and(Value::is_object) {
                continue;
            }
            let picked = self.pick(parts, fill)["$ref"].as_str().unwrap_or_default();
            let picked = letters(picked.rsplit('/').next().unwrap_or_default());
            for (name, property) in properties {
                let values = self.resolve(property)["enum"].as_array();
                let named = values
                    .into_iter()
                    .flatten()
                    .filter_map(Value::as_str)
                    .filter(|value| !value.is_empty() && picked.contains(&letters(value)))
                    .max_by_key(|value| value.len());
                if let (Some(named), Some(field)) = (named, fields.get_mut(name)) {
                    *field = named.into();
                }
            }
        }
    }

    fn fields(
        &self,
        schema: &Value,
        fill: Fill,
        above: &mut Vec<String>,
    ) -> Option<Map<String, Value>> {
        let required = |name: &str| {
            let names = schema["required"].as_array();
            names.is_some_and(|names| names.iter().any(|it| it == name))
        };
        let mut fields = Map::new();
        let properties = schema["properties"].as_object();
        for (name, property) in properties.into_iter().flatten() {
            if fill == Fill::Minimal && !required(name) {
                continue;
            }
            // What would have itself inside ends here, whether it is required or not.
            if let Some(value) = self.build(property, fill, above) {
                fields.insert(name.clone(), value);
            }
        }
        if let Some(properties) = properties {
            self.pair(properties, fill, &mut fields);
        }
        Some(fields)
    }

    fn pick<'v>(&self, from: &'v [Value], fill: Fill) -> &'v Value {
        self.alternatives
            .set(self.alternatives.get().max(from.len()));
        match fill {
            Fill::Full(choice) => &from[choice % from.len()],
            Fill::Minimal | Fill::Nulls => &from[0],
        }
    }
}

/// The examples that a media type has beside its schema.
pub(super) fn examples(media: &Value) -> Vec<Value> {
    let named = media["examples"].as_object().into_iter().flatten();
    media
        .get("example")
        .into_iter()
        .chain(named.filter_map(|(_, example)| example.get("value")))
        .cloned()
        .collect()
}

fn type_of(schema: &Value) -> &str {
    match &schema["type"] {
        Value::String(name) => name,
        Value::Array(names) => names
            .iter()
            .filter_map(Value::as_str)
            .find(|name| *name != "null")
            .unwrap_or_default(),
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn meets_every_alternative_and_ends() {
        let description = json!({"schemas": {
            "node": {"type": "object", "required": ["id"], "properties": {
                "id": {"type": "integer"},
                "kind": {"enum": ["a", "b", "c"]},
                "of": {"oneOf": [{"type": "string"}, {"type": "boolean"}]},
                "note": {"type": "string", "nullable": true, "example": "hm"},
                "parent": {"$ref": "#/schemas/node"},
                "children": {"type": "array", "items": {"$ref": "#/schemas/node"}},
            }},
        }});
        let builder = Builder::new(&description);
        assert_eq!(
            builder.instances(&json!({"$ref": "#/schemas/node"})),
            [
                json!({"id": 1}),
                json!({"id": 1, "kind": "a", "of": "text", "note": null, "children": []}),
                json!({"id": 1, "kind": "a", "of": "text", "note": "hm", "children": []}),
                json!({"id": 1, "kind": "b", "of": true, "note": "hm", "children": []}),
                json!({"id": 1, "kind": "c", "of": "text", "note": "hm", "children": []}),
            ]
        );
    }
}
