//! Services.

use deploykit_core::{Call, Composite, Error, ErrorKind, Text, endpoints, id, model};

use crate::done::Whole;
use crate::list::List;
use crate::{Done, Generation, ServiceInstance, ServiceManifest, TeamName};

id! {
    /// A service, by name (the `id` of its manifest).
    pub struct ServiceName(String);
}

endpoints! {
    /// Services, for those who provide them.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::tsuru().start().await?;
    /// # let tsuru = deploykit_tsuru::Client::builder().target(sandbox.base_url()).token(sandbox.token()).build()?;
    /// use deploykit_tsuru::ServiceManifest;
    ///
    /// let manifest = ServiceManifest::new("some_service", "someservice.com").password("s3cr3t");
    /// tsuru.services().create(&manifest).await?;
    /// tsuru.services().update_doc("some_service", "Some service exports …").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub struct Services;

    /// Lists the services that the user's teams own, with their instances.
    listServices: GET "/services" => list() -> Vec<Service> via ServiceList
        [empty_means("[]")];

    /// Creates a service from YAML as it is.
    /// [`create`](Self::create) writes it. 403 if the user is in no team, 400 if the manifest lacks something,
    /// 500 if it is no YAML; 500 (409 from 0.7 on) if the service exists.
    createANewService: POST "/services" => create_from_yaml(yaml: impl Into<String>) -> Done;

    /// Removes a service.
    /// 403 if the user's teams don't own it or it has instances, 404 if there is none.
    removeAService: DELETE "/services/{service}" => remove(service: ServiceName)
        -> Done;

    /// Updates a service from YAML as it is.
    /// [`update`](Self::update) writes it. 403, 404; 500 (404 up to 0.4) if it is no YAML.
    updateAService: PUT "/services" => update_from_yaml(yaml: impl Into<String>) -> Done;

    /// Lists the instances of a service.
    /// 404 if there is no such service, 403 if the user has no access.
    getInfoAboutAService: GET "/services/{service}" => get(service: ServiceName)
        -> Vec<ServiceInstance> via InstanceList
        [empty_means("[]")];

    /// Gives the documentation of a service, which may be empty.
    /// 404, 403.
    getServiceDocumentation: GET "/services/{service}/doc" => doc(service: ServiceName)
        -> Text via Whole [accept("text/plain")];

    /// Replaces the documentation of a service, whichever server it is.
    /// [`update_doc`](Self::update_doc) asks first: servers from 1.0 on read a form, and empty the
    /// documentation. 404, 403 if the user's teams don't own it.
    updateServiceDocumentation: PUT "/services/{service}/doc"
        => update_doc_unasked(service: ServiceName, text: impl Into<String>) -> Done;

    /// Lets a team use a service.
    /// 404 if there is no such service or team, 409 if it already may, 403 if the user is in none of the
    /// service's own teams: a service made over HTTP has none up to 0.7, so that nobody can grant it.
    grantAccessToAService: PUT "/services/{service}/{team}" => grant(service: ServiceName, team: TeamName)
        -> Done [acts];

    /// Takes a service away from a team.
    /// 404 if there is none or the team doesn't have it, 403 if it is the last team.
    revokeAccessFromAService: DELETE "/services/{service}/{team}"
        => revoke(service: ServiceName, team: TeamName) -> Done;
}

impl Services {
    /// Creates a service. As [`create_from_yaml`](Self::create_from_yaml).
    pub fn create(&self, manifest: &ServiceManifest) -> Call<Done> {
        manifest.send(|yaml| self.create_from_yaml(yaml))
    }

    /// Updates a service. As [`update_from_yaml`](Self::update_from_yaml).
    pub fn update(&self, manifest: &ServiceManifest) -> Call<Done> {
        manifest.send(|yaml| self.update_from_yaml(yaml))
    }

    /// Replaces the documentation of a service, after a look at which server it is.
    ///
    /// # Errors
    ///
    /// 404, 403 if the user's teams don't own it. If the server is of 1.0 or later, which would empty the
    /// documentation: [`v1`](crate::v1) has a client for it.
    pub fn update_doc(
        &self,
        service: impl Into<ServiceName>,
        text: impl Into<String>,
    ) -> Composite<()> {
        let (service, text) = (service.into(), text.into());
        Composite::new(
            &self.client,
            "the documentation's update",
            move |client| async move {
                let services = Self::new(&client);
                let known = services.doc(&service).send().await?;
                if Generation::of(&known) == Some(Generation::Modern) {
                    let message = "this server is of 1.0 or later, and would empty the documentation: \
                               use tsuru::v1";
                    return Err(Error::new(ErrorKind::Failed, message));
                }
                services.update_doc_unasked(&service, text).await?;
                Ok(())
            },
        )
    }
}

type InstanceList = List<ServiceInstance>;

pub(crate) type ServiceList = List<Service>;

model! {
    /// A service and its instances.
    pub struct Service {
        required {
            /// Its name.
            service = "service" | "Service": ServiceName,
        }
        /// Names of its instances.
        instances = "instances" | "Instances": Vec<String>,
    }
}
