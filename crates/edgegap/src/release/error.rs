//! Why a release failed, and what to change.

use std::fmt;

use deploykit_core::{Error, ErrorKind};

use super::Difference;
use crate::{DeploymentStatus, NewVersion, RequestId};

/// A step of a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReleaseStep {
    /// The application is looked for, and created if it is missing.
    Application,
    /// The version is looked for, and created if it is missing.
    Version,
    /// The server is started.
    Deployment,
    /// It becomes ready.
    Ready,
}

/// Why a release failed: at which step, and what there is.
#[derive(Debug)]
pub struct ReleaseError(Box<Inner>);

#[derive(Debug)]
struct Inner {
    step: ReleaseStep,
    cause: Error,
    image: String,
    resources: (u32, u32),
    differences: Vec<Difference>,
    deployment: Option<RequestId>,
    last: Option<DeploymentStatus>,
}

impl ReleaseError {
    pub(super) fn new(step: ReleaseStep, cause: Error, version: &NewVersion) -> Self {
        let image = [&*version.docker_image, &*version.docker_tag].join(":");
        Self(Box::new(Inner {
            step,
            cause,
            image: [&*version.docker_repository, &image].join("/"),
            resources: (version.req_cpu, version.req_memory),
            differences: Vec::new(),
            deployment: None,
            last: None,
        }))
    }

    pub(super) fn with_differences(mut self, differences: Vec<Difference>) -> Self {
        self.0.differences = differences;
        self
    }

    pub(super) fn at(
        mut self,
        deployment: Option<RequestId>,
        last: Option<DeploymentStatus>,
    ) -> Self {
        self.0.deployment = deployment;
        self.0.last = last;
        self
    }

    /// The step that failed; those before it are done.
    pub fn step(&self) -> ReleaseStep {
        self.0.step
    }

    /// What failed.
    pub fn cause(&self) -> &Error {
        &self.0.cause
    }

    /// How a version of this name that exists differs from the one that was wanted.
    pub fn differences(&self) -> &[Difference] {
        &self.0.differences
    }

    /// The deployment that exists in spite of the error. It can be looked at, and should be stopped.
    pub fn deployment(&self) -> Option<&RequestId> {
        self.0.deployment.as_ref()
    }

    /// The last state of the deployment that was seen.
    pub fn last(&self) -> Option<&DeploymentStatus> {
        self.0.last.as_ref()
    }

    /// What to change, where that can be told.
    pub fn advice(&self) -> Option<String> {
        let Inner {
            step,
            cause,
            image,
            resources: (cpu, memory),
            ..
        } = &*self.0;
        if !self.0.differences.is_empty() {
            return Some(
                "give each build a version name of its own, or change or delete this version"
                    .to_owned(),
            );
        }
        match (step, cause.status()) {
            (_, Some(401 | 403)) => Some("check the API token".to_owned()),
            (ReleaseStep::Application | ReleaseStep::Version, None)
                if cause.kind() == ErrorKind::Failed =>
            {
                Some("make it active (`is_active`)".to_owned())
            }
            (ReleaseStep::Version, Some(424)) => Some(format!(
                "the image {image} could not be pulled: push it first, check its name and tag, and give \
                 `private_username` and `private_token` if the registry is private"
            )),
            (ReleaseStep::Deployment, Some(422)) => Some(format!(
                "no place near the players has room for {cpu} CPU units and {memory} MiB: ask for less, name players \
                 in more places, do not require cached locations, or try again later"
            )),
            (ReleaseStep::Ready, _) if cause.kind() == ErrorKind::Failed => Some(format!(
                "the server did not start: see its log (`container_logs`), and whether {image} runs with {cpu} CPU \
                 units and {memory} MiB, and opens the ports that are checked"
            )),
            (ReleaseStep::Ready, _) => {
                Some("it may still become ready: wait longer, or stop it".to_owned())
            }
            (_, _) if cause.may_have_been_sent() => Some(
                "it is not known whether this step was done; release again, it will be looked for"
                    .to_owned(),
            ),
            _ => None,
        }
    }
}

impl fmt::Display for ReleaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner {
            cause,
            differences,
            deployment,
            ..
        } = &*self.0;
        write!(f, "{cause}")?;
        for difference in differences {
            write!(f, "; {difference}")?;
        }
        match deployment {
            Some(deployment) if self.0.step == ReleaseStep::Deployment => {
                write!(f, " (deployment {deployment} exists)")
            }
            _ => Ok(()),
        }
    }
}

impl std::error::Error for ReleaseError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0.cause)
    }
}
