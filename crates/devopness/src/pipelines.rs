//! Pipelines.

use deploykit_core::{Nullable, Time};

use crate::actions::{Action, ActionRelation};
use crate::applications::SourceType;
use crate::environments::EnvironmentId;
use crate::hooks::{Hook, HookRelation, HookTypeParam, NewHook, TriggerCondition};
use crate::organizations::OrganizationId;
use crate::projects::ProjectId;
use crate::resources::{ResourceId, ResourceType};
use crate::servers::ServerId;
use crate::users::UserRelation;

deploykit_core::endpoints! {
    /// Pipelines: the steps that an operation on a resource takes.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::devopness().speed(100.0).start().await?;
    /// # let client = deploykit_devopness::Client::builder().token(sandbox.token()).base_url(sandbox.base_url()).build()?;
    /// use deploykit_devopness::pipelines::PipelineRun;
    ///
    /// let action = client.pipelines().run(1u64, &PipelineRun::new()).await?;
    /// let ended = client.actions().wait(action.id).await?;
    /// println!("{}", ended.status_human_readable);
    /// # Ok(())
    /// # }
    /// ```
    pub struct Pipelines;

    /// Deletes a pipeline.
    /// Errors: 403, 404.
    deletePipeline: DELETE "/pipelines/{pipeline_id}" => delete(pipeline_id: PipelineId);

    /// Fetches a pipeline, with its steps.
    /// Errors: 403, 404.
    getPipeline: GET "/pipelines/{pipeline_id}" => get(pipeline_id: PipelineId) -> Pipeline;

    /// Changes a pipeline.
    /// Errors: 403, 404, 422.
    updatePipeline: PUT "/pipelines/{pipeline_id}" => update(pipeline_id: PipelineId, body: &PipelineUpdate);

    /// Lists the pipelines of a resource.
    listPipelinesByResourceType: GET "/pipelines/{resource_type}/{resource_id}"
        => list_by_resource(resource_type: ResourceType, resource_id: ResourceId) -> Pages<PipelineRelation>;

    /// Adds a pipeline to a resource.
    /// Errors: 403, 422.
    addPipeline: POST "/pipelines/{resource_type}/{resource_id}"
        => add(resource_type: ResourceType, resource_id: ResourceId, body: &NewPipeline) -> Pipeline;

    /// Lists the actions that ran a pipeline.
    listPipelineActions: GET "/pipelines/{pipeline_id}/actions"
        => actions(pipeline_id: PipelineId) -> Pages<ActionRelation>;

    /// Runs a pipeline, as an action; [`Actions::wait`](crate::actions::Actions::wait) follows it.
    /// Errors: 403, 404, 422.
    addPipelineAction: POST "/pipelines/{pipeline_id}/actions"
        => run(pipeline_id: PipelineId, body: &PipelineRun) -> Action;

    /// Lists the hooks of a pipeline.
    /// Errors: 401.
    listPipelineHooks: GET "/pipelines/{pipeline_id}/hooks"
        => hooks(pipeline_id: PipelineId) -> Pages<HookRelation>;

    /// Adds a hook to a pipeline. The answer is the only one that holds its secret.
    /// Errors: 403, 422.
    addPipelineHook: POST "/pipelines/{pipeline_id}/hooks/{hook_type}"
        => add_hook(pipeline_id: PipelineId, hook_type: HookTypeParam, body: &NewHook) -> Hook;

    /// Adds a step to a pipeline.
    /// Errors: 403, 422.
    addPipelineStep: POST "/pipelines/{pipeline_id}/steps"
        => add_step(pipeline_id: PipelineId, body: &NewStep) -> Step;

    /// Changes a step.
    /// Errors: 403, 422.
    updatePipelineStep: PUT "/pipelines/{pipeline_id}/steps/{step_id}"
        => update_step(pipeline_id: PipelineId, step_id: StepId, body: &StepUpdate);

    /// Adds a step that exists to another pipeline.
    /// Errors: 403.
    linkStepToPipeline: POST "/pipelines/{pipeline_id}/steps/{step_id}/link"
        => link_step(pipeline_id: PipelineId, step_id: StepId);

    /// Takes a step out of a pipeline.
    /// Errors: 403.
    unlinkStepFromPipeline: DELETE "/pipelines/{pipeline_id}/steps/{step_id}/unlink"
        => unlink_step(pipeline_id: PipelineId, step_id: StepId);
}

