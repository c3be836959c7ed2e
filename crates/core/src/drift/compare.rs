//! What is lost of a JSON on its way through a type.

use serde_json::Value;

use crate::Time;

/// Every value of `wanted` that `got` lacks: its path, and what happened to it.
pub(super) fn lost(wanted: &Value, got: &Value) -> Vec<(String, String)> {
    let mut found = Vec::new();
    compare(wanted, got, "$", &mut found);
    found
}

fn compare(wanted: &Value, got: &Value, path: &str, found: &mut Vec<(String, String)>) {
    match (wanted, got) {
        (Value::Object(wanted), Value::Object(got)) => {
            for (key, value) in wanted {
                let path = format!("{path}.{key}");
                // A model may read several spellings of a key, and writes one.
                let same = |(name, _): &(&String, &Value)| plain(name) == plain(key);
                let spelled_so = got.get(key);
                match spelled_so.or_else(|| got.iter().find(same).map(|(_, got)| got)) {
                    Some(got) => compare(value, got, &path, found),
                    None if is_empty(value) => {}
                    None => found.push((path, "is lost".to_owned())),
                }
            }
        }
        (Value::Array(wanted), Value::Array(got)) if wanted.len() == got.len() => {
            for (wanted, got) in wanted.iter().zip(got) {
                compare(wanted, got, &format!("{path}[]"), found);
            }
        }
        (wanted, _) if is_empty(wanted) => {}
        (wanted, Value::Null) => found.push((path.to_owned(), format!("{wanted} is lost"))),
        (wanted, got) if same(wanted, got) => {}
        _ => found.push((path.to_owned(), format!("{wanted} became {got}"))),
    }
}

/// A key without case and separators.
fn plain(key: &str) -> String {
    let letters = key.chars().filter(char::is_ascii_alphanumeric);
    letters.collect::<String>().to_ascii_lowercase()
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
fn same(wanted: &Value, got: &Value) -> bool {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    if wanted == got || text(wanted) == text(got) {
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::lost;

    #[test]
    fn tells_what_is_lost_and_where() {
        let wanted = json!({"a": [{"b": 1, "c": null}], "d": "1", "e": {"f": []}, "g": 2});
        let paths = |got| -> Vec<_> { lost(&wanted, &got).into_iter().map(|it| it.0).collect() };
        assert!(paths(json!({"a": [{"b": 1.0}], "d": 1, "G_": 2, "more": 1})).is_empty());
        assert_eq!(
            paths(json!({"a": [{}], "d": "2"})),
            ["$.a[].b", "$.d", "$.g"]
        );
        assert_eq!(paths(json!(null)), ["$"]);
    }
}
