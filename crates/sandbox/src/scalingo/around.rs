//! What stands around an app's deployments: variables, containers, add-ons and all that is linked to it.

use std::collections::HashMap;

use serde_json::Value;
use tokio::time::Instant;

use super::one_offs::OneOff;

/// Everything of an app but its deployments.
#[derive(Debug, Clone, Default)]
pub(super) struct Around {
    pub(super) variables: Vec<Value>,
    pub(super) domains: Vec<super::domains::Domain>,
    pub(super) formation: Vec<Formation>,
    pub(super) one_offs: Vec<OneOff>,
    pub(super) addons: Vec<Value>,
    /// When those that are being provisioned can be used.
    pub(super) ready: HashMap<String, Instant>,
    pub(super) link: Option<Value>,
    pub(super) settings: HashMap<String, Value>,
    /// Simple lists, by the name of their path.
    pub(super) lists: HashMap<&'static str, Vec<Value>>,
    /// Lines of the app's log.
    pub(super) log: Vec<String>,
    made: u64,
}

/// How many containers of a type there shall be.
#[derive(Debug, Clone)]
pub(super) struct Formation {
    pub(super) name: String,
    pub(super) amount: u64,
    pub(super) size: String,
}

impl Around {
    /// An app as it is made: one web container wanted, a database, and a notifier.
    pub(super) fn new(app_id: &str, created_at: &str) -> Self {
        let suffix = app_id.get(20..).unwrap_or_default();
        let id = format!("ad-0ba2d5b3-2a9f-4b3c-8a4f-6c1e2f3a{suffix}");
        let web = Formation {
            name: "web".into(),
            amount: 1,
            size: "S".into(),
        };
        Self {
            lists: HashMap::from([(
                "notifiers",
                vec![super::notifiers::default(app_id, created_at)],
            )]),
            formation: vec![web],
            addons: vec![super::addons::addon(
                &id,
                app_id,
                "postgresql",
                "postgresql-starter-512",
                "running",
            )],
            ..Self::default()
        }
    }

    /// An id that no other thing of this app has; nothing is random.
    pub(super) fn id(&mut self, prefix: &str) -> String {
        self.made += 1;
        format!("{prefix}{:08x}", self.made)
    }
}
