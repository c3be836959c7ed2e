//! Applications.

mod templates;

pub use templates::*;

use deploykit_core::{Nullable, Time};

use crate::actions::ActionRelationShallow;
use crate::check::required;
use crate::credentials::{Credential, CredentialId, CredentialRelation};
use crate::cron_jobs::CronJobRelation;
use crate::daemons::DaemonRelation;
use crate::dispatched::Dispatched;
use crate::environments::{EnvironmentId, EnvironmentRelation, EnvironmentType};
use crate::hooks::HookRelation;
use crate::pipelines::PipelineId;
use crate::projects::ProjectId;
use crate::resources::ResourceToBeLinked;
use crate::servers::{ServerId, ServerRelation};
use crate::services::ServiceRelation;
use crate::users::{UserId, UserRelation};
use crate::variables::{NewVariable, Variable};
use crate::virtual_hosts::VirtualHostRelation;

deploykit_core::endpoints! {
    /// Applications: code that is deployed to servers.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::devopness().speed(100.0).start().await?;
    /// # let client = deploykit_devopness::Client::builder().token(sandbox.token()).base_url(sandbox.base_url()).build()?;
    /// use deploykit_devopness::applications::{DeploymentType, NewDeployment};
    ///
    /// let deploy = NewDeployment::new(DeploymentType::Deploy);
    /// let dispatched = client.applications().deploy(1u64, &deploy).await?;
    /// let action = dispatched.wait(&client).await?;
    /// println!("{}", action.status_human_readable);
    /// # Ok(())
    /// # }
    /// ```
    pub struct Applications;

    /// Deletes an application. An action takes it off its servers.
    /// Errors: 403.
    deleteApplication: DELETE "/applications/{application_id}"
        => delete(application_id: ApplicationId) -> Dispatched [acts()];

    /// Fetches an application.
    /// Errors: 403.
    getApplication: GET "/applications/{application_id}" => get(application_id: ApplicationId) -> Application;

    /// Changes an application.
    /// Errors: 403.
    updateApplication: PUT "/applications/{application_id}"
        => update(application_id: ApplicationId, body: &ApplicationUpdate);

    /// Starts a deployment, as an action.
    /// Errors: 403, 422.
    addApplicationDeployment: POST "/applications/{application_id}/deployments"
        => deploy(application_id: ApplicationId, body: &NewDeployment) -> Dispatched;

    /// Lists the applications of an environment.
    listEnvironmentApplications: GET "/environments/{environment_id}/applications"
        => list_by_environment(environment_id: EnvironmentId) -> Pages<ApplicationRelation>;

    /// Adds an application to an environment.
    /// Errors: 403.
    addEnvironmentApplication: POST "/environments/{environment_id}/applications"
        => add(environment_id: EnvironmentId, body: &NewApplication) -> Application;

    /// Makes an application, and what goes with it, from a template; or only checks the template, if the
    /// body says so.
    /// Errors: 403.
    applyTemplateEnvironmentApplication: POST "/environments/{environment_id}/applications/apply-template"
        => apply_template(environment_id: EnvironmentId, body: &TemplateToApply) -> AppliedTemplate;

    /// Lists the hooks of an application.
    listApplicationHooks: GET "/applications/{application_id}/hooks"
        => hooks(application_id: ApplicationId) -> Pages<HookRelation>;

    /// Lists the variables of an application.
    #[deprecated = "use `variables().list_by_resource`"]
    listApplicationVariables: GET "/applications/{application_id}/variables"
        => variables(application_id: ApplicationId) -> Pages<Variable>;

    /// Adds a variable to an application.
    /// Errors: 403, 422.
    #[deprecated = "use `variables().add`"]
    addApplicationVariable: POST "/applications/{application_id}/variables"
        => add_variable(application_id: ApplicationId, body: &NewVariable) -> Variable;
}

deploykit_core::id! {
    /// An application.
    pub struct ApplicationId(u64);
}

