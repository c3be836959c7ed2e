//! A typed client of the sandbox's control over HTTP: for Rust programs that test against a sandbox which runs
//! elsewhere, such as the program or its container.
//!
//! ```
//! # #[cfg(not(all(feature = "control", feature = "scalingo")))]
//! # fn main() {}
//! # #[cfg(all(feature = "control", feature = "scalingo"))]
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use deploykit_sandbox::Sandbox;
//! use deploykit_sandbox::client::{Client, NewFault, Which};
//! use deploykit_sandbox::control::Control;
//!
//! let scalingo = Sandbox::scalingo().start().await?;
//! let control = Control::of(&scalingo).start().await?;
//!
//! let client = Client::new(control.base_url())?;
//! let fault = NewFault::new().method("POST").path("/v1/apps/*/deployments").status(503).times(2);
//! client.faults().set("scalingo", &fault).await?;
//! assert_eq!(client.faults().list("scalingo").await?.len(), 1);
//! client.sandbox().reset(&Which::new()).await?;
//! # Ok(())
//! # }
//! ```

use std::collections::BTreeMap;

use deploykit_core::{Result, Time, endpoints, model, request};
use serde_json::Value;

/// A client of a sandbox's control.
#[derive(Debug, Clone)]
pub struct Client(deploykit_core::Client);

impl Client {
    /// A client of the control at this address, such as `http://127.0.0.1:7000`.
    ///
    /// # Errors
    /// If this is no address.
    pub fn new(base_url: &str) -> Result<Self> {
        deploykit_core::Client::builder(base_url).build().map(Self)
    }

    /// A client that sends through this one: with a transport or limits of your own.
    pub fn through(client: deploykit_core::Client) -> Self {
        Self(client)
    }

    /// The sandbox as a whole: clock, reset, seeds, coverage.
    pub fn sandbox(&self) -> Whole {
        Whole::new(&self.0)
    }

    /// The services.
    pub fn services(&self) -> Services {
        Services::new(&self.0)
    }

    /// The requests that services got.
    pub fn requests(&self) -> Requests {
        Requests::new(&self.0)
    }

    /// What goes wrong.
    pub fn faults(&self) -> Faults {
        Faults::new(&self.0)
    }

    /// Moments to go back to.
    pub fn snapshots(&self) -> Snapshots {
        Snapshots::new(&self.0)
    }
}

endpoints! {
    /// The sandbox as a whole.
    pub struct Whole;

    /// Says that the control answers.
    health: GET "/__sandbox/health" => health() -> Health;

    /// Says whether all services answer. Error 503: some have ended.
    ready: GET "/__sandbox/ready" => ready() -> Ready;

    /// Reads the OpenAPI description of the control.
    openapi: GET "/__sandbox/openapi.json" => openapi() -> Value;

    /// Lists every operation of the services, by service, and how it is answered.
    coverage: GET "/__sandbox/coverage" => coverage() -> BTreeMap<String, Coverage> [envelope("services")];

    /// Adds things to several services: what a seed file has. Error 422: something isn't understood.
    seed: POST "/__sandbox/seed" => seed(body: &Value);

    /// Brings services back to how they started.
    reset: POST "/__sandbox/reset" => reset(body: &Which) [idempotent];

    /// Reads the clocks.
    getClock: GET "/__sandbox/clock" => clock() -> Vec<Clock> [envelope("clocks")];

    /// Sets how many times as fast things take place that begin from now on.
    setSpeed: PATCH "/__sandbox/clock" => set_speed(body: &Speed) -> Vec<Clock> [envelope("clocks"), idempotent];

    /// Puts the clocks forward.
    advanceClock: POST "/__sandbox/clock/advance" => advance(body: &Advance) -> Vec<Clock> [envelope("clocks")];
}

