//! Servers.

mod models;
mod provision;

pub use models::*;
pub use provision::*;

use deploykit_core::Text;

use crate::dispatched::Dispatched;
use crate::environments::EnvironmentId;

deploykit_core::endpoints! {
    /// Servers, rented from cloud providers or the user's own.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::devopness().speed(100.0).start().await?;
    /// # let client = deploykit_devopness::Client::builder().token(sandbox.token()).base_url(sandbox.base_url()).build()?;
    /// let servers = client.servers().list_by_environment(1u64).await?;
    /// for server in &servers.items {
    ///     println!("{} is {}", server.hostname, server.status);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub struct Servers;

    /// Lists the servers of an environment.
    listEnvironmentServers: GET "/environments/{environment_id}/servers"
        => list_by_environment(environment_id: EnvironmentId) -> Pages<ServerRelation>;

    /// Adds a server. An action rents and configures it.
    /// Errors: 403, 422.
    addEnvironmentServer: POST "/environments/{environment_id}/servers"
        => add(environment_id: EnvironmentId, body: &NewServer) -> Dispatched<Server>;

    /// Deletes a server, as an action.
    /// Errors: 403.
    deleteServer: DELETE "/servers/{server_id}"
        => delete(server_id: ServerId, query: &DeleteServer) -> Dispatched [acts()];

    /// Fetches a server.
    /// Errors: 403.
    getServer: GET "/servers/{server_id}" => get(server_id: ServerId) -> Server;

    /// Changes a server.
    /// Errors: 403, 422.
    updateServer: PUT "/servers/{server_id}" => update(server_id: ServerId, body: &ServerUpdate);

    /// Fetches the command that connects a server of the user's own.
    /// Errors: 403.
    getServerCommands: GET "/servers/{server_id}/commands" => commands(server_id: ServerId) -> ServerCommand;

    /// Connects a server of the user's own, with the token of its connect command.
    /// Errors: 401.
    connectServer: POST "/servers/{server_id}/connect/{activation_token}"
        => connect(server_id: ServerId, activation_token: String) -> Dispatched<Text> [secret_path(), accept("text/plain, application/json")];

    /// Configures a server once more, as an action.
    /// Errors: 403, 404, 422.
    deployServer: POST "/servers/{server_id}/deploy"
        => deploy(server_id: ServerId) -> Dispatched;

    /// Has the cloud provider tell the server's state, as an action.
    /// Errors: 403.
    getStatusServer: POST "/servers/{server_id}/get-status" => get_status(server_id: ServerId) -> Dispatched;

    /// Restarts a server, as an action.
    /// Errors: 403.
    restartServer: POST "/servers/{server_id}/restart" => restart(server_id: ServerId) -> Dispatched;

    /// Replaces the key that Devopness logs in with, as an action.
    /// Errors: 403, 404.
    rotateKeyServer: POST "/servers/{server_id}/rotate-key" => rotate_key(server_id: ServerId) -> Dispatched;

    /// Starts a server, as an action.
    /// Errors: 403.
    startServer: POST "/servers/{server_id}/start" => start(server_id: ServerId) -> Dispatched;

    /// Stops a server, as an action.
    /// Errors: 403.
    stopServer: POST "/servers/{server_id}/stop" => stop(server_id: ServerId) -> Dispatched;
}

deploykit_core::id! {
    /// A server.
    pub struct ServerId(u64);

    /// A blueprint of a server.
    pub struct BlueprintId(u64);
}

deploykit_core::request! {
    /// How to delete a server.
    pub struct DeleteServer {
        optional {
            /// Whether its disks are deleted too, where the cloud service can keep them.
            destroy_server_disks: bool,
        }
    }
}
