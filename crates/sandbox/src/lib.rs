//! Local, stateful stand-ins of the services that deploykit talks to.
//!
//! A stand-in is an HTTP server on 127.0.0.1 that behaves like the service: what is created can be
//! fetched, a deployment walks through its statuses and streams its log, tokens expire, bad
//! requests are refused in the service's own words, lists come in pages and quotas are enforced.
//! On demand, things go [wrong](Faults).
//!
//! ```
//! # #[cfg(not(feature = "scalingo"))]
//! # fn main() {}
//! # #[cfg(feature = "scalingo")]
//! # #[tokio::main]
//! # async fn main() -> std::io::Result<()> {
//! use deploykit_sandbox::Sandbox;
//!
//! let scalingo = Sandbox::scalingo().speed(100.0).start().await?;
//! let (base_url, token) = (scalingo.base_url(), scalingo.token());
//! // … point the program under test at base_url, with token …
//! scalingo.faults().on("POST", "/v1/apps/*/deployments").reset_before();
//! // … run it, and see what it did:
//! let triggered = scalingo.requests().iter().filter(|sent| sent.method == "POST").count();
//! # Ok(())
//! # }
//! ```
//!
//! The server ends when the [`Running`] value is dropped. Nothing is random: ids are counted, and
//! the same requests get the same answers.
//!
//! The crate shares no types with the clients it tests. It speaks JSON, so that a misspelt field
//! in a client can't be cancelled out by the same mistake here.
//!
//! The program `deploykit-sandbox` serves the same on fixed ports, for clients in any language.
//!
//! With the feature `record` there is also a proxy that writes down what a real service answers, without the
//! secrets (`record`), and a server of what was written down (`replay`).
//!
//! # Writing a stand-in
//!
//! A stand-in is a type that implements [`Service`]. The [server](Service::handle) has received
//! the request completely, has recorded it and has let [faults](Faults) strike before it asks the
//! service; the service matches on method and segments and returns a [`Reply`]:
//!
//! ```
//! use std::sync::{Arc, Mutex};
//!
//! use deploykit_sandbox::{Context, Fields, Kind, Reply, Request, Service};
//! use serde_json::{Value, json};
//!
//! /// A service that keeps notes.
//! pub struct Notes {
//!     context: Context,
//!     notes: Mutex<Vec<Value>>,
//!     most: usize,
//! }
//!
//! /// What can be set before the start.
//! #[derive(Clone)]
//! pub struct Knobs {
//!     most: usize,
//! }
//!
//! impl Default for Knobs {
//!     fn default() -> Self {
//!         Self { most: 100 }
//!     }
//! }
//!
//! impl Service for Notes {
//!     type Knobs = Knobs;
//!     const NAME: &'static str = "notes";
//!     const PORT: u16 = 7099;
//!
//!     fn new(knobs: Knobs, context: Context) -> Self {
//!         Self { context, notes: Mutex::default(), most: knobs.most }
//!     }
//!
//!     fn token(&self) -> String {
//!         "notes-token".to_owned()
//!     }
//!
//!     async fn handle(self: Arc<Self>, request: Request) -> Reply {
//!         if request.bearer() != Some("notes-token") {
//!             return Reply::json(401, json!({"error": "unauthorized"}));
//!         }
//!         match (request.method(), request.segments().as_slice()) {
//!             ("GET", ["notes", id]) => self.get(id),
//!             ("POST", ["notes"]) => self.create(&request),
//!             _ => Reply::json(404, json!({"error": "no such route"})).lacking(),
//!         }
//!     }
//! }
//!
//! impl Notes {
//!     fn get(&self, id: &str) -> Reply {
//!         let notes = self.notes.lock().unwrap();
//!         match id.parse().ok().and_then(|id: usize| notes.get(id)) {
//!             Some(note) => Reply::json(200, note.clone()),
//!             None => Reply::json(404, json!({"error": "no such note"})),
//!         }
//!     }
//!
//!     fn create(&self, request: &Request) -> Reply {
//!         let Ok(body) = request.json() else {
//!             return Reply::text(400, "not JSON");
//!         };
//!         if let Err(problems) = Fields::of(&body).required("text", Kind::String).check() {
//!             return Reply::json(422, json!({"missing": problems.len()}));
//!         }
//!         let mut notes = self.notes.lock().unwrap();
//!         let created = self.context.clock().now();
//!         let note = json!({"id": notes.len(), "text": body["text"], "created_at": created.to_string()});
//!         notes.push(note.clone());
//!         Reply::json(201, note)
//!     }
//! }
//! ```
//!
//! It can be started at once:
//!
//! ```
//! # use std::sync::Arc;
//! # use deploykit_sandbox::{Builder, Context, Reply, Request, Service};
//! # struct Notes { most: usize }
//! # #[derive(Clone, Default)] struct Knobs { most: usize }
//! # impl Service for Notes {
//! #     type Knobs = Knobs;
//! #     const NAME: &'static str = "notes";
//! #     const PORT: u16 = 7099;
//! #     fn new(knobs: Knobs, _: Context) -> Self { Self { most: knobs.most } }
//! #     fn token(&self) -> String { String::new() }
//! #     async fn handle(self: Arc<Self>, _: Request) -> Reply { Reply::empty(204) }
//! # }
//! # #[tokio::main]
//! # async fn main() -> std::io::Result<()> {
//! let notes = Builder::<Notes>::new().knobs(|knobs| knobs.most = 3).start().await?;
//! assert_eq!(notes.service().most, 3);
//! # Ok(())
//! # }
//! ```
//!
//! The stand-ins of this crate add to that:
//!
//! 1. a module `src/<service>.rs` behind a cargo feature of the same name, with the service type;
//! 2. its settings as methods of the builder, in `impl Builder<Notes>`, each of which sets one
//!    field with [`Builder::knobs`]; and what tests may see of its state, or do to it, as methods
//!    in `impl Running<Notes>`, which find the service with [`Running::service`];
//! 3. a function of [`Sandbox`] at the end of this file, and one line in `src/main.rs`.
//!
//! What the framework offers:
//!
//! - [`Request`]: method, decoded segments, query, headers, [`bearer`](Request::bearer),
//!   [`basic`](Request::basic), [`json`](Request::json), [`form`](Request::form). A service that
//!   decodes `%2F` before it routes says so with [`Service::SLASH`].
//! - [`Reply`]: [`json`](Reply::json), [`text`](Reply::text), [`html`](Reply::html),
//!   [`bytes`](Reply::bytes), [`empty`](Reply::empty), [`stream`](Reply::stream),
//!   [`websocket`](Reply::websocket), plus [`header`](Reply::header), and [`lacking`](Reply::lacking) for
//!   routes that aren't there.
//! - [`Service::refuses`]: who may send a large body. [`Content`]: such a body, without reading it all.
//! - [`Context`]: the [`Clock`], the base URL, and [`spawn`](Context::spawn) for tasks that end
//!   with the server. State that changes with time is best computed when somebody looks, from
//!   the [`instant`](Clock::instant) at which it began and [`scaled`](Clock::scaled) durations;
//!   then nothing needs a task.
//! - [`Limit`]: a quota for each key, in rolling or aligned windows. Keep it in an `Option`, so
//!   that it can be switched off.
//! - [`Page`]: cuts lists, and writes `meta.pagination` or `Link` headers.
//! - [`Fields`]: required fields and types of a JSON body.
//! - Inside this crate, `sync::lock` takes a mutex without `unwrap`.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod builder;
mod clock;
mod content;
mod controlled;
mod faults;
mod guard;
mod limit;
mod log;
mod page;
mod receive;
mod reply;
mod request;
mod running;
mod seeds;
mod server;
mod service;
mod socket;
mod sync;
mod tasks;
mod validate;
mod wire;