endpoints! {
    /// The services.
    pub struct Services;

    /// Lists the services, with addresses and credentials.
    listServices: GET "/__sandbox/services" => list() -> Vec<StandIn> [envelope("services")];

    /// Reads one service.
    getService: GET "/__sandbox/services/{service}" => get(service: ServiceName) -> StandIn [envelope("service")];

    /// Shows what the service knows now: a list for each kind of thing.
    getState: GET "/__sandbox/services/{service}/state" => state(service: ServiceName) -> Value [envelope("state")];

    /// Adds things to a service. Error 422: something isn't understood; nothing was added.
    seedService: POST "/__sandbox/services/{service}/seed" => seed(service: ServiceName, body: &Value);

    /// Lists how the next deployments end, the next one first.
    listOutcomes: GET "/__sandbox/services/{service}/outcomes"
        => outcomes(service: ServiceName) -> Vec<Value> [envelope("outcomes")];

    /// Decides how the next deployments end, after those that are decided already.
    addOutcomes: POST "/__sandbox/services/{service}/outcomes"
        => add_outcomes(service: ServiceName, body: &Outcomes) -> Vec<Value> [envelope("outcomes")];

    /// Decides nothing: deployments end as usual.
    clearOutcomes: DELETE "/__sandbox/services/{service}/outcomes" => clear_outcomes(service: ServiceName);

    /// Lists the quotas.
    listQuotas: GET "/__sandbox/services/{service}/quotas"
        => quotas(service: ServiceName) -> Vec<Quota> [envelope("quotas")];

    /// Switches quotas on or off, or changes how much they allow.
    changeQuotas: PATCH "/__sandbox/services/{service}/quotas"
        => change_quotas(service: ServiceName, body: &QuotaChange) -> Vec<Quota> [envelope("quotas"), idempotent];
}

endpoints! {
    /// The requests that services got.
    pub struct Requests;

    /// Lists the newest of those that are wanted, oldest first.
    listRequests: GET "/__sandbox/services/{service}/requests"
        => list(service: ServiceName, query: &Filter) -> Journal;

    /// Counts those that are wanted.
    countRequests: GET "/__sandbox/services/{service}/requests/count"
        => count(service: ServiceName, query: &Filter) -> u64 [envelope("count")];

    /// Forgets the requests so far.
    clearRequests: DELETE "/__sandbox/services/{service}/requests" => clear(service: ServiceName);
}

endpoints! {
    /// What goes wrong.
    pub struct Faults;

    /// Lists the faults that are set, also those that have struck for the last time.
    listFaults: GET "/__sandbox/services/{service}/faults" => list(service: ServiceName) -> Vec<Fault> [envelope("faults")];

    /// Makes something go wrong. Error 422: something isn't understood.
    setFault: POST "/__sandbox/services/{service}/faults"
        => set(service: ServiceName, body: &NewFault) -> Fault [envelope("fault")];

    /// Reads a fault.
    getFault: GET "/__sandbox/services/{service}/faults/{fault}"
        => get(service: ServiceName, fault: FaultId) -> Fault [envelope("fault")];

    /// Takes a fault back.
    removeFault: DELETE "/__sandbox/services/{service}/faults/{fault}" => remove(service: ServiceName, fault: FaultId);

    /// Takes all faults back.
    clearFaults: DELETE "/__sandbox/services/{service}/faults" => clear(service: ServiceName);
}

endpoints! {
    /// Moments to go back to.
    pub struct Snapshots;

    /// Lists the snapshots, oldest first.
    listSnapshots: GET "/__sandbox/snapshots" => list() -> Vec<Snapshot> [envelope("snapshots")];

    /// Keeps this moment of the services.
    keepSnapshot: POST "/__sandbox/snapshots" => keep(body: &Which) -> Snapshot [envelope("snapshot")];

    /// Goes back to a snapshot, however often.
    restoreSnapshot: POST "/__sandbox/snapshots/{snapshot}/restore" => restore(snapshot: SnapshotId) [idempotent];

    /// Forgets a snapshot.
    deleteSnapshot: DELETE "/__sandbox/snapshots/{snapshot}" => delete(snapshot: SnapshotId);
}

