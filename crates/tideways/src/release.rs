//! A release: marked, and then compared with what was before.

use std::fmt;

use deploykit_core::{Composite, Error, Result, Secret, Unreadable};
use futures::StreamExt;
use jiff::{SignedDuration, Timestamp};

use crate::{
    ApplicationName, Client, Event, EventType, Events, Issue, IssueQuery, IssueStatus, IssueType,
    MetricsQuery, NewEvent, Performance,
};

/// So many issues are looked at.
const ISSUES: usize = 200;

/// A release of a project: [`mark`](Self::mark) it once it is out, and [`compare`](Self::compare) some time later.
///
/// ```
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let sandbox = deploykit_sandbox::Sandbox::tideways().start().await?;
/// # let tideways = deploykit_tideways::Client::builder().token(sandbox.token()).organization("acme")
/// #     .base_url(sandbox.base_url()).build()?;
/// # let api_key = sandbox.api_key("app1").unwrap_or_default();
/// let release = tideways.release("app1", "v1.2.3").window(30);
/// let marked = release.mark(api_key).await?;
///
/// // … half an hour later, perhaps in another program:
/// let comparison = release.compare(marked.at).await?;
/// println!("{comparison}");
/// if comparison.response_time_change().is_some_and(|change| change > 0.2) {
///     println!("more than 20 % slower");
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct Release {
    client: Client,
    project: ApplicationName,
    version: String,
    description: Option<String>,
    environment: Option<String>,
    service: Option<String>,
    window: u32,
}

/// A release that was marked.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct MarkedRelease {
    /// The event.
    pub event: Event,
    /// When it was marked, by the server's clock.
    pub at: Timestamp,
}

impl Release {
    pub(crate) fn new(client: &Client, project: ApplicationName, version: String) -> Self {
        Self {
            client: client.clone(),
            project,
            version,
            description: None,
            environment: None,
            service: None,
            window: 30,
        }
    }

    /// More about it.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Environment that it went to; `production` unless set.
    pub fn environment(mut self, environment: impl Into<String>) -> Self {
        self.environment = Some(environment.into());
        self
    }

    /// Service that it is of; the project's default unless set.
    pub fn service(mut self, service: impl Into<String>) -> Self {
        self.service = Some(service.into());
        self
    }

    /// Compares so many minutes before with so many after, 1 to 1440; 30 unless set.
    pub fn window(mut self, minutes: u32) -> Self {
        self.window = minutes.clamp(1, 1440);
        self
    }

    /// Marks the release, with the project's API key. Each call makes another mark.
    ///
    /// # Errors
    ///
    /// As [`Events::create`](crate::Events::create), which is never repeated by itself after it may have arrived.
    pub fn mark(&self, api_key: impl Into<Secret>) -> Composite<MarkedRelease> {
        let mut event = NewEvent::new(api_key, self.version.clone(), EventType::Release);
        if let Some(description) = &self.description {
            event = event.description(description.clone());
        }
        if let Some(environment) = &self.environment {
            event = event.environment(environment.clone());
        }
        if let Some(service) = &self.service {
            event = event.service(service.clone());
        }
        Composite::new(self.client.core(), "the mark", move |client| async move {
            let answer = Events::new(&client).create(&event).send().await?;
            let at = server_time(&answer.headers);
            Ok(MarkedRelease {
                event: answer.value,
                at,
            })
        })
    }

    /// Compares the time before the release with the time since, as far as it has passed, and looks for errors that
    /// are new. It takes three calls or more and the scopes `metrics` and `issues`.
    ///
    /// # Errors
    ///
    /// Those of the calls; also if there is no such environment or service.
    pub fn compare(&self, released: Timestamp) -> Composite<Comparison> {
        let mut release = self.clone();
        Composite::new(
            self.client.core(),
            "the comparison",
            move |client| async move {
                release.client = Client::over(client);
                release.compared(released).await
            },
        )
    }

