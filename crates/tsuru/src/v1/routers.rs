//! Routers: what serves apps.

use std::collections::BTreeMap;

use deploykit_core::{endpoints, id, model, request};

use crate::lenient;
use crate::list::List;
use crate::{AppName, Done};

id! {
    /// A router, by name.
    pub struct RouterName(String);
}

endpoints! {
    /// Routers, those of a server and those of an app.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::tsuru_v1().app("myapp").start().await?;
    /// # let tsuru = deploykit_tsuru::v1::Client::builder().target(sandbox.base_url()).token(sandbox.token()).build()?;
    /// for router in tsuru.routers().of_app("myapp").await? {
    ///     println!("{} at {}", router.name, router.address);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub struct Routers;

    /// Lists the routers that apps can have.
    RouterList: GET "/1.3/routers" => list() -> Vec<Router> via RouterItems [empty_means("[]")];

    /// Adds a router to the server. 409 if it exists.
    RouterCreate: POST "/1.8/routers" => create(body: &NewRouter) -> Done;

    /// Changes a router of the server.
    RouterUpdate: PUT "/1.8/routers/{router}" => update(router: RouterName, body: &NewRouter) -> Done;

    /// Removes a router from the server.
    RouterDelete: DELETE "/1.8/routers/{router}" => remove(router: RouterName) -> Done;

    /// Lists the routers of an app.
    AppRouterList: GET "/1.5/apps/{app}/routers" => of_app(app: AppName) -> Vec<AppRouter> via AppRouterItems
        [empty_means("[]")];

    /// Gives an app another router.
    AppRouterAdd: POST "/1.5/apps/{app}/routers" => add_to_app(app: AppName, body: &NewAppRouter) -> Done;

    /// Changes the options of an app's router.
    AppRouterUpdate: PUT "/1.5/apps/{app}/routers/{router}"
        => update_of_app(app: AppName, router: RouterName, body: &NewAppRouter) -> Done;

    /// Takes a router from an app.
    AppRouterDelete: DELETE "/1.5/apps/{app}/routers/{router}"
        => remove_from_app(app: AppName, router: RouterName) -> Done;
}

type RouterItems = List<Router>;
type AppRouterItems = List<AppRouter>;

model! {
    /// A router that apps can have.
    pub struct Router {
        required {
            /// Its name.
            name: RouterName,
        }
        /// What it is.
        kind = "type": String,
        /// Settings.
        config: BTreeMap<String, serde_json::Value> as lenient::present,
        /// What it tells about itself.
        info: BTreeMap<String, String> as lenient::present,
        /// Whether apps get it that name none.
        default: Option<bool>,
        /// Whether it was added while the server ran.
        dynamic: Option<bool>,
        /// What must be so before it serves.
        readiness_gates = "readinessGates": Vec<String>,
    }
}

request! {
    /// A router of the server.
    pub struct NewRouter {
        required {
            /// Its name.
            name: RouterName,
            /// What it is.
            #[serde(rename = "type")]
            kind: String,
        }
        optional {
            /// Settings.
            config: BTreeMap<String, serde_json::Value>,
            /// What must be so before it serves.
            #[serde(rename = "readinessGates")]
            readiness_gates: Vec<String>,
        }
    }
}

request! {
    /// A router for an app.
    pub struct NewAppRouter {
        required {
            /// Which one.
            name: RouterName,
        }
        optional {
            /// Its options.
            opts: BTreeMap<String, String>,
        }
    }
}

model! {
    /// A router of an app.
    pub struct AppRouter {
        required {
            /// Its name.
            name: RouterName,
        }
        /// Its options.
        options = "opts": BTreeMap<String, serde_json::Value> as lenient::present,
        /// Where it serves the app.
        address: String,
        /// Where else.
        addresses: Vec<String>,
        /// What it is.
        kind = "type": String,
        /// `ready`, `not ready`.
        status: String,
        /// Why it is not ready.
        status_detail = "status-detail": String,
    }
}
