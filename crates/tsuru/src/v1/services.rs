//! Services, for those who provide them.

use deploykit_core::{Secret, Text, endpoints, model, request};

use super::instances::ServiceInstance;
use super::pairs::pairs;
use crate::done::Whole;
use crate::list::List;
use crate::{Done, ServiceName, TeamName};

endpoints! {
    /// Services.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::tsuru_v1().start().await?;
    /// # let tsuru = deploykit_tsuru::v1::Client::builder().target(sandbox.base_url()).token(sandbox.token()).build()?;
    /// use deploykit_tsuru::v1::{NewService, TagFilter};
    ///
    /// let redis = NewService::new("redis", "s3cr3t", "https://redis.example.com").team("admin");
    /// tsuru.services().create(&redis).await?;
    /// for service in tsuru.services().list(&TagFilter::new()).await? {
    ///     println!("{}: {:?}", service.service, service.instances);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub struct Services;

    /// Lists the services that the user's teams own, with their instances.
    ServicesList: GET "/1.0/services" => list(query: &TagFilter) -> Vec<Service> via ServiceItems
        [empty_means("[]")];

    /// Creates a service. 409 if it exists.
    ServiceCreate: POST "/1.0/services" => create(body: &NewService) -> Done;

    /// Changes a service: sends it whole.
    ServiceUpdate: PUT "/1.0/services/{service}" => update(service: ServiceName, body: &NewService) -> Done;

    /// Removes a service. 403 if it has instances.
    ServiceDelete: DELETE "/1.0/services/{service}" => remove(service: ServiceName) -> Done;

    /// Lists the instances of a service.
    ServiceInfo: GET "/1.0/services/{service}" => instances(service: ServiceName)
        -> Vec<ServiceInstance> via Instances [empty_means("[]")];

    /// Lists the plans of a service: asks the service itself.
    ServicePlans: GET "/1.0/services/{service}/plans" => plans(service: ServiceName, query: &InPool)
        -> Vec<ServicePlan> via ServicePlanItems [empty_means("[]")];

    /// Gives the documentation of a service, which may be empty.
    ServiceDoc: GET "/1.0/services/{service}/doc" => doc(service: ServiceName) -> Text via Whole
        [accept("text/plain")];

    /// Replaces the documentation of a service.
    ServiceAddDoc: PUT "/1.0/services/{service}/doc" => set_doc(service: ServiceName, body: &NewDoc) -> Done;

    /// Lets a team use a service.
    ServiceGrantTeam: PUT "/1.0/services/{service}/team/{team}" => grant(service: ServiceName, team: TeamName)
        -> Done [acts];

    /// Takes a service away from a team.
    ServiceRevokeTeam: DELETE "/1.0/services/{service}/team/{team}"
        => revoke(service: ServiceName, team: TeamName) -> Done;

    /// Tells which of a service's own addresses the server hands on, and to whom.
    ServiceManifestGet: GET "/1.31/services/{service}/manifest" => manifest(service: ServiceName)
        -> ServiceManifest;

    /// Says which of a service's own addresses the server hands on, and to whom. 409 if roles hold actions
    /// that it takes away.
    ServiceManifestSet: PUT "/1.31/services/{service}/manifest"
        => set_manifest(service: ServiceName, body: &ServiceManifest) -> Done;
}

type ServiceItems = List<Service>;
type Instances = List<ServiceInstance>;
type ServicePlanItems = List<ServicePlan>;

pairs! {
    /// Which of them to list; all unless something is said.
    pub struct TagFilter {
        /// Those with this tag; may be said several times.
        tag = "tag": String,
    }
}

pairs! {
    /// Where.
    pub struct InPool {
        /// In this pool, for services of several clusters.
        pool = "pool": String,
    }
}

model! {
    /// A service and its instances.
    pub struct Service {
        required {
            /// Its name.
            service = "service" | "Service": ServiceName,
        }
        /// Names of its instances.
        instances: Vec<String>,
        /// Its plans.
        plans: Vec<String>,
        /// Its instances.
        service_instances: Vec<ServiceInstance>,
    }
}

model! {
    /// A plan of a service.
    pub struct ServicePlan {
        required {
            /// Its name.
            name = "Name" | "name": String,
        }
        /// What it is.
        description = "Description" | "description": String,
        /// What an instance of it may be told.
        schemas = "Schemas" | "schemas": Option<serde_json::Value>,
    }
}

request! {
    /// A service.
    pub struct NewService {
        required {
            /// Its name.
            id: ServiceName,
            /// Password with which the server calls it.
            password: Secret,
            /// Where it is.
            endpoint: String,
        }
        optional {
            /// User name with which the server calls it; its own name unless set.
            username: String,
            /// Team that owns it; needed by users in several teams.
            team: TeamName,
            /// How the server writes to it: `form` or `json`.
            encoding: String,
            /// Whether it has instances in several clusters.
            #[serde(rename = "multi-cluster")]
            multi_cluster: bool,
        }
    }
}

request! {
    /// Documentation.
    pub struct NewDoc {
        required {
            /// The text.
            doc: String,
        }
    }
}

request! {
    /// Which of a service's own addresses the server hands on, and to whom.
    #[derive(Default)]
    pub struct ServiceManifest {
        optional {
            /// Whether it counts.
            enabled: bool,
            /// Whether what it does not name is refused.
            strict_actions: bool,
            /// Whether permissions of before count, too.
            legacy_compat: bool,
            /// The addresses.
            operations: Vec<ManifestOperation>,
        }
    }
}

request! {
    /// An address of a service.
    pub struct ManifestOperation {
        required {
            /// Method.
            #[serde(default, deserialize_with = "deploykit_core::de::nullable")]
            method: String,
            /// Path.
            #[serde(default, deserialize_with = "deploykit_core::de::nullable")]
            path: String,
            /// What it is called in roles.
            #[serde(default, deserialize_with = "deploykit_core::de::nullable")]
            action: String,
        }
    }
}