    async fn compared(&self, released: Timestamp) -> Result<Comparison> {
        let first = floor(released);
        let start = |minutes: i64| first.checked_add(SignedDuration::from_mins(minutes));
        let window = i64::from(self.window);
        let outside = |_| Error::invalid_input("released", "is outside of all time");
        let before = self.measure(start(-1).map_err(outside)?, self.window);
        let before = before.send().await?;
        let now = floor(server_time(&before.headers)).max(first);
        let last = start(window - 1).map_err(outside)?.min(now);
        let minutes = last.duration_since(first).as_mins() + 1;
        let minutes = u32::try_from(minutes).unwrap_or(self.window);
        let after = self.measure(last, minutes).await?;
        let mut comparison = Comparison {
            before: Figures::of(&before.value, self.window),
            after: Figures::of(&after, minutes),
            new_issues: Vec::new(),
            unreadable_issues: 0,
            more_issues: false,
        };
        self.find_issues(released, &mut comparison).await?;
        Ok(comparison)
    }

    fn measure(&self, until: Timestamp, minutes: u32) -> deploykit_core::Call<Performance> {
        let query = MetricsQuery::new().until(until).minutes(minutes);
        let query = match &self.environment {
            Some(environment) => query.environment(environment.clone()),
            None => query,
        };
        let query = match &self.service {
            Some(service) => query.service(service.clone()),
            None => query,
        };
        self.client.metrics().performance(&self.project, &query)
    }

    async fn find_issues(&self, released: Timestamp, found: &mut Comparison) -> Result<()> {
        let query = IssueQuery::new().kind(IssueType::Error);
        let query = query.status(IssueStatus::New);
        let query = match &self.environment {
            Some(environment) => query.environment(environment.clone()),
            None => query,
        };
        let query = match &self.service {
            Some(service) => query.service(service.clone()),
            None => query,
        };
        let mut issues = self.client.issues().list(&self.project, &query).items();
        for _ in 0..ISSUES {
            match issues.next().await {
                Some(Ok(issue)) => {
                    let first = issue.first_occurred.timestamp();
                    // One whose date can't be read is rather told than lost.
                    if first.is_none_or(|first| first >= released) {
                        found.new_issues.push(issue);
                    }
                }
                Some(Err(error)) if is_odd_item(&error) => found.unreadable_issues += 1,
                Some(Err(error)) => return Err(error),
                None => return Ok(()),
            }
        }
        found.more_issues = issues.next().await.is_some();
        Ok(())
    }
}

fn is_odd_item(error: &Error) -> bool {
    std::error::Error::source(error).is_some_and(|source| source.is::<Unreadable>())
}

/// The time by the server's clock, or by this one if the answer doesn't tell.
fn server_time(headers: &http::HeaderMap) -> Timestamp {
    let date = headers.get("date").and_then(|date| date.to_str().ok());
    date.and_then(|date| jiff::fmt::rfc2822::parse(date).ok())
        .map_or_else(Timestamp::now, |date| date.timestamp())
}

/// The start of a minute.
fn floor(at: Timestamp) -> Timestamp {
    let second = at.as_second();
    Timestamp::from_second(second - second.rem_euclid(60)).unwrap_or(at)
}

/// Figures of a time.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Figures {
    /// How many minutes they are of.
    pub minutes: u32,
    /// How many requests there were.
    pub requests: Option<f64>,
    /// How many of a hundred requests failed.
    pub error_rate: Option<f64>,
    /// 95 of a hundred requests were faster, in milliseconds.
    pub response_time: Option<f64>,
}

impl Figures {
    fn of(performance: &Performance, minutes: u32) -> Self {
        let total = performance.total.as_ref();
        Self {
            minutes,
            requests: total.and_then(|total| total.requests),
            error_rate: total.and_then(|total| total.error_rate),
            response_time: total.and_then(|total| total.response_time),
        }
    }
}

