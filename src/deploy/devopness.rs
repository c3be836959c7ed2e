//! Devopness: deployments of applications, and runs of pipelines.

use std::collections::HashSet;

use futures::StreamExt as _;
use futures::future::BoxFuture;
use futures::stream::BoxStream;

use super::fields::Fields;
use super::service::{Pace, Started, Starting, Watching, id_of, unused_label};
use super::tell::Teller;
use super::{Event, Handle, Outcome, Status, Target};
use crate::core::{Error, ErrorKind, Result};
use crate::devopness::Client;
use crate::devopness::actions::{Action, ActionId, ActionRelation, ActionStatus, ActionStepId};
use crate::devopness::applications::{ApplicationId, DeploymentType, NewDeployment, SourceType};
use crate::devopness::pipelines::{PipelineId, PipelineRun};
use crate::devopness::resources::ResourceType;

/// An application of Devopness to deploy, or a pipeline to run.
///
/// ```
/// use deploykit::deploy::Devopness;
/// use deploykit::devopness::applications::{DeploymentType, NewDeployment, SourceType};
/// use deploykit::devopness::pipelines::PipelineRun;
///
/// let branch = NewDeployment::new(DeploymentType::Deploy).source_type(SourceType::Branch).source_ref("main");
/// let application = Devopness::application(7u64, branch);
/// let pipeline = Devopness::pipeline(4u64, PipelineRun::new().trigger_comment("release 7"));
/// # let _ = (application, pipeline);
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct Devopness(What);

#[derive(Debug, Clone)]
enum What {
    Application(ApplicationId, NewDeployment),
    Pipeline(PipelineId, PipelineRun),
}

impl Devopness {
    /// Deploys an application so.
    pub fn application(id: impl Into<ApplicationId>, deployment: NewDeployment) -> Self {
        Self(What::Application(id.into(), deployment))
    }

    /// Runs a pipeline so. Without a `trigger_comment`, it gets one that was never used (`rollout-…`), which tells the run
    /// from all others if the answer is lost.
    pub fn pipeline(id: impl Into<PipelineId>, run: PipelineRun) -> Self {
        Self(What::Pipeline(id.into(), run))
    }

    pub(super) fn read(mut fields: Fields) -> Result<Self> {
        let (application, pipeline) = (fields.number("application")?, fields.number("pipeline")?);
        let source = fields.one_of(&["branch", "tag", "commit"], false)?;
        let (kind, reference) = source
            .map(|(field, reference)| (SourceType::from(field), reference))
            .unzip();
        let mut servers = Vec::new();
        for id in fields.list("servers")? {
            let id = id.trim().parse::<u64>();
            let id = id.map_err(|_| fields.refuse("servers", "has an id that is no number"))?;
            servers.push(id.into());
        }
        let servers = Some(servers).filter(|servers| !servers.is_empty());
        let comment = fields.text("comment")?;
        let target = match (application, pipeline) {
            (Some(_), Some(_)) => {
                return Err(fields.refuse("pipeline", "is set beside `application`"));
            }
            (None, None) => {
                let problem = "is missing (one of application, pipeline)";
                return Err(fields.refuse("application", problem));
            }
            (Some(_), None) if comment.is_some() => {
                return Err(fields.refuse("comment", "is for pipelines only"));
            }
            (Some(id), None) => {
                let mut deployment = NewDeployment::new(DeploymentType::Deploy);
                deployment.source_type = kind;
                deployment.source_ref = reference;
                deployment.servers = servers;
                Self::application(id, deployment)
            }
            (None, Some(id)) => {
                let mut run = PipelineRun::new();
                run.source_type = kind;
                run.source_ref = reference;
                run.servers = servers;
                run.trigger_comment = comment;
                Self::pipeline(id, run)
            }
        };
        fields.finish("devopness")?;
        Ok(target)
    }

    pub(super) fn name(&self) -> String {
        match &self.0 {
            What::Application(id, _) => format!("application {id}"),
            What::Pipeline(id, _) => format!("pipeline {id}"),
        }
    }

    /// Goes back to the release before, on the same servers if they are known.
    pub(super) fn back(target: Option<&Target>, handle: &Handle) -> Result<Self> {
        let id = handle.name.parse::<u64>();
        let (Ok(id), "application") = (id, handle.kind.as_str()) else {
            let problem = "has no way back: Devopness rolls applications back, not pipelines";
            return Err(Error::invalid_input("rollout", problem));
        };
        let mut back = NewDeployment::new(DeploymentType::Rollback);
        #[allow(irrefutable_let_patterns, reason = "where this is the only service")]
        if let Some(Target::Devopness(Self(What::Application(_, deployment)))) = target {
            back.servers.clone_from(&deployment.servers);
            back.environment.clone_from(&deployment.environment);
        }
        Ok(Self::application(id, back))
    }

    pub(super) fn with(self, client: Client) -> Starts {
        Starts(self, client)
    }
}

pub(super) struct Starts(Devopness, Client);

