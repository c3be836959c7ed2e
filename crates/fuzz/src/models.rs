//! What single services send: frames of a stream, signed requests, manifests, variables.

use std::collections::BTreeMap;

use deploykit_devopness::hooks::HookSigner;
use deploykit_edgegap::Injected;
use deploykit_scalingo::Frame;
use deploykit_tsuru::ServiceManifest;
use serde_json::Value;

use crate::server::parts;

/// A frame of Scalingo's live stream.
pub fn frame(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let document: Option<Value> = serde_json::from_str(&text).ok();
    let Some(frame) = Frame::parse(&text) else {
        assert_eq!(document, None, "what is JSON is a frame");
        return;
    };
    let document = document.expect("what is no JSON is no frame");
    let kind = document["type"].as_str();
    match frame {
        Frame::Log {
            deployment,
            content,
        } => {
            assert_eq!(kind, Some("log"));
            assert_eq!(document["data"]["content"], content);
            is_id(&document["id"], deployment.as_str());
        }
        Frame::Status { deployment, status } => {
            assert_eq!(kind, Some("status"));
            let said = &document["data"];
            let spellings = [&said["status"], &said["Status"]];
            assert!(spellings.iter().any(|said| **said == status.to_string()));
            is_id(&document["id"], deployment.as_str());
        }
        Frame::New { details, .. } => {
            assert_eq!(kind, Some("new"));
            assert!(details.is_none() || document["data"]["deployment"].is_object());
        }
        Frame::Ping { .. } => assert_eq!(kind, Some("ping")),
        Frame::Unknown(kept) => assert_eq!(kept, document),
        other => panic!("{other:?} is new here"),
    }
}

/// An id is a text; some servers send it as a number.
fn is_id(said: &Value, id: &str) {
    let said = match said {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    assert_eq!(said, id);
}

/// A byte that chooses the hash function, a line with the signature, and the body.
pub fn hook(data: &[u8]) {
    const HASHES: [&str; 4] = ["sha224", "sha256", "sha384", "sha512"];

    let [chosen, rest @ ..] = data else {
        return;
    };
    let hash = HASHES[usize::from(*chosen) % HASHES.len()];
    let [claimed, body] = parts(rest);
    let claimed = String::from_utf8_lossy(claimed);
    let signer = HookSigner::new(hash, "x-signature", "zq9-secret").expect("it is a hash");
    let right = signer.sign(body);

    let digits = claimed.trim();
    let digits = digits.strip_prefix(&format!("{hash}=")).unwrap_or(digits);
    assert_eq!(
        signer.verify(body, &claimed),
        digits.eq_ignore_ascii_case(&right),
        "{claimed:?}"
    );
    assert!(signer.verify(body, &right));
    assert!(signer.verify(body, &format!(" {hash}={right}\n")));
    assert!(!signer.verify(body, &right[2..]));
    assert!(!signer.verify(body, &format!("{right}00")));
    assert!(!signer.verify(&[body, b"\n"].concat(), &right));
    let other = if right.starts_with('0') { "1" } else { "0" };
    assert!(!signer.verify(body, &format!("{other}{}", &right[1..])));
    let others = HASHES.iter().filter(|other| **other != hash);
    for prefix in others.copied().chain([&*claimed]) {
        if format!("{prefix}=").trim() != format!("{hash}=") && !prefix.trim().is_empty() {
            assert!(
                !signer.verify(body, &format!("{prefix}={right}")),
                "{prefix:?}"
            );
        }
    }
}

/// The values of a manifest of tsuru, each on a line; `\r` stands for a line end in them.
pub fn manifest(data: &[u8]) {
    let values: [&[u8]; 3] = parts(data);
    let [id, endpoint, password] =
        values.map(|value| String::from_utf8_lossy(value).replace('\r', "\n"));
    let manifest = ServiceManifest::new(id, &*endpoint).password(password);
    let yaml = manifest.to_yaml().expect("any text can be written");
    let read: ServiceManifest = serde_yaml_ng::from_str(&yaml).expect("it is YAML");
    assert_eq!(read, manifest, "{yaml}");
}

/// Variables of a container of Edgegap, each on a line as `NAME=value`, without their common prefix.
pub fn injected(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let variables: BTreeMap<String, String> = text
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (format!("ARBITRIUM_{name}"), value.to_owned()))
        .collect();
    let given = |name: &str| {
        let value = variables.get(&format!("ARBITRIUM_{name}"));
        value
            .map(String::as_str)
            .filter(|value| !value.trim().is_empty())
    };
    let read = match Injected::from_vars(variables.clone()) {
        Ok(read) => read,
        Err(error) => {
            assert_eq!(given("REQUEST_ID"), None, "{error}");
            return;
        }
    };
    assert_eq!(given("REQUEST_ID"), Some(read.request_id.as_str()));

    // Nothing is lost: what is not known, and what cannot be read, is there as it came.
    let kept = |name: &str| {
        let value = read.others.get(&format!("ARBITRIUM_{name}"));
        value.map(|value| value.expose().to_owned())
    };
    for (name, value) in &variables {
        if name.starts_with("ARBITRIUM_X_") {
            assert_eq!(read.others[name].expose(), value);
        }
    }
    for (name, is_read) in [
        ("DEPLOYMENT_MEMORY_MB", read.memory_mb.is_some()),
        ("DEPLOYMENT_VCPU_UNITS", read.vcpu_units.is_some()),
        (
            "HOST_BASE_CLOCK_FREQUENCY",
            read.host_base_clock_frequency.is_some(),
        ),
        ("HOST_IN_PRIVATE_FLEET", read.in_private_fleet.is_some()),
        ("DEPLOYMENT_LOCATION", read.location.is_some()),
        ("DELETE_TOKEN", read.delete_token.is_some()),
    ] {
        if let Some(value) = given(name) {
            assert!(
                is_read || kept(name).as_deref() == Some(value),
                "{name} is lost"
            );
        }
    }

    // No secret is shown, nor sent to a stranger.
    let shown = format!("{read:?}");
    for name in ["DELETE_TOKEN", "CONTEXT_TOKEN", "DELETE_URL"] {
        if let Some(secret) = given(name).filter(|secret| secret.starts_with("zq9-")) {
            let elsewhere = variables.iter().any(|(other, value)| {
                !other.ends_with(name) && (value.contains(secret) || other.contains(secret))
            });
            assert!(elsewhere || !shown.contains(secret), "{name} in {shown}");
        }
    }
    if read.self_stop().is_ok() {
        let address = read.delete_url.as_ref().expect("it has one");
        let address = deploykit_core::parse_base_url(address.expose().trim());
        let host = address
            .expect("it is an address")
            .host_str()
            .map(str::to_owned);
        let host = host.unwrap_or_default();
        assert!(
            host == "edgegap.com" || host.ends_with(".edgegap.com"),
            "{host}"
        );
    }
}
