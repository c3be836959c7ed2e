//! Credentials: how a call proves who makes it.

use std::fmt;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use futures::future::BoxFuture;
use http::{HeaderName, HeaderValue, header};
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::error::{Error, Result};
use crate::secret::Secret;
use crate::time::after;

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

    /// Told that the server answered 401 to this header; returns whether another one is worth one more try.
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
/// However many calls need it at once, one exchange is made. After a 401 it is exchanged anew, once.
pub struct ExchangedToken {
    exchange: Exchange,
    margin: Duration,
    current: Mutex<Option<(Authorization, Instant)>>,
}

impl ExchangedToken {
    /// `margin` is how long before its end a token is no longer used.
    pub fn new(margin: Duration, exchange: Exchange) -> Self {
        Self {
            exchange,
            margin,
            current: Mutex::new(None),
        }
    }
}

impl fmt::Debug for ExchangedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ExchangedToken")
    }
}

impl Credential for ExchangedToken {
    fn authorize(&self) -> BoxFuture<'_, Result<Authorization>> {
        Box::pin(async {
            // Held during the exchange: whoever comes meanwhile waits for its result.
            let mut current = self.current.lock().await;
            if let Some((authorization, until)) = &*current
                && Instant::now() < *until
            {
                return Ok(authorization.clone());
            }
            let fresh = (self.exchange)().await.map_err(Error::of_exchange)?;
            let authorization = Authorization::new(header::AUTHORIZATION, "Bearer ", fresh.token)?;
            // A token that is about to end is used all the same: another one would be no better.
            let until = after(Instant::now(), fresh.lifetime.saturating_sub(self.margin));
            *current = Some((authorization.clone(), until));
            Ok(authorization)
        })
    }

    fn refused<'a>(&'a self, used: &Authorization) -> BoxFuture<'a, bool> {
        let used = used.value.clone();
        Box::pin(async move {
            let mut current = self.current.lock().await;
            // Another call may have exchanged it already.
            if current
                .as_ref()
                .is_some_and(|(authorization, _)| authorization.value == used)
            {
                *current = None;
            }
            true
        })
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
