//! Secure connections, to a server with certificates of its own: whom clients trust, and what they show.

#![cfg(any(feature = "rustls", feature = "rustls-ring", feature = "native-tls"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use std::sync::Arc;
use std::time::Duration;

use deploykit_core::{Call, Client, Endpoint, Error, ErrorKind, Http, Method, RetryPolicy};
use http::HeaderMap;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::{RootCertStore, ServerConfig};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

const GET: Endpoint = Endpoint::new("get", Method::GET, "/thing");

/// A certificate authority that no system knows.
struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params
            .distinguished_name
            .push(DnType::CommonName, "nobody's authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self {
            pem,
            issuer: Issuer::new(params, key),
        }
    }

    /// A certificate for this name, and its key.
    fn issue(&self, name: &str) -> (rcgen::Certificate, KeyPair) {
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().unwrap();
        (params.signed_by(&key, &self.issuer).unwrap(), key)
    }

    fn roots(&self) -> RootCertStore {
        use rustls::pki_types::{CertificateDer, pem::PemObject as _};

        let mut roots = RootCertStore::empty();
        let root = CertificateDer::from_pem_slice(self.pem.as_bytes()).unwrap();
        roots.add(root).unwrap();
        roots
    }

    fn client_verifier(&self) -> Arc<dyn ClientCertVerifier> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        WebPkiClientVerifier::builder_with_provider(Arc::new(self.roots()), provider)
            .build()
            .unwrap()
    }
}

async fn head(socket: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(socket.read_u8().await.ok()?);
    }
    String::from_utf8(head).ok()
}

/// A server for `localhost` that answers each connection once: what it was asked for decides.
async fn server(
    authority: &Authority,
    clients: Arc<dyn ClientCertVerifier>,
    alpn: &[&str],
) -> std::net::SocketAddr {
    let (certificate, key) = authority.issue("localhost");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(clients)
        .with_single_cert(vec![certificate.der().clone()], key.into())
        .unwrap();
    config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut socket) = acceptor.accept(socket).await else {
                    return;
                };
                let Some(head) = head(&mut socket).await else {
                    return;
                };
                let answer = if head.to_lowercase().contains("upgrade: echo") {
                    "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\nhello"
                } else {
                    "HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n{\"ok\":true}"
                };
                let _ = socket.write_all(answer.as_bytes()).await;
                let _ = socket.shutdown().await;
            });
        }
    });
    address
}

/// A proxy that opens tunnels, wherever they are to lead, to this server.
async fn proxy(to: std::net::SocketAddr) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            tokio::spawn(async move {
                let asked = head(&mut socket).await?;
                assert!(asked.starts_with("CONNECT localhost:443 "), "{asked}");
                let mut out = TcpStream::connect(to).await.ok()?;
                socket.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.ok()?;
                copy_bidirectional(&mut socket, &mut out).await.ok()
            });
        }
    });
    address
}

fn client(url: &str, http: Http) -> Client {
    let builder = Client::builder(url).http(http).retry(RetryPolicy::never());
    builder.timeout(Duration::from_secs(20)).build().unwrap()
}

async fn get(client: &Client) -> Result<Value, Error> {
    let call: Call<Value> = client.call(client.request(&GET));
    call.await
}

fn anybody() -> Arc<dyn ClientCertVerifier> {
    WebPkiClientVerifier::no_client_auth()
}

#[tokio::test]
async fn only_who_is_trusted_is_talked_to() {
    let authority = Authority::new();
    let server = server(&authority, anybody(), &[]).await;
    let url = format!("https://localhost:{}", server.port());

    let error = get(&client(&url, Http::new().no_proxy()))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect, "{}", error.report());
    assert!(!error.may_have_been_sent());
    let report = error.report().to_lowercase();
    assert!(report.contains("certificate"), "{report}");

    let other = Authority::new().pem;
    let http = Http::new().no_proxy().root_certificates(other);
    let error = get(&client(&url, http)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect, "{}", error.report());

    let http = Http::new()
        .no_proxy()
        .root_certificates(authority.pem.clone());
    let answer = get(&client(&url, http.clone())).await.unwrap();
    assert_eq!(answer, json!({"ok": true}));

    // For another name than the one that it was made for, the certificate counts nothing.
    let url = format!("https://127.0.0.1:{}", server.port());
    let error = get(&client(&url, http)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect, "{}", error.report());
}

#[tokio::test]
async fn a_server_that_wants_to_know_its_clients_is_shown_the_certificate() {
    let authority = Authority::new();
    let server = server(&authority, authority.client_verifier(), &[]).await;
    let url = format!("https://localhost:{}", server.port());
    let trusting = Http::new()
        .no_proxy()
        .root_certificates(authority.pem.clone());

    assert!(get(&client(&url, trusting.clone())).await.is_err());

    let (certificate, key) = authority.issue("deployer");
    let (certificate, key) = (certificate.pem(), key.serialize_pem());
    for pem in [format!("{certificate}{key}"), format!("{key}{certificate}")] {
        let answer = get(&client(&url, trusting.clone().client_certificate(pem))).await;
        assert_eq!(answer.unwrap(), json!({"ok": true}));
    }
}

#[tokio::test]
async fn tunnels_and_other_protocols_keep_to_the_same_certificates() {
    let authority = Authority::new();
    // It would rather speak HTTP/2, in which nothing is upgraded.
    let server = server(&authority, authority.client_verifier(), &["h2", "http/1.1"]).await;
    let proxy = proxy(server).await;
    let (certificate, key) = authority.issue("deployer");
    let http = Http::new()
        .proxy(format!("http://{proxy}"))
        .root_certificates(authority.pem.clone())
        .client_certificate(format!("{}{}", certificate.pem(), key.serialize_pem()));
    let client = client("https://localhost", http);

    let mut headers = HeaderMap::new();
    headers.insert("connection", "upgrade".parse().unwrap());
    headers.insert("upgrade", "echo".parse().unwrap());
    let url = "https://localhost/live".parse().unwrap();
    let (head, connection) = client.upgrade(url, headers).await.unwrap();
    assert_eq!(head.status, 101);
    let mut text = [0; 5];
    connection.unwrap().read_exact(&mut text).await.unwrap();
    assert_eq!(&text, b"hello");
}
