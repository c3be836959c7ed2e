//! A `redis-server` of the test's own.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "shared by tests, which may panic"
)]

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use deploykit_redis::{RedisBuilder, RedisLimits};
use tempfile::TempDir;

/// Where it is set, a missing server is a failure: the gate sets it.
const REQUIRED: &str = "DEPLOYKIT_REDIS_SERVER";

/// A server without persistence; it ends when this is dropped, in a panic too.
pub struct RedisServer {
    child: Child,
    pub port: u16,
    pub dir: TempDir,
}

impl RedisServer {
    /// None, if it is not installed: that is said, and the test has nothing to do.
    pub fn start() -> Option<Self> {
        Self::start_in(|_| {})
    }

    /// With files in its folder. If `server.pem`, `server.key` and `ca.pem` are among them, it speaks TLS only, with
    /// clients that have a certificate of that authority.
    pub fn start_in(prepare: impl FnOnce(&Path)) -> Option<Self> {
        if Command::new("redis-server")
            .arg("--version")
            .output()
            .is_err()
        {
            let required = std::env::var_os(REQUIRED).is_some();
            assert!(!required, "redis-server is not installed");
            eprintln!("NOT TESTED: redis-server is not installed");
            return None;
        }
        let dir = TempDir::new().unwrap();
        prepare(dir.path());
        // A port that is free may be taken by the time that it is used.
        for _ in 0..20 {
            let free = TcpListener::bind("127.0.0.1:0").unwrap();
            let port = free.local_addr().unwrap().port();
            drop(free);
            if let Some(child) = launch(dir.path(), port) {
                return Some(Self { child, port, dir });
            }
        }
        panic!("redis-server does not start");
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    pub fn limits(&self) -> RedisBuilder {
        // A machine that is busy with other tests is slow.
        RedisLimits::builder(self.url()).timeout(Duration::from_secs(1))
    }

    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// At the same port, with nothing in it.
    pub fn restart(&mut self) {
        self.kill();
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(10) {
            if let Some(child) = launch(self.dir.path(), self.port) {
                self.child = child;
                return;
            }
        }
        panic!("redis-server does not start again");
    }

    pub fn connection(&self) -> redis::Connection {
        let client = redis::Client::open(self.url()).unwrap();
        client.get_connection().unwrap()
    }
}

/// Waits until it answers; none, if it ends instead.
fn launch(dir: &Path, port: u16) -> Option<Child> {
    let port_argument = port.to_string();
    let mut command = Command::new("redis-server");
    if dir.join("server.pem").exists() {
        command.args(["--port", "0", "--tls-port", &port_argument]);
        for (argument, file) in [
            ("--tls-cert-file", "server.pem"),
            ("--tls-key-file", "server.key"),
            ("--tls-ca-cert-file", "ca.pem"),
        ] {
            command.arg(argument).arg(dir.join(file));
        }
    } else {
        command.args(["--port", &port_argument]);
    }
    let mut child = command
        .args(["--bind", "127.0.0.1"])
        .args(["--save", "", "--appendonly", "no", "--rdbcompression", "no"])
        .arg("--dir")
        .arg(dir)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(10) {
        if child.try_wait().unwrap().is_some() {
            return None;
        }
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return Some(child);
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let _ = child.kill();
    let _ = child.wait();
    None
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.kill();
    }
}
