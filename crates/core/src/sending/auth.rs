//! Credentials: how a call proves who makes it. No lock of this file is held across an await.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use futures::future::{BoxFuture, FutureExt as _, Shared, WeakShared};
use http::{HeaderName, HeaderValue, header};
use tokio::runtime;
use tokio::time::Instant;

use crate::answers::error::{Error, Result};
use crate::models::secret::Secret;
use crate::models::time::after;
use crate::sending::token_store::{self, TokenStore};

/// A header that proves who makes the call.
#[derive(Clone)]
pub struct Authorization {
    /// Name of the header.
    pub name: HeaderName,
    /// Its value, marked sensitive.
    pub value: HeaderValue,
    /// The secret inside the value.
    pub secret: Secret,
}

impl fmt::Debug for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Authorization({}: [redacted])", self.name)
    }
}

impl Authorization {
    /// A header with a secret behind a prefix ("Bearer ", "token ", or nothing).
    ///
    /// # Errors
    ///
    /// If the secret is empty, or has characters that no header can carry.
    pub fn new(name: HeaderName, prefix: &str, secret: Secret) -> Result<Self> {
        let token = secret.expose().trim();
        if token.is_empty() {
            return Err(Error::invalid_input("token", "is empty"));
        }
        let mut value = HeaderValue::try_from(format!("{prefix}{token}"))
            .map_err(|_| Error::invalid_input("token", "has characters no header can carry"))?;
        value.set_sensitive(true);
        Ok(Self {
            name,
            value,
            secret,
        })
    }
}

/// Proves who makes a call. The header is attached to each attempt after the address was checked.
pub trait Credential: fmt::Debug + Send + Sync {
    /// The header to send. May ask a server for it.
    fn authorize(&self) -> BoxFuture<'_, Result<Authorization>>;

    /// Whether an answer refuses the credential, and not the call. Default: one with 401.
    fn is_refused_by(&self, status: u16, body: &[u8]) -> bool {
        let _ = body;
        status == 401
    }

    /// Told that the server refused this header; returns whether another one is worth one more try.
    fn refused(&self, used: &Authorization) -> BoxFuture<'_, bool> {
        let _ = used;
        Box::pin(async { false })
    }
}

/// A token that is sent as it is, behind a scheme; it can be replaced while calls are under way.
#[derive(Debug)]
pub struct Token {
    name: HeaderName,
    prefix: &'static str,
    current: RwLock<Authorization>,
}

impl Token {
    /// `Authorization: Bearer …`.
    ///
    /// # Errors
    ///
    /// As [`Authorization::new`].
    pub fn bearer(token: impl Into<Secret>) -> Result<Self> {
        Self::with_scheme("Bearer ", token)
    }

    /// `Authorization:` with a scheme of the service's own, its space included ("token ").
    ///
    /// # Errors
    ///
    /// As [`Authorization::new`].
    pub fn with_scheme(prefix: &'static str, token: impl Into<Secret>) -> Result<Self> {
        Self::in_header(header::AUTHORIZATION, prefix, token)
    }

    /// Any header, with any prefix.
    ///
    /// # Errors
    ///
    /// As [`Authorization::new`].
    pub fn in_header(
        name: HeaderName,
        prefix: &'static str,
        token: impl Into<Secret>,
    ) -> Result<Self> {
        let current = Authorization::new(name.clone(), prefix, token.into())?;
        Ok(Self {
            name,
            prefix,
            current: RwLock::new(current),
        })
    }

    /// Sends another token from now on.
    ///
    /// # Errors
    ///
    /// As [`Authorization::new`]; the old token then stays.
    pub fn replace(&self, token: impl Into<Secret>) -> Result<()> {
        let next = Authorization::new(self.name.clone(), self.prefix, token.into())?;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = next;
        Ok(())
    }
}

impl Credential for Token {
    fn authorize(&self) -> BoxFuture<'_, Result<Authorization>> {
        let current = self
            .current
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        Box::pin(async { Ok(current) })
    }
}

/// `Authorization: Basic …`.
#[derive(Debug)]
pub struct Basic(Authorization);

impl Basic {
    /// User (may be empty) and password.
    ///
    /// # Errors
    ///
    /// If the password is empty.
    pub fn new(user: &str, password: &Secret) -> Result<Self> {
        use base64::Engine as _;

        if password.is_blank() {
            return Err(Error::invalid_input("token", "is empty"));
        }
        let pair = format!("{user}:{}", password.expose().trim());
        let encoded = base64::engine::general_purpose::STANDARD.encode(pair);
        let mut authorization =
            Authorization::new(header::AUTHORIZATION, "Basic ", Secret::new(encoded))?;
        authorization.secret = password.clone();
        Ok(Self(authorization))
    }
}

