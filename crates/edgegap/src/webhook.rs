//! What Edgegap posts to the addresses given with a deployment.

use deploykit_core::{Error, ErrorKind, Result};

use crate::{DeploymentStatus, Phase};

/// The body of a webhook: a deployment became ready, failed, or has ended.
///
/// **Nothing proves that Edgegap sent it.** The body is not signed, carries no secret, and may come twice,
/// late, or not at all. Use addresses that nobody can guess (a random part for each deployment), and before
/// you act on a body, fetch the status of the deployment that it names. Answer with any 2xx.
///
/// ```
/// use deploykit_edgegap::WebhookEvent;
///
/// # fn main() -> Result<(), deploykit_edgegap::Error> {
/// let body = br#"{"request_id": "93924761ccde", "current_status": "Status.READY"}"#;
/// match WebhookEvent::parse(body)? {
///     WebhookEvent::Ready(status) => println!("{} is ready", status.request_id),
///     WebhookEvent::Error(status) => println!("failed: {:?}", status.error_detail),
///     WebhookEvent::Terminated(status) => println!("{} has ended", status.request_id),
///     _ => {}
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum WebhookEvent {
    /// Players can connect.
    Ready(DeploymentStatus),
    /// The server could not be started.
    Error(DeploymentStatus),
    /// The server has ended, or is about to.
    Terminated(DeploymentStatus),
    /// A state that no webhook is documented for.
    Other(DeploymentStatus),
}

impl WebhookEvent {
    /// Reads the body of a webhook.
    ///
    /// # Errors
    ///
    /// [`Decode`](ErrorKind::Decode), if it is not the state of a deployment.
    pub fn parse(body: &[u8]) -> Result<Self> {
        let status: DeploymentStatus = serde_json::from_slice(body).map_err(|error| {
            Error::new(ErrorKind::Decode, "the webhook's body could not be decoded")
                .with_source(error)
        })?;
        Ok(match status.phase() {
            Phase::Ready => Self::Ready(status),
            Phase::Terminating | Phase::Terminated => Self::Terminated(status),
            Phase::Error => Self::Error(status),
            _ if status.error == Some(true) => Self::Error(status),
            _ => Self::Other(status),
        })
    }

    /// The state of the deployment.
    pub fn status(&self) -> &DeploymentStatus {
        let (Self::Ready(status)
        | Self::Error(status)
        | Self::Terminated(status)
        | Self::Other(status)) = self;
        status
    }
}