deploykit_core::id! {
    /// A pipeline.
    pub struct PipelineId(u64);

    /// A step of a pipeline.
    pub struct StepId(u64);

    /// A script that a step runs.
    pub struct ScriptId(u64);
}

deploykit_core::model! {
    /// A pipeline: the steps that an operation on a resource takes.
    pub struct Pipeline {
        required {
            /// Identifies the pipeline.
            id: PipelineId,
        }
        /// Name of the pipeline.
        name: String,
        /// The environment that it belongs to.
        environment_id: Option<EnvironmentId>,
        /// The project that it belongs to.
        project_id: Option<ProjectId>,
        /// The organization that it belongs to.
        organization_id: Option<OrganizationId>,
        /// Type of the resource that it is for.
        resource_type: ResourceType,
        /// The resource's type in words.
        resource_type_human_readable: String,
        /// The resource that it is for.
        resource_id: Option<ResourceId>,
        /// The operation that it runs, such as `deploy`.
        operation: String,
        /// The operation in words.
        operation_human_readable: String,
        /// How many actions may run at once; 0 sets no limit.
        max_parallel_actions: Option<u32>,
        /// When it is run by itself.
        trigger_when: Option<PipelineTriggerWhen> as deploykit_core::de::object,
        /// The steps.
        steps: Vec<Step>,
        /// The user who created it.
        created_by_user: Option<UserRelation>,
        /// When it was created.
        created_at: Time,
        /// When it was last changed.
        updated_at: Time,
    }
}

deploykit_core::model! {
    /// A pipeline, as listed: without its steps.
    pub struct PipelineRelation {
        required {
            /// Identifies the pipeline.
            id: PipelineId,
        }
        /// Name of the pipeline.
        name: String,
        /// The environment that it belongs to.
        environment_id: Option<EnvironmentId>,
        /// The project that it belongs to.
        project_id: Option<ProjectId>,
        /// The organization that it belongs to.
        organization_id: Option<OrganizationId>,
        /// Type of the resource that it is for.
        resource_type: ResourceType,
        /// The resource's type in words.
        resource_type_human_readable: String,
        /// The resource that it is for.
        resource_id: Option<ResourceId>,
        /// The operation that it runs, such as `deploy`.
        operation: String,
        /// The operation in words.
        operation_human_readable: String,
        /// How many actions may run at once; 0 sets no limit.
        max_parallel_actions: Option<u32>,
        /// What triggers it.
        trigger_when: Option<PipelineTriggerWhen> as deploykit_core::de::object,
        /// The user who created it.
        created_by_user: Option<UserRelation>,
        /// When it was created.
        created_at: Time,
        /// When it was last changed.
        updated_at: Time,
    }
}

deploykit_core::model! {
    /// A step of a pipeline.
    pub struct Step {
        required {
            /// Identifies the step.
            id: StepId,
        }
        /// Name of the step.
        name: Option<String>,
        /// What it is for.
        description: Option<String>,
        /// Type of the step.
        kind = "type": String,
        /// Unix user that runs it.
        run_as_user: String,
        /// A command line, or a script of several.
        command: String,
        /// Program that runs the command.
        runner: PipelineStepRunnerName,
        /// The script that it runs.
        script_id: Option<ScriptId>,
        /// The pipeline that it belongs to.
        pipeline_id: Option<PipelineId>,
        /// Its place among the steps of the pipeline.
        trigger_order: Option<u32>,
        /// Whether Devopness made it by itself.
        is_auto_generated: Option<bool>,
        /// Whether it comes with the pipeline, and can be neither changed nor removed.
        is_default_step: Option<bool>,
        /// When it was created.
        created_at: Time,
        /// When it was last changed.
        updated_at: Time,
    }
}

