//! Instances of services.

use std::collections::BTreeMap;

use deploykit_core::{Secret, endpoints, model, request};

use super::jobs::JobName;
use super::pairs::pairs;
use super::services::Service;
use super::{JSON_LINES, Output};
use crate::lenient;
use crate::list::List;
use crate::{AppName, Done, InstanceName, InstanceStatus, ServiceName, TeamName};

endpoints! {
    /// Service instances.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::tsuru_v1().app("myapp").start().await?;
    /// # let tsuru = deploykit_tsuru::v1::Client::builder().target(sandbox.base_url()).token(sandbox.token()).build()?;
    /// use deploykit_tsuru::v1::{Bind, NewInstance};
    ///
    /// tsuru.instances().create("mysql", &NewInstance::new("mydb").plan("small").owner("admin")).await?;
    /// tsuru.instances().bind("mysql", "mydb", "myapp", &Bind::new()).await?.text().await?;
    /// println!("{}", tsuru.instances().status("mysql", "mydb").await?.text);
    /// # Ok(())
    /// # }
    /// ```
    pub struct Instances;

    /// Lists the services that the user may use, with the user's instances.
    InstancesList: GET "/1.0/services/instances" => list(query: &InstanceFilter) -> Vec<Service> via ServiceItems
        [empty_means("[]")];

    /// Tells about one instance: asks the service itself, too.
    InstanceGet: GET "/1.0/services/{service}/instances/{instance}"
        => get(service: ServiceName, instance: InstanceName) -> InstanceInfo;

    /// Asks the service how an instance is.
    ServiceInstanceStatus: GET "/1.0/services/{service}/instances/{instance}/status"
        => status(service: ServiceName, instance: InstanceName) -> InstanceStatus [accept("text/plain")];

    /// Creates an instance. 409 if it exists.
    InstanceCreate: POST "/1.0/services/{service}/instances" => create(service: ServiceName, body: &NewInstance)
        -> Done;

    /// Changes an instance.
    InstanceUpdate: PUT "/1.0/services/{service}/instances/{instance}"
        => update(service: ServiceName, instance: InstanceName, body: &InstanceChange) -> Done;

    /// Removes an instance.
    InstanceDelete: DELETE "/1.0/services/{service}/instances/{instance}"
        => remove(service: ServiceName, instance: InstanceName, query: &Removal) -> Streamed<Output>
        [streams(JSON_LINES)];

    /// Lets a team use an instance.
    ServiceInstanceGrant: PUT "/1.0/services/{service}/instances/permission/{instance}/{team}"
        => grant(service: ServiceName, instance: InstanceName, team: TeamName) -> Done;

    /// Takes an instance away from a team.
    ServiceInstanceRevoke: DELETE "/1.0/services/{service}/instances/permission/{instance}/{team}"
        => revoke(service: ServiceName, instance: InstanceName, team: TeamName) -> Done;

    /// Binds an instance to an app, which gets variables from it.
    /// It is restarted unless told otherwise. 412 if the instance is not ready yet.
    ServiceInstanceBind: PUT "/1.13/services/{service}/instances/{instance}/apps/{app}"
        => bind(service: ServiceName, instance: InstanceName, app: AppName, body: &Bind) -> Streamed<Output>
        [streams(JSON_LINES)];

    /// Unbinds an instance from an app, which loses its variables. 412 if it isn't bound.
    ServiceInstanceUnbind: DELETE "/1.13/services/{service}/instances/{instance}/apps/{app}"
        => unbind(service: ServiceName, instance: InstanceName, app: AppName, query: &Unbind) -> Streamed<Output>
        [streams(JSON_LINES)];

    /// As [`bind`](Self::bind), on servers before 1.13.
    ServiceInstanceBind1_0: PUT "/1.0/services/{service}/instances/{instance}/{app}"
        => bind_1_0(service: ServiceName, instance: InstanceName, app: AppName, body: &Bind) -> Streamed<Output>
        [streams(JSON_LINES)];

    /// As [`unbind`](Self::unbind), on servers before 1.13.
    ServiceInstanceUnbind1_0: DELETE "/1.0/services/{service}/instances/{instance}/{app}"
        => unbind_1_0(service: ServiceName, instance: InstanceName, app: AppName, query: &Unbind)
        -> Streamed<Output> [streams(JSON_LINES)];

    /// Binds an instance to a job.
    JobServiceInstanceBind: PUT "/1.13/services/{service}/instances/{instance}/jobs/{job}"
        => bind_job(service: ServiceName, instance: InstanceName, job: JobName, body: &Bind) -> Streamed<Output>
        [streams(JSON_LINES)];

    /// Unbinds an instance from a job.
    JobServiceInstanceUnbind: DELETE "/1.13/services/{service}/instances/{instance}/jobs/{job}"
        => unbind_job(service: ServiceName, instance: InstanceName, job: JobName, query: &Unbind)
        -> Streamed<Output> [streams(JSON_LINES)];
}

