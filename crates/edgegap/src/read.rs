//! Readers for values that come in several shapes.

use std::collections::{BTreeMap, HashSet};

use deploykit_core::{Pages, Result as Answer, Secret, de};
use futures::stream::{self, BoxStream, StreamExt as _, TryStreamExt as _};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// Reads a map by name; null and the empty list, which some servers write for "none", are empty. What is null in it
/// is left out.
pub(crate) fn by_name<'de, D, T>(deserializer: D) -> Result<BTreeMap<String, T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let map: Option<BTreeMap<String, Option<T>>> = de::object(deserializer)?;
    let entries = map.unwrap_or_default().into_iter();
    Ok(entries
        .filter_map(|(name, value)| Some((name, value?)))
        .collect())
}

/// Reads a port that may come as text; what is no such number is `None`.
pub(crate) fn port<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<i64>,
{
    Ok(de::number(deserializer)?.and_then(|number| T::try_from(number).ok()))
}

/// Reads a text that may come as a number or a flag.
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Null => None,
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
    })
}

/// Reads what only adds to an answer: `None` if it is none of that.
pub(crate) fn if_possible<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let value = Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(value).unwrap_or_default())
}

/// Reads a secret that may come as a number.
pub(crate) fn optional_secret<'de, D>(deserializer: D) -> Result<Option<Secret>, D::Error>
where
    D: Deserializer<'de>,
{
    Ok(text(deserializer)?.map(Secret::from))
}

/// As [`optional_secret`], but there must be one.
pub(crate) fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
    optional_secret(deserializer)?.ok_or_else(|| D::Error::custom("is null"))
}

/// All items of a list that does not tell how many pages it has: until a page brings nothing new.
pub(crate) fn until_empty<T: Send + 'static>(
    fetch: impl Fn(u64) -> Pages<T> + Send + 'static,
    key: fn(&T) -> String,
) -> BoxStream<'static, Answer<T>> {
    let start = (1, HashSet::new(), fetch);
    let pages = stream::try_unfold(start, move |(number, mut seen, fetch)| async move {
        let mut items = fetch(number).await?.items;
        items.retain(|item| seen.insert(key(item)));
        if items.is_empty() {
            return Ok::<_, deploykit_core::Error>(None);
        }
        Ok(Some((
            stream::iter(items.into_iter().map(Ok)),
            (number + 1, seen, fetch),
        )))
    });
    pages.try_flatten().boxed()
}
