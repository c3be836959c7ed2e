//! Places where servers run.

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

deploykit_core::model! {
    /// A place where servers run.
    pub struct Location {
        /// City.
        city: Option<String>,
        /// Country.
        country: Option<String>,
        /// Continent.
        continent: Option<String>,
        /// State, province or the like.
        administrative_division: Option<String>,
        /// Time zone.
        timezone: Option<String>,
        /// Degrees north.
        latitude: Option<f64>,
        /// Degrees east.
        longitude: Option<f64>,
        /// Type of the location; not always sent.
        kind = "type": Option<String>,
        /// Its tags, if they were asked for.
        tags: Vec<LocationTag>,
    }
}

deploykit_core::model! {
    /// A tag of a location.
    pub struct LocationTag {
        /// Name.
        key: String,
        /// Value; empty if it has none.
        value: String,
    }
}

deploykit_core::model! {
    /// A place that players measure their latency to.
    pub struct LocationBeacon {
        required {
            /// Its address.
            host: String,
        }
        /// Its name.
        fqdn: Option<String>,
        /// Port for UDP.
        udp_port: Option<u32> as crate::read::port,
        /// Port for TCP.
        tcp_port: Option<u32> as crate::read::port,
        /// Where it is.
        location: Option<Location>,
    }
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
