//! The documented limits, as the endpoints carry them.
//!
//! All clients in the program with one token count together, whatever their transport, unless one
//! [counts apart](crate::ClientBuilder::own_limits). The service counts all calls of an organization: clients with
//! other tokens of it [share](crate::ClientBuilder::share_limits_with) its limits.
//!
//! Each limit counts on its own; one of the same name given to
//! [`ClientBuilder::quota`](crate::ClientBuilder::quota) takes its place.

use std::time::Duration;

use deploykit_core::Quota;

const SECOND: Duration = Duration::from_secs(1);

/// Deployments: 40 a second.
pub const DEPLOY: Quota = Quota::new("edgegap.deploy", 40, SECOND);

/// Deployments to private fleets: 40 a second.
pub const FLEET_DEPLOY: Quota = Quota::new("edgegap.fleet-deploy", 40, SECOND);

/// Looks at the status of a deployment: 20 a second.
pub const STATUS: Quota = Quota::new("edgegap.status", 20, SECOND);

/// Lists of deployments: 10 a second.
pub const LIST: Quota = Quota::new("edgegap.list", 10, SECOND);

/// Lists of the hosts of a private fleet: 10 a second.
pub const FLEET_HOSTS: Quota = Quota::new("edgegap.fleet-hosts", 10, SECOND);
