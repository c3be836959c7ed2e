//! Apps.

use std::collections::BTreeMap;

use deploykit_core::{endpoints, model, open_enum, request};

use super::pairs::pairs;
use super::plans::{Plan, PlanOverride};
use super::quotas::Quota;
use super::routers::AppRouter;
use super::units::Unit;
use super::{JSON_LINES, Metadata, NewMetadata, Output, Process};
use crate::lenient;
use crate::list::List;
use crate::{AppName, Done, TeamName};

endpoints! {
    /// Apps.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::tsuru_v1().start().await?;
    /// # let tsuru = deploykit_tsuru::v1::Client::builder().target(sandbox.base_url()).token(sandbox.token()).build()?;
    /// use deploykit_tsuru::v1::{AppFilter, NewApp, Process};
    ///
    /// tsuru.apps().create(&NewApp::new("myapp").platform("python").team_owner("admin")).await?;
    /// for app in tsuru.apps().list(&AppFilter::new().team_owner("admin")).await? {
    ///     println!("{}: {} units", app.name, app.units.len());
    /// }
    /// tsuru.apps().restart("myapp", &Default::default()).await?.text().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub struct Apps;

    /// Lists the apps that the user has access to.
    AppList: GET "/1.0/apps" => list(query: &AppFilter) -> Vec<App> via AppItems [empty_means("[]")];

    /// Tells about one app. 404 if there is none, 403 if the user has no access to it.
    AppGet: GET "/1.0/apps/{app}" => get(app: AppName) -> App;

    /// Creates an app.
    /// 400 if the name is bad, 403 if a quota is used up, 409 if it exists.
    AppCreate: POST "/1.0/apps" => create(body: &NewApp) -> CreatedApp;

    /// Changes an app, and restarts it if need be.
    AppUpdate: PUT "/1.0/apps/{app}" => update(app: AppName, body: &AppChange) -> Streamed<Output>
        [streams(JSON_LINES)];

    /// Removes an app and all that it is bound to.
    AppDelete: DELETE "/1.0/apps/{app}" => remove(app: AppName) -> Streamed<Output> [streams(JSON_LINES)];

    /// Starts what was stopped.
    AppStart: POST "/1.0/apps/{app}/start" => start(app: AppName, body: &Part) -> Streamed<Output>
        [streams(JSON_LINES)];

    /// Stops units.
    AppStop: POST "/1.0/apps/{app}/stop" => stop(app: AppName, body: &Part) -> Streamed<Output>
        [streams(JSON_LINES)];

    /// Restarts units.
    AppRestart: POST "/1.0/apps/{app}/restart" => restart(app: AppName, body: &Part) -> Streamed<Output>
        [streams(JSON_LINES)];

    /// Runs a command in the app's units. Its exit status is not told; a failure ends the output with an error.
    AppRun: POST "/1.0/apps/{app}/run" => run(app: AppName, body: &Run) -> Streamed<Output>
        [streams(JSON_LINES)];

    /// Lets a team use the app. 404 if one of them is missing, 409 if it already may.
    AppTeamGrant: PUT "/1.0/apps/{app}/teams/{team}" => grant(app: AppName, team: TeamName) -> Done [acts];

    /// Takes the app away from a team. 403 if it is the team that owns it.
    AppTeamRevoke: DELETE "/1.0/apps/{app}/teams/{team}" => revoke(app: AppName, team: TeamName) -> Done;

    /// Adds names that the app is served at. 409 if another app has one.
    AppCnameAdd: POST "/1.0/apps/{app}/cname" => add_cnames(app: AppName, body: &Cnames) -> Done;

    /// Takes names away.
    AppCnameDelete: DELETE "/1.0/apps/{app}/cname" => remove_cnames(app: AppName, body: &Cnames) -> Done;

    /// Removes a version that serves nothing.
    appVersionDelete: DELETE "/1.10/apps/{app}/versions/{version}"
        => remove_version(app: AppName, version: u64) -> Streamed<Output> [streams(JSON_LINES)];

    /// Says whether a version gets requests.
    AppSetRoutable: POST "/1.8/apps/{app}/routable" => set_routable(app: AppName, body: &Routable) -> Done
        [idempotent];

    /// Makes the routers' entries anew; with `dry`, only tells what would change.
    appRebuildRoutes: POST "/1.0/apps/{app}/routes" => rebuild_routes(app: AppName, body: &Rebuilding)
        -> BTreeMap<String, serde_json::Value> [idempotent, empty_means("{}")];
}

