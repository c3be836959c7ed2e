//! One-off containers: a command is run once, in an environment like that of the application.

use std::collections::BTreeMap;
use std::time::Duration;

use deploykit_core::{
    Composite, Error, ErrorKind, FromResponse, Payload, RawResponse, Result, RetryPolicy, Secret,
    State, Time, Wait,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::attach::{Attached, Exit};
use crate::operations::last_segment;
use crate::{
    API, AppRef, Container, ContainerId, Containers, Logs, LogsQuery, Operation, Operations,
};

deploykit_core::id! {
    /// What was typed into a one-off container, and shown: named by the event of its run,
    /// [`RunDetails::audit_log_id`](crate::details::RunDetails::audit_log_id).
    pub struct AuditLogId(String);
}

deploykit_core::endpoints! {
    /// One-off containers.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::scalingo().speed(1000.0).start().await?;
    /// # let builder = deploykit_scalingo::Client::builder().token(sandbox.token());
    /// # let client = builder.base_url(sandbox.base_url()).build()?;
    /// use deploykit_scalingo::NewOneOff;
    ///
    /// let migrated = client.one_offs().run("example-app", &NewOneOff::new("rake db:migrate")).await?;
    /// assert_eq!(migrated.exit_code, Some(0));
    /// println!("{}", migrated.output);
    /// # Ok(())
    /// # }
    /// ```
    pub struct OneOffs;

    /// Starts a one-off container, without waiting for it. See [`run`](OneOffs::run) for all of it.
    ///
    /// A call that may have been carried out is not repeated: the command could run twice.
    runOneOff: POST "/v1/apps/{app}/run" => start(app: AppRef, body: &NewOneOff) -> StartedOneOff [quota(&API)];

    /// Fetches what was typed into a one-off container and shown, from its beginning. It comes as a whole, and may be
    /// long: the event of the run tells its size. Beyond 64 MiB the call fails, unless its own `max_body` is higher.
    getAuditLog: GET "/v1/apps/{app}/audit_logs/{audit_log_id}"
        => audit_log(app: AppRef, audit_log_id: AuditLogId) -> Vec<AuditEntry> [quota(&API)];
}

/// A command for a one-off container.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NewOneOff {
    /// What to run.
    pub command: String,
    /// Variables beside those of the application.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, Secret>,
    /// Name of the container's size; the service takes `M` unless set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<String>,
    /// Whether it begins at once, and not when somebody attaches; [`OneOffs::run`] does the former.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detached: Option<bool>,
}

impl NewOneOff {
    /// A command.
    pub fn new(command: impl Into<String>) -> Self {
        Self {
            command: command.into(),
            env: BTreeMap::new(),
            size: None,
            detached: None,
        }
    }

    /// A variable beside those of the application.
    #[must_use]
    pub fn env(mut self, name: impl Into<String>, value: impl Into<Secret>) -> Self {
        self.env.insert(name.into(), value.into());
        self
    }

    /// Name of the container's size.
    #[must_use]
    pub fn size(mut self, size: impl Into<String>) -> Self {
        self.size = Some(size.into());
        self
    }

    /// Whether it begins at once, and not when somebody attaches.
    #[must_use]
    pub fn detached(mut self, detached: bool) -> Self {
        self.detached = Some(detached);
        self
    }
}

impl Payload for NewOneOff {
    fn check(&self) -> Result<()> {
        if self.command.trim().is_empty() {
            return Err(Error::invalid_input("command", "is empty"));
        }
        Ok(())
    }
}

deploykit_core::model! {
    /// A one-off container that is being started.
    pub struct StartedOneOff {
        /// The container.
        container: Option<Container>,
        /// Address of the operation that starts it; some answers leave it empty.
        operation_url: Option<String>,
        /// Address to attach to, of answers that give it at once.
        attach_url: Option<String>,
        /// The operation that starts it.
        operation: Option<Operation> as operation,
    }
}

deploykit_core::open_enum! {
    /// Which way a piece of an audit log went.
    pub enum AuditEntryKind {
        /// It was typed.
        Input = "input",
        /// It was shown.
        Output = "output",
    }
}

deploykit_core::model! {
    /// A piece of what was typed into a one-off container, or shown.
    pub struct AuditEntry {
        /// When.
        time: Option<Time>,
        /// The piece, which may end within a line. Not in `Debug`: what is typed may be a password.
        content: Option<Secret>,
        /// Which way it went.
        kind = "type": Option<AuditEntryKind>,
    }
}

/// Some answers give the operation whole, others its id alone.
fn operation<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<Option<Operation>, D::Error> {
    let whole = match Value::deserialize(deserializer)? {
        Value::String(id) if !id.trim().is_empty() => json!({ "id": id }),
        whole @ Value::Object(_) => whole,
        _ => return Ok(None),
    };
    serde_json::from_value(whole)
        .map(Some)
        .map_err(serde::de::Error::custom)
}

/// How a one-off container ended.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct EndedOneOff {
    /// What the command ended with; none if the service gave no address to ask.
    pub exit_code: Option<i64>,
    /// What it wrote, as far as the application's log has it when it ended: its last lines may come later. Empty
    /// if the log cannot be read.
    pub output: String,
    /// Id of the container.
    pub container: Option<ContainerId>,
}

impl EndedOneOff {
    /// Whether the command ended well.
    pub fn succeeded(&self) -> bool {
        self.exit_code == Some(0)
    }
}

