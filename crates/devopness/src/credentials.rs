//! Credentials.

mod providers;
mod repositories;

pub use providers::*;
pub use repositories::*;

use deploykit_core::{Secret, Time};

use crate::actions::ActionRelationShallow;
use crate::dispatched::Dispatched;
use crate::environments::EnvironmentId;
use crate::organizations::{Organization, OrganizationKey};
use crate::users::UserRelation;

deploykit_core::endpoints! {
    /// Credentials: access to cloud providers and source providers.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::devopness().speed(100.0).start().await?;
    /// # let client = deploykit_devopness::Client::builder().token(sandbox.token()).base_url(sandbox.base_url()).build()?;
    /// use deploykit_devopness::credentials::ListCredentials;
    ///
    /// let all = ListCredentials::new();
    /// for credential in client.credentials().list_by_environment(1u64, &all).await?.items {
    ///     println!("{}: {}", credential.name, credential.provider_type);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub struct Credentials;

    /// Deletes a credential.
    /// Errors: 404.
    deleteCredential: DELETE "/credentials/{credential_id}" => delete(credential_id: CredentialId);

    /// Fetches a credential, without its secrets.
    /// Errors: 404.
    getCredential: GET "/credentials/{credential_id}" => get(credential_id: CredentialId) -> Credential;

    /// Changes a credential.
    /// Errors: 403, 422.
    updateCredential: PUT "/credentials/{credential_id}"
        => update(credential_id: CredentialId, body: &CredentialUpdate);

    /// Has Devopness ask the provider whether the credential works, as an action.
    /// Errors: 403, 404, 422.
    getStatusCredential: POST "/credentials/{credential_id}/get-status"
        => get_status(credential_id: CredentialId) -> Dispatched;

    /// Lists the credentials of an environment.
    listEnvironmentCredentials: GET "/environments/{environment_id}/credentials"
        => list_by_environment(environment_id: EnvironmentId, query: &ListCredentials)
        -> Pages<CredentialRelation>;

    /// Adds a credential to an environment.
    /// Errors: 403, 422.
    #[deprecated = "the service has had it no more since 2026-05-14; use `add_to_organization`"]
    addEnvironmentCredential: POST "/environments/{environment_id}/credentials"
        => add(environment_id: EnvironmentId, body: &NewCredential) -> Credential;

    /// Lets an environment use a credential of its organization.
    /// Errors: 403, 422.
    linkCredentialToEnvironment: POST "/environments/{environment_id}/credentials/{credential_id}/link"
        => link_to_environment(environment_id: EnvironmentId, credential_id: CredentialId);

    /// Keeps an environment from using a credential.
    /// Errors: 403.
    unlinkCredentialFromEnvironment: DELETE "/environments/{environment_id}/credentials/{credential_id}/unlink"
        => unlink_from_environment(environment_id: EnvironmentId, credential_id: CredentialId);

    /// Fetches what a provider asks for when a credential is added.
    /// Errors: 403, 404.
    getEnvironmentCredentialSettings: GET "/environments/{environment_id}/credentials/{provider_code}/settings"
        => provider_settings(environment_id: EnvironmentId, provider_code: ProviderCode, query: &ConnectState)
        -> CredentialSetting;

    /// Lists the credentials of an organization.
    listOrganizationCredentials: GET "/organizations/{organization_id}/credentials"
        => list_by_organization(organization_id: OrganizationKey, query: &ListCredentials)
        -> Pages<CredentialRelation>;

    /// Adds a credential to an organization. Environments use it once it is
    /// [linked](Self::link_to_environment) to them.
    /// Errors: 403, 422.
    addOrganizationCredential: POST "/organizations/{organization_id}/credentials"
        => add_to_organization(organization_id: OrganizationKey, body: &NewCredential) -> Credential;

    /// Fetches what a provider asks for when a credential is added to an organization.
    /// Errors: 403, 404.
    getOrganizationCredentialSettings: GET "/organizations/{organization_id}/credentials/{provider_code}/settings"
        => organization_provider_settings(organization_id: OrganizationKey, provider_code: ProviderCode, query: &ConnectState)
        -> CredentialSetting;

    /// Lists the repositories that a credential gives access to.
    /// Errors: 403.
    listCredentialRepositories: GET "/credentials/{credential_id}/repositories"
        => repositories(credential_id: CredentialId) -> Pages<RepositoryRelation>;

    /// Fetches a repository, with its branches and tags.
    /// Errors: 404.
    getCredentialRepository: GET "/credentials/{credential_id}/repositories/{repository_owner}/{repository_name}"
        => repository(credential_id: CredentialId, repository_owner: String, repository_name: String)
        -> Repository;
}

deploykit_core::id! {
    /// A credential.
    pub struct CredentialId(u64);
}

deploykit_core::request! {
    /// Which credentials to list.
    pub struct ListCredentials {
        optional {
            /// Only of this provider.
            provider_code: ProviderCode,
            /// Only of this kind of provider.
            provider_type: ProviderType,
        }
    }
}

deploykit_core::request! {
    /// What comes back after an account was connected in a browser.
    pub struct ConnectState {
        optional {
            /// JSON in base64; the addresses to connect at carry it, and so does the callback.
            state: String,
        }
    }
}

