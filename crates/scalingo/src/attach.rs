//! The address of a one-off container: at a host of its own, with the bearer as a password.

use deploykit_core::{
    Authorization, Basic, Call, Client, Credential, Endpoint, Error, ErrorKind, Method, Result,
};
use futures::future::BoxFuture;
use std::sync::Arc;
use url::Url;

use crate::region;

/// What a command ended with, once it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Exit(pub(crate) Option<i64>);

const WAIT: Endpoint = Endpoint::new("attachWait", Method::GET, "/wait")
    .summary("Waits for the end of a one-off container.")
    .outcomes(&[408]);

/// The bearer of another client, as the password of a nameless user.
#[derive(Debug)]
struct AsPassword(Client);

impl Credential for AsPassword {
    fn authorize(&self) -> BoxFuture<'_, Result<Authorization>> {
        Box::pin(async {
            let bearer = self.0.authorization().await?;
            Basic::new("", &bearer.secret)?.authorize().await
        })
    }
}

/// A one-off container's own address.
pub(crate) struct Attached(Client);

impl Attached {
    /// Refuses an address that must not see the bearer.
    pub(crate) fn at(client: &Client, address: &str) -> Result<Self> {
        let own = |url: &Url| region::is_own(client.base_url(), url);
        if Url::parse(address).ok().filter(own).is_none() {
            let message = "the address to attach to is not one of the service";
            return Err(Error::new(ErrorKind::Origin, message));
        }
        let credential = Arc::new(AsPassword(client.clone()));
        client.elsewhere(address, credential).map(Self)
    }

    #[inline]
    pub(crate) fn wait(&self) -> Call<Exit> {
        self.0.call(self.0.request(&WAIT))
    }
}
