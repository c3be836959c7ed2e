//! Whom rollouts call.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::Handle;
use super::service::{Pace, Watching};
use crate::core::{Error, Result};

/// The clients that rollouts call with. What is not given is made when it is needed, from the variables that the
/// service's own `Client::from_env` reads, and then kept. Clones share all of it.
///
/// One of these for all rollouts is best: they then share connections, tokens, limits and live streams.
///
/// ```
/// # #[cfg(feature = "edgegap")]
/// # fn main() -> Result<(), deploykit::Error> {
/// # let client = deploykit::edgegap::Client::new("my-token")?;
/// use deploykit::deploy::Clients;
///
/// let clients = Clients::new().with_edgegap(client);
/// // The service's own client, for what rollouts do not do.
/// let deployments = clients.edgegap()?.deployments();
/// # let _ = deployments;
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "edgegap"))]
/// # fn main() {}
/// ```
#[derive(Clone, Default)]
pub struct Clients {
    kept: Arc<Mutex<Kept>>,
}

macro_rules! clients {
    ($($feature:literal $name:ident $with:ident $client:ty, $service:literal;)+) => {
        #[derive(Default)]
        struct Kept {
            $(#[cfg(feature = $feature)] $name: Option<$client>,)+
        }

        impl Clients {
            $(
                #[doc = concat!("Calls ", $service, " with this client.")]
                #[cfg(feature = $feature)]
                #[must_use]
                pub fn $with(self, client: $client) -> Self {
                    let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
                    kept.$name = Some(client);
                    drop(kept);
                    self
                }

                #[doc = concat!("The client of ", $service, ".")]
                ///
                /// # Errors
                ///
                /// If none was given, and the environment does not describe one.
                #[cfg(feature = $feature)]
                pub fn $name(&self) -> Result<$client> {
                    let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
                    if let Some(client) = &kept.$name {
                        return Ok(client.clone());
                    }
                    let client = <$client>::from_env()?;
                    kept.$name = Some(client.clone());
                    Ok(client)
                }
            )+
        }
    };
}

clients! {
    "scalingo" scalingo with_scalingo crate::scalingo::Client, "Scalingo";
    "devopness" devopness with_devopness crate::devopness::Client, "Devopness";
    "tsuru" tsuru with_tsuru crate::tsuru::v1::Client, "tsuru";
    "edgegap" edgegap with_edgegap crate::edgegap::Client, "Edgegap";
}

impl Clients {
    /// All from the environment, unless others are given.
    pub fn new() -> Self {
        Self::default()
    }

    /// What follows the deployment of a handle.
    pub(super) fn watching(&self, handle: &Handle, pace: Pace) -> Result<Box<dyn Watching>> {
        match handle.service() {
            #[cfg(feature = "scalingo")]
            "scalingo" => Ok(Box::new(super::scalingo::Follows(self.scalingo()?))),
            #[cfg(feature = "devopness")]
            "devopness" => Ok(Box::new(super::devopness::Follows(self.devopness()?, pace))),
            #[cfg(feature = "tsuru")]
            "tsuru" => Ok(Box::new(super::tsuru::Follows(self.tsuru()?, pace))),
            #[cfg(feature = "edgegap")]
            "edgegap" => Ok(Box::new(super::edgegap::Follows(self.edgegap()?, pace))),
            other => {
                let problem = format!("is of `{other}`, which this program was built without");
                Err(Error::invalid_input("handle", problem))
            }
        }
    }
}

impl fmt::Debug for Clients {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clients")
    }
}
