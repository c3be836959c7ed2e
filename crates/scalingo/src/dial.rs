//! Opening the socket of the live stream.

use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use deploykit_core::{Client, Outcome};
use http::{HeaderMap, HeaderValue, header};
use url::Url;

use crate::socket::{Socket, SocketError};

/// Connects as calls do: through the same proxy, trusting the same certificates.
pub(crate) async fn dial(client: &Client, address: &Url) -> Result<Socket, SocketError> {
    let key = STANDARD.encode(fastrand::u128(..).to_ne_bytes());
    let mut headers = HeaderMap::new();
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(
        header::SEC_WEBSOCKET_VERSION,
        HeaderValue::from_static("13"),
    );
    let no_header = |_| SocketError::Protocol("the key is no header");
    headers.insert(
        header::SEC_WEBSOCKET_KEY,
        HeaderValue::try_from(&key).map_err(no_header)?,
    );

    let (head, connection) =
        client
            .upgrade(over_http(address), headers)
            .await
            .map_err(|error| {
                let kind = match error.outcome {
                    Outcome::NotConnected => io::ErrorKind::ConnectionRefused,
                    _ => io::ErrorKind::Other,
                };
                SocketError::Io(io::Error::new(kind, error))
            })?;
    let Some(connection) = connection else {
        return Err(SocketError::Refused(head.status.as_u16()));
    };
    let accepted = head.headers.get(header::SEC_WEBSOCKET_ACCEPT);
    if accepted.is_none_or(|accepted| *accepted != accepting(&key)) {
        let problem = "the handshake's answer does not belong to its question";
        return Err(SocketError::Protocol(problem));
    }
    Ok(Socket::new(connection))
}

/// How a server that speaks the protocol answers this key (RFC 6455, 4.2.2).
fn accepting(key: &str) -> String {
    const SPOKEN: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    let digest = sha1_smol::Sha1::from(format!("{key}{SPOKEN}")).digest();
    STANDARD.encode(digest.bytes())
}

/// The address under the scheme that the handshake is made with.
fn over_http(address: &Url) -> Url {
    let scheme = match address.scheme() {
        "ws" => "http",
        _ => "https",
    };
    let mut url = address.clone();
    // Between schemes with a host this does not fail; if it did, the request would.
    let _ = url.set_scheme(scheme);
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client() -> Client {
        Client::builder("http://127.0.0.1:1").build().unwrap()
    }

    #[test]
    fn an_answer_is_known_by_its_key() {
        // The protocol's own example.
        let answer = accepting("dGhlIHNhbXBsZSBub25jZQ==");
        assert_eq!(answer, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn the_handshake_is_made_over_http() {
        for (address, url) in [
            ("ws://127.0.0.1:7001/apps/x", "http://127.0.0.1:7001/apps/x"),
            (
                "wss://deployments.scalingo.com/apps/x",
                "https://deployments.scalingo.com/apps/x",
            ),
        ] {
            assert_eq!(over_http(&address.parse().unwrap()).as_str(), url);
        }
    }

    #[tokio::test]
    async fn a_secure_stream_fails_without_a_panic_where_nobody_speaks_tls() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("wss://{}/apps/x", listener.local_addr().unwrap());
        let (client, address) = (client(), address.parse().unwrap());
        let (dialled, _) = tokio::join!(dial(&client, &address), async {
            drop(listener.accept().await);
        });
        assert!(dialled.is_err());
    }

    #[tokio::test]
    async fn the_stream_takes_the_proxy_that_calls_take() {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

        let proxy = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let http =
            deploykit_core::Http::new().proxy(format!("http://{}", proxy.local_addr().unwrap()));
        let builder = Client::builder("https://api.osc-fr1.scalingo.com").http(http);
        let client = builder.build().unwrap();
        let address = "wss://deployments.scalingo.com/apps/x".parse().unwrap();
        let (dialled, asked) = tokio::join!(dial(&client, &address), async {
            let (mut socket, _) = proxy.accept().await.unwrap();
            let mut asked = vec![0; 1024];
            let length = socket.read(&mut asked).await.unwrap();
            socket
                .write_all(b"HTTP/1.1 403 Forbidden\r\n\r\n")
                .await
                .unwrap();
            String::from_utf8_lossy(&asked[..length]).into_owned()
        });
        assert!(dialled.is_err());
        assert!(
            asked.starts_with("CONNECT deployments.scalingo.com:443 "),
            "{asked}"
        );
    }
}
