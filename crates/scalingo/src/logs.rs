//! Logs of applications.

use deploykit_core::de::count;
use deploykit_core::{
    Client, Composite, Endpoint, Error, Method, Result, Secret, Streaming, lines,
};
use futures::stream::{BoxStream, StreamExt as _, TryStreamExt as _};

use crate::{API, AppRef};

deploykit_core::endpoints! {
    /// Logs of applications: what their containers write.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::scalingo().start().await?;
    /// # let builder = deploykit_scalingo::Client::builder().token(sandbox.token());
    /// # let client = builder.base_url(sandbox.base_url()).build()?;
    /// use deploykit_scalingo::LogsQuery;
    ///
    /// let last = client.logs().dump("example-app", &LogsQuery::new().n(100).filter("web")).await?;
    /// println!("{last}");
    /// # Ok(())
    /// # }
    /// ```
    pub struct Logs;

    /// Fetches the address of an application's log. It is signed, and so a secret;
    /// [`dump`](Logs::dump) and [`stream`](Logs::stream) take it themselves.
    getLogsUrl: GET "/v1/apps/{app}/logs" => url(app: AppRef) -> Secret [envelope("logs_url"), quota(&API)];

    /// Lists the archives of an application's log, newest first. Their addresses are valid for an hour.
    listLogsArchives: GET "/v1/apps/{app}/logs_archives" => archives(app: AppRef) -> Pages<LogsArchive>
        [envelope("archives"), quota(&API)];
}

const DUMP: Endpoint = Endpoint::new("dumpLogs", Method::GET, "")
    .summary("Fetches the last lines of a log.")
    .accept("text/plain")
    .public()
    .outcomes(&[404])
    .empty_means("");

const STREAM: Endpoint = Endpoint::new("streamLogs", Method::GET, "")
    .summary("Follows a log.")
    .accept("text/event-stream")
    .public();

const ARCHIVE: Endpoint = Endpoint::new("downloadLogsArchive", Method::GET, "")
    .summary("Downloads an archive of a log.")
    .accept("")
    .public();

deploykit_core::request! {
    /// Which lines of a log.
    pub struct LogsQuery {
        optional {
            /// How many of the last lines.
            n: u32,
            /// Only those of a type of containers or of one container; several are put together by `|`:
            /// `web|worker-1`.
            filter: String,
        }
    }
}

deploykit_core::model! {
    /// An archive of a log.
    pub struct LogsArchive {
        /// Where it can be fetched: signed, valid for an hour.
        url: Secret,
        /// Since when, as the service writes it.
        from: Option<String>,
        /// Until when, as the service writes it.
        to: Option<String>,
        /// Its size, in bytes.
        size: Option<u64> as count,
    }
}

impl Logs {
    /// Fetches the last lines of an application's log; empty if there is none yet.
    ///
    /// # Errors
    ///
    /// As any call.
    pub fn dump(&self, app: impl Into<AppRef>, query: &LogsQuery) -> Composite<String> {
        self.dumped(app.into(), query.clone())
    }

    #[inline]
    fn dumped(&self, app: AppRef, query: LogsQuery) -> Composite<String> {
        Composite::new(&self.client, "the log", move |client| async move {
            let address = Self::new(&client).url(app).await?;
            dump(&client, &address, &query).await
        })
    }

