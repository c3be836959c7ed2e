//! The matchmaker and the server browser: instances of one's own, below this address.

use std::sync::Arc;

use serde_json::{Value, json};

use super::deployment::Phase;
use super::matchmaker::{self, Servers};
use super::{Edgegap, errors, locations};
use crate::reply::Reply;
use crate::request::Request;
use crate::sync::lock;

/// Where they are, below the stand-in's own address.
pub(super) const MATCHMAKER: &str = "matchmaker";
pub(super) const BROWSER: &str = "server-browser";

/// Their tokens, sent bare.
pub(super) const MATCHMAKER_TOKEN: &str = "matchmaker-5d0a2c51";
pub(super) const BROWSER_TOKEN: &str = "server-browser-7f1e93b8";
pub(super) const BROWSER_CLIENT_TOKEN: &str = "server-browser-client-2b6d40fa";

/// Whether the request has a token of that instance.
pub(super) fn opens(name: &str, request: &Request) -> bool {
    let token = request.header("authorization").unwrap_or_default();
    match name {
        MATCHMAKER => token == MATCHMAKER_TOKEN,
        _ => [BROWSER_TOKEN, BROWSER_CLIENT_TOKEN].contains(&token),
    }
}

impl Edgegap {
    /// Everything below one of them.
    pub(super) fn instance(
        self: &Arc<Self>,
        name: &str,
        rest: &[&str],
        request: &Request,
    ) -> Reply {
        if !opens(name, request) {
            return errors::unauthorized();
        }
        let token = request.header("authorization").unwrap_or_default();
        match (request.method(), rest) {
            ("GET", ["monitor"]) => Reply::json(
                200,
                json!({
                    "status": "HEALTHY", "message": "All components are healthy",
                    "healthy_components": 3, "unhealthy_components": 0,
                }),
            )
            .example(),
            ("GET", ["locations", "beacons"]) => locations::instance_beacons().example(),
            _ if name == MATCHMAKER => {
                let servers = Started(self);
                lock(&self.matches).route(rest, request, &servers, self.clock().now())
            }
            _ => lock(&self.browser).route(rest, request, token == BROWSER_TOKEN, self.clock()),
        }
    }
}

/// The stand-in's own servers.
struct Started<'a>(&'a Arc<Edgegap>);

impl Servers for Started<'_> {
    fn start(&self, profile: &str) -> String {
        let order = json!({
            "application": "my-app", "version": "v1", "tags": [profile],
            "users": [{"user_type": "geo_coordinates", "user_data": {"latitude": 45.5, "longitude": -73.6}}],
        });
        self.0.begin(order, None).id.clone()
    }

    fn look(&self, id: &str) -> Option<(Phase, Value)> {
        let deployment = self.0.deployment(id)?;
        let now = self.0.now();
        let status = deployment.status(now, self.0.clock());
        Some((
            deployment.phase(now),
            matchmaker::assignment(&deployment, &status),
        ))
    }
}
