//! The HTTP server: accepts connections, records each request, lets faults strike, and hands the
//! rest to the service.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{self, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt as _};
use http::{HeaderValue, StatusCode, header};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::{Body as HttpBody, Frame, Incoming};
use hyper::service::service_fn;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use crate::clock::Clock;
use crate::faults::{self, Faults, Strike};
use crate::log::Log;
use crate::reply::{self, Body, Reply, Session};
use crate::request::Request;
use crate::service::Service;
use crate::socket::Socket;
use crate::tasks::Tasks;
use crate::wire::{Ending, Wire};

type HttpResponse = http::Response<UnsyncBoxBody<Bytes, io::Error>>;

/// How long to wait when no connection can be accepted.
const ACCEPT_PAUSE: Duration = Duration::from_millis(10);

/// One server and what its connections share.
pub(crate) struct Server<S> {
    pub(crate) service: Arc<S>,
    pub(crate) clock: Clock,
    pub(crate) faults: Faults,
    pub(crate) log: Log,
    pub(crate) tasks: Arc<Tasks>,
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
    let io = TokioIo::new(Wire::new(stream, ending.clone()));
    let answer = service_fn(move |incoming| respond(Arc::clone(&server), ending.clone(), incoming));
    // A connection that ends badly was ended by the client or by a fault.
    let _ = hyper::server::conn::http1::Builder::new()
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
    let (parts, body) = incoming.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    let request = Request::new(parts, body, S::SLASH);
    server.log.record(&request, server.clock.now());

    let strike = server.faults.strike(request.method(), request.path());
    match &strike {
        Some(Strike::Reply {
            status,
            headers,
            body,
        }) => {
            return Ok(plain(faults::reply(*status, headers, body.clone())));
        }
        Some(Strike::Delay(delay)) => tokio::time::sleep(*delay).await,
        Some(Strike::ResetBefore) => return Err(reset(&ending)),
        _ => {}
    }
    let key = websocket_key(&request);
    let reply = Arc::clone(&server.service).handle(request).await;
    let frames = match strike {
        Some(Strike::ResetAfter) => return Err(reset(&ending)),
        Some(Strike::TruncatedBody) => return Ok(truncated(reply)),
        Some(Strike::DropAfter(frames)) => Some(frames),
        _ => None,
    };
    match reply.body {
        Body::WebSocket(session) => {
            let Some(key) = key else {
                return Ok(plain(reply::upgrade_required()));
            };
            server
                .tasks
                .spawn(run_session(upgrade, session, ending, frames));
            Ok(switching_protocols(&key))
        }
        _ => Ok(plain(reply)),
    }
}

fn reset(ending: &Ending) -> io::Error {
    ending.reset();
    io::Error::from(io::ErrorKind::ConnectionReset)
}

fn websocket_key(request: &Request) -> Option<String> {
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
