//! Network Rules.

use deploykit_core::Time;

use crate::actions::{ActionRelation, ActionRelationShallow};
use crate::dispatched::Dispatched;
use crate::environments::{EnvironmentId, EnvironmentRelation};
use crate::resources::ResourceToBeLinked;
use crate::servers::{ServerRelation, TargetServers};
use crate::users::UserRelation;

deploykit_core::endpoints! {
    /// Network rules: which traffic servers let in and out.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::devopness().speed(100.0).start().await?;
    /// # let client = deploykit_devopness::Client::builder().token(sandbox.token()).base_url(sandbox.base_url()).build()?;
    /// use deploykit_devopness::network_rules::{NetworkRuleDirection, NetworkRuleProtocol, NewNetworkRule};
    ///
    /// let https = NewNetworkRule::new("HTTPS", NetworkRuleDirection::Inbound, NetworkRuleProtocol::Tcp, "0.0.0.0/0", 443);
    /// client.network_rules().add(1u64, &https).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub struct NetworkRules;

    /// Deletes a network rule. An action takes it off its servers.
    /// Errors: 403.
    deleteNetworkRule: DELETE "/network-rules/{network_rule_id}"
        => delete(network_rule_id: NetworkRuleId) -> Dispatched [acts()];

    /// Fetches a network rule.
    /// Errors: 403.
    getNetworkRule: GET "/network-rules/{network_rule_id}"
        => get(network_rule_id: NetworkRuleId) -> NetworkRule;

    /// Changes a network rule.
    /// Errors: 403, 422.
    updateNetworkRule: PUT "/network-rules/{network_rule_id}"
        => update(network_rule_id: NetworkRuleId, body: &NetworkRuleUpdate);

    /// Puts a network rule onto its servers once more, as an action.
    /// Errors: 403, 404, 422.
    deployNetworkRule: POST "/network-rules/{network_rule_id}/deploy"
        => deploy(network_rule_id: NetworkRuleId, body: &TargetServers) -> Dispatched;

    /// Lists the network rules of an environment.
    listEnvironmentNetworkRules: GET "/environments/{environment_id}/network-rules"
        => list_by_environment(environment_id: EnvironmentId) -> Pages<NetworkRuleRelation>;

    /// Adds a network rule to an environment.
    /// Errors: 403, 422.
    addEnvironmentNetworkRule: POST "/environments/{environment_id}/network-rules"
        => add(environment_id: EnvironmentId, body: &NewNetworkRule) -> NetworkRule;
}

deploykit_core::id! {
    /// A network rule.
    pub struct NetworkRuleId(u64);
}

deploykit_core::model! {
    /// A firewall rule of servers.
    pub struct NetworkRule {
        required {
            /// Identifies the rule.
            id: NetworkRuleId,
        }
        /// Name of the rule.
        name: String,
        /// Which way the traffic goes.
        direction: NetworkRuleDirection,
        /// Protocol of the traffic.
        protocol: NetworkRuleProtocol,
        /// Port of the traffic.
        port: Option<u16>,
        /// Range of addresses, in CIDR notation.
        cidr_block: String,
        /// Whether Devopness made it by itself.
        is_auto_generated: Option<bool>,
        /// The last action on it.
        last_action: Option<ActionRelation>,
        /// The user who created it.
        created_by_user: Option<UserRelation>,
        /// The environment that it belongs to.
        environment: Option<EnvironmentRelation>,
        /// The servers that it protects.
        servers: Vec<ServerRelation>,
        /// When it was created.
        created_at: Time,
        /// When it was last changed.
        updated_at: Time,
    }
}

deploykit_core::model! {
    /// A network rule, as listed.
    pub struct NetworkRuleRelation {
        required {
            /// Identifies the rule.
            id: NetworkRuleId,
        }
        /// Name of the rule.
        name: String,
        /// Which way the traffic goes.
        direction: NetworkRuleDirection,
        /// Protocol of the traffic.
        protocol: NetworkRuleProtocol,
        /// Port of the traffic.
        port: Option<u16>,
        /// Range of addresses, in CIDR notation.
        cidr_block: String,
        /// Whether Devopness made it by itself.
        is_auto_generated: Option<bool>,
        /// The last action on it.
        last_action: Option<ActionRelationShallow>,
        /// When it was created.
        created_at: Time,
        /// When it was last changed.
        updated_at: Time,
    }
}

deploykit_core::request! {
    /// A network rule to add.
    pub struct NewNetworkRule {
        required {
            /// Name of the rule. 3 to 60 characters.
            name: String,
            /// Which way the traffic goes.
            direction: NetworkRuleDirection,
            /// Protocol of the traffic.
            protocol: NetworkRuleProtocol,
            /// Range of addresses, in CIDR notation.
            cidr_block: String,
            /// Port of the traffic. 1 to 65535.
            port: u16,
        }
        optional {
            /// Resources to link it to.
            linked_resources: Vec<ResourceToBeLinked>,
        }
    }
}

deploykit_core::request! {
    /// Changes to a network rule.
    pub struct NetworkRuleUpdate {
        required {
            /// Identifies the rule.
            id: NetworkRuleId,
            /// Name of the rule. 3 to 60 characters.
            name: String,
            /// Which way the traffic goes.
            direction: NetworkRuleDirection,
            /// Range of addresses, in CIDR notation.
            cidr_block: String,
        }
        optional {
            /// Protocol of the traffic.
            protocol: NetworkRuleProtocol,
        }
    }
}

deploykit_core::open_enum! {
    /// Which way traffic goes.
    pub enum NetworkRuleDirection {
        /// Into the network.
        Inbound = "inbound",
        /// Out of the network.
        Outbound = "outbound",
    }
}

deploykit_core::open_enum! {
    /// Protocol that a rule is for.
    pub enum NetworkRuleProtocol {
        /// All.
        Any = "any",
        /// ICMP.
        Icmp = "icmp",
        /// TCP.
        Tcp = "tcp",
        /// UDP.
        Udp = "udp",
    }
}
