//! Webhooks: what happens to a deployment is posted to the addresses that came with its order.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Uri, header};
use http_body_util::Full;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::Edgegap;
use super::deployment::{Deployment, Phase};
use crate::sync::lock;

/// How long a receiver may take to answer, in real time.
const PATIENCE: Duration = Duration::from_secs(5);

/// A webhook that was posted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Posted {
    /// The deployment.
    pub request_id: String,
    /// The order's field that asked for it, such as `webhook_on_ready`.
    pub field: &'static str,
    /// The receiver's answer, or nothing if it gave none. Addresses with https aren't posted to.
    pub status: Option<u16>,
}

impl Edgegap {
    /// Starts what posts this deployment's webhooks, if it has any.
    pub(super) fn post_webhooks(self: &Arc<Self>, deployment: &Arc<Deployment>) {
        let fields = [
            "webhook_on_ready",
            "webhook_on_error",
            "webhook_on_terminated",
        ];
        if fields
            .iter()
            .all(|&field| deployment.order[field].is_null())
        {
            return;
        }
        self.context
            .spawn(follow(Arc::clone(self), Arc::clone(deployment)));
    }

    async fn post(&self, deployment: &Deployment, field: &'static str) {
        let Some(url) = deployment.order[field]["url"].as_str() else {
            return;
        };
        let body = deployment.status(self.now(), self.clock()).to_string();
        let status = match timeout(PATIENCE, send(url, body)).await {
            Ok(Ok(status)) => Some(status),
            Ok(Err(_)) | Err(_) => None,
        };
        lock(&self.posted).push(Posted {
            request_id: deployment.id.clone(),
            field,
            status,
        });
    }
}

/// Posts whatever happens to the deployment, until its end.
async fn follow(service: Arc<Edgegap>, deployment: Arc<Deployment>) {
    let mut endings = deployment.endings();
    if let Some(started) = deployment.started_at() {
        service.clock().sleep_until(started).await;
        match deployment.phase(service.now()) {
            Phase::Ready => service.post(&deployment, "webhook_on_ready").await,
            Phase::Error => service.post(&deployment, "webhook_on_error").await,
            // It was asked to end before.
            _ => {}
        }
    }
    while deployment.phase(service.now()) != Phase::Terminated {
        match deployment.ended_at() {
            Some(ended) => service.clock().sleep_until(ended).await,
            // The sender is part of the deployment: it outlives this.
            None => drop(endings.changed().await),
        }
    }
    service.post(&deployment, "webhook_on_terminated").await;
}

async fn send(url: &str, body: String) -> io::Result<u16> {
    let uri: Uri = url.parse().map_err(io::Error::other)?;
    let (Some("http"), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return Err(io::Error::other("not an http address"));
    };
    let stream = TcpStream::connect((authority.host(), authority.port_u16().unwrap_or(80))).await?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(io::Error::other)?;
    let request = http::Request::post(uri.path_and_query().map_or("/", |path| path.as_str()))
        .header(header::HOST, authority.as_str())
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::CONNECTION, "close")
        .body(Full::new(Bytes::from(body)))
        .map_err(io::Error::other)?;
    // Moved in, so that the connection ends with the exchange.
    let exchange = async move { sender.send_request(request).await };
    let (answer, _) = futures::join!(exchange, connection);
    Ok(answer.map_err(io::Error::other)?.status().as_u16())
}
