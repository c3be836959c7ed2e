//! Places where servers run.

use deploykit_core::de;
use serde::{Deserialize, Serialize};

deploykit_core::request! {
    /// Which locations to list.
    pub struct LocationQuery {
        optional {
            /// Those with room for this application; the version is needed too.
            app: String,
            /// Those with room for this version.
            version: String,
            /// Those of this type.
            #[serde(rename = "type")]
            kind: String,
            /// Asks for the tags of each location.
            tags: bool,
        }
    }
    check |it| {
        if it.version.is_some() && it.app.is_none() {
            return super::refuse("app", "is missing: a version alone says nothing");
        }
        Ok(())
    }
}

/// A place where servers run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Location {
    /// City.
    pub city: Option<String>,
    /// Country.
    pub country: Option<String>,
    /// Continent.
    pub continent: Option<String>,
    /// State, province or the like.
    pub administrative_division: Option<String>,
    /// Time zone.
    pub timezone: Option<String>,
    /// Degrees north.
    pub latitude: Option<f64>,
    /// Degrees east.
    pub longitude: Option<f64>,
    /// Type of the location; not always sent.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Its tags, if they were asked for.
    #[serde(default, deserialize_with = "de::nullable")]
    pub tags: Vec<LocationTag>,
}

/// A tag of a location.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LocationTag {
    /// Name.
    #[serde(default, deserialize_with = "de::nullable")]
    pub key: String,
    /// Value; empty if it has none.
    #[serde(default, deserialize_with = "de::nullable")]
    pub value: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_odd_tag_does_not_cost_the_location() {
        let odd = r#"{"city":"Montreal","tags":[{"key":"tier","value":null},{"key":"only"}]}"#;
        let location: Location = serde_json::from_str(odd).unwrap();
        let keys: Vec<_> = location.tags.iter().map(|tag| &*tag.key).collect();
        assert_eq!(keys, ["tier", "only"]);
    }
}
