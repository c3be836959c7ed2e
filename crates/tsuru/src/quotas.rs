//! Quotas.

use std::fmt;

use deploykit_core::{Absent, endpoints, model};
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::UserEmail;

endpoints! {
    /// Quotas of users: how many apps they may have.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::tsuru().era(deploykit_sandbox::tsuru::Era::V0_2).start().await?;
    /// # let tsuru = deploykit_tsuru::Client::builder().target(sandbox.base_url()).token(sandbox.token()).build()?;
    /// let quota = tsuru.quotas().get("admin@example.com").await?;
    /// println!("{} apps, {:?} more", quota.items.count(), quota.available);
    /// # Ok(())
    /// # }
    /// ```
    pub struct Quotas;

    /// Gives the quota of a user.
    /// 404 if the user has none. Servers from 0.3 on don't have this route: see
    /// [`route_is_missing`](crate::route_is_missing).
    getQuotaInfoOfAnUser: GET "/quota/{user}" => get(user: UserEmail) -> UserQuota;
}

model! {
    /// The quota of a user.
    pub struct UserQuota {
        /// What the user has.
        items: QuotaItems,
        /// How many more the user may have.
        available: Option<i64>,
    }
}

/// What counts in a quota: the documented number, or the names that servers give.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum QuotaItems {
    /// How many there are.
    Count(u64),
    /// Their names.
    Names(Vec<String>),
}

impl QuotaItems {
    /// How many there are.
    pub fn count(&self) -> u64 {
        match self {
            Self::Count(count) => *count,
            Self::Names(names) => u64::try_from(names.len()).unwrap_or(u64::MAX),
        }
    }
}

impl Default for QuotaItems {
    fn default() -> Self {
        Self::Names(Vec::new())
    }
}

impl Absent for QuotaItems {
    fn absent() -> Self {
        Self::default()
    }
}

impl<'de> Deserialize<'de> for QuotaItems {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ItemsVisitor;

        impl<'de> Visitor<'de> for ItemsVisitor {
            type Value = QuotaItems;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, a list of names, or null")
            }

            fn visit_u64<E>(self, count: u64) -> Result<QuotaItems, E> {
                Ok(QuotaItems::Count(count))
            }

            fn visit_unit<E>(self) -> Result<QuotaItems, E> {
                Ok(QuotaItems::default())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<QuotaItems, A::Error> {
                let mut names = Vec::new();
                while let Some(name) = seq.next_element()? {
                    names.push(name);
                }
                Ok(QuotaItems::Names(names))
            }
        }

        deserializer.deserialize_any(ItemsVisitor)
    }
}
