//! Where an action stands.

deploykit_core::open_enum! {
    /// Where an action, or a step of it, stands.
    pub enum ActionStatus {
        /// Waits to begin.
        Pending = "pending",
        /// Waits for another action.
        Waiting = "waiting",
        /// Was left out.
        Skipped = "skipped",
        /// Is queued.
        Queued = "queued",
        /// Is under way.
        InProgress = "in-progress",
        /// Succeeded.
        Completed = "completed",
        /// Failed.
        Failed = "failed",
    }
}

deploykit_core::open_enum! {
    /// Why an action stands where it stands.
    pub enum ActionStatusReasonCode {
        /// It succeeded.
        Completed = "COMPLETED",
        /// The subscription has too few credits.
        FailedInsufficientCredits = "FAILED_INSUFFICIENT_CREDITS",
        /// It failed.
        Failed = "FAILED",
        /// It is under way.
        InProgress = "IN_PROGRESS",
        /// It waits to begin.
        Pending = "PENDING",
        /// It is queued.
        Queued = "QUEUED",
        /// It was left out.
        Skipped = "SKIPPED",
        /// Another action of the pipeline must end first.
        WaitingConcurrencyPipeline = "WAITING_CONCURRENCY_PIPELINE",
        /// Another action on the target must end first.
        WaitingConcurrencyTarget = "WAITING_CONCURRENCY_TARGET",
    }
}

deploykit_core::open_enum! {
    /// What triggered an action.
    pub enum ActionTriggerType {
        /// An incoming hook.
        Hook = "hook",
        /// A person.
        Manual = "manual",
    }
}

deploykit_core::open_enum! {
    /// What an action does.
    pub enum ActionType {
        /// Checks whether the resource is provisioned.
        CheckProvisioned = "check_provisioned",
        /// Configures it.
        Configure = "configure",
        /// Deletes it.
        Delete = "delete",
        /// Deploys an application.
        Deploy = "deploy",
        /// Asks for its state.
        GetStatus = "get_status",
        /// Makes it at the cloud provider.
        Provision = "provision",
        /// Has it read its configuration again.
        Reload = "reload",
        /// Takes it off its servers.
        Remove = "remove",
        /// Stops and starts it.
        Restart = "restart",
        /// Changes its key.
        RotateKey = "rotate_key",
        /// Starts it.
        Start = "start",
        /// Stops it.
        Stop = "stop",
    }
}
