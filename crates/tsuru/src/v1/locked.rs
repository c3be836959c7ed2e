//! Apps that another operation holds.

use std::future::IntoFuture;
use std::time::Duration;

use deploykit_core::{Error, Result};
use tokio::time::{Instant, sleep};

/// Whether another operation holds the app, job or other target: nothing was done.
///
/// Servers answer 500 with the text `event locked: …` to that, after a while of waiting themselves. A 500 may
/// otherwise have been carried out, so that [`Error::may_have_been_sent`] says so of this one, too.
pub fn is_locked(error: &Error) -> bool {
    let says_so = |body: &str| body.trim_start().starts_with("event locked");
    error.status() == Some(500) && error.body().is_some_and(says_so)
}

/// Sends a call again for as long as another operation holds its target, but no longer than `patience`.
///
/// ```
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use std::time::Duration;
/// # let sandbox = deploykit_sandbox::Sandbox::tsuru_v1().app("myapp").start().await?;
/// # let tsuru = deploykit_tsuru::v1::Client::builder().target(sandbox.base_url()).token(sandbox.token()).build()?;
/// use deploykit_tsuru::v1::when_unlocked;
///
/// let restart = || tsuru.apps().restart("myapp", &Default::default());
/// when_unlocked(Duration::from_secs(300), restart).await?.text().await?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// The call's own; at the end of the patience, the one that says who holds the target.
pub async fn when_unlocked<T, C>(patience: Duration, mut call: impl FnMut() -> C) -> Result<T>
where
    C: IntoFuture<Output = Result<T>>,
{
    let begin = Instant::now();
    let mut delay = Duration::from_secs(1);
    loop {
        let left = patience.saturating_sub(begin.elapsed());
        match call().await {
            Err(error) if is_locked(&error) && !left.is_zero() => {
                sleep(delay.min(left)).await;
                delay = (delay * 3 / 2).min(Duration::from_secs(10));
            }
            answer => return answer,
        }
    }
}
