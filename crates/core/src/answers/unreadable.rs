//! Items of a list that could not be read, told one by one.

use std::fmt;

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::answers::json::{self, Beside, DecodeError};

/// An item of a list that could not be read: it lacks what identifies it, or a value is of another type.
///
/// `Display` says which one and why, without its values.
#[derive(Clone, PartialEq, Eq)]
pub struct Unreadable {
    index: usize,
    problem: String,
    json: String,
}

impl Unreadable {
    /// Its place in the list, from zero.
    pub fn index(&self) -> usize {
        self.index
    }

    /// The item as it came, which may hold secrets. It is in neither `Display` nor `Debug`.
    pub fn json(&self) -> &str {
        &self.json
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "item {} of the list: {}", self.index, self.problem)
    }
}

impl fmt::Debug for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Unreadable({self})")
    }
}

impl std::error::Error for Unreadable {}

/// The items that can be read, those that cannot, and what tells about pages beside them.
pub(crate) type List<T> = (Vec<T>, Vec<Unreadable>, Beside);

/// Decodes a list, under its key if it has one. Only if that fails its items are read one by one; not one that
/// can be read is a failure of the whole.
pub(crate) fn decode_list<T: DeserializeOwned>(
    body: &[u8],
    key: Option<&'static str>,
) -> Result<List<T>, DecodeError> {
    let failed = match whole(body, key) {
        Ok((items, beside)) => return Ok((items.unwrap_or_default(), Vec::new(), beside)),
        Err(failed) => failed,
    };
    let mut items = Vec::new();
    let mut take = |json: &str| json::decode(json.as_bytes()).map(|item| items.push(item));
    let (unreadable, beside) = one_by_one(body, key, failed, &mut take)?;
    Ok((items, unreadable, beside))
}

fn whole<T: DeserializeOwned>(
    body: &[u8],
    key: Option<&'static str>,
) -> Result<(Option<Vec<T>>, Beside), DecodeError> {
    match key {
        Some(key) => json::decode_list_under(body, key),
        None => json::decode(body).map(|items| (items, Beside::default())),
    }
}

/// All that does not depend on the type of the items.
fn one_by_one(
    body: &[u8],
    key: Option<&'static str>,
    failed: DecodeError,
    take: &mut dyn FnMut(&str) -> Result<(), DecodeError>,
) -> Result<(Vec<Unreadable>, Beside), DecodeError> {
    let Ok((Some(items), beside)) = whole::<Box<RawValue>>(body, key) else {
        return Err(failed); // It is no list.
    };
    let mut unreadable = Vec::new();
    for (index, item) in items.iter().enumerate() {
        if let Err(error) = take(item.get()) {
            let list = key.map_or_else(|| "$".to_owned(), |key| format!("$.{key}"));
            unreadable.push(Unreadable {
                index,
                problem: error.within(&format!("{list}[{index}]")),
                json: item.get().to_owned(),
            });
        }
    }
    if unreadable.len() == items.len() {
        return Err(failed);
    }
    Ok((unreadable, beside))
}

#[cfg(test)]
mod tests {
    use super::*;

    crate::model! {
        /// A thing.
        pub struct Thing {
            required {
                /// Id.
                id: u64,
            }
            /// Name.
            name: String,
        }
    }

    const ODD: &str = r#"[{"id": 1}, {"name": "canary"}, null, {"id": 4, "name": 7}, {"id": 5}]"#;

    #[test]
    fn odd_items_are_told_and_the_rest_is_read() {
        let plain = ODD.to_owned();
        let keyed = format!(r#"{{"total_count": 5, "data": {ODD}}}"#);
        for (body, key, list) in [(plain, None, "$"), (keyed, Some("data"), "$.data")] {
            let (items, odd, beside) = decode_list::<Thing>(body.as_bytes(), key).unwrap();
            assert_eq!(
                items.iter().map(|thing| thing.id).collect::<Vec<_>>(),
                [1, 5]
            );
            assert_eq!(beside.total, key.map(|_| 5));
            let told: Vec<_> = odd.iter().map(ToString::to_string).collect();
            let no_id = format!("item 1 of the list: missing field `id` (at {list}[1])");
            assert_eq!(told[0], no_id);
            assert!(told[1].starts_with("item 2 of the list: invalid type: null"));
            let no_text = format!("invalid type: integer, expected a string (at {list}[3].name)");
            assert!(told[2].ends_with(&no_text), "{}", told[2]);
            assert_eq!(odd[0].json(), r#"{"name": "canary"}"#);
            assert!(!format!("{odd:?}").contains("canary"));
        }
    }

    #[test]
    fn what_is_no_list_of_such_things_is_a_failure() {
        for body in [
            r#"[{"name": "x"}]"#,
            "[5, 6]",
            r#"{"id": 1}"#,
            r#"[{"id": 1}, {}"#,
        ] {
            let error = decode_list::<Thing>(body.as_bytes(), None).unwrap_err();
            assert!(error.to_string().contains("at line 1"), "{error}");
        }
        for body in ["[]", "null"] {
            assert!(
                decode_list::<Thing>(body.as_bytes(), None)
                    .unwrap()
                    .0
                    .is_empty()
            );
        }
    }
}
