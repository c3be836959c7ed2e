//! The local server that both sides call. It runs in a process of its own, so that nothing it does is counted.

mod bodies;
mod frames;
pub(crate) mod limit;
mod routes;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use deploykit_sandbox::Sandbox;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};

use crate::Result;
use routes::Routes;

pub(crate) use frames::FRAMES;

/// Argument that makes this program the server.
pub(crate) const SERVE: &str = "--serve";
/// Argument that makes this program a sandbox whose deployments have this many bytes of output.
pub(crate) const SANDBOX: &str = "--sandbox";

/// A server in a child process; it ends when this is dropped.
pub(crate) struct Server {
    child: Child,
    /// What the child said when it was ready: its address, and, from a sandbox, a token.
    said: Vec<String>,
}

impl Server {
    pub(crate) fn start() -> Result<Self> {
        Self::spawn(&[SERVE])
    }

    pub(crate) fn start_sandbox(output_bytes: u64) -> Result<Self> {
        Self::spawn(&[SANDBOX, &output_bytes.to_string()])
    }

    fn spawn(args: &[&str]) -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout).read_line(&mut line)?;
        }
        let said = line.split_whitespace().map(str::to_owned).collect();
        Ok(Self { child, said })
    }

    /// Scheme, host and port.
    pub(crate) fn address(&self) -> &str {
        self.said.first().map_or("", String::as_str)
    }

    /// The sandbox's API token.
    pub(crate) fn token(&self) -> &str {
        self.said.get(1).map_or("", String::as_str)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Either fails only if it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Serves until the parent is gone.
pub(crate) fn serve() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        ready(&format!("http://{address}"))?;
        let routes = Arc::new(Routes::new(address)?);
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            tokio::spawn(connection(stream, routes.clone()));
        }
    })
}

async fn connection(stream: TcpStream, routes: Arc<Routes>) {
    let mut start = [0; frames::START.len()];
    // On the loopback interface a request's first bytes come at once.
    if stream.peek(&mut start).await.is_ok() && start == *frames::START {
        // Ends with an error when the client has had enough.
        let _ = frames::push(stream).await;
        return;
    }
    let service = service_fn(move |request| routes.clone().answer(request));
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

/// Runs a sandbox until the parent is gone.
pub(crate) fn serve_sandbox(output_bytes: u64) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let sandbox = Sandbox::scalingo()
            .app(crate::APP)
            .speed(100.0)
            .without_quota()
            .output_bytes(output_bytes)
            .start()
            .await?;
        ready(&format!("{} {}", sandbox.base_url(), sandbox.token()))?;
        std::future::pending::<()>().await;
        Ok(())
    })
}

/// Tells the parent where the server is, and ends the process when the parent's end of the pipe is closed.
fn ready(line: &str) -> Result<()> {
    let mut stdout = std::io::stdout();
    writeln!(stdout, "{line}")?;
    stdout.flush()?;
    std::thread::spawn(|| {
        let _ = std::io::stdin().read(&mut [0]);
        std::process::exit(0);
    });
    Ok(())
}
