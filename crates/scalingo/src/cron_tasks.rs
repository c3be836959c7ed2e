//! Cron tasks: what applications do by the clock.

use deploykit_core::Time;

use crate::{API, AppRef, DeploymentId};

deploykit_core::endpoints! {
    /// Cron tasks of applications. They come from the file `cron.json` of the deployed code: here they are only read.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::scalingo().start().await?;
    /// # let builder = deploykit_scalingo::Client::builder().token(sandbox.token());
    /// # let client = builder.base_url(sandbox.base_url()).build()?;
    /// for task in client.cron_tasks().list("example-app").await?.jobs {
    ///     println!("{}, next at {:?}", task.command, task.next_execution_date);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub struct CronTasks;

    /// Lists the cron tasks of an application, with the deployment that they come from.
    listCronTasks: GET "/v1/apps/{app}/cron_tasks" => list(app: AppRef) -> CronTable [quota(&API)];
}

deploykit_core::model! {
    /// The cron tasks of an application.
    pub struct CronTable {
        /// The tasks.
        jobs: Vec<CronTask>,
        /// Deployment that they come from.
        deployment_id: Option<DeploymentId>,
    }
}

deploykit_core::model! {
    /// What is done by the clock.
    pub struct CronTask {
        /// When, as cron writes it, and what: `0 5 * * * rake import`.
        command: String,
        /// Name of the container's size.
        size: Option<String>,
        /// When it was done last.
        last_execution_date: Option<Time>,
        /// When it will be done next.
        next_execution_date: Option<Time>,
    }
}
