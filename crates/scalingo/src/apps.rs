//! Applications.

use std::collections::BTreeMap;

use deploykit_core::Time;

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

deploykit_core::model! {
    /// An application.
    pub struct App {
        /// Id.
        id: String,
        /// Another id, of newer services.
        uuid: Option<String>,
        /// Name, unique on the platform.
        name: String,
        /// Region it runs in.
        region: Option<crate::Region>,
        /// When it was created.
        created_at: Option<Time>,
        /// When it was changed last.
        updated_at: Option<Time>,
        /// Where to push its code.
        git_url: Option<String>,
        /// Repository it was created from.
        git_source: Option<String>,
        /// Its public address.
        url: Option<String>,
        /// Its address under the platform's domain.
        base_url: Option<String>,
        /// State.
        status: Option<AppStatus>,
        /// Who owns it.
        owner: Option<Owner>,
        /// The project it belongs to.
        project: Option<AppProject>,
        /// Addresses that belong to it.
        links: Option<AppLinks>,
        /// Whether HTTP is redirected to HTTPS.
        force_https: Option<bool>,
        /// Whether a visitor stays with one container.
        sticky_session: Option<bool>,
        /// Whether the router's log is part of the application's.
        router_logs: Option<bool>,
        /// Switches of the platform.
        flags: BTreeMap<String, bool> as deploykit_core::de::entries,
        /// Limits that were set by hand: numbers, or numbers as text.
        limits: BTreeMap<String, serde_json::Value>,
        /// When it was deployed last.
        last_deployed_at: Option<Time>,
        /// Who deployed it last.
        last_deployed_by: Option<String>,
        /// Its last deployment. Not comparable with [`Deployment::id`](crate::Deployment::id): older services give
        /// another kind of id here.
        last_deployment_id: Option<String>,
        /// Stack it is built on.
        stack_id: Option<String>,
        /// The application it is a review application of; empty if none.
        parent_app_name: Option<String>,
        /// Whether it holds health data.
        hds_resource: Option<bool>,
        /// Private networks it is part of.
        private_networks_ids: Vec<String>,
        /// Until when the operator may look inside.
        data_access_consent: Option<serde_json::Value>,
        /// Address of its page in the dashboard.
        new_dashboard_url: Option<String>,
        /// Region it moved to.
        new_region: Option<String>,
    }
}

deploykit_core::model! {
    /// Who owns an application.
    pub struct Owner {
        /// Id.
        id: Option<String>,
        /// Name on the platform.
        username: Option<String>,
        /// Mail address.
        email: Option<String>,
        /// Switches of the platform.
        flags: BTreeMap<String, bool> as deploykit_core::de::entries,
        /// Whether the account is in its free trial.
        in_free_trial: Option<bool>,
    }
}

deploykit_core::model! {
    /// The project of an application.
    pub struct AppProject {
        /// Id.
        id: Option<String>,
        /// Name.
        name: Option<String>,
    }
}

deploykit_core::model! {
    /// Addresses of an application.
    pub struct AppLinks {
        /// Where its deployments can be followed live. It holds the name, and so changes with it.
        deployments_stream: Option<String>,
    }
}