/// What a release changed. `Display` is a small table.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Comparison {
    /// The time before the release.
    pub before: Figures,
    /// The time since: its minute and those after it.
    pub after: Figures,
    /// Errors that were first seen since.
    pub new_issues: Vec<Issue>,
    /// How many issues could not be read.
    pub unreadable_issues: usize,
    /// Whether there are more new issues than were looked at (200).
    pub more_issues: bool,
}

impl Comparison {
    /// How much slower it became: 0.25 is a quarter more. None if that is not known.
    pub fn response_time_change(&self) -> Option<f64> {
        change(self.before.response_time, self.after.response_time)
    }

    /// By how much the rate of errors grew. None if that is not known, or there were none before.
    pub fn error_rate_change(&self) -> Option<f64> {
        change(self.before.error_rate, self.after.error_rate)
    }
}

fn change(before: Option<f64>, after: Option<f64>) -> Option<f64> {
    let before = before.filter(|before| *before > 0.0)?;
    Some(after? / before - 1.0)
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (before, after) = (&self.before, &self.after);
        let head = |figures: &Figures| format!("{} min", figures.minutes);
        let number = |value: Option<f64>, digits: usize, unit: &str| {
            value.map_or_else(|| "?".to_owned(), |value| format!("{value:.digits$}{unit}"))
        };
        let percent = |change: Option<f64>| {
            change.map_or_else(String::new, |change| format!("{:+.0} %", change * 100.0))
        };
        let mut row = |name: &str, before: &str, after: &str, change: &str| {
            let line = format!("{name:<15} {before:>12} {after:>12} {change:>9}");
            writeln!(f, "{}", line.trim_end())
        };
        row("", "before", "after", "")?;
        row("time", &head(before), &head(after), "")?;
        row(
            "requests",
            &number(before.requests, 0, ""),
            &number(after.requests, 0, ""),
            "",
        )?;
        row(
            "errors",
            &number(before.error_rate, 2, " %"),
            &number(after.error_rate, 2, " %"),
            &percent(self.error_rate_change()),
        )?;
        row(
            "response (95p)",
            &number(before.response_time, 0, " ms"),
            &number(after.response_time, 0, " ms"),
            &percent(self.response_time_change()),
        )?;
        let more = if self.more_issues { " or more" } else { "" };
        write!(f, "new errors: {}{more}", self.new_issues.len())?;
        for issue in &self.new_issues {
            write!(
                f,
                "\n  {} ({} times)",
                issue.text(),
                issue.occurrences.unwrap_or(0)
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Minute;

    fn figures(minutes: u32, error_rate: Option<f64>, response_time: Option<f64>) -> Figures {
        Figures {
            minutes,
            requests: Some(600.0),
            error_rate,
            response_time,
        }
    }

    #[test]
    fn a_comparison_is_a_table() {
        let comparison = Comparison {
            before: figures(30, Some(0.5), Some(120.0)),
            after: figures(2, Some(1.0), None),
            new_issues: Vec::new(),
            unreadable_issues: 0,
            more_issues: false,
        };
        let table = "                      before        after
time                  30 min        2 min
requests                 600          600
errors                0.50 %       1.00 %    +100 %
response (95p)        120 ms            ?
new errors: 0";
        assert_eq!(comparison.to_string(), table);
        assert_eq!(comparison.error_rate_change(), Some(1.0));
        assert_eq!(comparison.response_time_change(), None);
        assert_eq!(
            change(Some(0.0), Some(1.0)),
            None,
            "there was nothing before"
        );
    }

    #[test]
    fn a_minute_starts_at_its_first_second() {
        let at: Timestamp = "2026-09-30T14:05:59.9Z".parse().unwrap();
        assert_eq!(Minute::from(floor(at)).as_str(), "2026-09-30 14:05");
        assert_eq!(floor(at).to_string(), "2026-09-30T14:05:00Z");
    }

    #[test]
    fn the_servers_clock_counts() {
        let mut headers = http::HeaderMap::new();
        headers.insert("date", "Wed, 30 Sep 2026 14:05:07 GMT".parse().unwrap());
        assert_eq!(server_time(&headers).to_string(), "2026-09-30T14:05:07Z");
    }
}