deploykit_core::model! {
    /// An application: code that is deployed to servers.
    pub struct Application {
        required {
            /// Identifies the application.
            id: ApplicationId,
        }
        /// The project that it belongs to.
        project_id: Option<ProjectId>,
        /// The environment that it belongs to.
        environment_id: Option<EnvironmentId>,
        /// The user who created it.
        created_by: Option<UserId>,
        /// Name of the application.
        name: String,
        /// Full name of the repository (`owner/name`).
        repository: String,
        /// The part of the repository's full name after the slash.
        repository_name: String,
        /// The part of the repository's full name before the slash.
        repository_owner: String,
        /// The branch that is deployed if none is named.
        default_branch: String,
        /// Language that the code runs as; a site that is served as it is runs as `html`, however it was built.
        programming_language: String,
        /// The language in words.
        programming_language_human_readable: String,
        /// Version of the language's runtime.
        engine_version: String,
        /// Framework that the code builds on.
        framework: String,
        /// The framework in words.
        framework_human_readable: String,
        /// Folder of the package manager's files, if it is not the repository's top.
        root_directory: String,
        /// How many deployments are kept, to roll back to.
        deployments_keep: Option<u32>,
        /// Command that installs the dependencies.
        install_dependencies_command: Option<String>,
        /// Command that builds the code, run once a deployment.
        build_command: Option<String>,
        /// The user who created it.
        created_by_user: Option<UserRelation>,
        /// Its last deployments.
        last_deployments: Option<ApplicationLastDeployments> as deploykit_core::de::object,
        /// The environment that it belongs to.
        environment: Option<EnvironmentRelation>,
        /// The servers that it is deployed to.
        servers: Vec<ServerRelation>,
        /// The credential for the repository.
        credential: Option<CredentialRelation>,
        /// The services that it uses.
        services: Vec<ServiceRelation>,
        /// The cron jobs that run its code.
        cron_jobs = "cronjobs" | "cron_jobs": Vec<CronJobRelation>,
        /// The virtual hosts that serve it.
        virtual_hosts: Vec<VirtualHostRelation>,
        /// The daemons that run its code.
        daemons: Vec<DaemonRelation>,
        /// When it was created.
        created_at: Time,
        /// When it was last changed.
        updated_at: Time,
    }
}

deploykit_core::model! {
    /// An application, as listed and inside of other resources.
    pub struct ApplicationRelation {
        required {
            /// Identifies the application.
            id: ApplicationId,
        }
        /// The project that it belongs to.
        project_id: Option<ProjectId>,
        /// The environment that it belongs to.
        environment_id: Option<EnvironmentId>,
        /// The user who created it.
        created_by: Option<UserId>,
        /// Name of the application.
        name: String,
        /// Full name of the repository (`owner/name`).
        repository: String,
        /// The part of the repository's full name after the slash.
        repository_name: String,
        /// The part of the repository's full name before the slash.
        repository_owner: String,
        /// The branch that is deployed if none is named.
        default_branch: String,
        /// Language that the code runs as; a site that is served as it is runs as `html`, however it was built.
        programming_language: String,
        /// The language in words.
        programming_language_human_readable: String,
        /// Version of the language's runtime.
        engine_version: String,
        /// Framework that the code builds on.
        framework: String,
        /// The framework in words.
        framework_human_readable: String,
        /// Folder of the package manager's files, if it is not the repository's top.
        root_directory: Option<String>,
        /// How many deployments are kept, to roll back to.
        deployments_keep: Option<u32>,
        /// Command that installs the dependencies.
        install_dependencies_command: Option<String>,
        /// Command that builds the code, run once a deployment.
        build_command: Option<String>,
        /// Its last deployments.
        last_deployments: Option<ApplicationLastDeployments> as deploykit_core::de::object,
        /// The credential for the repository.
        credential: Option<Credential>,
        /// When it was created.
        created_at: Option<Time>,
        /// When it was last changed.
        updated_at: Option<Time>,
    }
}

deploykit_core::model! {
    /// The last deployments of an application.
    pub struct ApplicationLastDeployments {
        /// The last one, however it ended.
        latest: Option<ActionRelationShallow>,
        /// The last one that succeeded.
        live: Option<ActionRelationShallow>,
    }
}

