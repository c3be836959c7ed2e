//! What a version holds.

use deploykit_core::{Error, Result, Secret, Time, de};

use super::{ImageReference, VersionName};
use crate::{Protocol, Resources};

deploykit_core::request! {
    /// A version to create.
    pub struct NewVersion {
        required {
            /// Its name, 1 to 64 characters.
            name: String,
            /// CPU in units of 1/1024 vCPU, at least 100.
            req_cpu: u32,
            /// Memory in MiB, at least 100 and at most twice the CPU units.
            req_memory: u32,
            /// Host of the registry.
            docker_repository: String,
            /// Path of the image in the registry.
            docker_image: String,
            /// Tag of the image: another one for each build, never `latest`.
            docker_tag: String,
        }
        optional {
            /// Whether it can be deployed. Default true.
            is_active: bool,
            /// GPU.
            req_video: u32,
            /// Name for the registry, if it is private.
            private_username: String,
            /// Password or token for the registry.
            private_token: Secret,
            /// Whether the image is pulled now, to see that it can be (424 if not). Default false.
            verify_image: bool,
            /// Whether the image is kept ready in many places, to start faster.
            force_cache: bool,
            /// How many seconds a start may take.
            time_to_deploy: u32,
            /// After how many minutes a server is stopped, at most 1440; −1 for never. Default 1440.
            max_duration: i32,
            /// Whether a container that ends is started again. Default always.
            restart_policy: RestartPolicy,
            /// Seconds between SIGTERM and SIGKILL, 5 to 3600.
            termination_grace_period_seconds: u32,
            /// Whether it will be deployed in mainland China. Default false.
            will_deploy_in_mainland_china: bool,
            /// Name of a DNS configuration.
            dns_config: String,
            /// The ports that it opens.
            ports: Vec<NewPort>,
            /// Variables of its containers.
            envs: Vec<NewVersionVariable>,
            /// Name of the endpoint storage that keeps the containers' logs.
            endpoint_storage: String,
        }
    }
    check |it| {
        Resources::new(it.req_cpu, it.req_memory).check()?;
        for (name, text) in [
            ("docker_repository", &it.docker_repository),
            ("docker_image", &it.docker_image),
            ("docker_tag", &it.docker_tag),
        ] {
            if text.trim().is_empty() {
                return Err(Error::invalid_input(name, "is empty"));
            }
        }
        check(Some(&it.name), it.max_duration, it.termination_grace_period_seconds, it.ports.as_deref())
    }
}

impl NewVersion {
    /// A version of this image.
    pub fn of(name: impl Into<String>, image: &ImageReference, resources: Resources) -> Self {
        let Resources {
            cpu_units,
            memory_mib,
        } = resources;
        Self::new(
            name,
            cpu_units,
            memory_mib,
            &*image.repository,
            &*image.image,
            &*image.tag,
        )
    }

    /// Adds a port.
    #[must_use]
    pub fn port(mut self, port: NewPort) -> Self {
        self.ports.get_or_insert_default().push(port);
        self
    }

    /// Adds a variable that the dashboard shows.
    #[must_use]
    pub fn variable(self, key: impl Into<String>, value: impl Into<Secret>) -> Self {
        self.env(NewVersionVariable::new(key, value))
    }

    /// Adds a variable that nobody is shown.
    #[must_use]
    pub fn hidden_variable(self, key: impl Into<String>, value: impl Into<Secret>) -> Self {
        self.env(NewVersionVariable::new(key, value).is_hidden(true))
    }

    fn env(mut self, variable: NewVersionVariable) -> Self {
        self.envs.get_or_insert_default().push(variable);
        self
    }
}

deploykit_core::request! {
    /// What to change of a version. CPU and memory stay as they were created.
    pub struct VersionChange {
        optional {
            /// Its name, 1 to 64 characters.
            name: String,
            /// Whether it can be deployed.
            is_active: bool,
            /// Host of the registry.
            docker_repository: String,
            /// Name for the registry, if it is private.
            private_username: String,
            /// Password or token for the registry.
            private_token: Secret,
            /// Path of the image in the registry.
            docker_image: String,
            /// Tag of the image.
            docker_tag: String,
            /// Whether the image is pulled now, to see that it can be (424 if not).
            verify_image: bool,
            /// Whether the image is kept ready in many places, to start faster.
            force_cache: bool,
            /// How many seconds a start may take.
            time_to_deploy: u32,
            /// After how many minutes a server is stopped, at most 1440; −1 for never.
            max_duration: i32,
            /// Whether a container that ends is started again.
            restart_policy: RestartPolicy,
            /// Seconds between SIGTERM and SIGKILL, 5 to 3600.
            termination_grace_period_seconds: u32,
            /// Whether it will be deployed in mainland China.
            will_deploy_in_mainland_china: bool,
            /// Name of a DNS configuration.
            dns_config: String,
            /// The ports that it opens, in place of those it had.
            ports: Vec<NewPort>,
            /// Variables of its containers, in place of those it had.
            envs: Vec<NewVersionVariable>,
            /// Name of the endpoint storage that keeps the containers' logs.
            endpoint_storage: String,
        }
    }
    check |it| {
        check(it.name.as_deref(), it.max_duration, it.termination_grace_period_seconds, it.ports.as_deref())
    }
}

