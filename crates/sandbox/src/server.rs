//! The HTTP server: accepts connections, records each request, lets faults strike, and hands the
//! rest to the service.

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{self, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt as _};
use http::request::Parts;
use http::{HeaderValue, StatusCode, header};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::{Body as HttpBody, Frame, Incoming};
use hyper::service::service_fn;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use crate::clock::Clock;
use crate::controlled::Controlled;
use crate::faults::{self, Faults, Strike};
use crate::guard::Guard;
use crate::log::Log;
use crate::receive;
use crate::reply::{self, Body, Reply, Session};
use crate::request::Request;
use crate::service::{Context, Service};
use crate::socket::Socket;
use crate::sync::lock;
use crate::tasks::Tasks;
use crate::wire::{Ending, Wire};

type HttpResponse = http::Response<UnsyncBoxBody<Bytes, io::Error>>;

/// How long to wait when no connection can be accepted.
const ACCEPT_PAUSE: Duration = Duration::from_millis(10);

/// Told of method and path of a route that isn't there.
pub(crate) type OnLacking = Box<dyn Fn(&str, &str) + Send + Sync>;

/// What a connection may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Bytes of a body.
    pub(crate) body: u64,
    /// Time for a head, and for each piece of a body.
    pub(crate) idle: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 64 * 1024 * 1024,
            idle: Duration::from_secs(60),
        }
    }
}

/// What holds for every request, whatever the service.
pub(crate) struct Rules {
    pub(crate) limits: Limits,
    pub(crate) guard: Guard,
    pub(crate) on_lacking: Option<OnLacking>,
}

/// One server and what its connections share.
pub(crate) struct Server<S: Service> {
    /// The service as it is now: another one after a reset.
    current: Mutex<Current<S>>,
    pub(crate) start: Start<S>,
    pub(crate) base_url: Arc<str>,
    pub(crate) clock: Clock,
    pub(crate) faults: Faults,
    pub(crate) log: Log,
    pub(crate) rules: Rules,
    /// The connections.
    pub(crate) tasks: Tasks,
}

/// A service, and the tasks that end with it.
struct Current<S> {
    service: Arc<S>,
    tasks: Arc<Tasks>,
}

/// How the server was started.
pub(crate) struct Start<S: Service> {
    pub(crate) knobs: S::Knobs,
    pub(crate) speed: f64,
    /// Faults that were set before the first request.
    pub(crate) faults: Faults,
    pub(crate) seed: Option<Seed<S>>,
}

/// Puts what users wish into a new service.
pub(crate) type Seed<S> = Box<dyn Fn(&S) -> Result<(), String> + Send + Sync>;

impl<S: Service> Start<S> {
    fn make(&self, context: Context) -> Result<S, String> {
        let service = S::new(self.knobs.clone(), context);
        match &self.seed {
            Some(seed) => seed(&service).map(|()| service),
            None => Ok(service),
        }
    }
}

impl<S: Service> Server<S> {
    /// A server as it is before its first request.
    pub(crate) fn new(
        start: Start<S>,
        base_url: Arc<str>,
        faults: Faults,
        log: Log,
        rules: Rules,
    ) -> Result<Self, String> {
        let clock = Clock::new(start.speed);
        let tasks = Arc::new(Tasks::new());
        let context = Context {
            clock: clock.clone(),
            base_url: Arc::clone(&base_url),
            tasks: Arc::clone(&tasks),
        };
        let service = Arc::new(start.make(context)?);
        Ok(Self {
            current: Mutex::new(Current { service, tasks }),
            start,
            base_url,
            clock,
            faults,
            log,
            rules,
            tasks: Tasks::new(),
        })
    }

    /// The service as it is now.
    pub(crate) fn service(&self) -> Arc<S> {
        Arc::clone(&lock(&self.current).service)
    }

    /// Ends what the service and its connections do, without waiting.
    pub(crate) fn abort(&self) {
        self.tasks.abort();
        lock(&self.current).tasks.abort();
    }

    /// The same, and waits.
    pub(crate) async fn shutdown(&self) {
        let of_service = Arc::clone(&lock(&self.current).tasks);
        self.tasks.shutdown().await;
        of_service.shutdown().await;
    }

