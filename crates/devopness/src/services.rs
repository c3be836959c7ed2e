//! Services.

use deploykit_core::Time;

use crate::actions::{ActionRelation, ActionRelationShallow};
use crate::dispatched::Dispatched;
use crate::environments::{EnvironmentId, EnvironmentRelation};
use crate::projects::Project;
use crate::resources::ResourceToBeLinked;
use crate::servers::{ServerRelation, TargetServers};
use crate::users::UserRelation;
use crate::variables::{NewVariable, Variable};

deploykit_core::endpoints! {
    /// Services that servers run: databases, web servers.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::devopness().speed(100.0).start().await?;
    /// # let client = deploykit_devopness::Client::builder().token(sandbox.token()).base_url(sandbox.base_url()).build()?;
    /// for service in client.services().list_by_environment(1u64).await?.items {
    ///     println!("{} {:?}", service.name, service.version);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub struct Services;

    /// Lists the services of an environment.
    listEnvironmentServices: GET "/environments/{environment_id}/services"
        => list_by_environment(environment_id: EnvironmentId) -> Pages<ServiceRelation>;

    /// Adds a service to an environment.
    /// Errors: 403, 422.
    addEnvironmentService: POST "/environments/{environment_id}/services"
        => add(environment_id: EnvironmentId, body: &NewService) -> Service;

    /// Deletes a service. An action takes it off its servers.
    /// Errors: 403, 404.
    deleteService: DELETE "/services/{service_id}" => delete(service_id: ServiceId) -> Dispatched [acts()];

    /// Fetches a service.
    /// Errors: 403, 404.
    getService: GET "/services/{service_id}" => get(service_id: ServiceId) -> Service;

    /// Changes a service.
    /// Errors: 403, 422.
    updateService: PUT "/services/{service_id}" => update(service_id: ServiceId, body: &ServiceUpdate);

    /// Puts a service onto its servers once more, as an action.
    /// Errors: 403, 404, 422.
    deployService: POST "/services/{service_id}/deploy"
        => deploy(service_id: ServiceId, body: &TargetServers) -> Dispatched;

    /// Has the servers tell the service's state, as an action.
    /// Errors: 403, 404.
    getStatusService: POST "/services/{service_id}/get-status"
        => get_status(service_id: ServiceId, body: &TargetServers) -> Dispatched;

    /// Has a service read its configuration again, as an action.
    /// Errors: 403, 404, 422.
    reloadService: POST "/services/{service_id}/reload"
        => reload(service_id: ServiceId, body: &TargetServers) -> Dispatched;

    /// Restarts a service, as an action.
    /// Errors: 403, 404, 422.
    restartService: POST "/services/{service_id}/restart"
        => restart(service_id: ServiceId, body: &TargetServers) -> Dispatched;

    /// Starts a service, as an action.
    /// Errors: 403, 404, 422.
    startService: POST "/services/{service_id}/start"
        => start(service_id: ServiceId, body: &TargetServers) -> Dispatched;

    /// Stops a service, as an action.
    /// Errors: 403, 404, 422.
    stopService: POST "/services/{service_id}/stop"
        => stop(service_id: ServiceId, body: &TargetServers) -> Dispatched;

    /// Lists the variables of a service.
    #[deprecated = "use `variables().list_by_resource`"]
    listServiceVariables: GET "/services/{service_id}/variables"
        => variables(service_id: ServiceId) -> Pages<Variable>;

    /// Adds a variable to a service.
    /// Errors: 403, 422.
    #[deprecated = "use `variables().add`"]
    addServiceVariable: POST "/services/{service_id}/variables"
        => add_variable(service_id: ServiceId, body: &NewVariable) -> Variable;
}

deploykit_core::id! {
    /// A service.
    pub struct ServiceId(u64);
}

deploykit_core::model! {
    /// A service that servers run: a database, a web server.
    pub struct Service {
        required {
            /// Identifies the service.
            id: ServiceId,
        }
        /// Name of the service.
        name: String,
        /// Which service it is.
        kind = "type": ServiceType,
        /// The kind in words.
        type_human_readable: String,
        /// Installed version.
        version: Option<String>,
        /// Whether Devopness made it by itself.
        is_auto_generated: Option<bool>,
        /// Whether it starts with the operating system.
        auto_start: Option<bool>,
        /// Whether it runs once it is installed.
        initial_state: ServiceInitialState,
        /// What the service's makers say about it.
        description: Option<String>,
        /// The environment that it belongs to.
        environment: Option<EnvironmentRelation>,
        /// The user who created it.
        created_by_user: Option<UserRelation>,
        /// The project that it belongs to.
        project: Option<Project>,
        /// The servers that it runs on.
        servers: Vec<ServerRelation>,
        /// The last action on it.
        last_action: Option<ActionRelation>,
        /// When it was created.
        created_at: Time,
        /// When it was last changed.
        updated_at: Time,
    }
}

deploykit_core::model! {
    /// A service, as listed.
    pub struct ServiceRelation {
        required {
            /// Identifies the service.
            id: ServiceId,
        }
        /// Name of the service.
        name: String,
        /// Which service it is.
        kind = "type": ServiceType,
        /// The kind in words.
        type_human_readable: String,
        /// Installed version.
        version: Option<String>,
        /// Whether Devopness made it by itself.
        is_auto_generated: Option<bool>,
        /// Whether it starts with the operating system.
        auto_start: Option<bool>,
        /// Whether it runs once it is installed.
        initial_state: ServiceInitialState,
        /// What the service's makers say about it.
        description: Option<String>,
        /// The last action on it.
        last_action: Option<ActionRelationShallow>,
        /// When it was created.
        created_at: Option<Time>,
        /// When it was last changed.
        updated_at: Option<Time>,
    }
}

deploykit_core::request! {
    /// A service to add.
    pub struct NewService {
        required {
            /// Which service it is.
            #[serde(rename = "type")]
            kind: ServiceType,
            /// Version of the service. 1 to 30 characters.
            version: String,
        }
        optional {
            /// Resources to link it to.
            linked_resources: Vec<ResourceToBeLinked>,
            /// Whether it starts with the operating system.
            auto_start: bool,
            /// Whether it runs once it is installed.
            initial_state: ServiceInitialState,
        }
    }
}

deploykit_core::request! {
    /// Changes to a service.
    pub struct ServiceUpdate {
        required {
            /// Identifies the service.
            id: ServiceId,
        }
    }
}

deploykit_core::open_enum! {
    /// State of a service once it is installed.
    pub enum ServiceInitialState {
        /// It runs.
        Started = "started",
        /// It does not run.
        Stopped = "stopped",
    }
}

deploykit_core::open_enum! {
    /// A service that servers can run.
    pub enum ServiceType {
        /// Docker.
        Docker = "docker",
        /// MySQL.
        MySql = "mysql",
        /// New Relic infrastructure agent.
        NewrelicInfra = "newrelic-infra",
        /// nginx.
        Nginx = "nginx",
        /// PHP-FPM.
        Php = "php",
        /// PostgreSQL.
        PostgreSql = "postgresql",
        /// Redis.
        Redis = "redis",
        /// Supervisor.
        Supervisor = "supervisor",
        /// Uncomplicated Firewall.
        Ufw = "ufw",
    }
}