deploykit_core::endpoint_table!(Whole, Services, Requests, Faults, Snapshots);

deploykit_core::id! {
    /// The name of a service, such as `scalingo`.
    pub struct ServiceName(String);
}

deploykit_core::id! {
    /// A fault of a service.
    pub struct FaultId(u64);
}

deploykit_core::id! {
    /// A snapshot.
    pub struct SnapshotId(String);
}

model! {
    /// That the control answers.
    pub struct Health {
        /// `ok`.
        status: String,
        /// The sandbox's version.
        version: String,
    }
}

model! {
    /// Whether all services answer.
    pub struct Ready {
        /// Whether they do.
        ready: Option<bool>,
        /// All services.
        services: Vec<String>,
        /// Those that have ended.
        ended: Vec<String>,
    }
}

model! {
    /// A service of the sandbox.
    pub struct StandIn {
        required {
            /// Its name, such as `scalingo`.
            name: String,
        }
        /// Where it answers.
        base_url: String,
        /// The credential to give to a client; it is good for nothing else.
        token: String,
        /// Which version of the service is played, where there are several.
        version: Option<String>,
        /// What else a newcomer needs: names and ids that are there, further credentials.
        hints: BTreeMap<String, Value>,
        /// How many requests it ever got.
        requests: Option<u64>,
        /// How many faults are set.
        faults: Option<u64>,
    }
}

model! {
    /// How the operations of a service are answered.
    pub struct Coverage {
        /// How many are answered from what is known, and remembered.
        stateful: Option<u64>,
        /// How many are answered with the documented example.
        example: Option<u64>,
        /// How many are missing.
        missing: Option<u64>,
        /// Each of them.
        operations: Vec<Operation>,
    }
}

deploykit_core::open_enum! {
    /// How an operation is answered.
    pub enum Answered {
        /// From what is known, and it is remembered.
        Stateful = "stateful",
        /// With the documented example.
        Example = "example",
        /// Not at all.
        Missing = "missing",
    }
}

model! {
    /// An operation of a service.
    pub struct Operation {
        required {
            /// Its name in the table of its client.
            id: String,
        }
        /// The method, in capitals.
        method: String,
        /// The path, with names in braces.
        path: String,
        /// How it is answered.
        answered: Answered,
    }
}

model! {
    /// The clock of a service.
    pub struct Clock {
        required {
            /// The service.
            service: String,
        }
        /// What it shows.
        now: Option<Time>,
        /// How far it was put forward, in seconds.
        ahead_seconds: Option<f64>,
        /// How many times as fast things take place.
        speed: Option<f64>,
    }
}

model! {
    /// A quota of a service.
    pub struct Quota {
        required {
            /// Its name.
            name: String,
        }
        /// Whether it is on.
        on: Option<bool>,
        /// How many requests a window allows.
        requests: Option<u64>,
        /// The length of the window, in seconds of the sandbox.
        window_seconds: Option<f64>,
    }
}

model! {
    /// Requests that a service got.
    pub struct Journal {
        /// How many are wanted in all.
        count: Option<u64>,
        /// The newest of them, oldest first.
        requests: Vec<Sent>,
    }
}

model! {
    /// A request that a service got.
    pub struct Sent {
        required {
            /// Counts the requests of the service, from 1.
            number: u64,
        }
        /// When it had arrived.
        at: Option<Time>,
        /// The method, in capitals.
        method: String,
        /// The path as sent, percent-encoded, without the query.
        path: String,
        /// The query's decoded pairs.
        query: Vec<(String, String)>,
        /// The headers, names in lower case.
        headers: BTreeMap<String, Vec<String>>,
        /// The answer's status; none while there is no answer, or if the connection was broken off.
        status: Option<u16>,
        /// The fault that struck it.
        fault: Option<u64>,
        /// Its beginning, as text.
        body: String,
        /// How long it was, in bytes.
        body_length: Option<u64>,
        /// Whether `body` is all of it.
        body_is_whole: Option<bool>,
    }
}