deploykit_core::request! {
    /// An application to add.
    pub struct NewApplication {
        required {
            /// Name of the application. At most 60 characters.
            name: String,
            /// Version of the language's runtime. 1 to 10 characters.
            engine_version: String,
            /// Framework that the code builds on. At most 30 characters.
            framework: String,
            /// Language that the code runs as; a site that is served as it is runs as `html`, however it was
            /// built. At most 30 characters.
            programming_language: String,
            /// Full name of the repository (`owner/name`). At most 100 characters.
            repository: String,
            /// The credential for the repository.
            credential_id: CredentialId,
            /// The branch that is deployed if none is named. At most 200 characters.
            default_branch: String,
        }
        optional {
            /// Resources to link it to.
            linked_resources: Vec<ResourceToBeLinked>,
            /// Command that builds the code, run once a deployment.
            build_command: String,
            /// Folder of the package manager's files, if it is not the repository's top. Starts with `/`.
            root_directory: String,
            /// How many deployments are kept, to roll back to. 1 to 10.
            deployments_keep: u32,
            /// Command that installs the dependencies.
            install_dependencies_command: String,
            /// Environments to add it to. Until 2026-05-14.
            environments: Vec<EnvironmentLink>,
        }
    }
}

deploykit_core::request! {
    /// Changes to an application.
    pub struct ApplicationUpdate {
        required {
            /// Identifies the application.
            id: ApplicationId,
            /// Name of the application. At most 60 characters.
            name: String,
            /// Version of the language's runtime. 1 to 10 characters.
            engine_version: String,
            /// Framework that the code builds on. At most 30 characters.
            framework: String,
            /// Language that the code runs as; a site that is served as it is runs as `html`, however it was
            /// built. At most 30 characters.
            programming_language: String,
            /// The branch that is deployed if none is named. At most 200 characters.
            default_branch: String,
        }
        optional {
            /// Command that builds the code, run once a deployment.
            build_command: String,
            /// Full name of the repository (`owner/name`). At most 100 characters.
            repository: String,
            /// The credential for the repository. Required with `repository`.
            credential_id: CredentialId,
            /// Folder of the package manager's files, if it is not the repository's top. Starts with `/`.
            root_directory: String,
            /// How many deployments are kept, to roll back to. 1 to 10.
            deployments_keep: u32,
            /// Command that installs the dependencies.
            install_dependencies_command: String,
        }
    }
    check |it| {
        if it.repository.is_some() {
            required("credential_id", it.credential_id.as_ref(), "with `repository`")?;
        }
        Ok(())
    }
}

deploykit_core::request! {
    /// A deployment to start.
    pub struct NewDeployment {
        required {
            /// Whether to deploy anew, again, or to roll back.
            #[serde(rename = "type")]
            kind: DeploymentType,
        }
        optional {
            /// Type of the environment to deploy to.
            environment: EnvironmentType,
            /// What `source_ref` names. Unless set, the default branch is deployed. Required with `source_ref`.
            source_type: SourceType,
            /// The branch, tag or commit to take. At most 200 characters. Required with `source_type`.
            source_ref: String,
            /// The pipeline to run.
            pipeline_id: PipelineId,
            /// The servers to deploy to. Unless set, all that are linked.
            servers: Vec<ServerId>,
        }
    }
    check |it| {
        if it.source_type.is_some() {
            required("source_ref", it.source_ref.as_ref(), "with `source_type`")?;
        }
        if it.source_ref.is_some() {
            required("source_type", it.source_type.as_ref(), "with `source_ref`")?;
        }
        Ok(())
    }
}

deploykit_core::request! {
    /// An environment to add to, and the servers to link there.
    pub struct EnvironmentLink {
        required {
            /// Identifies the environment.
            id: EnvironmentId,
            /// The servers to link.
            servers: Vec<ServerId>,
        }
        optional {
            /// Name of the environment.
            name: Nullable<String>,
        }
    }
}

deploykit_core::open_enum! {
    /// What a deployment does.
    pub enum DeploymentType {
        /// Deploys new code.
        Deploy = "deploy",
        /// Deploys the same code again.
        Redeploy = "redeploy",
        /// Goes back to an earlier release.
        Rollback = "rollback",
    }
}

deploykit_core::open_enum! {
    /// What a reference to source code names.
    pub enum SourceType {
        /// A branch.
        Branch = "branch",
        /// A commit.
        Commit = "commit",
        /// A tag.
        Tag = "tag",
    }
}
