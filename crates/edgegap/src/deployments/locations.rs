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
    pub key: String,
    /// Value.
    pub value: String,
}
