//! SCM repo links: the repository that an application is deployed from.

use deploykit_core::{Error, Pages, Result, Time};

use crate::{API, AppRef, Deployment};

deploykit_core::id! {
    /// A repository, as its platform counts them.
    pub struct ScmRepoId(String);
    /// A link between an application and its repository.
    pub struct ScmRepoLinkId(String);
    /// A connection between an account and a platform of repositories.
    pub struct ScmIntegrationId(String);
}

deploykit_core::endpoints! {
    /// Links between applications and repositories: deployments of branches, and review applications.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::scalingo().speed(50.0).start().await?;
    /// # let builder = deploykit_scalingo::Client::builder().token(sandbox.token());
    /// # let client = builder.base_url(sandbox.base_url()).build()?;
    /// use deploykit_scalingo::{ManualDeploy, NewScmRepoLink};
    ///
    /// let link = NewScmRepoLink::new("https://github.com/me/app", "7e1c5a0d-integration").branch("main");
    /// client.scm_repo_links().create("example-app", &link).await?;
    ///
    /// let branch = ManualDeploy::new("main");
    /// let deployment = client.scm_repo_links().deploy("example-app", &branch).await?;
    /// let events = client.follow("example-app", deployment.id);
    /// # let _ = events;
    /// # Ok(())
    /// # }
    /// ```
    pub struct ScmRepoLinks;

    /// Lists all links of the account.
    listScmRepoLinks: GET "/v1/scm_repo_links" => list() -> Pages<ScmRepoLink> by id
        [envelope("scm_repo_links"), quota(&API)];

    /// Links an application to a repository. Fails with 422 if it has a link already.
    createScmRepoLink: POST "/v1/apps/{app}/scm_repo_link"
        => create(app: AppRef, body: &NewScmRepoLink) -> ScmRepoLink [enveloped("scm_repo_link"), quota(&API)];

    /// Fetches the link of an application. One without a link has none, or is not found (404).
    getScmRepoLink: GET "/v1/apps/{app}/scm_repo_link"
        => get(app: AppRef) -> Option<ScmRepoLink> [envelope("scm_repo_link"), quota(&API)];

    /// Changes the link of an application.
    updateScmRepoLink: PATCH "/v1/apps/{app}/scm_repo_link" => update(app: AppRef, body: &ScmRepoLinkChange)
        -> ScmRepoLink [enveloped("scm_repo_link"), idempotent, quota(&API)];

    /// Removes the link of an application.
    deleteScmRepoLink: DELETE "/v1/apps/{app}/scm_repo_link" => delete(app: AppRef) [quota(&API)];

    /// Deploys a branch. [Follow](crate::Client::follow) the deployment to its end.
    ///
    /// A call that may have been carried out is not repeated.
    manualDeploy: POST "/v1/apps/{app}/scm_repo_link/manual_deploy"
        => deploy(app: AppRef, body: &ManualDeploy) -> Deployment [envelope("deployment"), quota(&API)];

    /// Creates and deploys a review application for a pull request.
    manualReviewApp: POST "/v1/apps/{app}/scm_repo_link/manual_review_app"
        => review(app: AppRef, body: &ManualReviewApp) -> ReviewApp [envelope("review_app"), quota(&API)];

    /// Lists the review applications of an application.
    listReviewApps: GET "/v1/apps/{app}/scm_repo_link/review_apps"
        => review_apps(app: AppRef) -> Vec<ReviewApp> [envelope("review_apps"), quota(&API)];

    /// Lists the open pull requests of the repository.
    listPulls: GET "/v1/apps/{app}/scm_repo_link/pulls"
        => pulls(app: AppRef) -> Vec<RepoPull> [envelope("pulls"), quota(&API)];

    /// Fetches one pull request of the repository.
    getPull: GET "/v1/apps/{app}/scm_repo_link/pulls/{number}"
        => pull(app: AppRef, number: u64) -> RepoPull [envelope("pull"), quota(&API)];

    /// Lists the branches of the repository.
    listBranches: GET "/v1/apps/{app}/scm_repo_link/branches"
        => branches(app: AppRef) -> Vec<Branch> [envelope("branches"), quota(&API)];

    /// Lists the deployments that came about by the link.
    listScmDeployments: GET "/v1/apps/{app}/scm_repo_link/deployments"
        => deployments(app: AppRef) -> Vec<Deployment> [envelope("deployments"), quota(&API)];
}

