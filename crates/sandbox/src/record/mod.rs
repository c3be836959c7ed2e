//! A proxy that writes down what a real service answers, without the secrets.
//!
//! Each exchange becomes a file in the format of this project's own fixtures, for tests and for bug reports;
//! [`replay`](crate::replay) serves a folder of them.
//!
//! ```no_run
//! # #[tokio::main]
//! # async fn main() -> std::io::Result<()> {
//! let recorder = deploykit_sandbox::record::to("recorded", "https://api.example.com")?.start().await?;
//! // … point the program under test at recorder.base_url(), with its real credential …
//! # Ok(())
//! # }
//! ```
//!
//! Secrets are known by where they stand: `Authorization`, cookies, headers, JSON and form fields and parameters
//! whose names say so (token, password, secret, API key, …), values of environment variables, passwords in
//! addresses, and what [`secret`](crate::Builder::secret) names. Each is replaced by `secret-1`, `secret-2`, …,
//! also where else it appears. A secret in a place that doesn't say so has to be named: look at the files before
//! you pass them on.
//!
//! The service's own address stands as `http://service.invalid`, in links too; the program under test is given
//! the proxy's address instead, so that it comes back. Not recorded: WebSockets, which are refused; exchanges
//! that didn't end; and bodies that are no text or longer than 4 MiB, whose place is marked. An answer of unknown
//! length that isn't JSON is passed on as it comes.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use std::{fs, io};

use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt as _, stream};
use http::{HeaderMap, HeaderName, Method, header};
use reqwest::redirect;
use serde_json::Value;

use crate::builder::Builder;
use crate::reply::Reply;
use crate::request::Request;
use crate::service::{Context, Service};
use crate::sync::lock;

pub(crate) mod fixture;
pub(crate) mod origin;
pub(crate) mod scrub;

use fixture::{Answered, Asked, Fixture};
use origin::Origin;
use scrub::Scrubber;

/// How long a connection to the service may take.
const CONNECT: Duration = Duration::from_secs(10);

/// How long the service may be silent.
const SILENCE: Duration = Duration::from_secs(300);

/// How much of a body is recorded.
const MOST: usize = 4 * 1024 * 1024;

/// A recorder for what `upstream` answers, to be started: each exchange is written into `folder`, which is made
/// if need be. Files that are there stay.
///
/// # Errors
/// When the folder can't be made or read, or the address is none.
pub fn to(folder: impl AsRef<Path>, upstream: &str) -> io::Result<Builder<Recorder>> {
    let folder = folder.as_ref();
    let named =
        |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", folder.display()));
    fs::create_dir_all(folder).map_err(named)?;
    let files = fixture::files(folder).map_err(named)?;
    let last = files.iter().map(|file| fixture::number(file)).max();
    let upstream = Origin::of(upstream)?;
    let client = reqwest::Client::builder()
        .redirect(redirect::Policy::none())
        .connect_timeout(CONNECT)
        .read_timeout(SILENCE)
        .build()
        .map_err(io::Error::other)?;
    let folder = folder.to_owned();
    Ok(Builder::<Recorder>::new().knobs(|knobs| {
        knobs.folder = folder;
        knobs.client = Some(client);
        knobs.upstream = upstream;
        knobs.last = last.unwrap_or_default();
    }))
}

/// Settings of a recorder.
impl Builder<Recorder> {
    /// A further header, field or parameter whose value is a secret, whatever stands there. Case, `-` and `_` make
    /// no difference.
    pub fn secret(self, name: impl Into<String>) -> Self {
        self.knobs(|knobs| knobs.secrets.push(name.into()))
    }

    /// Is told what is not recorded, and why.
    pub fn on_problem(self, tell: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.knobs(|knobs| knobs.tell = Some(Arc::new(tell)))
    }
}

/// What a recorder is given before the start; [`to`] does.
#[derive(Clone, Default)]
pub struct Knobs {
    folder: PathBuf,
    upstream: Origin,
    client: Option<reqwest::Client>,
    secrets: Vec<String>,
    last: u64,
    tell: Option<Tell>,
}

type Tell = Arc<dyn Fn(&str) + Send + Sync>;

impl fmt::Debug for Knobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Knobs")
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}

/// A proxy that records.
pub struct Recorder {
    knobs: Knobs,
    number: AtomicU64,
    kept: Mutex<Recordings>,
}

/// What has been recorded so far.
struct Recordings {
    scrubber: Scrubber,
    files: Vec<PathBuf>,
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder")
            .field("knobs", &self.knobs)
            .finish_non_exhaustive()
    }
}

impl Service for Recorder {
    type Knobs = Knobs;
    const NAME: &'static str = "record";
    const PORT: u16 = 7080;

    fn new(knobs: Knobs, _: Context) -> Self {
        Self {
            number: AtomicU64::new(knobs.last),
            kept: Mutex::new(Recordings {
                scrubber: Scrubber::new(&knobs.secrets),
                files: Vec::new(),
            }),
            knobs,
        }
    }

