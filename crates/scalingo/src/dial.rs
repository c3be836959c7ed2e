//! Opening the socket of the live stream.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use deploykit_core::Client;
use deploykit_core::reqwest::header::{self, HeaderMap, HeaderValue};
use sha1_smol::Sha1;
use tokio::io::AsyncWriteExt as _;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use url::Url;

use crate::ending::{self, Ending};

pub(crate) type Socket = WebSocketStream<deploykit_core::Duplex>;

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

/// Connects as calls do: through the same proxy, trusting the same certificates.
pub(crate) async fn dial(client: &Client, address: &Url) -> Result<Socket, Ending> {
    let key = STANDARD.encode(fastrand::u128(..).to_ne_bytes());
    let key = HeaderValue::try_from(key)
        .map_err(|error| ending::broken("the live stream has no key").with_source(error))?;
    let mut headers = HeaderMap::new();
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(
        header::SEC_WEBSOCKET_VERSION,
        HeaderValue::from_static("13"),
    );
    headers.insert(header::SEC_WEBSOCKET_KEY, key.clone());

    let (head, connection) = client
        .upgrade(over_http(address), headers)
        .await
        .map_err(ending::unreached)?;
    let Some(connection) = connection else {
        return Err(ending::answered(head.status.as_u16()));
    };
    let accepted = head.headers.get(header::SEC_WEBSOCKET_ACCEPT);
    if accepted.is_none_or(|accepted| *accepted != *accepts(key.as_bytes())) {
        let problem = "the live stream's handshake has no answer that belongs to it";
        return Err(ending::broken(problem).into());
    }
    Ok(WebSocketStream::from_raw_socket(connection, Role::Client, Some(config())).await)
}

/// What a server that speaks WebSocket says to this key (RFC 6455, 4.2.2).
fn accepts(key: &[u8]) -> String {
    let mut hash = Sha1::from(key);
    hash.update(b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    STANDARD.encode(hash.digest().bytes())
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

    #[test]
    fn a_key_is_accepted_as_the_standard_says() {
        let accepted = accepts(b"dGhlIHNhbXBsZSBub25jZQ==");
        assert_eq!(accepted, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
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
    async fn an_answer_to_another_handshake_opens_nothing() {
        use tokio::io::AsyncReadExt as _;

        let server = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("ws://{}/apps/x", server.local_addr().unwrap());
        let (client, address) = (client(), address.parse().unwrap());
        let (dialled, _socket) = tokio::join!(dial(&client, &address), async {
            let (mut socket, _) = server.accept().await.unwrap();
            assert!(socket.read(&mut [0; 1024]).await.unwrap() > 0);
            let answer = "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
                sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
            socket.write_all(answer.as_bytes()).await.unwrap();
            socket
        });
        let ending = dialled.err().unwrap();
        assert!(ending.error.is_passing(), "{}", ending.error);
        assert!(
            ending.error.to_string().contains("handshake"),
            "{}",
            ending.error
        );
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
