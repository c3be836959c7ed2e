//! Asks another sandbox whether it is ready: for a container's health check, which has no curl.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use crate::arguments::Health;

/// How long the answer may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// Whether it is ready.
pub(crate) fn ask(arguments: &Health) -> Result<(), String> {
    let address = SocketAddr::new(arguments.host, arguments.control_port);
    match status(address) {
        Ok(answer) if answer.starts_with("HTTP/1.1 200 ") => Ok(()),
        Ok(answer) => {
            let said = answer.lines().next().unwrap_or("nothing");
            Err(format!("the sandbox at {address} is not ready: {said}"))
        }
        Err(error) => Err(format!("there is no sandbox at {address}: {error}")),
    }
}

fn status(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let request = "GET /__sandbox/ready HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    stream.write_all(request.as_bytes())?;
    let mut start = [0; 256];
    let read = stream.read(&mut start)?;
    Ok(String::from_utf8_lossy(&start[..read]).into_owned())
}
