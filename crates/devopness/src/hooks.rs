//! Hooks.

mod models;
#[cfg(feature = "signatures")]
mod signature;
mod triggers;

pub use models::*;
#[cfg(feature = "signatures")]
pub use signature::*;
pub use triggers::*;

use crate::dispatched::Dispatched;

deploykit_core::endpoints! {
    /// Hooks. An incoming one triggers an action when it is called; an outgoing one calls a URL when an action
    /// changes.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::devopness().speed(100.0).start().await?;
    /// # let client = deploykit_devopness::Client::builder().token(sandbox.token()).base_url(sandbox.base_url()).build()?;
    /// let hooks = client.pipelines().hooks(1u64).await?.items;
    /// for hook in hooks.iter().filter(|hook| hook.active == Some(true)) {
    ///     println!("{}: {:?}", hook.name, hook.url);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub struct Hooks;

    /// Triggers an incoming hook. The answer names the action. With the feature `signatures`, `trigger_signed` is for one
    /// that requires a signature.
    /// Errors: 403, 404, 422.
    triggerHook: POST "/hooks/{hook_id}/trigger"
        => trigger(hook_id: HookId) -> Dispatched<HookTriggerResponse>;

    /// Deletes a hook.
    /// Errors: 403.
    deleteHook: DELETE "/hooks/{hook_type}/{hook_id}" => delete(hook_type: HookTypeParam, hook_id: HookId);

    /// Fetches a hook, without its secret.
    /// Errors: 403.
    getHook: GET "/hooks/{hook_type}/{hook_id}" => get(hook_type: HookTypeParam, hook_id: HookId) -> Hook;

    /// Changes a hook.
    /// Errors: 403, 422.
    updateHook: PUT "/hooks/{hook_type}/{hook_id}"
        => update(hook_type: HookTypeParam, hook_id: HookId, body: &HookUpdate);

    /// Lists the requests that a hook got or made.
    listHookRequestsByHookType: GET "/hooks/{hook_type}/{hook_id}/requests"
        => requests(hook_type: HookTypeParam, hook_id: HookId) -> Pages<HookRequestRelation>;

    /// Fetches a request that a hook got or made, with its answer.
    /// Errors: 403, 404.
    getHookRequest: GET "/hook-requests/{hook_request_id}"
        => request(hook_request_id: HookRequestId) -> HookRequest;
}

deploykit_core::id! {
    /// A hook.
    pub struct HookId(String);

    /// A request that a hook got or made.
    pub struct HookRequestId(String);
}