/// A one-off lives no longer without input.
const LONGEST: Duration = Duration::from_secs(30 * 60);

impl OneOffs {
    /// Runs a command detached and waits for its end, for at most 30 minutes: its exit code and what it wrote.
    ///
    /// The container is started once, whatever happens to the calls that watch it. A command that fails is no
    /// error: see [`exit_code`](EndedOneOff::exit_code).
    ///
    /// # Errors
    ///
    /// If it cannot be started; if its end cannot be learnt, though it may well run on.
    pub fn run(&self, app: impl Into<AppRef>, one_off: &NewOneOff) -> Composite<EndedOneOff> {
        self.run_within(app, one_off, LONGEST)
    }

    /// As [`run`](Self::run), waiting for another time.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    pub fn run_within(
        &self,
        app: impl Into<AppRef>,
        one_off: &NewOneOff,
        deadline: Duration,
    ) -> Composite<EndedOneOff> {
        self.started(app.into(), one_off.clone().detached(true), deadline)
    }

    #[inline]
    fn started(
        &self,
        app: AppRef,
        one_off: NewOneOff,
        deadline: Duration,
    ) -> Composite<EndedOneOff> {
        Composite::new(&self.client, "the one-off", move |client| async move {
            Self::new(&client).ended(app, &one_off, deadline).await
        })
    }

    #[inline]
    async fn ended(
        &self,
        app: AppRef,
        one_off: &NewOneOff,
        deadline: Duration,
    ) -> Result<EndedOneOff> {
        let begun = Instant::now();
        let left = || deadline.saturating_sub(begun.elapsed());
        let started = self.start(app.clone(), one_off).await?;
        let container = started.container.clone();
        let mut id = container.as_ref().map(|container| container.id.clone());
        let mut attach = started.attach_url.filter(|url| !url.trim().is_empty());
        let operation = started.operation_url.as_deref().and_then(last_segment);
        let operation = operation.or(started.operation.map(|operation| operation.id));
        if let Some(operation) = operation {
            let wait = Operations::new(&self.client).wait(app.clone(), operation);
            let one_off = wait.deadline(left()).await?.start_one_off_data;
            if let Some(one_off) = one_off {
                attach = one_off.attach_url.or(attach);
                id = one_off.container_id.map(ContainerId::from).or(id);
            }
        }
        let exit_code = match (attach, &id) {
            (Some(attach), _) => self.exit_code(&attach, left()).await?,
            (None, Some(id)) => {
                self.gone(app.clone(), id.clone()).deadline(left()).await?;
                None
            }
            (None, None) => {
                let message = "the service named neither operation nor container";
                return Err(Error::new(ErrorKind::Failed, message));
            }
        };
        let output = match &container {
            Some(container) => self.output(app, &container.name()).await,
            None => String::new(),
        };
        Ok(EndedOneOff {
            exit_code,
            output,
            container: id,
        })
    }

    /// Asks at the container's own address; each question is answered when it ends.
    #[inline]
    async fn exit_code(&self, attach: &str, deadline: Duration) -> Result<Option<i64>> {
        let attached = Attached::at(&self.client, attach)?;
        let look = move || -> futures::future::BoxFuture<'static, _> {
            let call = attached.wait().timeout(LONGEST).retry(RetryPolicy::never());
            Box::pin(call.send())
        };
        let judge = |exit: &Exit| match exit.0 {
            Some(_) => (State::Done, String::new()),
            None => (State::Running, String::new()),
        };
        let wait = Wait::new("one-off", look, judge).deadline(deadline);
        Ok(wait
            .every(Duration::from_millis(500), Duration::from_secs(10))
            .await?
            .0)
    }

    /// Waits until a container no longer runs.
    #[inline]
    fn gone(&self, app: AppRef, id: ContainerId) -> Wait<Vec<Container>> {
        let containers = Containers::new(&self.client);
        Wait::new(
            format!("one-off container {id}"),
            move || Box::pin(containers.list(app.clone()).send()),
            move |running: &Vec<Container>| match running.iter().any(|one| one.id == id) {
                true => (State::Running, String::new()),
                false => (State::Done, String::new()),
            },
        )
        .every(Duration::from_secs(5), Duration::from_secs(15))
    }

    /// What a container wrote. The command has ended by now: that its log cannot be read is no reason to fail.
    #[inline]
    async fn output(&self, app: AppRef, name: &str) -> String {
        let query = LogsQuery::new().n(10_000).filter(name);
        let log = Logs::new(&self.client).dump(app, &query).await;
        // `one-off-1` is asked for, and `one-off-12` comes as well.
        let tag = format!("[{name}] ");
        let written = |line: &str| Some(format!("{}\n", line.split_once(&tag)?.1));
        log.unwrap_or_default()
            .lines()
            .filter_map(written)
            .collect()
    }
}

impl FromResponse for Exit {
    #[inline]
    fn from_response(response: &RawResponse) -> Result<Self> {
        deploykit_core::model! {
            /// How it ended.
            pub struct Ended {
                /// Exit code.
                exit_code: Option<i64> as deploykit_core::de::number,
            }
        }

        // 408: it has not ended yet.
        match response.status.as_u16() {
            408 => Ok(Self(None)),
            _ => Ok(Self(Ended::from_response(response)?.exit_code)),
        }
    }
}