    /// Runs a task that ends with the service as it is now.
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let tasks = Arc::clone(&lock(&self.current).tasks);
        tasks.spawn(task);
    }

    /// Lets the client of a body that isn't wanted get to the answer.
    fn spare(&self, head: &Parts, body: Incoming) {
        if !body.is_end_stream() && !receive::asks_first(&head.headers) {
            self.tasks.spawn(receive::discard(body));
        }
    }

    /// A context for another service in the place of this one.
    fn context(&self) -> Context {
        Context {
            clock: self.clock.clone(),
            base_url: Arc::clone(&self.base_url),
            tasks: Arc::new(Tasks::new()),
        }
    }

    /// Puts another service in the place of this one, whose tasks and WebSockets end.
    pub(crate) fn replace(
        &self,
        make: impl FnOnce(Context) -> Result<S, String>,
    ) -> Result<Arc<S>, String> {
        let context = self.context();
        let tasks = Arc::clone(&context.tasks);
        let service = Arc::new(make(context)?);
        let next = Current {
            service: Arc::clone(&service),
            tasks,
        };
        let old = std::mem::replace(&mut *lock(&self.current), next);
        old.tasks.abort();
        Ok(service)
    }

    /// Everything as it was before the first request: state, clock, faults and quotas. The journal is empty.
    pub(crate) fn reset(&self) -> Result<(), String> {
        self.clock.reset(self.start.speed);
        self.replace(|context| self.start.make(context))?;
        self.faults.set_to(&self.start.faults);
        self.log.clear();
        Ok(())
    }
}

impl<S: Controlled> Server<S> {
    /// The service as it is at this moment.
    pub(crate) fn snapshot(&self) -> Option<Snapshot<S>> {
        let at = self.clock.instant();
        let service = self.service().copy(self.context())?;
        Some(Snapshot { service, at })
    }

    /// Goes on from a moment that was kept.
    pub(crate) fn restore(&self, snapshot: &Snapshot<S>) -> Result<(), String> {
        let copy = |context| {
            let copy = snapshot.service.copy(context);
            copy.ok_or_else(|| format!("{} can't be copied", S::NAME))
        };
        let service = self.replace(copy)?;
        self.clock.back_to(snapshot.at);
        service.resume();
        Ok(())
    }
}

/// A moment of a stand-in, to go back to.
pub struct Snapshot<S> {
    service: S,
    at: Instant,
}

impl<S: Service> fmt::Debug for Snapshot<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot")
            .field("service", &S::NAME)
            .finish_non_exhaustive()
    }
}

/// Accepts connections until the task is ended.
pub(crate) async fn accept<S: Service>(server: Arc<Server<S>>, listener: TcpListener) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => server.tasks.spawn(connection(Arc::clone(&server), stream)),
            // Out of file descriptors, or the peer gave up while it waited: a later one may work.
            Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
        }
    }
}

async fn connection<S: Service>(server: Arc<Server<S>>, stream: TcpStream) {
    // Small frames should not wait for an acknowledgement; without it they are just slower.
    let _ = stream.set_nodelay(true);
    let ending = Ending::default();
    let idle = server.rules.limits.idle;
    let io = TokioIo::new(Wire::new(stream, ending.clone()));
    let answer = service_fn(move |incoming| respond(Arc::clone(&server), ending.clone(), incoming));
    // A connection that ends badly was ended by the client or by a fault.
    let _ = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        // Counted from the end of the last answer, so it is also how long a connection may be idle.
        .header_read_timeout(idle)
        .serve_connection(io, answer)
        .with_upgrades()
        .await;
}

/// Answers one request; an error ends the connection.
async fn respond<S: Service>(
    server: Arc<Server<S>>,
    ending: Ending,
    mut incoming: http::Request<Incoming>,
) -> io::Result<HttpResponse> {
    let upgrade = hyper::upgrade::on(&mut incoming);
    let (head, body) = incoming.into_parts();
    let guard = &server.rules.guard;
    if let Some(refusal) = guard.refusal(&head) {
        server.spare(&head, body);
        let request = Request::new(head, Bytes::new().into(), S::SLASH);
        let number = server.log.record(&request, server.clock.now());
        server.log.answered(number, &refusal);
        return Ok(plain(refusal));
    }
    let origin = head.headers.get(header::ORIGIN).cloned();
    let mut answer = match guard.preflight(&head) {
        Some(reply) => plain(reply),
        None => serve(&server, ending, head, body, upgrade).await?,
    };
    guard.let_read(origin, answer.headers_mut());
    Ok(answer)
}

