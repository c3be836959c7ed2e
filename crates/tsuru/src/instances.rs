//! Service instances.

use std::collections::BTreeMap;
use std::fmt;

use deploykit_core::{
    FromResponse, RawResponse, Result, Secret, endpoints, id, model, open_enum, request,
};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::lenient;
use crate::services::ServiceList;
use crate::{AppName, Done, Service, ServiceName};

id! {
    /// A service instance, by name.
    pub struct InstanceName(String);
}

endpoints! {
    /// Service instances.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::tsuru().app("myapp").start().await?;
    /// # let tsuru = deploykit_tsuru::Client::builder().target(sandbox.base_url()).token(sandbox.token()).build()?;
    /// use deploykit_tsuru::NewInstance;
    ///
    /// tsuru.instances().add(&NewInstance::new("mymysql", "mysql")).await?;
    /// for name in tsuru.instances().bind("mymysql", "myapp").await?.names() {
    ///     println!("myapp now has {name}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub struct Instances;

    /// Adds an instance of a service.
    /// 404 if there is no such service, 500 if the instance exists or, from 0.6 on, if a user in several teams
    /// names no owner. Up to 0.2 a second instance of the same name is taken, with a 200: look first.
    addANewServiceInstance: POST "/services/instances" => add(body: &NewInstance) -> Done;

    /// Removes an instance.
    /// 404, 403, 500 while it is bound to an app.
    removeAServiceInstance: DELETE "/services/instances/{instance}"
        => remove(instance: InstanceName) -> Done;

    /// Binds an instance to an app, which gets variables from it.
    /// 404 if one of them doesn't exist, 403, 412 if the service is not ready yet.
    bindAServiceInstanceWithAnApp: PUT "/services/instances/{instance}/{app}"
        => bind(instance: InstanceName, app: AppName) -> BoundVariables [acts, empty_means("[]")];

    /// Unbinds an instance from an app, which loses its variables.
    /// 404, 403, 412 or 500 if it isn't bound.
    unbindAServiceInstanceWithAnApp: DELETE "/services/instances/{instance}/{app}"
        => unbind(instance: InstanceName, app: AppName) -> Done;

    /// Lists all services that the user may use, with the user's instances.
    listAllServicesAndYourInstances: GET "/services/instances" => list() -> Vec<Service> via ServiceList
        [empty_means("[]")];

    /// Tells about one instance.
    /// 404, 403.
    getAnInfoAboutAServiceInstance: GET "/services/instances/{instance}"
        => get(instance: InstanceName) -> ServiceInstance;

    /// Asks the service how an instance is.
    /// 404, 403, 500 if the service can't be asked.
    serviceInstanceStatus: GET "/services/instances/{instance}/status"
        => status(instance: InstanceName) -> InstanceStatus [accept("text/plain")];
}

request! {
    /// An instance to add.
    pub struct NewInstance {
        required {
            /// Its name.
            name: InstanceName,
            /// Its service.
            service_name: ServiceName,
        }
        optional {
            /// Which plan of the service; from 0.3 on.
            plan: String,
            /// Team that owns it; from 0.6 on, and needed there by users in several teams.
            owner: String,
        }
    }
}

model! {
    /// An instance of a service.
    pub struct ServiceInstance {
        required {
            /// Its name.
            name = "Name" | "name": InstanceName,
        }
        /// Its service; newer servers leave it out where the path tells it.
        service_name = "ServiceName" | "servicename" | "service_name": Option<ServiceName>,
        /// Teams that may use it.
        teams = "Teams" | "teams": Vec<String>,
        /// Apps that it is bound to.
        apps = "Apps" | "apps": Vec<AppName>,
        /// What the service tells about it.
        info = "Info" | "info": BTreeMap<String, String> as lenient::present,
        /// Its number; from 0.5 on.
        id = "Id" | "id" | "ID": Option<i64>,
    }
}

/// The variables that an app got by a binding: their names, and their values where the server tells them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BoundVariables(Vec<(String, Option<Secret>)>);

impl BoundVariables {
    /// The names, in no order that means anything.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// The value of a variable, if the server told it; [`Apps::env`](crate::Apps::env) always does.
    pub fn value(&self, name: &str) -> Option<&Secret> {
        self.0.iter().find(|(known, _)| known == name)?.1.as_ref()
    }
}

/// A list of names, an object of names and values, or null.
impl<'de> Deserialize<'de> for BoundVariables {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct BoundVisitor;

        impl<'de> Visitor<'de> for BoundVisitor {
            type Value = BoundVariables;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of names, an object of variables, or null")
            }

            fn visit_unit<E>(self) -> Result<BoundVariables, E> {
                Ok(BoundVariables::default())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<BoundVariables, A::Error> {
                let mut variables = Vec::new();
                while let Some(name) = seq.next_element()? {
                    variables.push((name, None));
                }
                Ok(BoundVariables(variables))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<BoundVariables, A::Error> {
                let mut variables = Vec::new();
                while let Some((name, value)) = map.next_entry()? {
                    variables.push((name, value));
                }
                Ok(BoundVariables(variables))
            }
        }

        deserializer.deserialize_any(BoundVisitor)
    }
}

impl Serialize for BoundVariables {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.iter().all(|(_, value)| value.is_none()) {
            return serializer.collect_seq(self.names());
        }
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

open_enum! {
    /// How an instance is.
    pub enum InstanceState {
        /// It can be used.
        Up = "up",
        /// It can't be used.
        Down = "down",
        /// It is being made.
        Pending = "pending",
    }
}

/// What a service says about an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct InstanceStatus {
    /// The server's sentence, trimmed: `Service instance "mymysql" is up`.
    pub text: String,
}

impl InstanceStatus {
    /// The state that the sentence ends with, if it is such a sentence.
    pub fn state(&self) -> Option<InstanceState> {
        let (_, state) = self.text.rsplit_once(" is ")?;
        Some(InstanceState::from(state)).filter(InstanceState::is_known)
    }
}

impl FromResponse for InstanceStatus {
    fn from_response(response: &RawResponse) -> Result<Self> {
        let text = Done::from_response(response)?.text;
        Ok(Self { text })
    }
}

deploykit_core::__with_dispatch! {
    impl deploykit_core::dispatch::Reread for InstanceStatus {
        fn reread(&self) -> serde_json::Result<serde_json::Value> {
            Ok(self.text.clone().into())
        }
    }
}