impl ScmRepoLinks {
    /// As [`list`](Self::list), those made through one integration.
    pub fn of_integration(&self, integration: impl Into<ScmIntegrationId>) -> Pages<ScmRepoLink> {
        let id = integration.into();
        self.list()
            .map_request(|request| request.query_pair("auth_integration_uuid", &id))
    }
}

deploykit_core::open_enum! {
    /// A platform of repositories.
    pub enum ScmType {
        /// github.com.
        Github = "github",
        /// GitHub on a host of one's own.
        GithubEnterprise = "github-enterprise",
        /// gitlab.com.
        Gitlab = "gitlab",
        /// GitLab on a host of one's own.
        GitlabSelfHosted = "gitlab-self-hosted",
    }
}

deploykit_core::model! {
    /// A link between an application and a repository.
    pub struct ScmRepoLink {
        required {
            /// Id.
            id: ScmRepoLinkId,
        }
        /// The application.
        app_id: Option<String>,
        /// Who made the link.
        linker: Option<crate::Pusher>,
        /// Owner of the repository.
        owner: String,
        /// Name of the repository.
        repo: String,
        /// Branch that is deployed.
        branch: Option<String>,
        /// Address of the repository.
        url: Option<String>,
        /// Platform of the repository.
        scm_type: Option<ScmType>,
        /// Connection to the platform.
        integration = "auth_integration_uuid" | "scm_integration_uuid" | "github_integration_uuid":
            Option<ScmIntegrationId>,
        /// When it was made.
        created_at: Option<Time>,
        /// When it was changed last.
        updated_at: Option<Time>,
        /// Whether a push to the branch deploys it.
        auto_deploy_enabled: Option<bool>,
        /// Whether a pull request gets a review application.
        deploy_review_apps_enabled: Option<bool>,
        /// Whether that is deleted with the end of the pull request,
        delete_on_close_enabled: Option<bool>,
        /// and after how many hours.
        hours_before_delete_on_close: Option<i64> as deploykit_core::de::number,
        /// Whether it is deleted when nothing happens,
        delete_stale_enabled: Option<bool>,
        /// and after how many hours.
        hours_before_delete_stale: Option<i64> as deploykit_core::de::number,
        /// Whether pull requests from forks get one, too.
        automatic_creation_from_forks_allowed: Option<bool>,
        /// When a push was deployed last.
        last_auto_deploy_at: Option<Time>,
    }
}

deploykit_core::request! {
    /// A link to make.
    pub struct NewScmRepoLink {
        required {
            /// Address of the repository.
            source: String,
            /// Connection to its platform; see [`ScmIntegrations`](crate::ScmIntegrations).
            auth_integration_uuid: ScmIntegrationId,
        }
        optional {
            /// Branch to deploy.
            branch: String,
            /// Whether a push to the branch deploys it.
            auto_deploy_enabled: bool,
            /// Whether a pull request gets a review application.
            deploy_review_apps_enabled: bool,
            /// Whether that is deleted with the end of the pull request.
            delete_on_close_enabled: bool,
            /// After how many hours; 0 is at once.
            hours_before_delete_on_close: u32,
            /// Whether it is deleted when nothing happens.
            delete_stale_enabled: bool,
            /// After how many hours.
            hours_before_delete_stale: u32,
            /// Whether pull requests from forks get one, too: they may read the parent's secrets.
            automatic_creation_from_forks_allowed: bool,
        }
    }
    check |it| {
        if it.source.trim().is_empty() {
            return Err(Error::invalid_input("source", "is empty"));
        }
        Ok(())
    }
}

