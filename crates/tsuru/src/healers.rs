//! Healers.

use std::fmt;

use deploykit_core::{endpoints, id};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::Done;

id! {
    /// A healer, by name.
    pub struct HealerName(String);
}

endpoints! {
    /// Healers: what a server can repair by itself. Servers up to 0.8 have them.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::tsuru().start().await?;
    /// # let tsuru = deploykit_tsuru::Client::builder().target(sandbox.base_url()).token(sandbox.token()).build()?;
    /// for healer in tsuru.healers().list().await? {
    ///     tsuru.healers().execute(healer.name).await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub struct Healers;

    /// Lists the healers and where they are called.
    listHealers: GET "/healers" => list() -> Vec<Healer> via HealerMap [empty_means("{}")];

    /// Lets a healer repair what it can.
    /// It acts although it is a GET, and is never repeated by itself. A server doesn't survive the name of a
    /// healer that it doesn't have: it breaks the connection, or answers with a failure.
    executeHealer: GET "/healers/{healer}" => execute(healer: HealerName) -> Done
        [acts, accept("text/plain")];
}

/// A healer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Healer {
    /// Its name.
    pub name: HealerName,
    /// Where it is called: a path on the server, or an address.
    pub url: String,
}

/// Healers by name: one object, a list of objects, or null.
struct HealerMap(Vec<Healer>);

impl From<HealerMap> for Vec<Healer> {
    fn from(map: HealerMap) -> Self {
        map.0
    }
}

impl<'de> Deserialize<'de> for HealerMap {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct HealersVisitor;

        impl<'de> Visitor<'de> for HealersVisitor {
            type Value = HealerMap;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of healers, a list of such objects, or null")
            }

            fn visit_unit<E>(self) -> Result<HealerMap, E> {
                Ok(HealerMap(Vec::new()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<HealerMap, A::Error> {
                let mut healers = Vec::new();
                while let Some(HealerMap(more)) = seq.next_element()? {
                    healers.extend(more);
                }
                Ok(HealerMap(healers))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<HealerMap, A::Error> {
                let mut healers = Vec::new();
                while let Some((name, url)) = map.next_entry()? {
                    let url = Option::<String>::unwrap_or_default(url);
                    healers.push(Healer { name, url });
                }
                Ok(HealerMap(healers))
            }
        }

        deserializer.deserialize_any(HealersVisitor)
    }
}
