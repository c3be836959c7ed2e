//! What can be set before the start.

use std::time::Duration;

use crate::builder::Builder;
use crate::page::MetaStyle;

use super::Scalingo;
use super::outcome::Outcome;

/// The settings of the Scalingo stand-in. [`Builder<Scalingo>`](Builder) has a method for each.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Knobs {
    pub(super) apps: Vec<String>,
    pub(super) history: usize,
    pub(super) api_token: String,
    pub(super) token_lifetime: Duration,
    pub(super) outcome: Outcome,
    pub(super) duration: Duration,
    pub(super) queued: Option<Duration>,
    pub(super) log_lines: Option<usize>,
    pub(super) parallel: bool,
    pub(super) trigger_status: u16,
    pub(super) quota: bool,
    pub(super) retry_after: Option<RetryAfter>,
    pub(super) meta: Option<MetaStyle>,
    pub(super) sparse: bool,
    pub(super) output_bytes: Option<u64>,
    pub(super) operations_fail: bool,
    pub(super) one_off_exit: i64,
    pub(super) without_operation_url: bool,
    pub(super) logs_archives: usize,
    pub(super) stream: StreamKnobs,
}

/// The settings of the deployment stream.
#[derive(Debug, Clone)]
pub(super) struct StreamKnobs {
    pub(super) new_frame: Option<NewFrame>,
    pub(super) odd_frames: bool,
    pub(super) ping_every: Duration,
    pub(super) replay: Replay,
    pub(super) silent_connections: u64,
    pub(super) silent_after: u64,
}

/// How a 429 says when to come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryAfter {
    /// `Retry-After` in seconds.
    Seconds,
    /// `Retry-After` as an HTTP date.
    Date,
}

/// What `data.deployment` of a `new` frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewFrame {
    /// The deployment's id.
    Id,
    /// The whole deployment.
    Object,
}

/// What the stream tells about the time before it was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replay {
    /// All log lines and statuses.
    All,
    /// The log lines only: the status of a finished deployment never arrives.
    Logs,
    /// Nothing.
    Nothing,
}

impl Default for Knobs {
    fn default() -> Self {
        Self {
            apps: Vec::new(),
            history: 0,
            api_token: "tk-us-sandbox".to_owned(),
            token_lifetime: Duration::from_secs(3600),
            outcome: Outcome::Success,
            duration: Duration::from_secs(6),
            queued: None,
            log_lines: None,
            parallel: false,
            trigger_status: 201,
            quota: true,
            retry_after: None,
            meta: Some(MetaStyle::Null),
            sparse: false,
            output_bytes: None,
            operations_fail: false,
            one_off_exit: 0,
            without_operation_url: false,
            logs_archives: 3,
            stream: StreamKnobs {
                new_frame: Some(NewFrame::Id),
                odd_frames: false,
                ping_every: Duration::from_secs(10),
                replay: Replay::All,
                silent_connections: 0,
                silent_after: 0,
            },
        }
    }
}

/// Settings of the Scalingo stand-in. Durations are sandbox durations, divided by
/// [`speed`](Builder::speed), unless they say otherwise.
impl Builder<Scalingo> {
    /// Adds an app. Without any, there is `example-app`.
    pub fn app(self, name: &str) -> Self {
        self.knobs(|knobs| knobs.apps.push(name.to_owned()))
    }

    /// Gives each app this many finished deployments to list, without logs; 0 unless set.
    pub fn history(self, deployments: usize) -> Self {
        self.knobs(|knobs| knobs.history = deployments)
    }

    /// The API token that can be exchanged; `tk-us-sandbox` unless set.
    pub fn api_token(self, token: &str) -> Self {
        self.knobs(|knobs| knobs.api_token = token.to_owned())
    }

    /// How long an exchanged token lives; one hour unless set. Clients measure it by their own
    /// clock, so it is real time whatever the [`speed`](Builder::speed).
    pub fn token_lifetime(self, lifetime: Duration) -> Self {
        self.knobs(|knobs| knobs.token_lifetime = lifetime)
    }

    /// How deployments end; well unless set. [`Running::next_outcome`](crate::Running) decides for
    /// a single one.
    pub fn outcome(self, outcome: Outcome) -> Self {
        self.knobs(|knobs| knobs.outcome = outcome)
    }

    /// How long a successful deployment takes from its creation on; 6 s unless set. Others end
    /// earlier, where they fail. At zero, everything has happened at once.
    pub fn duration(self, duration: Duration) -> Self {
        self.knobs(|knobs| knobs.duration = duration)
    }

