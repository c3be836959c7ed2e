//! Limits in Redis.

use std::fmt;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use deploykit_core::{
    Ask, Error, Fallback, Granted, Limit, LimitStore, Result, Secret, StoreError,
};
use futures::future::BoxFuture;
use hmac::{Hmac, KeyInit as _, Mac as _};
use redis::Script;
use sha2::Sha256;

use crate::line::{Line, Tls};

static DECIDE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("decide.lua")));

/// The key of the hash, where none is given.
const KEY: &str = "deploykit";

/// Keeps limits in Redis. See the [crate](crate).
pub struct RedisLimits {
    /// This program, among those that share the limits.
    pub(crate) program: String,
    pub(crate) line: Line,
    pub(crate) namespace: String,
    pub(crate) key: Secret,
    fallback: Fallback,
}

impl RedisLimits {
    /// Starts with an address: `redis://` or, with the feature `rustls`, `rustls-ring` or `native-tls`, `rediss://`; then
    /// `[user:password@]host[:port][/database]`.
    pub fn builder(url: impl Into<Secret>) -> RedisBuilder {
        RedisBuilder {
            url: url.into(),
            tls: Tls::default(),
            namespace: "deploykit".to_owned(),
            key: KEY.into(),
            timeout: Duration::from_millis(500),
            fallback: Fallback::default(),
        }
    }
}

impl fmt::Debug for RedisLimits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisLimits")
            .field("namespace", &self.namespace)
            .field("fallback", &self.fallback)
            .finish_non_exhaustive()
    }
}

/// Collects what [`RedisLimits`] need.
#[derive(Debug)]
#[must_use]
pub struct RedisBuilder {
    url: Secret,
    tls: Tls,
    namespace: String,
    key: Secret,
    timeout: Duration,
    fallback: Fallback,
}

impl RedisBuilder {
    /// With `rediss://`: trusts these certificates (PEM, one or more) instead of the system's.
    #[cfg(any(feature = "rustls", feature = "rustls-ring", feature = "native-tls"))]
    #[cfg_attr(
        docsrs,
        doc(cfg(any(feature = "rustls", feature = "rustls-ring", feature = "native-tls")))
    )]
    pub fn root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.tls.roots = Some(pem.into());
        self
    }

    /// With `rediss://`: shows this certificate to a Redis that asks for one. Both are PEM; with `native-tls` the key
    /// is PKCS#8 (`BEGIN PRIVATE KEY`).
    #[cfg(any(feature = "rustls", feature = "rustls-ring", feature = "native-tls"))]
    #[cfg_attr(
        docsrs,
        doc(cfg(any(feature = "rustls", feature = "rustls-ring", feature = "native-tls")))
    )]
    pub fn client_certificate(
        mut self,
        certificate: impl Into<Vec<u8>>,
        key: impl Into<Secret>,
    ) -> Self {
        self.tls.identity = Some((certificate.into(), key.into()));
        self
    }

    /// How the names of all keys begin. Programs with different ones share nothing. Default `deploykit`.
    pub fn namespace(mut self, namespace: impl Into<String>) -> Self {
        self.namespace = namespace.into();
        self
    }

    /// The key with which tokens are hashed to names; the same in all programs that are to share. Without one,
    /// who can read the names can tell whether a token that he has already is among them.
    pub fn key(mut self, key: impl Into<Secret>) -> Self {
        self.key = key.into();
        self
    }

    /// Longest time that Redis has for an answer, connecting included. Default 500 ms; at most one second.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// What holds while Redis does not answer. Default [`Fallback::LocalShare`].
    pub fn fallback(mut self, fallback: Fallback) -> Self {
        self.fallback = fallback;
        self
    }

    /// Makes them. Nothing is connected yet: a Redis that is away is no error here.
    ///
    /// # Errors
    ///
    /// If the address is none, a certificate is none, the namespace is empty or has a brace, the key is empty, or the time-out is none
    /// or longer than a second.
    pub fn build(self) -> Result<Arc<RedisLimits>> {
        let refuse = |name, problem: &str| Err(Error::invalid_input(name, problem));
        if self.namespace.is_empty() || self.namespace.contains(['{', '}']) {
            return refuse("namespace", "is empty or has a brace");
        }
        if self.key.is_blank() {
            return refuse("key", "is empty");
        }
        if self.timeout.is_zero() || self.timeout > Duration::from_secs(1) {
            return refuse("timeout", "is not between nothing and a second");
        }
        Ok(Arc::new(RedisLimits {
            program: format!("{:032x}", fastrand::u128(..)),
            line: Line::new(&self.url, &self.tls, self.timeout)?,
            namespace: self.namespace,
            key: self.key,
            fallback: self.fallback,
        }))
    }
}