impl Credential for Basic {
    fn authorize(&self) -> BoxFuture<'_, Result<Authorization>> {
        Box::pin(async { Ok(self.0.clone()) })
    }
}

/// A token that another one was exchanged for.
#[derive(Debug)]
pub struct Exchanged {
    /// The token.
    pub token: Secret,
    /// How long it can be used.
    pub lifetime: Duration,
}

/// Asks the server for a fresh token.
pub type Exchange = Box<dyn Fn() -> BoxFuture<'static, Result<Exchanged>> + Send + Sync>;

/// A bearer token that is exchanged for a lasting one, and exchanged anew before it expires.
///
/// However many calls need it at once, one exchange is made, and all of them share what it came to, a failure
/// too. It is driven by any of those who wait, so that none of them can hold it up. A refusal is remembered for
/// [some seconds](Self::REFUSAL_HOLDS). After a 401 the token is exchanged anew, once; one that is about to end
/// when it arrives (a short life, a clock that is off) is used until it is refused.
pub struct ExchangedToken {
    exchange: Exchange,
    margin: Duration,
    refused_by: fn(u16, &[u8]) -> bool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    current: Option<Current>,
    /// Exchanges under way, one a runtime: a runtime that is not driven must not hold those of others.
    running: Vec<Running>,
    last_id: u64,
    refused: Option<(Arc<Error>, Instant)>,
}

struct Current {
    authorization: Authorization,
    /// Not known for a token that is used until it is refused.
    until: Option<Instant>,
}

struct Running {
    id: u64,
    runtime: Option<runtime::Id>,
    started: Instant,
    /// Dropped, and so cancelled, with the last one who waits for it.
    outcome: WeakShared<Outcome>,
}

type Outcome = BoxFuture<'static, Result<Arc<Exchanged>, Arc<Error>>>;

/// What a look brings where no token is known.
enum Missing {
    Wait(u64, Shared<Outcome>),
    Refused(Arc<Error>),
}

/// An exchange that runs for longer than this is not joined: its owner may have stopped polling it.
const JOINED_WITHIN: Duration = Duration::from_secs(30);

impl ExchangedToken {
    /// For so long a refused exchange is not tried again.
    pub const REFUSAL_HOLDS: Duration = Duration::from_secs(10);

    /// `margin` is how long before its end a token is no longer used.
    pub fn new(margin: Duration, exchange: Exchange) -> Self {
        Self {
            exchange,
            margin,
            refused_by: |status, _| status == 401,
            state: Mutex::default(),
        }
    }

    /// Shares the token with other programs through this store: one of them exchanges, the others take what it
    /// came to. `origin` is the address that exchanges, `account` the secret that is exchanged. A program that
    /// cannot reach the store makes its own exchange.
    #[must_use]
    pub fn shared_in(mut self, store: Arc<dyn TokenStore>, origin: &str, account: &Secret) -> Self {
        let name = store.name(origin, account);
        self.exchange = token_store::sharing(store, name, self.margin, self.exchange);
        self
    }

    /// Which answers, by status and body, refuse the token. Default: those with 401.
    #[must_use]
    pub fn refused_by(mut self, is_refusal: fn(u16, &[u8]) -> bool) -> Self {
        self.refused_by = is_refusal;
        self
    }

    /// What is known without asking, or the exchange to wait for.
    fn look(&self) -> Result<Authorization, Missing> {
        let now = Instant::now();
        let mut state = lock(&self.state);
        if let Some(current) = &state.current
            && current.until.is_none_or(|until| now < until)
        {
            return Ok(current.authorization.clone());
        }
        if let Some((error, until)) = &state.refused
            && now < *until
        {
            return Err(Missing::Refused(error.clone()));
        }
        let runtime = runtime::Handle::try_current().ok().map(|it| it.id());
        state.running.retain(|it| it.outcome.upgrade().is_some());
        let running = state.running.iter().find_map(|it| {
            let joined = it.runtime == runtime && now < it.started + JOINED_WITHIN;
            Some((it.id, it.outcome.upgrade().filter(|_| joined)?))
        });
        if let Some((id, outcome)) = running {
            return Err(Missing::Wait(id, outcome));
        }
        let id = state.last_id + 1;
        state.last_id = id;
        let outcome = (self.exchange)()
            .map(|outcome| outcome.map(Arc::new).map_err(Arc::new))
            .boxed()
            .shared();
        // There is one to take: it has not been polled.
        if let Some(weak) = outcome.downgrade() {
            state.running.push(Running {
                id,
                runtime,
                started: now,
                outcome: weak,
            });
        }
        Err(Missing::Wait(id, outcome))
    }

