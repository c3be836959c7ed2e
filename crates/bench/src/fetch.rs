//! One call, by either side: fetch a page of 20 and decode it.

use std::str::FromStr;

use deploykit_devopness as devopness;
use deploykit_scalingo as scalingo;

use crate::raw::Raw;
use crate::{APP, Error, PAGE_SIZE, Result, TOKEN};

/// Who makes the call.
#[derive(Clone, Copy)]
pub(crate) enum Side {
    Ours,
    Raw,
}

/// What is fetched.
#[derive(Clone, Copy)]
pub(crate) enum Shape {
    Deployments,
    Servers,
}

impl Shape {
    pub(crate) const ALL: [Self; 2] = [Self::Deployments, Self::Servers];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Deployments => "deployments",
            Self::Servers => "servers",
        }
    }
}

impl Side {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Raw => "raw",
        }
    }
}

impl FromStr for Shape {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|shape| shape.name() == name);
        Ok(found.ok_or("a shape is deployments or servers")?)
    }
}

impl FromStr for Side {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let found = [Self::Ours, Self::Raw]
            .into_iter()
            .find(|side| side.name() == name);
        Ok(found.ok_or("a side is ours or raw")?)
    }
}

const ENVIRONMENT: u64 = 123;

/// A page of 20, fetched by one side.
pub(crate) trait Fetch: Clone + Send + Sync + 'static {
    /// Fetches the page; returns how many items were on it.
    fn fetch(&self) -> impl Future<Output = Result<usize>> + Send;
}

/// Makes calls, one after the other.
pub(crate) async fn make<F: Fetch>(fetch: &F, calls: usize) -> Result<()> {
    for _ in 0..calls {
        if fetch.fetch().await? != PAGE_SIZE {
            return Err("the page is not whole".into());
        }
    }
    Ok(())
}

/// The same page by both sides.
pub(crate) struct Both<O, R> {
    pub(crate) ours: O,
    pub(crate) raw: R,
}

/// A page of deployments.
pub(crate) fn deployments(base: &str) -> Result<Both<impl Fetch, impl Fetch>> {
    Ok(Both {
        ours: OurDeployments(our_scalingo(base)?),
        raw: RawDeployments(Raw::new(base)?),
    })
}

/// A page of servers, each with its last action.
pub(crate) fn servers(base: &str) -> Result<Both<impl Fetch, impl Fetch>> {
    Ok(Both {
        ours: OurServers(
            devopness::Client::builder()
                .token(TOKEN)
                .base_url(base)
                .build()?,
        ),
        raw: RawServers(Raw::new(base)?),
    })
}

#[derive(Clone)]
struct OurDeployments(scalingo::Client);

impl Fetch for OurDeployments {
    async fn fetch(&self) -> Result<usize> {
        Ok(self.0.deployments().list(APP).await?.items.len())
    }
}

#[derive(Clone)]
struct RawDeployments(Raw);

impl Fetch for RawDeployments {
    async fn fetch(&self) -> Result<usize> {
        self.0.deployments(APP).await
    }
}

#[derive(Clone)]
struct OurServers(devopness::Client);

impl Fetch for OurServers {
    async fn fetch(&self) -> Result<usize> {
        let servers = self.0.servers().list_by_environment(ENVIRONMENT);
        Ok(servers.await?.items.len())
    }
}

#[derive(Clone)]
struct RawServers(Raw);

impl Fetch for RawServers {
    async fn fetch(&self) -> Result<usize> {
        self.0.servers(ENVIRONMENT).await
    }
}

/// Our client of the local server. The documented limit is off: it is measured elsewhere.
pub(crate) fn our_scalingo(base: &str) -> Result<scalingo::Client> {
    Ok(scalingo::Client::builder()
        .bearer(TOKEN)
        .base_url(base)
        .without_quotas()
        .build()?)
}
