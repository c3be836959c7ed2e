//! What tests can see of a running Edgegap stand-in, and do to it.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use serde_json::Value;

use super::webhooks::Posted;
use super::{Edgegap, Outcome, instances};
use crate::faults::Strike;
use crate::reply::Body;
use crate::request::Request;
use crate::running::Running;
use crate::service::Service;
use crate::sync::lock;

/// What the Edgegap stand-in adds. Methods that take an id return nothing for one that doesn't
/// exist.
impl Running<Edgegap> {
    /// How the next server starts. Called several times, it decides for as many.
    pub fn next_outcome(&self, outcome: Outcome) {
        lock(&self.service().next_outcomes).push_back(outcome);
    }

    /// How many servers were ever started.
    pub fn created(&self) -> usize {
        lock(&self.service().deployments).all.len()
    }

    /// All deployments as they are now, in order of creation, in the form of the status operation.
    pub fn deployments(&self) -> Vec<Value> {
        let now = self.clock().instant();
        let service = self.service();
        let deployments = lock(&service.deployments);
        let view = |one: &Arc<super::Deployment>| one.status(now, self.clock());
        deployments.all.iter().map(view).collect()
    }

    /// The private host that a deployment runs on; nothing in the cloud.
    pub fn host_of(&self, request_id: &str) -> Option<String> {
        self.service().deployment(request_id)?.host.clone()
    }

    /// The variables that the container of a deployment would find.
    pub fn injected(&self, request_id: &str) -> Option<Vec<(String, String)>> {
        let deployment = self.service().deployment(request_id)?;
        Some(deployment.injected(self.base_url()))
    }

    /// How many requests were refused because a documented limit was used up.
    pub fn rejected(&self) -> u64 {
        self.service().rejected.load(Ordering::Relaxed)
    }

    /// The webhooks that were posted, oldest first.
    pub fn webhooks(&self) -> Vec<Posted> {
        lock(&self.service().posted).clone()
    }

    /// The reports of deployments: id, and what was sent.
    pub fn reports(&self) -> Vec<(String, Value)> {
        lock(&self.service().reports).clone()
    }

    /// Address of the matchmaker.
    pub fn matchmaker_url(&self) -> String {
        format!("{}/{}", self.base_url(), instances::MATCHMAKER)
    }

    /// Token of the matchmaker.
    pub fn matchmaker_token(&self) -> &'static str {
        instances::MATCHMAKER_TOKEN
    }

    /// Address of the server browser.
    pub fn server_browser_url(&self) -> String {
        format!("{}/{}", self.base_url(), instances::BROWSER)
    }

    /// Token of the server browser for servers, which may do everything.
    pub fn server_browser_token(&self) -> &'static str {
        instances::BROWSER_TOKEN
    }

    /// Token of the server browser for players, which may read and reserve.
    pub fn server_browser_client_token(&self) -> &'static str {
        instances::BROWSER_CLIENT_TOKEN
    }

    /// Answers a request without a network: status and body. For tests on tokio's paused time, which
    /// sockets don't keep to. Faults strike as usual; where they break the connection off, there is
    /// no answer.
    pub async fn answer(
        &self,
        method: &str,
        target: &str,
        authorization: Option<&str>,
        body: impl Into<Bytes>,
    ) -> Option<(u16, Bytes)> {
        let mut request = http::Request::builder().method(method).uri(target);
        if let Some(authorization) = authorization {
            request = request.header(http::header::AUTHORIZATION, authorization);
        }
        let (parts, ()) = request.body(()).ok()?.into_parts();
        let request = Request::new(parts, body.into().into(), Edgegap::SLASH);
        self.server.log.record(&request, self.clock().now());
        let struck = self.faults().strikes(request.method(), request.path());
        let strike = struck.map(|(_, strike)| strike);
        match &strike {
            Some(Strike::Reply { status, body, .. }) => {
                return Some((*status, body.clone().into()));
            }
            Some(Strike::Delay(delay)) => tokio::time::sleep(*delay).await,
            Some(Strike::ResetBefore) => return None,
            _ => {}
        }
        let reply = self.service().handle(request).await;
        match (strike, reply.body) {
            (Some(Strike::ResetAfter | Strike::TruncatedBody), _) => None,
            (_, Body::Bytes(bytes)) => Some((reply.status.as_u16(), bytes)),
            _ => None,
        }
    }
}
