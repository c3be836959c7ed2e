//! What a service is asked to do in a rollout. Each file beside this one is one service.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};
use std::time::Duration;

use futures::future::BoxFuture;
use futures::stream::BoxStream;

use super::tell::Teller;
use super::{Handle, Outcome};
use crate::core::{Error, Result, Wait};

/// Begins a deployment.
pub(super) trait Starting: Send + Sync {
    /// What the deployment is found by if the answer to its trigger is lost. Changes nothing.
    fn prepare(&self) -> BoxFuture<'_, Result<Handle>>;

    /// Triggers it: once.
    fn trigger<'a>(&'a self, handle: &'a Handle) -> BoxFuture<'a, Result<Started>>;

    /// Whether it may have been triggered, in spite of this error.
    fn is_lost(&self, error: &Error) -> bool {
        error.may_have_been_sent()
    }
}

/// What a trigger was answered with.
pub(super) struct Started {
    /// The deployment, if the answer names it.
    pub(super) id: Option<String>,
    /// What it writes, if the answer is that.
    pub(super) lines: Option<BoxStream<'static, Result<String>>>,
}

impl Started {
    pub(super) fn new(id: impl ToString) -> Self {
        Self {
            id: Some(id.to_string()),
            lines: None,
        }
    }
}

/// Looks after a deployment that was begun.
pub(super) trait Watching: Send + Sync {
    /// The deployments that may be the one of a handle without an id.
    fn find<'a>(&'a self, handle: &'a Handle) -> BoxFuture<'a, Result<Vec<String>>>;

    /// Follows it to its end.
    fn follow<'a>(
        &'a self,
        handle: &'a Handle,
        lines: Option<BoxStream<'static, Result<String>>>,
        teller: &'a mut Teller,
    ) -> BoxFuture<'a, Result<Outcome>>;

    /// Asks for its end.
    fn cancel<'a>(&'a self, handle: &'a Handle) -> BoxFuture<'a, Result<()>>;
}

/// How often to look, where a service has no stream: first, and at the longest. The service's own, unless set.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Pace(pub(super) Option<(Duration, Duration)>);

impl Pace {
    /// The rollout has a deadline; the wait needs none.
    pub(super) fn of<T: Clone + Send + 'static>(self, wait: Wait<T>) -> Wait<T> {
        let wait = wait.no_deadline();
        match self.0 {
            Some((first, longest)) => wait.every(first, longest),
            None => wait,
        }
    }
}

/// The id in a handle that was answered.
pub(super) fn id_of(handle: &Handle) -> Result<&str> {
    handle
        .id()
        .ok_or_else(|| Error::invalid_input("handle", "names no deployment yet"))
}

/// A label that was never used. It has 20 characters: as many as tags of Edgegap may have in all its versions.
pub(super) fn unused_label() -> String {
    let random = RandomState::new().build_hasher().finish();
    format!("rollout-{:012x}", random & 0xffff_ffff_ffff)
}
