//! The end of deployments.

use std::sync::Arc;

use serde_json::{Value, json};

use super::deployment::{Deployment, Stopped};
use super::{Edgegap, errors};
use crate::reply::Reply;
use crate::request::Request;
use crate::sync::lock;
use crate::validate::{Fields, Kind};

impl Edgegap {
    /// `DELETE /v1/stop/{id}`
    pub(super) fn stop(&self, deployment: &Deployment, request: &Request) -> Reply {
        match request.query("container_log_storage") {
            Some("false") => deployment.keep_log(None),
            // The endpoint storage that is there already.
            Some("true") | None => {}
            Some(name) => deployment.keep_log(Some(name.to_owned())),
        }
        let (now, id) = (self.now(), &deployment.id);
        match deployment.stop(now) {
            Stopped::Now => Reply::json(
                200,
                json!({
                    "message": format!("Instance {id} will be deleted"),
                    "deployment_summary": deployment.status(now, self.clock()),
                }),
            ),
            Stopped::Later => {
                let message = format!("{id} - Delete request will be processed soon");
                Reply::json(202, json!({ "message": message }))
            }
            Stopped::Before => errors::gone(id),
        }
    }

    /// `DELETE /v1/self/stop/{id}/{access point}`
    pub(super) fn self_stop(&self, id: &str, access_point: &str, request: &Request) -> Reply {
        self.with(id, |deployment| {
            // Raw: a scheme before it is wrong.
            if request.header("authorization") != Some(&deployment.delete_token) {
                return errors::unauthorized();
            }
            if access_point != deployment.access_point.to_string() {
                return errors::not_found("Access point not found");
            }
            self.stop(deployment, request)
        })
    }

    /// `POST /v1/deployments/bulk-stop`
    pub(super) fn bulk_stop(&self, request: &Request) -> Reply {
        let Ok(body) = request.json() else {
            return errors::bad_request("The request body is not valid JSON");
        };
        let fields = Fields::of(&body).required("filters", Kind::Array).check();
        if let Err(problems) = fields {
            return errors::invalid(problems);
        }
        let filters = body["filters"].as_array().cloned().unwrap_or_default();
        for filter in &filters {
            let fields = Fields::of(filter)
                .required("field", Kind::String)
                .required("values", Kind::Array)
                .required("filter_type", Kind::String);
            if let Err(problems) = fields.check() {
                return errors::invalid(problems);
            }
        }
        let now = self.now();
        let all: Vec<_> = lock(&self.deployments).all.clone();
        let mut processable = Vec::new();
        for deployment in all.iter().filter(|one| !one.has_ended(now)) {
            match filters
                .iter()
                .map(|filter| matches(filter, deployment))
                .collect::<Option<Vec<_>>>()
            {
                None => return errors::bad_request("a filter has an unknown field or type"),
                Some(matched) if matched.iter().all(|&matched| matched) => {
                    deployment.stop(now);
                    processable.push(json!({"request_id": deployment.id}));
                }
                Some(_) => {}
            }
        }
        Reply::json(202, json!({ "processable": processable }))
    }
}

/// Whether a filter matches a deployment; nothing, if it is no known filter.
fn matches(filter: &Value, deployment: &Arc<Deployment>) -> Option<bool> {
    let has = match filter["field"].as_str()? {
        "request_id" => vec![deployment.id.clone()],
        "deployment_tags" => deployment.tag_names(),
        _ => return None,
    };
    let mut values = filter["values"]
        .as_array()?
        .iter()
        .filter_map(Value::as_str);
    let is_there = |value: &str| has.iter().any(|one| one == value);
    match filter["filter_type"].as_str()? {
        "any" => Some(values.any(is_there)),
        "all" => Some(values.all(is_there)),
        "not" => Some(!values.any(is_there)),
        _ => None,
    }
}
