//! What the server answers.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::{Request, Response, StatusCode, header};

use super::bodies;
use super::limit::Limit;
use crate::{LATENCY, Result};

pub(super) struct Routes {
    deployments: Bytes,
    servers: Bytes,
    pages: Vec<Bytes>,
    app: Bytes,
    limit: Limit,
}

impl Routes {
    pub(super) fn new(address: SocketAddr) -> Result<Self> {
        Ok(Self {
            deployments: bodies::deployments()?,
            servers: bodies::servers()?,
            pages: bodies::pages()?,
            app: bodies::app(address)?,
            limit: Limit::new(40, Duration::from_secs(1)),
        })
    }

    pub(super) async fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
    ) -> std::result::Result<Response<Full<Bytes>>, Infallible> {
        let segments: Vec<&str> = request.uri().path().split('/').skip(1).collect();
        Ok(match segments[..] {
            ["v1", "apps", "paged", "deployments"] => {
                let number = page(request.uri().query());
                sleep_exactly(LATENCY).await;
                match self.pages.get(number.wrapping_sub(1)) {
                    Some(page) => json(StatusCode::OK, page.clone()),
                    None => json(StatusCode::NOT_FOUND, Bytes::new()),
                }
            }
            ["v1", "apps", _, "deployments"] => json(StatusCode::OK, self.deployments.clone()),
            ["v1", "apps", _] => json(StatusCode::OK, self.app.clone()),
            ["environments", _, "servers"] => json(StatusCode::OK, self.servers.clone()),
            ["limited"] if self.limit.admits() => json(StatusCode::OK, Bytes::from_static(b"{}")),
            ["limited"] => json(StatusCode::TOO_MANY_REQUESTS, Bytes::new()),
            ["limited", "refusals"] => json(
                StatusCode::OK,
                self.limit.take_refusals().to_string().into(),
            ),
            _ => json(StatusCode::NOT_FOUND, Bytes::new()),
        })
    }
}

/// The page that is asked for, from one.
fn page(query: Option<&str>) -> usize {
    query
        .unwrap_or_default()
        .split('&')
        .find_map(|pair| pair.strip_prefix("page=")?.parse().ok())
        .unwrap_or(1)
}

/// A runtime's timers are rounded up to the next millisecond; a thread's sleep is not.
async fn sleep_exactly(time: Duration) {
    // Fails only if the sleep panicked.
    let _ = tokio::task::spawn_blocking(move || std::thread::sleep(time)).await;
}

fn json(status: StatusCode, body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        header::HeaderValue::from_static("application/json"),
    );
    response
}