deploykit_core::request! {
    /// A change of a link; what is not set stays.
    pub struct ScmRepoLinkChange {
        optional {
            /// Branch to deploy.
            branch: String,
            /// Whether a push to the branch deploys it.
            auto_deploy_enabled: bool,
            /// Whether a pull request gets a review application.
            deploy_review_apps_enabled: bool,
            /// Whether that is deleted with the end of the pull request.
            delete_on_close_enabled: bool,
            /// After how many hours; 0 is at once.
            hours_before_delete_on_close: u32,
            /// Whether it is deleted when nothing happens.
            delete_stale_enabled: bool,
            /// After how many hours.
            hours_before_delete_stale: u32,
            /// Whether pull requests from forks get one, too: they may read the parent's secrets.
            automatic_creation_from_forks_allowed: bool,
        }
    }
}

deploykit_core::request! {
    /// Which branch to deploy.
    pub struct ManualDeploy {
        required {
            /// Name of the branch.
            branch: String,
        }
    }
    check |it| { not_blank("branch", &it.branch) }
}

fn not_blank(name: &str, value: &str) -> Result<()> {
    match value.trim() {
        "" => Err(Error::invalid_input(name, "is empty")),
        _ => Ok(()),
    }
}

deploykit_core::request! {
    /// Which pull request to review.
    pub struct ManualReviewApp {
        required {
            /// Number of the pull request.
            pull_request_id: u64,
        }
    }
}

deploykit_core::model! {
    /// An application made for a pull request.
    pub struct ReviewApp {
        required {
            /// Id of the review, not of its application.
            id: String as deploykit_core::__private::text_id,
        }
        /// The link it came from.
        repo_link_id: Option<String>,
        /// Id of its application.
        app_id: Option<String>,
        /// Name of its application.
        app_name: String,
        /// Id of the application it reviews.
        parent_app_id: Option<String>,
        /// Name of the application it reviews.
        parent_app_name: Option<String>,
        /// When it was made.
        created_at: Option<Time>,
        /// When it will be deleted because nothing happens.
        stale_deletion_date: Option<Time>,
        /// When it will be deleted because the pull request has ended.
        on_close_deletion_date: Option<Time>,
        /// The pull request.
        pull_request: Option<ReviewedPull>,
        /// Its last deployment.
        last_deployment: Option<ReviewDeployment>,
    }
}

deploykit_core::model! {
    /// The pull request of a review application.
    pub struct ReviewedPull {
        /// Number.
        number: Option<i64> as deploykit_core::de::number,
        /// Its branch.
        branch_name: Option<String>,
        /// Its title.
        title: Option<String>,
        /// Its address in the platform's API.
        url: Option<String>,
        /// Its page.
        html_url: Option<String>,
        /// What it would merge.
        git_ref = "ref": Option<String>,
        /// Into what it would be merged.
        base_ref: Option<String>,
        /// Repository it comes from.
        source_repo_name: Option<String>,
        /// Address of that repository.
        source_repo_url: Option<String>,
        /// Id that the platform gives that repository,
        source_repo_id: Option<ScmRepoId>,
        /// and the one it would be merged into.
        target_repo_id: Option<ScmRepoId>,
        /// When it was opened.
        created_at: Option<Time>,
        /// When it was closed.
        closed_at: Option<Time>,
    }
}

deploykit_core::model! {
    /// The last deployment of a review application.
    pub struct ReviewDeployment {
        /// An id of another kind than [`DeploymentId`](crate::DeploymentId).
        id: Option<String>,
        /// Id of the deployment, for [`follow`](crate::Client::follow).
        upstream_deployment_id: Option<crate::DeploymentId>,
        /// When it began.
        created_at: Option<Time>,
        /// State.
        status: Option<crate::DeploymentStatus>,
        /// What was deployed.
        git_ref: Option<String>,
        /// Who triggered it.
        pusher: Option<crate::Pusher>,
    }
}

deploykit_core::model! {
    /// A pull request of a linked repository.
    pub struct RepoPull {
        /// Id.
        id: Option<i64> as deploykit_core::de::number,
        /// Number within the repository.
        number: Option<i64> as deploykit_core::de::number,
        /// Title.
        title: String,
        /// Its page.
        html_url: Option<String>,
        /// Repository it comes from.
        source_repo_name: Option<String>,
        /// Page of that repository.
        source_repo_html_url: Option<String>,
        /// Whether that repository is a fork.
        opened_from_a_forked_repo: Option<bool>,
    }
}

deploykit_core::model! {
    /// A branch.
    pub struct Branch {
        /// Name.
        name: String,
    }
}
