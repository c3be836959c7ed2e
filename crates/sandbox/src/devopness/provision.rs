//! What cloud services and providers ask for, beyond the rules of single fields.

use serde_json::Value;

use super::call::Call;
use super::errors::{Invalid, Refusal};
use super::kinds::{CREDENTIAL, Kind, NETWORK, SERVER};
use super::store::State;
use super::version::Version;

const OS_VERSIONS: [&str; 6] = [
    "centos_7",
    "ubuntu_18_04",
    "ubuntu_20_04",
    "ubuntu_22_04",
    "ubuntu_24_04",
    "ubuntu_26_04",
];

/// Refuses a server, network or credential that its provider could not make use of.
pub(super) fn check(state: &State, call: &Call<'_>, kind: &Kind) -> Result<(), Refusal> {
    let mut invalid = Invalid::default();
    if *kind == SERVER {
        server(call, &mut invalid);
    }
    if *kind == SERVER || *kind == NETWORK {
        provider(state, call, &mut invalid);
    }
    if *kind == CREDENTIAL && call.version != Version::V2025_11 {
        login(call, &mut invalid);
    }
    invalid.check()
}

fn server(call: &Call<'_>, invalid: &mut Invalid) {
    let input = &call.body["provision_input"];
    let settings = &input["settings"];
    let needed: &[&str] = match input["cloud_service_code"].as_str().unwrap_or_default() {
        "aws-ec2" | "azure-rm" | "hetzner-hcloud" => {
            &["region", "instance_type", "storage_size", "os_version_code"]
        }
        "self-hosted-custom" => &["os_version_code"],
        _ => &["region", "instance_type", "os_version_code"],
    };
    for name in needed {
        let field = format!("provision_input.settings.{name}");
        let said = field.replace(['_', '.'], " ");
        let value = &settings[name];
        if value.is_null() || value == "" {
            invalid.add(&field, format!("The {said} field is required."));
        } else if *name == "storage_size" {
            if value.as_i64().is_none() {
                invalid.add(&field, format!("The {said} must be an integer."));
            } else if value.as_i64() < Some(1) {
                invalid.add(&field, format!("The {said} must be at least 1."));
            }
        } else if !value.is_string() {
            invalid.add(&field, format!("The {said} must be a string."));
        } else if *name == "os_version_code" && !knows_os(value, call.version) {
            invalid.add(&field, format!("The selected {said} is invalid."));
        }
    }
}

fn knows_os(code: &Value, version: Version) -> bool {
    let mut known = OS_VERSIONS.iter();
    known.any(|known| code == known) && (version != Version::V2025_11 || code != "ubuntu_26_04")
}

/// A credential opens its own provider only.
fn provider(state: &State, call: &Call<'_>, invalid: &mut Invalid) {
    let code = call.body["provision_input"]["cloud_service_code"].as_str();
    let wanted = code
        .and_then(|code| Some(code.split_once('-')?.0))
        .unwrap_or_default();
    let id = &call.body["credential_id"];
    let id = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
    let given = state.get(&CREDENTIAL, &id);
    if let Some(given) = given
        && wanted != "self"
        && given.field("provider")["code"] != wanted
    {
        invalid.add("credential_id", "The selected credential id is invalid.");
    }
}

/// Source providers are logged in to in one of several ways.
fn login(call: &Call<'_>, invalid: &mut Invalid) {
    if call.text("provider_type") != "source_provider" {
        return;
    }
    let field = "settings.credential.auth_type";
    match call.body["settings"]["credential"]["auth_type"].as_str() {
        None => invalid.add(
            field,
            "The settings credential auth type field is required.",
        ),
        Some("oauth" | "application" | "api_credentials") => {}
        Some(_) => invalid.add(
            field,
            "The selected settings credential auth type is invalid.",
        ),
    }
}
