//! Clusters and what runs them.

use std::collections::BTreeMap;

use deploykit_core::{Secret, endpoints, id, model, request};

use super::{JSON_LINES, Output};
use crate::lenient;
use crate::list::List;

id! {
    /// A cluster, by name.
    pub struct ClusterName(String);
}

endpoints! {
    /// Clusters.
    ///
    /// ```no_run
    /// # async fn run(tsuru: deploykit_tsuru::v1::Client) -> Result<(), deploykit_tsuru::Error> {
    /// for cluster in tsuru.clusters().list().await? {
    ///     println!("{} at {:?}", cluster.name, cluster.addresses);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub struct Clusters;

    /// Lists what can run clusters, and what it wants to know.
    ProvisionerList: GET "/1.7/provisioner" => provisioners() -> Vec<Provisioner> via Provisioners
        [empty_means("[]")];

    /// Lists the clusters.
    ClusterList: GET "/1.3/provisioner/clusters" => list() -> Vec<Cluster> via ClusterItems [empty_means("[]")];

    /// Tells about one cluster.
    ClusterInfo: GET "/1.8/provisioner/clusters/{cluster}" => get(cluster: ClusterName) -> Cluster;

    /// Adds a cluster. 409 if it exists.
    ClusterCreate: POST "/1.3/provisioner/clusters" => create(body: &NewCluster) -> Streamed<Output>
        [streams(JSON_LINES)];

    /// Changes a cluster: sends it whole.
    ClusterUpdate: POST "/1.4/provisioner/clusters/{cluster}" => update(cluster: ClusterName, body: &NewCluster)
        -> Streamed<Output> [streams(JSON_LINES)];

    /// Removes a cluster.
    ClusterDelete: DELETE "/1.3/provisioner/clusters/{cluster}" => remove(cluster: ClusterName)
        -> Streamed<Output> [streams(JSON_LINES)];
}

type Provisioners = List<Provisioner>;
type ClusterItems = List<Cluster>;

model! {
    /// What can run clusters.
    pub struct Provisioner {
        required {
            /// Its name.
            name = "name" | "Name": String,
        }
        /// What it wants to know.
        help = "cluster_help": Option<ClusterHelp>,
    }
}

model! {
    /// What a cluster wants to know.
    pub struct ClusterHelp {
        /// In general.
        provisioner = "provisioner_help": String,
        /// By key of [`NewCluster::custom_data`].
        custom_data = "custom_data_help": BTreeMap<String, String> as lenient::present,
        /// By key of what creates one.
        create_data = "create_data_help": BTreeMap<String, String> as lenient::present,
    }
}

model! {
    /// A cluster.
    pub struct Cluster {
        required {
            /// Its name.
            name: ClusterName,
        }
        /// Where it is.
        addresses: Vec<String>,
        /// What runs it.
        provisioner: String,
        /// Certificate of its authority, in base64.
        ca_cert = "cacert": Option<String>,
        /// Certificate to use, in base64.
        client_cert = "clientcert": Option<String>,
        /// Its key.
        client_key = "clientkey": Option<Secret>,
        /// Pools in it.
        pools: Vec<String>,
        /// Whether pools are in it that are in no other.
        default: Option<bool>,
        /// Whether it is the one that the server runs in.
        local: Option<bool>,
        /// More settings; may hold tokens.
        custom_data: BTreeMap<String, Secret> as lenient::present,
        /// How to reach it.
        http_proxy = "httpProxy": Option<String>,
        /// The same, as kubectl has it; may hold tokens, and is not read further.
        kube_config = "kubeConfig": Option<KubeConfig>,
    }
}

/// A cluster as kubectl knows it. It may hold tokens, so that it is not shown.
#[derive(Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct KubeConfig(pub serde_json::Value);

impl std::fmt::Debug for KubeConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KubeConfig([redacted])")
    }
}

request! {
    /// A cluster to add, or what it should become.
    pub struct NewCluster {
        required {
            /// Its name.
            name: ClusterName,
            /// What runs it.
            provisioner: String,
        }
        optional {
            /// Where it is.
            addresses: Vec<String>,
            /// Certificate of its authority, in base64.
            #[serde(rename = "cacert")]
            ca_cert: String,
            /// Certificate to use, in base64.
            #[serde(rename = "clientcert")]
            client_cert: String,
            /// Its key, in base64.
            #[serde(rename = "clientkey")]
            client_key: Secret,
            /// Pools in it.
            pools: Vec<String>,
            /// Whether pools are in it that are in no other.
            default: bool,
            /// Whether it is the one that the server runs in.
            local: bool,
            /// More settings.
            custom_data: BTreeMap<String, Secret>,
            /// How to reach it.
            #[serde(rename = "httpProxy")]
            http_proxy: String,
            /// The same, as kubectl has it.
            #[serde(rename = "kubeConfig")]
            kube_config: KubeConfig,
        }
    }
}
