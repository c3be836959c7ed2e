//! What can be set before the start.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::builder::Builder;

use super::Edgegap;

/// The settings of the Edgegap stand-in. [`Builder<Edgegap>`](Builder) has a method for each.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Knobs {
    pub(super) token: String,
    pub(super) start_time: Duration,
    pub(super) stop_time: Duration,
    pub(super) outcome: Outcome,
    pub(super) ports: Vec<PortKnob>,
    pub(super) fleets: Vec<(String, Vec<String>)>,
    pub(super) host_room: usize,
    pub(super) fleet_path: Option<&'static str>,
    pub(super) quotas: bool,
    pub(super) unknown_id_status: u16,
    pub(super) endpoint_storage: Option<String>,
    pub(super) images: Vec<(String, Vec<String>)>,
    pub(super) missing_images: Vec<String>,
    pub(super) without_nulls: bool,
}

/// A port that every server opens.
#[derive(Debug, Clone)]
pub(super) struct PortKnob {
    pub(super) name: String,
    pub(super) internal: u16,
    pub(super) protocol: String,
}

/// How the start of a server ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It becomes ready.
    Ready,
    /// It fails while it is deployed, with this detail.
    Error(String),
    /// No place is found: the deployment is in error from the beginning, and the answer is a 422.
    NotPlaced,
    /// It stays in its last phase before it is ready, until it is stopped.
    Stuck,
}

impl Default for Knobs {
    fn default() -> Self {
        Self {
            token: "11111111-e458-4592-b607-c2c28afd8b62".to_owned(),
            start_time: Duration::from_secs(6),
            stop_time: Duration::from_secs(3),
            outcome: Outcome::Ready,
            ports: Vec::new(),
            fleets: Vec::new(),
            host_room: 4,
            fleet_path: None,
            quotas: true,
            unknown_id_status: 404,
            endpoint_storage: None,
            images: Vec::new(),
            missing_images: Vec::new(),
            without_nulls: false,
        }
    }
}

/// Settings of the Edgegap stand-in. Durations are sandbox durations, divided by
/// [`speed`](Builder::speed).
impl Builder<Edgegap> {
    /// The token of the organization; `11111111-e458-4592-b607-c2c28afd8b62` unless set.
    pub fn api_token(self, token: &str) -> Self {
        self.knobs(|knobs| knobs.token = token.to_owned())
    }

    /// How long a server takes to become ready, or to fail, in five phases of the same length; 6 s
    /// unless set.
    pub fn start_time(self, time: Duration) -> Self {
        self.knobs(|knobs| knobs.start_time = time)
    }

    /// How long a server takes to end; 3 s unless set.
    pub fn stop_time(self, time: Duration) -> Self {
        self.knobs(|knobs| knobs.stop_time = time)
    }

    /// How servers start unless [`next_outcome`](crate::Running::next_outcome) says otherwise;
    /// they become ready unless set.
    pub fn outcome(self, outcome: Outcome) -> Self {
        self.knobs(|knobs| knobs.outcome = outcome)
    }

    /// Adds a port that every server opens; without any, there is `gameport`, 7777, UDP. An empty
    /// name leaves it without one.
    pub fn port(self, name: &str, internal: u16, protocol: &str) -> Self {
        let port = PortKnob {
            name: name.to_owned(),
            internal,
            protocol: protocol.to_owned(),
        };
        self.knobs(|knobs| knobs.ports.push(port))
    }

    /// Adds a private fleet with these hosts. One whose id ends in `pending` takes no deployments.
    pub fn fleet(self, name: &str, hosts: &[&str]) -> Self {
        let hosts = hosts.iter().map(|&host| host.to_owned()).collect();
        self.knobs(|knobs| knobs.fleets.push((name.to_owned(), hosts)))
    }

    /// How many servers a host of a private fleet has room for; 4 unless set.
    pub fn host_room(self, servers: usize) -> Self {
        self.knobs(|knobs| knobs.host_room = servers)
    }

    /// The only address for deployments to private fleets; both known ones unless set.
    pub fn fleet_path(self, path: &'static str) -> Self {
        self.knobs(|knobs| knobs.fleet_path = Some(path))
    }

    /// Keeps none of the documented limits.
    pub fn without_quotas(self) -> Self {
        self.knobs(|knobs| knobs.quotas = false)
    }

    /// The answer to an id that doesn't exist: 404 by the description and unless set, 400 in
    /// practice.
    pub fn unknown_id_status(self, status: u16) -> Self {
        self.knobs(|knobs| knobs.unknown_id_status = status)
    }

    /// Adds an image with these tags to the container registry.
    pub fn image(self, name: &str, tags: &[&str]) -> Self {
        let tags = tags.iter().map(|&tag| tag.to_owned()).collect();
        self.knobs(|knobs| knobs.images.push((name.to_owned(), tags)))
    }

    /// An image that can't be pulled, as `path:tag` without its registry: verified versions with it are refused with
    /// 424, and servers of other ones fail. All others can be.
    pub fn missing_image(self, image: &str) -> Self {
        self.knobs(|knobs| knobs.missing_images.push(image.to_owned()))
    }

    /// Lists leave out what they would tell as `null`, as the service does at times.
    pub fn without_nulls(self) -> Self {
        self.knobs(|knobs| knobs.without_nulls = true)
    }

    /// The endpoint storage that keeps the logs of every server; none unless set.
    pub fn endpoint_storage(self, name: &str) -> Self {
        self.knobs(|knobs| knobs.endpoint_storage = Some(name.to_owned()))
    }
}