fn check(
    name: Option<&str>,
    max_duration: Option<i32>,
    grace: Option<u32>,
    ports: Option<&[NewPort]>,
) -> Result<()> {
    let refuse = |name, problem| Err(Error::invalid_input(name, problem));
    if name.is_some_and(|name| name.trim().is_empty() || name.chars().count() > 64) {
        return refuse("name", "must have 1 to 64 characters");
    }
    if max_duration.is_some_and(|minutes| !(-1..=1440).contains(&minutes)) {
        return refuse("max_duration", "must be −1 to 1440 minutes");
    }
    if grace.is_some_and(|seconds| !(5..=3600).contains(&seconds)) {
        return refuse("termination_grace_period_seconds", "must be 5 to 3600");
    }
    if ports
        .unwrap_or_default()
        .iter()
        .any(|port| !(1..=59_999).contains(&port.port))
    {
        return refuse("ports", "must be 1 to 59999");
    }
    Ok(())
}

deploykit_core::request! {
    /// A port that a version opens.
    pub struct NewPort {
        required {
            /// The port inside of the container, 1 to 59999.
            port: u16,
            /// Its protocol.
            protocol: Protocol,
        }
        optional {
            /// Whether a server is ready only when the port answers. Default true.
            to_check: bool,
            /// Whether TLS is added in front of the container. Default false.
            tls_upgrade: bool,
            /// Its name; without one it goes by its number.
            name: String,
        }
    }
}

deploykit_core::request! {
    /// A variable of a version's containers. Its value is not shown in `Debug`.
    pub struct NewVersionVariable {
        required {
            /// Name.
            key: String,
            /// Value.
            value: Secret,
        }
        optional {
            /// Whether the service hides the value too. Default false.
            is_hidden: bool,
        }
    }
}

deploykit_core::open_enum! {
    /// Whether a container that ends is started again.
    pub enum RestartPolicy {
        /// It is.
        Always = "always",
        /// It is not.
        Never = "never",
        /// Only if it failed.
        OnFailure = "on_failure",
    }
}

deploykit_core::model! {
    /// A version of an application.
    pub struct AppVersion {
        required {
            /// Its name.
            name: VersionName,
        }
        /// When it was created, in UTC.
        create_time: Option<Time>,
        /// When it was changed last, in UTC.
        last_updated: Option<Time>,
        /// Whether it can be deployed.
        is_active: Option<bool>,
        /// CPU in units of 1/1024 vCPU.
        req_cpu: Option<i64> as de::number,
        /// Memory in MiB.
        req_memory: Option<i64> as de::number,
        /// GPU.
        req_video: Option<i64> as de::number,
        /// Host of the registry.
        docker_repository: String,
        /// Name for the registry, if it is private.
        private_username: Option<String>,
        /// Password or token for the registry.
        private_token: Option<Secret>,
        /// Path of the image in the registry.
        docker_image: String,
        /// Tag of the image.
        docker_tag: String,
        /// Whether the image was pulled when it was created.
        verify_image: Option<bool>,
        /// Whether the image is kept ready in many places.
        force_cache: Option<bool>,
        /// In how many of them it is, between 0 and 1.
        caching_percent: Option<f64>,
        /// How many seconds a start may take.
        time_to_deploy: Option<i64> as de::number,
        /// After how many minutes a server is stopped; −1 for never.
        max_duration: Option<i64> as de::number,
        /// Whether a container that ends is started again.
        restart_policy: Option<RestartPolicy>,
        /// Seconds between SIGTERM and SIGKILL.
        termination_grace_period_seconds: Option<i64> as de::number,
        /// Whether it will be deployed in mainland China.
        will_deploy_in_mainland_china: Option<bool>,
        /// Name of its DNS configuration.
        dns_config: Option<String>,
        /// The ports that it opens.
        ports: Vec<VersionPort>,
        /// Variables of its containers.
        envs: Vec<VersionVariable>,
        /// Name of the endpoint storage that keeps the containers' logs.
        endpoint_storage: Option<String>,
    }
}

impl AppVersion {
    /// Its image with the tag.
    pub fn image(&self) -> String {
        format!(
            "{}/{}:{}",
            self.docker_repository, self.docker_image, self.docker_tag
        )
    }
}

deploykit_core::model! {
    /// A port that a version opens.
    pub struct VersionPort {
        /// The port inside of the container.
        port: Option<u32> as crate::read::port,
        /// Its protocol, as the service spells it.
        protocol: Option<String>,
        /// Whether a server is ready only when the port answers.
        to_check: Option<bool>,
        /// Whether TLS is added in front of the container.
        tls_upgrade: Option<bool>,
        /// Its name.
        name: Option<String>,
    }
}

deploykit_core::model! {
    /// A variable of a version's containers.
    pub struct VersionVariable {
        /// Name.
        key: String,
        /// Value; empty or masked if it is hidden.
        value: Secret,
        /// Whether the service hides the value.
        is_hidden: Option<bool>,
    }
}

deploykit_core::model! {
    /// What a change of versions answers with.
    pub struct VersionAnswer {
        /// Whether it worked.
        success: Option<bool>,
        /// The version as it is now, if it is told.
        version: Option<AppVersion>,
    }
}

deploykit_core::model! {
    /// What the deletion of a version answers with.
    pub struct VersionDeleted {
        /// Whether it worked.
        success: Option<bool>,
        /// What the service said.
        message: Option<String>,
    }
}
