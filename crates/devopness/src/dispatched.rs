//! What calls answer that start an action.

use deploykit_core::{Error, ErrorKind, FromResponse, RawResponse, Result, Wait};

use crate::Client;
use crate::actions::{Action, ActionId};

/// Names the action that a call started.
const ACTION_ID: &str = "x-devopness-action-id";

/// What a call answered, and the action that it started.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Dispatched<T = NoContent> {
    /// The answer itself.
    pub value: T,
    /// The action. The service may start none, if there is nothing to do on any server.
    pub action_id: Option<ActionId>,
}

/// An answer that is nothing but its status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct NoContent;

impl<T> Dispatched<T> {
    /// An answer that no server gave, for tests: with the action that it started, if any.
    pub fn new(value: T, action_id: Option<ActionId>) -> Self {
        Self { value, action_id }
    }

    /// Follows the action to its end, as [`Actions::wait`](crate::actions::Actions::wait) does.
    ///
    /// If the answer named no action, the wait fails at once with [`ErrorKind::Failed`].
    pub fn wait(&self, client: &Client) -> Wait<Action> {
        let missing = || Error::new(ErrorKind::Failed, "the answer named no action to wait for");
        match self.action_id {
            Some(id) => client.actions().wait(id),
            None => Action::waiting("no action", move || Box::pin(async move { Err(missing()) })),
        }
    }
}

impl<T: FromResponse> FromResponse for Dispatched<T> {
    fn from_response(response: &RawResponse) -> Result<Self> {
        // The work has begun: a header that can't be read must not make the call look failed.
        let action_id = response
            .headers
            .get(ACTION_ID)
            .and_then(|id| id.to_str().ok()?.trim().parse().ok());
        let value = T::from_response(response).map_err(|error| match action_id {
            Some(id) => {
                let message = format!("action {id} was started, but its answer can't be read");
                response
                    .error(ErrorKind::Decode, message)
                    .with_source(error)
            }
            None => error,
        })?;
        Ok(Self { value, action_id })
    }
}

impl FromResponse for NoContent {
    fn from_response(_: &RawResponse) -> Result<Self> {
        Ok(Self)
    }
}

deploykit_core::__with_dispatch! {
    mod reread {
        use deploykit_core::dispatch::Reread;
        use serde_json::{Result, Value};

        use super::{Dispatched, NoContent};

        impl<T: Reread> Reread for Dispatched<T> {
            fn reread(&self) -> Result<Value> {
                self.value.reread()
            }
        }

        impl Reread for NoContent {
            fn reread(&self) -> Result<Value> {
                Ok(Value::Null)
            }
        }
    }
}