    /// Follows an application's log: its last lines, then each line as it is written, until it is dropped or the
    /// connection ends.
    ///
    /// # Errors
    ///
    /// If the log cannot be opened; if the connection breaks, as the last item. A stream that says nothing for a
    /// minute has broken: the service sends a sign of life in between.
    pub fn stream(
        &self,
        app: impl Into<AppRef>,
        query: &LogsQuery,
    ) -> Composite<BoxStream<'static, Result<String>>> {
        self.streamed(app.into(), query.clone())
    }

    #[inline]
    fn streamed(
        &self,
        app: AppRef,
        query: LogsQuery,
    ) -> Composite<BoxStream<'static, Result<String>>> {
        Composite::new(
            &self.client,
            "the log's beginning",
            move |client| async move {
                let address = Self::new(&client).url(app).await?;
                let request = client.signed(&STREAM, &with_query(&address, &query, true)?)?;
                let streaming = client.stream(request).await?;
                let events = lines(streaming.body).map_ok(|line| {
                    let lines = log_of(&line);
                    futures::stream::iter(lines.into_iter().map(Ok))
                });
                Ok(events.try_flatten().boxed())
            },
        )
    }

    /// Downloads an archive: [`save_to`](Streaming::save_to) writes it to a file.
    ///
    /// # Errors
    ///
    /// If its address is not safe or has expired.
    #[inline]
    pub fn download(&self, archive: &LogsArchive) -> Composite<Streaming> {
        download(&self.client, archive)
    }
}

/// Fetches the last lines of the log at this address.
#[inline]
pub(crate) async fn dump(client: &Client, address: &Secret, query: &LogsQuery) -> Result<String> {
    let request = client.signed(&DUMP, &with_query(address, query, false)?)?;
    let answer = client.send(request).await?;
    // Neither is an error: there is no log yet.
    match answer.status.as_u16() {
        204 | 404 => Ok(String::new()),
        _ => Ok(String::from_utf8_lossy(&answer.body).into_owned()),
    }
}

/// Downloads an archive, of whatever log.
#[inline]
pub(crate) fn download(client: &Client, archive: &LogsArchive) -> Composite<Streaming> {
    let address = archive.url.clone();
    Composite::new(
        client,
        "the download's beginning",
        move |client| async move { client.stream(client.signed(&ARCHIVE, &address)?).await },
    )
}

/// The log's address has a query already, which signs it.
fn with_query(address: &Secret, query: &LogsQuery, stream: bool) -> Result<Secret> {
    let Ok(mut url) = url::Url::parse(address.expose()) else {
        return Err(Error::new(
            deploykit_core::ErrorKind::Origin,
            "the server gave no address of a log",
        ));
    };
    {
        let mut pairs = url.query_pairs_mut();
        if let Some(n) = query.n {
            pairs.append_pair("n", &n.to_string());
        }
        if let Some(filter) = &query.filter {
            pairs.append_pair("filter", filter);
        }
        if stream {
            pairs.append_pair("stream", "true");
        }
    }
    Ok(Secret::from(url.as_str()))
}

/// The lines in one line of an event stream: `data: {"name": "log", "log": "…"}`; newer ones say `event`.
fn log_of(line: &str) -> Vec<String> {
    let Some(data) = line.strip_prefix("data:") else {
        return Vec::new();
    };
    let event: serde_json::Value = serde_json::from_str(data.trim()).unwrap_or_default();
    let kind = event.get("event").or(event.get("name"));
    match (
        kind.and_then(|kind| kind.as_str()),
        event.get("log").and_then(|log| log.as_str()),
    ) {
        (Some("log"), Some(log)) => log.lines().map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_of_both_spellings_are_read_and_others_skipped() {
        for (line, read) in [
            (
                r#"data: {"name":"log","log":"a [web-1] x\r\nb\r\n"}"#,
                vec!["a [web-1] x", "b"],
            ),
            (r#"data:{"event":"log","log":"  c"}"#, vec!["  c"]),
            (r#"data: {"event":"ping","timestamp":1}"#, vec![]),
            ("event: message", vec![]),
            ("data: no json", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(log_of(line), read, "{line}");
        }
    }

    #[test]
    fn what_signs_an_address_stays_as_it_is() {
        let address = Secret::from("https://logs.scalingo.com/apps/a/logs?token=a%2Fb&timestamp=1");
        let query = LogsQuery::new().n(5).filter("web|worker");
        let read = with_query(&address, &query, true).unwrap();
        assert!(
            read.expose().starts_with(address.expose()),
            "{}",
            read.expose()
        );
        assert!(
            read.expose()
                .ends_with("&n=5&filter=web%7Cworker&stream=true")
        );
    }
}