model! {
    /// A fault that is set.
    pub struct Fault {
        required {
            /// Identifies it among those of its service.
            id: FaultId,
        }
        /// The method that it is for; `*` is any.
        method: String,
        /// The path that it is for.
        path: String,
        /// How often it has struck.
        hits: Option<u64>,
        /// How often it will strike yet; none is without end.
        left: Option<u64>,
        /// The status that is answered.
        status: Option<u16>,
        /// The delay, in milliseconds.
        delay_ms: Option<u64>,
        /// `before` or `after`.
        reset: Option<String>,
        /// Whether the body is cut in half.
        truncate: Option<bool>,
        /// After how many frames a WebSocket ends.
        drop_after_frames: Option<u64>,
    }
}

model! {
    /// A moment that is kept.
    pub struct Snapshot {
        required {
            /// Identifies it.
            id: SnapshotId,
        }
        /// When it was kept.
        at: Option<Time>,
        /// Of which services.
        services: Vec<String>,
    }
}

request! {
    /// Which services are meant.
    pub struct Which {
        optional {
            /// These; all unless set.
            services: Vec<String>,
        }
    }
}

request! {
    /// How fast things take place.
    pub struct Speed {
        required {
            /// How many times as fast: 0.001 to 1 000 000; 1 is real time.
            speed: f64,
        }
        optional {
            /// For these services; all unless set.
            services: Vec<String>,
        }
    }
}

request! {
    /// How far the clocks are put forward.
    pub struct Advance {
        required {
            /// In seconds.
            seconds: f64,
        }
        optional {
            /// Those of these services; all unless set.
            services: Vec<String>,
        }
    }
}

request! {
    /// How deployments end.
    pub struct Outcomes {
        required {
            /// Words or objects that the service knows, such as `"build-error"`.
            outcomes: Vec<Value>,
        }
    }
}

request! {
    /// A change of quotas.
    pub struct QuotaChange {
        optional {
            /// Which; all unless set.
            name: String,
            /// Whether it is on.
            on: bool,
            /// How many requests a window allows.
            requests: u64,
        }
    }
}

request! {
    /// Which requests are wanted.
    pub struct Filter {
        optional {
            /// Of this method; `*` is any.
            method: String,
            /// To this path: `*` is any one segment, `**` at the end any number of them.
            path: String,
            /// With this status.
            status: u16,
            /// With a higher number.
            after: u64,
            /// Struck by this fault.
            fault: u64,
            /// How many of the newest; 100 unless set, at most 1000.
            limit: u32,
        }
    }
}

request! {
    /// A fault to set: what goes wrong is one of the last six.
    pub struct NewFault {
        optional {
            /// For requests of this method; any unless set.
            method: String,
            /// To this path: `*` is any one segment, `**` at the end any number of them. Any unless set.
            path: String,
            /// How often it strikes; once unless set.
            times: u64,
            /// It strikes without end.
            always: bool,
            /// It lets so many pass first.
            after: u64,
            /// It strikes each so manyth only.
            every: u64,
            /// Headers of the answer, with `status`.
            headers: BTreeMap<String, String>,
            /// Body of the answer, with `status`: a text as it is, anything else as JSON.
            body: Value,
            /// Answered with this status; the service doesn't see the request.
            status: u16,
            /// Answered with a proxy's HTML page of this status.
            html_error: u16,
            /// Served after this much real time, in milliseconds.
            delay_ms: u64,
            /// Reset `before` or `after` the service did its work.
            reset: String,
            /// The body is cut in half.
            truncate: bool,
            /// The WebSocket ends after so many frames.
            drop_after_frames: u64,
        }
    }
}