    /// How long a deployment is queued before it builds, in addition to its
    /// [`duration`](Self::duration); a twentieth of that, as part of it, unless set.
    pub fn queued_for(self, duration: Duration) -> Self {
        self.knobs(|knobs| knobs.queued = Some(duration))
    }

    /// Makes the build write so many log lines, instead of a realistic log of some 30.
    pub fn log_lines(self, lines: usize) -> Self {
        self.knobs(|knobs| knobs.log_lines = Some(lines))
    }

    /// Lets several deployments of an app run at the same time, their frames interleaved. Unless
    /// set, a deployment stays queued while another of its app runs.
    pub fn parallel_deployments(self) -> Self {
        self.knobs(|knobs| knobs.parallel = true)
    }

    /// The status of a successful trigger: 201, as the service answers, unless set; its
    /// documentation says 200.
    pub fn trigger_status(self, status: u16) -> Self {
        self.knobs(|knobs| knobs.trigger_status = status)
    }

    /// Switches off the quota of 60 requests per minute.
    pub fn without_quota(self) -> Self {
        self.knobs(|knobs| knobs.quota = false)
    }

    /// Sends `Retry-After` with a 429; there is none unless set.
    pub fn retry_after(self, style: RetryAfter) -> Self {
        self.knobs(|knobs| knobs.retry_after = Some(style))
    }

    /// How `meta.pagination` says that there is no further page; with null unless set.
    pub fn meta(self, style: MetaStyle) -> Self {
        self.knobs(|knobs| knobs.meta = Some(style))
    }

    /// Leaves `meta` out of lists.
    pub fn without_meta(self) -> Self {
        self.knobs(|knobs| knobs.meta = None)
    }

    /// Leaves out what the documented examples leave out: `status` and `links` of a single
    /// deployment, `links` of those in a list.
    pub fn sparse(self) -> Self {
        self.knobs(|knobs| knobs.sparse = true)
    }

    /// Makes the output of every deployment that has some exactly this long. It is streamed, not
    /// kept, so it may be larger than memory.
    pub fn output_bytes(self, bytes: u64) -> Self {
        self.knobs(|knobs| knobs.output_bytes = Some(bytes))
    }

    /// What the commands of one-off containers end with; 0 unless set. The command `exit 3` ends with 3 anyway.
    pub fn one_offs_exit_with(self, code: i64) -> Self {
        self.knobs(|knobs| knobs.one_off_exit = code)
    }

    /// Leaves the `operation_url` of a one-off container empty and gives its `attach_url` at once, as the service
    /// does since 2026-04.
    pub fn without_operation_url(self) -> Self {
        self.knobs(|knobs| knobs.without_operation_url = true)
    }

    /// How many archives the log of each app has; 3 unless set, 10 on a page.
    pub fn logs_archives(self, archives: usize) -> Self {
        self.knobs(|knobs| knobs.logs_archives = archives)
    }

    /// Makes operations such as a restart, backups included, end with `error` instead of `done`.
    pub fn failing_operations(self) -> Self {
        self.knobs(|knobs| knobs.operations_fail = true)
    }

    /// What `new` frames carry; the id unless set.
    pub fn new_frames(self, shape: NewFrame) -> Self {
        self.knobs(|knobs| knobs.stream.new_frame = Some(shape))
    }

    /// Sends no `new` frames, as the service may.
    pub fn without_new_frames(self) -> Self {
        self.knobs(|knobs| knobs.stream.new_frame = None)
    }

    /// Puts frames of unknown types, frames with malformed data and frames that aren't JSON
    /// between the log lines of the stream: one after each log line.
    pub fn odd_frames(self) -> Self {
        self.knobs(|knobs| knobs.stream.odd_frames = true)
    }

    /// Time between `ping` frames; 10 s unless set.
    pub fn ping_every(self, interval: Duration) -> Self {
        self.knobs(|knobs| knobs.stream.ping_every = interval)
    }

    /// What the stream tells about the time before it was opened; everything unless set.
    pub fn replay(self, replay: Replay) -> Self {
        self.knobs(|knobs| knobs.stream.replay = replay)
    }

    /// Makes the first `connections` streams fall silent after `frames` frames, pings included,
    /// while they stay open.
    pub fn silent_streams(self, connections: u64, frames: u64) -> Self {
        self.knobs(|knobs| {
            knobs.stream.silent_connections = connections;
            knobs.stream.silent_after = frames;
        })
    }
}
