//! Cron Jobs.

use deploykit_core::Time;

use crate::actions::{ActionRelation, ActionRelationShallow};
use crate::applications::{ApplicationId, ApplicationRelation};
use crate::dispatched::Dispatched;
use crate::environments::{EnvironmentId, EnvironmentRelation};
use crate::projects::Project;
use crate::resources::ResourceToBeLinked;
use crate::servers::{ServerRelation, TargetServers};
use crate::users::UserRelation;

deploykit_core::endpoints! {
    /// Cron jobs: commands that servers run on a schedule.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::devopness().speed(100.0).start().await?;
    /// # let client = deploykit_devopness::Client::builder().token(sandbox.token()).base_url(sandbox.base_url()).build()?;
    /// use deploykit_devopness::cron_jobs::NewCronJob;
    ///
    /// let new = NewCronJob::new("backup", "bash ~/backup.sh", "0 3 * * *", "devopness");
    /// let job = client.cron_jobs().add(1u64, &new).await?;
    /// println!("{}", job.pattern_human_readable);
    /// # Ok(())
    /// # }
    /// ```
    pub struct CronJobs;

    /// Deletes a cron job. An action takes it off its servers.
    /// Errors: 403.
    deleteCronJob: DELETE "/cron-jobs/{cron_job_id}" => delete(cron_job_id: CronJobId) -> Dispatched [acts()];

    /// Fetches a cron job.
    /// Errors: 403.
    getCronJob: GET "/cron-jobs/{cron_job_id}" => get(cron_job_id: CronJobId) -> CronJob;

    /// Changes a cron job.
    /// Errors: 403, 422.
    updateCronJob: PUT "/cron-jobs/{cron_job_id}" => update(cron_job_id: CronJobId, body: &CronJobUpdate);

    /// Puts a cron job onto its servers once more, as an action.
    /// Errors: 403, 404, 422.
    deployCronJob: POST "/cron-jobs/{cron_job_id}/deploy"
        => deploy(cron_job_id: CronJobId, body: &TargetServers) -> Dispatched;

    /// Lists the cron jobs of an environment.
    listEnvironmentCronJobs: GET "/environments/{environment_id}/cron-jobs"
        => list_by_environment(environment_id: EnvironmentId) -> Pages<CronJobRelation>;

    /// Adds a cron job to an environment.
    /// Errors: 403, 422.
    addEnvironmentCronJob: POST "/environments/{environment_id}/cron-jobs"
        => add(environment_id: EnvironmentId, body: &NewCronJob) -> CronJob;
}

deploykit_core::id! {
    /// A cron job.
    pub struct CronJobId(u64);
}

deploykit_core::model! {
    /// A command that servers run on a schedule.
    pub struct CronJob {
        required {
            /// Identifies the cron job.
            id: CronJobId,
        }
        /// Name of the cron job.
        name: String,
        /// The command line.
        command: String,
        /// Unix user that runs it.
        run_as_user: String,
        /// When it runs, as a cron expression of five fields.
        pattern: String,
        /// How often it runs, in words.
        pattern_human_readable: CronJobPattern,
        /// Whether Devopness made it by itself.
        is_auto_generated: Option<bool>,
        /// The last action on it.
        last_action: Option<ActionRelation>,
        /// The user who created it.
        created_by_user: Option<UserRelation>,
        /// The application that it belongs to.
        application: Option<ApplicationRelation>,
        /// The project that it belongs to.
        project: Option<Project>,
        /// The environment that it belongs to.
        environment: Option<EnvironmentRelation>,
        /// The servers that it runs on.
        servers: Vec<ServerRelation>,
        /// When it was created.
        created_at: Time,
        /// When it was last changed.
        updated_at: Time,
    }
}

deploykit_core::model! {
    /// A cron job, as listed.
    pub struct CronJobRelation {
        required {
            /// Identifies the cron job.
            id: CronJobId,
        }
        /// Name of the cron job.
        name: String,
        /// The command line.
        command: String,
        /// Unix user that runs it.
        run_as_user: String,
        /// When it runs, as a cron expression of five fields.
        pattern: String,
        /// How often it runs, in words.
        pattern_human_readable: CronJobPattern,
        /// Whether Devopness made it by itself.
        is_auto_generated: Option<bool>,
        /// The last action on it.
        last_action: Option<ActionRelationShallow>,
        /// The user who created it.
        created_by_user: Option<UserRelation>,
        /// The application that it belongs to.
        application: Option<ApplicationRelation>,
        /// When it was created.
        created_at: Option<Time>,
        /// When it was last changed.
        updated_at: Option<Time>,
    }
}

deploykit_core::request! {
    /// A cron job to add.
    pub struct NewCronJob {
        required {
            /// Name of the cron job. At most 60 characters.
            name: String,
            /// The command line. 5 to 255 characters.
            command: String,
            /// When it runs, as a cron expression of five fields.
            pattern: String,
            /// Unix user that runs it. At most 60 characters.
            run_as_user: String,
        }
        optional {
            /// Resources to link it to.
            linked_resources: Vec<ResourceToBeLinked>,
            /// The application that it belongs to.
            application_id: ApplicationId,
        }
    }
}

deploykit_core::request! {
    /// Changes to a cron job.
    pub struct CronJobUpdate {
        required {
            /// Identifies the cron job.
            id: CronJobId,
            /// When it runs, as a cron expression of five fields.
            pattern: String,
            /// Name of the cron job. At most 60 characters.
            name: String,
            /// The command line. 5 to 255 characters.
            command: String,
            /// Unix user that runs it. At most 60 characters.
            run_as_user: String,
        }
        optional {
            /// The application that it belongs to.
            application_id: ApplicationId,
        }
    }
}

deploykit_core::open_enum! {
    /// How often a cron job runs.
    pub enum CronJobPattern {
        /// Every minute.
        EveryMinute = "Every minute",
        /// At each full hour.
        Hourly = "Hourly",
        /// Once a day.
        Daily = "Daily",
        /// Twice a day.
        TwiceADay = "Twice a day",
        /// Once a week.
        Weekly = "Weekly",
        /// Once a month.
        Monthly = "Monthly",
        /// Once a year.
        Yearly = "Yearly",
        /// By another expression.
        Custom = "Custom",
    }
}
