//! Apps.

use deploykit_core::{Call, endpoints, id, model, open_enum, request};

use crate::list::List;
use crate::{Done, NewVariables, VariableNames, Variables, lenient};

id! {
    /// An app, by name.
    pub struct AppName(String);
}

endpoints! {
    /// Apps. To restart one, see [`Client::restart`](crate::Client::restart).
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::tsuru().start().await?;
    /// # let tsuru = deploykit_tsuru::Client::builder().target(sandbox.base_url()).token(sandbox.token()).build()?;
    /// use deploykit_tsuru::NewApp;
    ///
    /// let created = tsuru.apps().create(&NewApp::new("myapp", "python")).await?;
    /// println!("push to {}", created.repository_url);
    /// for app in tsuru.apps().list().await? {
    ///     println!("{}: {} units", app.name, app.units.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub struct Apps;

    /// Lists the apps that the user has access to.
    listApps: GET "/apps" => list() -> Vec<App> via AppList [empty_means("[]")];

    /// Tells about one app.
    /// 404 if there is none, 403 if the user has no access to it.
    infoAboutAnApp: GET "/apps/{app}" => get(app: AppName) -> App;

    /// Removes an app.
    /// The server goes on in the background: the app may still be seen for a while. 404, 403.
    removeAnApp: DELETE "/apps/{app}" => remove(app: AppName) -> Done;

    /// Creates an app.
    /// 400 if the name is bad or the user is in no team, 403 if a quota is used up, 409 if it exists, 500 if
    /// there is no such platform.
    createAnApp: POST "/apps" => create(body: &NewApp) -> CreatedApp;

    /// Restarts an app by GET, and waits for the whole output.
    /// Servers from 0.5 on have no such route: [`Client::restart`](crate::Client::restart) also knows theirs,
    /// and follows the output. 404, 403.
    restartAnApp: GET "/apps/{app}/restart" => restart_by_get(app: AppName) -> Done
        [acts, accept("text/plain")];

    /// Gives the environment variables of an app.
    /// 404, 403.
    getAppEnvironmentVariables: GET "/apps/{app}/env" => env(app: AppName) -> Variables
        [empty_means("[]")];

    /// Sets environment variables, and restarts the app.
    /// The answer comes when it runs again: mind the timeout. Private variables, which services have set,
    /// silently stay as they are. 400, 403, 404.
    setAnAppEnvironment: POST "/apps/{app}/env" => set_env(app: AppName, body: &NewVariables) -> Done;

    /// Deletes environment variables, and restarts the app, which may take long, too.
    /// 400, 403, 404.
    deleteAnAppEnvironment: DELETE "/apps/{app}/env"
        => delete_env(app: AppName, body: &VariableNames) -> Done;

    /// Swaps the addresses of two apps.
    /// Done twice, it is undone, so it is never repeated by itself. 500 (412 from 0.9) if the apps differ in
    /// platform or number of units, 409 if one is locked, 403, 404.
    swappingTwoApps: PUT "/swap" => swap(query: &Swap) -> Done [acts];
}

impl Apps {
    /// As [`env`](Self::env), but only these variables; those that the app doesn't have are left out.
    pub fn env_of(&self, app: impl Into<AppName>, names: &VariableNames) -> Call<Variables> {
        self.env(app).map_request(|request| request.json(names))
    }
}

type AppList = List<App>;

model! {
    /// An app.
    pub struct App {
        required {
            /// Its name.
            name = "name" | "Name": AppName,
        }
        /// What it runs on: `python`, `java`.
        platform = "platform" | "Platform" | "framework" | "Framework": Option<String>,
        /// Teams that have access to it.
        teams = "teams" | "Teams": Vec<String>,
        /// What runs of it.
        units = "units" | "Units": Vec<Unit>,
        /// Git repository to push to.
        repository = "repository" | "Repository": Option<String>,
        /// Address that it is served at.
        ip = "ip" | "Ip": Option<String>,
        /// Names of its own that it is served at; one at the most up to 0.6.
        cname = "cname" | "CName" | "Cname": Vec<String> as lenient::texts,
        /// Whether it can be deployed to; newer servers don't tell.
        ready = "ready" | "Ready": Option<bool>,
        /// State of the app as a whole, where the server tells it.
        state = "state" | "State": Option<UnitState>,
        /// Who created it.
        owner = "owner" | "Owner": Option<String>,
        /// Team that owns it.
        teamowner = "teamowner" | "teamOwner" | "TeamOwner": Option<String>,
        /// How often it was deployed.
        deploys = "deploys" | "Deploys": Option<u64>,
        /// Memory limit as the server writes it; `0` is none.
        memory = "memory" | "Memory": Option<String> as lenient::text,
        /// Swap limit as the server writes it; `0` is none.
        swap = "swap" | "Swap": Option<String> as lenient::text,
    }
}

model! {
    /// One running piece of an app.
    pub struct Unit {
        required {
            /// Its name: `myapp/0`.
            name = "Name" | "name": String,
        }
        /// Its address; empty while it is being made.
        ip = "Ip" | "ip" | "IP": Option<String>,
        /// What it is doing.
        state = "Status" | "status" | "State" | "state": Option<UnitState>,
        /// Its app.
        app = "AppName" | "appname": Option<String>,
        /// Platform that it runs on.
        kind = "Type" | "type": Option<String>,
        /// Number of its machine; up to 0.4.
        machine = "Machine" | "machine": Option<i64>,
        /// Id of its machine at the provider; up to 0.4.
        instance_id = "InstanceId" | "instanceid": Option<String>,
        /// What it counts as in its owner's quota; up to 0.2.
        quota_item = "QuotaItem" | "quotaitem": Option<String>,
    }
}

open_enum! {
    /// What a unit is doing. Some servers leave it empty.
    pub enum UnitState {
        /// It is being made.
        Building = "building",
        /// It is made, and doesn't run yet.
        Pending = "pending",
        /// It starts.
        Starting = "starting",
        /// It runs.
        Started = "started",
        /// It runs but can't be reached.
        Unreachable = "unreachable",
        /// It was stopped.
        Stopped = "stopped",
        /// It doesn't run.
        Down = "down",
        /// It could not be started.
        Error = "error",
    }
}

request! {
    /// An app to create.
    pub struct NewApp {
        required {
            /// Its name.
            name: AppName,
            /// What it runs on: one of [`Platforms::list`](crate::Platforms::list).
            platform: String,
        }
        optional {
            /// Memory limit in MB, where the server allows one.
            #[serde(default, with = "lenient::quoted")]
            memory: u64,
            /// Swap limit in MB, where the server allows one.
            #[serde(default, with = "lenient::quoted")]
            swap: u64,
            /// Team that owns it; needed from 0.5 on by users in several teams.
            #[serde(rename = "teamOwner")]
            team_owner: String,
        }
    }
}

model! {
    /// What creating an app gives.
    pub struct CreatedApp {
        /// `success`.
        status: String,
        /// Git repository to push to; empty on servers that have none.
        repository_url: String,
        /// Address that it will be served at, where that is known.
        ip: Option<String>,
    }
}

request! {
    /// Two apps to swap.
    pub struct Swap {
        required {
            /// One.
            app1: AppName,
            /// The other.
            app2: AppName,
        }
        optional {
            /// Swaps apps that differ in platform or number of units, too; from 0.7 on.
            force: bool,
        }
    }
}
