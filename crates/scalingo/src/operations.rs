//! Operations: what the platform does after it has answered.

use deploykit_core::Time;
use serde::{Deserialize, Serialize};

use crate::{API, AppRef};

deploykit_core::id! {
    /// An operation.
    pub struct OperationId(String);
}

deploykit_core::endpoints! {
    /// Operations.
    ///
    /// ```no_run
    /// # async fn run(client: deploykit_scalingo::Client) -> Result<(), deploykit_scalingo::Error> {
    /// let operation = client.operations().get("my-app", "52fd2457356330032b020000").await?;
    /// println!("{:?}", operation.status);
    /// # Ok(())
    /// # }
    /// ```
    pub struct Operations;

    /// Fetches one operation.
    getOperation: GET "/v1/apps/{app}/operations/{operation_id}"
        => get(app: AppRef, operation_id: OperationId) -> Operation [envelope("operation"), quota(&API)];
}

deploykit_core::open_enum! {
    /// State of an operation.
    pub enum OperationStatus {
        /// Not begun.
        Pending = "pending",
        /// Under way.
        Running = "running",
        /// Done.
        Done = "done",
        /// Failed; see the operation's `error`.
        Error = "error",
    }
}

deploykit_core::open_enum! {
    /// What an operation does.
    pub enum OperationKind {
        /// Restarts containers.
        Restart = "restart",
        /// Changes the number of containers.
        Scale = "scale",
        /// Starts containers.
        Start = "start",
        /// Starts a one-off container.
        StartOneOff = "start-one-off",
    }
}

/// An operation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Operation {
    /// Id.
    pub id: OperationId,
    /// Application it belongs to.
    pub app_id: Option<String>,
    /// When it was created.
    pub created_at: Option<Time>,
    /// When it ended; none while it is under way.
    pub finished_at: Option<Time>,
    /// State.
    pub status: Option<OperationStatus>,
    /// What it does.
    #[serde(rename = "type")]
    pub kind: Option<OperationKind>,
    /// Why it failed.
    pub error: Option<String>,
    /// A word on it.
    pub message: Option<String>,
    /// Where to attach to a one-off container.
    pub start_one_off_data: Option<OneOff>,
}

/// A one-off container that was started.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OneOff {
    /// Address to attach to.
    pub attach_url: Option<String>,
    /// Container.
    pub container_id: Option<String>,
}