    /// Keeps what an exchange came to; the first of those who waited does.
    fn settle(
        &self,
        id: u64,
        outcome: Result<Arc<Exchanged>, Arc<Error>>,
    ) -> Result<Authorization> {
        let now = Instant::now();
        let authorization = match &outcome {
            Ok(fresh) => Authorization::new(header::AUTHORIZATION, "Bearer ", fresh.token.clone())
                .map_err(Arc::new),
            Err(error) => Err(error.clone()),
        };
        let mut state = lock(&self.state);
        let first = state.running.iter().any(|it| it.id == id);
        state.running.retain(|it| it.id != id);
        match (&authorization, &outcome) {
            (Ok(authorization), Ok(fresh)) if first => {
                let lasts = fresh.lifetime.saturating_sub(self.margin);
                state.current = Some(Current {
                    authorization: authorization.clone(),
                    until: Some(lasts)
                        .filter(|it| !it.is_zero())
                        .map(|it| after(now, it)),
                });
                state.refused = None;
            }
            (Err(error), _) if first && is_refusal(error) => {
                state.refused = Some((error.clone(), now + Self::REFUSAL_HOLDS));
            }
            _ => {}
        }
        authorization.map_err(Error::of_exchange)
    }
}

/// Whether the same exchange would be refused again.
fn is_refusal(error: &Error) -> bool {
    matches!(error.status(), Some(400..=499)) && !matches!(error.status(), Some(408 | 425 | 429))
}

/// The lock guards plain data, and is never held across an await.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for ExchangedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ExchangedToken")
    }
}

