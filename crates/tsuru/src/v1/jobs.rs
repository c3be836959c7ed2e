//! Jobs: what runs by the clock or on request.

use deploykit_core::{endpoints, id, model, open_enum, request};

use super::apps::InstanceBind;
use super::pairs::pairs;
use super::plans::Plan;
use super::units::{Killing, Unit, UnitId};
use super::{Metadata, NewMetadata};
use crate::list::List;
use crate::{Done, TeamName, Variable};

id! {
    /// A job, by name.
    pub struct JobName(String);
}

endpoints! {
    /// Jobs. Their variables are in [`Env`](super::Env), their logs in
    /// [`Client::job_logs`](super::Client::job_logs).
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::tsuru_v1().start().await?;
    /// # let tsuru = deploykit_tsuru::v1::Client::builder().target(sandbox.base_url()).token(sandbox.token()).build()?;
    /// use deploykit_tsuru::v1::{JobContainer, NewJob};
    ///
    /// let report = JobContainer::new().image("registry.example.com/report:1");
    /// let job = NewJob::new("report").team_owner("admin").schedule("0 6 * * *").container(report);
    /// tsuru.jobs().create(&job).await?;
    /// tsuru.jobs().trigger("report").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub struct Jobs;

    /// Lists jobs.
    ListJob: GET "/1.13/jobs" => list(query: &JobFilter) -> Vec<Job> via JobItems [empty_means("[]")];

    /// Tells about one job.
    GetJob: GET "/1.13/jobs/{job}" => get(job: JobName) -> JobInfo;

    /// Creates a job. 409 if it exists.
    CreateJob: POST "/1.13/jobs" => create(body: &NewJob) -> CreatedJob;

    /// Changes a job; what is not said stays as it is.
    UpdateJob: PUT "/1.13/jobs/{job}" => update(job: JobName, body: &NewJob) -> Done;

    /// Removes a job.
    DeleteJob: DELETE "/1.13/jobs/{job}" => remove(job: JobName) -> Done;

    /// Runs a job now.
    TriggerJob: POST "/1.13/jobs/{job}/trigger" => trigger(job: JobName) -> Done;

    /// Kills a unit of a job.
    killJob: DELETE "/1.13/jobs/{job}/units/{unit}" => kill_unit(job: JobName, unit: UnitId, query: &Killing)
        -> Done;
}

type JobItems = List<Job>;

pairs! {
    /// Which jobs to list; all unless something is said.
    pub struct JobFilter {
        /// Whose name this regular expression matches.
        name = "name": String,
        /// That this team owns.
        team_owner = "teamOwner": TeamName,
        /// That this user made.
        owner = "owner": String,
        /// In this pool.
        pool = "pool": String,
        /// With this tag; may be said several times.
        tag = "tag": String,
    }
}

open_enum! {
    /// What happens when it is time for a job that still runs.
    pub enum Concurrency {
        /// It runs twice.
        Allow = "Allow",
        /// It does not run again.
        Forbid = "Forbid",
        /// The one that runs ends.
        Replace = "Replace",
    }
}

request! {
    /// A job to create, or what to change of it.
    pub struct NewJob {
        required {
            /// Its name.
            name: JobName,
        }
        optional {
            /// Team that owns it; needed by users in several teams.
            #[serde(rename = "teamOwner")]
            team_owner: TeamName,
            /// What each unit gets.
            plan: String,
            /// Pool to run in.
            pool: String,
            /// What it is for.
            description: String,
            /// Labels and annotations.
            metadata: NewMetadata,
            /// Tags.
            tags: Vec<String>,
            /// When it runs, as cron writes it.
            schedule: String,
            /// Whether it runs on request only.
            manual: bool,
            /// Whether it runs at once, too.
            trigger: bool,
            /// What runs.
            container: JobContainer,
            /// What it is made of.
            #[serde(rename = "deployOptions")]
            deploy_options: DeployOptions,
            /// Seconds that it may take.
            #[serde(rename = "activeDeadlineSeconds")]
            deadline_seconds: i64,
            /// What happens when it still runs.
            #[serde(rename = "concurrencyPolicy")]
            concurrency: Concurrency,
        }
    }
}

request! {
    /// What runs.
    #[derive(Default)]
    pub struct JobContainer {
        optional {
            /// Image; better deployed by [`Client::deploy_job`](super::Client::deploy_job).
            image: String,
            /// Command, in place of the image's.
            command: Vec<String>,
            /// Image as the server keeps it.
            #[serde(rename = "internalRegistryImage")]
            internal_image: String,
            /// Variables.
            envs: Vec<Variable>,
        }
    }
}

request! {
    /// What a job is made of.
    #[derive(Default)]
    pub struct DeployOptions {
        optional {
            /// `image` or `dockerfile`.
            kind: String,
            /// Image.
            image: String,
            /// Text of a Dockerfile.
            dockerfile: String,
        }
    }
}

model! {
    /// What creating a job gives.
    pub struct CreatedJob {
        /// Its name.
        name = "jobName": Option<JobName>,
        /// `success`.
        status: String,
    }
}

model! {
    /// A job.
    pub struct Job {
        required {
            /// Its name.
            name = "name" | "Name": JobName,
        }
        /// Team that owns it.
        team_owner = "teamOwner": String,
        /// Teams that have access to it.
        teams: Vec<String>,
        /// Who created it.
        owner: String,
        /// What each unit gets.
        plan: Option<Plan>,
        /// Labels and annotations.
        metadata: Option<Metadata>,
        /// Pool.
        pool: String,
        /// What it is for.
        description: String,
        /// Tags.
        tags: Vec<String>,
        /// What it is made of.
        deploy_options = "deployOptions": Option<DeployOptions>,
        /// How it runs.
        spec: Option<JobSpec>,
    }
}

model! {
    /// How a job runs.
    pub struct JobSpec {
        /// What happens when it still runs.
        concurrency = "concurrencyPolicy": Option<Concurrency>,
        /// How often it must succeed.
        completions: Option<i64>,
        /// How many units at once.
        parallelism: Option<i64>,
        /// Seconds that it may take.
        deadline_seconds = "activeDeadlineSeconds": Option<i64>,
        /// How often it may fail.
        backoff_limit = "backoffLimit": Option<i64>,
        /// When it runs.
        schedule: String,
        /// Whether it runs on request only.
        manual: Option<bool>,
        /// What runs.
        container: Option<JobContainer>,
        /// Variables.
        envs: Vec<Variable>,
        /// Variables of service instances, which belong to the server.
        service_envs = "serviceEnvs": Vec<ServiceVariable>,
    }
}

model! {
    /// A variable of a service instance.
    pub struct ServiceVariable {
        required {
            /// Its name.
            name: String,
        }
        /// Its value.
        value: deploykit_core::Secret,
        /// Whether a user may set it.
        public: Option<bool>,
        /// The service.
        service = "serviceName" | "ServiceName": Option<String>,
        /// The instance.
        instance = "instanceName" | "InstanceName": Option<String>,
    }
}

model! {
    /// What there is to tell about a job.
    pub struct JobInfo {
        /// The job.
        job: Option<Job>,
        /// Cluster.
        cluster: String,
        /// What runs of it, or ran.
        units: Vec<Unit>,
        /// Instances that it is bound to.
        service_instance_binds = "serviceInstanceBinds": Vec<InstanceBind>,
        /// Where its dashboard is.
        dashboard_url = "dashboardURL": Option<String>,
    }
}