deploykit_core::model! {
    /// Access to a cloud provider or to a source provider.
    pub struct Credential {
        required {
            /// Identifies the credential.
            id: CredentialId,
        }
        /// Name of the credential.
        name: String,
        /// The provider that it is for.
        provider: Option<ProviderRelation>,
        /// What kind of provider it is.
        provider_type: ProviderType,
        /// The kind of provider in words.
        provider_type_human_readable: String,
        /// How the provider is logged in to.
        provider_auth_type: ProviderAuthType,
        /// How it is logged in to, in words.
        provider_auth_type_human_readable: String,
        /// Whether the credential is active.
        active: Option<bool>,
        /// The user who created it.
        created_by_user: Option<UserRelation>,
        /// The organization that it belongs to.
        organization: Option<Organization>,
        /// The last action on it.
        last_action: Option<ActionRelationShallow>,
        /// When it was created.
        created_at: Time,
        /// When it was last changed.
        updated_at: Time,
    }
}

deploykit_core::model! {
    /// A credential, as listed and inside of other resources.
    pub struct CredentialRelation {
        required {
            /// Identifies the credential.
            id: CredentialId,
        }
        /// Name of the credential.
        name: String,
        /// The provider that it is for.
        provider: Option<ProviderRelation>,
        /// What kind of provider it is.
        provider_type: ProviderType,
        /// The kind of provider in words.
        provider_type_human_readable: String,
        /// How the provider is logged in to.
        provider_auth_type: ProviderAuthType,
        /// How it is logged in to, in words.
        provider_auth_type_human_readable: String,
        /// Whether the credential is active.
        active: Option<bool>,
        /// The user who created it.
        created_by_user: Option<UserRelation>,
        /// The last action on it.
        last_action: Option<ActionRelationShallow>,
        /// When it was created.
        created_at: Option<Time>,
        /// When it was last changed.
        updated_at: Option<Time>,
    }
}

deploykit_core::request! {
    /// A credential to add.
    pub struct NewCredential {
        required {
            /// Name of the credential. At most 60 characters.
            name: String,
            /// The provider that it is for.
            provider_code: ProviderCode,
            /// What kind of provider it is.
            provider_type: ProviderType,
            /// Whether it can be used at once.
            active: bool,
            /// How the provider is reached.
            settings: CredentialInputSettings,
        }
    }
}

deploykit_core::request! {
    /// Changes to a credential.
    pub struct CredentialUpdate {
        required {
            /// Identifies the credential.
            id: CredentialId,
            /// Name of the credential. At most 60 characters.
            name: String,
        }
        optional {
            /// How the provider is reached.
            settings: CredentialInputSettings,
        }
    }
}

deploykit_core::request! {
    /// The provider's side of a credential.
    pub struct CredentialInputSettings {
        required {
            /// The secrets.
            credential: ProviderCredential,
        }
    }
}

deploykit_core::request! {
    /// The secrets that a provider is reached with. Each provider wants its own:
    /// [`aws`](Self::aws), [`azure`](Self::azure), [`digital_ocean`](Self::digital_ocean),
    /// [`google_cloud`](Self::google_cloud), [`hetzner`](Self::hetzner) and
    /// [`source_provider`](Self::source_provider) set what is needed.
    pub struct ProviderCredential {
        optional {
            /// Key of Amazon Web Services.
            access_key_id: String,
            /// Secret of Amazon Web Services.
            secret_access_key: Secret,
            /// Directory of Microsoft Azure.
            tenant_id: String,
            /// Subscription of Microsoft Azure.
            subscription_id: String,
            /// Application of Microsoft Azure.
            client_id: String,
            /// The application's secret of Microsoft Azure.
            client_secret: Secret,
            /// API token of DigitalOcean or Hetzner.
            api_token: Secret,
            /// JSON key of a service account of Google Cloud.
            service_account_key: Secret,
            /// How a source provider is logged in to. Required for one since 2026-05-29.
            auth_type: ProviderAuthType,
            /// Temporary code that a source provider sent to the callback address.
            callback_code: Secret,
            /// Installation of an application at a source provider.
            installation_id: String,
            /// What was done with the installation, as the source provider told the callback address.
            setup_action: String,
        }
    }
}

impl ProviderCredential {
    /// Amazon Web Services.
    #[must_use]
    pub fn aws(access_key_id: impl Into<String>, secret_access_key: impl Into<Secret>) -> Self {
        Self::new()
            .access_key_id(access_key_id)
            .secret_access_key(secret_access_key)
    }

    /// Microsoft Azure.
    #[must_use]
    pub fn azure(
        tenant_id: impl Into<String>,
        subscription_id: impl Into<String>,
        client_id: impl Into<String>,
        client_secret: impl Into<Secret>,
    ) -> Self {
        Self::new()
            .tenant_id(tenant_id)
            .subscription_id(subscription_id)
            .client_id(client_id)
            .client_secret(client_secret)
    }

    /// DigitalOcean.
    #[must_use]
    pub fn digital_ocean(api_token: impl Into<Secret>) -> Self {
        Self::new().api_token(api_token)
    }

    /// Google Cloud.
    #[must_use]
    pub fn google_cloud(service_account_key: impl Into<Secret>) -> Self {
        Self::new().service_account_key(service_account_key)
    }

    /// Hetzner.
    #[must_use]
    pub fn hetzner(api_token: impl Into<Secret>) -> Self {
        Self::new().api_token(api_token)
    }

    /// Bitbucket, GitHub or GitLab. What goes with the way to log in is told by
    /// [`SourceProviderAuthMethod::provider_config`]: most ask for a `callback_code`.
    #[must_use]
    pub fn source_provider(auth_type: impl Into<ProviderAuthType>) -> Self {
        Self::new().auth_type(auth_type)
    }
}
