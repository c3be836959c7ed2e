//! Issues: errors, slow SQL, deprecations.

use deploykit_core::{Time, de, endpoints, id, model, open_enum, request};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::ApplicationName;
use crate::client::HOURLY;

id! {
    /// An issue.
    pub struct IssueId(String);
}

endpoints! {
    /// Errors, slow SQL and deprecations of an application. The token needs the `issues` scope.
    ///
    /// The service answers for its default where it doesn't know an environment or a service that it is asked for:
    /// [`Issue::environments`] tells.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::tideways().start().await?;
    /// # let tideways = deploykit_tideways::Client::builder().token(sandbox.token()).organization("acme")
    /// #     .base_url(sandbox.base_url()).build()?;
    /// use deploykit_tideways::{IssueQuery, IssueStatus, IssueType};
    /// use futures::TryStreamExt;
    ///
    /// let new = IssueQuery::new().kind(IssueType::Error).status(IssueStatus::New);
    /// let mut issues = tideways.issues().list("app1", &new).items();
    /// while let Some(issue) = issues.try_next().await? {
    ///     println!("{}: {:?} times", issue.text(), issue.occurrences);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub struct Issues(organization);

    /// Lists issues.
    listIssues: GET "/apps/api/{organization}/{application}/issues"
        => list(application: ApplicationName, query: &IssueQuery) -> Pages<Issue>
        [envelope("issues"), accept("application/vnd.tideways.issues.v2+json"), quota(&HOURLY)];

    /// Fetches an issue; under another type than its own it is not found.
    getIssue: GET "/apps/api/{organization}/{application}/issues/{issue_id}"
        => get(application: ApplicationName, issue_id: IssueId, query: &IssueTypeQuery) -> Issue
        [envelope("issue"), accept("application/vnd.tideways.issues.v2+json"), quota(&HOURLY)];
}

open_enum! {
    /// What kind of issue it is.
    pub enum IssueType {
        /// An error that was not caught.
        Error = "error",
        /// A query that takes long.
        SlowSql = "slowsql",
        /// Something that is deprecated.
        Deprecated = "deprecated",
        /// Warnings and notices.
        NonFatals = "non-fatals",
    }
}

open_enum! {
    /// How an issue stands.
    pub enum IssueStatus {
        /// Open.
        Open = "open",
        /// New.
        New = "new",
        /// Resolved.
        Resolved = "resolved",
        /// No error after all.
        NotError = "not_error",
        /// Ignored.
        Ignored = "ignored",
    }
}

open_enum! {
    /// How severe what is not fatal is.
    pub enum Level {
        /// A warning.
        Warning = "warning",
        /// A notice.
        Notice = "notice",
    }
}

request! {
    /// Which issues to list.
    pub struct IssueQuery {
        optional {
            /// Of this kind; errors unless set.
            #[serde(rename = "issueType")]
            kind: IssueType,
            /// As severe as this; with [`IssueType::NonFatals`].
            level: Level,
            /// That stand like this.
            status: IssueStatus,
            /// Environment; `production` unless set.
            #[serde(rename = "env")]
            environment: String,
            /// Service; `__all` is every one.
            #[serde(rename = "s")]
            service: String,
        }
    }
}

request! {
    /// What kind of issue to fetch.
    pub struct IssueTypeQuery {
        required {
            /// Its kind.
            #[serde(rename = "issueType")]
            kind: IssueType,
        }
        optional {
            /// How severe it is; with [`IssueType::NonFatals`].
            level: Level,
        }
    }
}

model! {
    /// An issue.
    pub struct Issue {
        required {
            /// Identifies it.
            id: IssueId,
        }
        /// What kind of issue it is.
        kind = "issueType": IssueType,
        /// Type of the error, as PHP calls it.
        error_type = "type": String,
        /// Class of the exception.
        exception_type = "exceptionType": String,
        /// What it said last.
        last_message = "lastMessage": String,
        /// What it says, in the newer shape.
        message: String,
        /// Where it comes from.
        source: String,
        /// Function in which it began.
        originating_function = "originatingFunction": String,
        /// How it stands.
        status: IssueStatus,
        /// How often it was seen.
        occurrences: Option<u64> as de::count,
        /// How often it was seen since the last release.
        since_last_release = "occurrencesSinceLastRelease": Option<u64> as de::count,
        /// When it was first seen.
        first_occurred = "firstOccurred": Time,
        /// When it was last seen.
        last_occurred = "lastOccurred": Time,
        /// When it was seen again after it was resolved.
        last_reopened = "lastReopened": Option<Time>,
        /// Environments in which it was seen.
        environments: Vec<String>,
        /// Services in which it was seen.
        services: Vec<String>,
        /// Transactions in which it was seen.
        transactions: Vec<IssueTransaction> as super::issues::transactions,
        /// Where it was last seen.
        last_stack_trace = "lastStackTrace": Vec<StackFrame>,
        /// More about it: slow SQL has `duration`, in nanoseconds, as text.
        annotations: Value,
        /// How often it was seen when; one issue only.
        distribution = "occurrenceDistribution": Option<Distribution>,
        /// The last time; one issue only.
        latest = "latestOccurrence": Option<Occurrence>,
    }
}

impl Issue {
    /// What it says, in either shape.
    pub fn text(&self) -> &str {
        if self.message.is_empty() {
            return &self.last_message;
        }
        &self.message
    }
}

model! {
    /// A transaction in which an issue was seen.
    pub struct IssueTransaction {
        /// Its name.
        name: String,
        /// How often.
        count: Option<u64> as de::count,
    }
}

/// A transaction comes as an object, or as its name.
pub(crate) fn transactions<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<IssueTransaction>, D::Error> {
    let items = Option::<Vec<Value>>::deserialize(deserializer)?;
    let items = items.unwrap_or_default().into_iter();
    let read = |item| match item {
        Value::String(name) => Ok(IssueTransaction { name, count: None }),
        item => serde_json::from_value(item).map_err(serde::de::Error::custom),
    };
    items.map(read).collect()
}

model! {
    /// A step of a stack.
    pub struct StackFrame {
        /// File.
        file: String,
        /// Line.
        line: Option<u64> as de::count,
        /// Function.
        function: String,
    }
}

model! {
    /// How often an issue was seen when.
    pub struct Distribution {
        /// How many days are kept.
        retention_days = "retentionDays": Option<u64> as de::count,
        /// How often in all.
        total = "totalOccurrences": Option<u64> as de::count,
        /// By time.
        buckets: Vec<OccurrenceBucket>,
    }
}

model! {
    /// How often an issue was seen in a time.
    pub struct OccurrenceBucket {
        /// Start.
        start: Time,
        /// End.
        end: Time,
        /// How often.
        count: Option<u64> as de::count,
    }
}

model! {
    /// One time that an issue was seen.
    pub struct Occurrence {
        /// When.
        time: Time,
        /// What it said.
        message: String,
        /// Its type.
        kind = "type": String,
        /// Its code.
        code: Value,
        /// Service.
        service: String,
        /// Environment.
        environment: String,
        /// Transaction.
        transaction: String,
        /// Where it was.
        stack_trace = "stackTrace": Vec<StackFrame>,
        /// More about it.
        annotations: Value,
    }
}