impl Credential for ExchangedToken {
    fn authorize(&self) -> BoxFuture<'_, Result<Authorization>> {
        Box::pin(async {
            match self.look() {
                Ok(authorization) => Ok(authorization),
                Err(Missing::Wait(id, outcome)) => self.settle(id, outcome.await),
                Err(Missing::Refused(error)) => Err(Error::of_exchange(error)),
            }
        })
    }

    fn is_refused_by(&self, status: u16, body: &[u8]) -> bool {
        (self.refused_by)(status, body)
    }

    fn refused<'a>(&'a self, used: &Authorization) -> BoxFuture<'a, bool> {
        let mut state = lock(&self.state);
        // Another call may have exchanged it already.
        if state
            .current
            .as_ref()
            .is_some_and(|current| current.authorization.value == used.value)
        {
            state.current = None;
        }
        Box::pin(async { true })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    fn exchanging(lifetime: u64) -> (ExchangedToken, Arc<AtomicU32>) {
        let count = Arc::new(AtomicU32::new(0));
        let counted = count.clone();
        let credential = ExchangedToken::new(
            Duration::from_secs(300),
            Box::new(move || {
                let n = counted.fetch_add(1, Ordering::SeqCst);
                Box::pin(async move {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    Ok(Exchanged {
                        token: Secret::new(format!("bearer-{n}")),
                        lifetime: Duration::from_secs(lifetime),
                    })
                })
            }),
        );
        (credential, count)
    }

    #[tokio::test(start_paused = true)]
    async fn many_calls_make_one_exchange_and_the_margin_is_kept() {
        let (credential, count) = exchanging(3600);
        futures::future::join_all((0..50).map(|_| credential.authorize())).await;
        assert_eq!(count.load(Ordering::SeqCst), 1);
        tokio::time::advance(Duration::from_secs(3299)).await;
        credential.authorize().await.unwrap();
        assert_eq!(count.load(Ordering::SeqCst), 1);
        tokio::time::advance(Duration::from_secs(2)).await;
        credential.authorize().await.unwrap();
        assert_eq!(count.load(Ordering::SeqCst), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_refused_token_is_exchanged_once_by_whoever_comes_first() {
        let (credential, count) = exchanging(3600);
        let used = credential.authorize().await.unwrap();
        assert!(credential.refused(&used).await);
        let fresh = credential.authorize().await.unwrap();
        assert_ne!(used.value, fresh.value);
        assert!(
            credential.refused(&used).await,
            "a late refusal of the old one"
        );
        credential.authorize().await.unwrap();
        assert_eq!(count.load(Ordering::SeqCst), 2);
    }

    fn failing(status: u16, after: u64) -> (ExchangedToken, Arc<AtomicU32>) {
        let count = Arc::new(AtomicU32::new(0));
        let counted = count.clone();
        let exchange = move || -> BoxFuture<'static, Result<Exchanged>> {
            counted.fetch_add(1, Ordering::SeqCst);
            Box::pin(async move {
                tokio::time::sleep(Duration::from_millis(after)).await;
                let status = http::StatusCode::from_u16(status).unwrap();
                let error = Error::new(crate::ErrorKind::Status, "no");
                Err(error.with_status(status))
            })
        };
        let margin = Duration::from_secs(300);
        (ExchangedToken::new(margin, Box::new(exchange)), count)
    }

    #[tokio::test(start_paused = true)]
    async fn those_who_wait_share_a_failure_and_a_refusal_is_remembered() {
        for (status, again) in [(401, 1), (503, 2)] {
            let (credential, count) = failing(status, 350);
            let start = Instant::now();
            let all = futures::future::join_all((0..100).map(|_| credential.authorize())).await;
            assert!(
                all.iter()
                    .all(|it| it.as_ref().is_err_and(|it| it.status() == Some(status)))
            );
            assert_eq!(count.load(Ordering::SeqCst), 1);
            assert!(start.elapsed() < Duration::from_secs(1));
            assert!(credential.authorize().await.is_err());
            assert_eq!(count.load(Ordering::SeqCst), again, "{status}");
            tokio::time::advance(ExchangedToken::REFUSAL_HOLDS).await;
            assert!(credential.authorize().await.is_err());
            assert_eq!(count.load(Ordering::SeqCst), again + 1, "{status}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_that_is_about_to_end_is_used_until_it_is_refused() {
        for lifetime in [0, 60, 300] {
            let (credential, count) = exchanging(lifetime);
            let used = credential.authorize().await.unwrap();
            credential.authorize().await.unwrap();
            assert_eq!(count.load(Ordering::SeqCst), 1);
            assert!(credential.refused(&used).await);
            credential.authorize().await.unwrap();
            assert_eq!(count.load(Ordering::SeqCst), 2);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn one_who_stops_polling_holds_nobody_and_the_last_to_leave_cancels() {
        let (credential, count) = exchanging(3600);
        let mut sleeper = credential.authorize();
        assert!(futures::poll!(&mut sleeper).is_pending());
        let limit = Duration::from_secs(1);
        let token = tokio::time::timeout(limit, credential.authorize()).await;
        assert!(token.unwrap().is_ok());
        assert_eq!(count.load(Ordering::SeqCst), 1);
        assert!(sleeper.await.is_ok());

        let (credential, count) = exchanging(3600);
        let mut given_up = credential.authorize();
        assert!(futures::poll!(&mut given_up).is_pending());
        drop(given_up);
        assert!(credential.authorize().await.is_ok());
        assert_eq!(
            count.load(Ordering::SeqCst),
            2,
            "a new one, not the rest of the old"
        );
    }

    #[test]
    fn a_runtime_that_is_not_driven_does_not_hold_another() {
        let (credential, _) = exchanging(3600);
        let runtime = || {
            let mut builder = tokio::runtime::Builder::new_current_thread();
            builder.enable_time().start_paused(true).build().unwrap()
        };
        let (stopped, driven) = (runtime(), runtime());
        let mut held = credential.authorize();
        stopped.block_on(async { assert!(futures::poll!(&mut held).is_pending()) });
        let limit = Duration::from_secs(1);
        let token =
            driven.block_on(async { tokio::time::timeout(limit, credential.authorize()).await });
        assert!(token.unwrap().is_ok());
    }

    #[tokio::test]
    async fn tokens_are_trimmed_checked_and_replaced() {
        assert!(Token::bearer("  ").is_err());
        assert!(Token::bearer("a\nb").is_err());
        let token = Token::with_scheme("token ", " abc\n").unwrap();
        assert_eq!(token.authorize().await.unwrap().value, "token abc");
        token.replace("def").unwrap();
        assert_eq!(token.authorize().await.unwrap().value, "token def");
        assert!(!format!("{token:?}").contains("def"));
        let basic = Basic::new("", &Secret::from("tk-us-test")).unwrap();
        assert_eq!(
            basic.authorize().await.unwrap().value,
            "Basic OnRrLXVzLXRlc3Q="
        );
    }
}
