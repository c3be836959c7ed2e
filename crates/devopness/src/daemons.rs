//! Daemons.

use deploykit_core::{Nullable, Time};

use crate::actions::{ActionRelation, ActionRelationShallow};
use crate::applications::{ApplicationId, ApplicationRelation};
use crate::dispatched::Dispatched;
use crate::environments::{EnvironmentId, EnvironmentRelation};
use crate::projects::Project;
use crate::resources::ResourceToBeLinked;
use crate::servers::{ServerId, ServerRelation};
use crate::users::UserRelation;

deploykit_core::endpoints! {
    /// Daemons: processes that servers keep running in the background.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::devopness().speed(100.0).start().await?;
    /// # let client = deploykit_devopness::Client::builder().token(sandbox.token()).base_url(sandbox.base_url()).build()?;
    /// use deploykit_devopness::daemons::{DaemonTargets, NewDaemon};
    ///
    /// let new = NewDaemon::new("node worker.js", 2, "src", "devopness", "worker");
    /// let worker = client.daemons().add(1u64, &new).await?;
    /// let restarted = client.daemons().restart(worker.id, &DaemonTargets::new().trigger_comment("new queue")).await?;
    /// println!("{:?}", restarted.action_id);
    /// # Ok(())
    /// # }
    /// ```
    pub struct Daemons;

    /// Deletes a daemon. An action takes it off its servers.
    /// Errors: 403, 404.
    deleteDaemon: DELETE "/daemons/{daemon_id}" => delete(daemon_id: DaemonId) -> Dispatched [acts()];

    /// Fetches a daemon.
    /// Errors: 403, 404.
    getDaemon: GET "/daemons/{daemon_id}" => get(daemon_id: DaemonId) -> Daemon;

    /// Changes a daemon.
    /// Errors: 403, 404, 422.
    updateDaemon: PUT "/daemons/{daemon_id}" => update(daemon_id: DaemonId, body: &DaemonUpdate);

    /// Puts a daemon onto its servers once more, as an action.
    /// Errors: 403, 404, 422.
    deployDaemon: POST "/daemons/{daemon_id}/deploy"
        => deploy(daemon_id: DaemonId, body: &DaemonTargets) -> Dispatched;

    /// Has the servers tell the daemon's state, as an action.
    /// Errors: 403, 404, 422.
    getStatusDaemon: POST "/daemons/{daemon_id}/get-status"
        => get_status(daemon_id: DaemonId, body: &DaemonTargets) -> Dispatched;

    /// Restarts a daemon, as an action.
    /// Errors: 403, 404, 422.
    restartDaemon: POST "/daemons/{daemon_id}/restart"
        => restart(daemon_id: DaemonId, body: &DaemonTargets) -> Dispatched;

    /// Starts a daemon, as an action.
    /// Errors: 403, 404, 422.
    startDaemon: POST "/daemons/{daemon_id}/start"
        => start(daemon_id: DaemonId, body: &DaemonTargets) -> Dispatched;

    /// Stops a daemon, as an action.
    /// Errors: 403, 404, 422.
    stopDaemon: POST "/daemons/{daemon_id}/stop"
        => stop(daemon_id: DaemonId, body: &DaemonTargets) -> Dispatched;

    /// Lists the daemons of an environment.
    listEnvironmentDaemons: GET "/environments/{environment_id}/daemons"
        => list_by_environment(environment_id: EnvironmentId) -> Pages<DaemonRelation>;

    /// Adds a daemon to an environment.
    /// Errors: 403, 422.
    addEnvironmentDaemon: POST "/environments/{environment_id}/daemons"
        => add(environment_id: EnvironmentId, body: &NewDaemon) -> Daemon;
}

deploykit_core::id! {
    /// A daemon.
    pub struct DaemonId(u64);
}

deploykit_core::model! {
    /// A process that servers keep running in the background.
    pub struct Daemon {
        required {
            /// Identifies the daemon.
            id: DaemonId,
        }
        /// Name of the daemon.
        name: String,
        /// The command line.
        command: String,
        /// Unix user that runs it.
        run_as_user: String,
        /// Where the command is run: relative to the application it belongs to, else absolute.
        working_directory: Option<String>,
        /// How many processes run at once.
        process_count: Option<u32>,
        /// Whether Devopness made it by itself.
        is_auto_generated: Option<bool>,
        /// The project that it belongs to.
        project: Option<Project>,
        /// The last action on it.
        last_action: Option<ActionRelation>,
        /// The application that it belongs to.
        application: Option<ApplicationRelation>,
        /// The environment that it belongs to.
        environment: Option<EnvironmentRelation>,
        /// The servers that it runs on.
        servers: Vec<ServerRelation>,
        /// The user who created it.
        created_by_user: Option<UserRelation>,
        /// When it was created.
        created_at: Time,
        /// When it was last changed.
        updated_at: Time,
    }
}

deploykit_core::model! {
    /// A daemon, as listed and inside of other resources.
    pub struct DaemonRelation {
        required {
            /// Identifies the daemon.
            id: DaemonId,
        }
        /// Name of the daemon.
        name: String,
        /// The command line.
        command: String,
        /// Unix user that runs it.
        run_as_user: String,
        /// Where the command is run: relative to the application it belongs to, else absolute.
        working_directory: Option<String>,
        /// How many processes run at once.
        process_count: Option<u32>,
        /// Whether Devopness made it by itself.
        is_auto_generated: Option<bool>,
        /// The last action on it.
        last_action: Option<ActionRelationShallow>,
        /// The application that it belongs to.
        application: Option<ApplicationRelation>,
        /// The user who created it.
        created_by_user: Option<UserRelation>,
        /// When it was created.
        created_at: Option<Time>,
        /// When it was last changed.
        updated_at: Option<Time>,
    }
}

deploykit_core::request! {
    /// Which of the linked servers to act on, and why.
    pub struct DaemonTargets {
        optional {
            /// The servers. Unless set, all that are linked.
            servers: Vec<ServerId>,
            /// Why, for whoever looks at the action later. At most 255 characters.
            trigger_comment: String,
        }
    }
}

deploykit_core::request! {
    /// A daemon to add.
    pub struct NewDaemon {
        required {
            /// The command line. At most 255 characters.
            command: String,
            /// How many processes run at once. 1 to 99.
            process_count: u32,
            /// Where the command is run: relative to the application it belongs to, else absolute. At most 255
            /// characters. Starts with `/`.
            working_directory: Nullable<String>,
            /// Unix user that runs it. At most 60 characters.
            run_as_user: String,
            /// Name of the daemon. At most 60 characters. Letters, digits, `-` and `_`.
            name: String,
        }
        optional {
            /// Resources to link it to.
            linked_resources: Vec<ResourceToBeLinked>,
            /// The application that it belongs to.
            application_id: Nullable<ApplicationId>,
        }
    }
}

deploykit_core::request! {
    /// Changes to a daemon.
    pub struct DaemonUpdate {
        required {
            /// Identifies the daemon.
            id: DaemonId,
            /// The command line. At most 255 characters.
            command: String,
            /// How many processes run at once. 1 to 99.
            process_count: u32,
            /// Where the command is run: relative to the application it belongs to, else absolute. At most 255
            /// characters. Starts with `/`.
            working_directory: Nullable<String>,
            /// Unix user that runs it. At most 60 characters.
            run_as_user: String,
            /// Name of the daemon. At most 60 characters. Letters, digits, `-` and `_`.
            name: String,
        }
        optional {
            /// The application that it belongs to.
            application_id: Nullable<ApplicationId>,
        }
    }
}
