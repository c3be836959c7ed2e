//! Several deployments at once.

use std::fmt;
use std::future::IntoFuture;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use futures::future::BoxFuture;
use futures::stream::{self, Stream, StreamExt as _};
use tokio::time::Instant;

use super::summary::{End, Ended, Summary};
use super::tell::{Next, Tell, Telling};
use super::{Clients, Event, Rollout};
use crate::core::{Error, ErrorKind};

/// Deploys to several targets, of several services, at once.
///
/// ```
/// # #[cfg(all(feature = "scalingo", feature = "tsuru"))]
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use deploykit_sandbox::Sandbox;
/// # let (web, shop) = (Sandbox::scalingo().speed(50.0).start().await?, Sandbox::tsuru_v1().app("shop").speed(50.0).start().await?);
/// # let scalingo = deploykit::scalingo::Client::builder().token(web.token()).base_url(web.base_url()).build()?;
/// # let tsuru = deploykit::tsuru::v1::Client::new(shop.base_url(), shop.token())?;
/// # let clients = deploykit::deploy::Clients::new().with_scalingo(scalingo).with_tsuru(tsuru);
/// use deploykit::deploy::{Scalingo, Target, Tsuru, deploy_all};
/// use deploykit::tsuru::v1::NewDeploy;
///
/// let targets: [Target; 2] = [
///     Scalingo::new("example-app", "https://example.com/app.tar.gz").into(),
///     Tsuru::new("shop", NewDeploy::image("registry.example.com/shop:7")).into(),
/// ];
/// let summary = deploy_all(targets).clients(&clients).at_once(2).roll_back().await;
/// print!("{summary}");
/// assert!(summary.succeeded());
/// # Ok(())
/// # }
/// # #[cfg(not(all(feature = "scalingo", feature = "tsuru")))]
/// # fn main() {}
/// ```
pub fn deploy_all<R: Into<Rollout>>(rollouts: impl IntoIterator<Item = R>) -> DeployAll {
    // They share what the environment describes.
    let clients = Clients::new();
    let rollouts = rollouts.into_iter().map(Into::into);
    DeployAll {
        rollouts: rollouts
            .map(|rollout| rollout.or_clients(&clients))
            .collect(),
        options: Options {
            at_once: 4,
            keep_going: false,
            roll_back: false,
        },
        running: None,
    }
}

/// Several deployments: await it for the [`Summary`], or poll it as a stream of [`AllEvent`]s.
///
/// After the first that fails, no other one begins, unless it is to [keep going](Self::keep_going). Those that have begun
/// are followed to their end. Dropping it stops the following, not the deployments: resume each with the
/// [`Handle`](super::Handle) that was told.
#[must_use = "nothing begins before it is awaited or polled"]
pub struct DeployAll {
    rollouts: Vec<Rollout>,
    options: Options,
    running: Option<Telling<AllEvent, Summary>>,
}

#[derive(Debug, Clone, Copy)]
struct Options {
    at_once: usize,
    keep_going: bool,
    roll_back: bool,
}

/// What happens while several are deployed. `index` counts the targets from 0, in the order in which they were given.
#[derive(Debug)]
#[non_exhaustive]
pub enum AllEvent {
    /// Something happened in a rollout.
    Target {
        /// Which.
        index: usize,
        /// What.
        event: Event,
    },
    /// A target could not be deployed to, or not be followed.
    TargetError {
        /// Which.
        index: usize,
        /// Why, in one line.
        reason: String,
    },
    /// A target was left out, as another one had failed.
    Skipped {
        /// Which.
        index: usize,
    },
    /// Something happened while a target was rolled back.
    Back {
        /// Which.
        index: usize,
        /// What.
        event: Event,
    },
    /// A target could not be rolled back.
    BackError {
        /// Which.
        index: usize,
        /// Why, in one line.
        reason: String,
    },
    /// All have ended: the last event.
    Finished(Summary),
}

impl DeployAll {
    /// How many are under way at the same time. Default 4; at least 1.
    pub fn at_once(mut self, most: usize) -> Self {
        self.options.at_once = most.max(1);
        self
    }

    /// Goes on with the others when one fails.
    pub fn keep_going(mut self) -> Self {
        self.options.keep_going = true;
        self
    }

    /// When all have ended and one has failed, rolls back those that succeeded, where
    /// [that can be done](Rollout::roll_back). Those that failed are left to their service, which keeps what ran before;
    /// servers of Edgegap that failed are stopped, too.
    pub fn roll_back(mut self) -> Self {
        self.options.roll_back = true;
        self
    }

    /// Calls with these clients, in all of them.
    pub fn clients(mut self, clients: &Clients) -> Self {
        let rollouts = self.rollouts.into_iter();
        self.rollouts = rollouts.map(|rollout| rollout.clients(clients)).collect();
        self
    }

