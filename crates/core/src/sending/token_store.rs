//! Exchanged tokens that several programs share.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::future::BoxFuture;
use tokio::time::{Instant, sleep, timeout};

use crate::answers::error::Result;
use crate::models::secret::Secret;
use crate::sending::auth::{Exchange, Exchanged};
use crate::sending::limits::StoreError;

/// Keeps [exchanged tokens](crate::ExchangedToken) for several programs at once, so that an account makes one
/// exchange, and not each program.
///
/// Who keeps a token keeps a credential: a store encrypts it with a key that only the programs have. While a store
/// does not answer, each program makes its own exchange.
pub trait TokenStore: fmt::Debug + Send + Sync {
    /// The name under which the token of an account is kept: the same in every program that is to share it, and one
    /// from which nobody can tell the account's secret. `origin` is the address that exchanges: scheme, host, port.
    fn name(&self, origin: &str, account: &Secret) -> String;

    /// The token, if there is one; else who is to exchange it, in one step. A token that the service refused is
    /// told, and must not be given again; another one may be there by now. An answer that takes longer than a
    /// second is not waited for.
    ///
    /// # Errors
    ///
    /// If nothing can be told. The error is logged: it must not have secrets.
    fn get<'a>(
        &'a self,
        name: &'a str,
        refused: Option<&'a Secret>,
    ) -> BoxFuture<'a, Result<StoredToken, StoreError>>;

    /// Keeps a token for its lifetime, and gives the turn to exchange back; without one, the exchange came to
    /// nothing.
    ///
    /// # Errors
    ///
    /// If it cannot be kept. As above, it must not have secrets.
    fn put<'a>(
        &'a self,
        name: &'a str,
        token: Option<&'a Exchanged>,
    ) -> BoxFuture<'a, Result<(), StoreError>>;
}

/// What a [store](TokenStore) has of a token.
#[derive(Debug)]
pub enum StoredToken {
    /// The token, and for how long it is kept.
    Known(Exchanged),
    /// None, and it is up to the one who asks to exchange it. Should that one end without a word, the turn ends by
    /// itself, after ten seconds or so.
    Exchange,
    /// None: another program exchanges it right now.
    Wait,
}

/// A store that takes longer does not answer.
const ANSWERS_WITHIN: Duration = Duration::from_secs(1);

/// Who has waited for so long for another program makes an exchange of its own.
const WAITS_FOR: Duration = Duration::from_secs(20);

const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// The exchange, if no other program has made it.
pub(crate) fn sharing(
    store: Arc<dyn TokenStore>,
    name: String,
    margin: Duration,
    exchange: Exchange,
) -> Exchange {
    let it = Arc::new(Sharing {
        store,
        name,
        margin,
        exchange,
        last: Mutex::default(),
    });
    Box::new(move || {
        let it = it.clone();
        Box::pin(async move { it.obtain().await })
    })
}

struct Sharing {
    store: Arc<dyn TokenStore>,
    name: String,
    margin: Duration,
    exchange: Exchange,
    /// The token that was obtained last: whoever asks again cannot use it any more.
    last: Mutex<Option<Secret>>,
}

impl Sharing {
    async fn obtain(&self) -> Result<Exchanged> {
        let refused = self.last().clone();
        let late = Instant::now() + WAITS_FOR;
        let shared = loop {
            let get = self.store.get(&self.name, refused.as_ref());
            match within(get).await {
                Some(StoredToken::Known(kept)) => {
                    *self.last() = Some(kept.token.clone());
                    return Ok(Exchanged {
                        lifetime: kept.lifetime + self.margin,
                        ..kept
                    });
                }
                Some(StoredToken::Wait) if Instant::now() < late => sleep(BETWEEN_LOOKS).await,
                Some(StoredToken::Wait) | None => break false,
                Some(StoredToken::Exchange) => break true,
            }
        };
        let outcome = (self.exchange)().await;
        if let Ok(fresh) = &outcome {
            *self.last() = Some(fresh.token.clone());
        }
        if shared {
            // It is kept for as long as it is used, so that nobody gets one that is about to end.
            let lasting = outcome.as_ref().ok().map(|fresh| Exchanged {
                token: fresh.token.clone(),
                lifetime: fresh.lifetime.saturating_sub(self.margin),
            });
            let lasting = lasting.filter(|it| !it.lifetime.is_zero());
            within(self.store.put(&self.name, lasting.as_ref())).await;
        }
        outcome
    }

    fn last(&self) -> std::sync::MutexGuard<'_, Option<Secret>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the store answers; none if it does not.
async fn within<T>(answer: BoxFuture<'_, Result<T, StoreError>>) -> Option<T> {
    let answer = timeout(ANSWERS_WITHIN, answer).await;
    let answer = answer.unwrap_or_else(|_| Err("no answer in time".into()));
    answer
        .inspect_err(|error| tracing::warn!(%error, "the store of the token does not answer"))
        .ok()
}
