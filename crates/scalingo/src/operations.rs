//! Operations: what the platform does after it has answered.

use deploykit_core::Time;

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

deploykit_core::model! {
    /// An operation.
    pub struct Operation {
        required {
            /// Id.
            id: OperationId,
        }
        /// Application it belongs to.
        app_id: Option<String>,
        /// When it was created.
        created_at: Option<Time>,
        /// When it ended; none while it is under way.
        finished_at: Option<Time>,
        /// State.
        status: Option<OperationStatus>,
        /// What it does.
        kind = "type": Option<OperationKind>,
        /// Why it failed.
        error: Option<String>,
        /// A word on it.
        message: Option<String>,
        /// Where to attach to a one-off container.
        start_one_off_data: Option<OneOff>,
    }
}

deploykit_core::model! {
    /// A one-off container that was started.
    pub struct OneOff {
        /// Address to attach to.
        attach_url: Option<String>,
        /// Container.
        container_id: Option<String>,
    }
}