deploykit_core::request! {
    /// When a pipeline is run by itself.
    pub struct PipelineTriggerWhen {
        optional {
            /// What a hook's request must have for the pipeline to run.
            conditions: Vec<TriggerCondition>,
        }
    }
}

deploykit_core::request! {
    /// A pipeline to add to a resource.
    pub struct NewPipeline {
        required {
            /// Name of the pipeline. 3 to 80 characters.
            name: String,
            /// The operation. At most 20 characters.
            operation: String,
        }
        optional {
            /// How many actions may run at once; 0 sets no limit. 0 to 10.
            max_parallel_actions: u32,
            /// What triggers it.
            trigger_when: Nullable<PipelineTriggerWhen>,
        }
    }
}

deploykit_core::request! {
    /// Changes to a pipeline.
    pub struct PipelineUpdate {
        required {
            /// Identifies the pipeline.
            id: PipelineId,
            /// Name of the pipeline. 3 to 80 characters.
            name: String,
        }
        optional {
            /// How many actions may run at once; 0 sets no limit. 0 to 10.
            max_parallel_actions: u32,
            /// What triggers it.
            trigger_when: Nullable<PipelineTriggerWhen>,
        }
    }
}

deploykit_core::request! {
    /// How to run a pipeline.
    pub struct PipelineRun {
        optional {
            /// The servers to run on. Unless set, all that are linked.
            servers: Vec<ServerId>,
            /// What `source_ref` names. Unless set, the default branch is deployed.
            source_type: SourceType,
            /// The branch, tag or commit to take. At most 200 characters.
            source_ref: String,
            /// Why, for whoever looks at the action later.
            trigger_comment: String,
        }
    }
}

deploykit_core::request! {
    /// A step to add to a pipeline.
    pub struct NewStep {
        required {
            /// A command line, or a script of several. 10 to 300 characters.
            command: String,
            /// Program that runs the command.
            runner: PipelineStepRunnerName,
        }
        optional {
            /// Name of the step. 4 to 60 characters.
            name: String,
            /// What it is for. At most 255 characters.
            description: String,
            /// Type of the step. At most 20 characters.
            #[serde(rename = "type")]
            kind: String,
            /// Unix user that runs it. At most 60 characters.
            run_as_user: String,
        }
    }
}

deploykit_core::request! {
    /// Changes to a step.
    pub struct StepUpdate {
        required {
            /// Identifies the step.
            id: StepId,
            /// A command line, or a script of several. 10 to 300 characters.
            command: String,
            /// Program that runs the command.
            runner: PipelineStepRunnerName,
        }
        optional {
            /// Name of the step. 4 to 60 characters.
            name: String,
            /// What it is for. At most 255 characters.
            description: String,
            /// Type of the step. At most 20 characters.
            #[serde(rename = "type")]
            kind: String,
            /// Unix user that runs it. At most 60 characters.
            run_as_user: String,
            /// Moves it behind the step with this `trigger_order`. 0 to 16777214.
            trigger_after: u32,
        }
    }
}

deploykit_core::open_enum! {
    /// Program that runs a step.
    pub enum PipelineStepRunnerName {
        /// Composer.
        Composer = "composer",
        /// None: the command is a shell script.
        Custom = "custom",
        /// npm.
        Npm = "npm",
        /// pip.
        Pip = "pip",
        /// Yarn.
        Yarn = "yarn",
    }
}

deploykit_core::open_enum! {
    /// A stage of a deployment that steps can be placed around.
    pub enum TriggerEvent {
        /// The new release goes live.
        ActivateNewRelease = "activate-new-release",
        /// The application is built.
        BuildApplication = "build-application",
        /// The servers are checked.
        CheckAppEnvironment = "check-app-environment",
        /// The code is fetched.
        GetNewRelease = "get-new-release",
        /// Dependencies are installed.
        InstallDependencies = "install-dependencies",
        /// Old releases are removed.
        RemoveOldReleases = "remove-old-releases",
    }
}
