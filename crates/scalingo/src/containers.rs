//! Containers of applications.

use std::collections::BTreeMap;

use deploykit_core::de::{count, number};
use deploykit_core::{Call, Error, FromResponse, RawResponse, Result, Time};
use serde::{Deserialize, Serialize};

use crate::{API, Accepted, AppRef, OperationId};

deploykit_core::id! {
    /// A container.
    pub struct ContainerId(String);
    /// Name of a container within its application: `web-1`, `one-off-4711`.
    pub struct ContainerLabel(String);
}

deploykit_core::endpoints! {
    /// Containers of applications: how many run, of which size, and doing what.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::scalingo().speed(1000.0).start().await?;
    /// # let builder = deploykit_scalingo::Client::builder().token(sandbox.token());
    /// # let client = builder.base_url(sandbox.base_url()).build()?;
    /// use deploykit_scalingo::Scale;
    ///
    /// let scaled = client.containers().scale("example-app", &Scale::to("web", 2)).await?;
    /// if let Some(operation) = scaled.operation {
    ///     client.operations().wait("example-app", operation).await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub struct Containers;

    /// Lists the containers that run.
    listContainers: GET "/v1/apps/{app}/ps" => list(app: AppRef) -> Vec<Container>
        [envelope("containers"), quota(&API)];

    /// Lists the types of containers, with how many of each are wanted.
    listContainerTypes: GET "/v1/apps/{app}/containers" => types(app: AppRef) -> Vec<ContainerType>
        [envelope("containers"), quota(&API)];

    /// Sets how many containers of a type there are, and their size. The numbers are absolute, so a call that may
    /// have been carried out is repeated safely.
    ///
    /// Fails with 422 for an unknown type or size, and while another operation is under way.
    scale: POST "/v1/apps/{app}/scale" => scale(app: AppRef, body: &Scale) -> Scaled
        [envelope("containers"), idempotent, quota(&API)];

    /// Restarts containers; see [`Operations::wait`](crate::Operations::wait) for the end.
    restart: POST "/v1/apps/{app}/restart" => restart(app: AppRef, body: &Restart) -> Accepted [quota(&API)];

    /// Stops a one-off container. It is answered before the container has stopped.
    stopContainer: POST "/v1/apps/{app}/containers/{container_id}/stop"
        => stop(app: AppRef, container_id: ContainerId) -> Accepted [idempotent, quota(&API)];

    /// Sends a signal to a container.
    killContainer: POST "/v1/apps/{app}/containers/{container_id}/kill"
        => kill(app: AppRef, container_id: ContainerId, body: &Kill) [quota(&API)];

    /// Lists the sizes that containers can have, with their prices.
    listContainerSizes: GET "/v1/features/container_sizes" => sizes() -> Vec<ContainerSize>
        [envelope("container_sizes"), quota(&API)];
}

impl Containers {
    /// As [`sizes`](Self::sizes), with those that only this application may take.
    pub fn sizes_for(&self, app: impl Into<AppRef>) -> Call<Vec<ContainerSize>> {
        let app = app.into();
        self.sizes()
            .map_request(|request| request.query_pair("app_id", &app))
    }
}

deploykit_core::model! {
    /// A container that runs.
    pub struct Container {
        required {
            /// Id.
            id: ContainerId,
        }
        /// Application it belongs to.
        app_id: Option<String>,
        /// Its type: `web`, `one-off`, …
        kind = "type": String,
        /// Its number within the type.
        type_index: Option<i64> as number,
        /// Its name within the application.
        label: Option<ContainerLabel>,
        /// What it is doing: `running`, `starting`, …
        state: String,
        /// Name of its size; may be empty.
        size: Option<String>,
        /// What it runs.
        command: String,
        /// When it was created.
        created_at: Option<Time>,
        /// When it was removed.
        deleted_at: Option<Time>,
        /// Its size.
        container_size: Option<ContainerSize>,
    }
}

impl Container {
    /// Its name within the application, as the log has it: `web-1`.
    pub fn name(&self) -> String {
        match (&self.label, self.type_index) {
            (Some(label), _) if label.as_str().contains(&self.kind) => label.to_string(),
            (_, Some(index)) => format!("{}-{index}", self.kind),
            (_, None) => self.kind.clone(),
        }
    }
}