type AppItems = List<App>;

pairs! {
    /// Which apps to list; all unless something is said. What is said twice is either.
    pub struct AppFilter {
        /// Whose name this regular expression matches.
        name = "name": String,
        /// Of this platform.
        platform = "platform": String,
        /// That this team owns.
        team_owner = "teamOwner": TeamName,
        /// That this user made.
        owner = "owner": String,
        /// In this pool.
        pool = "pool": String,
        /// With a unit in this status.
        status = "status": String,
        /// With this tag.
        tag = "tag": String,
        /// Name and address alone, without units.
        simplified = "simplified": bool,
        /// With more of each.
        extended = "extended": bool,
    }
}

model! {
    /// An app. A list tells less of it than [`Apps::get`].
    pub struct App {
        required {
            /// Its name.
            name = "name" | "Name": AppName,
        }
        /// What it runs on; empty if it runs images only.
        platform: String,
        /// What it is for.
        description: String,
        /// Pool that it runs in.
        pool: String,
        /// Cluster of the pool.
        cluster: Option<String>,
        /// What runs its pool: `kubernetes`.
        provisioner: Option<String>,
        /// Team that owns it.
        team_owner = "teamowner" | "teamOwner": String,
        /// Teams that have access to it.
        teams: Vec<String>,
        /// Who created it.
        owner: String,
        /// What each unit gets.
        plan: Option<Plan>,
        /// Names of its own that it is served at.
        cname: Vec<String>,
        /// Address of its first router.
        ip: String,
        /// What serves it.
        routers: Vec<AppRouter>,
        /// The only router of old answers.
        router: Option<String>,
        /// Its options.
        router_options = "routeropts": BTreeMap<String, String> as lenient::present,
        /// Where it is reached from inside.
        internal_addresses = "internalAddresses": Vec<InternalAddress>,
        /// What runs of it.
        units: Vec<Unit>,
        /// What its units use.
        units_metrics = "unitsMetrics": Vec<UnitMetrics>,
        /// How it scales by itself.
        autoscale: Vec<super::autoscale::Autoscale>,
        /// What its units would do with.
        recommendations = "autoscaleRecommendation": Vec<serde_json::Value>,
        /// Its processes.
        processes: Vec<Process>,
        /// Labels and annotations.
        metadata: Option<Metadata>,
        /// Tags.
        tags: Vec<String>,
        /// How often it was deployed.
        deploys: Option<u64>,
        /// How many units it may have.
        quota: Option<Quota>,
        /// Volumes that it has.
        volume_binds = "volumeBinds": Vec<super::volumes::VolumeBind>,
        /// Service instances that it is bound to.
        service_instance_binds = "serviceInstanceBinds": Vec<InstanceBind>,
        /// Why something of this is missing.
        error: Option<String>,
        /// Where its dashboard is.
        dashboard_url = "dashboardURL": Option<String>,
    }
}

model! {
    /// Where an app is reached from inside of its cluster.
    pub struct InternalAddress {
        /// Name.
        domain = "Domain" | "domain": String,
        /// `TCP`.
        protocol = "Protocol" | "protocol": String,
        /// Port.
        port = "Port" | "port": Option<u32>,
        /// Its target port.
        target_port = "TargetPort" | "targetPort": Option<u32>,
        /// Version, where the address is one's.
        version = "Version" | "version": String,
        /// Process.
        process = "Process" | "process": String,
    }
}

model! {
    /// What a unit uses.
    pub struct UnitMetrics {
        required {
            /// The unit.
            id = "ID" | "id": String,
        }
        /// CPU: `13m`.
        cpu = "CPU" | "cpu": String,
        /// Memory: `52Mi`.
        memory = "Memory" | "memory": String,
    }
}