    /// None: the service's own credentials are passed on.
    fn token(&self) -> String {
        String::new()
    }

    async fn handle(self: Arc<Self>, request: Request) -> Reply {
        if request.wants_websocket() {
            self.tell(&format!(
                "a WebSocket at {} is not recorded",
                request.path()
            ));
            return Reply::own(
                501,
                "WebSockets are neither passed on nor recorded.\n",
                "not recorded",
            );
        }
        let exchange = self.begin(&request);
        match self.forward(&request).await {
            Ok(answer) => {
                self.pass_on(request.host().to_owned(), exchange, answer)
                    .await
            }
            Err(error) => {
                let problem = error.without_url();
                let problem = describe(&problem);
                self.tell(&format!(
                    "{} {}: {problem}",
                    request.method(),
                    request.path()
                ));
                let text = format!("The service didn't answer: {problem}\n");
                Reply::own(502, text, "upstream failed")
            }
        }
    }
}

/// One exchange, while it lasts.
struct Exchange {
    number: u64,
    request: Asked,
}

impl Recorder {
    fn tell(&self, problem: &str) {
        if let Some(tell) = &self.knobs.tell {
            tell(problem);
        }
    }

    fn begin(&self, request: &Request) -> Exchange {
        let here = Origin::here(request.host());
        let content_type = request.header(header::CONTENT_TYPE.as_str());
        let large = request.content().len() > MOST as u64;
        let body = match large {
            true => None,
            false => fixture::body_of(request.body(), content_type),
        };
        let left_out = body.is_none();
        let headers = fixture::headers_of(request.headers());
        let mut request = Asked {
            method: request.method().to_owned(),
            path: request.path().to_owned(),
            query: fixture::query_of(request.queries()),
            headers,
            body: body.unwrap_or_default(),
            left_out,
        };
        here.replace_in(&mut request.body, &Origin::anonymous());
        for value in request.query.values_mut() {
            here.replace_in(value, &Origin::anonymous());
        }
        if let Some(kind) = request.headers.get_mut("content-type")
            && let Some((kind_only, _)) = kind.split_once("; boundary=")
        {
            *kind = kind_only.to_owned();
        }
        Exchange {
            number: self.number.fetch_add(1, Ordering::Relaxed) + 1,
            request,
        }
    }

    /// Asks the service what the client asked.
    async fn forward(&self, request: &Request) -> reqwest::Result<reqwest::Response> {
        let here = Origin::here(request.host());
        let upstream = &self.knobs.upstream;
        let url = upstream.url(&here.replaced(request.target(), upstream));
        let method = Method::try_from(request.method()).unwrap_or_default();
        let mut headers = passed_on(request.headers());
        // What can't be read can't be recorded.
        headers.remove(header::ACCEPT_ENCODING);
        let client = self.knobs.client.clone().unwrap_or_default();
        let forward = client.request(method, url);
        let content = request.content();
        let forward = match content.len() {
            0 => forward,
            len if len > MOST as u64 => {
                let body = reqwest::Body::wrap_stream(content.stream());
                forward.header(header::CONTENT_LENGTH, len).body(body)
            }
            _ => forward.body(here.replaced_bytes(request.body(), upstream)),
        };
        forward.headers(headers).send().await
    }

    /// Gives the answer to the client, and writes it down.
    async fn pass_on(
        self: Arc<Self>,
        host: String,
        exchange: Exchange,
        answer: reqwest::Response,
    ) -> Reply {
        let status = answer.status().as_u16();
        let (upstream, here) = (&self.knobs.upstream, Origin::here(&host));
        let mut headers = passed_on(answer.headers());
        for value in headers.values_mut() {
            let text = value.to_str().map(|text| upstream.replaced(text, &here));
            if let Ok(Ok(replaced)) = text.map(TryInto::try_into) {
                *value = replaced;
            }
        }
        let of_answer = answer.headers().clone();
        let kind = of_answer
            .get(header::CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok());
        let is_live =
            answer.content_length().is_none() && !kind.is_some_and(|kind| kind.contains("json"));
        let mut pieces = answer
            .bytes_stream()
            .map(|piece| piece.map_err(|error| io::Error::other(describe(&error.without_url()))));
        let mut begun = BytesMut::new();
        while !is_live && begun.len() <= MOST {
            match pieces.next().await {
                Some(Ok(piece)) => begun.extend_from_slice(&piece),
                Some(Err(error)) => {
                    let path = &exchange.request.path;
                    self.tell(&format!("{path}: the answer broke off: {error}"));
                    let broken = stream::iter([Ok(begun.freeze()), Err(error)]);
                    return with_headers(Reply::stream(status, "", broken), headers);
                }
                None => {
                    let replaced = upstream.replaced_bytes(&begun, &here);
                    self.record(exchange, status, &of_answer, Some(&begun));
                    return with_headers(Reply::bytes(status, "", replaced), headers);
                }
            }
        }
        let rest = Tee {
            recorder: Arc::clone(&self),
            exchange: Some(exchange),
            status,
            headers: of_answer,
            seen: BytesMut::new(),
            whole: true,
        };
        let begun = (!begun.is_empty()).then(|| Ok(begun.freeze()));
        let pieces = stream::iter(begun).chain(pieces);
        with_headers(Reply::stream(status, "", rest.watch(pieces)), headers)
    }