deploykit_core::model! {
    /// A type of containers.
    pub struct ContainerType {
        /// Name: `web`, `worker`, …
        name: String,
        /// How many are wanted.
        amount: Option<u64> as count,
        /// Name of their size.
        size: String,
        /// What they run.
        command: Option<String>,
        /// Application it belongs to.
        app_id: Option<String>,
        /// Id.
        id: Option<String>,
    }
}

deploykit_core::model! {
    /// A size of containers.
    pub struct ContainerSize {
        /// Id.
        id: String,
        /// Name: `S`, `M`, …
        name: String,
        /// Name to show.
        human_name: String,
        /// Share of a processor, to show.
        human_cpu: String,
        /// Name in the price list.
        sku: Option<String>,
        /// Memory, in bytes.
        memory: Option<u64> as count,
        /// Most processes.
        pids_limit: Option<u64> as count,
        /// Swap, in bytes.
        swap: Option<u64> as count,
        /// Price of an hour, in hundredths of a cent.
        hourly_price: Option<i64> as number,
        /// Price of thirty days, in cents.
        thirtydays_price: Option<i64> as number,
        /// Its place among the sizes.
        ordinal: Option<i64> as number,
        /// Prices by region or currency.
        pricings: BTreeMap<String, Option<Price>>,
    }
}

deploykit_core::model! {
    /// A price.
    pub struct Price {
        /// Amount, as text.
        price: String,
        /// Currency.
        currency: String,
        /// What it is paid for: `hour`, …
        period: String,
    }
}

/// How many containers there shall be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Scale {
    /// By type.
    pub containers: Vec<ScaleTo>,
}

deploykit_core::request! {
    /// How many containers of a type there shall be.
    pub struct ScaleTo {
        required {
            /// Name of the type.
            name: String,
            /// How many; 0 stops them all.
            amount: u32,
        }
        optional {
            /// Name of their size; it stays as it is unless set.
            size: String,
        }
    }
}

impl Scale {
    /// So many containers of a type.
    pub fn to(name: impl Into<String>, amount: u32) -> Self {
        Self {
            containers: vec![ScaleTo::new(name, amount)],
        }
    }

    /// As well as so many of another type.
    #[must_use]
    pub fn and(mut self, other: ScaleTo) -> Self {
        self.containers.push(other);
        self
    }
}

impl From<ScaleTo> for Scale {
    fn from(one: ScaleTo) -> Self {
        Self {
            containers: vec![one],
        }
    }
}

impl deploykit_core::Payload for Scale {
    fn check(&self) -> Result<()> {
        if self.containers.is_empty()
            || self.containers.iter().any(|one| one.name.trim().is_empty())
        {
            return Err(Error::invalid_input(
                "containers",
                "is empty, or has a type without a name",
            ));
        }
        Ok(())
    }
}

/// What a scaling came to.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Scaled {
    /// The types of containers, as they are wanted now.
    pub containers: Vec<ContainerType>,
    /// The operation to wait for; none if the application was never deployed.
    pub operation: Option<OperationId>,
}

impl FromResponse for Scaled {
    #[inline]
    fn from_response(response: &RawResponse) -> Result<Self> {
        Ok(Self {
            containers: Vec::from_response(response)?,
            operation: Accepted::from_response(response)?.operation,
        })
    }
}

deploykit_core::__with_dispatch! {
    impl deploykit_core::dispatch::Reread for Scaled {
        fn reread(&self) -> serde_json::Result<serde_json::Value> {
            serde_json::to_value(&self.containers)
        }
    }
}

deploykit_core::request! {
    /// Which containers to restart; all unless said.
    pub struct Restart {
        optional {
            /// Types (`web`) and single containers (`web-1`).
            scope: Vec<String>,
        }
    }
}

impl Restart {
    /// Only these types and single containers.
    #[must_use]
    pub fn only<N: Into<String>>(scope: impl IntoIterator<Item = N>) -> Self {
        Self::new().scope(scope.into_iter().map(Into::into).collect::<Vec<_>>())
    }
}

deploykit_core::open_enum! {
    /// A signal that containers can be sent.
    pub enum Signal {
        /// The first of two without a meaning of their own.
        Usr1 = "SIGUSR1",
        /// The second.
        Usr2 = "SIGUSR2",
    }
}

deploykit_core::request! {
    /// What to send to a container.
    pub struct Kill {
        required {
            /// The signal.
            signal: Signal,
        }
    }
}