    fn begin(&mut self) -> Telling<AllEvent, Summary> {
        let (rollouts, options) = (std::mem::take(&mut self.rollouts), self.options);
        Telling::new(move |tell| Box::pin(run(rollouts, options, tell)))
    }
}

/// One target, and how it is with it.
struct Ran {
    index: usize,
    rollout: Rollout,
    ended: Ended,
}

async fn run(rollouts: Vec<Rollout>, options: Options, tell: Tell<AllEvent>) -> Summary {
    let failed = Arc::new(AtomicBool::new(false));
    let first = rollouts.into_iter().enumerate().map(|(index, rollout)| {
        let (failed, tell) = (Arc::clone(&failed), tell.clone());
        async move {
            let ran = deploy(index, rollout, failed.load(Ordering::Relaxed), tell).await;
            if !ran.ended.end.succeeded() && !options.keep_going {
                failed.store(true, Ordering::Relaxed);
            }
            ran
        }
    });
    let mut ran: Vec<Ran> = all(first, options.at_once).await;
    let all_well = ran.iter().all(|ran| ran.ended.end.succeeded());
    if options.roll_back && !all_well {
        let back = ran.into_iter().map(|ran| back(ran, tell.clone()));
        ran = all(back, options.at_once).await;
    }
    ran.sort_by_key(|ran| ran.index);
    Summary {
        targets: ran.into_iter().map(|ran| ran.ended).collect(),
    }
}

/// All of these, so many at once.
async fn all<F>(work: impl Iterator<Item = F> + Send, at_once: usize) -> Vec<Ran>
where
    F: Future<Output = Ran> + Send,
{
    stream::iter(work).buffer_unordered(at_once).collect().await
}

async fn deploy(index: usize, mut rollout: Rollout, skip: bool, mut tell: Tell<AllEvent>) -> Ran {
    let begin = Instant::now();
    let end = if skip {
        tell.tell(AllEvent::Skipped { index }).await;
        End::Skipped
    } else {
        let end = follow(&mut rollout, &mut tell, |event| AllEvent::Target {
            index,
            event,
        })
        .await;
        if let End::Error(error) = &end {
            let reason = error.to_string();
            tell.tell(AllEvent::TargetError { index, reason }).await;
        }
        end
    };
    let ended = Ended {
        name: rollout.name(),
        handle: rollout.handle().cloned(),
        end,
        took: begin.elapsed(),
        back: None,
    };
    Ran {
        index,
        rollout,
        ended,
    }
}

/// Rolls back what succeeded, and what would be left over.
async fn back(mut ran: Ran, mut tell: Tell<AllEvent>) -> Ran {
    let index = ran.index;
    let handle = ran.rollout.handle().filter(|handle| handle.id().is_some());
    let is_left = |handle: &super::Handle| handle.service() == "edgegap";
    if !handle.is_some_and(|handle| ran.ended.end.succeeded() || is_left(handle)) {
        return ran;
    }
    let end = match ran.rollout.roll_back() {
        Ok(mut back) => {
            follow(&mut back, &mut tell, |event| AllEvent::Back {
                index,
                event,
            })
            .await
        }
        Err(error) => End::Error(error),
    };
    if let End::Error(error) = &end {
        let reason = error.to_string();
        tell.tell(AllEvent::BackError { index, reason }).await;
    }
    ran.ended.back = Some(end);
    ran
}

async fn follow(
    rollout: &mut Rollout,
    tell: &mut Tell<AllEvent>,
    event_of: impl Fn(Event) -> AllEvent + Send,
) -> End {
    let nothing = "the rollout was already followed to its end";
    let mut end = End::Error(Error::new(ErrorKind::Failed, nothing));
    while let Some(event) = rollout.next().await {
        match event {
            Ok(event) => {
                if let Event::Finished(outcome) = &event {
                    end = End::Outcome((**outcome).clone());
                }
                tell.tell(event_of(event)).await;
            }
            Err(error) => end = End::Error(error),
        }
    }
    end
}

impl Stream for DeployAll {
    type Item = AllEvent;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut running = match self.running.take() {
            Some(running) => running,
            None => self.begin(),
        };
        let next = running.poll(cx);
        self.running = Some(running);
        Poll::Ready(ready!(next).map(|next| match next {
            Next::Told(event) => event,
            Next::Ended(summary) => AllEvent::Finished(summary),
        }))
    }
}

impl IntoFuture for DeployAll {
    type Output = Summary;
    type IntoFuture = BoxFuture<'static, Summary>;

    fn into_future(mut self) -> Self::IntoFuture {
        Box::pin(async move {
            while let Some(event) = self.next().await {
                if let AllEvent::Finished(summary) = event {
                    return summary;
                }
            }
            Summary::default()
        })
    }
}

impl fmt::Debug for DeployAll {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeployAll")
            .field("rollouts", &self.rollouts)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
