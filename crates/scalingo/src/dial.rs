//! Opening the socket of the live stream.

use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

pub(crate) type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

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
        return Ok(tokio_tungstenite::connect_async(address).await?.0);
    }
    let provider = CryptoProvider::get_default()
        .cloned()
        .unwrap_or_else(|| Arc::new(aws_lc_rs::default_provider()));
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|config| config.with_platform_verifier())
        .map_err(|error| Error::Tls(TlsError::Rustls(Box::new(error))))?
        .with_no_client_auth();
    let connector = Connector::Rustls(Arc::new(config));
    let connected = connect_async_tls_with_config(address, None, false, Some(connector)).await?;
    Ok(connected.0)
}

/// Connects with the library's own TLS, or without any.
#[cfg(not(feature = "rustls"))]
pub(crate) async fn dial(address: &str) -> Result<Socket, Error> {
    Ok(tokio_tungstenite::connect_async(address).await?.0)
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