#[cfg(feature = "client")]
pub mod client;
#[cfg(feature = "control")]
pub mod control;
#[cfg(feature = "record")]
pub mod record;
#[cfg(feature = "record")]
pub mod replay;

#[cfg(feature = "devopness")]
pub mod devopness;
#[cfg(feature = "edgegap")]
pub mod edgegap;
#[cfg(feature = "scalingo")]
pub mod scalingo;
#[cfg(feature = "tideways")]
pub mod tideways;
#[cfg(feature = "tsuru")]
pub mod tsuru;

pub use builder::Builder;
pub use clock::Clock;
pub use content::Content;
pub use controlled::{Answered, Controlled, Operation};
pub use faults::{Fault, Faults, Plan};
pub use limit::{Limit, Verdict};
pub use log::Recorded;
pub use page::{MetaStyle, Page};
pub use reply::Reply;
pub use request::{Request, Slash};
pub use running::Running;
pub use seeds::Seeds;
pub use server::Snapshot;
pub use service::{Context, Service};
pub use socket::{Closed, Socket};
pub use validate::{Fields, Kind, Problem};

/// Where all stand-ins begin.
#[derive(Debug)]
pub enum Sandbox {}

impl Sandbox {
    /// A stand-in for Scalingo: the authentication API and a regional API with its deployment
    /// stream, all at one address.
    #[cfg(feature = "scalingo")]
    pub fn scalingo() -> Builder<scalingo::Scalingo> {
        Builder::new()
    }

    /// A stand-in for Tideways: the deployment API of one organization.
    #[cfg(feature = "tideways")]
    pub fn tideways() -> Builder<tideways::Tideways> {
        Builder::new()
    }

    /// A stand-in for tsuru: a server of a year of your choice.
    #[cfg(feature = "tsuru")]
    pub fn tsuru() -> Builder<tsuru::Tsuru> {
        Builder::new()
    }

    /// A stand-in for today's tsuru: a server of 1.x.
    #[cfg(feature = "tsuru")]
    pub fn tsuru_v1() -> Builder<tsuru::v1::TsuruV1> {
        Builder::new()
    }

    /// A stand-in for Edgegap: deployments, private fleets and tags of one organization.
    #[cfg(feature = "edgegap")]
    pub fn edgegap() -> Builder<edgegap::Edgegap> {
        Builder::new()
    }

    /// A stand-in for Devopness, with a project, servers and an application to deploy.
    #[cfg(feature = "devopness")]
    pub fn devopness() -> Builder<devopness::Devopness> {
        Builder::new()
    }
}
