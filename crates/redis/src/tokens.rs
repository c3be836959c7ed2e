//! Exchanged tokens in Redis, encrypted.

use std::fmt;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead as _, Generate as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use deploykit_core::{Error, Exchanged, Result, Secret, StoreError, StoredToken, TokenStore};
use futures::future::BoxFuture;
use redis::Script;

use crate::limits::{RedisLimits, hashed};

/// KEYS: token, turn. ARGV: mark of the refused token or nothing, program, length of a turn. The token's sealed
/// text and the time left for it; or whose turn it is.
static GET: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "if ARGV[1] ~= '' and redis.call('HGET', KEYS[1], 'mark') == ARGV[1] then
            redis.call('DEL', KEYS[1])
        end
        local sealed = redis.call('HGET', KEYS[1], 'sealed')
        if sealed then
            return { 'known', sealed, redis.call('PTTL', KEYS[1]) }
        end
        local turn = redis.call('GET', KEYS[2])
        if turn and turn ~= ARGV[2] then
            return { 'wait', '', 0 }
        end
        redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
        return { 'exchange', '', 0 }",
    )
});

/// KEYS as above. ARGV: program; then, if there is a token, its mark, its sealed text, the time to keep it.
static PUT: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "if ARGV[2] then
            redis.call('HSET', KEYS[1], 'mark', ARGV[2], 'sealed', ARGV[3])
            redis.call('PEXPIRE', KEYS[1], ARGV[4])
        end
        if redis.call('GET', KEYS[2]) == ARGV[1] then
            redis.call('DEL', KEYS[2])
        end
        return 1",
    )
});

/// How long a program has for an exchange.
const TURN: Duration = Duration::from_secs(10);

const NONCE: usize = 24;

/// What tokens in Redis are encrypted with: 32 random bytes, in base64.
///
/// ```
/// use deploykit_redis::TokenKey;
///
/// assert!(TokenKey::new("q3Zv0Yw0b8f6mC1m7o0uXo5mQm8i2n9rT4sV6yB1dEg=").is_ok());
/// assert!(TokenKey::new("a password").is_err());
/// ```
#[derive(Clone)]
pub struct TokenKey(XChaCha20Poly1305);

impl TokenKey {
    /// Reads a key.
    ///
    /// # Errors
    ///
    /// If it is not 32 bytes in base64.
    pub fn new(key: impl Into<Secret>) -> Result<Self> {
        let bytes = STANDARD.decode(key.into().expose().trim());
        let cipher = bytes
            .ok()
            .and_then(|bytes| XChaCha20Poly1305::new_from_slice(&bytes).ok());
        let problem = "is not 32 bytes in base64";
        cipher
            .map(Self)
            .ok_or_else(|| Error::invalid_input("key", problem))
    }
}

impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Keeps exchanged tokens in Redis, encrypted. See the [crate](crate#one-token-for-all).
pub struct RedisTokens {
    limits: Arc<RedisLimits>,
    key: TokenKey,
}

impl fmt::Debug for RedisTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RedisTokens")
    }
}

impl RedisLimits {
    /// Keeps tokens in the same Redis, over the same connection, encrypted with this key.
    pub fn tokens(self: &Arc<Self>, key: &TokenKey) -> Arc<RedisTokens> {
        Arc::new(RedisTokens {
            limits: self.clone(),
            key: key.clone(),
        })
    }
}

impl RedisTokens {
    /// Tells a token from another one, without telling it.
    fn mark(&self, name: &str, token: &Secret) -> String {
        hashed(&self.limits.namespace, &self.limits.key, name, token)
    }

    fn seal(&self, name: &str, token: &Secret) -> Result<Vec<u8>, StoreError> {
        let nonce = XNonce::try_generate()?;
        let payload = Payload {
            msg: token.expose().as_bytes(),
            aad: name.as_bytes(),
        };
        let sealed = self.key.0.encrypt(&nonce, payload);
        let sealed = sealed.map_err(|_| "the token cannot be encrypted")?;
        Ok([&nonce[..], &sealed].concat())
    }

    fn open(&self, name: &str, sealed: &[u8]) -> Result<Secret, StoreError> {
        const PROBLEM: &str = "the token was encrypted with another key";

        let (nonce, sealed) = sealed.split_at_checked(NONCE).ok_or(PROBLEM)?;
        let payload = Payload {
            msg: sealed,
            aad: name.as_bytes(),
        };
        let nonce = XNonce::try_from(nonce).map_err(|_| PROBLEM)?;
        let token = self.key.0.decrypt(&nonce, payload).map_err(|_| PROBLEM)?;
        let token = String::from_utf8(token).map_err(|_| PROBLEM)?;
        Ok(Secret::new(token))
    }

    fn keys(name: &str) -> Vec<String> {
        ["token", "turn"]
            .map(|key| format!("{name}:{key}"))
            .to_vec()
    }
}

impl TokenStore for RedisTokens {
    fn name(&self, origin: &str, account: &Secret) -> String {
        hashed(&self.limits.namespace, &self.limits.key, origin, account)
    }

    fn get<'a>(
        &'a self,
        name: &'a str,
        refused: Option<&'a Secret>,
    ) -> BoxFuture<'a, Result<StoredToken, StoreError>> {
        Box::pin(async move {
            let refused = refused.map(|token| self.mark(name, token));
            let args = vec![
                refused.unwrap_or_default().into_bytes(),
                self.limits.program.clone().into_bytes(),
                TURN.as_millis().to_string().into_bytes(),
            ];
            let line = &self.limits.line;
            let (what, sealed, left): (String, Vec<u8>, i64) =
                line.run(&GET, Self::keys(name), args).await?;
            Ok(match what.as_str() {
                "known" => StoredToken::Known(Exchanged {
                    token: self.open(name, &sealed)?,
                    lifetime: Duration::from_millis(left.try_into()?),
                }),
                "wait" => StoredToken::Wait,
                _ => StoredToken::Exchange,
            })
        })
    }

    fn put<'a>(
        &'a self,
        name: &'a str,
        token: Option<&'a Exchanged>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let mut args = vec![self.limits.program.clone().into_bytes()];
            if let Some(token) = token {
                let lasts = token.lifetime.as_millis().max(1).to_string();
                args.push(self.mark(name, &token.token).into_bytes());
                args.push(self.seal(name, &token.token)?);
                args.push(lasts.into_bytes());
            }
            let line = &self.limits.line;
            let _: i64 = line.run(&PUT, Self::keys(name), args).await?;
            Ok(())
        })
    }
}
