//! Edgegap: servers of a version.

use futures::StreamExt as _;
use futures::future::BoxFuture;
use futures::stream::BoxStream;

use super::fields::Fields;
use super::service::{Pace, Started, Starting, Watching, id_of, unused_label};
use super::tell::Teller;
use super::{Handle, Outcome, Status};
use crate::core::{Error, ErrorKind, Progress, Result, State, Wait};
use crate::edgegap::{Client, Deploy, DeploymentStatus, ErrorExt as _, Phase, User};

/// A version of an application on Edgegap: a server of it is started, near to players.
///
/// The version is there already; [`release`](crate::edgegap::Client::release) makes one of an image. What ran before goes
/// on: no server takes the place of another.
///
/// ```
/// use deploykit::deploy::Edgegap;
/// use deploykit::edgegap::Deploy;
///
/// let near_montreal = Edgegap::new("my-game", "v2").near(45.5, -73.6);
/// // All that an order can say:
/// let order = Edgegap::order(Deploy::new("my-game", "v2").user_ip("198.51.100.7").variable("MAP", "canyon"));
/// # let _ = (near_montreal, order);
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct Edgegap {
    order: Deploy,
    tag: Option<String>,
    /// A server to stop, in place of all that.
    stops: Option<String>,
}

impl Edgegap {
    /// A server of this version; say near to whom.
    pub fn new(app: impl Into<String>, version: impl Into<String>) -> Self {
        Self::order(Deploy::new(app, version))
    }

    /// A server as it is ordered here.
    pub fn order(order: Deploy) -> Self {
        Self {
            order,
            tag: None,
            stops: None,
        }
    }

    /// Adds a player by place: latitude (−90 to 90) and longitude (−180 to 180) in degrees.
    pub fn near(mut self, latitude: f64, longitude: f64) -> Self {
        self.order = self.order.user_coordinates(latitude, longitude);
        self
    }

    /// Adds a player by IP address.
    pub fn near_ip(mut self, ip_address: impl Into<String>) -> Self {
        self.order = self.order.user_ip(ip_address);
        self
    }

    /// A tag that no other server has, by which this one is found if the answer is lost. Default: one that was never
    /// used.
    pub fn tag(mut self, tag: impl Into<String>) -> Self {
        self.tag = Some(tag.into());
        self
    }

    pub(super) fn read(mut fields: Fields) -> Result<Self> {
        let (app, version) = (fields.required("app")?, fields.required("version")?);
        let mut target = Self::new(app, version);
        for near in fields.list("near")? {
            let user = match near.split_once(',') {
                None => User::ip(near),
                Some((latitude, longitude)) => {
                    let degrees = |text: &str| text.trim().parse::<f64>();
                    let (Ok(latitude), Ok(longitude)) = (degrees(latitude), degrees(longitude))
                    else {
                        return Err(
                            fields.refuse("near", "has a place that is no `latitude,longitude`")
                        );
                    };
                    User::coordinates(latitude, longitude)
                }
            };
            target.order = target.order.user(user);
        }
        if target.order.users.is_none() {
            return Err(fields.refuse("near", "is missing: name an IP address or place"));
        }
        target.tag = fields.text("tag")?;
        fields.finish("edgegap")?;
        Ok(target)
    }

    pub(super) fn name(&self) -> String {
        [&*self.order.application, &*self.order.version].join("/")
    }

    /// Stops the server that was started.
    pub(super) fn back(handle: &Handle) -> Result<Self> {
        if handle.kind == "stop" {
            let problem = "has no way back: a server that was stopped stays so";
            return Err(Error::invalid_input("rollout", problem));
        }
        let (app, version) = handle.name.split_once('/').unwrap_or((&handle.name, ""));
        Ok(Self {
            stops: Some(id_of(handle)?.to_owned()),
            ..Self::new(app, version)
        })
    }

    pub(super) fn with(self, client: Client) -> Starts {
        Starts(self, client)
    }
}

pub(super) struct Starts(Edgegap, Client);

impl Starting for Starts {
    fn prepare(&self) -> BoxFuture<'_, Result<Handle>> {
        let Self(target, _) = self;
        let tag = || target.tag.clone().unwrap_or_else(unused_label);
        let handle = match &target.stops {
            Some(id) => Handle {
                id: Some(id.clone()),
                ..Handle::new("edgegap", "stop", target.name())
            },
            None => Handle {
                label: Some(tag()),
                ..Handle::new("edgegap", "version", target.name())
            },
        };
        Box::pin(async { Ok(handle) })
    }

    fn trigger<'a>(&'a self, handle: &'a Handle) -> BoxFuture<'a, Result<Started>> {
        Box::pin(async {
            let deployments = self.1.deployments();
            if let Some(id) = &self.0.stops {
                // Following it begins with the stop: stopping again does no harm.
                return Ok(Started::new(id));
            }
            let order = self
                .0
                .order
                .clone()
                .tag(handle.label.clone().unwrap_or_default());
            match deployments.deploy(&order).await {
                Ok(deployed) => Ok(Started::new(deployed.request_id)),
                // It exists in spite of the error, and tells why itself.
                Err(error) => error.deployment().map(Started::new).ok_or(error),
            }
        })
    }
}

