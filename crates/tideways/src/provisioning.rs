//! Provision Project Endpoint.

use deploykit_core::{Secret, de, endpoints, model, request};
use serde::de::Error;
use serde::{Deserialize, Deserializer};

use crate::ApplicationName;
use crate::client::HOURLY;

endpoints! {
    /// Access to the API keys of projects.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::tideways().start().await?;
    /// # let tideways = deploykit_tideways::Client::builder().token(sandbox.token()).organization("acme")
    /// #     .base_url(sandbox.base_url()).build()?;
    /// use deploykit_tideways::Provision;
    ///
    /// let first = tideways.provisioning().provision(&Provision::new("shop")).await?;
    /// let again = tideways.provisioning().provision(&Provision::new("shop")).await?;
    /// assert_eq!(first.api_key, again.api_key);
    /// # Ok(())
    /// # }
    /// ```
    pub struct Provisioning(organization);

    /// Creates the project unless it exists, and gives its API key.
    /// It may be called as often as one likes.
    provisionProject: POST "/apps/api/{organization}/deployment/provision"
        => provision(form: &Provision) -> Provisioned [idempotent, quota(&HOURLY)];

    /// Creates the project unless it exists, and gives its configuration. The organization must be on a Tideways 8
    /// plan and the token needs the `provisioning` scope. It may be called as often as one likes.
    ///
    /// # Errors
    ///
    /// 400 on an older plan, and for a project that was deleted.
    provisionProjectV2: POST "/apps/api/organizations/{organization}/provisioning"
        => create(body: &ProjectName) -> ProvisionedProject [idempotent, quota(&HOURLY)];

    /// Marks a project as deleted; its name cannot be taken again. Scope and plan as for [`create`](Self::create).
    deleteProject: DELETE "/apps/api/organizations/{organization}/provisioning" => delete(body: &ProjectName)
        [quota(&HOURLY)];
}

request! {
    /// Which project to provision.
    pub struct Provision {
        required {
            /// Name of the project.
            application: ApplicationName,
        }
    }
    check |it| {
        if it.application.as_str().trim().is_empty() {
            return Err(deploykit_core::Error::invalid_input("application", "is empty"));
        }
        Ok(())
    }
}

request! {
    /// Which project to provision or delete.
    pub struct ProjectName {
        required {
            /// Name of the project.
            project_name: ApplicationName,
        }
    }
    check |it| {
        if it.project_name.as_str().trim().is_empty() {
            return Err(deploykit_core::Error::invalid_input("project_name", "is empty"));
        }
        Ok(())
    }
}

model! {
    /// A project's key.
    pub struct Provisioned {
        required {
            /// What the profiler authenticates with: `tideways.api_key` in php.ini.
            api_key: Secret as super::provisioning::not_blank,
        }
    }
}

model! {
    /// A project, and how to set the profiler up.
    pub struct ProvisionedProject {
        required {
            /// Number of the project.
            id: u64,
        }
        /// Organization and project: `acme/shop`.
        name: String,
        /// As variables of the environment.
        config: Option<Configuration>,
        /// As lines of php.ini.
        php_ini = "php.ini": Option<PhpIni>,
    }
}

impl ProvisionedProject {
    /// What the profiler authenticates with.
    pub fn api_key(&self) -> Option<&Secret> {
        let config = self.config.as_ref().map(|config| &config.api_key);
        let php_ini = self.php_ini.as_ref().map(|php_ini| &php_ini.api_key);
        config
            .into_iter()
            .chain(php_ini)
            .find(|key| !key.is_blank())
    }
}

model! {
    /// Variables that set the profiler up.
    pub struct Configuration {
        /// What the profiler authenticates with.
        api_key = "TIDEWAYS_APIKEY": Secret,
        /// How many of a hundred requests are traced.
        sample_rate = "TIDEWAYS_SAMPLERATE": Option<u64> as de::count,
    }
}

model! {
    /// Lines of php.ini that set the profiler up.
    pub struct PhpIni {
        /// What the profiler authenticates with.
        api_key = "tideways.api_key": Secret,
        /// How many of a hundred requests are traced.
        sample_rate = "tideways.sample_rate": Option<u64> as de::count,
    }
}

/// An empty key would silently switch the profiler off.
pub(crate) fn not_blank<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
    let key = Secret::deserialize(deserializer)?;
    if key.is_blank() {
        return Err(D::Error::custom("the key is empty"));
    }
    Ok(key)
}
