//! One deploy for all services: a [`Target`] says what and where, a [`Rollout`] triggers it and follows it to its end.
//!
//! The common part promises only what all services keep: it is triggered once, found again, followed to an end with a
//! reason. The rest differs:
//!
//! | | Scalingo | Devopness | tsuru | Edgegap |
//! |---|---|---|---|---|
//! | deploys | an archive | an application; a pipeline | an image, archive, … | a server of a version |
//! | statuses | all | queued, running, the end | running, the end | queued, releasing, the end |
//! | log | live, with gaps told | each step's, when it ends | live; at the end, if resumed | at the end |
//! | progress | – | steps | – | phases |
//! | address | the app's | the action's page | the app's | of each port |
//! | cancel | – | – | asks; ends when it looks | stops the server |
//! | found after a lost answer | by newness and label | by newness, and comment (pipelines) | by newness | by its tag |
//! | way back | to an archive that you name | applications | to the last version that went well | stops the server |
//!
//! “By newness”: before the trigger, the newest deployment is looked up; the only one that came after it is taken. If there
//! are two, none is. If yours never began, and somebody else's did in the same seconds, theirs is taken for yours, unless a
//! label, comment or tag that nobody else has rules that out: without one of your own, such a one is made.
//!
//! Requests are the services' own calls, with their limits and retries. What only one service has is reached through
//! [`Clients`] and [`Handle::id`].
//!
//! [`deploy_all`] deploys several at once.

#![cfg_attr(
    not(all(
        feature = "scalingo",
        feature = "devopness",
        feature = "tsuru",
        feature = "edgegap"
    )),
    allow(dead_code, unused, reason = "not each service needs all of it")
)]

mod all;
mod clients;
#[cfg(feature = "devopness")]
mod devopness;
#[cfg(feature = "edgegap")]
mod edgegap;
mod event;
mod fields;
mod handle;
mod rollout;
#[cfg(feature = "scalingo")]
mod scalingo;
mod service;
mod summary;
mod target;
mod tell;
#[cfg(feature = "tsuru")]
mod tsuru;

pub use all::{AllEvent, DeployAll, deploy_all};
pub use clients::Clients;
#[cfg(feature = "devopness")]
pub use devopness::Devopness;
#[cfg(feature = "edgegap")]
pub use edgegap::Edgegap;
pub use event::{Event, Outcome, Status};
pub use handle::Handle;
pub use rollout::Rollout;
#[cfg(feature = "scalingo")]
pub use scalingo::Scalingo;
pub use summary::{End, Ended, Summary};
pub use target::Target;
#[cfg(feature = "tsuru")]
pub use tsuru::Tsuru;

use crate::core::{Error, ErrorKind};

/// A stream of the service ended before the deployment did.
fn lost(handle: &Handle) -> Error {
    let message = format!("{} {}: its end was not told", handle.service, handle.name);
    Error::new(ErrorKind::Interrupted, message).maybe_sent()
}

fn no_cancel(service: &str) -> Error {
    let problem = format!("cannot be cancelled: {service} has no call for it");
    Error::invalid_input("rollout", problem)
}