model! {
    /// A binding of an app or job to a service instance.
    pub struct InstanceBind {
        /// The service.
        service: String,
        /// The instance.
        instance: String,
        /// Its plan.
        plan: String,
    }
}

request! {
    /// An app to create.
    pub struct NewApp {
        required {
            /// Its name: lower case letters, digits and dashes, 40 at the most, a letter first.
            name: AppName,
        }
        optional {
            /// What it runs on; without, only images can be deployed.
            platform: String,
            /// What each unit gets.
            plan: String,
            /// Other values than the plan's.
            #[serde(rename = "planoverride")]
            plan_override: PlanOverride,
            /// Pool to run in.
            pool: String,
            /// Team that owns it; needed by users in several teams.
            #[serde(rename = "teamOwner")]
            team_owner: TeamName,
            /// What it is for.
            description: String,
            /// What serves it.
            router: String,
            /// The router's options.
            #[serde(rename = "routeropts")]
            router_options: BTreeMap<String, String>,
            /// Tags.
            tags: Vec<String>,
            /// Labels and annotations.
            metadata: NewMetadata,
            /// Processes with settings of their own.
            processes: Vec<Process>,
        }
    }
}

model! {
    /// What creating an app gives.
    pub struct CreatedApp {
        /// `success`.
        status: String,
        /// Address that it will be served at, where that is known.
        ip: Option<String>,
        /// Git repository; only on servers that have them.
        repository_url: Option<String>,
    }
}

request! {
    /// What to change of an app; the rest stays as it is.
    pub struct AppChange {
        optional {
            /// Another platform.
            platform: String,
            /// Another plan.
            plan: String,
            /// Other values than the plan's.
            #[serde(rename = "planoverride")]
            plan_override: PlanOverride,
            /// Another pool.
            pool: String,
            /// Another team that owns it.
            #[serde(rename = "teamOwner")]
            team_owner: TeamName,
            /// What it is for.
            description: String,
            /// Tags, in place of those that it has.
            tags: Vec<String>,
            /// Labels and annotations to set or delete.
            metadata: NewMetadata,
            /// Processes with settings of their own.
            processes: Vec<Process>,
            /// Builds the next version upon the platform's newest image.
            #[serde(rename = "imageReset")]
            image_reset: bool,
            /// Does not restart it.
            #[serde(rename = "noRestart")]
            no_restart: bool,
        }
    }
}

request! {
    /// Which part of an app; all of it unless something is said.
    #[derive(Default)]
    pub struct Part {
        optional {
            /// Only this process.
            process: String,
            /// Only this version.
            version: String,
        }
    }
}

request! {
    /// A command to run.
    pub struct Run {
        required {
            /// For the shell.
            command: String,
        }
        optional {
            /// In one unit only.
            once: bool,
            /// In a unit of its own, which ends with it.
            isolated: bool,
        }
    }
}

request! {
    /// Names that an app is served at.
    pub struct Cnames {
        required {
            /// The names.
            cname: Vec<String>,
        }
    }
}

request! {
    /// Whether a version gets requests.
    pub struct Routable {
        required {
            /// The version.
            version: String,
            /// Whether it does.
            #[serde(rename = "isRoutable")]
            is_routable: bool,
        }
    }
}

request! {
    /// How to make routes anew.
    #[derive(Default)]
    pub struct Rebuilding {
        optional {
            /// Only tells what would change.
            dry: bool,
        }
    }
}

open_enum! {
    /// What a unit is doing.
    pub enum UnitStatus {
        /// It was made and does not run yet.
        Created = "created",
        /// It is being made.
        Building = "building",
        /// It starts.
        Starting = "starting",
        /// It runs.
        Started = "started",
        /// It runs, and answers.
        Ready = "ready",
        /// It was stopped.
        Stopped = "stopped",
        /// It sleeps until it is asked.
        Asleep = "asleep",
        /// It did its work.
        Succeeded = "succeeded",
        /// It could not be started.
        Error = "error",
    }
}
