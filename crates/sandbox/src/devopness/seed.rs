//! What is there from the beginning.

use serde_json::{Map, Value, json};

use super::credentials;
use super::derived::complete;
use super::kinds::{
    APPLICATION, CREDENTIAL, ENVIRONMENT, Kind, ORGANIZATION, PERSONAL_TOKEN, PIPELINE, PROJECT,
    ROLE, SERVER,
};
use super::knobs::Knobs;
use super::pipelines;
use super::store::State;
use super::table::table;
use super::tokens;
use super::version::Version;
use super::view::is_related;
use crate::service::Context;

/// A project with one environment, in which servers and an application wait to be deployed to.
pub(super) fn seed(state: &mut State, knobs: &Knobs, context: &Context) {
    let at = context.clock().now();
    let mut add = |kind: &'static Kind, parent: &str, fields: Value| {
        let id = json!(state.count(kind.collection));
        let mut body = example(kind, knobs.version);
        body.extend(fields.as_object().cloned().unwrap_or_default());
        let record = state.add(kind, id, parent, body, at);
        complete(record, kind);
        record.place()
    };
    let old = knobs.version == Version::V2025_11;
    let organization = match old {
        true => String::new(),
        false => add(
            &ORGANIZATION,
            "",
            json!({"name": "Acme", "url_slug": "acme"}),
        ),
    };
    let project = add(&PROJECT, &organization, json!({"name": "my project"}));
    let staging = json!({"name": "staging", "type": "staging"});
    let environment = add(&ENVIRONMENT, &project, staging);
    for (name, permissions) in [
        (
            "admin",
            json!(["application:read", "application:create", "server:read"]),
        ),
        ("viewer", json!(["application:read", "server:read"])),
    ] {
        add(
            &ROLE,
            if old { &project } else { &organization },
            json!({"name": name, "permissions": permissions}),
        );
    }
    let owner = if old { &environment } else { &organization };
    add(
        &CREDENTIAL,
        owner,
        json!({
            "name": "github", "provider_code": "github", "provider_type": "source_provider",
        }),
    );
    let aws = json!({"name": "aws", "provider_code": "aws", "provider_type": "cloud_provider"});
    add(&CREDENTIAL, owner, aws);
    for number in 1..=knobs.servers {
        add(
            &SERVER,
            &environment,
            json!({
                "hostname": format!("web-srv-{number}"),
                "ip_address": format!("203.0.113.{}", number % 250 + 1),
                "status": "running",
                "credential_id": 2,
            }),
        );
    }
    let linked =
        (1..=knobs.servers.min(2)).map(|id| json!({"resource_type": "server", "resource_id": id}));
    let application = add(
        &APPLICATION,
        &environment,
        json!({
            "name": "my-awesome-app",
            "credential_id": 1,
            "linked_resources": linked.collect::<Vec<_>>(),
        }),
    );
    add(
        &PIPELINE,
        &application,
        json!({
            "name": "Deploy",
            "operation": "deploy",
            "trigger_when": null,
        }),
    );
    pipelines::complete(state, at);
    if !old {
        for id in ["1", "2"] {
            credentials::link(state, id, "1");
        }
    }
    let mut token = example(&PERSONAL_TOKEN, knobs.version);
    token.insert("name".to_owned(), json!("sandbox"));
    token.insert(
        "expires_at".to_owned(),
        json!(tokens::expiry(at, knobs.token_lifetime)),
    );
    tokens::add(
        state,
        &PERSONAL_TOKEN,
        "",
        token,
        Some(knobs.token.clone()),
        at,
    );
}

pub(super) fn example(kind: &Kind, version: Version) -> Map<String, Value> {
    let fields = table(version).model(kind.single).fields();
    let own = fields.filter(|(field, _)| !is_related(field));
    own.map(|(field, value)| (field.clone(), value.clone()))
        .collect()
}
