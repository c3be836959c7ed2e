//! The documented rules of a request's body: required fields, types, enumerations and bounds.

use serde_json::Value;

use super::errors::Invalid;

/// Checks a body, or an object in it that stands at `prefix`.
pub(super) fn fields(rules: &[Value], body: &Value, prefix: &str, invalid: &mut Invalid) {
    for rule in rules {
        let name = rule["name"].as_str().unwrap_or_default();
        let path = match prefix {
            "" => name.to_owned(),
            prefix => format!("{prefix}.{name}"),
        };
        let said = path.replace(['_', '.'], " ");
        match body.get(name) {
            Some(value) if !value.is_null() => field(rule, value, &path, &said, invalid),
            given => {
                let may_be_null = given.is_some() && rule["nullable"] == true;
                if rule["required"] == true && !may_be_null {
                    invalid.add(&path, format!("The {said} field is required."));
                }
            }
        }
    }
}

fn field(rule: &Value, value: &Value, path: &str, said: &str, invalid: &mut Invalid) {
    let kind = rule["type"].as_str().unwrap_or("any");
    if !is(kind, value) {
        let kind = if kind == "id" { "string" } else { kind };
        let article = if kind.starts_with(['a', 'i', 'o']) {
            "an"
        } else {
            "a"
        };
        invalid.add(path, format!("The {said} must be {article} {kind}."));
        return;
    }
    if rule["required"] == true && value == "" {
        invalid.add(path, format!("The {said} field is required."));
        return;
    }
    if let Some(values) = rule["one_of"].as_array()
        && !values.contains(value)
    {
        invalid.add(path, format!("The selected {said} is invalid."));
    }
    bounds(rule, value, path, said, invalid);
    if let Some(nested) = rule["fields"].as_array() {
        fields(nested, value, path, invalid);
    }
}

fn is(kind: &str, value: &Value) -> bool {
    match kind {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        // Documented as a string, with a number as the example.
        "id" => value.is_string() || value.is_u64(),
        _ => true,
    }
}

/// Bounds are those of a number's value or of a text's length.
fn bounds(rule: &Value, value: &Value, path: &str, said: &str, invalid: &mut Invalid) {
    let (size, unit) = match value {
        Value::String(text) => (text.chars().count() as i64, " characters"),
        Value::Number(number) => (number.as_i64().unwrap_or(i64::MAX), ""),
        _ => return,
    };
    if let Some(least) = rule["least"].as_i64()
        && size < least
    {
        invalid.add(path, format!("The {said} must be at least {least}{unit}."));
    }
    if let Some(most) = rule["most"].as_i64()
        && size > most
    {
        invalid.add(
            path,
            format!("The {said} must not be greater than {most}{unit}."),
        );
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn problems(rules: Value, body: Value) -> Value {
        let mut invalid = Invalid::default();
        fields(rules.as_array().unwrap(), &body, "", &mut invalid);
        let shown = format!("{invalid:?}");
        match invalid.check() {
            Ok(()) => json!(null),
            Err(_) => json!(shown),
        }
    }

    #[test]
    fn each_rule_refuses_and_admits() {
        let rules = json!([
            {"name": "name", "type": "string", "required": true, "least": 3, "most": 5},
            {"name": "port", "type": "integer", "least": 22, "most": 65535},
            {"name": "kind", "type": "string", "one_of": ["a", "b"]},
            {"name": "left", "type": "string", "required": true, "nullable": true},
            {"name": "in", "type": "object", "fields": [{"name": "deep", "required": true}]},
        ]);
        let good =
            json!({"name": "name", "port": 22, "kind": "b", "left": null, "in": {"deep": 1}});
        assert_eq!(problems(rules.clone(), good.clone()), json!(null));
        for (field, value, said) in [
            ("name", json!(""), "The name field is required."),
            ("name", json!(7), "The name must be a string."),
            ("name", json!("ab"), "at least 3 characters"),
            ("name", json!("abcdef"), "greater than 5 characters"),
            ("port", json!(21), "at least 22."),
            ("port", json!(1.5), "an integer"),
            ("kind", json!("c"), "The selected kind is invalid."),
            ("in", json!({}), "in.deep"),
        ] {
            let mut bad = good.clone();
            bad[field] = value;
            let told = problems(rules.clone(), bad);
            assert!(
                told.as_str().is_some_and(|told| told.contains(said)),
                "{field}: {told}"
            );
        }
    }
}