impl Starting for Starts {
    fn prepare(&self) -> BoxFuture<'_, Result<Handle>> {
        Box::pin(async {
            let handle = match &self.0.0 {
                What::Application(id, _) => Handle::new("devopness", "application", id),
                What::Pipeline(id, run) => Handle {
                    label: Some(run.trigger_comment.clone().unwrap_or_else(unused_label)),
                    ..Handle::new("devopness", "pipeline", id)
                },
            };
            let newest = actions_of(&self.1, &handle)
                .await?
                .into_iter()
                .map(|one| one.id.get());
            let before = newest.max().map(|id| id.to_string());
            Ok(Handle { before, ..handle })
        })
    }

    fn trigger<'a>(&'a self, handle: &'a Handle) -> BoxFuture<'a, Result<Started>> {
        Box::pin(async {
            Ok(match &self.0.0 {
                What::Application(id, deployment) => {
                    let dispatched = self.1.applications().deploy(*id, deployment).await?;
                    Started {
                        id: dispatched.action_id.map(|id| id.to_string()),
                        lines: None,
                    }
                }
                What::Pipeline(id, run) => {
                    let mut run = run.clone();
                    run.trigger_comment.clone_from(&handle.label);
                    Started::new(self.1.pipelines().run(*id, &run).await?.id)
                }
            })
        })
    }
}

/// The actions of an application or pipeline: the first 100 that the service lists.
async fn actions_of(client: &Client, handle: &Handle) -> Result<Vec<ActionRelation>> {
    let id = handle.name.parse::<u64>();
    let id = id.map_err(|_| Error::invalid_input("handle", "names no id of Devopness"))?;
    let list = match handle.kind.as_str() {
        "pipeline" => client.pipelines().actions(id),
        _ => client
            .actions()
            .list_by_resource(ResourceType::Application, id),
    };
    Ok(list.per_page(100).await?.items)
}

pub(super) struct Follows(pub(super) Client, pub(super) Pace);

impl Watching for Follows {
    /// Those that are newer than the newest before. Ids grow.
    fn find<'a>(&'a self, handle: &'a Handle) -> BoxFuture<'a, Result<Vec<String>>> {
        Box::pin(async {
            let before = handle
                .before
                .as_deref()
                .and_then(|id| id.parse::<u64>().ok());
            let is_new = |one: &ActionRelation| before.is_none_or(|before| one.id.get() > before);
            let fits = |one: &ActionRelation| {
                handle.label.is_none() || one.trigger_comment == handle.label
            };
            let actions = actions_of(&self.0, handle).await?;
            let new = actions.into_iter().filter(|one| is_new(one) && fits(one));
            Ok(new.map(|action| action.id.to_string()).collect())
        })
    }

    fn follow<'a>(
        &'a self,
        handle: &'a Handle,
        _: Option<BoxStream<'static, Result<String>>>,
        teller: &'a mut Teller,
    ) -> BoxFuture<'a, Result<Outcome>> {
        Box::pin(async move {
            let id = id_of(handle)?.parse::<u64>();
            let id = id.map_err(|_| Error::invalid_input("handle", "names no action"))?;
            let mut looks = self.1.of(self.0.actions().wait(ActionId::from(id)));
            let mut written = HashSet::new();
            while let Some(look) = looks.next().await {
                let (action, failed) = match look {
                    Ok(progress) => (progress.value().clone(), None),
                    Err(end) => match (end.cause.kind(), end.last) {
                        (ErrorKind::Failed, Some(last)) => (last, Some(end.cause)),
                        _ => return Err(end.cause),
                    },
                };
                teller.address(&*action.url_web_permalink).await;
                let word = action.status.as_str();
                if !action.status.is_final() {
                    teller.status(status(&action.status), word).await;
                }
                let (done, all) = action.steps_done();
                let current = action.current_steps().next();
                let step = current.and_then(|(_, step)| step.name.clone());
                teller.progress(done.into(), all.into(), step).await;
                self.logs(&action, &mut written, teller).await;
                if action.status.is_final() {
                    let status = match failed {
                        None => Status::Done,
                        Some(_) => Status::Failed,
                    };
                    let reason = failed.map(|error| error.to_string());
                    return Ok(teller.end(status, word, reason).await);
                }
            }
            Err(super::lost(handle))
        })
    }

    fn cancel<'a>(&'a self, _: &'a Handle) -> BoxFuture<'a, Result<()>> {
        Box::pin(async { Err(super::no_cancel("Devopness")) })
    }
}

impl Follows {
    /// What the steps wrote that have ended since the last look.
    async fn logs(
        &self,
        action: &Action,
        written: &mut HashSet<ActionStepId>,
        teller: &mut Teller,
    ) {
        for target in action.targets.iter().flatten() {
            for step in target.steps.iter().flatten() {
                let ran = matches!(step.status, ActionStatus::Completed | ActionStatus::Failed);
                if !ran || !written.insert(step.id) {
                    continue;
                }
                let Ok(log) = self.0.actions().step_log(step).await else {
                    teller.event(Event::Gap).await;
                    continue;
                };
                let output = log.step.and_then(|step| step.output).unwrap_or_default();
                for line in output.lines() {
                    teller.log(line).await;
                }
            }
        }
    }
}

fn status(own: &ActionStatus) -> Status {
    match own {
        ActionStatus::Pending | ActionStatus::Waiting | ActionStatus::Queued => Status::Queued,
        _ => Status::Running,
    }
}