    /// Writes an exchange down. `body` is none if it was too long.
    fn record(&self, exchange: Exchange, status: u16, headers: &HeaderMap, body: Option<&[u8]>) {
        let (upstream, anonymous) = (&self.knobs.upstream, Origin::anonymous());
        let kind = headers
            .get(header::CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok());
        let recorded = body.and_then(|body| match body {
            // Nothing, where JSON is announced, is not the JSON `null`.
            [] => Some(Value::from("")),
            body => fixture::body_of(body, kind),
        });
        let mut notes = Vec::new();
        if exchange.request.left_out {
            notes.push("the request's body was left out");
        }
        if recorded.is_none() {
            notes.push("the answer's body was left out");
        }
        let mut body = recorded.unwrap_or_default();
        upstream.replace_in(&mut body, &anonymous);
        let mut headers = fixture::headers_of(headers);
        for value in headers.values_mut() {
            *value = upstream.replaced(value, &anonymous);
        }
        let request = exchange.request;
        let mut fixture = Fixture {
            operation: fixture::operation(&request.method, &request.path),
            documented: format!("{} {}", request.method, request.path),
            note: (!notes.is_empty()).then(|| {
                let notes = notes.join(", ");
                format!("{notes}: it is no text, or longer than 4 MiB")
            }),
            request,
            response: Answered {
                status,
                headers,
                body,
            },
        };
        let mut kept = lock(&self.kept);
        let Recordings { scrubber, files } = &mut *kept;
        let learnt = scrubber.scrub(&mut fixture);
        // The name is made of the path without secrets.
        fixture.operation = fixture::operation(&fixture.request.method, &fixture.request.path);
        let name = format!("{}.{:04}.json", fixture.operation, exchange.number);
        let file = self.knobs.folder.join(name);
        let mut done = write(&file, &fixture);
        if learnt {
            for earlier in files.iter() {
                done = done.and_then(|()| scrub_again(earlier, scrubber));
            }
        }
        files.push(file);
        if let Err(error) = done {
            drop(kept);
            self.tell(&format!("{}: {error}", self.knobs.folder.display()));
        }
    }
}

fn write(file: &Path, fixture: &Fixture) -> io::Result<()> {
    let mut text = serde_json::to_string_pretty(fixture)?;
    text.push('\n');
    fs::write(file, text)
}

/// Takes out of an earlier exchange what was learnt to be a secret since.
fn scrub_again(file: &Path, scrubber: &Scrubber) -> io::Result<()> {
    let text = fs::read_to_string(file)?;
    let before: Fixture = serde_json::from_str(&text)?;
    let mut fixture = before;
    scrubber.replace_in(&mut fixture);
    write(file, &fixture)
}

/// The chain of what went wrong, in one line.
fn describe(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// The headers without those that belong to a connection.
fn passed_on(headers: &HeaderMap) -> HeaderMap {
    const OWN: [HeaderName; 8] = [
        header::CONNECTION,
        header::HOST,
        header::CONTENT_LENGTH,
        header::TRANSFER_ENCODING,
        header::TE,
        header::TRAILER,
        header::UPGRADE,
        header::EXPECT,
    ];
    let mut passed = headers.clone();
    for name in OWN {
        passed.remove(name);
    }
    passed
}

fn with_headers(mut reply: Reply, headers: HeaderMap) -> Reply {
    reply.headers = headers;
    reply
}

/// An answer that is passed on as it comes, and written down when it has ended.
struct Tee {
    recorder: Arc<Recorder>,
    exchange: Option<Exchange>,
    status: u16,
    headers: HeaderMap,
    seen: BytesMut,
    whole: bool,
}

impl Tee {
    fn watch(
        self,
        pieces: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
    ) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
        let state = (self, Box::pin(pieces));
        stream::unfold(state, |(mut tee, mut pieces)| async move {
            let piece = pieces.next().await;
            match &piece {
                Some(Ok(piece)) if tee.seen.len() + piece.len() <= MOST => {
                    tee.seen.extend_from_slice(piece);
                }
                Some(Ok(_)) => tee.whole = false,
                Some(Err(_)) => {}
                None => tee.finish(),
            }
            Some((piece?, (tee, pieces)))
        })
    }

    fn finish(&mut self) {
        if let Some(exchange) = self.exchange.take() {
            let seen = self.whole.then_some(&self.seen[..]);
            self.recorder
                .record(exchange, self.status, &self.headers, seen);
        }
    }
}

impl Drop for Tee {
    fn drop(&mut self) {
        if let Some(exchange) = &self.exchange {
            let path = &exchange.request.path;
            self.recorder
                .tell(&format!("{path} is not recorded: the answer didn't end"));
        }
    }
}
