//! Recording a service, and serving what was recorded.

use std::net::SocketAddr;

use deploykit_sandbox::{Builder, Service, record, replay};

use crate::arguments::{Record, Replay};
use crate::end::End;
use crate::screen;
use crate::serve::cannot_listen;

pub(crate) async fn record(arguments: &Record) -> Result<(), String> {
    let recorder = record::to(&arguments.to, &arguments.upstream)
        .map_err(|error| error.to_string())?
        .on_problem(screen::tell);
    let recorder = arguments.secret.iter().fold(recorder, Builder::secret);
    let recorder = arguments.hosts.set(recorder);
    let to = arguments.to.display();
    let does = format!("passes on to {} and records into {to}", arguments.upstream);
    serve(recorder, arguments.listen, &does).await
}

pub(crate) async fn replay(arguments: &Replay) -> Result<(), String> {
    let replay = replay::from(&arguments.from).map_err(|error| error.to_string())?;
    let replay = arguments.hosts.set(replay);
    let from = arguments.from.display();
    serve(
        replay,
        arguments.listen,
        &format!("serves what was recorded in {from}"),
    )
    .await
}

/// Serves until the program is told to end.
async fn serve<S: Service>(
    server: Builder<S>,
    address: SocketAddr,
    does: &str,
) -> Result<(), String> {
    let mut end = End::new().map_err(|error| format!("signals can't be awaited: {error}"))?;
    let running = server
        .bind(address)
        .keep_requests(0)
        .start()
        .await
        .map_err(|error| cannot_listen(S::NAME, "--listen", address, &error))?;
    screen::say(&format!("{:<10} {}  {does}", S::NAME, running.base_url()));
    end.wait().await;
    running.shutdown().await;
    Ok(())
}
