//! The connection to Redis, on a thread of its own: a runtime of the program that stands still does not hold it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use deploykit_core::{Error, Result, Secret, StoreError};
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, FromRedisValue, Script, Value};
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::time::timeout;

/// A script to run, and where its answer goes.
struct Job {
    script: &'static Script,
    keys: Vec<String>,
    args: Vec<Vec<u8>>,
    answer: oneshot::Sender<Result<Value, StoreError>>,
}

/// Whom a secure connection trusts, and what it shows.
#[derive(Debug, Default)]
pub(crate) struct Tls {
    pub(crate) roots: Option<Vec<u8>>,
    pub(crate) identity: Option<(Vec<u8>, Secret)>,
}

impl Tls {
    #[cfg(any(feature = "rustls", feature = "rustls-ring", feature = "native-tls"))]
    fn open(&self, address: &str) -> Result<Client> {
        // The library takes what is the process's, and panics where two are compiled in and none is chosen.
        #[cfg(any(feature = "rustls", feature = "rustls-ring"))]
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            #[cfg(feature = "rustls-ring")]
            let provider = rustls::crypto::ring::default_provider();
            #[cfg(not(feature = "rustls-ring"))]
            let provider = rustls::crypto::aws_lc_rs::default_provider();
            // It fails only if somebody else was quicker: then that one is used.
            let _ = provider.install_default();
        }
        if self.roots.is_none() && self.identity.is_none() {
            return Client::open(address).map_err(no_address);
        }
        let identity = self.identity.as_ref();
        let certificates = redis::TlsCertificates {
            client_tls: identity.map(|(certificate, key)| redis::ClientTlsConfig {
                client_cert: certificate.clone(),
                client_key: key.expose().as_bytes().to_vec(),
            }),
            root_cert: self.roots.clone(),
        };
        Client::build_with_tls(address, certificates)
            .map_err(|_| Error::invalid_input("url", "or the certificates cannot be used"))
    }

    #[cfg(not(any(feature = "rustls", feature = "rustls-ring", feature = "native-tls")))]
    fn open(&self, address: &str) -> Result<Client> {
        Client::open(address).map_err(no_address)
    }
}

fn no_address(_: redis::RedisError) -> Error {
    Error::invalid_input("url", "is no address of a Redis")
}

/// Runs scripts. The thread ends when this is dropped.
pub(crate) struct Line {
    jobs: mpsc::UnboundedSender<Job>,
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Line")
    }
}

impl Line {
    /// Connects with the first script, not before; each script takes so long at the most.
    pub(crate) fn new(url: &Secret, tls: &Tls, limit: Duration) -> Result<Self> {
        let client = tls.open(url.expose().trim())?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(no_thread)?;
        let (jobs, todo) = mpsc::unbounded_channel();
        let end = Arc::new(End {
            client,
            limit,
            open: Mutex::default(),
        });
        std::thread::Builder::new()
            .name("deploykit-redis".to_owned())
            .spawn(move || runtime.block_on(serve(end, todo)))
            .map_err(no_thread)?;
        Ok(Self { jobs })
    }

    pub(crate) async fn run<T: FromRedisValue>(
        &self,
        script: &'static Script,
        keys: Vec<String>,
        args: Vec<Vec<u8>>,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        let job = Job {
            script,
            keys,
            args,
            answer,
        };
        self.jobs.send(job).map_err(|_| ENDED)?;
        let value = answered.await.map_err(|_| ENDED)??;
        Ok(T::from_redis_value(value)?)
    }
}

const ENDED: &str = "the thread of the connection has ended";

fn no_thread(error: std::io::Error) -> Error {
    Error::invalid_input("redis", "needs a thread, and there is none").with_source(error)
}

async fn serve(end: Arc<End>, mut todo: mpsc::UnboundedReceiver<Job>) {
    while let Some(job) = todo.recv().await {
        let end = end.clone();
        tokio::spawn(async move {
            let value = end.run(&job).await;
            // Nobody may be waiting any more.
            let _ = job.answer.send(value);
        });
    }
}

/// This end of the connection.
struct End {
    client: Client,
    limit: Duration,
    open: Mutex<Option<MultiplexedConnection>>,
}

impl End {
    async fn run(&self, job: &Job) -> Result<Value, StoreError> {
        let work = async {
            let mut connection = self.connect().await?;
            let mut call = job.script.prepare_invoke();
            for key in &job.keys {
                call.key(key);
            }
            for arg in &job.args {
                call.arg(arg);
            }
            call.invoke_async(&mut connection).await
        };
        let problem: StoreError = match timeout(self.limit, work).await {
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(error)) => error.into(),
            Err(_) => format!("no answer within {:?}", self.limit).into(),
        };
        // It may be dead, or lead to a server that is a replica by now: the next question takes another.
        self.open.lock().await.take();
        Err(problem)
    }

    async fn connect(&self) -> redis::RedisResult<MultiplexedConnection> {
        let mut open = self.open.lock().await;
        if let Some(connection) = &*open {
            return Ok(connection.clone());
        }
        // The time for a script is the time for connecting, too: both end with it.
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(None)
            .set_response_timeout(None);
        let client = &self.client;
        let connection = client
            .get_multiplexed_async_connection_with_config(&config)
            .await?;
        *open = Some(connection.clone());
        Ok(connection)
    }
}
