//! Environment variables of apps and jobs.

use deploykit_core::{Error, Payload, Secret, endpoints};
use serde::{Deserialize, Serialize};

use super::pairs::pairs;
use super::{JSON_LINES, JobName, Output};
use crate::{AppName, Variables};

endpoints! {
    /// Environment variables.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::tsuru_v1().app("myapp").start().await?;
    /// # let tsuru = deploykit_tsuru::v1::Client::builder().target(sandbox.base_url()).token(sandbox.token()).build()?;
    /// use deploykit_tsuru::v1::{NewVariable, SetEnv, UnsetEnv, VariableFilter};
    ///
    /// let set = SetEnv::new([NewVariable::new("MODE", "live"), NewVariable::new("KEY", "s3cr3t").private()]);
    /// tsuru.env().set("myapp", &set.no_restart()).await?.text().await?;
    /// assert_eq!(tsuru.env().get("myapp", &VariableFilter::new()).await?.len(), 2);
    /// tsuru.env().unset("myapp", &UnsetEnv::new().name("MODE").no_restart(true)).await?.text().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub struct Env;

    /// Gives the variables of an app.
    EnvGet: GET "/1.0/apps/{app}/env" => get(app: AppName, query: &VariableFilter) -> Variables
        [empty_means("[]")];

    /// Sets variables of an app, and restarts it unless told otherwise.
    EnvSet: POST "/1.0/apps/{app}/env" => set(app: AppName, body: &SetEnv) -> Streamed<Output>
        [streams(JSON_LINES)];

    /// Deletes variables of an app, and restarts it unless told otherwise.
    EnvUnset: DELETE "/1.0/apps/{app}/env" => unset(app: AppName, query: &UnsetEnv) -> Streamed<Output>
        [streams(JSON_LINES)];

    /// Gives the variables of a job.
    JobEnvGet: GET "/1.16/jobs/{job}/env" => get_of_job(job: JobName, query: &VariableFilter) -> Variables
        [empty_means("[]")];

    /// Sets variables of a job.
    JobEnvSet: POST "/1.13/jobs/{job}/env" => set_of_job(job: JobName, body: &SetEnv) -> Streamed<Output>
        [streams(JSON_LINES)];

    /// Deletes variables of a job.
    JobEnvUnset: DELETE "/1.13/jobs/{job}/env" => unset_of_job(job: JobName, query: &UnsetEnv)
        -> Streamed<Output> [streams(JSON_LINES)];
}

pairs! {
    /// Which variables to give; all unless something is said.
    pub struct VariableFilter {
        /// This one; may be said several times.
        name = "env": String,
    }
}

pairs! {
    /// Which variables to delete.
    pub struct UnsetEnv {
        /// This one; may be said several times.
        name = "env": String,
        /// Does not restart the app.
        no_restart = "noRestart": bool,
    }
}

/// A variable to set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NewVariable {
    /// Its name.
    pub name: String,
    /// Its value; none of an alias.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Secret>,
    /// The variable that it repeats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
    /// Whether its value is hidden from lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private: Option<bool>,
}

impl NewVariable {
    /// A variable with this value.
    pub fn new(name: impl Into<String>, value: impl Into<Secret>) -> Self {
        Self {
            name: name.into(),
            value: Some(value.into()),
            alias: None,
            private: None,
        }
    }

    /// A variable that repeats another one.
    pub fn alias(name: impl Into<String>, of: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: None,
            alias: Some(of.into()),
            private: None,
        }
    }

    /// Hides its value from lists.
    #[must_use]
    pub fn private(mut self) -> Self {
        self.private = Some(true);
        self
    }
}

/// Variables to set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SetEnv {
    /// The variables.
    pub envs: Vec<NewVariable>,
    /// Whether the app is left running as it is.
    #[serde(default, rename = "norestart", skip_serializing_if = "Option::is_none")]
    pub no_restart: Option<bool>,
    /// Whether all of them are hidden from lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private: Option<bool>,
    /// The tool that looks after them.
    #[serde(default, rename = "managedBy", skip_serializing_if = "Option::is_none")]
    pub managed_by: Option<String>,
    /// Whether that tool's other variables are deleted.
    #[serde(
        default,
        rename = "pruneUnused",
        skip_serializing_if = "Option::is_none"
    )]
    pub prune_unused: Option<bool>,
}

impl SetEnv {
    /// Sets these.
    pub fn new(variables: impl IntoIterator<Item = NewVariable>) -> Self {
        Self {
            envs: variables.into_iter().collect(),
            no_restart: None,
            private: None,
            managed_by: None,
            prune_unused: None,
        }
    }

    /// Leaves the app running as it is.
    #[must_use]
    pub fn no_restart(mut self) -> Self {
        self.no_restart = Some(true);
        self
    }

    /// Hides all of them from lists.
    #[must_use]
    pub fn private(mut self) -> Self {
        self.private = Some(true);
        self
    }

    /// Marks them as looked after by this tool.
    #[must_use]
    pub fn managed_by(mut self, tool: impl Into<String>) -> Self {
        self.managed_by = Some(tool.into());
        self
    }

    /// Deletes the tool's variables that are not among these.
    #[must_use]
    pub fn prune_unused(mut self) -> Self {
        self.prune_unused = Some(true);
        self
    }
}

impl Payload for SetEnv {
    fn check(&self) -> Result<(), Error> {
        if self.prune_unused.is_some() && self.managed_by.is_none() {
            return Err(Error::invalid_input("prune_unused", "needs `managed_by`"));
        }
        if self.envs.is_empty() && self.prune_unused.is_none() {
            return Err(Error::invalid_input("envs", "is empty"));
        }
        Ok(())
    }
}
