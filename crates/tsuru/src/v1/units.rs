//! Units: the running pieces of apps and jobs.

use deploykit_core::{Time, endpoints, id, model, request};

use super::apps::UnitStatus;
use super::pairs::pairs;
use super::{JSON_LINES, Output};
use crate::{AppName, Done, lenient};

id! {
    /// A unit, by its id.
    pub struct UnitId(String);
}

endpoints! {
    /// Units of apps.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::tsuru_v1().app("myapp").start().await?;
    /// # let tsuru = deploykit_tsuru::v1::Client::builder().target(sandbox.base_url()).token(sandbox.token()).build()?;
    /// use deploykit_tsuru::v1::UnitsDelta;
    ///
    /// tsuru.units().add("myapp", &UnitsDelta::new(2).process("web")).await?.text().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub struct Units;

    /// Adds units. 403 if a quota is used up.
    UnitsAdd: PUT "/1.0/apps/{app}/units" => add(app: AppName, body: &UnitsDelta) -> Streamed<Output>
        [streams(JSON_LINES)];

    /// Removes units.
    UnitsRemove: DELETE "/1.0/apps/{app}/units" => remove(app: AppName, body: &UnitsDelta)
        -> Streamed<Output> [streams(JSON_LINES)];

    /// Kills a unit; another one takes its place.
    killUnit: DELETE "/1.12/apps/{app}/units/{unit}" => kill(app: AppName, unit: UnitId, query: &Killing)
        -> Done;
}

request! {
    /// How many units to add or remove.
    pub struct UnitsDelta {
        required {
            /// How many.
            units: u32,
        }
        optional {
            /// Of which process; needed if there are several.
            process: String,
            /// Of which version; needed if several run.
            version: String,
        }
    }
    check |it| {
        if it.units == 0 {
            return Err(deploykit_core::Error::invalid_input("units", "is zero"));
        }
        Ok(())
    }
}

pairs! {
    /// How to kill a unit.
    pub struct Killing {
        /// At once, without letting it end its work.
        force = "force": bool,
    }
}

model! {
    /// One running piece of an app or job.
    pub struct Unit {
        required {
            /// Its id.
            id = "ID" | "id": UnitId,
        }
        /// Its name.
        name = "Name" | "name": String,
        /// Its app.
        app = "AppName" | "appname": String,
        /// Which process of it.
        process = "ProcessName" | "processname": String,
        /// Platform.
        kind = "Type" | "type": String,
        /// Address of its machine.
        ip = "IP" | "ip" | "Ip": String,
        /// Its own address.
        internal_ip = "InternalIP": Option<String>,
        /// What it is doing.
        status = "Status" | "status": UnitStatus,
        /// Why.
        status_reason = "StatusReason": Option<String>,
        /// Where it listens.
        address = "Address" | "address": Option<Address>,
        /// Where else.
        addresses = "Addresses": Vec<Address>,
        /// Version of the app.
        version = "Version" | "version": Option<u64>,
        /// Whether it gets requests.
        routable = "Routable" | "routable": Option<bool>,
        /// How often it was restarted.
        restarts = "Restarts" | "restarts": Option<u64>,
        /// When it was made.
        created_at = "CreatedAt" | "createdAt": Option<Time> as lenient::time,
        /// Whether it answers.
        ready = "Ready" | "ready": Option<bool>,
    }
}

model! {
    /// Where a unit listens.
    pub struct Address {
        /// `http`.
        scheme = "Scheme" | "scheme": String,
        /// Host and port.
        host = "Host" | "host": String,
    }
}
