//! Opening the socket of the live stream.

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

pub(crate) type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// No message may be longer, in one frame or in several.
pub(crate) const LONGEST_MESSAGE: usize = 4 << 20;

fn config() -> WebSocketConfig {
    WebSocketConfig::default()
        .max_frame_size(Some(LONGEST_MESSAGE))
        .max_message_size(Some(LONGEST_MESSAGE))
}

/// Sends a text that no log may show: the library writes each message that it sends to the log, at `TRACE`. So
/// this goes below it, as the first thing after the handshake, when the library has nothing left to write.
pub(crate) async fn send_secretly(socket: &mut Socket, text: String) -> Result<(), Error> {
    let mut frame = Frame::message(text, OpCode::Data(Data::Text), true);
    frame.header_mut().mask = Some(fastrand::u32(..).to_ne_bytes());
    let mut bytes = Vec::with_capacity(frame.len());
    frame.format(&mut bytes)?;
    let stream = socket.get_mut();
    stream.write_all(&bytes).await?;
    Ok(stream.flush().await?)
}

/// Connects with the same TLS provider and the same trusted roots as calls do. Left to itself, the library
/// panics in programs that bring a second provider.
#[cfg(feature = "rustls")]
pub(crate) async fn dial(address: &str) -> Result<Socket, Error> {
    use std::sync::Arc;

    use rustls::ClientConfig;
    use rustls::crypto::{CryptoProvider, aws_lc_rs};
    use rustls_platform_verifier::BuilderVerifierExt as _;
    use tokio_tungstenite::tungstenite::error::TlsError;
    use tokio_tungstenite::{Connector, connect_async_tls_with_config};

    if !address.starts_with("wss:") {
        return plainly(address).await;
    }
    let provider = CryptoProvider::get_default()
        .cloned()
        .unwrap_or_else(|| Arc::new(aws_lc_rs::default_provider()));
    let tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|tls| tls.with_platform_verifier())
        .map_err(|error| Error::Tls(TlsError::Rustls(Box::new(error))))?
        .with_no_client_auth();
    let connector = Connector::Rustls(Arc::new(tls));
    let connected =
        connect_async_tls_with_config(address, Some(config()), false, Some(connector)).await?;
    Ok(connected.0)
}

/// Connects with the library's own TLS, or without any.
#[cfg(not(feature = "rustls"))]
pub(crate) async fn dial(address: &str) -> Result<Socket, Error> {
    plainly(address).await
}

async fn plainly(address: &str) -> Result<Socket, Error> {
    let connected =
        tokio_tungstenite::connect_async_with_config(address, Some(config()), false).await?;
    Ok(connected.0)
}

#[cfg(test)]
mod tests {
    #[tokio::test]
    async fn a_secure_stream_fails_without_a_panic_where_nobody_speaks_tls() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("wss://{}/apps/x", listener.local_addr().unwrap());
        let (dialled, _) = tokio::join!(super::dial(&address), async {
            drop(listener.accept().await);
        });
        assert!(dialled.is_err());
    }
}
