//! What is known of the service's descriptions.

use deploykit_edgegap::core::drift::{Kind, Known};

/// The differences that are known, and why they are no fault of the crate: kind, operation, end of the place, reason.
const KNOWN: &[(Kind, &str, &str, &str)] = &[
    (
        Kind::Gone,
        "deployToPrivateFleet",
        "",
        "the address on the page; the description has the one that it may move to",
    ),
    (
        Kind::Gone,
        "getRegistryCredentials",
        "",
        "not documented; known from the service's own plugins",
    ),
    (
        Kind::Gone,
        "initQuickStart",
        "",
        "not documented; known from the service's own plugins",
    ),
    (
        Kind::Undecodable,
        "listEndpointStorages",
        " $",
        "the list is not required, but always there",
    ),
    (
        Kind::Undecodable,
        "listImageTags",
        " $",
        "the list is not required, but always there",
    ),
    (
        Kind::Unsendable,
        "stopDeployment",
        "query $.container_log_storage",
        "can be added to the call with `map_request`",
    ),
    (
        Kind::Unchecked,
        "getDeploymentStatus",
        "200",
        "described without its answer",
    ),
    (
        Kind::Unchecked,
        "getDeploymentMetrics",
        "query",
        "written only",
    ),
    (Kind::Unchecked, "listDeployments", "query", "written only"),
    (
        Kind::Unchecked,
        "selfStopDeployment",
        "",
        "a call of the program inside of the container, without a client",
    ),
];

pub fn known() -> Vec<Known> {
    let known = KNOWN.iter();
    known
        .map(|(kind, operation, place, reason)| Known::new(*kind, *operation, *place, *reason))
        .collect()
}