/// A name for a secret that does not tell it. In braces, so that a cluster keeps all keys of it together.
pub(crate) fn hashed(namespace: &str, key: &Secret, whose: &str, secret: &Secret) -> String {
    let key = key.expose().as_bytes();
    let Ok(mut hash) = Hmac::<Sha256>::new_from_slice(key) else {
        unreachable!("a key of any length is one");
    };
    hash.update(whose.as_bytes());
    hash.update(b"\0");
    hash.update(secret.expose().trim().as_bytes());
    let hash = URL_SAFE_NO_PAD.encode(hash.finalize().into_bytes());
    format!("{{{namespace}:{hash}}}")
}

impl LimitStore for RedisLimits {
    fn name(&self, limit: &Limit<'_>) -> String {
        let whose = hashed(&self.namespace, &self.key, limit.origin, limit.account);
        let quota = limit.quota;
        let window = quota.window.as_millis();
        format!("{whose}:{}:{}:{window}", quota.name, quota.calls)
    }

    fn decide<'a>(&'a self, name: &'a str, ask: Ask) -> BoxFuture<'a, Result<Granted, StoreError>> {
        Box::pin(async move {
            let keys = ["calls", "programs", "turns", "state"];
            let keys = keys.map(|key| format!("{name}:{key}")).to_vec();
            let answer: Vec<i64> = self.line.run(&DECIDE, keys, self.args(&ask)).await?;
            let [permits, again, pause, probed, programs, settles] = answer[..] else {
                return Err("the script answered something else".into());
            };
            Ok(Granted {
                permits: u32::try_from(permits)?,
                again: time(again).unwrap_or_default(),
                pause: time(pause),
                probed: time(probed),
                programs: u32::try_from(programs)?,
                settles: time(settles).unwrap_or_default(),
            })
        })
    }

    fn fallback(&self) -> Fallback {
        self.fallback
    }
}

impl RedisLimits {
    /// As the script takes them.
    fn args(&self, ask: &Ask) -> Vec<Vec<u8>> {
        let flag = |set: bool| i64::from(set).to_string();
        let limit = match ask.quota.calls {
            u32::MAX => -1,
            calls => i64::from(calls.max(1)),
        };
        let mut args = vec![
            self.program.clone(),
            limit.to_string(),
            millis(ask.quota.window).max(1).to_string(),
            millis(Ask::COUNTED_WITHIN).to_string(),
            ask.wanted.to_string(),
            ask.first.to_string(),
            ask.pause.map_or(-1, |pause| millis(pause) + 1).to_string(),
            flag(ask.resumed),
            flag(ask.probes),
            flag(ask.back),
            ask.counted.len().to_string(),
        ];
        for (id, ago) in &ask.counted {
            args.extend([id.to_string(), millis(*ago).to_string()]);
        }
        args.extend(ask.unused.iter().map(u64::to_string));
        args.into_iter().map(String::into_bytes).collect()
    }
}

/// No time is longer than a hundred years, which Lua's numbers still can count.
fn millis(time: Duration) -> i64 {
    const LONGEST: i64 = 100 * 365 * 24 * 60 * 60 * 1000;

    i64::try_from(time.as_millis())
        .unwrap_or(LONGEST)
        .min(LONGEST)
}

fn time(millis: i64) -> Option<Duration> {
    u64::try_from(millis).ok().map(Duration::from_millis)
}
