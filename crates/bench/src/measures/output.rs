//! Peak memory while 1 GiB of output is followed, line by line.

use std::process::{Command, Stdio};
use std::time::Instant;

use deploykit_scalingo::{Client, FollowEvent, NewDeployment};
use futures::StreamExt as _;

use super::Settings;
use crate::server::Server;
use crate::table::Row;
use crate::{APP, Result, table};

/// Argument that makes this program follow a deployment of a sandbox.
pub(crate) const FOLLOW: &str = "--follow";

const MIB: u64 = 1 << 20;

pub(super) fn run(settings: Settings) -> Result<Vec<Row>> {
    if !cfg!(target_os = "linux") {
        return Ok(vec![Row::skipped(
            "memory while output is followed",
            "only on Linux",
        )]);
    }
    let bytes = settings.size(1024 * MIB, 32 * MIB);
    let sandbox = Server::start_sandbox(bytes)?;
    // A process of its own: the peak that the others reached must not hide this one.
    let follower = Command::new(std::env::current_exe()?)
        .args([FOLLOW, sandbox.address(), sandbox.token()])
        .stderr(Stdio::inherit())
        .output()?;
    let said = String::from_utf8(follower.stdout)?;
    let [received, growth, millis] = said.split_whitespace().collect::<Vec<_>>()[..] else {
        return Err("the output could not be followed".into());
    };
    let (received, growth): (u64, u64) = (received.parse()?, growth.parse()?);
    // Each line was counted with its end; the last one may have none.
    if received.abs_diff(bytes) > 1 {
        return Err(format!("{received} of {bytes} bytes came").into());
    }
    let seconds = millis.parse::<f64>()? / 1e3;
    let growth = growth as f64 / MIB as f64;
    let size = bytes / MIB;
    Ok(vec![
        Row::new(
            format!("{size} MiB of output: peak memory grows by"),
            format!("{growth:.1} MiB ({:.0} MiB/s)", size as f64 / seconds),
            format!("whole: {size} MiB"),
        )
        .ratio(growth / size as f64)
        .bar("< 16 MiB", growth < 16.0),
    ])
}

/// Deploys, then follows the output; prints its bytes, by how many bytes the peak memory grew, and
/// milliseconds.
pub(crate) fn follow(address: &str, token: &str) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let client = Client::builder().token(token).base_url(address).build()?;
        let source = NewDeployment::new(
            "https://github.com/Scalingo/sample-go-martini/archive/master.tar.gz",
        );
        let deployment = client.deployments().trigger(APP, &source).await?;
        let mut events = client.follow(APP, &deployment.id);
        while let Some(event) = events.next().await {
            if let FollowEvent::Finished(_) = event? {
                break;
            }
        }
        drop(events);

        let before = peak_memory()?;
        let started = Instant::now();
        let mut lines = client
            .deployments()
            .output_lines(APP, &deployment.id)
            .await?;
        let mut bytes = 0;
        while let Some(line) = lines.next().await {
            bytes += line?.len() + 1;
        }
        let growth = peak_memory()? - before;
        table::line(&format!(
            "{bytes} {growth} {}",
            started.elapsed().as_millis()
        ));
        Ok(())
    })
}

/// The most memory that this process has had so far, in bytes.
fn peak_memory() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let kib = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|rest| rest.split_whitespace().next())
        .ok_or("this system does not tell the peak memory")?;
    Ok(kib.parse::<u64>()? * 1024)
}
