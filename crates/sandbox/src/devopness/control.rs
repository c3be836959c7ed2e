//! What tests can see of a running Devopness stand-in, and do to it.

use jiff::SignedDuration;
use serde_json::Value;

use super::Devopness;
use super::kinds::{HOOK, Kind};
use super::outcome::Outcome;
use super::signature;
use super::store::{Record, timestamp};
use crate::running::Running;
use crate::sync::lock;

/// What the Devopness stand-in adds.
impl Running<Devopness> {
    /// How the next action ends. Called several times, it decides for as many.
    pub fn next_outcome(&self, outcome: Outcome) {
        lock(&self.service().next_outcomes).push_back(outcome);
    }

    /// All things of a resource type (`server`, `application`, `variable`, …) as they are now,
    /// oldest first, with all fields. Empty for a type that isn't kept.
    pub fn resources(&self, resource_type: &str) -> Vec<Value> {
        let now = self.clock().instant();
        let service = self.service();
        let mut state = lock(&service.state);
        state.settle(now);
        let Some(kind) = Kind::of_resource(resource_type) else {
            return Vec::new();
        };
        let shown = state.of(kind, "").map(|record| state.single(record, now));
        shown.collect()
    }

    /// All actions as they are now, oldest first, with all fields.
    pub fn actions(&self) -> Vec<Value> {
        let now = self.clock().instant();
        let service = self.service();
        let state = lock(&service.state);
        state
            .actions
            .iter()
            .map(|action| state.action(action, now))
            .collect()
    }

    /// Makes the token with this secret expire now. Says whether there is one.
    pub fn expire_token(&self, secret: &str) -> bool {
        let past = self
            .clock()
            .now()
            .saturating_sub(SignedDuration::from_secs(1));
        let service = self.service();
        let mut state = lock(&service.state);
        let is_it = |record: &&mut Record| record.secret.as_deref() == Some(secret);
        match (state.records.iter_mut().find(is_it), past) {
            (Some(token), Ok(past)) => {
                token.set("expires_at", timestamp(past));
                true
            }
            _ => false,
        }
    }

    /// The message authentication code with which the service signs a body for this hook, in
    /// hexadecimal digits: what an incoming hook demands, and an outgoing one sends. Nothing for
    /// an unknown hook, or one that requires no secret.
    pub fn hook_signature(&self, hook_id: &str, body: &[u8]) -> Option<String> {
        let service = self.service();
        let state = lock(&service.state);
        let hook = state.get(&HOOK, hook_id)?;
        signature::sign(hook.text("secret_algorithm"), hook.secret.as_deref()?, body)
    }
}
