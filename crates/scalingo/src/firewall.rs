//! Who may reach a database.

use deploykit_core::{Error, Time};

use crate::apps::not_empty;

deploykit_core::id! {
    /// A rule of a firewall.
    pub struct FirewallRuleId(String);
}

deploykit_core::endpoints! {
    /// From where a [`Database`](crate::Database) can be reached.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::scalingo().start().await?;
    /// # let builder = deploykit_scalingo::Client::builder().token(sandbox.token());
    /// # let client = builder.base_url(sandbox.base_url()).build()?;
    /// use deploykit_scalingo::NewFirewallRule;
    ///
    /// let addons = client.addons().list("example-app").await?;
    /// let firewall = client.database("example-app", &addons[0].id).firewall();
    /// firewall.create(&NewFirewallRule::range("203.0.113.0/24").label("office")).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub struct Firewall(addon_id);

    /// Lists the rules.
    listFirewallRules: GET "/api/databases/{addon_id}/firewall_rules" => list() -> Vec<FirewallRule>
        [envelope("rules")];

    /// Lets a range of addresses in.
    createFirewallRule: POST "/api/databases/{addon_id}/firewall_rules" => create(body: &NewFirewallRule)
        -> FirewallRule [envelope("rule")];

    /// Changes the label of a rule.
    updateFirewallRule: PATCH "/api/databases/{addon_id}/firewall_rules/{rule_id}"
        => update(rule_id: FirewallRuleId, body: &FirewallRuleLabel) -> FirewallRule
        [body_envelope("firewall_rule"), envelope("rule"), idempotent];

    /// Removes a rule.
    deleteFirewallRule: DELETE "/api/databases/{addon_id}/firewall_rules/{rule_id}"
        => delete(rule_id: FirewallRuleId);

    /// Lists the ranges that the service itself looks after.
    listManagedRanges: GET "/api/firewall/managed_ranges" => managed_ranges() -> Vec<ManagedRange>
        [envelope("ranges")];
}

deploykit_core::open_enum! {
    /// What a rule lets in.
    pub enum FirewallRuleKind {
        /// A range that the service looks after.
        Managed = "managed_range",
        /// A range of one's own.
        Custom = "custom_range",
    }
}

deploykit_core::model! {
    /// A rule of a firewall.
    pub struct FirewallRule {
        required {
            /// Id.
            id: FirewallRuleId,
        }
        /// What it lets in.
        kind = "type": FirewallRuleKind,
        /// A range of addresses.
        cidr: Option<String>,
        /// What it is for.
        label: Option<String>,
        /// A range that the service looks after.
        range_id: Option<String>,
        /// The database.
        database_id: Option<String>,
        /// When it was made.
        created_at: Option<Time>,
        /// When it was changed last.
        updated_at: Option<Time>,
    }
}

deploykit_core::request! {
    /// A rule to make: see [`range`](NewFirewallRule::range) and [`managed`](NewFirewallRule::managed).
    pub struct NewFirewallRule {
        required {
            /// What it lets in.
            #[serde(rename = "type")]
            kind: FirewallRuleKind,
        }
        optional {
            /// A range of addresses: `203.0.113.0/24`.
            cidr: String,
            /// What it is for.
            label: String,
            /// A range that the service looks after.
            range_id: String,
        }
    }
    check |it| {
        match &it.kind {
            FirewallRuleKind::Custom => not_empty("cidr", it.cidr.as_deref().unwrap_or_default()),
            FirewallRuleKind::Managed => not_empty("range_id", it.range_id.as_deref().unwrap_or_default()),
            _ => Err(Error::invalid_input("type", "is none that is known")),
        }
    }
}

impl NewFirewallRule {
    /// Lets a range of addresses in: `203.0.113.0/24`.
    pub fn range(cidr: impl Into<String>) -> Self {
        Self::new(FirewallRuleKind::Custom).cidr(cidr)
    }

    /// Lets in a range that the service looks after; see [`managed_ranges`](Firewall::managed_ranges).
    pub fn managed(range: impl Into<String>) -> Self {
        Self::new(FirewallRuleKind::Managed).range_id(range)
    }
}

deploykit_core::request! {
    /// Another label of a rule.
    pub struct FirewallRuleLabel {
        required {
            /// What it is for.
            label: String,
        }
    }
}

deploykit_core::model! {
    /// A range that the service looks after.
    pub struct ManagedRange {
        required {
            /// Id.
            id: String as deploykit_core::__private::text_id,
        }
        /// Name.
        name: String,
    }
}
