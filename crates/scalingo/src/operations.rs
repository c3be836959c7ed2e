//! Operations: what the platform does after it has answered.

use std::time::Duration;

use deploykit_core::{FromResponse, RawResponse, Result, State, Time, Wait};
use futures::future::BoxFuture;

use crate::{API, AppRef};

deploykit_core::id! {
    /// An operation.
    pub struct OperationId(String);
}

deploykit_core::endpoints! {
    /// Operations.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::scalingo().speed(1000.0).start().await?;
    /// # let builder = deploykit_scalingo::Client::builder().token(sandbox.token());
    /// # let client = builder.base_url(sandbox.base_url()).build()?;
    /// use deploykit_scalingo::Restart;
    ///
    /// let restart = client.containers().restart("example-app", &Restart::new()).await?;
    /// if let Some(operation) = restart.operation {
    ///     let ended = client.operations().wait("example-app", operation).await?;
    ///     println!("restarted at {:?}", ended.finished_at);
    /// }
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

impl Operations {
    /// Waits for the end of an operation, `done` or `error`, for at most 30 minutes: await it, or poll it as a
    /// stream of progress.
    ///
    /// # Errors
    ///
    /// [`Failed`](deploykit_core::ErrorKind::Failed) with the operation's `error`; see
    /// [`Wait`](deploykit_core::Wait).
    pub fn wait(
        &self,
        app: impl Into<AppRef>,
        operation: impl Into<OperationId>,
    ) -> Wait<Operation> {
        self.wait_for(app.into(), operation.into())
    }

    #[inline]
    fn wait_for(&self, app: AppRef, operation: OperationId) -> Wait<Operation> {
        let this = self.clone();
        let what = format!("operation {operation}");
        let look = move || -> BoxFuture<'static, _> {
            Box::pin(this.get(app.clone(), operation.clone()).send())
        };
        // The quota of a minute is not for waiting alone.
        Wait::new(what, look, Operation::state)
            .every(Duration::from_millis(500), Duration::from_secs(10))
    }
}

impl Operation {
    fn state(&self) -> (State, String) {
        match &self.status {
            Some(OperationStatus::Done) => (State::Done, String::new()),
            Some(OperationStatus::Error) => {
                let why = self.error.as_deref().or(self.message.as_deref());
                (
                    State::Failed,
                    why.unwrap_or("it failed, without a reason").to_owned(),
                )
            }
            _ => (State::Running, String::new()),
        }
    }
}

/// What the platform has begun, and goes on with after its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Accepted {
    /// The operation to [wait](Operations::wait) for; none if there is nothing to wait for.
    pub operation: Option<OperationId>,
}

impl FromResponse for Accepted {
    /// The operation's address may name another host of the service: only the id in it is taken.
    #[inline]
    fn from_response(response: &RawResponse) -> Result<Self> {
        let location = response.headers.get("location");
        let location = location.and_then(|location| location.to_str().ok());
        Ok(Self {
            operation: location.and_then(last_segment),
        })
    }
}

deploykit_core::__with_dispatch! {
    impl deploykit_core::dispatch::Reread for Accepted {
        fn reread(&self) -> serde_json::Result<serde_json::Value> {
            Ok(serde_json::json!({ "operation": self.operation }))
        }
    }
}

/// The id at the end of an operation's address, if there is one.
pub(crate) fn last_segment(address: &str) -> Option<OperationId> {
    let path = address
        .split(['?', '#'])
        .next()?
        .trim()
        .trim_end_matches('/');
    let last = path.rsplit('/').next()?;
    (!last.is_empty() && last != "." && last != "..").then(|| last.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_is_found_in_every_spelling_of_its_address() {
        for (address, id) in [
            (
                "https://api.st-sc.fr/v1/apps/a/operations/52fd",
                Some("52fd"),
            ),
            ("/v1/apps/a/operations/52fd/?x=1", Some("52fd")),
            ("52fd", Some("52fd")),
            ("", None),
            (" ", None),
            (".", None),
            ("https://api.st-sc.fr/..", None),
        ] {
            assert_eq!(
                last_segment(address),
                id.map(OperationId::from),
                "{address}"
            );
        }
    }
}
