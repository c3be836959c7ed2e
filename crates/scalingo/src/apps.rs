//! Applications.

use std::collections::BTreeMap;

use deploykit_core::Time;
use deploykit_core::de::nullable;
use serde::{Deserialize, Serialize};

use crate::API;

deploykit_core::id! {
    /// An application: its name or its id. Paths accept both; answers give the id as `app_id`.
    pub struct AppRef(String);
}

deploykit_core::endpoints! {
    /// Applications.
    ///
    /// ```no_run
    /// # async fn run(client: deploykit_scalingo::Client) -> Result<(), deploykit_scalingo::Error> {
    /// for app in client.apps().list().await? {
    ///     println!("{} is {:?}", app.name, app.status);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub struct Apps;

    /// Lists the applications of the account, own and shared, all at once.
    listApps: GET "/v1/apps" => list() -> Vec<App> [envelope("apps"), quota(&API)];

    /// Fetches one application. An application of another region is not found (404).
    getApp: GET "/v1/apps/{app}" => get(app: AppRef) -> App [envelope("app"), quota(&API)];
}

deploykit_core::open_enum! {
    /// State of an application.
    pub enum AppStatus {
        /// Never deployed.
        New = "new",
        /// Running.
        Running = "running",
        /// Stopped.
        Stopped = "stopped",
        /// Crashed.
        Crashed = "crashed",
        /// Restarting.
        Restarting = "restarting",
        /// Changing its number of containers.
        Scaling = "scaling",
        /// Starting for the first time.
        Booting = "booting",
    }
}

/// An application.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct App {
    /// Id.
    #[serde(default, deserialize_with = "nullable")]
    pub id: String,
    /// Another id, of newer services.
    pub uuid: Option<String>,
    /// Name, unique on the platform.
    #[serde(default, deserialize_with = "nullable")]
    pub name: String,
    /// Region it runs in.
    pub region: Option<crate::Region>,
    /// When it was created.
    pub created_at: Option<Time>,
    /// When it was changed last.
    pub updated_at: Option<Time>,
    /// Where to push its code.
    pub git_url: Option<String>,
    /// Repository it was created from.
    pub git_source: Option<String>,
    /// Its public address.
    pub url: Option<String>,
    /// Its address under the platform's domain.
    pub base_url: Option<String>,
    /// State.
    pub status: Option<AppStatus>,
    /// Who owns it.
    pub owner: Option<Owner>,
    /// The project it belongs to.
    pub project: Option<AppProject>,
    /// Addresses that belong to it.
    pub links: Option<AppLinks>,
    /// Whether HTTP is redirected to HTTPS.
    pub force_https: Option<bool>,
    /// Whether a visitor stays with one container.
    pub sticky_session: Option<bool>,
    /// Whether the router's log is part of the application's.
    pub router_logs: Option<bool>,
    /// Switches of the platform.
    #[serde(default, deserialize_with = "nullable")]
    pub flags: BTreeMap<String, bool>,
    /// Limits that were set by hand: numbers, or numbers as text.
    #[serde(default, deserialize_with = "nullable")]
    pub limits: BTreeMap<String, serde_json::Value>,
    /// When it was deployed last.
    pub last_deployed_at: Option<Time>,
    /// Who deployed it last.
    pub last_deployed_by: Option<String>,
    /// Its last deployment. Not comparable with [`Deployment::id`](crate::Deployment::id): older services give
    /// another kind of id here.
    pub last_deployment_id: Option<String>,
    /// Stack it is built on.
    pub stack_id: Option<String>,
    /// The application it is a review application of; empty if none.
    pub parent_app_name: Option<String>,
    /// Whether it holds health data.
    pub hds_resource: Option<bool>,
    /// Private networks it is part of.
    #[serde(default, deserialize_with = "nullable")]
    pub private_networks_ids: Vec<String>,
    /// Until when the operator may look inside.
    pub data_access_consent: Option<serde_json::Value>,
    /// Address of its page in the dashboard.
    pub new_dashboard_url: Option<String>,
    /// Region it moved to.
    pub new_region: Option<String>,
}

/// Who owns an application.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Owner {
    /// Id.
    pub id: Option<String>,
    /// Name on the platform.
    pub username: Option<String>,
    /// Mail address.
    pub email: Option<String>,
    /// Switches of the platform.
    #[serde(default, deserialize_with = "nullable")]
    pub flags: BTreeMap<String, bool>,
    /// Whether the account is in its free trial.
    pub in_free_trial: Option<bool>,
}

/// The project of an application.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AppProject {
    /// Id.
    pub id: Option<String>,
    /// Name.
    pub name: Option<String>,
}

/// Addresses of an application.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AppLinks {
    /// Where its deployments can be followed live. It holds the name, and so changes with it.
    pub deployments_stream: Option<String>,
}
