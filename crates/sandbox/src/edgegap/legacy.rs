//! What version 1 did before version 2 did it, and the report of a deployment.

use std::sync::Arc;

use serde_json::{Value, json};

use super::deployment::Deployment;
use super::errors::{self, Refusal};
use super::knobs::Outcome;
use super::shelf::{body, or_refusal};
use super::{Edgegap, orders};
use crate::reply::Reply;
use crate::request::Request;
use crate::sync::lock;
use crate::validate::{Fields, Kind};

impl Edgegap {
    /// `POST /v1/deploy`
    pub(super) fn deploy_v1(self: &Arc<Self>, request: &Request) -> Reply {
        or_refusal(self.deployed_v1(request))
    }

    fn deployed_v1(self: &Arc<Self>, request: &Request) -> Result<Reply, Refusal> {
        let body = body(request)?;
        Fields::of(&body)
            .required("app_name", Kind::String)
            .optional("version_name", Kind::String)
            .optional("ip_list", Kind::Array)
            .optional("geo_ip_list", Kind::Array)
            .optional("env_vars", Kind::Array)
            .optional("tags", Kind::Array)
            .check()
            .map_err(|problems| Box::new(errors::invalid(problems)))?;
        let application = body["app_name"].as_str().unwrap_or_default();
        let newest = lock(&self.catalog).newest(application).map(str::to_owned);
        let version = body["version_name"].as_str().map(str::to_owned).or(newest);
        let version = version.unwrap_or_else(|| "v1".to_owned());
        let list = |name: &str| body[name].as_array().cloned().unwrap_or_default();
        let addresses = list("ip_list")
            .into_iter()
            .map(|ip| json!({"user_type": "ip_address", "user_data": {"ip_address": ip}}));
        let places = list("geo_ip_list").into_iter().map(|at| {
            let data = json!({"latitude": at["latitude"], "longitude": at["longitude"]});
            json!({"user_type": "geo_coordinates", "user_data": data})
        });
        let users: Vec<Value> = addresses.chain(places).collect();
        let variables = list("env_vars").into_iter().map(|mut one| {
            one["is_hidden"] = json!(one["is_hidden"] == true);
            one
        });
        let mut order = json!({
            "application": application, "version": version, "users": users, "tags": list("tags"),
            "environment_variables": variables.collect::<Vec<_>>(),
        });
        if body["webhook_url"].is_string() {
            order["webhook_on_ready"] = json!({"url": body["webhook_url"]});
        }
        orders::check(&order)?;
        if let Err(problem) = lock(&self.catalog).deployable(application, &version) {
            return Err(Box::new(errors::not_found(&problem)));
        }
        let deployment = self.begin(order, None);
        if deployment.outcome == Outcome::NotPlaced {
            let text = "No location found for this deployment";
            return Err(Box::new(errors::not_placed(&deployment.id, text)));
        }
        Ok(Reply::json(
            200,
            json!({
                "request_id": deployment.id, "request_dns": deployment.fqdn(), "request_app": application,
                "request_version": version, "request_user_count": users.len(), "filters": list("filters"),
                "tags": list("tags"), "container_log_storage": body["container_log_storage"],
            }),
        ))
    }

    /// `PATCH /v1/deployments/{id}`
    pub(super) fn update(&self, deployment: &Deployment, request: &Request) -> Reply {
        or_refusal(body(request).and_then(|body| {
            Fields::of(&body)
                .optional("is_joinable_by_session", Kind::Boolean)
                .check()
                .map_err(|problems| Box::new(errors::invalid(problems)))?;
            let mut joinable = lock(&deployment.joinable);
            if let Some(wanted) = body["is_joinable_by_session"].as_bool() {
                *joinable = wanted;
            }
            Ok(Reply::json(
                200,
                json!({"is_joinable_by_session": *joinable}),
            ))
        }))
    }

    /// `POST /v1/deployments/{id}:report`
    pub(super) fn report(&self, deployment: &Deployment, request: &Request) -> Reply {
        or_refusal(body(request).and_then(|body| {
            Fields::of(&body)
                .required("reason", Kind::String)
                .optional("metadata", Kind::Object)
                .check()
                .map_err(|problems| Box::new(errors::invalid(problems)))?;
            if body["reason"].as_str().unwrap_or_default().chars().count() > 255 {
                return Err(Box::new(errors::bad_request("'reason' is too long")));
            }
            lock(&self.reports).push((deployment.id.clone(), body));
            Ok(Reply::empty(200))
        }))
    }
}
