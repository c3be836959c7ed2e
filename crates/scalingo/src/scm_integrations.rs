//! SCM integrations: connections between the account and platforms of repositories.

use deploykit_core::de::number;
use deploykit_core::{Error, Secret, Time};

use crate::apps::not_empty;
use crate::{Branch, Owner, RepoPull, ScmIntegrationId, ScmType, SshKey};

deploykit_core::endpoints! {
    /// Connections of the account to platforms of repositories, at the authentication API. Those to github.com and
    /// gitlab.com are made in the dashboard.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::scalingo().start().await?;
    /// # let builder = deploykit_scalingo::Client::builder().token(sandbox.token());
    /// # let client = builder.base_url(sandbox.base_url()).build()?;
    /// use deploykit_scalingo::{NewScmIntegration, ScmSearch, ScmType};
    ///
    /// let host = "https://git.example.com";
    /// let gitlab = NewScmIntegration::new(ScmType::GitlabSelfHosted, host, "glpat-secret");
    /// let integration = client.scm_integrations().create(&gitlab).await?;
    /// let found = client.scm_integrations().repos(integration.id, &ScmSearch::new("shop")).await?;
    /// println!("{} repositories", found.len());
    /// # Ok(())
    /// # }
    /// ```
    pub struct ScmIntegrations;

    /// Lists the connections of the account.
    listScmIntegrations: GET "/v1/scm_integrations" => list() -> Vec<ScmIntegration> [envelope("scm_integrations")];

    /// Fetches one connection.
    getScmIntegration: GET "/v1/scm_integrations/{id}" => get(id: ScmIntegrationId) -> ScmIntegration
        [envelope("scm_integration")];

    /// Connects the account to a platform on a host of one's own.
    createScmIntegration: POST "/v1/scm_integrations" => create(body: &NewScmIntegration) -> ScmIntegration
        [enveloped("scm_integration")];

    /// Ends a connection; applications keep their links, which no longer work.
    deleteScmIntegration: DELETE "/v1/scm_integrations/{id}" => delete(id: ScmIntegrationId);

    /// Adds the SSH keys that the user has on the platform to the account, and answers them.
    importScmKeys: POST "/v1/scm_integrations/{id}/import_keys" => import_keys(id: ScmIntegrationId) -> Vec<SshKey>
        [envelope("keys"), idempotent];

    /// Finds repositories.
    searchScmRepos: GET "/v1/scm_integrations/{id}/search_repos"
        => repos(id: ScmIntegrationId, query: &ScmSearch) -> Vec<ScmRepository> [envelope("repositories")];

    /// Lists the organizations that the user is part of on the platform.
    listScmOrganizations: GET "/v1/scm_integrations/{id}/orgs"
        => organizations(id: ScmIntegrationId) -> Pages<ScmOrganization> [envelope("organizations")];

    /// Finds pull requests.
    searchScmPullRequests: GET "/v1/scm_integrations/{id}/search_pull_requests"
        => pulls(id: ScmIntegrationId, query: &ScmSearch) -> Vec<RepoPull> [envelope("pull_requests")];

    /// Lists the branches of a repository.
    listScmBranches: GET "/v1/scm_integrations/{id}/branches"
        => branches(id: ScmIntegrationId, query: &ScmRepoName) -> Vec<Branch> [envelope("branches")];
}

deploykit_core::model! {
    /// A connection between the account and a platform of repositories.
    pub struct ScmIntegration {
        required {
            /// Id.
            id: ScmIntegrationId,
        }
        /// The platform.
        scm_type: Option<ScmType>,
        /// Its address.
        url: Option<String>,
        /// The token that the service uses there.
        access_token: Option<Secret>,
        /// Id of the user there.
        uid: Option<String>,
        /// Name of the user there.
        username: Option<String>,
        /// Mail address of the user there.
        email: Option<String>,
        /// Address of the user's picture there.
        avatar_url: Option<String>,
        /// The user's page there.
        profile_url: Option<String>,
        /// When the connection was made.
        created_at: Option<Time>,
        /// Whose it is.
        owner: Option<Owner>,
    }
}

deploykit_core::request! {
    /// A connection to make.
    pub struct NewScmIntegration {
        required {
            /// The platform: one on a host of one's own.
            scm_type: ScmType,
            /// Its address.
            url: String,
            /// A token for it.
            access_token: Secret,
        }
    }
    check |it| {
        if !matches!(it.scm_type, ScmType::GithubEnterprise | ScmType::GitlabSelfHosted) {
            let problem = "is none on a host of one's own: others are connected in the dashboard";
            return Err(Error::invalid_input("scm_type", problem));
        }
        not_empty("url", &it.url)?;
        not_empty("access_token", it.access_token.expose())
    }
}

deploykit_core::request! {
    /// What to search for.
    pub struct ScmSearch {
        required {
            /// Words.
            query: String,
        }
    }
    check |it| { not_empty("query", &it.query) }
}

deploykit_core::request! {
    /// Which repository.
    pub struct ScmRepoName {
        required {
            /// Its owner and name: `me/app`.
            repo_name: String,
        }
    }
    check |it| { not_empty("repo_name", &it.repo_name) }
}

deploykit_core::model! {
    /// A repository.
    pub struct ScmRepository {
        /// Id.
        id: Option<i64> as number,
        /// Name.
        name: String,
        /// Its owner and name.
        full_name = "fullName": Option<String>,
        /// Its address.
        url: Option<String>,
        /// A few words on it.
        description: Option<String>,
    }
}

deploykit_core::model! {
    /// An organization on a platform of repositories.
    pub struct ScmOrganization {
        /// Id.
        id: Option<i64> as number,
        /// Name.
        login: String,
        /// Address of its picture.
        avatar_url = "avatarUrl": Option<String>,
        /// Its address.
        url: Option<String>,
        /// A few words on it.
        description: Option<String>,
    }
}