type ServiceItems = List<Service>;

pairs! {
    /// Which instances to list; all unless something is said.
    pub struct InstanceFilter {
        /// Those that this app is bound to.
        app = "app": AppName,
        /// Those with this tag; may be said several times.
        tag = "tag": String,
    }
}

pairs! {
    /// How to remove an instance.
    pub struct Removal {
        /// Unbinds it from all apps and jobs first; else, 412 while it is bound.
        unbind_all = "unbindall": bool,
        /// Even if its service cannot be asked.
        ignore_errors = "ignoreerrors": bool,
    }
}

pairs! {
    /// How to unbind.
    pub struct Unbind {
        /// Does not restart the app.
        no_restart = "noRestart": bool,
        /// Even if the service cannot be asked.
        force = "force": bool,
    }
}

request! {
    /// How to bind.
    #[derive(Default)]
    pub struct Bind {
        optional {
            /// Does not restart the app.
            #[serde(rename = "noRestart")]
            no_restart: bool,
            /// What the service is told; may hold secrets.
            parameters: BTreeMap<String, Secret>,
        }
    }
}

request! {
    /// An instance to create.
    pub struct NewInstance {
        required {
            /// Its name.
            name: InstanceName,
        }
        optional {
            /// Which plan of the service.
            plan: String,
            /// Team that owns it; needed by users in several teams.
            owner: TeamName,
            /// What it is for.
            description: String,
            /// Tags.
            tags: Vec<String>,
            /// Pool, for services of several clusters.
            pool: String,
            /// What the service is told; may hold secrets.
            parameters: BTreeMap<String, Secret>,
        }
    }
}

request! {
    /// What to change of an instance.
    #[derive(Default)]
    pub struct InstanceChange {
        optional {
            /// What it is for.
            description: String,
            /// Team that owns it.
            #[serde(rename = "teamowner")]
            team_owner: TeamName,
            /// Which plan of the service.
            plan: String,
            /// Tags, in place of those that it has.
            tags: Vec<String>,
            /// What the service is told; may hold secrets.
            parameters: BTreeMap<String, Secret>,
        }
    }
}

model! {
    /// An instance, as lists tell about it.
    pub struct ServiceInstance {
        required {
            /// Its name.
            name = "name" | "Name": InstanceName,
        }
        /// Its number.
        id = "id" | "Id": Option<i64>,
        /// Its service.
        service = "service_name" | "ServiceName" | "servicename": String,
        /// Its plan.
        plan = "plan_name" | "PlanName" | "planname": String,
        /// Apps that it is bound to.
        apps = "apps" | "Apps": Vec<String>,
        /// Jobs that it is bound to.
        jobs = "jobs" | "Jobs": Vec<String>,
        /// Units that it is bound to.
        bound_units = "bound_units" | "BoundUnits": Vec<serde_json::Value>,
        /// Teams that may use it.
        teams = "teams" | "Teams": Vec<String>,
        /// Team that owns it.
        team_owner = "team_owner" | "TeamOwner" | "teamowner": String,
        /// What it is for.
        description = "description" | "Description": String,
        /// Tags.
        tags = "tags" | "Tags": Vec<String>,
        /// What the service was told; may hold secrets.
        parameters = "parameters" | "Parameters": BTreeMap<String, Secret> as lenient::present,
        /// Pool.
        pool = "pool" | "Pool": Option<String>,
        /// What the service tells about it.
        info = "info" | "Info": BTreeMap<String, String> as lenient::present,
    }
}

model! {
    /// What there is to tell about an instance.
    pub struct InstanceInfo {
        /// Apps that it is bound to.
        apps = "Apps" | "apps": Vec<String>,
        /// Jobs that it is bound to.
        jobs = "Jobs" | "jobs": Vec<String>,
        /// Teams that may use it.
        teams = "Teams" | "teams": Vec<String>,
        /// Team that owns it.
        team_owner = "TeamOwner" | "teamowner": String,
        /// What it is for.
        description = "Description" | "description": String,
        /// Pool.
        pool = "Pool" | "pool": String,
        /// Its plan.
        plan = "PlanName" | "planname": String,
        /// What its plan is.
        plan_description = "PlanDescription" | "plandescription": String,
        /// Tags.
        tags = "Tags" | "tags": Vec<String>,
        /// What the service tells about it.
        info = "CustomInfo" | "custominfo": BTreeMap<String, String> as lenient::present,
        /// What the service was told; may hold secrets.
        parameters = "Parameters" | "parameters": BTreeMap<String, Secret> as lenient::present,
    }
}
