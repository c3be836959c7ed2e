//! Fields that follow from others.

use serde_json::{Value, json};

use super::kinds::{
    APPLICATION, CREDENTIAL, ENVIRONMENT, Kind, PROJECT, SERVER, VARIABLE, VIRTUAL_HOST,
};
use super::store::{Record, State};
use super::view::{human, provider as provider_name};

/// Sets the fields that follow from others.
pub(super) fn complete(record: &mut Record, kind: &Kind) {
    for field in [
        "type",
        "operation",
        "target",
        "programming_language",
        "framework",
    ] {
        let readable = format!("{field}_human_readable");
        if record.body.contains_key(&readable) {
            record.set(&readable, human(record.text(field)));
        }
    }
    match kind {
        kind if *kind == SERVER => complete_server(record),
        kind if *kind == CREDENTIAL => {
            // What unlocks the account is never shown again, so it isn't kept either.
            let settings = record.body.remove("settings").unwrap_or_default();
            if let Some(way) = login_of(record, &settings) {
                record.set("provider_auth_type_human_readable", human(way));
                record.set("provider_auth_type", way);
            }
            let readable = human(record.text("provider_type"));
            if let Some(code) = record.body.remove("provider_code") {
                let provider = json!({
                    "active": true,
                    "code": code,
                    "code_human_readable": provider_name(code.as_str().unwrap_or_default()),
                    "type": record.text("provider_type"),
                    "type_human_readable": readable,
                });
                record.set("provider", provider);
            }
            record.set("provider_type_human_readable", readable);
        }
        kind if *kind == APPLICATION => {
            let repository = record.text("repository").to_owned();
            let (owner, name) = repository.split_once('/').unwrap_or(("", &repository));
            record.set("repository_owner", owner);
            record.set("repository_name", name);
        }
        kind if *kind == ENVIRONMENT || *kind == PROJECT => {
            if record.body.contains_key("teams") {
                record.set("teams", json!([]));
            }
            record.body.entry("archived_at").or_insert(Value::Null);
        }
        kind if kind.resource == "service" => {
            let name = human(record.text("type"));
            record.set("name", name);
            record.set("description", Value::Null);
        }
        kind if *kind == VARIABLE => {
            let (resource, id) = record.parent.split_once('/').unwrap_or_default();
            let (resource, id) = (resource.to_owned(), json!(id.parse::<u64>().ok()));
            record.set("resource_type", resource);
            record.set("resource_id", id);
        }
        _ => {}
    }
}

/// How a credential logs in, where that is shown and not known yet.
fn login_of(record: &Record, settings: &Value) -> Option<&'static str> {
    let shown = record.body.contains_key("provider_auth_type");
    let sent = settings["credential"]["auth_type"].as_str();
    let is_new = record.body.contains_key("provider_code");
    match (record.text("provider_type"), sent) {
        _ if !shown => None,
        ("source_provider", Some("application")) => Some("application"),
        ("source_provider", Some("oauth")) => Some("oauth"),
        ("source_provider", None) if is_new => Some("oauth"),
        _ if is_new => Some("api_credentials"),
        _ => None,
    }
}

fn complete_server(record: &mut Record) {
    let input = record.field("provision_input").clone();
    let settings = &input["settings"];
    let code = input["cloud_service_code"].as_str().unwrap_or_default();
    let provider = match code.split_once('-') {
        Some(("self", _)) => "self-hosted",
        Some((provider, _)) => provider,
        None => code,
    };
    record.set("cloud_service_code", code);
    record.set("provider_name", provider);
    record.set("provider_name_human_readable", provider_name(provider));
    record.set("os_version_code", settings["os_version_code"].clone());
    record.set("region", settings["region"].clone());
    record.set(
        "region_human_readable",
        settings["region_human_readable"].clone(),
    );
    let name = record.text("hostname").to_owned();
    record.set("name", name);
    if let services @ Value::Array(_) = record.field("blueprint").clone() {
        let at = record.field("created_at").clone();
        let blueprint = json!({
            "id": record.number(), "name": format!("bp-{}", record.text("hostname")), "type": "server",
            "spec": {"services": services}, "created_at": at, "updated_at": at,
        });
        record.set("blueprint", blueprint);
    }
}

/// A certificate is called after the virtual host it is for.
pub(super) fn name_certificate(state: &mut State) {
    let Some(certificate) = state.records.last() else {
        return;
    };
    let host = certificate.field("virtual_host_id").to_string();
    let name = state
        .get(&VIRTUAL_HOST, &host)
        .map(|host| host.text("name").to_owned());
    if let (Some(name), Some(certificate)) = (name, state.records.last_mut()) {
        certificate.set("name", name);
    }
}