pub(super) struct Follows(pub(super) Client, pub(super) Pace);

impl Watching for Follows {
    fn find<'a>(&'a self, handle: &'a Handle) -> BoxFuture<'a, Result<Vec<String>>> {
        Box::pin(async {
            let Some(tag) = &handle.label else {
                return Ok(Vec::new());
            };
            let found = self.0.deployments().find_by_tag(tag).await?;
            Ok(found
                .map(|one| one.request_id.to_string())
                .into_iter()
                .collect())
        })
    }

    fn follow<'a>(
        &'a self,
        handle: &'a Handle,
        _: Option<BoxStream<'static, Result<String>>>,
        teller: &'a mut Teller,
    ) -> BoxFuture<'a, Result<Outcome>> {
        Box::pin(async move {
            let id = id_of(handle)?;
            if handle.kind == "stop" {
                return self.stopped(id, teller).await;
            }
            let mut looks = self.1.of(self.0.deployments().ready(id));
            while let Some(look) = looks.next().await {
                let (seen, ended) = match look {
                    Ok(progress) => (
                        progress.value().clone(),
                        matches!(progress, Progress::Done(_)),
                    ),
                    Err(end) => match (end.cause.kind(), end.last) {
                        (ErrorKind::Failed, Some(last)) => (last, true),
                        _ => return Err(end.cause),
                    },
                };
                let phase = seen.phase();
                if !ended {
                    teller.status(status(&phase), phase.as_str()).await;
                }
                if let Some(step) = phase.step() {
                    teller.progress(step, Phase::STEPS, None).await;
                }
                if ended {
                    return self.ended(&seen, teller).await;
                }
            }
            Err(super::lost(handle))
        })
    }

    fn cancel<'a>(&'a self, handle: &'a Handle) -> BoxFuture<'a, Result<()>> {
        Box::pin(async {
            self.0.deployments().stop(id_of(handle)?).await?;
            Ok(())
        })
    }
}

impl Follows {
    async fn ended(&self, seen: &DeploymentStatus, teller: &mut Teller) -> Result<Outcome> {
        // The service keeps what a container wrote; without it, the end is told all the same.
        if let Ok(logs) = self.0.deployments().container_logs(&seen.request_id).await {
            let crashed = logs.crash_logs.iter().flat_map(|logs| logs.lines());
            let text = logs.text();
            for line in crashed.chain(text.lines()) {
                teller.log(line).await;
            }
        }
        let phase = seen.phase();
        let reason = seen.failure();
        let status = match phase {
            Phase::Ready => Status::Done,
            Phase::Terminating | Phase::Terminated => Status::Cancelled,
            _ => Status::Failed,
        };
        if status == Status::Done {
            for (_, address) in seen.addresses() {
                teller.address(address).await;
            }
        }
        Ok(teller.end(status, phase.as_str(), reason).await)
    }

    /// Stops a server, and waits for its end.
    async fn stopped(&self, id: &str, teller: &mut Teller) -> Result<Outcome> {
        let (deployments, request) = (self.0.deployments(), id.to_owned());
        match deployments.stop(id).await {
            Err(error) if !error.is_unknown_deployment() => return Err(error),
            // What is not known is gone; the first look tells.
            _ => {}
        }
        let look =
            move || -> BoxFuture<'static, _> { Box::pin(deployments.status(&*request).send()) };
        let judge = |status: &DeploymentStatus| match status.phase() {
            Phase::Terminated => (State::Done, String::new()),
            _ => (State::Running, String::new()),
        };
        let mut looks = self.1.of(Wait::new(format!("stop of {id}"), look, judge));
        while let Some(look) = looks.next().await {
            match look {
                Ok(Progress::Running(status)) => {
                    teller
                        .status(Status::Running, status.phase().as_str())
                        .await;
                }
                Ok(Progress::Done(_)) => break,
                // What is gone is not even known any more.
                Err(end) if end.cause.is_gone() || end.cause.is_unknown_deployment() => break,
                Err(end) => return Err(end.cause),
            }
        }
        Ok(teller
            .end(Status::Done, Phase::Terminated.as_str(), None)
            .await)
    }
}

fn status(phase: &Phase) -> Status {
    match phase {
        Phase::Initializing | Phase::Seeking | Phase::Seeked | Phase::Scanning => Status::Queued,
        Phase::Deploying => Status::Releasing,
        _ => Status::Running,
    }
}