/// Receives the body, lets a fault strike, and asks the service.
async fn serve<S: Service>(
    server: &Arc<Server<S>>,
    ending: Ending,
    head: Parts,
    body: Incoming,
    upgrade: OnUpgrade,
) -> io::Result<HttpResponse> {
    let Limits { body: most, idle } = server.rules.limits;
    let refuses = || {
        let head = Request::new(head.clone(), Bytes::new().into(), S::SLASH);
        server.service().refuses(&head)
    };
    let received = receive::receive(body, most, idle, refuses).await?;
    if let Some(rest) = received.rest {
        server.spare(&head, rest);
    }
    let request = Request::new(head, received.content, S::SLASH);
    let number = server.log.record(&request, server.clock.now());

    let struck = server.faults.strikes(request.method(), request.path());
    if let Some((fault, _)) = struck {
        server.log.finish(number, |sent| sent.fault = Some(fault));
    }
    let strike = struck.map(|(_, strike)| strike);
    match &strike {
        Some(Strike::Reply {
            status,
            headers,
            body,
        }) => {
            let reply = faults::reply(*status, headers, body.clone());
            server.log.answered(number, &reply);
            return Ok(plain(reply));
        }
        Some(Strike::Delay(delay)) => tokio::time::sleep(*delay).await,
        Some(Strike::ResetBefore) => return Err(reset(&ending)),
        _ => {}
    }
    let key = websocket_key(&request);
    let asked = request.clone();
    let reply = match received.refusal {
        Some(refusal) => refusal,
        None => server.service().handle(request).await,
    };
    let reply = match (&reply.body, &key) {
        (Body::WebSocket(_), None) => reply::upgrade_required(),
        _ => reply,
    };
    if let (true, Some(tell)) = (reply.lacking, &server.rules.on_lacking) {
        tell(asked.method(), asked.path());
    }
    if strike != Some(Strike::ResetAfter) {
        server.log.answered(number, &reply);
    }
    let frames = match strike {
        Some(Strike::ResetAfter) => return Err(reset(&ending)),
        Some(Strike::TruncatedBody) => return Ok(truncated(reply)),
        Some(Strike::DropAfter(frames)) => Some(frames),
        _ => None,
    };
    match (reply.body, key) {
        (Body::WebSocket(session), Some(key)) => {
            server.spawn(run_session(upgrade, session, ending, frames));
            Ok(switching_protocols(&key))
        }
        (body, _) => Ok(plain(Reply { body, ..reply })),
    }
}

fn reset(ending: &Ending) -> io::Error {
    ending.reset();
    io::Error::from(io::ErrorKind::ConnectionReset)
}

/// The key of a request for a WebSocket of the only version there is.
fn websocket_key(request: &Request) -> Option<String> {
    if request.header(header::SEC_WEBSOCKET_VERSION.as_str()) != Some("13") {
        return None;
    }
    let key = request.header(header::SEC_WEBSOCKET_KEY.as_str())?;
    request.wants_websocket().then(|| key.to_owned())
}

async fn run_session(upgrade: OnUpgrade, session: Session, ending: Ending, frames: Option<u64>) {
    if let Ok(upgraded) = upgrade.await {
        session(Socket::accept(upgraded, ending, frames).await).await;
    }
}

fn switching_protocols(key: &str) -> HttpResponse {
    let accept = derive_accept_key(key.as_bytes());
    let reply = Reply::empty(StatusCode::SWITCHING_PROTOCOLS.as_u16())
        .header(header::CONNECTION.as_str(), "upgrade")
        .header(header::UPGRADE.as_str(), "websocket")
        .header(header::SEC_WEBSOCKET_ACCEPT.as_str(), accept);
    plain(reply)
}

/// The reply as it is.
fn plain(reply: Reply) -> HttpResponse {
    let body = match reply.body {
        Body::Bytes(bytes) => full(bytes),
        Body::Stream(stream) => StreamBody::new(stream.map_ok(Frame::data)).boxed_unsync(),
        Body::WebSocket(_) => full(Bytes::new()),
    };
    let mut response = http::Response::new(body);
    *response.status_mut() = reply.status;
    *response.headers_mut() = reply.headers;
    response
}

fn full(bytes: Bytes) -> UnsyncBoxBody<Bytes, io::Error> {
    Full::new(bytes)
        .map_err(|never: Infallible| match never {})
        .boxed_unsync()
}

/// The reply with its whole length announced, of which half is sent; of a stream, the first piece.
fn truncated(mut reply: Reply) -> HttpResponse {
    reply.body = match reply.body {
        Body::Bytes(bytes) => {
            let announced = HeaderValue::from(bytes.len());
            reply.headers.insert(header::CONTENT_LENGTH, announced);
            Body::Bytes(bytes.slice(..bytes.len() / 2))
        }
        Body::Stream(stream) => Body::Stream(stream.take(1).boxed()),
        session @ Body::WebSocket(_) => session,
    };
    plain(reply).map(|sent| {
        BreaksOff {
            sent,
            flushed: false,
        }
        .boxed_unsync()
    })
}

/// A body that fails where it should end.
struct BreaksOff {
    sent: UnsyncBoxBody<Bytes, io::Error>,
    flushed: bool,
}

impl HttpBody for BreaksOff {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut task::Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        match Pin::new(&mut self.sent).poll_frame(cx) {
            Poll::Ready(None) => {}
            other => return other,
        }
        if !self.flushed {
            // A body that is not ready makes hyper flush; what it has when the body fails, it
            // throws away.
            self.flushed = true;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(io::ErrorKind::UnexpectedEof.into())))
    }
}
